"""Exact counts of distinct keys: the events of a range less its pairs of neighbours with the same key.

The pairs of a customer are found once, by a hash table from a key to its last event; a pair then takes one off every
row whose window holds both. The table's entries are numbers that only grow, so that it is never cleared: an entry
below the customer's first event is of somebody else, and its slot is free.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled
from bank360.features.windows import P_SHARED, Plan

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]
Doubles = npt.NDArray[np.float64]
FULL = 2**31 - 1
# Slots of the table for each key that may come: with 4 keys meet more often, with 16 the table leaves the cache.
SPARSE = 8
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: spreads keys (Knuth, vol. 3, 6.4)


class Pairs(NamedTuple):
    """Pairs of neighbours: ``starts[c]`` to ``starts[c + 1]`` are customer c's; ``used`` is the table's last entry."""

    earlier: Int64s
    later: Int64s
    starts: Int64s
    table: Int32s
    used: Int64s
    change: Int32s


@compiled
def room_for_pairs(events: int, longest: int, customers: int, rows: int) -> Pairs:
    """Return room for the pairs of up to so many events of so many customers, none with more than ``longest``."""
    slots = 8
    while slots < SPARSE * longest:
        slots *= 2
    return Pairs(
        np.empty(events + 1, dtype=np.int64), np.empty(events + 1, dtype=np.int64),
        np.zeros(customers + 1, dtype=np.int64), np.zeros(slots, dtype=np.int32), np.zeros(1, dtype=np.int64),
        np.empty(rows + 1, dtype=np.int32),
    )  # fmt: skip


@compiled
def link(keys: Int64s, chosen: Int64s, bounds: Int64s, customers: int, pairs: Pairs) -> None:
    """Write the pairs among the events that count; customer c's are ``chosen[bounds[c] : bounds[c + 1]]``."""
    table, earlier, later, n = pairs.table, pairs.earlier, pairs.later, np.uint64(0)
    if pairs.used[0] + bounds[customers] >= FULL:
        table[:] = 0
        pairs.used[0] = 0
    entry = pairs.used[0] + 1  # of event 0
    for c in range(customers):
        start, end = bounds[c], bounds[c + 1]
        slots, shift = 8, np.uint64(61)  # a slot is the highest bits of the product
        while slots < SPARSE * (end - start):
            slots *= 2
            shift -= np.uint64(1)
        mask = np.uint64(slots - 1)
        for k in range(start, end):
            event = np.uint64(chosen[np.uint64(k)])
            key = keys[event]
            slot = (np.uint64(key) * GOLDEN) >> shift
            before = table[slot] - entry
            while before >= start and keys[np.uint64(chosen[np.uint64(before)])] != key:
                slot = (slot + np.uint64(1)) & mask
                before = table[slot] - entry
            if before >= start:
                earlier[n], later[n] = chosen[np.uint64(before)], event
                n += np.uint64(1)
            table[slot] = entry + k
        pairs.starts[c + 1] = n
    pairs.used[0] += bounds[customers]


@compiled
def count_keys(
    low: Places, high: Places, size: Int64s, groups: Int64s, pairs: Pairs, segment: Int32s, plan: Plan, window: int,
    target: Doubles,
) -> None:  # fmt: skip
    """Write how many keys each range ``[low, high)`` of all events holds, ``size`` of which count.

    The rows that hold both of a pair are consecutive, since windows move on with as_of: from the first that ends after
    the later one to the last that begins before the earlier one.
    """
    change = pairs.change[: size.size + 1]
    change[:] = 0
    shared = plan.facts[P_SHARED] != 0
    for g in range(groups.shape[0]):
        c, first, end = groups[g, 0], groups[g, 1], groups[g, 2]
        for q in range(pairs.starts[c], pairs.starts[c + 1] if c >= 0 else pairs.starts[c]):
            if shared:
                begin = first + plan.after[1, window, segment[pairs.later[q]]]
                close = first + plan.after[0, window, segment[pairs.earlier[q]]]
            else:
                begin, close = _upto(high, first, end, pairs.later[q]), _upto(low, first, end, pairs.earlier[q])
            change[min(begin, close)] += 1
            change[close] -= 1
    held = 0
    for r in range(size.size):
        held += change[r]
        target[r] = size[r] - held


@compiled
def _upto(ascending: Places, first: int, end: int, event: int) -> int:
    """Return the first of the rows ``first`` to ``end`` whose number is above ``event``; ``end`` if there is none."""
    while first < end:
        middle = (first + end) >> 1
        below = ascending[middle] <= event
        first = middle + 1 if below else first
        end = end if below else middle
    return first
