"""Where the windows of some rows lie among a customer's events.

The edges of all windows, sorted, cut time into segments; an event's segment is how many edges are not after it. A
window is a range ``[low, high)`` of events: those before its upper edge less those before its lower one. Where many
customers have the same rows (a month-end spine over everyone), their `Plan` is made once: a table leads from a time to
its segment, and no step of the work on an event is a branch. Rows of their own are merged with the events.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]
BUCKETS = 4096  # of the table: two years of days, with room
EVER = -(2**61)  # edges before it are those of lifetimes
P_EDGES, P_SHARED, P_LOWEST, P_SHIFT, P_BUCKETS = range(5)


class Plan(NamedTuple):
    """The edges of a group of rows.

    Parameters
    ----------
    edges
        Sorted and distinct.
    cut
        Number of each window's lower and upper edge by row, shape ``(2, n_windows, rows)``.
    after
        Per window how many rows have their lower (upper) edge below each segment; only where the plan is shared.
    segments
        The first segment of each bucket of times; the first and last are of all times outside the edges.
    position
        Room: events before each edge.
    facts
        By the constants above: edges, whether it is shared, lowest time of the table, log2 of a bucket, buckets.
    """

    edges: Int64s
    cut: Int32s
    after: Int32s
    segments: Int32s
    position: Int32s
    facts: Int64s


@compiled
def room_for_plan(n_windows: int, rows: int) -> Plan:
    """Return room for the plan of a group of up to ``rows`` rows."""
    n = 2 * n_windows * rows
    return Plan(
        np.empty(n, dtype=np.int64), np.empty((2, n_windows, rows), dtype=np.int32),
        np.empty((2, n_windows, n + 1), dtype=np.int32), np.empty(BUCKETS + 2, dtype=np.int32),
        np.empty(n + 1, dtype=np.int32), np.zeros(5, dtype=np.int64),
    )  # fmt: skip


@compiled
def make_plan(low: Int64s, high: Int64s, first: int, end: int, shared: bool, plan: Plan) -> None:
    """Plan the rows ``first`` to ``end``; windows' edges are ``low`` and ``high``, shape ``(n_windows, rows)``."""
    edges, n = plan.edges, 0
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
    plan.facts[P_EDGES], plan.facts[P_SHARED] = distinct, shared
    for w in range(low.shape[0]):
        for r in range(first, end):
            plan.cut[0, w, r - first] = np.searchsorted(edges[:distinct], low[w, r])
            plan.cut[1, w, r - first] = np.searchsorted(edges[:distinct], high[w, r])
    if shared:
        _tabulate(plan, end - first)


@compiled
def _tabulate(plan: Plan, n_rows: int) -> None:
    """Write the tables of a shared plan."""
    n = plan.facts[P_EDGES]
    edges = plan.edges[:n]
    ever = int(np.searchsorted(edges, EVER))
    lowest = edges[min(ever, n - 1)]
    shift = 0
    while (edges[n - 1] - lowest) >> shift >= BUCKETS:
        shift += 1
    buckets = ((edges[n - 1] - lowest) >> shift) + 1
    plan.facts[P_LOWEST], plan.facts[P_SHIFT], plan.facts[P_BUCKETS] = lowest, shift, buckets
    plan.segments[0], plan.segments[buckets + 1] = ever, n
    s = ever
    for b in range(buckets):
        while s < n and edges[s] <= lowest + (b << shift):
            s += 1
        plan.segments[b + 1] = s
    for side in range(2):
        for w in range(plan.cut.shape[1]):
            r = 0
            for s in range(n + 1):
                while r < n_rows and plan.cut[side, w, r] < s:
                    r += 1
                plan.after[side, w, s] = r


@compiled
def place(at: Int64s, base: int, plan: Plan, n_rows: int, ends: Int64s, low: Places, high: Places, out: int) -> None:
    """Write the ranges of events of one customer's windows, the first event being number ``base``, from ``out`` on.

    ``at`` are the events' times, ascending. A window's upper ends are those of window ``ends[w]`` and written there
    only.
    """
    i = 0
    for e in range(plan.facts[P_EDGES]):
        while i < at.size and at[i] < plan.edges[e]:
            i += 1
        plan.position[e] = i + base
    _write(plan, n_rows, ends, low, high, out)


@compiled
def place_all(
    at: Int64s, customers: Int64s, groups: Int64s, plan: Plan, ends: Int64s, low: Places, high: Places,
    segment: Int32s,
) -> None:  # fmt: skip
    """Do what `place` does for groups of different customers that share a plan, and write each event's segment.

    A row of ``groups`` is a customer (-1: none), whose events are ``customers[c]`` to ``customers[c + 1]``, their first
    row, and the row after their last.
    """
    _segments(at, plan, segment)
    n, position = plan.facts[P_EDGES], plan.position
    for g in range(groups.shape[0]):
        c, first, end = groups[g, 0], groups[g, 1], groups[g, 2]
        start, stop = (customers[c], customers[c + 1]) if c >= 0 else (0, 0)
        position[: n + 1] = start
        for i in range(start, stop):
            position[np.uint32(segment[i])] = i + 1
        before = np.int32(0)
        for e in range(n):
            before = max(before, position[e])
            position[e] = before
        _write(plan, end - first, ends, low, high, first)


@compiled
def _write(plan: Plan, n_rows: int, ends: Int64s, low: Places, high: Places, out: int) -> None:
    """Write the windows' ranges from how many events are before each edge."""
    for w in range(low.shape[0]):
        for r in range(n_rows):
            low[w, out + r] = plan.position[np.uint32(plan.cut[0, w, r])]
        if ends[w] == w:
            for r in range(n_rows):
                high[w, out + r] = plan.position[np.uint32(plan.cut[1, w, r])]


@compiled
def _segments(at: Int64s, plan: Plan, segment: Int32s) -> None:
    """Write how many edges are not after each event."""
    n, lowest, shift, buckets = plan.facts[P_EDGES], plan.facts[P_LOWEST], plan.facts[P_SHIFT], plan.facts[P_BUCKETS]
    for i in range(at.size):
        bucket = min(max((at[i] - lowest) >> shift, -1), buckets) + 1
        segment[i] = plan.segments[np.uint32(bucket)]
    if shift == 0:
        return
    for i in range(at.size):
        while segment[i] < n and plan.edges[segment[i]] <= at[i]:
            segment[i] += 1
