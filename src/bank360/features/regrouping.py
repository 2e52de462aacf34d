"""The compiled loops that make one chunk of several, partition by partition. Imported only when there is too much.

Chunks are read as `partition.sort_partition` reads them: chunk k holds records ``bounds[k, p]`` to ``bounds[k, p + 1]``
of partition ``p``, and tables of addresses say where its arrays begin. Of a partition the records of the first chunk
come first, each chunk's in their order.
"""

import numpy as np
import numpy.typing as npt

from bank360.features.addresses import bytes_at, halves_at
from bank360.features.compiled import compiled

Int64s = npt.NDArray[np.int64]
Halves = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]


@compiled
def words_together(
    records: Int64s, lows: Int64s, halves: Int64s, bounds: Int64s, first: int, end: int, low: Int64s, wanted: Int64s,
    out: Halves,
) -> None:  # fmt: skip
    """Write the records of partitions ``first`` to ``end - 1``, a row each.

    Of field f less ``low[f]`` so many words of 16 bits as ``wanted[f]`` says, the lowest first (see
    `partition.spread`). Chunk k has it less ``lows[k, f]`` in ``halves[k, f]`` words.
    """
    chunks, width = halves.shape
    # The chunks in the outer loop: of each a stretch is read from its beginning to its end, and its rows have one form.
    rows = np.empty(end - first, dtype=np.int64)
    n = 0
    for p in range(first, end):
        rows[p - first] = n
        for k in range(chunks):
            n += bounds[k, p + 1] - bounds[k, p]
    for k in range(chunks):
        record = halves_at(records[k], bounds[k, -1], np.sum(halves[k]))
        for p in range(first, end):
            row = rows[p - first]
            for i in range(bounds[k, p], bounds[k, p + 1]):
                at, to = 0, 0
                for f in range(width):
                    value = np.int64(0)
                    for half in range(halves[k, f]):
                        value |= np.int64(record[i, at]) << 16 * half
                        at += 1
                    value += lows[k, f] - low[f]  # may pass 63 bits and come back: all is modulo 2**64
                    for half in range(wanted[f]):
                        out[row, to] = value >> 16 * half
                        to += 1
                row += 1
            rows[p - first] = row


@compiled
def owners_together(owners: Int64s, bounds: Int64s, first: int, end: int, out: Bytes) -> None:
    """Write which customer of the partition each record belongs to, in the order of `words_together`."""
    n = 0
    for p in range(first, end):
        for k in range(bounds.shape[0]):
            owner = bytes_at(owners[k], bounds[k, -1])
            for i in range(bounds[k, p], bounds[k, p + 1]):
                out[n] = owner[i]
                n += 1
