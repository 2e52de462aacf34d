"""The two ways to the largest and smallest values of ranges say what Python's ``max`` and ``min`` do."""

import numpy as np
import pytest

from bank360.features.extremes import TOP, largest_of, levels_for, look_through, scan_is_cheaper, tabulate
from tests.features.bits import assert_same_bits


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("n", [0, 1, 2, 100, 3 << TOP])
def test_both_ways_say_the_largest_and_the_smallest_of_any_range(sign, n):
    rng = np.random.default_rng(n)
    values = rng.integers(-(10**12), 10**12, n)
    values[rng.random(n) < 0.2] = 0  # the smallest of zeros has no sign
    edges = np.sort(rng.integers(0, n + 1, (40, 2)), axis=1).astype(np.uint32)
    a, b = np.ascontiguousarray(edges[:, 0]), np.ascontiguousarray(edges[:, 1])
    size = b.astype(np.int64) - a
    naive = max if sign == 1 else min
    expected = [naive(values[low:high]) if low < high else np.nan for low, high in edges.tolist()]
    best, found = np.empty(levels_for(max(n, 1)) * (n + 2)), np.empty(len(a))
    tabulate(values, sign, 0, int(size.max()), best, n + 1)
    largest_of(a, b, size, best, n + 1, sign, found)
    assert_same_bits(found, expected)
    found[:] = 0.0
    look_through(a, b, values, sign, found)
    assert_same_bits(found, expected)


@pytest.mark.parametrize(
    ("ranges", "longest", "looked_through"), [(64, 100, True), (1536, 4, False), (1536, 50, False)]
)
def test_few_ranges_are_looked_through_and_those_of_every_month_end_are_not(ranges, longest, looked_through):
    assert scan_is_cheaper(np.full(ranges, longest), 6400) is looked_through  # 64 customers with 100 events each
