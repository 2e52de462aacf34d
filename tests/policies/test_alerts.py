"""Each alert rule worked by hand: what raises it, with its very evidence, and what just does not."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bank360.bank.vocabulary import AlertSeverity
from bank360.policies.alerts import (
    RULES,
    Alert,
    Debit,
    Facts,
    FraudLink,
    LimitMonth,
    YoungLoan,
    alerts,
)

DAY = date(2026, 7, 1)
QUIET = Facts(DAY, "GBP", {"days_since_salary": math.nan, "days_since_first_salary": math.nan, "salary_last": math.nan})


def debits(*returned, last=DAY):
    """Return a debit a week of 10.00, 20.00 …, the last on ``last``."""
    n = len(returned)
    return tuple(Debit(last - timedelta(7 * (n - 1 - k)), 1000 * (k + 1), back) for k, back in enumerate(returned))


def months(*drawn, limit=100_000, last=date(2026, 6, 30)):
    days = (date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), last)[-len(drawn) :]
    return tuple(LimitMonth(day, one, limit) for day, one in zip(days, drawn, strict=True))


def salary(since, first, latest=210_000.0):
    return {"days_since_salary": since, "days_since_first_salary": first, "salary_last": latest}


LOAN = YoungLoan("A1", date(2026, 4, 1), due=45_050, paid=0, days_past_due=30)
WORKED = {
    "returned_direct_debits_in_a_row": (
        {"debits": debits(True, False, True, True)},
        "the last 2 direct debits were returned unpaid, 2026-06-24 to 2026-07-01, GBP 70.00",
    ),
    "sudden_limit_use": (
        {"limit_months": months(70_000, 50_000, 60_000, 90_000)},
        "90% of limits used on 2026-06-30, 50% at the lowest of the 3 month ends before",
    ),
    "shared_device_with_confirmed_fraud": (
        {"fraud_links": (FraudLink("F1", date(2025, 7, 2)), FraudLink("F2", date(2026, 1, 5)))},
        "device shared with the confirmed application fraud F2 of 2026-01-05 and 1 more",
    ),
    "salary_stopped": (
        {"features": salary(45.0, 225.0)},
        "no salary for 45 days, after 180 days of it; the latest GBP 2,100.00",
    ),
    "first_payment_default": (
        {"young_loans": (LOAN,)},
        "loan A1 of 2026-04-01: nothing paid of GBP 450.50 due, 30 days past due",
    ),
}


def test_every_rule_is_worked():
    assert set(WORKED) == {rule.name for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_raises_its_alert_alone_with_its_evidence(rule):
    changes, evidence = WORKED[rule.name]
    assert alerts(replace(QUIET, **changes)) == (Alert(rule.name, rule.severity, evidence),)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"debits": debits(True)},  # one is a mishap
        {"debits": debits(True, True, False)},  # and the latest was paid
        {"debits": debits(True, True, last=DAY - timedelta(61))},
        {"debits": debits(True, True, last=DAY - timedelta(54))},  # the first of them is older than 60 days
        {"limit_months": months(50_000, 50_000, 50_000, 89_999)},
        {"limit_months": months(50_001, 60_000, 60_000, 90_000)},
        {"limit_months": months(90_000)},  # nothing to compare with
        {"limit_months": months(0, 0, 0, 0, limit=0)},
        {"fraud_links": (FraudLink("F1", date(2025, 6, 30)),)},
        {"features": salary(44.0, 400.0)},
        {"features": salary(121.0, 400.0)},
        {"features": salary(45.0, 224.0)},
        {"young_loans": (replace(LOAN, days_past_due=29),)},
        {"young_loans": (replace(LOAN, paid=1),)},
        {"young_loans": (replace(LOAN, due=0),)},
        {"young_loans": (replace(LOAN, opened_on=date(2026, 1, 1)),)},  # 181 days
    ],
)
def test_what_just_does_not_raise_an_alert(changes):
    assert alerts(replace(QUIET, **changes)) == ()


def test_all_together_come_the_most_urgent_first():
    changes = {name: value for one, _ in WORKED.values() for name, value in one.items()}
    found = alerts(replace(QUIET, **changes))
    assert {alert.rule for alert in found} == set(WORKED)
    order = [tuple(AlertSeverity).index(alert.severity) for alert in found]
    assert order == sorted(order)
    assert order[0] == 0


def test_use_over_the_limit_is_seen_too():
    (found,) = alerts(replace(QUIET, limit_months=months(0, 120_000)))
    assert found.evidence.startswith("120% of limits used")
