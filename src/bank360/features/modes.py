"""Exact counts of the most frequent key: how many events of a range have the value that most of them have.

A customer's keys are numbered once, from the pairs of neighbours that `distinct.py` found: an event without an earlier
neighbour brings a new key. Windows move on with as_of, so a range takes each event in once and leaves it once; beside
the count of each key stands how many keys have each count, and the largest count in use goes up or down by one.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled
from bank360.features.distinct import Pairs

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Places = npt.NDArray[np.uint32]
Doubles = npt.NDArray[np.float64]


class Tally(NamedTuple):
    """Of each event its key's number among the customer's; of each key its events; of each such count its keys.

    The last two are all 0 between customers.
    """

    key: Int32s
    events: Int32s
    keys: Int32s


@compiled
def room_for_tally(events: int, longest: int) -> Tally:
    """Return room for up to so many events of customers none of whom has more than ``longest``."""
    return Tally(
        np.empty(events + 1, dtype=np.int32), np.zeros(longest + 1, dtype=np.int32),
        np.zeros(longest + 2, dtype=np.int32),
    )  # fmt: skip


@compiled
def name_keys(chosen: Int64s, bounds: Int64s, customers: int, pairs: Pairs, tally: Tally) -> None:
    """Give the keys of the events that count numbers; customer c's are ``chosen[bounds[c] : bounds[c + 1]]``."""
    for c in range(customers):
        q, new = pairs.starts[c], 0
        for k in range(bounds[c], bounds[c + 1]):
            if q < pairs.starts[c + 1] and pairs.later[q] == chosen[k]:  # pairs stand in order of their later event
                tally.key[chosen[k]] = tally.key[pairs.earlier[q]]
                q += 1
            else:
                tally.key[chosen[k]] = new
                new += 1


@compiled
def count_mode(a: Places, b: Places, groups: Int64s, chosen: Int64s, tally: Tally, target: Doubles) -> None:
    """Write how many of the events ``chosen[a:b]`` of each row have the most frequent key, 0 where there are none."""
    events, keys = tally.events, tally.keys
    for g in range(groups.shape[0]):
        first, end, most, highest = groups[g, 1], groups[g, 2], 0, 0
        left = right = np.int64(a[first]) if first < end else 0
        for r in range(first, end):
            for k in range(right, np.int64(b[r])):
                key = tally.key[chosen[k]]
                count = int(events[key]) + 1
                events[key] = count
                keys[count - 1] -= 1
                keys[count] += 1
                most = max(most, count)
            highest = max(highest, most)
            for k in range(left, np.int64(a[r])):
                key = tally.key[chosen[k]]
                count = int(events[key]) - 1
                events[key] = count
                keys[count] += 1
                keys[count + 1] -= 1
                most -= 1 if count + 1 == most and keys[most] == 0 else 0
            left, right = np.int64(a[r]), np.int64(b[r])
            target[r] = most
        for k in range(left, right):
            events[tally.key[chosen[k]]] = 0
        keys[: highest + 1] = 0
