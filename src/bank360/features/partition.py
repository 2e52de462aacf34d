"""The compiled loops that pack events and bring them to their customers. Imported only when there is something to pack.

``place_in_time`` writes when each event happened; ``keep_bits``, ``store_clipped`` and ``hash_texts`` fill flags and
values; ``spread`` sorts a batch by partition of customers (stable); ``sort_partition`` sorts one partition by customer
and time (stable). Two sorts of which each fits the processor's cache are far cheaper than one that does not.
"""

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.features.addresses import bytes_at, halves_at
from bank360.features.compiled import compiled

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Halves = npt.NDArray[np.uint16]
Places = npt.NDArray[np.uint32]
MICROS_PER_HOUR = 3_600_000_000
FAR = np.iinfo(np.int64).max
EXACT = 1 << 52  # microseconds: with an offset still exact as a double


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
    if event.size == 0:
        return
    days = fields[1] if timed else fields[0]
    if timed:
        fields[0] = event
    first, last = int(np.min(event)), int(np.max(event))
    _, high, offset = _span(changes, offsets, first)
    if last < high and first > -EXACT and last < EXACT:
        _days_and_hours(event, offset, days, hour)
    else:
        low, high, offset = FAR, -FAR, 0
        for i in range(event.size):
            if event[i] < low or event[i] >= high:
                low, high, offset = _span(changes, offsets, event[i])
            wall = event[i] + offset
            days[i] = wall // MICROS_PER_DAY
            if hour.size:
                hour[i] = (wall - days[i] * MICROS_PER_DAY) // MICROS_PER_HOUR
    for i in range(hour.size):
        hour[i] = 24 if date_only[i] else hour[i]
    low, high, offset = FAR, -FAR, 0
    for i in range(event.size):
        is_late = superseded.size > 0 and superseded[i] != FAR
        if known.size and known[i] > event[i]:
            if timed:
                is_late = True
            else:
                if known[i] < low or known[i] >= high:
                    low, high, offset = _span(changes, offsets, known[i])
                is_late |= (known[i] + offset) // MICROS_PER_DAY > days[i]
        late[i] = is_late


@compiled
def _span(changes: Int64s, offsets: Int64s, at: int) -> tuple[int, int, int]:
    """Return from when until when the offset from UTC is what it is at an instant, and the offset."""
    j = np.searchsorted(changes, at, side="right") - 1
    return changes[j], changes[j + 1] if j + 1 < changes.size else FAR, offsets[j]


@compiled
def _days_and_hours(event: Int64s, offset: int, days: Int64s, hour: npt.NDArray[np.int8]) -> None:
    """Write local days and hours where the offset is the same all along and instants are exact as doubles.

    Divisions of doubles are done eight at a time. A last microsecond of a day is 1.2e-11 days short of the next, which
    doubles below 2**17 days tell apart; `EXACT` is less.
    """
    for i in range(event.size):
        days[i] = np.int64(np.floor(float(event[i] + offset) / float(MICROS_PER_DAY)))
    for i in range(hour.size):
        hour[i] = np.int8(float(event[i] + offset - days[i] * MICROS_PER_DAY) / float(MICROS_PER_HOUR))


@compiled
def note_standing(
    customer: Int32s, date_only: Flags, stands_from: Int64s, first: Int64s, noted: Bytes, latest: int
) -> int:
    """Lower in ``first`` (column 0: timed, 1: date only) when each customer's first event that stands became known.

    ``noted`` has bit k set where column k is filled, with ``latest`` at most; the new latest is returned. Where events
    come in the order in which they became known, a look at a byte is enough for most.
    """
    in_order, last = _in_order(stands_from, latest)
    for i in range(customer.size):
        c, bit = customer[i], 2 if date_only[i] else 1
        if (in_order and noted[c] & bit) or stands_from[i] == FAR:
            continue
        noted[c] |= bit
        first[c, bit >> 1] = min(first[c, bit >> 1], stands_from[i])
    return last


@compiled
def _in_order(stands_from: Int64s, latest: int) -> tuple[bool, int]:
    """Return whether what stands became known in this order, none before ``latest``, and the latest of all."""
    if stands_from.size == 0:
        return True, latest
    ascend = stands_from[0] >= latest
    for i in range(1, stands_from.size):  # nothing but comparisons, so done eight at a time
        ascend &= stands_from[i] >= stands_from[i - 1]
    if ascend and stands_from[-1] != FAR:
        return True, stands_from[-1]
    in_order, last = True, latest
    for i in range(stands_from.size):
        if stands_from[i] != FAR:
            in_order &= stands_from[i] >= last
            last = max(last, stands_from[i])
    return in_order, last


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
def extent(field: Int64s) -> tuple[int, int]:
    """Return the lowest and the highest number of a field; 0 and 0 of an empty one."""
    if field.size == 0:
        return 0, 0
    low, high = FAR, -FAR - 1
    for i in range(field.size):
        low, high = min(low, field[i]), max(high, field[i])
    return low, high


@compiled
def spread(
    customer: Int32s, fields: Int64s, low: Int64s, halves: Int64s, shift: int, starts: Int64s, out: Halves, owner: Bytes
) -> None:
    """Write records in order of partition (``customer >> shift``), whose they are in it, and where partitions start.

    ``fields`` has a row per field, ``out`` a row per record: of field f less ``low[f]`` so many words of 16 bits as
    ``halves[f]`` says, the lowest first. ``starts`` has an entry more than there are partitions.
    """
    partitions = starts.size - 1
    starts[:] = 0
    for i in range(customer.size):
        starts[(customer[i] >> shift) + 1] += 1
    for p in range(partitions):
        starts[p + 1] += starts[p]
    place, to, mask = starts[:-1].copy(), np.empty(customer.size, dtype=np.uint32), (1 << shift) - 1
    for i in range(customer.size):
        p = customer[i] >> shift
        to[i] = place[p]
        owner[place[p]] = customer[i] & mask
        place[p] += 1
    words = out.shape[1]
    field, right = np.empty(words, dtype=np.int64), np.empty(words, dtype=np.int64)
    word = 0
    for f in range(fields.shape[0]):
        for half in range(halves[f]):
            field[word], right[word] = f, 16 * half
            word += 1
    word = 0
    while word + 4 <= words:  # four at a time: a record's line is in the cache once
        one, two = fields[field[word]], fields[field[word + 1]]
        three, four = fields[field[word + 2]], fields[field[word + 3]]
        from_one, from_two, from_three, from_four = low[field[word : word + 4]]
        by_one, by_two, by_three, by_four = right[word : word + 4]
        for i in range(customer.size):
            row = to[i]
            out[row, word] = (one[i] - from_one) >> by_one
            out[row, word + 1] = (two[i] - from_two) >> by_two
            out[row, word + 2] = (three[i] - from_three) >> by_three
            out[row, word + 3] = (four[i] - from_four) >> by_four
        word += 4
    for rest in range(word, words):
        one, from_one, by_one = fields[field[rest]], low[field[rest]], right[rest]
        for i in range(customer.size):
            out[to[i], rest] = (one[i] - from_one) >> by_one


@compiled
def sort_partition(
    records: Int64s, owners: Int64s, lows: Int64s, halves: Int64s, bounds: Int64s, p: int, starts: Int64s, out: Int64s
) -> None:
    """Write a partition's records sorted by customer and time (stable), and where each customer's start.

    Chunk k holds records ``bounds[k, p]`` to ``bounds[k, p + 1]`` of partition ``p``; ``records[k]`` and ``owners[k]``
    are the addresses of its arrays, rows ``lows[k]`` and ``halves[k]`` say how fields lie in them (see `spread`).
    ``starts`` has an entry more than the partition has customers.
    """
    chunks, width, count = bounds.shape[0], halves.shape[1], starts.size - 1
    starts[:] = 0
    for k in range(chunks):
        owner = bytes_at(owners[k], bounds[k, -1])
        for i in range(bounds[k, p], bounds[k, p + 1]):
            starts[int(owner[i]) + 1] += 1
    for c in range(count):
        starts[c + 1] += starts[c]
    place, in_order, latest = starts[:-1].copy(), True, -FAR
    to = np.empty(np.max(bounds[:, p + 1] - bounds[:, p]), dtype=np.uint32)
    for k in range(chunks):
        begin, n = bounds[k, p], bounds[k, p + 1] - bounds[k, p]
        record = halves_at(records[k], bounds[k, -1], np.sum(halves[k]))[begin : begin + n]
        owner = bytes_at(owners[k], bounds[k, -1])[begin : begin + n]
        for i in range(n):
            c = int(owner[i])
            to[i] = place[c]
            place[c] += 1
        word, f = 0, 0
        while f < width:
            if f + 4 <= width and max(halves[k, f], halves[k, f + 1], halves[k, f + 2], halves[k, f + 3]) <= 2:
                word, f = _four_fields(record, word, lows[k, f : f + 4], halves[k, f : f + 4], to, f, out), f + 4
            else:
                _one_field(record, word, lows[k, f], halves[k, f], to, f, out)
                word, f = word + int(halves[k, f]), f + 1
        for i in range(n):
            at = out[to[i], 0]
            in_order &= at >= latest
            latest = at
    if not in_order:  # what came in order of time needs no look at each customer
        for c in range(count):
            _sort_customer(out[starts[c] : starts[c + 1]])


@compiled
def _sort_customer(records: Int64s) -> None:
    """Sort one customer's records by time (stable), unless they are."""
    in_order = True
    for i in range(1, records.shape[0]):
        in_order &= records[i, 0] >= records[i - 1, 0]
    if in_order:
        return
    order, copy = np.argsort(records[:, 0].copy(), kind="mergesort"), records.copy()
    for i in range(records.shape[0]):
        for f in range(records.shape[1]):
            records[i, f] = copy[order[i], f]


@compiled
def _four_fields(record: Halves, word: int, low: Int64s, halves: Int64s, to: Places, f: int, out: Int64s) -> int:
    """Write four fields of at most two words each: a record's line is in the cache once, as in `spread`.

    Returns the word after theirs. A field of one word reads it twice, the second time to no effect. What could be an
    array is numbers: where a batch spreads over a million customers, an array costs as much as its records do.
    """
    low_a, low_b, low_c, low_d = low
    more_a, more_b, more_c, more_d = halves[0] - 1, halves[1] - 1, halves[2] - 1, halves[3] - 1
    a = word
    b = a + more_a + 1
    c = b + more_b + 1
    d = c + more_c + 1
    mask_a, mask_b = more_a * 0xFFFF0000, more_b * 0xFFFF0000
    mask_c, mask_d = more_c * 0xFFFF0000, more_d * 0xFFFF0000
    for i in range(record.shape[0]):
        row = to[i]
        out[row, f] = low_a + (record[i, a] | (np.int64(record[i, a + more_a]) << 16 & mask_a))
        out[row, f + 1] = low_b + (record[i, b] | (np.int64(record[i, b + more_b]) << 16 & mask_b))
        out[row, f + 2] = low_c + (record[i, c] | (np.int64(record[i, c + more_c]) << 16 & mask_c))
        out[row, f + 3] = low_d + (record[i, d] | (np.int64(record[i, d + more_d]) << 16 & mask_d))
    return int(d + more_d + 1)


@compiled
def _one_field(record: Halves, word: int, low: int, halves: int, to: Places, f: int, out: Int64s) -> None:
    """Write one field of any number of words."""
    for i in range(record.shape[0]):
        value = np.int64(0)
        for half in range(halves):
            value |= np.int64(record[i, word + half]) << 16 * half
        out[to[i], f] = low + value
