"""The most frequent key of ranges that move on is what counting each range anew says."""

from collections import Counter

import numpy as np
import pytest

from bank360.features.distinct import link, room_for_pairs
from bank360.features.modes import count_mode, name_keys, room_for_tally


@pytest.mark.parametrize("kinds", [1, 3, 40])
def test_ranges_that_grow_shrink_and_jump_and_several_customers_one_after_the_other(kinds):
    rng = np.random.default_rng(kinds)
    sizes, rows = [0, 1, 60, 0, 300, 7], 25
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    n = int(bounds[-1])
    every = np.sort(rng.choice(2 * n, n, replace=False)).astype(np.int64)  # of twice as many half count
    keys = rng.integers(0, kinds, 2 * n)
    a, b, groups = [], [], []
    for c, size in enumerate([*sizes, 0]):
        edges = np.sort(rng.integers(0, size + 1, (2, rows)), axis=1) + bounds[min(c, len(sizes) - 1)]
        a, b = [*a, *edges.min(axis=0)], [*b, *edges.max(axis=0)]
        groups.append((c if c < len(sizes) else -1, c * rows, (c + 1) * rows))
    pairs, tally = room_for_pairs(2 * n, max(sizes), len(sizes), len(a)), room_for_tally(2 * n, max(sizes))
    found = np.empty(len(a))
    for _ in range(2):  # the tally is left as it was found
        link(keys, every, bounds, len(sizes), pairs)
        name_keys(every, bounds, len(sizes), pairs, tally)
        count_mode(np.array(a, np.uint32), np.array(b, np.uint32), np.array(groups), every, tally, found)
        ranges = [keys[every[low:high]].tolist() for low, high in zip(a, b, strict=True)]
        assert found.tolist() == [max(Counter(one).values(), default=0) for one in ranges]
        assert not tally.events.any()
        assert not tally.keys.any()
