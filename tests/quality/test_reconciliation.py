"""Differences as findings: every account by itself, however many there are; amounts in the account's currency."""

from datetime import date

import pytest

from bank360.bank.vocabulary import Severity
from bank360.quality.reconciliation import Difference, Reconciled, difference_findings

APRIL, MAY = date(2024, 4, 30), date(2024, 5, 31)


def differs(account="A1", stated=-12_000, moved=-10_000, movements=3, differing=1, currency="GBP"):
    return Difference(account, currency, APRIL, MAY, stated, moved, movements, differing)


def test_what_follows_has_no_finding():
    assert difference_findings(Reconciled("balances", "event", 120, 10, 0, 0, ())) == ()


@pytest.mark.parametrize(
    ("stated", "by", "column", "said"),
    [
        ("balances", "event", "booked", "the balance changed by GBP -120.00, 3 movements by when they happened add up"),
        ("credit_months", "payment", "paid", "it says that was paid: GBP -120.00, 3 movements by their day add up"),
    ],
)
def test_a_difference_says_whose_when_and_how_much(stated, by, column, said):
    (finding,) = difference_findings(Reconciled(stated, by, 120, 10, 1, 1, (differs(),)))
    assert (finding.table, finding.column, finding.rule) == (stated, column, "does_not_follow")
    assert (finding.severity, finding.rows, finding.example) == (Severity.WARNING, 1, "A1")
    assert f"account A1, after 2024-04-30 until 2024-05-31: {said}" in finding.message
    assert "to GBP -100.00, GBP -20.00 apart. Deliver" in finding.message


def test_an_account_of_several_differences_is_one_finding_and_says_how_many():
    (finding,) = difference_findings(Reconciled("balances", "booking", 120, 10, 7, 1, (differs(differing=7),)))
    assert finding.rows == 7
    assert "; so in 7 spans." in finding.message
    assert (
        "1 movement by"
        in difference_findings(Reconciled("balances", "booking", 9, 1, 1, 1, (differs(movements=1),)))[0].message
    )


def test_an_amount_of_an_account_that_nobody_knows_is_in_minor_units():
    (finding,) = difference_findings(Reconciled("balances", "event", 1, 1, 1, 1, (differs(currency=None),)))
    assert "changed by -12,000 minor units" in finding.message


def test_every_account_that_differs_is_a_finding_of_its_own():
    accounts = tuple(differs(f"A{n}", differing=2) for n in range(1_000))
    each = difference_findings(Reconciled("balances", "event", 9_000, 1_000, 2_000, 1_000, accounts))
    assert [one.example for one in each] == [f"A{n}" for n in range(1_000)]
    assert sum(one.rows for one in each) == 2_000
