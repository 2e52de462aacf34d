"""Derived features compiled are the doubles that `derived.derived` gives, sign of zero included."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.features.derive import KIND_CODES, derive
from bank360.features.derived import derived
from tests.features.bits import assert_same_bits

# What is missing, what divides by nothing, what overflows, and what is lost beside it.
EDGES = (np.nan, 0.0, -0.0, np.inf, -np.inf, 1.0, -1.0, 3.0, -0.1, 5e-324, -5e-324, 1.7e308, -1.7e308)
FACTORS = (1.0, 12.0, 1 / 3, 100.0)


def same(kind, a, b, factor):
    """Assert that both routes give the same bits; one missing value is as good as another."""
    with np.errstate(all="ignore"):
        expected = derived(kind, a, b, factor)
    target = np.full(a.size, 7.0)
    derive(KIND_CODES[kind], a, b, factor, target)
    assert_same_bits(target, expected)


@pytest.mark.parametrize("factor", FACTORS)
@pytest.mark.parametrize("kind", sorted(KIND_CODES))
def test_every_kind_is_the_same_of_every_pair_of_edges(kind, factor):
    a, b = np.array(list(product(EDGES, EDGES))).T.copy()
    same(kind, a, b, factor)


@given(
    kind=st.sampled_from(sorted(KIND_CODES)),
    pairs=st.lists(st.tuples(st.floats(), st.floats()), min_size=1, max_size=20),
    factor=st.sampled_from(FACTORS),
)
def test_every_kind_is_the_same_of_any_doubles(kind, pairs, factor):
    a, b = np.array(pairs).T.copy()
    same(kind, a, b, factor)
