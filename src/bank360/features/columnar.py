"""The kernel's columns: all features of some rows at once, output by output, over the events of their customers.

`kernel.py` says which events a row may see and where its windows lie; here are the ops. Every loop is long, over
contiguous memory, and without a branch on what an event is: that is what makes it fast.

Sums are exact integers: no order of addition, split of the input or route can change a bit. They run on from one
customer to the next modulo 2**64, differences are exact all the same. Squares too large for that are kept as
``(a * 2**20 + b)**2`` in three sums. `exact.std` and the divisions below are the one finalize.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled
from bank360.features.exact import std
from bank360.features.ops import Op

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]

COUNT, SUM, MEAN, STD, MIN, MAX, LAST, SINCE_LAST, SINCE_FIRST, DISTINCT, ACTIVE_DAYS = range(11)
OP_CODES: dict[Op, int] = {op: code for code, op in enumerate(Op)}  # in the order of the line above
# Columns of the measure table and of the output table that `compute.py` fills.
M_WORD, M_BIT, M_VALUE, M_TOKEN, M_SIGN, M_FIRST, M_END, M_OPS = range(8)
O_OP, O_WINDOW, O_COLUMN, O_TIMED = range(4)
READS_VALUES = (1 << SUM) | (1 << MEAN) | (1 << STD) | (1 << MIN) | (1 << MAX) | (1 << LAST)
LOW20 = (1 << 20) - 1
BLOCK = 32  # groups computed together: what is touched stays in the processor's cache
TOP = 10  # the table of largest values goes up to ranges of 2**TOP
LEVELS = np.array([0, *(int(width).bit_length() - 1 for width in range(1, (1 << TOP) + 1))], dtype=np.int8)
FITS = float(1 << 62)  # what is below fits 64 bits, its rounding as a double included


class Rows(NamedTuple):
    """Rows to compute.

    ``low`` and ``high`` are each window's range of events, shape ``(n_windows, rows)``, ``day`` the local day of as_of.
    A row of ``groups`` says of which customer of the desk (-1: none) which rows are, in order of as_of. ``a`` and
    ``b`` are room for the ranges of a measure's events.
    """

    low: Int32s
    high: Int32s
    day: Int64s
    groups: Int64s
    a: Int32s
    b: Int32s


class Desk(NamedTuple):
    """The events worked on, numbered from 0 customer by customer, and room for what is worked out about them.

    Customer c has events ``customers[c]`` to ``customers[c + 1]``.
    """

    customers: Int64s
    flags: Int64s
    before: Int32s
    chosen: Int64s
    values: Int64s
    sums: Int64s
    squares: Int64s
    parts: Int64s
    best: Doubles
    pairs: Int32s
    pair_starts: Int64s
    table: Int64s


@compiled
def room_for_rows(n_windows: int, rows: int) -> Rows:
    """Return room for up to ``rows`` rows and `BLOCK` groups."""
    low, high = np.empty((n_windows, rows), dtype=np.int32), np.empty((n_windows, rows), dtype=np.int32)
    return Rows(
        low, high, np.empty(rows, dtype=np.int64), np.empty((BLOCK, 3), dtype=np.int64),
        np.empty(rows, dtype=np.int32), np.empty(rows, dtype=np.int32),
    )  # fmt: skip


@compiled
def desk_for(events: int, longest: int) -> Desk:
    """Return room for up to ``events`` events of `BLOCK` customers, of whom nobody has more than ``longest``."""
    slots, levels, n = 8, 1, events + 1
    while slots < 8 * longest:
        slots *= 2
    while 1 << levels <= min(longest, 1 << TOP):
        levels += 1
    return Desk(
        np.zeros(BLOCK + 1, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int32),
        np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64),
        np.empty(n, dtype=np.int64), np.empty((2, n), dtype=np.int64), np.empty((levels, n), dtype=np.float64),
        np.empty((2, n), dtype=np.int32),
        np.zeros(BLOCK + 1, dtype=np.int64), np.zeros((slots, 3), dtype=np.int64),
    )  # fmt: skip


@compiled
def values_of(
    records: Int64s, day_field: int, flag_field: int, rows: Rows, n_groups: int, n_rows: int, n_customers: int,
    measures: Int64s, outputs: Int64s, desk: Desk, stamp: int, block: Doubles, offset: int, hidden: Doubles, out: int,
) -> int:  # fmt: skip
    """Write all outputs of the rows over the records of the customers; return the last stamp of the hash table."""
    word, flags, customers = -1, desk.flags[: records.shape[0]], desk.customers[: n_customers + 1]
    a, b = rows.a[:n_rows], rows.b[:n_rows]
    longest = 0
    for c in range(n_customers):
        longest = max(longest, customers[c + 1] - customers[c])
    for m in range(measures.shape[0]):
        ops, value = measures[m, M_OPS], measures[m, M_VALUE]
        if measures[m, M_WORD] != word:
            word = measures[m, M_WORD]
            for i in range(flags.size):
                flags[i] = records[i, flag_field + word]
        n = 0
        if ops == 1 << COUNT:
            _count(flags, measures[m, M_BIT], desk.before)
        else:
            n = _choose(flags, measures[m, M_BIT], desk.before, desk.chosen)
        largest = _read(records, value, measures[m, M_SIGN], n, desk) if ops & READS_VALUES else 0
        whole = float(longest) * float(largest) * float(largest) < FITS
        if ops & (1 << STD):
            _square(desk.values[:n], whole, desk.squares, desk.parts)
        if ops & (1 << DISTINCT):
            stamp = _link(records, measures[m, M_TOKEN], customers, desk, stamp)
        window, tabled, levels = -1, 0, 0
        for o in range(measures[m, M_FIRST], measures[m, M_END]):
            if outputs[o, O_WINDOW] != window:
                window = outputs[o, O_WINDOW]
                for r in range(n_rows):
                    a[r] = desk.before[rows.low[window, r]]
                    b[r] = desk.before[rows.high[window, r]]
            op = outputs[o, O_OP]
            target = target_of(outputs[o, O_COLUMN], block, offset, hidden, out, n_rows)
            if op == COUNT:
                for r in range(n_rows):
                    target[r] = b[r] - a[r]
            elif op == SUM:
                for r in range(n_rows):
                    target[r] = desk.sums[b[r]] - desk.sums[a[r]]
            elif op == MEAN:
                for r in range(n_rows):  # 0 / 0 is NaN: no events, no mean
                    target[r] = float(desk.sums[b[r]] - desk.sums[a[r]]) / float(b[r] - a[r])
            elif op == STD:
                _deviation(a, b, desk, whole, target)
            elif op in (MAX, MIN):
                sign = 1 if op == MAX else -1
                levels = _tabulate(desk.values[:n], sign, levels if sign == tabled else 0, np.max(b - a), desk.best)
                tabled = sign
                _largest(a, b, desk.best, sign, target)
            elif op == LAST:
                _last(a, b, records, desk, target)
            elif op == DISTINCT:
                _distinct(a, b, rows.groups[:n_groups], desk, target)
            elif op == ACTIVE_DAYS:
                _active_days(a, b, records, day_field, n, desk, target)
            else:
                for r in range(n_rows):
                    at = desk.chosen[b[r] - 1 if op == SINCE_LAST else a[r]] if a[r] < b[r] else -1
                    target[r] = rows.day[r] - records[at, day_field] if at >= 0 else np.nan
    return stamp


@compiled
def target_of(column: int, block: Doubles, offset: int, hidden: Doubles, out: int, rows: int) -> Doubles:
    """Return where the rows' values of one output go."""
    if column < block.shape[0]:
        return block[column, offset : offset + rows]
    return hidden[column - block.shape[0], out : out + rows]


@compiled
def _choose(flags: Int64s, bit: int, before: Int32s, chosen: Int64s) -> int:
    """Write the events that count for a measure, and how many come before each event; return how many."""
    n = 0
    for i in range(flags.size):
        before[i] = n
        chosen[n] = i
        n += (flags[i] >> bit) & 1
    before[flags.size] = n
    return n


@compiled
def _count(flags: Int64s, bit: int, before: Int32s) -> None:
    """Write how many events that count for a measure come before each event."""
    n = np.int32(0)
    for i in range(flags.size):
        before[i] = n
        n += np.int32((flags[i] >> bit) & 1)
    before[flags.size] = n


@compiled
def _read(records: Int64s, value: int, sign: int, n: int, desk: Desk) -> int:
    """Write the values of the chosen records (1 where there is none to read) and running sums; return the largest."""
    largest, total = 0, 0
    desk.sums[0] = 0
    for k in range(n):
        one = sign * records[desk.chosen[k], value] if value >= 0 else 1
        desk.values[k] = one
        total += one
        desk.sums[k + 1] = total
        largest = max(largest, abs(one))
    return largest


@compiled
def _square(values: Int64s, whole: bool, squares: Int64s, parts: Int64s) -> None:
    """Write running sums of squares: ``whole``, or of ``(a * 2**20 + b)**2`` the sums of a*a, a*b and b*b."""
    squares[0], parts[0, 0], parts[1, 0] = 0, 0, 0
    if whole:
        for k in range(values.size):
            squares[k + 1] = squares[k] + values[k] * values[k]
        return
    for k in range(values.size):
        size = abs(values[k])
        upper, lower = size >> 20, size & LOW20
        parts[0, k + 1] = parts[0, k] + upper * upper
        parts[1, k + 1] = parts[1, k] + upper * lower
        squares[k + 1] = squares[k] + lower * lower


@compiled
def _deviation(a: Int32s, b: Int32s, desk: Desk, whole: bool, target: Doubles) -> None:
    """Write the standard deviations; what does not fit 64 bits is done again by `exact.std`."""
    most = 0.0
    for r in range(a.size):
        n, total = np.int64(b[r] - a[r]), desk.sums[b[r]] - desk.sums[a[r]]
        squares = desk.squares[b[r]] - desk.squares[a[r]]
        target[r] = np.sqrt(float(n * squares - total * total)) / float(n)
        most = max(most, float(n) * float(squares))
    if whole and most < FITS:
        return
    for r in range(a.size):
        events, total = int(b[r] - a[r]), desk.sums[b[r]] - desk.sums[a[r]]
        squares, upper, cross = desk.squares[b[r]] - desk.squares[a[r]], 0, 0
        if not whole:
            upper = desk.parts[0, b[r]] - desk.parts[0, a[r]]
            cross = desk.parts[1, b[r]] - desk.parts[1, a[r]]
        if not whole or float(events) * float(squares) >= FITS:
            target[r] = std(events, total, upper, cross, squares)


@compiled
def _tabulate(values: Int64s, sign: int, level: int, widest: int, best: Doubles) -> int:
    """Write the largest (sign -1: minus the smallest) of the 1, 2, 4, ... values from each on; return how many levels.

    Levels below ``level`` stand already; those for ranges up to ``widest`` are added. Values are exact as doubles.
    """
    while level == 0 or (level <= TOP and 1 << level <= widest):
        longer = best[level]
        if level == 0:
            for k in range(values.size):
                longer[k] = sign * values[k]
        else:
            half = 1 << (level - 1)
            first, second = best[level - 1, : values.size - 2 * half + 1], best[level - 1, half:]
            for k in range(first.size):
                longer[k] = first[k] if first[k] > second[k] else second[k]
        level += 1
    return level


@compiled
def _largest(a: Int32s, b: Int32s, best: Doubles, sign: int, target: Doubles) -> None:
    """Write the largest (sign -1: smallest) value of each range, NaN of an empty one."""
    for r in range(a.size):
        if a[r] == b[r]:
            target[r] = np.nan
            continue
        level = LEVELS[min(b[r] - a[r], 1 << TOP)]
        found = max(best[level, a[r]], best[level, b[r] - (1 << level)])
        for k in range(a[r] + (1 << TOP), b[r] - (1 << TOP), 1 << TOP):  # of a range longer than the table's
            found = max(found, best[TOP, k])
        target[r] = sign * found


@compiled
def _last(a: Int32s, b: Int32s, records: Int64s, desk: Desk, target: Doubles) -> None:
    """Write the value of the last event; of several at the same moment the largest, whatever their order."""
    for r in range(a.size):
        if a[r] == b[r]:
            target[r] = np.nan
            continue
        k = b[r] - 1
        at, best = records[desk.chosen[k], 0], desk.values[k]
        while k > a[r] and records[desk.chosen[k - 1], 0] == at:
            k -= 1
            best = max(best, desk.values[k])
        target[r] = best


@compiled
def _active_days(a: Int32s, b: Int32s, records: Int64s, day_field: int, n: int, desk: Desk, target: Doubles) -> None:
    """Write how many local days have events; a window may cut the first event's day, which counts all the same."""
    changes = np.zeros(n + 1, dtype=np.int32)  # up to each event, how many came on another day than the one before
    for k in range(1, n):
        new = records[desk.chosen[k], day_field] != records[desk.chosen[k - 1], day_field]
        changes[k] = changes[k - 1] + (1 if new else 0)
    for r in range(a.size):
        target[r] = changes[b[r] - 1] - changes[a[r]] + 1 if a[r] < b[r] else 0


@compiled
def _distinct(a: Int32s, b: Int32s, groups: Int64s, desk: Desk, target: Doubles) -> None:
    """Write how many keys each range holds: its events, less its pairs of neighbours with the same key.

    The rows that hold both of a pair are consecutive, since windows move on with as_of: from the first that ends after
    the later one to the last that begins before the earlier one.
    """
    change = np.zeros(a.size + 1, dtype=np.int32)
    for g in range(groups.shape[0]):
        c, first, end = groups[g, 0], groups[g, 1], groups[g, 2]
        for q in range(desk.pair_starts[c], desk.pair_starts[c + 1] if c >= 0 else desk.pair_starts[c]):
            begin, close = _upto(b, first, end, desk.pairs[1, q]), _upto(a, first, end, desk.pairs[0, q])
            change[min(begin, close)] += 1
            change[close] -= 1
    held = 0
    for r in range(a.size):
        held += change[r]
        target[r] = b[r] - a[r] - held


@compiled
def _upto(ascending: Int32s, first: int, end: int, event: int) -> int:
    """Return the first of the rows ``first`` to ``end`` whose number is above ``event``; ``end`` if there is none."""
    while first < end:
        middle = (first + end) >> 1
        below = ascending[middle] <= event
        first = middle + 1 if below else first
        end = end if below else middle
    return first


@compiled
def _link(records: Int64s, token: int, customers: Int64s, desk: Desk, stamp: int) -> int:
    """Write the pairs of each customer's chosen events that are neighbours with the same key; return the next stamp.

    ``table`` is an open-addressing hash table whose rows are (stamp, key, last event): another stamp means free, so
    that it is never cleared; a short history uses its beginning only.
    """
    table, n = desk.table, 0
    for c in range(customers.size - 1):
        start, end = desk.before[customers[c]], desk.before[customers[c + 1]]
        stamp += 1
        slots = 8
        while slots < 8 * (end - start):
            slots *= 2
        mask = slots - 1
        for k in range(start, end):
            key = records[desk.chosen[k], token]
            h = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
            slot = np.int64(h >> np.uint64(32)) & mask
            while table[slot, 0] == stamp and table[slot, 1] != key:
                slot = (slot + 1) & mask
            desk.pairs[0, n], desk.pairs[1, n] = table[slot, 2], k
            n += table[slot, 0] == stamp
            table[slot, 0], table[slot, 1], table[slot, 2] = stamp, key, k
        desk.pair_starts[c + 1] = n
    return stamp
