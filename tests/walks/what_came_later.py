"""A generated bank with all that it is told by an instant, and what may come after: for laws on what was known then.

`deliver` fills a warehouse from the generator's files; `upset` adds what is known at an instant and just after, a
correction of every row that stands and rows of mixed-up keys and values; `forget` takes everything from the instant on
away. A few of the corrections are of rows that no source would correct; the laws are about time, not about sense.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset

from bank360.bank.tables import TABLES
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse, quoted

DELIVERED = tuple(table for table in TABLES if table.name != "source_keys")


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
