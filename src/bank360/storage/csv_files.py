"""Delimited files, also gzipped, as streams of Arrow batches: read in blocks as texts, then parsed column by column.

Arrow's reader is fast and forgiving; `csv_faults` knows exactly what it forgives or reports vaguely, and re-reads the
file slowly only to name the line of a fault. Row numbers below count records, header lines included; they are lines of
the file wherever no value contains a line break, and `csv_faults.line_of` turns them into lines for messages.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, cast

import pyarrow as pa
import pyarrow.csv as arrow_csv

from bank360.bank.errors import DataRefused
from bank360.bank.fault import Fault
from bank360.sources.source import CsvDialect, RawColumn
from bank360.storage import csv_faults
from bank360.storage.cells import BadCell, parsed

_BLOCK_BYTES = 8 * 1024 * 1024
# Rows of a batch: small enough that a batch of every column stays in cache and memory, large enough to be vectorised.
ROWS_PER_BATCH = 131_072
# Rows of another width that are told of a file; with more of them it is written otherwise than stated.
_MOST_ODD = 1000

_BAD_CELL = "Correct the cell, or state in the mapping how the column is written."


def csv_columns(
    path: Path,
    name: str,
    dialect: CsvDialect,
    declared: tuple[RawColumn, ...],
    others: Literal["ignore", "any"] = "ignore",
) -> tuple[str, ...]:
    """Return the column names of a delimited file; without a header line, the declared names, then column_N.

    Raises
    ------
    DataRefused
        If the file is empty, is not of its encoding, is cut, or its header names a column that is read twice.
    """
    csv_faults.refuse_torn(path, name, dialect)
    if dialect.header_rows == 0:
        width = csv_faults.width(path, name, dialect)
        named = tuple(column.name for column in declared)[:width]
        return named + tuple(f"column_{position}" for position in range(len(named) + 1, width + 1))
    header = csv_faults.header(path, name, dialect)
    twice = [column for column in header if header.count(column) > 1]
    for column in declared if others == "ignore" else [RawColumn(column) for column in twice]:
        if column.name in twice:
            remedy = "Rename one of the two."
            raise DataRefused(name, "the header names it twice", remedy, column.name, dialect.header_rows)
    return header


def csv_batches(
    path: Path, name: str, dialect: CsvDialect, wanted: tuple[RawColumn, ...], columns: tuple[str, ...]
) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield ``(batch, row of its first record)`` with the wanted columns, parsed strictly.

    Parameters
    ----------
    path, name
        Where the file is, and what messages call it. A name ending in ``.gz`` is gzipped.
    dialect
        How it is written.
    wanted
        The columns to parse, all of them in the file.
    columns
        The names of all columns of the file, in order.

    Raises
    ------
    DataRefused
        Naming file, column, line and remedy; of the first batch with a bad cell, the first bad cell of each column. Of
        rows with more or fewer values than the file has columns at the end, after all others.
    """
    row = dialect.header_rows + 1
    odd: dict[int, int] = {}
    above = csv_faults.header_lines(path, name, dialect)

    def passed_over(found: arrow_csv.InvalidRow) -> Literal["skip", "error"]:
        odd[(found.number or 0) - above + dialect.header_rows] = found.actual_columns
        return "skip" if len(odd) <= _MOST_ODD else "error"

    try:
        with csv_faults.opened(path, name) as stream:
            for texts in _reader(stream, dialect, columns, above, passed_over):
                for start in range(0, len(texts), ROWS_PER_BATCH):
                    for part, first in _apart(texts.slice(start, ROWS_PER_BATCH), row, odd):
                        yield _typed(part, path, name, dialect, wanted, columns, first), first
                        row = first + len(part)
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as error:
        raise csv_faults.explained(path, name, dialect, len(columns), error) from error
    if odd:
        raise DataRefused.of(csv_faults.of_another_width(path, name, dialect, len(columns), odd))


def _apart(texts: pa.RecordBatch, row: int, odd: Iterable[int]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield the records of a batch with the number of the first, cut where records were passed over.

    Parameters
    ----------
    row
        Number of the first record, unless it was passed over.
    odd
        Numbers of records that were, ascending; the reader is ahead, so some lie beyond the batch.
    """
    start = 0
    for number in [one for one in odd if one >= row]:
        before = number - row
        if before > len(texts) - start - (before > 0):
            break
        if before:
            yield texts.slice(start, before), row
        start, row = start + before, number + 1
    if start < len(texts):
        yield texts.slice(start), row


def _reader(
    stream: pa.NativeFile,
    dialect: CsvDialect,
    columns: tuple[str, ...],
    header_lines: int,
    passed_over: Callable[[arrow_csv.InvalidRow], Literal["skip", "error"]],
) -> Iterator[pa.RecordBatch]:
    numbered = [str(position) for position in range(len(columns))]  # names may repeat among the ignored columns
    try:
        yield from arrow_csv.open_csv(
            cast("Any", stream),  # the stubs know only Python files
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK_BYTES,
                skip_rows=header_lines,  # lines: Arrow counts blank ones too
                column_names=numbered,
                encoding=dialect.encoding,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                double_quote=True,
                newlines_in_values=True,
                ignore_empty_lines=True,
                invalid_row_handler=passed_over,
            ),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=True,
                column_types=dict.fromkeys(numbered, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):  # a header and no rows: an empty table, not a fault
            raise


def _typed(
    texts: pa.RecordBatch,
    path: Path,
    name: str,
    dialect: CsvDialect,
    wanted: tuple[RawColumn, ...],
    columns: tuple[str, ...],
    row: int,
) -> pa.RecordBatch:
    arrays = []
    faults: list[tuple[RawColumn, BadCell]] = []
    for column in wanted:
        cells = texts.column(columns.index(column.name))
        try:
            arrays.append(parsed(cells, column, dialect.nulls, dialect.decimal))
        except BadCell as bad:
            faults.append((column, bad))
    if faults:
        lines = csv_faults.lines_of(path, name, dialect, (row + bad.index for _, bad in faults))
        raise DataRefused.of(
            Fault(name, column.name, bad.problem, _BAD_CELL, (lines[row + bad.index],)) for column, bad in faults
        )
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in wanted])
