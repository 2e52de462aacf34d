"""What columns look like: figures against numpy and scipy and by hand; rare texts are counted and never shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from bank360.learning.exploration import MOST_BARS, explored, number_column, rank_correlations, text_column

ANY = st.sampled_from([float("nan"), float("inf"), -1.0, 0.5, 1e9]) | st.integers(-20, 20).map(float)
UNTIDY = arrays.arrays(np.float64, st.integers(0, 60), elements=ANY)


@given(UNTIDY)
def test_every_value_is_in_a_bar_or_counted_beside_it_or_missing(values):
    found = number_column("x", values)
    assert found.counts.sum() + found.below + found.above + found.missing == len(values) == found.rows
    assert len(found.counts) <= MOST_BARS
    assert found.distinct == len(set(values[np.isfinite(values)].tolist()))


@given(UNTIDY)
def test_a_box_is_tukeys(values):
    """Whiskers end at the last value within 1.5 boxes; looked for value by value."""
    found, own = number_column("x", values), sorted(values[np.isfinite(values)].tolist())
    if not own:
        assert np.isnan([*found.quantiles, *found.whiskers]).all()
        return
    q1, q3 = np.quantile(own, 0.25), np.quantile(own, 0.75)
    near = [one for one in own if q1 - 1.5 * (q3 - q1) <= one <= q3 + 1.5 * (q3 - q1)]
    assert found.whiskers == (near[0], near[-1])
    assert found.beyond == len(own) - len(near)
    assert (found.quantiles[0], found.quantiles[3], found.quantiles[-1]) == (own[0], np.median(own), own[-1])


def test_few_whole_values_have_a_bar_each_and_a_wild_one_does_not_flatten_the_rest():
    codes = number_column("x", np.array([0.0, 0.0, 1.0, 3.0]))
    assert (codes.edges.tolist(), codes.counts.tolist()) == ([-0.5, 0.5, 1.5, 2.5, 3.5], [2, 1, 0, 1])
    counted = number_column("x", np.repeat(np.arange(200.0), 3))  # each whole number three times: bars alike
    assert set(counted.counts[1:-1].tolist()) == {3 * int(counted.edges[1] - counted.edges[0])}
    amounts = number_column("x", np.append(np.linspace(0, 100, 1_000), 1e9))
    assert amounts.edges[-1] < 101
    assert amounts.above >= 1


def test_a_text_that_few_rows_have_is_counted_and_not_shown():
    found = text_column("name", ["GB"] * 7 + ["FR"] * 5 + ["Ann Smith"] * 4 + [None, None])
    assert found.levels == (("GB", 7), ("FR", 5))
    assert (found.others, found.missing, found.distinct, found.rows) == (4, 2, 3, 18)
    assert text_column("id", [f"C{at}" for at in range(1_000)]).levels == ()


def test_rank_correlations_are_spearmans_over_the_rows_that_have_both():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=300), rng.integers(0, 5, 300).astype(float)
    z = np.exp(3 * x)  # another scale, the same order
    assert rank_correlations([x, y, z])[0, 2] == pytest.approx(1.0)
    assert rank_correlations([x, y])[0, 1] == pytest.approx(stats.spearmanr(x, y).statistic)
    gap = x.copy()
    gap[:150] = np.nan
    both = stats.spearmanr(x[150:], y[150:]).statistic
    assert rank_correlations([gap, y])[0, 1] == pytest.approx(both, abs=0.02)  # ranks are of each column's own values
    assert np.isnan(rank_correlations([gap, np.where(np.isnan(gap), 1.0, np.nan)])[0, 1])


def test_columns_that_are_missing_together_are_told_with_their_rows():
    a, b = np.array([1.0, np.nan, np.nan, 4.0, np.nan]), np.array([1.0, np.nan, np.nan, np.nan, 5.0])
    found = explored(5, {"a": a, "b": b}, {"c": ["x", None, None, "x", "x"]})
    assert sorted(found.together) == [((), 1), (("a",), 1), (("a", "b", "c"), 2), (("b",), 1)]
    assert found.together[0] == (("a", "b", "c"), 2)
    assert found.correlated == ("a", "b")
    assert explored(0, {}, {}).together == ()
