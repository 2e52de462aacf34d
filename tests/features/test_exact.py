"""128-bit arithmetic against Python's integers."""

import math

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bank360.features.exact import std

VALUES = st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=40)


@settings(deadline=None)  # the first call compiles
@given(values=VALUES)
@example(values=[10**12, -(10**12)] * 20)
@example(values=[2**31, 2**31 + 1, 2**20 - 1, 2**20])
@example(values=[0])
def test_standard_deviation_is_that_of_python_integers_to_the_bit(values):
    n, total = len(values), sum(values)
    exact = n * sum(v * v for v in values) - total * total
    parts = [divmod(abs(v), 2**20) for v in values]
    sums = [sum(a * a for a, _ in parts), sum(a * b for a, b in parts), sum(b * b for _, b in parts)]
    assert std(n, total, *sums) == math.sqrt(float(exact)) / float(n)


def test_no_events_have_no_deviation():
    assert math.isnan(std(0, 0, 0, 0, 0))
