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
        "2 rows of 'customers', such as 'K7', with a birth date in the future in 'birth_date': whoever has one is "
        "taken for a child, and not scored. Correct the rows, or the mapping of the column, and deliver or rebuild; "
        "first file 'kunden.csv', row 3; file 'kunden.csv', row 9"
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
         "close_reason": some.choice(["switched", "charged_off", None]),
         "currency": some.choice(["EUR", "GBP", "XXQ", "euro"])}
        for n in range(12)
    ]  # fmt: skip
    moments = [NOW + timedelta(hours=some.choice([-500, -1, 0, 1, 500])) for _ in range(20)]
    transactions = [
        {"transaction_id": f"T{n}", "account_id": f"A{some.randrange(14)}", "event_time": at.replace(tzinfo=None),
         "booked_on": (at + timedelta(hours=2)).date(), "amount": 1, "currency": "EUR", "channel": "pos",
         "original_amount": 1, "original_currency": some.choice(["USD", "EUR"]),
         "event_precision": "second", "scheme": "card", "category": "unknown", "country": "DE"}
        for n, at in enumerate(moments)
    ]  # fmt: skip
    ends = [date(2024, 2, 29), date(2023, 2, 28), date(2024, 2, 28), date(2024, 3, 1)]
    credit_months = [
        {"account_id": f"A{n}", "month_end": some.choice(ends), "balance": 100, "amount_due": 10, "paid": 10,
         "arrears": 0, "days_past_due": 0, "status": "performing", "forbearance": False, "written_off": 0}
        for n in range(12)
    ]  # fmt: skip
    for name, rows in (("customers", customers), ("accounts", accounts), ("transactions", transactions)):
        fill(warehouse, name, *(row | known for row in rows))
    fill(warehouse, "credit_months", *(row | known for row in credit_months))
    opened = {row["account_id"]: row["opened_on"] for row in accounts}
    closed = {
        row["account_id"]: row["closed_on"]
        for row in accounts
        if row["closed_on"] and row["close_reason"] != "charged_off"
    }
    money = {row["account_id"]: row["currency"] for row in accounts}
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
        ("credit_months", "not_month_end"): sum(row["month_end"] in ends[2:] for row in credit_months),
        ("accounts", "no_currency"): sum(row["currency"] in ("XXQ", "euro") for row in accounts),
        ("transactions", "future_event"): sum(row["event_time"] > NOW.replace(tzinfo=None) for row in transactions),
        ("transactions", "before_opening"): sum(
            row["booked_on"] < opened.get(row["account_id"], date(1900, 1, 1)) for row in transactions
        ),
        ("transactions", "after_closing"): sum(
            row["booked_on"] > closed.get(row["account_id"], date(2900, 1, 1)) for row in transactions
        ),
        ("transactions", "not_accounts_currency"): sum(
            row["currency"] != money.get(row["account_id"], "EUR") for row in transactions
        ),
    }
    found = {(one.about.table, one.about.rule): one.rows for one in impossible_rows(warehouse, NOW, TODAY)}
    assert found == {rule: rows for rule, rows in expected.items() if rows}
    assert sum(expected.values()) > 10


IBAN = "DE89370400440532013000"
BOOKED = {
    "account_id": IBAN, "amount": -500, "currency": "EUR", "channel": "pos", "event_precision": "day",
    "event_time": stored("2024-05-01"), "scheme": "card", "category": "groceries", "country": "DE",
}  # fmt: skip


def _found(warehouse, closed_on, close_reason, *bookings):
    account = {"account_id": IBAN, "product_id": "P", "opened_on": date(2020, 1, 1), "currency": "EUR"}
    known = {"known_time": stored("2020-01-01")}
    fill(warehouse, "accounts", account | known | {"closed_on": closed_on, "close_reason": close_reason})
    fill(warehouse, "transactions", *(BOOKED | known | booking for booking in bookings))
    return impossible_findings(impossible_rows(warehouse, NOW, TODAY))


def test_a_booking_after_its_account_closed_is_found_with_a_key_that_names_nobody(warehouse):
    (found,) = _found(
        warehouse, date(2024, 5, 1), "switched",
        {"transaction_id": "T-of-the-day", "booked_on": date(2024, 5, 1)},
        {"transaction_id": "4111111111111111", "booked_on": date(2024, 5, 2)},
    )  # fmt: skip
    assert (found.rule, found.severity, found.rows, found.example) == (
        "after_closing", Severity.WARNING, 1, "•••1111",
    )  # fmt: skip
    assert found.message == (
        "1 row of 'transactions', such as '•••1111', with a day after its account closed in 'booked_on': features "
        "count it all the same, while the account counts as closed. Correct the rows, or the mapping of "
        "'transactions.booked_on' or 'accounts.closed_on', or give an account whose number was used again an id of its "
        "own, and deliver or rebuild"
    )


def test_what_is_recovered_after_a_charge_off_is_lawful(warehouse):
    assert not _found(
        warehouse, date(2024, 5, 1), "charged_off", {"transaction_id": "T", "booked_on": date(2024, 6, 1)}
    )


def test_money_booked_in_another_currency_than_the_accounts_is_found(warehouse):
    (found,) = _found(
        warehouse, None, None,
        {"transaction_id": "T1", "booked_on": date(2024, 5, 1), "currency": "USD"},
        {"transaction_id": "T2", "booked_on": date(2024, 5, 1)},
    )  # fmt: skip
    assert (found.rule, found.severity, found.rows, found.example) == (
        "not_accounts_currency", Severity.ERROR, 1, "T1",
    )  # fmt: skip
    assert found.message.startswith(
        "1 row of 'transactions', such as 'T1', with another currency than that of the account in 'currency' ('USD'): "
    )
    assert "Map amount and currency as the account was booked" in found.message


def test_what_was_paid_abroad_and_booked_in_the_accounts_currency_is_lawful(warehouse):
    abroad = {"original_amount": -540, "original_currency": "USD"}
    assert not _found(warehouse, None, None, {"transaction_id": "T", "booked_on": date(2024, 5, 1)} | abroad)
