"""The keys and references of a delivery that is refused for its cells: staged apart, asked, and rolled back with it.

Columns of keys and references only, any of them empty where its cell did not read. Nothing here is ever merged.
Neighbours: `repeated_keys` and `dangling`, which ask them; `load`, which stages what may be loaded.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import pyarrow as pa

from bank360.bank.table import Table
from bank360.storage.landing import LandedFile
from bank360.storage.ledger import SQL_TYPES
from bank360.storage.provenance import HASH_DIGITS
from bank360.storage.warehouse import Warehouse, quoted


def key_columns(table: Table) -> tuple[str, ...]:
    """Return the columns by which rows are told apart or lead to others, and what says where a row stands."""
    named = (column.name for column in table.columns if column.name in table.key or column.references is not None)
    return (*named, "known_time", "source_line")


def stage_keys(warehouse: Warehouse, table: Table, batches: Iterable[tuple[pa.RecordBatch, LandedFile]]) -> str:
    """Stage keys of one table and return where they are; inside the transaction that the caller rolls back.

    Parameters
    ----------
    batches
        Rows with `key_columns`, and the file that they came from.
    """
    name = f"keys_{table.name}"
    columns = key_columns(table)
    typed = ", ".join(f"{quoted(column)} {SQL_TYPES[table.column(column).type]}" for column in columns)
    warehouse.execute(f"CREATE TABLE IF NOT EXISTS {quoted(name)} ({typed}, source_file_hash VARCHAR)")
    found = _with_hash(columns, batches)
    first = next(found, None)
    if first is not None:
        warehouse.append_stream(name, first.schema, chain((first,), found))
    return name


def _with_hash(
    columns: tuple[str, ...], batches: Iterable[tuple[pa.RecordBatch, LandedFile]]
) -> Iterator[pa.RecordBatch]:
    for rows, file in batches:
        arrays = [_plain(rows.column(name)) for name in columns]
        arrays.append(pa.repeat(file.sha256[:HASH_DIGITS], len(rows)))
        yield pa.RecordBatch.from_arrays(arrays, names=[*columns, "source_file_hash"])


def _plain(values: Any) -> Any:
    return values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
