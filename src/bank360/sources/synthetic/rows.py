"""Columns of arrays to delivered rows: canonical columns and types of `bank.tables`, and ``known_time``.

Rows that the bank does not know by the end of the history are left out here, for every table alike.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.tables import TABLE_BY_NAME
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Ints
from bank360.sources.synthetic.tokens import Arrow

Values = Arrow | npt.NDArray[np.generic] | None


def delivered(table: str, clock: Clock, columns: dict[str, Values], known: Ints) -> pa.Table:
    """Return the rows of ``table``; a column given as None is null throughout.

    ``columns`` is emptied on the way: what came and what is kept of it need not stand side by side.

    Raises
    ------
    KeyError
        If a canonical column is not given, or one is given that does not exist: our own mistake.
    """
    spec = TABLE_BY_NAME[table]
    late = known >= clock.cutoff
    keep = pa.array(~late) if late.any() else None
    names = [column.name for column in spec.columns]
    if set(names) != set(columns):
        raise KeyError(f"{table}: columns differ in {sorted(set(names) ^ set(columns))}")
    arrays = []
    for column in spec.columns:
        values = columns.pop(column.name)
        if values is None:
            # Dictionary type like the coded columns, so that tables of one name concatenate; Parquet stores plain text.
            text: Arrow = pa.dictionary(pa.int32(), pa.string()) if column.type == "string" else column.arrow_type
            array: Arrow = pa.nulls(len(known), text)
        elif isinstance(values, pa.Array | pa.ChunkedArray):
            array = values
        elif column.type == "date":
            array = pa.array(values.astype(np.int32)).cast(pa.date32())
        elif column.type == "timestamp":
            array = pa.array(values.astype(np.int64)).cast(pa.timestamp("us"))
        else:
            array = pa.array(values).cast(column.arrow_type)
        arrays.append(_kept(array, keep))
    arrays.append(_kept(pa.array(known).cast(pa.timestamp("us")), keep))
    return pa.Table.from_arrays(arrays, names=[*names, "known_time"])


def _kept(array: Arrow, keep: Arrow | None) -> Arrow:
    return array if keep is None else array.filter(keep)


def dates(days: npt.ArrayLike, null: npt.NDArray[np.bool_] | None = None) -> Arrow:
    """Return absolute days as dates; ``null`` marks those without."""
    return pa.array(np.asarray(days).astype(np.int32), mask=null).cast(pa.date32())


def instants(micros: npt.ArrayLike, null: npt.NDArray[np.bool_] | None = None) -> Arrow:
    """Return UTC microseconds as timestamps; ``null`` marks those without."""
    return pa.array(np.asarray(micros).astype(np.int64), mask=null).cast(pa.timestamp("us"))


def numbers(values: npt.ArrayLike, null: npt.NDArray[np.bool_] | None = None) -> Arrow:
    """Return whole numbers; ``null`` marks those without."""
    return pa.array(np.asarray(values).astype(np.int64), mask=null)
