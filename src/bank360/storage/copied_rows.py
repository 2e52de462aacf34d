"""What PostgreSQL's COPY sends of a relation, written as one Parquet file, a few megabytes at a time.

Whole numbers, exact decimals, days, instants and yes/no keep their types; everything else comes as PostgreSQL writes it
in text. "Until further notice" (infinity) is 9999-12-31, as in files.

A file says the hash of its rows and which file it follows. Rows that did not change since the last file are written as
a copy of that file, so that its bytes are known for what they are; a relation that changed and changed back has the
bytes of no earlier file, and is loaded again. Used by `postgres_relations`.
"""

import io
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from bank360.bank.errors import DataRefused

_CONTENT, _AFTER = "bank360.content", "bank360.after"
_BYTES_TOGETHER = 8_000_000
_FOREVER, _END_IN_UTC = "9999-12-31", "9999-12-31 00:00:00+00"
_MOST_DIGITS = 38  # of a decimal that Arrow holds in 128 bits
_NUMERIC = 1700  # this and the next: object ids of PostgreSQL's own types, which never change (pg_type.dat)
_TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int64(), 23: pa.int64(), 700: pa.float64(), 701: pa.float64(),
}  # fmt: skip
_INSTANT = 1184
_TIMES: dict[int, pa.DataType] = {1082: pa.date32(), 1114: pa.timestamp("us"), _INSTANT: pa.timestamp("us", "UTC")}
_PARSE = pyarrow.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)  # a row of one null is empty
_UNFIT = "such as NaN, -infinity, a day before the year 1, or bytes that are no UTF-8"


@dataclass(frozen=True)
class CopiedColumn:
    """A relation's column: its name, its Arrow type, and the SQL that COPY is to send of it."""

    name: str
    type: pa.DataType
    sql: Any


def copied_column(name: str, oid: int, digits: int | None, scale: int | None) -> CopiedColumn:
    """Return how a column is copied.

    Parameters
    ----------
    oid
        Object id of its PostgreSQL type.
    digits, scale
        Of a decimal that states them.
    """
    from psycopg import sql

    of = sql.Identifier(name)
    if oid in _TYPES:
        return CopiedColumn(name, _TYPES[oid], of)
    if oid == _INSTANT:  # whatever zone the session has, which is the database's own: its views are written for it
        utc = sql.SQL("(({} AT TIME ZONE 'UTC')::text || '+00')").format(of)
        ends = sql.SQL("CASE WHEN {} = 'infinity' THEN {} ELSE {} END").format(of, sql.Literal(_END_IN_UTC), utc)
        return CopiedColumn(name, _TIMES[oid], ends)
    if oid in _TIMES:
        ends = sql.SQL("CASE WHEN {} = 'infinity' THEN {} ELSE {} END").format(of, sql.Literal(_FOREVER), of)
        return CopiedColumn(name, _TIMES[oid], ends)
    if oid == _NUMERIC and digits is not None and scale is not None and digits <= _MOST_DIGITS and 0 <= scale <= digits:
        return CopiedColumn(name, pa.decimal128(digits, scale), of)
    return CopiedColumn(name, pa.string(), sql.SQL("{}::text").format(of))


def write_copied(
    relation: str,
    columns: Sequence[CopiedColumn],
    pieces: Iterable[bytes],
    path: Path,
    before: Path | None,
    told: Callable[[int], None],
) -> None:
    """Write a relation as the Parquet file ``path``.

    Parameters
    ----------
    relation
        As messages name it.
    pieces
        What COPY sends as CSV; each piece is one or more whole rows.
    before
        The file that was received of it last, named by its hash; None at first.
    told
        Called with the rows written so far.

    Raises
    ------
    DataRefused
        If a value does not fit its type.
    """
    schema = pa.schema([(column.name, column.type) for column in columns])
    content, rows = sha256(str(schema).encode()), 0
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as file:
        for text in _together(pieces):
            content.update(text)
            part = _parsed(relation, schema, text)
            file.write_table(part)
            rows += part.num_rows
            told(rows)
        after = "" if before is None else before.name
        file.add_key_value_metadata({_CONTENT: content.hexdigest(), _AFTER: after})
    if before is not None and _content(before) == content.hexdigest():
        shutil.copyfile(before, path)


def _together(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Yield pieces joined to some megabytes each."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(bytes(piece))
        size += len(piece)
        if size >= _BYTES_TOGETHER:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _parsed(relation: str, schema: pa.Schema, text: bytes) -> pa.Table:
    convert = pyarrow.csv.ConvertOptions(
        column_types=schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
        true_values=["t"], false_values=["f"],
    )  # fmt: skip
    read = pyarrow.csv.ReadOptions(column_names=schema.names, use_threads=False, block_size=len(text) + 1)
    try:
        return pyarrow.csv.read_csv(io.BytesIO(text), read, _PARSE, convert)
    except pa.ArrowInvalid as error:  # what Arrow says repeats the value, which may be personal
        found = re.search(r"CSV column #([0-9]+)", str(error))
        if found is None:
            raise
        field = schema.field(int(found[1]))
        problem = f"a value is none that a column of type {field.type} can hold ({_UNFIT})"
        remedy = "Correct it, or name a view that leaves it out or casts it to text."
        raise DataRefused(relation, problem, remedy, field.name) from error


def _content(path: Path) -> str | None:
    """Return the hash of the rows of a file that was written here; None for any other."""
    said = pq.read_metadata(path).metadata or {}
    found = said.get(_CONTENT.encode())
    return None if found is None else found.decode()
