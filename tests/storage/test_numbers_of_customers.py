"""Whom an account's or card's number leads to, by hand."""

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from bank360.storage.ledger import prepare
from bank360.storage.reads_publish import numbers_of_customers
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill, stored

NOW, DAY = datetime(2026, 7, 1, 5, tzinfo=UTC), date(2026, 7, 1)
KEYS = {"k1": "CA", "k2": "CB", "k3": "CC", "GB29 NWBK 6016 1331 9268 19": "CD"}


@pytest.fixture
def numbers():
    """Return how to read whom numbers lead to, of accounts given as ``(number, closed on)``, parties and cards."""
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as warehouse:
        prepare(warehouse)
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in KEYS.items()))
        index = pa.table({"customer_id": sorted(KEYS.values()), "customer": pa.array(range(4), pa.int32())})
        warehouse.replace_table("customer_index", index)

        def read(accounts=(), parties=(), cards=()):
            for account, closed in accounts:
                fill(warehouse, "accounts", {"account_id": account, "closed_on": closed})
            fill(warehouse, "account_parties", *({"role": "owner"} | one for one in parties))
            fill(warehouse, "cards", *cards)
            rows = numbers_of_customers(warehouse, NOW, DAY)
            return [tuple(row.values()) for row in rows if row["customer_id"] != "CD"]

        yield read


def party(account, key, **more):
    return {"account_id": account, "customer_id": key} | more


def test_an_account_leads_to_its_owners_and_joint_holders_of_the_day_and_to_nobody_with_another_part(numbers):
    parties = (
        party("A1", "k1"), party("A1", "k2", role="joint_holder"), party("A1", "k3", role="guarantor"),
        party("A2", "k1", role="authorised"), party("A2", "k2", valid_to=DAY), party("A2", "k3", valid_from=DAY),
        party("A3", "k1", valid_from=date(2026, 7, 2)), party("A3", "k2", known_time=stored("2026-07-01 05:00")),
        party("A3", "k3", superseded_time=stored("2026-06-30")),
    )  # fmt: skip
    assert numbers([("A1", None), ("A2", None), ("A3", None)], parties) == [
        ("A1", False, "CA"), ("A1", False, "CB"), ("A2", False, "CC"),
    ]  # fmt: skip


def test_a_closed_account_leads_to_whoever_held_it_on_its_last_day(numbers):
    closed = date(2026, 3, 31)
    parties = (
        party("A1", "k1", valid_to=date(2026, 4, 1)), party("A1", "k2", valid_to=date(2026, 1, 1)), party("A1", "k3"),
    )  # fmt: skip
    assert numbers([("A1", closed)], parties) == [("A1", False, "CA"), ("A1", False, "CC")]


def test_numbers_are_as_they_are_looked_for_and_tokens_as_the_bank_gave_them(numbers):
    parties = (party("de89 3704 0044 0532 0130 00", "k1"), party("40-47-84 70872490", "k1"), party("Ab-1", "k1"))
    cards = ({"card_token": "aB 1=", "account_id": "Ab-1", "customer_id": "k2"},)
    assert sorted(numbers((), parties, cards)) == [
        ("40478470872490", False, "CA"), ("Ab-1", False, "CA"), ("DE89370400440532013000", False, "CA"),
        ("aB 1=", True, "CB"),
    ]  # fmt: skip


def test_a_key_of_a_source_leads_to_its_customer_where_it_is_looked_for_in_another_form(tmp_path):
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in KEYS.items()))
        assert [*numbers_of_customers(warehouse, NOW, DAY)] == [
            {"number": "GB29NWBK60161331926819", "token": False, "customer_id": "CD"}
        ]
