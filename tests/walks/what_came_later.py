"""A generated bank with all that it is told by an instant, and what may come after: for laws on what was known then.

`bank` generates it and fills a warehouse from the generator's files; `upset` adds what is known at an instant and just
after, a correction of every row that stands and rows of mixed-up keys and values; `forget` takes everything from the
instant on away. A few of the corrections are of rows that no source would correct; the laws are about time, not sense.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset

from bank360.bank.tables import TABLES
from bank360.identity.customer_ids import KeyMapping
from bank360.pipeline.generate import generate
from bank360.storage.crosswalk import write_crosswalk
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse, open_warehouse, quoted

DELIVERED = tuple(table for table in TABLES if table.name != "source_keys")


@contextmanager
def bank(folder: Path, customers: int, months: int, seed: int) -> Iterator[tuple[Warehouse, list[datetime]]]:
    """Generate a bank below a folder; yield its warehouse, everybody known by the own key, and when each applied."""
    generate(folder / "raw", folder / "truth", customers, months, seed)
    with open_warehouse(folder / "w.duckdb", 1, "1GB") as warehouse:
        deliver(folder / "raw", warehouse)
        keys = warehouse.query("SELECT DISTINCT customer_id FROM customers")["customer_id"].to_pylist()
        mappings = [KeyMapping("core", key, date(2000, 1, 1), f"C{key}") for key in keys]
        write_crosswalk(warehouse, mappings, datetime(2026, 1, 1, tzinfo=UTC))
        applied = warehouse.query("SELECT submitted_at FROM applications ORDER BY submitted_at")["submitted_at"]
        yield warehouse, [each.as_py() for each in applied]


def deliver(raw: Path, warehouse: Warehouse) -> None:
    """Put every delivered row into its table, versions in the order in which they became known."""
    prepare(warehouse)
    for table in DELIVERED:
        folders = sorted(raw.glob(f"*/{table.name}"))
        schema = table.arrow_schema
        parts = [pyarrow.dataset.dataset(str(folder), format="parquet").to_table() for folder in folders]
        for rows in parts:
            filled = {
                name: rows[name].cast(schema.field(name).type)
                if name in rows.column_names
                else pa.nulls(rows.num_rows, schema.field(name).type)
                if schema.field(name).nullable
                else pa.array([1 if schema.field(name).type == pa.int64() else "-"] * rows.num_rows)
                for name in schema.names
            }
            warehouse.append(table.name, pa.table(filled))
    chain(warehouse)


def chain(warehouse: Warehouse) -> None:
    """Let every version be superseded when the next of its key becomes known."""
    for table in DELIVERED:
        key = ", ".join(map(quoted, table.key))
        warehouse.execute(
            f"CREATE OR REPLACE TABLE {table.name} AS SELECT * REPLACE (lead(known_time) OVER (PARTITION BY {key}"
            f" ORDER BY known_time) AS superseded_time) FROM {table.name}"
        )


def forget(warehouse: Warehouse, at: str) -> None:
    """Take away what was known at an instant or later."""
    for table in DELIVERED:
        warehouse.execute(f"DELETE FROM {table.name} WHERE known_time >= CAST(? AS TIMESTAMP)", [at])
    chain(warehouse)


def upset(warehouse: Warehouse, at: str) -> None:
    """Correct every row known before an instant at the instant itself, and add rows of mixed keys just after it."""
    for table in DELIVERED:
        key = ", ".join(map(quoted, table.key))
        names = [column.name for column in table.columns]

        def from_row_after(name: str, distance: int, key: str = key) -> str:
            column = quoted(name)
            return f"coalesce(lead({column}, {distance}) OVER (ORDER BY {key}), {column}) AS {column}"

        corrected = [from_row_after(name, 1) for name in names if name not in table.key]
        mixed = [from_row_after(name, place + 1) for place, name in enumerate(names)]
        for values, step in ((corrected, 0), (mixed, 1)):
            replaced = ", ".join([*values, f"CAST(? AS TIMESTAMP) + INTERVAL {step} MICROSECOND AS known_time"])
            warehouse.execute(
                f"INSERT INTO {table.name} SELECT * REPLACE ({replaced}) FROM {table.name}"
                " WHERE known_time < CAST(? AS TIMESTAMP)"
                f" AND (superseded_time IS NULL OR superseded_time >= CAST(? AS TIMESTAMP))",
                [at, at, at],
            )
    chain(warehouse)
