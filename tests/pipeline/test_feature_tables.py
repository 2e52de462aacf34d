"""The monthly and the lifetime table: of which months, known when, of whom; the same numbers as the engine gives."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from bank360.bank.calendar import instant, to_date, to_datetime
from bank360.bank.tables_star import DIM_CUSTOMER
from bank360.pipeline.build import packed_histories
from bank360.pipeline.feature_tables import BEHAVIOUR, lifetime_rows, month_instants, monthly_rows
from bank360.storage.customer_features import customer_ids
from bank360.storage.ledger import prepare
from bank360.storage.star_customers import dim_customer
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill, micros, stored

LONDON = "Europe/London"
NOW = "2024-07-20 12:00"


@pytest.fixture
def bank(tmp_path):
    """Ann, known from 2020 on, moved in May 2024; Bob came in June. Eve is known by nothing before now."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        people = (("ann", "CA"), ("bob", "CB"), ("eve", "CE"))
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in people))
        index = pa.table({"customer_id": ["CA", "CB", "CE"], "customer": pa.array([0, 1, 2], pa.int32())})
        warehouse.replace_table("customer_index", index)
        ann = {"customer_id": "ann", "type": "person", "region": "North"}
        moved = stored("2024-05-20 04:00")
        fill(
            warehouse,
            "customers",
            ann | {"superseded_time": moved},
            ann | {"region": "South", "known_time": moved},
            {"customer_id": "bob", "type": "person", "known_time": stored("2024-06-03 09:00")},
            {"customer_id": "eve", "type": "person", "known_time": stored(NOW)},
        )
        for account, key, known in (("A", "ann", "2020-01-01"), ("B", "bob", "2024-06-03 09:00")):
            common = {"account_id": account, "known_time": stored(known)}
            fill(warehouse, "accounts", common | {"currency": "GBP"})
            fill(warehouse, "account_parties", common | {"customer_id": key, "role": "owner", "liability_share": 1.0})
        yield warehouse


def bought(bank, name, when, amount, known=None, account="A"):
    row = {"transaction_id": name, "account_id": account, "event_time": stored(when), "amount": -amount}
    row |= {"category": "groceries", "scheme": "card", "channel": "pos", "country": "GB", "currency": "GBP"}
    fill(bank, "transactions", row | {"event_precision": "second", "known_time": stored(known or when)})


def tables(bank, first="2024-04-10 12:00"):
    """Return both tables as rows of their keys and two features."""
    as_of = datetime.fromisoformat(NOW).replace(tzinfo=UTC)
    versions = dim_customer(bank, as_of, frozenset(column.name for column in DIM_CUSTOMER.columns))
    histories, ids = packed_histories(bank, LONDON, "GBP", "GB", BEHAVIOUR, 1), customer_ids(bank)
    months = month_instants(micros(first), micros(NOW), LONDON)
    monthly = [r for b in monthly_rows(histories, *months, ids, versions, 1) for r in b.to_pylist()]
    lifetime = [r for b in lifetime_rows(histories, micros(NOW), ids, versions, 1) for r in b.to_pylist()]
    return monthly, lifetime


def test_a_month_is_described_five_days_after_it_at_the_banks_midnight_and_not_before():
    def local(text):
        return instant(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(LONDON)))

    starts, instants = month_instants(local("2024-01-31 23:30"), local("2024-04-06 00:00"), LONDON)
    assert [to_date(day) for day in starts.tolist()] == [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]
    assert instants.tolist() == [local("2024-02-06"), local("2024-03-06"), local("2024-04-06")]
    assert [len(one) for one in month_instants(local("2024-01-31"), local("2024-02-05 23:59"), LONDON)] == [0, 0]


def test_a_row_holds_what_was_known_at_its_instant_and_a_late_one_is_in_no_month(bank):
    bought(bank, "in time", "2024-05-31 22:59", 500, "2024-06-05 22:00")  # the last minute of May in London
    bought(bank, "next month", "2024-05-31 23:00", 70)
    bought(bank, "late", "2024-05-10 12:00", 9000, "2024-06-05 23:00")  # at the very instant: known too late
    monthly, lifetime = tables(bank)
    spent = {(row["customer_id"], row["month"]): row["spend_month"] for row in monthly}
    assert spent["CA", date(2024, 5, 1)] == 500
    assert spent["CA", date(2024, 6, 1)] == 70
    assert spent["CA", date(2024, 4, 1)] is None  # on 6 May the bank had delivered no spending at all: no data, never 0
    assert {row["customer_id"]: row["spend_lifetime"] for row in lifetime}["CA"] == 9570


def test_a_customer_has_rows_from_when_they_were_known_by_the_version_known_then(bank):
    bought(bank, "shop", "2024-05-10 12:00", 100)
    monthly, lifetime = tables(bank)
    south = "CA-1716177600000000"  # known on 20 May 2024, 04:00 UTC
    assert [(row["customer_key"], row["month"].month) for row in monthly] == [
        ("CA-1577836800000000", 4),  # described on 6 May: in the North, as far as anybody knew
        (south, 5),
        (south, 6),
        ("CB-1717405200000000", 5),  # nothing of May, and known when May was described
        ("CB-1717405200000000", 6),
    ]
    assert [row["customer_key"] for row in lifetime] == [south, "CB-1717405200000000"]
    assert {to_datetime(micros(NOW)).replace(tzinfo=None)} == {row["as_of"] for row in lifetime}


def test_who_came_to_be_known_at_the_very_instant_of_a_month_has_no_row_of_it(bank):
    bought(bank, "shop", "2024-05-10 12:00", 100)
    for table in ("customers", "accounts", "account_parties"):
        bank.execute(f"UPDATE {table} SET known_time = '2024-06-05 23:00' WHERE known_time = '2024-06-03 09:00'")
    monthly, _ = tables(bank)
    assert [row["month"].month for row in monthly if row["customer_id"] == "CB"] == [6]


def test_what_has_no_value_is_null_and_what_is_counted_is_zero(bank):
    bought(bank, "shop", "2024-05-10 12:00", 100)
    monthly, _ = tables(bank)
    (june,) = (row for row in monthly if (row["customer_id"], row["month"]) == ("CA", date(2024, 6, 1)))
    assert (june["purchases_month"], june["purchase_mean_month"], june["online_rate_month"]) == (0, None, None)


def test_a_bank_younger_than_a_month_has_an_empty_monthly_table(bank):
    bought(bank, "shop", "2024-07-10 12:00", 100)
    monthly, lifetime = tables(bank, first="2024-07-10 12:00")
    assert monthly == []
    assert len(lifetime) == 2
