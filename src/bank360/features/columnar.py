"""The kernel's columns: all features of some rows at once, output by output, over the events of their customers.

`kernel.py` says which events a row may see, `windows.py` where its windows lie; here are the ops. Every loop is long,
over contiguous memory, and without a branch on what an event is: that is what makes it fast. What is looked up by place
(running sums at a window's ends) and what is worked out from it are loops of their own, since the compiler does eight
of the latter at once. Places are unsigned: signed ones would each be tested for counting from the end.

Sums are exact integers (`running_sums.py`); the divisions below and `exact.std` are the one finalize.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled
from bank360.features.derive import derive
from bank360.features.distinct import Pairs, count_keys, link, room_for_pairs
from bank360.features.extremes import largest_of, levels_for, look_through, scan_is_cheaper, tabulate
from bank360.features.modes import Tally, count_mode, name_keys, room_for_tally
from bank360.features.ops import Op
from bank360.features.running_sums import FITS, add_up, add_up_squares, deviate, difference, look_up
from bank360.features.windows import Plan

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]
Doubles = npt.NDArray[np.float64]

COUNT, SUM, MEAN, STD, MIN, MAX, LAST, SINCE_LAST, SINCE_FIRST, DISTINCT, ACTIVE_DAYS, MODE_COUNT = range(12)
OP_CODES: dict[Op, int] = {op: code for code, op in enumerate(Op)}  # in the order of the line above
# Columns of the measure table and of the output table that `programs.py` fills. Outputs after those of all measures
# are derived: their op is a kind of `derive.py`, the last three columns are theirs (the factor as a double's bits).
M_WORD, M_BIT, M_VALUE, M_TOKEN, M_SIGN, M_FIRST, M_END, M_OPS = range(8)
O_OP, O_WINDOW, O_COLUMN, O_TIMED, O_FIRST, O_SECOND, O_FACTOR = range(7)
READS_SUMS = (1 << SUM) | (1 << MEAN) | (1 << STD)
READS_VALUES = READS_SUMS | (1 << MIN) | (1 << MAX) | (1 << LAST)
READS_KEYS = (1 << DISTINCT) | (1 << MODE_COUNT)
BLOCK = 64  # groups computed together: what is touched stays in the processor's cache
LANES = 4  # counts that run in one word of 64 bits


class Rows(NamedTuple):
    """Rows to compute, and room for what is looked up for them.

    ``low`` and ``high`` are each window's range of events, shape ``(n_windows, rows)``; upper ends that several windows
    share stand in the first of them, ``ends[w]``. ``day`` is the local day of as_of. A row of ``groups`` says of which
    customer of the desk (-1: none) which rows are, in order of as_of. There may be room for more windows than used.
    """

    low: Places
    high: Places
    ends: Int64s
    day: Int64s
    groups: Int64s
    a: Places
    b: Places
    size: Int64s
    total: Int64s
    squares: Int64s
    total_at_end: Int64s
    squares_at_end: Int64s


class Desk(NamedTuple):
    """The events worked on, numbered from 0 customer by customer, and room for what is worked out about them.

    Customer c has events ``customers[c]`` to ``customers[c + 1]``; ``fields`` are the records', a row per field;
    ``all`` are the events' numbers.
    """

    customers: Int64s
    bounds: Int64s
    fields: Int64s
    segment: Int32s
    before: Places
    chosen: Int64s
    all: Int64s
    values: Int64s
    sums: Int64s
    squares: Int64s
    parts: Int64s
    best: Doubles
    pairs: Pairs
    tally: Tally


@compiled
def room_for_rows(n_windows: int, rows: int) -> Rows:
    """Return room for up to ``rows`` rows and `BLOCK` groups."""
    return Rows(
        np.empty((n_windows, rows), dtype=np.uint32), np.empty((n_windows, rows), dtype=np.uint32),
        np.arange(n_windows), np.empty(rows, dtype=np.int64), np.empty((BLOCK, 3), dtype=np.int64),
        np.empty(rows, dtype=np.uint32), np.empty(rows, dtype=np.uint32), np.empty(rows, dtype=np.int64),
        np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64), np.empty(rows, dtype=np.int64),
        np.empty(rows, dtype=np.int64),
    )  # fmt: skip


@compiled
def desk_for(width: int, events: int, longest: int, rows: int) -> Desk:
    """Return room for up to ``events`` events of `BLOCK` customers, of whom nobody has more than ``longest``."""
    n = events + 1
    return Desk(
        np.zeros(BLOCK + 1, dtype=np.int64), np.zeros(BLOCK + 1, dtype=np.int64), np.empty((width, n), dtype=np.int64),
        np.empty(n, dtype=np.int32), np.empty(n, dtype=np.uint32), np.empty(n, dtype=np.int64), np.arange(n),
        np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64),
        np.empty((2, n), dtype=np.int64), np.empty(levels_for(longest) * (n + 1), dtype=np.float64),
        room_for_pairs(events, longest, BLOCK, rows), room_for_tally(events, longest),
    )  # fmt: skip


@compiled
def values_of(
    n_events: int, n_customers: int, day_field: int, flag_field: int, rows: Rows, n_groups: int, n_rows: int,
    plan: Plan, measures: Int64s, outputs: Int64s, desk: Desk, block: Doubles, offset: int, hidden: Doubles,
) -> None:  # fmt: skip
    """Write all outputs of the rows over the customers' events, which lie in ``desk.fields``."""
    m = 0
    while m < measures.shape[0]:
        lanes = _only_counted(measures, m, n_events)
        flags, after = desk.fields[flag_field + measures[m, M_WORD], :n_events], m + max(lanes, 1)
        first, end = 0, n_events
        if n_groups == 1 and n_customers == 1:
            first, end = _reach(outputs[measures[m, M_FIRST] : measures[after - 1, M_END]], rows, n_rows, n_events)
        if lanes:
            _counts(flags, first, end, measures[m:after], outputs, rows, n_rows, desk, block, offset, hidden)
        else:
            _measure(
                flags, first, end, n_customers, day_field, measures[m], outputs, rows, n_groups, n_rows, plan, desk,
                block, offset, hidden,
            )  # fmt: skip
        m = after
    factors = outputs.view(np.float64)
    for o in range(measures[-1, M_END], outputs.shape[0]):
        derive(
            outputs[o, O_OP], _target(outputs[o, O_FIRST], block, offset, hidden, n_rows),
            _target(outputs[o, O_SECOND], block, offset, hidden, n_rows), factors[o, O_FACTOR],
            _target(outputs[o, O_COLUMN], block, offset, hidden, n_rows),
        )  # fmt: skip


@compiled
def _target(column: int, block: Doubles, offset: int, hidden: Doubles, rows: int) -> Doubles:
    """Return where the rows' values of one output go."""
    if column < block.shape[0]:
        return block[column, offset : offset + rows]
    return hidden[column - block.shape[0], :rows]


@compiled
def _reach(outputs: Int64s, rows: Rows, n_rows: int, n_events: int) -> tuple[int, int]:
    """Return the range of events that all windows of some outputs lie in; the rows are one group's, in their order.

    What lies before and after need not be looked at: most of a year, for a request that asks for an hour.
    """
    first, end = n_events, 0
    for o in range(outputs.shape[0]):
        w = outputs[o, O_WINDOW]
        first = min(first, int(np.int64(rows.low[w, 0])))
        end = max(end, int(np.int64(rows.high[rows.ends[w], n_rows - 1])))
    return first, end


@compiled
def _only_counted(measures: Int64s, first: int, n_events: int) -> int:
    """Return how many measures from ``first`` on, at most `LANES`, are only counted, by flags of the same word."""
    lanes = 0
    while (
        lanes < LANES
        and first + lanes < measures.shape[0]
        and measures[first + lanes, M_OPS] == 1 << COUNT
        and measures[first + lanes, M_WORD] == measures[first, M_WORD]
        and n_events < 1 << 16
    ):
        lanes += 1
    return lanes


@compiled
def _counts(
    flags: Int64s, first: int, close: int, measures: Int64s, outputs: Int64s, rows: Rows, n_rows: int, desk: Desk,
    block: Doubles, offset: int, hidden: Doubles,
) -> None:  # fmt: skip
    """Write the counts of some measures together: each runs in 16 bits of a word, of which differences are exact.

    Windows lie among the events ``first`` to ``close``; sums run from ``first`` on.
    """
    words, flags = desk.values[first:close], flags[first:close]
    words[:] = 0
    for lane in range(measures.shape[0]):
        bit, left = measures[lane, M_BIT], 16 * lane
        for i in range(flags.size):
            words[i] |= ((flags[i] >> bit) & 1) << left
    add_up(words, desk.sums[first:])
    end = -1
    for w in range(rows.low.shape[0]):
        found = False
        for lane in range(measures.shape[0]):
            for o in range(measures[lane, M_FIRST], measures[lane, M_END]):
                if outputs[o, O_WINDOW] != w:
                    continue
                if end != rows.ends[w]:
                    end = rows.ends[w]
                    look_up(desk.sums, rows.high[end, :n_rows], rows.total_at_end)
                if not found:
                    difference(rows.total_at_end, desk.sums, rows.low[w, :n_rows], rows.total)
                    found = True
                target, left = _target(outputs[o, O_COLUMN], block, offset, hidden, n_rows), 16 * lane
                for r in range(n_rows):
                    target[r] = (rows.total[r] >> left) & 0xFFFF


@compiled
def _measure(
    flags: Int64s, first: int, close: int, n_customers: int, day_field: int, measure: Int64s, outputs: Int64s,
    rows: Rows, n_groups: int, n_rows: int, plan: Plan, desk: Desk, block: Doubles, offset: int, hidden: Doubles,
) -> None:  # fmt: skip
    """Write the outputs of one measure, whose windows lie among the events ``first`` to ``close``."""
    ops, at, day = measure[M_OPS], desk.fields[0], desk.fields[day_field]
    n = _choose(flags, first, close, measure[M_BIT], desk.before, desk.chosen)
    every = n == flags.size
    chosen = desk.all if every else desk.chosen
    values, largest, longest = desk.values[:n], 0, 0
    if ops & READS_VALUES:
        there = measure[M_VALUE] >= 0
        largest = _read(desk.fields[max(measure[M_VALUE], 0)], there, measure[M_SIGN], every, chosen, values)
    for c in range(n_customers + 1):
        place = min(max(desk.customers[c], first), close)
        desk.bounds[c] = place if every else desk.before[place]
        longest = max(longest, desk.bounds[c] - desk.bounds[max(c - 1, 0)])
    if ops & READS_SUMS:
        add_up(values, desk.sums)
    reach = float(longest) * float(largest)
    whole = reach * float(largest) < FITS
    if ops & (1 << STD):
        add_up_squares(values, whole, desk.squares, desk.parts)
    if ops & READS_KEYS:
        link(desk.fields[measure[M_TOKEN]], chosen, desk.bounds, n_customers, desk.pairs)
    if ops & (1 << MODE_COUNT):
        name_keys(chosen, desk.bounds, n_customers, desk.pairs, desk.tally)
    size, total, squares = rows.size[:n_rows], rows.total[:n_rows], rows.squares[:n_rows]
    a, b = rows.a[:n_rows], rows.b[:n_rows]
    window, end, end_summed, end_squared, summed, tabled, levels = -1, -1, -1, -1, -1, 0, 0
    for o in range(measure[M_FIRST], measure[M_END]):
        op, w = outputs[o, O_OP], outputs[o, O_WINDOW]
        low, high = rows.low[w, :n_rows], rows.high[rows.ends[w], :n_rows]
        if w != window:
            window = w
            if every:
                a, b = low, high
            else:
                a, b = rows.a[:n_rows], rows.b[:n_rows]
                _translate(desk.before, low, a)
                if end != rows.ends[w]:
                    _translate(desk.before, high, b)
            end = rows.ends[w]
            for r in range(n_rows):
                size[r] = np.int64(b[r]) - np.int64(a[r])
        if (1 << op) & READS_SUMS and summed != w:
            if end_summed != end:
                look_up(desk.sums, b, rows.total_at_end)
                end_summed = end
            difference(rows.total_at_end, desk.sums, a, total)
            summed = w
        target = _target(outputs[o, O_COLUMN], block, offset, hidden, n_rows)
        if op == COUNT:
            for r in range(n_rows):
                target[r] = size[r]
        elif op == SUM:
            for r in range(n_rows):
                target[r] = total[r]
        elif op == MEAN:
            for r in range(n_rows):  # 0 / 0 is NaN: no events, no mean
                target[r] = float(total[r]) / float(size[r])
        elif op == STD:
            if end_squared != end:
                look_up(desk.squares, b, rows.squares_at_end)
                end_squared = end
            difference(rows.squares_at_end, desk.squares, a, squares)
            for r in range(n_rows):
                target[r] = np.sqrt(float(size[r] * squares[r] - total[r] * total[r])) / float(size[r])
            if not whole or reach * reach >= FITS:
                deviate(a, b, size, total, squares, whole, desk.parts, target)
        elif op in (MAX, MIN):
            sign = 1 if op == MAX else -1
            if scan_is_cheaper(size, n):
                look_through(a, b, values, sign, target)
                continue
            stands = levels if sign == tabled else 0
            levels = tabulate(values, sign, stands, int(np.max(size)), desk.best, desk.sums.size)
            tabled = sign
            largest_of(a, b, size, desk.best, desk.sums.size, sign, target)
        elif op == LAST:
            _last(a, b, at, chosen, values, target)
        elif op == DISTINCT:
            count_keys(low, high, size, rows.groups[:n_groups], desk.pairs, desk.segment, plan, w, target)
        elif op == MODE_COUNT:
            count_mode(a, b, rows.groups[:n_groups], chosen, desk.tally, target)
        elif op == ACTIVE_DAYS:
            _active_days(a, b, day, chosen[:n], target)
        else:
            for r in range(n_rows):
                k = chosen[b[r] - 1 if op == SINCE_LAST else a[r]] if a[r] < b[r] else -1
                target[r] = rows.day[r] - day[k] if k >= 0 else np.nan


@compiled
def _choose(flags: Int64s, first: int, close: int, bit: int, before: Places, chosen: Int64s) -> int:
    """Write which events of ``first`` to ``close`` count for a measure, and how many come before each; return how many.

    Where all events there are count, neither is written.
    """
    among, placed, n = flags[first:close], before[first : close + 1], 0
    for i in range(among.size):
        n += (among[i] >> bit) & 1
    if n == flags.size:
        return n
    n = 0
    for i in range(among.size):
        placed[i] = n
        chosen[n] = first + i
        n += (among[i] >> bit) & 1
    placed[among.size] = n
    return n


@compiled
def _read(field: Int64s, there: bool, sign: int, every: bool, chosen: Int64s, values: Int64s) -> int:
    """Write the values of the chosen events (1 where there is no field to read); return the largest size of one."""
    largest = 0
    if not there:
        values[:] = 1
        largest = min(values.size, 1)
    elif every:
        for k in range(values.size):
            values[k] = sign * field[k]
            largest = max(largest, abs(field[k]))
    else:
        for k in range(values.size):
            value = field[chosen[k]]
            values[k] = sign * value
            largest = max(largest, abs(value))
    return largest


@compiled
def _translate(before: Places, places: Places, found: Places) -> None:
    """Write places among the events that count, of places among all."""
    for r in range(places.size):
        found[r] = before[places[r]]


@compiled
def _last(a: Places, b: Places, at: Int64s, chosen: Int64s, values: Int64s, target: Doubles) -> None:
    """Write the value of the last event; of several at the same moment the largest, whatever their order."""
    for r in range(a.size):
        if a[r] == b[r]:
            target[r] = np.nan
            continue
        k = np.int64(b[r]) - 1
        moment, best = at[chosen[k]], values[k]
        while k > a[r] and at[chosen[k - 1]] == moment:
            k -= 1
            best = max(best, values[k])
        target[r] = best


@compiled
def _active_days(a: Places, b: Places, day: Int64s, chosen: Int64s, target: Doubles) -> None:
    """Write how many local days have events; a window may cut the first event's day, which counts all the same."""
    changes = np.zeros(
        chosen.size + 1, dtype=np.int32
    )  # how many events so far came on another day than the one before
    for k in range(1, chosen.size):
        changes[k] = changes[k - 1] + (1 if day[chosen[k]] != day[chosen[k - 1]] else 0)
    for r in range(a.size):
        target[r] = changes[b[r] - 1] - changes[a[r]] + 1 if a[r] < b[r] else 0
