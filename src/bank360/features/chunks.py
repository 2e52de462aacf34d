"""Records kept as they came, grouped by partition of customers; a partition is gathered and sorted when it is read.

Adding a day adds a chunk and rebuilds nothing. What is sorted is one partition of 256 customers, which fits the
processor's cache, into memory that the thread uses again for the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
SHIFT = 8
CUSTOMERS_PER_PARTITION = 1 << SHIFT
SLAB = 1 << 21  # records: large enough that the system gives large pages


def partitions_of(n_customers: int) -> int:
    """Return how many partitions hold customers 0 to ``n_customers - 1``."""
    return -(-n_customers // CUSTOMERS_PER_PARTITION)


class Room:
    """Memory of one thread, by name: what is used again need not be found, cleared and mapped again."""

    def __init__(self) -> None:
        self._arrays: dict[str, npt.NDArray[np.generic]] = {}
        self._slab: Int64s = np.empty((0, 0), dtype=np.int64)
        self._used = 0

    def keep(self, rows: int, width: int) -> Int64s:
        """Return an uninitialised int64 array of shape ``(rows, width)`` that is the caller's to keep.

        Arrays of some size are cut from slabs: hundreds of medium ones would each be mapped page by small page.
        """
        if rows < SLAB // 128:
            return np.empty((rows, width), dtype=np.int64)
        if self._slab.shape[1] != width or self._used + rows > len(self._slab):
            self._slab, self._used = np.empty((max(rows, SLAB), width), dtype=np.int64), 0
        self._used += rows
        return self._slab[self._used - rows : self._used]

    def records(self, name: str, rows: int, width: int) -> Int64s:
        """Return an uninitialised int64 array of shape ``(rows, width)``, valid until the name is asked for again."""
        array = self._arrays.get(name)
        if array is None or array.shape[0] < rows or array.shape[1] != width:
            array = self._arrays[name] = np.empty((rows + rows // 2, width), dtype=np.int64)
        return array[:rows]  # type: ignore[return-value]

    def owners(self, rows: int) -> Int32s:
        """Return an uninitialised int32 array of shape ``(rows,)``, valid until the next call."""
        array = self._arrays.get("owners")
        if array is None or array.shape[0] < rows:
            array = self._arrays["owners"] = np.empty(rows + rows // 2, dtype=np.int32)
        return array[:rows]  # type: ignore[return-value]

    def doubles(self, rows: int, columns: int) -> npt.NDArray[np.float64]:
        """Return an uninitialised float64 array of shape ``(rows, columns)`` or wider, valid until the next call."""
        array = self._arrays.get("doubles")
        if array is None or array.shape[0] != rows or array.shape[1] < columns:
            array = self._arrays["doubles"] = np.empty((rows, columns), dtype=np.float64)
        return array  # type: ignore[return-value]


@dataclass(frozen=True)
class Chunk:
    """Records in order of partition: partition p is ``starts[p]`` to ``starts[p + 1]``, in order of arrival."""

    records: Int64s
    owner: Int32s
    starts: Int64s


def chunk(customer: Int32s, fields: Int64s, n_customers: int, room: Room) -> Chunk:
    """Return records (by field, shape ``(width, n)``; first field: when) and their customers, grouped by partition."""
    from bank360.features import partition

    grouped = room.keep(customer.size, len(fields))
    owner = np.empty(customer.size, dtype=np.int32)
    starts = np.empty(partitions_of(n_customers) + 1, dtype=np.int64)
    partition.spread(customer, fields, SHIFT, starts, grouped, owner)
    return Chunk(grouped, owner, starts)


def sorted_partition(
    chunks: Sequence[Chunk], p: int, n_customers: int, width: int, room: Room, name: str
) -> tuple[Int64s, Int64s]:
    """Return the records of partition ``p`` sorted by customer, time and arrival, and where each customer's start.

    The records lie in ``room`` under ``name``.
    """
    from bank360.features import partition

    first = p * CUSTOMERS_PER_PARTITION
    starts = np.zeros(min(CUSTOMERS_PER_PARTITION, n_customers - first) + 1, dtype=np.int64)
    parts = [(c, int(c.starts[p]), int(c.starts[p + 1])) for c in chunks]
    n = sum(high - low for _, low, high in parts)
    records = room.records(name, n, width)
    if n:
        owner, gathered = room.owners(n), room.records(f"gathered {name}", n, width)
        np.concatenate([c.owner[low:high] for c, low, high in parts], out=owner)
        np.concatenate([c.records[low:high] for c, low, high in parts], out=gathered)
        partition.sort_partition(owner, gathered, first, starts, records)
    return records, starts
