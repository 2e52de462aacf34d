"""The compiled loops over sorted runs of records: a part of a run, and whoever is asked for put together from several.

A run's records are sorted by customer and time, so a customer's are one slice of each run. ``narrow`` and ``widen`` are
what keeps them in words of 32 bits (`layers.py`); ``find`` looks customers up; ``gather`` puts a customer's slices
together in the order of time, of equal times the earlier run first: as if all had been packed at once.
Imported only when there is something to put together. Neighbour: `layers.py`.
"""

import numpy as np
import numpy.typing as npt

from bank360.features.addresses import fetch_ahead, longs_at, words_at
from bank360.features.compiled import compiled
from bank360.features.partition import sort_partition

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
FAR = np.iinfo(np.int64).max
BYTES_PER_WORD = 4
STEPS = (32, 4, 1)
AHEAD, FETCHED, LINE = 3, 2048, 64  # customers; bytes of one, from the end; bytes that come together


@compiled
def sort_partitions(
    records: Int64s, owners: Int64s, lows: Int64s, halves: Int64s, bounds: Int64s, low: int, high: int, shift: int,
    counts: Int64s, room: Int64s, wide: Flags, out: Int32s,
) -> None:  # fmt: skip
    """Write the records of partitions ``low`` to ``high - 1`` as words, and how many each of their customers has.

    Parameters
    ----------
    records, owners, lows, halves, bounds
        Of chunks, as `partition.sort_partition` reads them.
    shift
        Of a customer's number, to that of the partition.
    counts
        One per customer of these partitions.
    room
        For the largest of them.
    wide
        Which fields take two words in ``out``.
    """
    first, n = 0, 0
    for p in range(low, high):
        customers = min(1 << shift, counts.size - first)
        size = np.sum(bounds[:, p + 1] - bounds[:, p])
        if size:
            starts = np.empty(customers + 1, dtype=np.int64)
            sort_partition(records, owners, lows, halves, bounds, p, starts, room[:size])
            counts[first : first + customers] = starts[1:] - starts[:-1]
            narrow(room[:size], wide, out[n : n + size])
        else:
            counts[first : first + customers] = 0
        first, n = first + customers, n + size


@compiled
def narrow(records: Int64s, wide: Flags, out: Int32s) -> None:
    """Write each field as a word of 32 bits, two for a ``wide`` one, the lower first."""
    word = 0
    for f in range(records.shape[1]):
        for i in range(records.shape[0]):
            out[i, word] = records[i, f]
        word += 1
        if wide[f]:
            for i in range(records.shape[0]):
                out[i, word] = records[i, f] >> 32
            word += 1


@compiled
def find(
    customers: Int64s, starts: Int64s, sizes: Int64s, rows: Int64s, wanted: Int32s, low: Int64s, high: Int64s
) -> int:
    """Write where the records of each wanted customer begin and end in each run, and return how many that are.

    -1 is returned where an index leads out of its run: what it was read from is damaged.

    Parameters
    ----------
    customers, starts, sizes, rows
        Of each run: the addresses of its customers and of where each one's records begin; how many customers, records.
    wanted
        Customers; fastest where they ascend.
    low, high
        Shape ``(n_runs, n_customers)``.
    """
    n = 0
    for k in range(sizes.size):
        ascending, begins = words_at(customers[k], 1, sizes[k])[0], longs_at(starts[k], sizes[k] + 1)
        i = 0
        for j in range(wanted.size):
            i = _place(ascending, wanted[j], i)
            there = i < ascending.size and ascending[i] == wanted[j]
            low[k, j], high[k, j] = (begins[i], begins[i + 1]) if there else (0, 0)
            if not 0 <= low[k, j] <= high[k, j] <= rows[k]:
                return -1
            n += high[k, j] - low[k, j]
    return n


@compiled
def lower(customers: Int32s, times: Int64s, wanted: Int32s, out: Int64s) -> None:
    """Lower each wanted customer's row of ``out`` to that of ``times``, which has a row for each of ``customers``."""
    i = 0
    for j in range(wanted.size):
        i = _place(customers, wanted[j], i)
        if i < customers.size and customers[i] == wanted[j]:
            for k in range(times.shape[1]):
                out[j, k] = min(out[j, k], times[i, k])


@compiled
def _place(ascending: Int32s, wanted: int, hint: int) -> int:
    """Return the last place whose number is not above the wanted one, else 0; the search sets out from the hint."""
    i = hint if hint < ascending.size and ascending[hint] <= wanted else 0
    step = 1
    while i + step < ascending.size and ascending[i + step] <= wanted:
        i, step = i + step, 2 * step
    while step > 1:
        step //= 2
        if i + step < ascending.size and ascending[i + step] <= wanted:
            i += step
    return i


@compiled
def gather(words: Int64s, wide: Flags, low: Int64s, high: Int64s, since: int, starts: Int64s, out: Int64s) -> int:
    """Write the records of some customers, each one's in order of time, and where they start; return how many.

    Parameters
    ----------
    words
        The addresses of the runs' words, earlier runs first.
    wide
        Which fields take two words, a row per run.
    low, high
        Each customer's records in each run, shape ``(n_runs, n_customers)``.
    since
        Records whose first field is below it are passed over.
    starts
        An entry more than there are customers.
    out
        Room for all the records.
    """
    runs, width = wide.shape
    sizes = np.empty(runs, dtype=np.int64)
    for k in range(runs):
        sizes[k] = width + np.sum(wide[k])
    n, row = 0, out.reshape(-1)
    starts[0] = 0
    for c in range(starts.size - 1):
        begin, latest, in_order = n, -FAR, True
        for k in range(runs if c + AHEAD < starts.size - 1 else 0):
            last = words[k] + BYTES_PER_WORD * sizes[k] * high[k, c + AHEAD]
            first = words[k] + BYTES_PER_WORD * sizes[k] * low[k, c + AHEAD]
            for line in range(max(first, last - FETCHED), last, LINE):
                fetch_ahead(line)
        for k in range(runs):
            size, length = sizes[k], high[k, c] - low[k, c]
            if length == 0:
                continue
            record = words_at(words[k] + BYTES_PER_WORD * size * low[k, c], length, size)
            skip = 0
            if since > -FAR:
                skip = _before(record, wide[k, 0], since)
                if skip == length:
                    continue
            taken = length - skip
            if size == width:  # one long loop over neighbouring numbers, which the compiler does eight at a time
                flat = words_at(words[k] + BYTES_PER_WORD * size * (low[k, c] + skip), 1, size * taken)[0]
                to = row[n * width : (n + taken) * width]
                for j in range(flat.size):
                    to[j] = flat[j]
            else:
                _widen(record[skip:], wide[k], out[n : n + taken])
            in_order &= out[n, 0] >= latest
            n += taken
            latest = max(latest, out[n - 1, 0])
        if not in_order:
            order = np.argsort(out[begin:n, 0].copy(), kind="mergesort")
            part = out[begin:n].copy()
            for j in range(n - begin):
                out[begin + j] = part[order[j]]
        starts[c + 1] = n
    return n


@compiled
def _before(record: Int32s, wide: bool, since: int) -> int:
    """Return how many records, in order of time, are before an instant; looked for from the end, by ever shorter steps.

    The records' memory is far away, and what is passed over by a long step is read by the copy, which is fast at it.
    """
    n: int = record.shape[0]
    for step in STEPS:
        while n >= step and _when(record, n - step, wide) >= since:
            n -= step
    return n


@compiled
def _when(record: Int32s, row: int, wide: bool) -> int:
    """Return the first field of a record: when it happened."""
    if wide:
        return int(np.int64(np.uint32(record[row, 0])) | (np.int64(record[row, 1]) << 32))
    return int(record[row, 0])


@compiled
def _widen(record: Int32s, wide: Flags, out: Int64s) -> None:
    """Write records of words as records of numbers."""
    word = 0
    for f in range(wide.size):
        if wide[f]:
            for i in range(record.shape[0]):
                out[i, f] = np.int64(np.uint32(record[i, word])) | (np.int64(record[i, word + 1]) << 32)
            word += 2
        else:
            for i in range(record.shape[0]):
                out[i, f] = record[i, word]
            word += 1
