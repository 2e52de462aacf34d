"""Columns of a query's answer as NumPy arrays, for the spines and what became of them. Rows keep the query's order."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Spine columns of text; every other one is a number.
TEXT = frozenset({"product_line", "channel", "purpose", "employment"})


def ints(rows: pa.Table, name: str) -> Ints:
    """Return a column of whole numbers, dates or instants (microseconds) as int64; none of it may be null."""
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), dtype=np.int64)


def bools(rows: pa.Table, name: str) -> Bools:
    """Return a column of truth values; none of it may be null."""
    return np.asarray(rows[name].to_numpy(zero_copy_only=False), dtype=np.bool_)


def currencies(rows: pa.Table) -> tuple[Ints, tuple[str, ...]]:
    """Return the column ``currency``, of which none may be null, as positions in the currencies that occur."""
    codes = rows["currency"].combine_chunks().cast(pa.string()).dictionary_encode()
    places = np.asarray(codes.indices.to_numpy(), dtype=np.int64)
    return places, tuple(str(code) for code in codes.dictionary.to_pylist())


def customers(rows: pa.Table) -> npt.NDArray[np.int32]:
    """Return the column ``customer``: dense indices, int32."""
    return np.asarray(rows["customer"].to_numpy(zero_copy_only=False), dtype=np.int32)


def objects(rows: pa.Table, name: str) -> npt.NDArray[np.object_]:
    """Return a column of text as objects, None where null."""
    answer = np.empty(rows.num_rows, dtype=np.object_)
    answer[:] = rows[name].to_pylist()
    return answer


def column(rows: pa.Table, name: str) -> npt.NDArray[Any]:
    """Return a spine column by its name: text (`TEXT`) as objects, a number as float64 with NaN where null."""
    if name in TEXT:
        return objects(rows, name)
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
