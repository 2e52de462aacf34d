"""The one arithmetic: packed records -> values at each as_of, for snapshots, training sets and one request.

A *group* is one customer and some of their spine rows in order of as_of; some groups are computed together:

1. Each row's window is a range ``[low, high)`` of the customer's events (`windows.py`). Groups with the same rows (a
   month-end spine over everyone) share the plan of their edges.
2. Per measure the events that count for it are put side by side (``chosen``); ``before[i]`` says how many of them lie
   before event i, so a window is a contiguous range ``[a, b)`` of them. Running sums answer COUNT, SUM, MEAN and STD
   by one subtraction; the range's ends answer LAST and DAYS_SINCE; two overlapping ranges of a power of two of events
   answer MIN and MAX. DISTINCT are the events less the pairs of neighbours with the same key that the range holds;
   MODE_COUNT counts keys while the range moves on. That is `columnar.values_of`, with `running_sums.py`, `extremes.py`,
   `distinct.py`, `modes.py` and `derive.py`; the rest is here.
3. The side path: a row that must not see some event in its reach (known or superseded in the wrong order) is computed
   again by the same code on a copy of the events that it sees. Such rows are few; the common path never asks.
4. Date-only events never count for features that need the time of day: packing gave them no such bit. Where a row sees
   dates only (``_dates_only``), these features have no value.
"""

import numpy as np
import numpy.typing as npt

from bank360.features.columnar import (
    BLOCK,
    O_COLUMN,
    O_TIMED,
    Desk,
    Rows,
    desk_for,
    room_for_rows,
    values_of,
)
from bank360.features.compiled import compiled
from bank360.features.history import Partition
from bank360.features.layout import LATE
from bank360.features.windows import Plan, make_plan, place, place_all, room_for_plan

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]


@compiled
def fill(
    events: Partition, day_field: int, flag_field: int, groups: Int64s, as_of: Int64s, as_day: Int64s, low: Int64s,
    high: Int64s, measures: Int64s, outputs: Int64s, block: Doubles, offset: int, hidden: Doubles,
) -> None:  # fmt: skip
    """Write the values of one partition's groups into ``block`` from column ``offset`` on, and into ``hidden``.

    Parameters
    ----------
    events
        The partition.
    day_field, flag_field
        Positions in a record, from the layout.
    groups
        Per group: customer in the partition (-1: no history), first row, row after the last, where they are written
        (ascending, one after the other); shape ``(n_groups, 4)``. A customer's groups follow each other.
    as_of, as_day
        Instant and local day of each row, ascending within a group.
    low, high
        Window edges ``[low, high)`` in units of ``at``, shape ``(n_windows, n_rows)``.
    measures, outputs
        What to compute; see the column constants of `columnar.py`.
    block, hidden
        Results, shape ``(n_visible, n_all_rows)``, and room for outputs from number n_visible on, which only other
        outputs are derived from, shape ``(n_hidden, rows of any `BLOCK` groups)``.
    """
    most, most_rows, most_events, longest, late = 1, 0, 0, 0, False
    for g in range(0, groups.shape[0], BLOCK):
        n_rows, n_events, last = 0, 0, -1
        for c, first, end, _ in groups[g : g + BLOCK]:
            most = max(most, end - first)
            n_rows += end - first
            if c >= 0 and c != last:
                longest = max(longest, events.starts[c + 1] - events.starts[c])
                late |= events.late_starts[c + 1] > events.late_starts[c]
                n_events += events.starts[c + 1] - events.starts[c]
                last = c
        most_rows, most_events = max(most_rows, n_rows), max(most_events, n_events)
    plan, rows = room_for_plan(low.shape[0], most), room_for_rows(low.shape[0], most_rows)
    desk = desk_for(events.records.shape[1], most_events, longest, most_rows)
    fill_within(
        events, day_field, flag_field, groups, as_of, as_day, low, high, measures, outputs, block, offset, hidden,
        longest if late else 0, most, plan, rows, desk,
    )  # fmt: skip


@compiled
def fill_within(
    events: Partition, day_field: int, flag_field: int, groups: Int64s, as_of: Int64s, as_day: Int64s, low: Int64s,
    high: Int64s, measures: Int64s, outputs: Int64s, block: Doubles, offset: int, hidden: Doubles, longest: int,
    most: int, plan: Plan, rows: Rows, desk: Desk,
) -> None:  # fmt: skip
    """Do what `fill` does, in room that is there; see there.

    Parameters
    ----------
    longest
        The most events of one of the customers, 0 where none of them has a late one.
    most
        The most rows of a group.
    plan, rows, desk
        Room for as many windows, rows and events of `BLOCK` groups, or for more.
    """
    n_windows = low.shape[0]
    begins, closes = rows.low[:n_windows], rows.high[:n_windows]
    if groups.shape[0]:
        for w in range(n_windows):
            rows.ends[w] = _first_equal(high[:, groups[0, 1] : groups[-1, 2]], w)
    shared = groups.shape[0] > 1 and bool(np.all(groups[:, 1] == groups[0, 1]))
    for g in range(0, groups.shape[0], BLOCK):
        last, n_rows, n_events, n_customers, n_groups, taken, start, stop = -1, 0, 0, 0, 0, 0, 0, 0
        for c, first, end, _ in groups[g : g + BLOCK]:
            if c >= 0 and c != last:
                if events.starts[c] != stop:  # neighbours are taken together
                    taken += _take(events.records, start, stop, desk.fields, taken)
                    start = events.starts[c]
                stop = events.starts[c + 1]
                n_events += stop - events.starts[c]
                n_customers += 1
                desk.customers[n_customers] = n_events
                last = c
            rows.groups[n_groups] = n_customers - 1 if c >= 0 else -1, n_rows, n_rows + end - first
            rows.day[n_rows : n_rows + end - first] = as_day[first:end]
            n_rows += end - first
            n_groups += 1
        _take(events.records, start, stop, desk.fields, taken)
        at = desk.fields[0, :n_events]
        if shared:
            if g == 0:
                make_plan(low, high, groups[0, 1], groups[0, 2], True, plan)
            place_all(at, desk.customers, rows.groups[:n_groups], plan, rows.ends, begins, closes, desk.segment)
        else:
            for k in range(n_groups):
                c, out, _ = rows.groups[k]
                base, close = (desk.customers[c], desk.customers[c + 1]) if c >= 0 else (0, 0)
                first, end = groups[g + k, 1], groups[g + k, 2]
                make_plan(low, high, first, end, False, plan)
                place(at[base:close], base, plan, end - first, rows.ends, begins, closes, out)
        values_of(
            n_events, n_customers, day_field, flag_field, rows, n_groups, n_rows, plan, measures, outputs, desk, block,
            offset + groups[g, 3], hidden,
        )  # fmt: skip
    if longest:
        _again(
            events, day_field, flag_field, groups, as_of, as_day, low, high, measures, outputs, block, offset, hidden,
            longest, most, plan, rows, desk,
        )  # fmt: skip
    if np.any(outputs[:, O_TIMED] != 0):
        _blank_dates_only(events, groups, as_of, outputs, block, offset)


@compiled
def _first_equal(high: Int64s, window: int) -> int:
    """Return the first window whose upper edges are those of ``window``."""
    for w in range(window):
        if np.all(high[w] == high[window]):
            return w
    return window


@compiled
def _take(records: Int64s, start: int, stop: int, fields: Int64s, first: int) -> int:
    """Write records field by field, from event ``first`` on; return how many."""
    n, width, f = stop - start, records.shape[1], 0
    taken, to = records[start:stop], fields[:, first : first + n]  # no sum of indices, which might count from the end
    while f + 4 <= width:  # four at a time: a record is read from the cache once
        one, two, three, four = to[f], to[f + 1], to[f + 2], to[f + 3]
        for i in range(n):
            one[i], two[i], three[i], four[i] = taken[i, f], taken[i, f + 1], taken[i, f + 2], taken[i, f + 3]
        f += 4
    for g in range(f, width):
        one = to[g]
        for i in range(n):
            one[i] = taken[i, g]
    return n


@compiled
def _again(
    events: Partition, day_field: int, flag_field: int, groups: Int64s, as_of: Int64s, as_day: Int64s, low: Int64s,
    high: Int64s, measures: Int64s, outputs: Int64s, block: Doubles, offset: int, hidden: Doubles, longest: int,
    most: int, plan: Plan, rows: Rows, desk: Desk,
) -> None:  # fmt: skip
    """Write the rows again that must not see some event in their reach, each from what it sees."""
    seen = np.empty((longest, events.records.shape[1]), dtype=np.int64)
    dirty = np.zeros(most, dtype=np.bool_)
    for c, first, end, out in groups:
        if c < 0 or not _mark_dirty(events, c, flag_field, first, end, as_of, low, high, dirty):
            continue
        for r in range(first, end):
            if dirty[r - first]:
                n = _copy_seen(events, c, flag_field, as_of[r], seen)
                make_plan(low, high, r, r + 1, False, plan)
                _take(seen, 0, n, desk.fields, 0)
                place(desk.fields[0, :n], 0, plan, 1, rows.ends, rows.low[: low.shape[0]], rows.high[: low.shape[0]], 0)
                desk.customers[1], rows.groups[0], rows.day[0] = n, (0, 0, 1), as_day[r]
                at = out + r - first
                values_of(
                    n, 1, day_field, flag_field, rows, 1, 1, plan, measures, outputs, desk, block, offset + at, hidden
                )  # fmt: skip


@compiled
def _blank_dates_only(
    events: Partition, groups: Int64s, as_of: Int64s, outputs: Int64s, block: Doubles, offset: int
) -> None:
    """Take back what needs the time of day where all that a row sees of a customer is dates."""
    for c, first, end, out in groups:
        for r in range(first, end if c >= 0 else first):
            if events.stands_from[c, 0] < as_of[r]:
                break  # an event with a time of day is visible from here on: rows are in order of as_of
            if _dates_only(events, c, as_of[r]):
                for o in range(outputs.shape[0]):
                    if outputs[o, O_TIMED] and outputs[o, O_COLUMN] < block.shape[0]:
                        block[outputs[o, O_COLUMN], offset + out + r - first] = np.nan


@compiled
def _mark_dirty(
    events: Partition, c: int, flag_field: int, first: int, end: int, as_of: Int64s, low: Int64s, high: Int64s,
    dirty: npt.NDArray[np.bool_],
) -> bool:  # fmt: skip
    """Mark the rows that must not see some event in the reach of their windows; return whether there are any."""
    found, late = False, events.late_starts[c]
    if events.late_starts[c + 1] == late:
        return found
    dirty[: end - first] = False
    for i in range(events.starts[c], events.starts[c + 1]):
        if not (events.records[i, flag_field] >> LATE) & 1:
            continue
        at, known, superseded = events.records[i, 0], events.known[late], events.superseded[late]
        for r in range(first, end):
            if known >= as_of[r] or superseded < as_of[r]:
                for w in range(low.shape[0]):
                    if low[w, r] <= at < high[w, r]:
                        dirty[r - first] = True
                        found = True
                        break
            elif superseded >= as_of[end - 1]:
                break  # seen from here on: rows are in order of as_of
        late += 1
    return found


@compiled
def _dates_only(events: Partition, c: int, as_of: int) -> bool:
    """Return whether all that is visible of a customer is dates; no event with a time that stands is visible yet."""
    dates = events.stands_from[c, 1] < as_of
    for i in range(events.late_starts[c], events.late_starts[c + 1]):
        if events.known[i] < as_of <= events.superseded[i]:
            if not events.date_only[i]:
                return False
            dates = True
    return bool(dates)


@compiled
def _copy_seen(events: Partition, c: int, flag_field: int, as_of: int, seen: Int64s) -> int:
    """Copy the events visible at ``as_of``: known before it, and not superseded before it; return how many."""
    n, late = 0, events.late_starts[c]
    for i in range(events.starts[c], events.starts[c + 1]):
        if (events.records[i, flag_field] >> LATE) & 1:
            visible = events.known[late] < as_of and events.superseded[late] >= as_of
            late += 1
            if not visible:
                continue
        seen[n] = events.records[i]
        n += 1
    return n
