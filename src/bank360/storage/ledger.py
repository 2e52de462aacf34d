"""What the warehouse knows of its own loads: the ledger of files, counts by table, and quality findings.

::

    loads               one row per loaded file: what it was, and what became of its rows
    load_tables         one row per load and table: delivered = accepted + unchanged, or the load is refused as a whole
    load_amounts        one row per load and table with money: what it added up to as delivered, and in the table
    quality_findings    what is wrong with rows that were accepted all the same

Invariant: a load's ledger rows are committed with its data or not at all, so a delivery of the landing zone that the
ledger does not know has left no trace and may be loaded again. Neighbour: `findings.py` writes and reads the findings.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from bank360.bank.errors import Bank360Error, NotReady
from bank360.bank.table import Column, Table
from bank360.bank.tables import TABLES
from bank360.storage.landing import Delivery
from bank360.storage.readings import reading_id
from bank360.storage.warehouse import Warehouse, quoted

# Arrow types of the ledger's columns; the stubs would give each its own.
_TEXT: pa.DataType = pa.string()
_COUNT: pa.DataType = pa.int64()
_INSTANT: pa.DataType = pa.timestamp("us")
_SUM: pa.DataType = pa.decimal128(38, 0)  # of any number of 64-bit amounts

# By table, the money whose sum is a load's control total.
AMOUNTS = {"transactions": "amount", "payments": "amount", "balances": "booked", "credit_months": "balance"}

SQL_TYPES: dict[str, str] = {
    "string": "VARCHAR",
    "int64": "BIGINT",
    "float64": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
}

LOADS = pa.schema(
    [
        ("number", _COUNT),
        ("batch_id", _TEXT),
        ("source_system", _TEXT),
        ("part", _TEXT),
        ("file", _TEXT),
        ("file_hash", _TEXT),
        ("size", _COUNT),
        ("received_at", _INSTANT),
        ("rows", _COUNT),  # records read from the file
        ("delivered", _COUNT),  # canonical rows they became
        ("accepted", _COUNT),
        ("refused", _COUNT),  # always 0: one bad row refuses the whole load
        ("unchanged", _COUNT),  # delivered, and in the warehouse already
        ("reading", _TEXT),  # what the source was told when it read the file: `readings.reading_id`
    ]
)

LOAD_TABLES = pa.schema(
    [
        ("batch_id", _TEXT),
        ("table_name", _TEXT),
        ("delivered", _COUNT),
        ("accepted", _COUNT),
        ("corrections", _COUNT),  # of the accepted: new versions of rows already known
        ("unchanged", _COUNT),
    ]
)

# A table of its own: a warehouse of an earlier version gets it with its next load, and says nothing of loads before.
# Until that load what only reads refuses it, naming 'bank360 ingest', as of every table that it lacks.
LOAD_AMOUNTS = pa.schema(
    [
        ("batch_id", _TEXT),
        ("table_name", _TEXT),
        ("column_name", _TEXT),
        ("delivered", _SUM),  # minor units of all currencies together, of the canonical rows on their way in
        ("accepted", _SUM),  # of the rows that the table held of the load when it was in
    ]
)

FINDINGS = pa.schema(
    [
        ("batch_id", _TEXT),  # of the load; else see `findings.py`
        ("found_at", _INSTANT),
        ("table_name", _TEXT),
        ("column_name", _TEXT),
        ("rule", _TEXT),
        ("severity", _TEXT),
        ("row_count", _COUNT),
        ("example", _TEXT),
        ("message", _TEXT),
    ]
)

_LEDGER = (
    ("loads", LOADS), ("load_tables", LOAD_TABLES), ("load_amounts", LOAD_AMOUNTS), ("quality_findings", FINDINGS),
)  # fmt: skip


@dataclass(frozen=True)
class FileLoad:
    """What became of one file: records read, canonical rows made, of them accepted (the rest was known already)."""

    rows: int
    delivered: int
    accepted: int


@dataclass(frozen=True)
class TableLoad:
    """What became of one table's rows in a load: ``delivered = accepted + unchanged``.

    ``amounts`` are the sums of its money (`AMOUNTS`) as delivered and as accepted, minor units; None where it has none.
    """

    table: str
    delivered: int
    accepted: int
    corrections: int
    amounts: tuple[int, int] | None = None

    @property
    def unchanged(self) -> int:
        """Rows that the warehouse held already."""
        return self.delivered - self.accepted


def create_table_sql(table: Table, name: str | None = None) -> str:
    """Return the statement that makes a canonical table in the warehouse.

    Without a primary key: an index over 15 million texts would cost more memory than the rows, and every load is
    asked for `repeated_keys`.
    """
    columns = ", ".join(_column_sql(column) for column in table.stored_columns)
    return f"CREATE TABLE IF NOT EXISTS {quoted(name or table.name)} ({columns})"


def prepare(warehouse: Warehouse) -> None:
    """Make the canonical tables and the ledger where they are not there yet.

    Raises
    ------
    Bank360Error
        If a table lacks a column: an earlier version of bank360 made it.
    """
    _add_tables(warehouse)
    _let_be_empty(warehouse)
    hold_to_shape(warehouse)


def hold_to_tables(warehouse: Warehouse, *, read_only: bool) -> None:
    """Make the tables that this version of bank360 knows and a warehouse of an earlier one lacks; an empty one is left.

    Raises
    ------
    NotReady
        If it lacks one and is open for reading only.
    Bank360Error
        If a table lacks a column: whatever reads it would end in the database's own error.
    """
    there = warehouse.tables()
    if "loads" not in there:
        return
    lacking = [name for name in (*(table.name for table in TABLES), *dict(_LEDGER)) if name not in there]
    if lacking and read_only:
        raise NotReady(
            f"The warehouse {warehouse.path} was made by an earlier version of bank360: it has no table"
            f" '{lacking[0]}' yet. Run 'bank360 ingest', which adds it."
        )
    _add_tables(warehouse)
    hold_to_shape(warehouse)


def _add_tables(warehouse: Warehouse) -> None:
    there = warehouse.tables()
    if all(table.name in there for table in TABLES) and all(name in there for name, _ in _LEDGER):
        return
    with warehouse.transaction():
        for table in TABLES:
            warehouse.execute(create_table_sql(table))
        for name, schema in _LEDGER:
            columns = ", ".join(f"{quoted(field.name)} {_sql_type(field.type)}" for field in schema)
            warehouse.execute(f"CREATE TABLE IF NOT EXISTS {quoted(name)} ({columns})")


def _let_be_empty(warehouse: Warehouse) -> None:
    """Let columns be empty that an earlier version of bank360 needed and this one does not."""
    needed = warehouse.query(
        "SELECT table_name, column_name FROM information_schema.columns WHERE is_nullable = 'NO'"
    ).to_pylist()
    may_lack = {(table.name, column.name) for table in TABLES for column in table.stored_columns if column.nullable}
    for row in needed:
        if (row["table_name"], row["column_name"]) in may_lack:
            table, column = quoted(row["table_name"]), quoted(row["column_name"])
            warehouse.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL")


def hold_to_shape(warehouse: Warehouse) -> None:
    """Raise Bank360Error if a table that is there lacks a column that this version of bank360 knows."""
    expected = {table.name: table.arrow_schema.names for table in TABLES} | {name: s.names for name, s in _LEDGER}
    rows = warehouse.query("SELECT table_name, column_name FROM information_schema.columns").to_pylist()
    there: dict[str, set[str]] = {}
    for row in rows:
        there.setdefault(row["table_name"], set()).add(row["column_name"])
    for name, columns in expected.items():
        lacking = [column for column in columns if column not in there.get(name, columns)]
        if lacking:
            raise Bank360Error(
                f"The warehouse {warehouse.path} was made by an earlier version of bank360: its table '{name}' lacks"
                f" {', '.join(lacking)}. Run 'bank360 rebuild' to make it anew from the landing zone."
            )


def loaded_readings(warehouse: Warehouse) -> dict[str, str]:
    """Return by load that the warehouse holds which reading its rows came from; both are ids."""
    if "loads" not in warehouse.tables():  # made, and its maker died before the first table
        return {}
    rows = warehouse.query("SELECT DISTINCT batch_id, reading FROM loads").to_pylist()
    return {str(row["batch_id"]): str(row["reading"]) for row in rows}


def loaded_batches(warehouse: Warehouse) -> dict[int, frozenset[str]]:
    """Return by number of a delivery the ids of its loads that the warehouse holds."""
    if "loads" not in warehouse.tables():
        return {}
    rows = warehouse.query("SELECT number, list(DISTINCT batch_id) AS ids FROM loads GROUP BY number").to_pylist()
    return {int(row["number"]): frozenset(row["ids"]) for row in rows}


def loaded_files(warehouse: Warehouse, source: str) -> frozenset[tuple[str, str]]:
    """Return ``(part, SHA-256)`` of every file of a source that the warehouse holds."""
    rows = warehouse.query("SELECT part, file_hash FROM loads WHERE source_system = ?", [source]).to_pylist()
    return frozenset((str(row["part"]), str(row["file_hash"])) for row in rows)


def record_load(
    warehouse: Warehouse, delivery: Delivery, files: Sequence[FileLoad], tables: Iterable[TableLoad]
) -> None:
    """Write a load's ledger rows, in its transaction; ``files`` stand in the order of the delivery's."""
    received, tables = naive_utc(delivery.received_at), tuple(tables)
    warehouse.append(
        "loads",
        pa.Table.from_pylist(
            [
                {
                    "number": delivery.number,
                    "batch_id": delivery.batch_id,
                    "source_system": delivery.source,
                    "part": file.part,
                    "file": file.name,
                    "file_hash": file.sha256,
                    "size": file.size,
                    "received_at": received,
                    "rows": load.rows,
                    "delivered": load.delivered,
                    "accepted": load.accepted,
                    "refused": 0,
                    "unchanged": load.delivered - load.accepted,
                    "reading": reading_id(delivery.settings),
                }
                for file, load in zip(delivery.files, files, strict=True)
            ],
            schema=LOADS,
        ),
    )
    warehouse.append(
        "load_tables",
        pa.Table.from_pylist(
            [
                {
                    "batch_id": delivery.batch_id,
                    "table_name": load.table,
                    "delivered": load.delivered,
                    "accepted": load.accepted,
                    "corrections": load.corrections,
                    "unchanged": load.unchanged,
                }
                for load in tables
            ],
            schema=LOAD_TABLES,
        ),
    )
    warehouse.append(
        "load_amounts",
        pa.Table.from_pylist(
            [
                {
                    "batch_id": delivery.batch_id,
                    "table_name": load.table,
                    "column_name": AMOUNTS[load.table],
                    "delivered": load.amounts[0],
                    "accepted": load.amounts[1],
                }
                for load in tables
                if load.amounts is not None
            ],
            schema=LOAD_AMOUNTS,
        ),
    )


def last_known_time(warehouse: Warehouse) -> datetime | None:
    """Return the last instant known to the warehouse (aware, UTC): where a historical bank's clock starts.

    Of delivered rows: the crosswalk is made here, at the clock's own time, and would push the clock along.
    """
    if "loads" not in warehouse.tables():
        return None
    delivered = (table.name for table in TABLES if table.name != "source_keys")
    parts = " UNION ALL ".join(f"SELECT max(known_time) AS t FROM {quoted(name)}" for name in delivered)
    last = warehouse.row(f"SELECT max(t) FROM ({parts})")[0]
    return last.replace(tzinfo=UTC) if isinstance(last, datetime) else None


def content_hashes(warehouse: Warehouse) -> dict[str, str]:
    """Return a hash of every table's rows, whatever their order: equal tables have equal hashes.

    For comparing two warehouses made by the same version of DuckDB, whose row hash is summed over 128 bits.
    """
    hashes = {}
    for name in sorted(warehouse.tables()):
        columns = ", ".join(
            quoted(column) for column in warehouse.query(f"SELECT * FROM {quoted(name)} LIMIT 0").schema.names
        )
        rows, total, mixed = warehouse.row(
            f"SELECT count(*), sum(CAST(hash({columns}) AS HUGEINT)), bit_xor(hash({columns})) FROM {quoted(name)}"
        )
        hashes[name] = f"{rows}:{total}:{mixed}"
    return hashes


def naive_utc(at: datetime) -> datetime:
    """Return an aware instant as the warehouse stores it: UTC without a zone."""
    return at.astimezone(UTC).replace(tzinfo=None)


def _column_sql(column: Column) -> str:
    return f"{quoted(column.name)} {SQL_TYPES[column.type]}{'' if column.nullable else ' NOT NULL'}"


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_string(kind):
        return "VARCHAR"
    if kind == _SUM:
        return "DECIMAL(38, 0)"
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else "BIGINT"
