"""Records kept as they came, grouped by partition of customers; a partition is gathered and sorted when it is read.

Adding a day adds a chunk and rebuilds nothing. What is sorted is one partition of 256 customers, which fits the
processor's cache, into memory that the thread uses again for the next one. Chunks are what a history is made of, so
they are small: kept is how far a field is above the chunk's lowest, in as few words of 16 bits as do. Memory never
touched before costs as much as the arithmetic on it, the more so where the system gives large pages (arrays from 4 MB
on).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
SHIFT = 8
CUSTOMERS_PER_PARTITION = 1 << SHIFT
RECORDS_PER_SPAN = 1 << 20
LET_GO_AFTER = 32  # partitions: a few megabytes


def partitions_of(n_customers: int) -> int:
    """Return how many partitions hold customers 0 to ``n_customers - 1``."""
    return -(-n_customers // CUSTOMERS_PER_PARTITION)


def spans(sizes: Int64s, most: int = RECORDS_PER_SPAN) -> Iterator[tuple[int, int]]:
    """Yield neighbours that hold at most so many records together, or one that holds more; ``sizes`` by partition."""
    ends = np.cumsum(sizes)
    low = 0
    while low < len(sizes):
        before = int(ends[low - 1]) if low else 0
        high = max(low + 1, int(np.searchsorted(ends, before + most, side="right")))
        yield low, high
        low = high


class Room:
    """Memory of one thread, by name: what is used again need not be found, cleared and mapped again."""

    def __init__(self) -> None:
        self._arrays: dict[str, npt.NDArray[np.generic]] = {}

    def records(self, name: str, rows: int, width: int) -> Int64s:
        """Return an uninitialised int64 array of shape ``(rows, width)``, valid until the name is asked for again."""
        array = self._arrays.get(name)
        if array is None or array.shape[0] < rows or array.shape[1] != width:
            array = self._arrays[name] = np.empty((rows + rows // 2, width), dtype=np.int64)
        return array[:rows]  # type: ignore[return-value]

    def doubles(self, rows: int, columns: int) -> npt.NDArray[np.float64]:
        """Return an uninitialised float64 array of shape ``(rows, columns)`` or wider, valid until the next call."""
        array = self._arrays.get("doubles")
        if array is None or array.shape[0] != rows or array.shape[1] < columns:
            array = self._arrays["doubles"] = np.empty((rows, columns), dtype=np.float64)
        return array  # type: ignore[return-value]


@dataclass(frozen=True)
class Chunk:
    """Records in order of partition: partition p is ``starts[p]`` to ``starts[p + 1]``, in order of arrival.

    ``words`` has a row per record: of each field ``halves_of(low, high)`` words of 16 bits of what it is above ``low``,
    the lowest number that the chunk holds of it; ``high`` is the highest. ``owner`` says which customer of the
    partition a record belongs to, 0 to 255. ``let_go`` gives memory back that reading took, where the records lie
    outside (`spilling.py`).
    """

    words: npt.NDArray[np.uint16]
    low: Int64s
    high: Int64s
    owner: npt.NDArray[np.uint8]
    starts: Int64s
    let_go: Callable[[], None] | None = None

    def __len__(self) -> int:
        return len(self.words)

    @property
    def nbytes(self) -> int:
        """How many bytes its arrays take."""
        return self.words.nbytes + self.owner.nbytes + self.starts.nbytes


@dataclass(frozen=True)
class Chunks:
    """Chunks of records with the same fields, and where their arrays lie, as the compiled loops read them."""

    parts: tuple[Chunk, ...]
    words: Int64s
    owners: Int64s
    low: Int64s
    high: Int64s
    halves: Int64s
    starts: Int64s

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    @property
    def sizes(self) -> Int64s:
        """How many records each partition holds; shape ``(0,)`` where there are no chunks."""
        return np.sum(np.diff(self.starts, axis=1), axis=0) if self.parts else np.empty(0, dtype=np.int64)

    def let_go(self) -> None:
        """Give memory back that reading took: what is read again comes from outside again."""
        for part in self.parts:
            if part.let_go is not None:
                part.let_go()


def chunk(customer: Int32s, fields: Int64s, n_customers: int) -> Chunk:
    """Return records (by field, shape ``(width, n)``; first field: when) and their customers, grouped by partition."""
    from bank360.features import partition

    low, high = np.array([partition.extent(field) for field in fields], dtype=np.int64).reshape(-1, 2).T.copy()
    halves = halves_of(low, high)
    words = np.empty((customer.size, int(halves.sum())), dtype=np.uint16)
    owner = np.empty(customer.size, dtype=np.uint8)
    starts = np.empty(partitions_of(n_customers) + 1, dtype=np.int64)
    partition.spread(customer, fields, low, halves, SHIFT, starts, words, owner)
    return Chunk(words, low, high, owner, starts)


def halves_of(low: Int64s, high: Int64s) -> Int64s:
    """Return how many words of 16 bits hold every number from ``low`` to ``high``, one to four."""
    span = high.view(np.uint64) - low.view(np.uint64)  # right also where the difference is beyond 63 bits
    halves = np.ones(span.shape, dtype=np.int64)
    for bits in (16, 32, 48):
        halves += span >> np.uint64(bits) > 0
    return halves


def chunks_of(parts: Sequence[Chunk]) -> Chunks:
    """Return chunks together; empty ones are left out."""
    kept = tuple(part for part in parts if len(part))
    if not kept:
        nothing = np.empty(0, dtype=np.int64)
        return Chunks((), nothing, nothing, *(np.empty((0, 0), dtype=np.int64) for _ in range(4)))
    return Chunks(
        kept,
        np.array([part.words.ctypes.data for part in kept], dtype=np.int64),
        np.array([part.owner.ctypes.data for part in kept], dtype=np.int64),
        low := np.stack([part.low for part in kept]),
        high := np.stack([part.high for part in kept]),
        halves_of(low, high),
        np.stack([part.starts for part in kept]),
    )


def sorted_partition(
    chunks: Chunks, p: int, n_customers: int, width: int, room: Room, name: str
) -> tuple[Int64s, Int64s]:
    """Return the records of partition ``p`` sorted by customer, time and arrival, and where each customer's start.

    The records, int64 of shape ``(n, width)``, lie in ``room`` under ``name``.
    """
    from bank360.features import partition

    starts = np.zeros(min(CUSTOMERS_PER_PARTITION, n_customers - p * CUSTOMERS_PER_PARTITION) + 1, dtype=np.int64)
    n = int(np.sum(chunks.starts[:, p + 1] - chunks.starts[:, p])) if chunks.parts else 0
    records = room.records(name, n, width)
    if n:
        partition.sort_partition(
            chunks.words, chunks.owners, chunks.low, chunks.halves, chunks.starts, p, starts, records
        )
    if p % LET_GO_AFTER == 0:
        chunks.let_go()
    return records, starts
