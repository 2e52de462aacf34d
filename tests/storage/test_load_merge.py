"""Versions of keys after any sequence of loads equal those of a slow, obvious definition."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.tables_accounts import BALANCES
from bank360.storage.landing import Delivery
from bank360.storage.ledger import create_table_sql, naive_utc, prepare
from bank360.storage.load_merge import merge
from bank360.storage.warehouse import open_warehouse

START = datetime.fromisoformat("2020-01-01")
DAY = START.date()
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Version:
    """A row of balances: its key, when it was known, what it says, until when it stood."""

    account: str
    known: datetime
    booked: int
    available: int | None
    superseded: datetime | None = None

    @property
    def values(self) -> tuple[int, int | None]:
        return self.booked, self.available


def naive_merge(stored: list[Version], load: list[Version], received: datetime, as_it_stands: bool) -> list[Version]:
    """The rules of `load_merge`, one key and one row at a time."""
    after = []
    for account in sorted({row.account for row in (*stored, *load)}):
        before = [row for row in stored if row.account == account]
        told = sorted((row for row in load if row.account == account), key=lambda row: row.known)
        known = [row for row in before if row.superseded is None or not as_it_stands]
        told = [row for row in told if not any(row.known == old.known and row.values == old.values for old in known)]
        last = max((row.known for row in (*before, *told)), default=START)
        undated = [row for row in told if any(row.known == old.known for old in before)]
        dated = [row for row in told if row not in undated]
        dated += [replace(row, known=max(received, last) + n * TICK) for n, row in enumerate(undated, start=1)]
        chain = sorted((*before, *dated), key=lambda row: row.known)
        kept = [
            row
            for place, row in enumerate(chain)
            if row in before or place == 0 or row.values != chain[place - 1].values
        ]
        ends = [*(row.known for row in kept[1:]), None]
        after += [replace(row, superseded=end) for row, end in zip(kept, ends, strict=True)]
    return after


VALUES = st.sampled_from([(0, None), (0, 0), (5, None)])
ROWS = st.builds(
    lambda account, hour, values: Version(account, START + timedelta(hours=hour), *values),
    st.sampled_from(["A1", "A2", "A3"]),
    st.integers(0, 4),
    VALUES,
)
# In one load a key and known time stand once: that is checked before merging.
LOADS = st.lists(st.lists(ROWS, max_size=6, unique_by=lambda row: (row.account, row.known)), max_size=5)


@settings(max_examples=60, deadline=None)
@given(LOADS, st.booleans())
def test_any_sequence_of_loads_leaves_the_versions_of_the_slow_definition(loads, as_it_stands):
    expected: list[Version] = []
    with open_warehouse_in_memory() as warehouse:
        for number, load in enumerate(loads, start=1):
            received = datetime(2020, 1, 1, number // 2, number, tzinfo=UTC)  # before some rows say they were known
            delivery = Delivery(number, "test", received, (), {}, f"batch {number}")
            with warehouse.transaction():
                warehouse.execute(create_table_sql(BALANCES, "stage_balances"))
                warehouse.append("stage_balances", staged(load, delivery))
                merged = merge(warehouse, BALANCES, "stage_balances", delivery, as_it_stands=as_it_stands)
            before, expected = expected, naive_merge(expected, load, naive_utc(received), as_it_stands)
            assert merged.accepted == len(expected) - len(before)
            assert stored(warehouse) == sorted(expected, key=lambda row: (row.account, row.known))


def open_warehouse_in_memory():
    """Open a warehouse with the canonical tables and no file."""
    from pathlib import Path

    warehouse = open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB")
    prepare(warehouse)
    return warehouse


def staged(load: list[Version], delivery: Delivery) -> pa.Table:
    """Return the rows of a load as they are staged."""
    return pa.Table.from_pylist(
        [
            {
                "account_id": row.account,
                "date": DAY,
                "booked": row.booked,
                "available": row.available,
                "source_system": "test",
                "batch_id": delivery.batch_id,
                "source_file_hash": "",
                "source_line": line,
                "known_time": row.known,
                "superseded_time": None,
            }
            for line, row in enumerate(load, start=1)
        ],
        schema=BALANCES.arrow_schema,
    )


def stored(warehouse) -> list[Version]:
    """Return the table's rows, sorted."""
    rows = warehouse.query(
        "SELECT account_id, known_time, booked, available, superseded_time FROM balances ORDER BY 1, 2"
    ).to_pylist()
    return [Version(*row.values()) for row in rows]
