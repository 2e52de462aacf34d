"""The one arithmetic: packed records -> values at each as_of, for snapshots, training sets and one request.

A *group* is one customer and some of their spine rows in order of as_of. Per group:

1. The edges of all windows of all rows, sorted (``edges``), cut the sorted events; rows and windows become pairs of
   edge numbers. Groups with the same rows (a month-end spine over everyone) share this.
2. Per measure the events that count for it are put side by side; ``upto[e]`` says how many lie before edge e, so a
   window is a contiguous range ``[a, b)`` of them. Prefix sums answer COUNT, SUM, MEAN and STD by one subtraction;
   the range's ends answer LAST and DAYS_SINCE; MIN and MAX run over the range. A visit counts as DISTINCT in a range
   exactly when the previous visit with the same key (``previous``) lies before it.
3. The side path: a row that must not see some event in its reach (known or superseded in the wrong order) is computed
   again by the same code on a copy of the events that it sees. Such rows are few; the common path never asks.
4. Date-only events never count for features that need the time of day: packing gave them no such bit. Where a row sees
   dates only (``_dates_only``), these features have no value.

Sums are exact integers: squares are kept as ``(a * 2**20 + b)**2`` in three sums, so that no order of addition, split
of the input or route can change a bit. `exact.std` and the divisions below are the one finalize.
"""

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
LOW20 = (1 << 20) - 1


@compiled
def fill(
    records: Int64s, starts: Int64s, late_starts: Int64s, known: Int64s, superseded: Int64s,
    date_only: Int64s, stands_from: Int64s, day_field: int, flag_field: int,
    groups: Int64s, as_of: Int64s, as_day: Int64s, low: Int64s, high: Int64s, measures: Int64s, outputs: Int64s,
    block: Doubles, offset: int, hidden: Doubles,
) -> None:  # fmt: skip
    """Write the values of one partition's groups into ``block`` from column ``offset`` on, and into ``hidden``.

    Parameters
    ----------
    records, starts, late_starts, known, superseded, date_only, stands_from
        A `history.Partition`.
    day_field, flag_field
        Positions in a record, from the layout.
    groups
        Per group: customer in the partition (-1: no history), first row, row after the last, where they are written;
        shape ``(n_groups, 4)``.
    as_of, as_day
        Instant and local day of each row, ascending within a group.
    low, high
        Window edges ``[low, high)`` in units of ``at``, shape ``(n_windows, n_rows)``.
    measures, outputs
        What to compute; see the column constants above.
    block, hidden
        Results, shapes ``(n_visible, n_all_rows)`` and ``(n_hidden, n_rows)``: outputs from number n_visible on are
        hidden, read by derived features only.
    """
    n_windows = low.shape[0]
    any_timed = np.any(outputs[:, O_TIMED] != 0)
    most, longest, late_most = 1, 0, 0
    for g in range(groups.shape[0]):
        most = max(most, groups[g, 2] - groups[g, 1])
        c = groups[g, 0]
        if c >= 0:
            longest = max(longest, starts[c + 1] - starts[c])
            late_most = max(late_most, late_starts[c + 1] - late_starts[c])
    edges = np.empty(2 * n_windows * most, dtype=np.int64)
    low_edge = np.empty((n_windows, most), dtype=np.int32)
    high_edge = np.empty((n_windows, most), dtype=np.int32)
    one_low_edge = np.empty((n_windows, 1), dtype=np.int32)
    one_high_edge = np.empty((n_windows, 1), dtype=np.int32)
    one_edges = np.empty(2 * n_windows, dtype=np.int64)
    position = np.empty(2 * n_windows * most, dtype=np.int64)
    upto = np.empty(2 * n_windows * most, dtype=np.int64)
    a = np.empty(most, dtype=np.int64)
    b = np.empty(most, dtype=np.int64)
    scratch = np.empty((7, longest + 1), dtype=np.int64)
    chosen = np.empty(longest, dtype=np.int64)
    previous = np.empty(longest, dtype=np.int32)
    slots = 4
    while slots < 2 * longest:
        slots *= 2
    table = np.zeros((slots, 3), dtype=np.int64)
    seen = np.empty((longest if late_most else 0, records.shape[1]), dtype=np.int64)
    dirty = np.zeros(most, dtype=np.bool_)
    stamp = 0
    n_edges, plan_first, plan_end = 0, -1, -1
    for g in range(groups.shape[0]):
        c, first, end, out = groups[g, 0], groups[g, 1], groups[g, 2], groups[g, 3]
        if first != plan_first or end != plan_end:
            n_edges = _cut(low, high, first, end, edges, low_edge, high_edge)
            plan_first, plan_end = first, end
        start, stop = (starts[c], starts[c + 1]) if c >= 0 else (0, 0)
        stamp = _values(
            records, start, stop, day_field, flag_field, first, end, as_day, edges, n_edges, low_edge, high_edge,
            measures, outputs, position, upto, a, b, scratch, chosen, previous, table, stamp, block, offset,
            hidden, out,
        )  # fmt: skip
        if c < 0:
            continue
        late = late_starts[c]
        if late_starts[c + 1] > late and _mark_dirty(
            records, start, stop, flag_field, late, known, superseded, first, end, as_of, low, high, dirty
        ):
            for r in range(first, end):
                if not dirty[r - first]:
                    continue
                n = _copy_seen(records, start, stop, flag_field, late, known, superseded, as_of[r], seen)
                one = _cut(low, high, r, r + 1, one_edges, one_low_edge, one_high_edge)
                stamp = _values(
                    seen, 0, n, day_field, flag_field, r, r + 1, as_day, one_edges, one, one_low_edge, one_high_edge,
                    measures, outputs, position, upto, a, b, scratch, chosen, previous, table, stamp, block,
                    offset, hidden, out + r - first,
                )  # fmt: skip
        for r in range(first, end if any_timed else first):
            if stands_from[c, 0] < as_of[r]:
                break  # an event with a time of day is visible from here on: rows are in order of as_of
            if _dates_only(late, late_starts[c + 1], known, superseded, date_only, stands_from[c, 1], as_of[r]):
                for o in range(outputs.shape[0]):
                    if outputs[o, O_TIMED]:
                        column = outputs[o, O_COLUMN]
                        if column < block.shape[0]:
                            block[column, offset + out + r - first] = np.nan
                        else:
                            hidden[column - block.shape[0], out + r - first] = np.nan


@compiled
def _cut(low: Int64s, high: Int64s, first: int, end: int, edges: Int64s, low_edge: Int32s, high_edge: Int32s) -> int:
    """Write the sorted distinct edges of rows ``first`` to ``end`` and each window's edge numbers; return how many."""
    n = 0
    for w in range(low.shape[0]):
        for r in range(first, end):
            edges[n] = low[w, r]
            edges[n + 1] = high[w, r]
            n += 2
    edges[:n].sort()
    distinct = 0
    for i in range(n):
        if i == 0 or edges[i] != edges[distinct - 1]:
            edges[distinct] = edges[i]
            distinct += 1
    for w in range(low.shape[0]):
        for r in range(first, end):
            low_edge[w, r - first] = np.searchsorted(edges[:distinct], low[w, r])
            high_edge[w, r - first] = np.searchsorted(edges[:distinct], high[w, r])
    return distinct


@compiled
def _mark_dirty(
    records: Int64s, start: int, stop: int, flag_field: int, late: int, known: Int64s, superseded: Int64s,
    first: int, end: int, as_of: Int64s, low: Int64s, high: Int64s, dirty: npt.NDArray[np.bool_],
) -> bool:  # fmt: skip
    """Mark the rows that must not see some event in the reach of their windows; return whether there are any."""
    found = False
    dirty[: end - first] = False
    for i in range(start, stop):
        if not (records[i, flag_field] >> 62) & 1:
            continue
        at = records[i, 0]
        for r in range(first, end):
            if known[late] >= as_of[r] or superseded[late] < as_of[r]:
                for w in range(low.shape[0]):
                    if low[w, r] <= at < high[w, r]:
                        dirty[r - first] = True
                        found = True
                        break
            elif superseded[late] >= as_of[end - 1]:
                break  # seen from here on: rows are in order of as_of
        late += 1
    return found


@compiled
def _dates_only(
    late: int, late_end: int, known: Int64s, superseded: Int64s, date_only: Int64s, dates_from: int, as_of: int
) -> bool:
    """Return whether all that is visible of a customer is dates; no event with a time that stands is visible yet."""
    dates = dates_from < as_of
    for i in range(late, late_end):
        if known[i] < as_of <= superseded[i]:
            if not date_only[i]:
                return False
            dates = True
    return dates


@compiled
def _copy_seen(
    records: Int64s, start: int, stop: int, flag_field: int, late: int, known: Int64s, superseded: Int64s,
    as_of: int, seen: Int64s,
) -> int:  # fmt: skip
    """Copy the events visible at ``as_of``: known before it, and not superseded before it; return how many."""
    n = 0
    for i in range(start, stop):
        if (records[i, flag_field] >> 62) & 1:
            visible = known[late] < as_of and superseded[late] >= as_of
            late += 1
            if not visible:
                continue
        for f in range(records.shape[1]):
            seen[n, f] = records[i, f]
        n += 1
    return n


@compiled
def _values(
    records: Int64s, start: int, stop: int, day_field: int, flag_field: int, first: int, end: int, as_day: Int64s,
    edges: Int64s, n_edges: int, low_edge: Int32s, high_edge: Int32s, measures: Int64s, outputs: Int64s,
    position: Int64s, upto: Int64s, a: Int64s, b: Int64s, scratch: Int64s, chosen: Int64s, previous: Int32s,
    table: Int64s, stamp: int, block: Doubles, offset: int, hidden: Doubles, out: int,
) -> int:  # fmt: skip
    """Write all outputs of one group over ``records[start:stop]``; return the next free stamp of the hash table."""
    i = start
    for e in range(n_edges):
        while i < stop and records[i, 0] < edges[e]:
            i += 1
        position[e] = i
    rows = end - first
    values, sums, high_squares, cross = scratch[0], scratch[1], scratch[2], scratch[3]
    low_squares, days, suffix = scratch[4], scratch[5], scratch[6]
    for m in range(measures.shape[0]):
        ops = measures[m, M_OPS]
        word, bit, sign = flag_field + measures[m, M_WORD], measures[m, M_BIT], measures[m, M_SIGN]
        n = 0
        i = position[0]
        for e in range(n_edges):
            to = position[e]
            while i < to:
                chosen[n] = i
                n += (records[i, word] >> bit) & 1
                i += 1
            upto[e] = n
        value = measures[m, M_VALUE]
        if ops & ((1 << SUM) | (1 << MEAN) | (1 << STD) | (1 << MIN) | (1 << MAX) | (1 << LAST)):
            if value >= 0:
                for k in range(n):
                    values[k] = sign * records[chosen[k], value]
            else:
                values[:n] = 1
            total = 0
            sums[0] = 0
            for k in range(n):
                total += values[k]
                sums[k + 1] = total
        if ops & (1 << STD):
            high_squares[0], cross[0], low_squares[0] = 0, 0, 0
            for k in range(n):
                size = abs(values[k])
                upper, lower = size >> 20, size & LOW20
                high_squares[k + 1] = high_squares[k] + upper * upper
                cross[k + 1] = cross[k] + upper * lower
                low_squares[k + 1] = low_squares[k] + lower * lower
        if ops & (1 << ACTIVE_DAYS):
            days[0] = 0
            for k in range(n):
                new = k == 0 or records[chosen[k], day_field] != records[chosen[k - 1], day_field]
                days[k + 1] = days[k] + (1 if new else 0)
        if ops & (1 << DISTINCT):
            stamp += 1
            _link(records, chosen, n, measures[m, M_TOKEN], previous, table, stamp)
        window = -1
        for o in range(measures[m, M_FIRST], measures[m, M_END]):
            if outputs[o, O_WINDOW] != window:
                window = outputs[o, O_WINDOW]
                for r in range(rows):
                    a[r] = upto[low_edge[window, r]]
                    b[r] = upto[high_edge[window, r]]
            op = outputs[o, O_OP]
            column = outputs[o, O_COLUMN]
            if column < block.shape[0]:
                target = block[column, offset + out : offset + out + rows]
            else:
                target = hidden[column - block.shape[0], out : out + rows]
            if op == COUNT:
                for r in range(rows):
                    target[r] = b[r] - a[r]
            elif op == SUM:
                for r in range(rows):
                    target[r] = sums[b[r]] - sums[a[r]]
            elif op == MEAN:
                for r in range(rows):  # 0 / 0 is NaN: no events, no mean
                    target[r] = float(sums[b[r]] - sums[a[r]]) / float(b[r] - a[r])
            elif op == STD:
                for r in range(rows):
                    i, k = a[r], b[r]
                    target[r] = std(
                        k - i, sums[k] - sums[i], high_squares[k] - high_squares[i], cross[k] - cross[i],
                        low_squares[k] - low_squares[i],
                    )  # fmt: skip
            elif op == MAX:
                _largest(values, a, b, rows, 1, suffix, target)
            elif op == MIN:
                _largest(values, a, b, rows, -1, suffix, target)
            elif op == LAST:
                for r in range(rows):
                    if a[r] == b[r]:
                        target[r] = np.nan
                    else:
                        k = b[r] - 1
                        at, best = records[chosen[k], 0], values[k]
                        while k > a[r] and records[chosen[k - 1], 0] == at:
                            k -= 1
                            best = max(best, values[k])
                        target[r] = best
            elif op in (SINCE_LAST, SINCE_FIRST):
                for r in range(rows):
                    if a[r] == b[r]:
                        target[r] = np.nan
                    else:
                        k = b[r] - 1 if op == SINCE_LAST else a[r]
                        target[r] = as_day[first + r] - records[chosen[k], day_field]
            elif op == DISTINCT:
                for r in range(rows):
                    target[r] = _below(previous[a[r] : b[r]], a[r])
            else:  # ACTIVE_DAYS: a window may cut the first event's day, which then counts all the same
                for r in range(rows):
                    target[r] = 0 if a[r] == b[r] else days[b[r]] - days[a[r] + 1] + 1
    return stamp


@compiled
def _largest(values: Int64s, a: Int64s, b: Int64s, rows: int, sign: int, suffix: Int64s, target: Doubles) -> None:
    """Write the largest (sign -1: the smallest) of each row's range; NaN of an empty one.

    Both ends of the ranges ascend. Up to ``middle`` the largest of what is left of it stands in ``suffix``, from there
    on one running value suffices; each event is looked at twice however many ranges hold it (a queue of two stacks).
    """
    middle, done = 0, 0
    running = np.int64(0)  # of values[middle:done], where that is not empty
    for r in range(rows):
        low, high = a[r], b[r]
        if low == high:
            target[r] = np.nan
            continue
        if low >= middle:
            middle = done = high
            best = sign * values[high - 1]
            for k in range(high - 1, low - 1, -1):
                best = max(best, sign * values[k])
                suffix[k] = best
        if done < high:
            if done == middle:
                running = sign * values[middle]
            for k in range(done, high):
                running = max(running, sign * values[k])
            done = high
        best = suffix[low]
        if done > middle:
            best = max(best, running)
        target[r] = sign * best


@compiled
def _below(previous: Int32s, first: int) -> int:
    """Return how many of the events are the first with their key since event ``first``."""
    fresh, before = 0, np.int32(first)
    for index in previous:
        fresh += index < before
    return fresh


@compiled
def _link(records: Int64s, chosen: Int64s, n: int, token: int, previous: Int32s, table: Int64s, stamp: int) -> None:
    """Write for each event the number of the previous one with the same key, -1 for the first.

    ``table`` is an open-addressing hash table whose rows are (stamp, key, last event): another stamp means free, so
    that it is never cleared.
    """
    mask = np.uint64(table.shape[0] - 1)
    for k in range(n):
        key = records[chosen[k], token]
        h = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
        slot = np.int64((h ^ (h >> np.uint64(32))) & mask)
        while table[slot, 0] == stamp and table[slot, 1] != key:
            slot = (slot + 1) & np.int64(mask)
        previous[k] = table[slot, 2] if table[slot, 0] == stamp else -1
        table[slot, 0], table[slot, 1], table[slot, 2] = stamp, key, k
