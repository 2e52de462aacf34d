"""What was reconciled, put in words, on the night's bank: all of it follows, and a change of it is told."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bank360.pipeline.reconcile import (
    RECONCILIATION,
    Apart,
    Held,
    Reconciliation,
    published_reconciliation,
    reconciliation,
)
from bank360.storage.known import BALANCES_HELD, REPAYMENTS_HELD, Known, as_words
from bank360.storage.warehouse import open_warehouse

ASKED = as_words([BALANCES_HELD, REPAYMENTS_HELD])


@pytest.mark.parametrize(
    ("held", "unmet", "said"),
    [
        (
            Held("balance", "transactions", 0, 0, 0, 0),
            ("rows in 'balances'",),
            "no balance held to transactions: the bank delivered no rows in 'balances'",
        ),
        (
            Held("month of credit", "payments", 0, 0, 0, 0),
            ("rows in 'payments'",),
            "no month of credit held to payments: the bank delivered no rows in 'payments'",
        ),
        (
            Held("balance", "transactions", 0, 0, 0, 0),
            (),  # both are there, and nothing could be compared all the same
            "no balance held to transactions: no account has two balances within the days of transactions",
        ),
        (Held("balance", "payments", 1, 1, 0, 0), (), "1 balance of 1 account held to payments: all follow from them"),
        (
            Held("month of credit", "payments", 2000, 12, 3, 2),
            (),
            "2,000 months of credit of 12 accounts held to payments: 3 months of credit of 2 accounts do not follow",
        ),
    ],
)
def test_a_control_is_one_line(held, unmet, said):
    assert held.line(Known(ASKED, frozenset(unmet))).removesuffix(" from them") == said.removesuffix(" from them")


def test_rows_of_loads_add_up_or_it_is_said():
    (said,) = Reconciliation(2, 30, 28, 2, 0, ()).lines(Known(ASKED, frozenset()))
    assert said == "2 loads: 30 rows delivered, 28 accepted and 2 known before"
    assert Reconciliation(1, 30, 28, 1, 1, ()).lines(Known(ASKED, frozenset()))[0].endswith("1 known before: 1 row off")


def test_every_balance_and_repayment_of_the_synthetic_bank_follows_from_its_movements(read_bank):
    found = reconciliation(read_bank.night.warehouse)
    assert [(one.stated, one.differing) for one in found.held] == [("balance", 0), ("month of credit", 0)]
    assert all(one.compared > 1000 for one in found.held)
    assert (found.loads, found.delivered) == (2, found.accepted + found.unchanged)
    with read_bank.published.current() as version:
        assert version.figures(RECONCILIATION)["loads"] == found.loads


def test_a_version_has_the_largest_differences_and_one_of_before_they_were_kept_has_none():
    held = Held("balance", "transactions", 9, 3, 2, 1, (Apart("A", "GBP", "2024-04-30", "2024-05-31", -5, 7, 2),))
    whole = Reconciliation(2, 30, 28, 2, 0, (held,))
    stored = json.loads(json.dumps(whole.to_json()))
    assert published_reconciliation(SimpleNamespace(figures=lambda _: stored)) == whole
    for one in stored["held"]:
        del one["largest"]
    before = published_reconciliation(SimpleNamespace(figures=lambda _: stored))
    assert before == replace(whole, held=(replace(held, largest=()),))


def test_every_account_that_differs_is_a_finding_and_the_first_twenty_are_printed(bank360, built, tmp_path):
    home = shutil.copytree(built, tmp_path / "bank", ignore=shutil.ignore_patterns("raw", "landing", "export"))
    (home / "landing").mkdir()
    some = "SELECT account_id FROM balances GROUP BY 1 HAVING count(*) = 24 ORDER BY 1 LIMIT 23"
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        accounts = [row["account_id"] for row in warehouse.query(some).to_pylist()]
        warehouse.execute(
            f"UPDATE balances SET booked = booked + 700 WHERE account_id IN ({some}) AND date ="
            " (SELECT DISTINCT date FROM balances ORDER BY date DESC LIMIT 1 OFFSET 1)"
        )
    printed = bank360("check", "--home", home).out
    assert printed.count("GBP 7.00 apart") == 20
    assert "... and 3 more of balances like these: 'bank360 check --json" in " ".join(printed.split())
    findings = json.loads(bank360("check", "--home", home, "--json").out)
    assert [one["example"] for one in findings if one["rule"] == "does_not_follow"] == accounts


def test_check_prints_each_difference_and_what_was_compared(bank360, built, tmp_path):
    home = shutil.copytree(built, tmp_path / "bank", ignore=shutil.ignore_patterns("raw", "landing", "export"))
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        account = str(warehouse.row("SELECT account_id FROM balances GROUP BY 1 HAVING count(*) = 24 ORDER BY 1")[0])
        warehouse.execute(
            "UPDATE balances SET booked = booked + 700 WHERE account_id = ? AND date ="
            " (SELECT DISTINCT date FROM balances ORDER BY date DESC LIMIT 1 OFFSET 1)", [account],
        )  # fmt: skip
        gone = str(warehouse.row("SELECT min(transaction_id) FROM transactions")[0])
        warehouse.execute("DELETE FROM transactions WHERE transaction_id = ?", [gone])
    (home / "landing").mkdir()
    ran = bank360("check", "--home", home)
    said = " ".join(ran.out.split())
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        held, _ = reconciliation(warehouse).held
    (largest,) = held.largest
    assert (largest.account, largest.currency, abs(largest.found - largest.expected)) == (account, "GBP", 700)
    assert f"after {largest.since} until {largest.until}: the balance changed by" in said
    assert f"account {account}, after " in said
    assert "GBP 7.00 apart; so in 2 spans. Deliver the missing movements" in said
    assert "2 balances of 1 account do not follow from them" in said
    assert "known before: 2 rows off" in said  # the one that is gone, and one of a load whose money is not what it was
    assert "held to payments: all follow from them" in said
