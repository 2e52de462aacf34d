"""What cannot be true is found: by the words of each rule, and in a warehouse exactly the rows that a loop finds."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from bank360.bank.vocabulary import Severity
from bank360.quality.impossible import IMPOSSIBLE, Seen, impossible_findings
from bank360.storage.reads_impossible import impossible_rows
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill, stored

NOW, TODAY = datetime(2024, 6, 30, 22, 30, tzinfo=UTC), date(2024, 7, 1)  # half past midnight in Berlin
BORN = next(one for one in IMPOSSIBLE if one.rule == "future_birth")


def test_a_finding_says_how_many_where_and_what_it_does_and_no_date():
    (found,) = impossible_findings([Seen(BORN, 2, "K7", (("kunden.csv", 3), ("kunden.csv", 9)))])
    assert (found.table, found.column, found.rule, found.severity, found.rows) == (
        "customers", "birth_date", "future_birth", Severity.ERROR, 2,
    )  # fmt: skip
    assert found.message == (
        "2 rows of 'customers' with a birth date in the future in 'birth_date': whoever has one is taken for a child, "
        "and not scored. Correct the rows, or the mapping of the column, and deliver or rebuild; first "
        "file 'kunden.csv', row 3; file 'kunden.csv', row 9"
    )


@pytest.fixture
def warehouse(tmp_path):
    from bank360.storage.ledger import prepare

    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as opened:
        prepare(opened)
        yield opened


@pytest.mark.parametrize("seed", range(4))
def test_the_rows_that_are_found_are_those_of_a_loop(warehouse, seed):
    some = random.Random(seed)
    days = [TODAY + timedelta(days=some.choice([-400, -30, -1, 0, 1, 30])) for _ in range(60)]
    day = lambda: some.choice(days)  # noqa: E731
    known = {"known_time": stored("2020-01-01")}
    customers = [
        {"customer_id": f"K{n}", "type": "person", "birth_date": some.choice([None, day()]), "onboarded_on": day(),
         "left_on": some.choice([None, day()])}
        for n in range(12)
    ]  # fmt: skip
    accounts = [
        {"account_id": f"A{n}", "product_id": "P", "opened_on": day(), "closed_on": some.choice([None, day()]),
         "currency": some.choice(["EUR", "GBP", "XXQ", "euro"])}
        for n in range(12)
    ]  # fmt: skip
    moments = [NOW + timedelta(hours=some.choice([-500, -1, 0, 1, 500])) for _ in range(20)]
    transactions = [
        {"transaction_id": f"T{n}", "account_id": f"A{some.randrange(14)}", "event_time": at.replace(tzinfo=None),
         "booked_on": (at + timedelta(hours=2)).date(), "amount": 1, "currency": "EUR", "channel": "pos",
         "event_precision": "second", "scheme": "card", "category": "unknown", "country": "DE"}
        for n, at in enumerate(moments)
    ]  # fmt: skip
    for name, rows in (("customers", customers), ("accounts", accounts), ("transactions", transactions)):
        fill(warehouse, name, *(row | known for row in rows))
    opened = {row["account_id"]: row["opened_on"] for row in accounts}
    expected = {
        ("customers", "future_birth"): sum(bool(row["birth_date"]) and row["birth_date"] > TODAY for row in customers),
        ("customers", "future_joining"): sum(row["onboarded_on"] > TODAY for row in customers),
        ("customers", "left_before_joining"): sum(
            bool(row["left_on"]) and row["left_on"] < row["onboarded_on"] for row in customers
        ),
        ("accounts", "future_opening"): sum(row["opened_on"] > TODAY for row in accounts),
        ("accounts", "closed_before_opened"): sum(
            bool(row["closed_on"]) and row["closed_on"] < row["opened_on"] for row in accounts
        ),
        ("accounts", "no_currency"): sum(row["currency"] in ("XXQ", "euro") for row in accounts),
        ("transactions", "future_event"): sum(row["event_time"] > NOW.replace(tzinfo=None) for row in transactions),
        ("transactions", "before_opening"): sum(
            row["booked_on"] < opened.get(row["account_id"], date(1900, 1, 1)) for row in transactions
        ),
    }
    found = {(one.about.table, one.about.rule): one.rows for one in impossible_rows(warehouse, NOW, TODAY)}
    assert found == {rule: rows for rule, rows in expected.items() if rows}
    assert sum(expected.values()) > 10
