"""Parquet files as streams of Arrow batches with the declared columns, cast safely to the declared types."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from bank360.bank.errors import DataRefused
from bank360.bank.fault import HIDDEN_VALUE, Fault
from bank360.bank.table import ARROW_TYPES
from bank360.sources.personal_columns import may_be_personal
from bank360.sources.source import RawColumn
from bank360.storage.cells import shown

# An Arrow array of any element type, and Arrow's kernels over it: the stubs' overloads cannot say "any of these".
Values = Any
pc: Any = pyarrow.compute

_CUT = "Deliver the whole file again."
ROWS_PER_BATCH = 131_072


def parquet_columns(path: Path, name: str) -> tuple[str, ...]:
    """Return the column names of a Parquet file; DataRefused where it is empty, cut or not Parquet."""
    with _opened(path, name) as file:
        return tuple(file.schema_arrow.names)


def parquet_rows(path: Path, name: str) -> int:
    """Return how many rows a Parquet file says it has."""
    with _opened(path, name) as file:
        return int(file.metadata.num_rows)


def highest(path: Path, column: str, end: date) -> Any:
    """Return the highest value of a column of a Parquet file; None where it has no such column, or no value in it.

    Parameters
    ----------
    end
        A day that stands for "without end", and is no value of a column of days or times.
    """
    with _opened(path, path.name) as file:
        if column not in file.schema_arrow.names:
            return None
        found = (_highest_of(file, group, column, end) for group in range(file.num_row_groups))
        return max((value for value in found if value is not None), default=None)


def _highest_of(file: pq.ParquetFile, group: int, column: str, end: date) -> Any:
    """Return the highest value of a row group: what the file says of it, unless that is the end; then it is read."""
    told = file.metadata.row_group(group).column(file.schema_arrow.names.index(column)).statistics
    if told is not None and told.has_min_max and (not isinstance(told.max, date) or told.max.year < end.year):
        return told.max
    values = file.read_row_group(group, columns=[column]).column(0).combine_chunks()
    return pc.max(_before(values, end)).as_py()


def _before(values: Values, end: date) -> Values:
    if not (pa.types.is_date(values.type) or pa.types.is_timestamp(values.type)):
        return values
    days = values if pa.types.is_date(values.type) else pc.local_timestamp(values) if values.type.tz else values
    return values.filter(pc.less(days.cast(pa.date32(), safe=False), pa.scalar(end, pa.date32())))


def parquet_batches(path: Path, name: str, wanted: tuple[RawColumn, ...]) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield ``(batch, number of its first row from 1)`` with the wanted columns.

    Raises
    ------
    DataRefused
        If a page cannot be read, or a value does not fit its declared type (naming the first such row of each column of
        the batch).
    """
    row = 1
    with _opened(path, name) as file:
        batches = file.iter_batches(ROWS_PER_BATCH, columns=[column.name for column in wanted], use_threads=True)
        while True:
            try:
                batch = next(batches, None)
            except (pa.ArrowException, OSError) as error:
                raise DataRefused(name, f"the file is cut or damaged ({_one_line(error)})", _CUT, None, row) from error
            if batch is None:
                return
            yield _typed(batch, name, wanted, row), row
            row += batch.num_rows


def _opened(path: Path, name: str) -> pq.ParquetFile:
    if path.stat().st_size == 0:
        raise DataRefused(name, "the file is empty", _CUT)
    try:
        return pq.ParquetFile(path, page_checksum_verification=True)
    except (pa.ArrowException, OSError) as error:
        raise DataRefused(name, f"it is not a whole Parquet file ({_one_line(error)})", _CUT) from error


def _typed(batch: pa.RecordBatch, name: str, wanted: tuple[RawColumn, ...], row: int) -> pa.RecordBatch:
    arrays = []
    faults: list[Fault] = []
    for column in wanted:
        values = batch.column(batch.schema.get_field_index(column.name))
        try:
            arrays.append(_cast(values, column))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):  # what Arrow says repeats the value, masked by nobody
            index = _first_bad(values, column)
            value = HIDDEN_VALUE if may_be_personal(column.name) else _told(values.slice(index, 1))
            problem = f"{value} is not of type {column.type}"
            faults.append(Fault(name, column.name, problem, "Correct the value or the mapping.", (row + index,)))
    if faults:
        raise DataRefused.of(faults)
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in wanted])


def _told(one: Values) -> str:
    """Return a stored value for a message; what has no text (a list, bytes that are none) is not repeated."""
    plain = one.dictionary_decode() if pa.types.is_dictionary(one.type) else one
    try:
        return shown(pc.cast(plain, pa.string())[0].as_py())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return HIDDEN_VALUE


def _cast(values: Values, column: RawColumn) -> Values:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_large_string(values.type) or pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    if column.type == "any":
        return values
    wanted = ARROW_TYPES[column.type]
    if pa.types.is_timestamp(values.type) and column.type == "timestamp":
        # Whatever the unit and zone, the instant in UTC; digits below a microsecond say nothing here.
        return pc.cast(pc.cast(values, pa.timestamp("us", values.type.tz), safe=False), wanted)
    return _finite(values if values.type == wanted else pc.cast(values, wanted))


def _finite(values: Values) -> Values:
    if pa.types.is_floating(values.type) and pc.any(pc.invert(pc.is_finite(values))).as_py():
        raise pa.ArrowInvalid("NaN or infinity")
    return values


def _first_bad(values: Values, column: RawColumn) -> int:
    good, bad = 0, len(values)
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            _cast(values.slice(good, middle - good), column)
            good = middle
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            bad = middle
    return good


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
