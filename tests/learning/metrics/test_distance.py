"""Distances of samples: a weight is worth so many rows; against definitions, scipy, and figures worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bank360.learning.metrics.distance import (
    correlations,
    effective_rows,
    ks_bound,
    ks_distance,
    wasserstein_distance,
    weighted_ranks,
)

NUMBERS = st.lists(st.sampled_from([-2.0, -0.5, 0.0, 0.25, 1.0, 3.0]), min_size=1, max_size=30)
WEIGHTS = st.integers(1, 4)


def weighed(numbers, data):
    return np.array(data.draw(st.lists(WEIGHTS, min_size=len(numbers), max_size=len(numbers))))


@given(NUMBERS, NUMBERS, st.data())
def test_a_row_of_weight_three_counts_as_three_rows(x, y, data):
    x, y = np.array(x), np.array(y)
    w, v = weighed(x, data), weighed(y, data)
    many, others = np.repeat(x, w), np.repeat(y, v)
    ks = ks_distance(x, y, w.astype(float), v.astype(float))
    # By its definition: scipy works out a probability besides, and warns where few rows have none.
    apart = max(abs((many <= at).mean() - (others <= at).mean()) for at in (*many, *others))
    assert ks == pytest.approx(apart, abs=1e-12)
    moved = wasserstein_distance(x, y, w.astype(float), v.astype(float))
    assert moved == pytest.approx(stats.wasserstein_distance(many, others), abs=1e-12)


@given(NUMBERS, st.data())
def test_ranks_are_those_of_rows_repeated(x, data):
    x = np.array(x)
    w = weighed(x, data)
    mid = (stats.rankdata(np.repeat(x, w)) - 0.5) / w.sum()  # rankdata counts from 1
    np.testing.assert_allclose(np.repeat(weighted_ranks(x, w.astype(float)), w), mid, atol=1e-12)


def test_correlations_are_numpys_and_of_a_constant_zero():
    rng = np.random.default_rng(1)
    values, weight = rng.standard_normal((200, 3)) @ rng.standard_normal((3, 3)), rng.integers(1, 5, 200)
    repeated = np.corrcoef(np.repeat(values, weight, axis=0), rowvar=False)
    np.testing.assert_allclose(correlations(values, weight.astype(float)), repeated, atol=1e-12)
    assert correlations(np.column_stack([values, np.ones(200)]))[3, :3].tolist() == [0.0, 0.0, 0.0]


def test_bounds_by_hand():
    # 900 rows of weight 1 and 100 of weight 11: (900 + 1100)^2 / (900 + 12100) = 307.7
    assert effective_rows(np.repeat([1.0, 11.0], [900, 100])) == pytest.approx(2_000**2 / 13_000)
    # sqrt(-ln(0.005) / 2) = 1.6276; two samples of 1000: times sqrt(2 / 1000)
    assert ks_bound(1_000, 1_000, 0.01) == pytest.approx(1.6276 * np.sqrt(0.002), abs=1e-5)
