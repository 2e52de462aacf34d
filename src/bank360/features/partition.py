"""The compiled loops that pack events and bring them to their customers. Imported only when there is something to pack.

``place_in_time`` writes when each event happened; ``keep_bits``, ``store_clipped`` and ``hash_texts`` fill flags and
values; ``spread`` sorts a batch by partition of customers (stable); ``sort_partition`` sorts one partition by customer
and time (stable). Two sorts of which each fits the processor's cache are far cheaper than one that does not.
"""

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
MICROS_PER_DAY = 86_400_000_000
MICROS_PER_HOUR = 3_600_000_000
FAR = np.iinfo(np.int64).max


@compiled
def place_in_time(
    event: Int64s,
    known: Int64s,
    superseded: Int64s,
    date_only: Flags,
    changes: Int64s,
    offsets: Int64s,
    timed: bool,
    fields: Int64s,
    hour: npt.NDArray[np.int8],
    late: Flags,
) -> None:
    """Write ``at`` (and ``day``) of each event, its hour (24: unknown), and whether it may be unseen when it counts.

    An event is late unless every as_of whose windows can hold it also sees it: with day windows, when it was known
    before its local day ended; with rolling windows, when it was known as it happened; and never superseded.
    ``known`` and ``superseded`` may be empty: known as it happened, never superseded.
    """
    low, high, offset = FAR, -FAR, np.int64(0)
    for i in range(event.size):
        at = event[i]
        if at < low or at >= high:
            j = np.searchsorted(changes, at, side="right") - 1
            low, offset = changes[j], offsets[j]
            high = changes[j + 1] if j + 1 < changes.size else FAR
        wall = at + offset
        day = wall // MICROS_PER_DAY
        fields[0, i] = at if timed else day
        if timed:
            fields[1, i] = day
        if hour.size:
            hour[i] = 24 if date_only[i] else (wall - day * MICROS_PER_DAY) // MICROS_PER_HOUR
        is_late = False
        if known.size and known[i] > at:
            if timed:
                is_late = True
            else:
                when = known[i]
                if when < low or when >= high:
                    j = np.searchsorted(changes, when, side="right") - 1
                    is_late = (when + offsets[j]) // MICROS_PER_DAY > day
                else:
                    is_late = (when + offset) // MICROS_PER_DAY > day
        if superseded.size and superseded[i] != FAR:
            is_late = True
        late[i] = is_late


@compiled
def note_standing(customer: Int32s, date_only: Flags, stands_from: Int64s, first: Int64s) -> None:
    """Lower in ``first`` (column 0: timed, 1: date only) when each customer's first event that stands became known."""
    for i in range(customer.size):
        c, kind = customer[i], 1 if date_only[i] else 0
        if stands_from[i] < first[c, kind]:
            first[c, kind] = stands_from[i]


@compiled
def keep_bits(flags: Int64s, codes: npt.NDArray[np.integer], sets: Int64s) -> None:
    """Clear in each row's flags what the set of its code does not hold."""
    for i in range(flags.size):
        flags[i] &= sets[codes[i]]


@compiled
def store_clipped(values: Int64s, limit: int, out: Int64s) -> int:
    """Write each value, at most ``limit`` away from 0; return how many were clipped."""
    outside = 0
    for i in range(values.size):
        value = values[i]
        if value > limit:
            value = limit
            outside += 1
        elif value < -limit:
            value = -limit
            outside += 1
        out[i] = value
    return outside


@compiled
def code_texts(
    limits: npt.NDArray[np.integer],
    data: npt.NDArray[np.uint8],
    name_limits: Int64s,
    names: npt.NDArray[np.uint8],
    codes: npt.NDArray[np.uint8],
) -> None:
    """Write which of the names each text is, or how many names there are (at most 127) where it is none of them.

    Text i is ``data[limits[i]:limits[i + 1]]``. Its key folds length and bytes; equal keys are compared byte by byte.
    """
    count = name_limits.size - 1
    keys = np.empty(256, dtype=np.uint64)
    which = np.full(256, -1, dtype=np.int16)
    for c in range(count):
        key = np.uint64(name_limits[c + 1] - name_limits[c])
        for j in range(name_limits[c], name_limits[c + 1]):
            key = ((key << np.uint64(8)) | (key >> np.uint64(56))) ^ np.uint64(names[j])
        slot = np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(56))
        while which[slot] >= 0:
            slot = (slot + 1) & 255
        keys[slot], which[slot] = key, c
    for i in range(codes.size):
        low, high = np.int64(limits[i]), np.int64(limits[i + 1])
        key = np.uint64(high - low)
        for j in range(low, high):
            key = ((key << np.uint64(8)) | (key >> np.uint64(56))) ^ np.uint64(data[j])
        slot = np.int64((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(56))
        code = count
        while which[slot] >= 0:
            if keys[slot] == key:
                start = name_limits[which[slot]]
                same = name_limits[which[slot] + 1] - start == high - low
                if same and high - low > 7:  # up to 7 bytes the key says it all
                    for j in range(high - low):
                        same = same and names[start + j] == data[low + j]
                if same:
                    code = which[slot]
                    break
            slot = (slot + 1) & 255
        codes[i] = code


@compiled
def hash_texts(limits: npt.NDArray[np.integer], data: npt.NDArray[np.uint8]) -> Int64s:
    """Return a 64-bit hash of each text ``data[limits[i]:limits[i + 1]]``.

    FNV-1a over the bytes (Fowler, Noll, Vo, 1991) with the finalizer of MurmurHash3 (Appleby, 2011).
    """
    out = np.empty(limits.size - 1, dtype=np.int64)
    for i in range(out.size):
        h = np.uint64(0xCBF29CE484222325)
        for j in range(limits[i], limits[i + 1]):
            h = (h ^ np.uint64(data[j])) * np.uint64(0x100000001B3)
        h ^= h >> np.uint64(33)
        h *= np.uint64(0xFF51AFD7ED558CCD)
        h ^= h >> np.uint64(33)
        h *= np.uint64(0xC4CEB9FE1A85EC53)
        h ^= h >> np.uint64(33)
        out[i] = np.int64(h)
    return out


@compiled
def spread(
    customer: Int32s, fields: Int64s, shift: int, starts: Int64s, out: Int64s, owner: npt.NDArray[np.int32]
) -> None:
    """Write records in order of partition (``customer >> shift``), their customers, and where partitions start.

    ``fields`` has a row per field, ``out`` a row per record; ``starts`` has an entry more than there are partitions.
    """
    partitions = starts.size - 1
    starts[:] = 0
    for i in range(customer.size):
        starts[(customer[i] >> shift) + 1] += 1
    for p in range(partitions):
        starts[p + 1] += starts[p]
    place = starts[:-1].copy()
    width = fields.shape[0]
    for i in range(customer.size):
        p = customer[i] >> shift
        to = place[p]
        place[p] = to + 1
        owner[to] = customer[i]
        for f in range(width):
            out[to, f] = fields[f, i]


@compiled
def sort_partition(customer: Int32s, records: Int64s, first: int, starts: Int64s, out: Int64s) -> None:
    """Write a partition's records sorted by customer and time (stable), and where each customer's start.

    ``first`` is the partition's first customer; ``starts`` has an entry more than it has customers.
    """
    count = starts.size - 1
    starts[:] = 0
    for i in range(customer.size):
        starts[customer[i] - first + 1] += 1
    for c in range(count):
        starts[c + 1] += starts[c]
    place = starts[:-1].copy()
    width = records.shape[1]
    for i in range(customer.size):
        to = place[customer[i] - first]
        place[customer[i] - first] = to + 1
        for f in range(width):
            out[to, f] = records[i, f]
    for c in range(count):
        start, end = starts[c], starts[c + 1]
        in_order = True
        for i in range(start + 1, end):
            if out[i, 0] < out[i - 1, 0]:
                in_order = False
                break
        if not in_order:
            order = np.argsort(out[start:end, 0].copy(), kind="mergesort")
            part = out[start:end].copy()
            for i in range(end - start):
                for f in range(width):
                    out[start + i, f] = part[order[i], f]
