"""The tables that features and marts read, as Parquet: how an engine on other machines gets at the warehouse's rows.

Derived: a table is written whole when the first statement of a step reads it, and removed after the step. It holds what
customers did, without names, addresses and statement texts (columns that identify a person stay behind). Neighbour:
`spark.py` reads it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq

from bank360.bank.table import PROVENANCE, Tag
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.scan import STREAMS
from bank360.storage.scratch import remove_folder
from bank360.storage.warehouse import Warehouse, quoted

NAME = "bank360-tables"  # of the folder that is emptied
# What event streams are read from, who is who, and what marts are made of.
_OF_MARTS = {"source_keys", "account_parties", "account_terms", "fraud_cases", "merchants", "products"}
CANONICAL = tuple(sorted(_OF_MARTS | {stream.table for stream in STREAMS}))
DERIVED = ("customer_index", "scores", "customer_features")
_TIMES = frozenset({"known_time", "superseded_time"})
_ROWS = 1_000_000  # of one row group, and so of one task that reads


@contextmanager
def exchanged(warehouse: Warehouse, folder: Path) -> Iterator[Callable[[str], Path | None]]:
    """Yield what says where a table lies below ``folder``; it is written when it is asked for, and removed at the end.

    None is said of a name that is no table of `CANONICAL` or `DERIVED`, or of one that is not there yet.

    Parameters
    ----------
    warehouse
        With canonical tables filled.
    folder
        The bank's own: no other bank's tables may lie there. They lie in a folder below it, which is emptied first, so
        that what a killed process left is gone, and into which only its owner may look.
    """
    own = folder / NAME
    remove_folder(own)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        own.mkdir(mode=0o700)
        yield lambda name: _written(warehouse, name, own)
    finally:
        remove_folder(own)


def _written(warehouse: Warehouse, name: str, folder: Path) -> Path | None:
    path = folder / f"{name}.parquet"
    if path.exists():
        return path
    if name not in {*CANONICAL, *DERIVED} & warehouse.tables():
        return None
    columns = ", ".join(map(quoted, _columns(name))) if name in CANONICAL else "*"
    sql = f"SELECT {columns} FROM {quoted(name)}"
    schema = warehouse.query(f"{sql} LIMIT 0").schema
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        for batch in warehouse.stream(sql, rows_per_batch=_ROWS):
            file.write_batch(batch, row_group_size=_ROWS)
    return path


def _columns(name: str) -> list[str]:
    """Return the columns of a canonical table that go along: none that identifies a person or says where a row was."""
    table = TABLE_BY_NAME[name]
    own = [column.name for column in table.columns if not {Tag.PII, Tag.PROTECTED, Tag.RESTRICTED} & set(column.tags)]
    return [*own, *(column.name for column in PROVENANCE if column.name in _TIMES)]
