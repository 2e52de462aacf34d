"""Since when each need of a feature is met, against a loop over every row."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import instant
from bank360.bank.errors import NotReady
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.families import ALL_FEATURES
from bank360.features.needs import Need, all_needs
from bank360.storage.delivered import all_known_from, known_from, store_known_from, stored_known_from
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse

NEEDS = all_needs(ALL_FEATURES)
OWN = {"currency": "GBP", "country": "GB"}
START = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)
N = 40


def drawn(table, rng):
    """Return rows of a table with every code it may hold, values that lack, and instants in no order."""
    rows = []
    for _ in range(N):
        row: dict[str, Any] = {}
        for column in TABLE_BY_NAME[table].columns:
            if column.nullable and rng.random() < 0.7:
                row[column.name] = None
            elif column.name in OWN:
                row[column.name] = OWN[column.name] if rng.random() < 0.5 else "XX"
            elif column.codes is not None:
                row[column.name] = str(rng.choice([code.value for code in column.codes]))
            elif column.type == "bool":
                row[column.name] = bool(rng.random() < 0.5)
            else:
                row[column.name] = {"string": "x", "date": START.date(), "timestamp": START}.get(column.type, 1)
        known = START + timedelta(hours=int(rng.integers(0, 10_000)))
        superseded = known + timedelta(days=1) if rng.random() < 0.5 else None
        told = {"source_system": "s", "batch_id": "b", "source_file_hash": "h", "source_line": 1}
        rows.append(row | told | {"known_time": known, "superseded_time": superseded})
    return rows


def meets(row, need):
    if need.column is None:
        return True
    value = row[need.column]
    if need.against:
        return (value == OWN[need.column]) == (need.against == "same")
    return value in need.values if need.values else value is not None


@pytest.fixture
def warehouse():
    with open_warehouse(Path(":memory:"), 1, "500MB") as opened:
        prepare(opened)
        yield opened


@pytest.mark.parametrize("seed", range(3))
def test_each_need_is_met_from_when_its_first_row_was_known(warehouse, seed):
    rng = np.random.default_rng(seed)
    put = {table: drawn(table, rng) for table in dict.fromkeys(need.table for need in NEEDS) if table != "payments"}
    for table, rows in put.items():
        warehouse.append(table, pa.Table.from_pylist(rows, schema=TABLE_BY_NAME[table].arrow_schema))
    expected = {}
    for need in NEEDS:
        times = [row["known_time"] for row in put.get(need.table, ()) if meets(row, need)]
        if times:
            expected[need] = instant(min(times).replace(tzinfo=UTC))
    assert any(need.table == "payments" for need in NEEDS)  # a table without rows, of which nothing is met
    assert known_from(warehouse, NEEDS, OWN["currency"], OWN["country"]) == expected
    store_known_from(warehouse, expected)
    assert stored_known_from(warehouse, NEEDS) == expected
    some = NEEDS[:3]
    assert stored_known_from(warehouse, some) == {need: expected[need] for need in some if need in expected}


def test_a_need_that_no_build_looked_at_is_looked_up_and_one_that_none_met_is_not(warehouse):
    rows = [row for row in drawn("transactions", np.random.default_rng(0)) if row["scheme"] == "card"]
    warehouse.append("transactions", pa.Table.from_pylist(rows, schema=TABLE_BY_NAME["transactions"].arrow_schema))
    met = instant(min(row["known_time"] for row in rows).replace(tzinfo=UTC))
    card, any_row = Need("transactions", "scheme", ("card",)), Need("transactions")
    store_known_from(warehouse, {}, [any_row])  # as of a build before the row came
    assert all_known_from(warehouse, (card, any_row), "GBP", "GB") == {card: met}
    assert stored_known_from(warehouse, (card, any_row)) == {}


def test_nothing_is_stored_before_a_build(warehouse):
    with pytest.raises(NotReady, match="build"):
        stored_known_from(warehouse, NEEDS)


def test_a_bank_without_rows_delivers_nothing(warehouse):
    assert known_from(warehouse, (Need("transactions"), Need("balances", "available")), "GBP", "GB") == {}
