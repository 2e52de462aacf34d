"""Ranges of windows and counts of keys, against counting event by event."""

import numpy as np
import pytest

from bank360.features import distinct, windows


def naive_ranges(at: list[int], edges: np.ndarray) -> np.ndarray:
    return np.array([[sum(event < edge for event in at) for edge in row] for row in edges.tolist()])


@pytest.mark.parametrize("unit", [1, 86_400_000_000], ids=["days", "microseconds"])
@pytest.mark.parametrize("shared", [True, False])
def test_a_window_holds_the_events_from_its_lower_to_before_its_upper_edge(unit, shared):
    """Three windows, the last of them a lifetime, of four rows; customers with no, one and many events."""
    rng = np.random.default_rng(8)
    as_of = np.array([40, 50, 50, 90]) * unit
    high = np.stack([as_of, as_of, as_of + 1])
    low = np.stack([as_of - 30 * unit, as_of - 7 * unit - 1, np.full(4, -(2**62))])
    counts = [0, 1, 300, 40]
    lives = [np.sort(rng.integers(0, 110, n)) * unit + rng.integers(0, 2, n).cumsum() * (unit > 1) for n in counts]
    plan, ends = windows.room_for_plan(3, 4), np.array([0, 0, 2])
    windows.make_plan(low, high, 0, 4, shared, plan)
    found_low, found_high = np.empty((3, 16), dtype=np.uint32), np.empty((3, 16), dtype=np.uint32)
    at, customers = np.concatenate(lives).astype(np.int64), np.cumsum([0, *counts])
    if shared:
        groups = np.array([[c, 4 * c, 4 * c + 4] for c in range(4)])
        segment = np.empty(at.size, dtype=np.int32)
        windows.place_all(at, customers, groups, plan, ends, found_low, found_high, segment)
        edges = plan.edges[: plan.facts[windows.P_EDGES]]
        np.testing.assert_array_equal(segment, np.searchsorted(edges, at, side="right"))
    else:
        for c in range(4):
            own = at[customers[c] : customers[c + 1]]
            windows.place(own, int(customers[c]), plan, 4, ends, found_low, found_high, 4 * c)
    for c, life in enumerate(lives):
        rows = slice(4 * c, 4 * c + 4)
        np.testing.assert_array_equal(found_low[:, rows], customers[c] + naive_ranges(life.tolist(), low))
        np.testing.assert_array_equal(found_high[ends, rows], customers[c] + naive_ranges(life.tolist(), high))


@pytest.mark.parametrize("used", [0, distinct.FULL - 45], ids=["new", "about to be full"])
def test_pairs_are_each_event_and_the_one_before_it_with_its_key(used):
    """A table about to be full is cleared; entries of earlier customers and runs never count."""
    rng = np.random.default_rng(4)
    pairs = distinct.room_for_pairs(30, 20, 3, 1)
    pairs.used[0] = used
    bounds = np.array([0, 10, 10, 30])
    for _ in range(3):
        keys = rng.integers(-4, 4, 40)
        chosen = np.sort(rng.choice(40, 30, replace=False))
        distinct.link(keys, chosen, bounds, 3, pairs)
        expected = []
        for low, high in ((0, 10), (10, 10), (10, 30)):
            for k in range(low, high):
                same = [j for j in range(low, k) if keys[chosen[j]] == keys[chosen[k]]]
                expected += [(chosen[same[-1]], chosen[k])] if same else []
        n = pairs.starts[3]
        assert list(zip(pairs.earlier[:n], pairs.later[:n], strict=True)) == expected
