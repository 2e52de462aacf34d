"""Repayment, worked by hand: two accounts in pounds, one in euros that is late too, a charge taken back."""

import pytest

from bank360.features.families import FAMILIES
from tests.features.families.on_paper import movement, of_day, values


def month(account, end, balance, limit, due, paid, arrears, days, eased=False):
    return of_day("month_end", end, account, balance=balance, credit_limit=limit, amount_due=due, paid=paid,
                  arrears=arrears, days_past_due=days, forbearance=eased)  # fmt: skip


def repayment(name, account, when, amount, returned=False):
    return of_day("paid_on", when, account, payment_id=name, amount=amount, returned=returned)


MONTHS = [
    month("LOAN", "2023-07-01", 1_500_000, None, 15_000, 0, 90_000, 90),  # a day before the year
    month("LOAN", "2024-04-01", 990_000, None, 15_000, 7500, 40_000, 30),  # a day before 90 days
    month("LOAN", "2024-04-30", 420_000, None, 15_000, 15_000, 0, 0),
    month("CARD", "2024-05-31", 50_000, 100_000, 1200, 200, 1000, 17),
    month("CARD", "2024-06-30", 30_000, 100_000, 1000, 1000, 0, 0),
    month("LOAN", "2024-06-30", 400_000, None, 15_000, 0, 30_000, 45, eased=True),
    month("ECARD", "2024-06-30", 700_000, 800_000, 500, 0, 500_000, 5),
]
REPAYMENTS = [
    repayment("before a year", "LOAN", "2023-07-01", 15_000, returned=True),
    repayment("before 90 days", "LOAN", "2024-04-01", 7500),
    repayment("first of 90 days", "LOAN", "2024-04-02", 15_000),
    repayment("returned", "LOAN", "2024-05-10", 15_000, returned=True),
    repayment("last day", "CARD", "2024-06-30", 1000),
    repayment("in euros", "ECARD", "2024-06-15", 500),
    repayment("in euros, returned", "ECARD", "2024-06-16", 500, returned=True),
]
BILL = {"scheme": "direct_debit", "channel": "system"}
FEE = {"scheme": "fee", "channel": "system"}
MOVEMENTS = [
    movement("before a year", "2023-07-01", -100, "utilities", **BILL),
    movement("bill", "2024-06-03", -2500, "utilities", **BILL),
    movement("bill returned", "2024-06-05", 2500, "returned_payment", reverses_id="bill", **BILL),
    movement("phone", "2024-04-02", -100, "telecom", **BILL),
    movement("returned before 90 days", "2024-04-01", 100, "returned_payment", **BILL),
    movement("refunded bill", "2024-06-04", 40, "utilities", **BILL),  # no debit
    movement("fee before 90 days", "2024-04-01 23:59", -200, "fee", **FEE),
    movement("first minute of 90 days", "2024-04-02 00:00", -150, "fee", **FEE),
    movement("fee", "2024-06-07", -1000, "fee", **FEE),
    movement("fee taken back", "2024-06-08", 1000, "fee", reverses_id="fee", **FEE),
    movement("overdraft", "2024-06-10", -300, "interest", scheme="interest"),
    movement("on savings", "2024-06-11", 900, "interest", scheme="interest"),
    movement("fee in euros", "2024-06-12", -50, "fee", "EUR", **FEE),
]
DUE = 15_000 + 15_000 + 1200 + 1000 + 15_000  # 47,200, the loan's three and the card's two
PAID = 7500 + 15_000 + 200 + 1000 + 0  # 23,700
EXPECTED = {
    "past_due_last": 45,  # on 30 June 0, 45 and 5: the most
    "past_due_max_365d": 45,
    "credit_months_365d": 6,  # all but the first
    "late_months_365d": 4,  # 1 April, 31 May, 30 June twice
    "late_30_months_365d": 2,  # 30 and 45 days
    "days_since_late": 1,
    "arrears_max_365d": 40_000,
    "owed_max_90d": 420_000,
    "drawn_90d": 50_000 + 30_000,
    "limit_90d": 100_000 + 100_000,
    "due_365d": DUE,
    "paid_365d": PAID,
    "forbearance_months_365d": 1,
    "returned_repayments_365d": 2,
    "repaid_90d": 15_000 + 1000,
    "returned_debits_90d": 1,
    "returned_debits_365d": 2,
    "days_since_returned_debit": 26,  # 5 June
    "direct_debits_365d": 2,
    "charges_90d": 150 + (1000 - 1000) + 300,
    "late_share_365d": 4 / 6,
    "limit_use_90d": 80_000 / 200_000,
    "paid_to_due_365d": 23_700 / 47_200,
    "returned_debit_share_365d": 2 / 2,
}


def test_every_feature_of_repayment():
    found = values("repayment", {"credit_months": MONTHS, "payments": REPAYMENTS, "transactions": MOVEMENTS})
    assert found == pytest.approx(EXPECTED, rel=1e-14)


def test_who_owes_in_euros_only_is_late_without_an_amount():
    found = values("repayment", {"credit_months": MONTHS[-1:]})
    assert (found["late_months_365d"], found["past_due_last"]) == (1, 5)
    assert (found["arrears_max_365d"], found["limit_use_90d"], found["due_365d"]) == (None, None, 0)


def test_nothing_that_speaks_of_late_repayments_speaks_of_who_was_never_late():
    """Whoever paid what was due, and no more, is told nothing of late repayments (R14): the reason must be true."""
    months = [month("LOAN", day, 1_000, None, 500, 500, 0, 0) for day in ("2024-04-30", "2024-05-31", "2024-06-30")]
    found = values("repayment", {"credit_months": months})
    of_late = [feature.name for feature in FAMILIES["repayment"] if feature.reason == "R14"]
    assert "late_months_365d" in of_late
    assert {name: found[name] for name in of_late if found[name]} == {}
    assert (found["paid_to_due_365d"], found["credit_months_365d"]) == (1, 3)
