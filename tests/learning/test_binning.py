"""Monotone binning: the optimum over all merges, by hand and by enumeration."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.learning.binning import BinningRules, bin_variable, weight_of_evidence


def test_weight_of_evidence_is_the_log_of_the_ratio_of_shares():
    # 10 of 20 events and 30 of 180 others lie in the bin: ln((10.5/20.5) / (30.5/180.5)).
    expected = np.log((10.5 / 20.5) / (30.5 / 180.5))
    assert weight_of_evidence(np.array([10.0]), np.array([30.0]), 20, 180)[0] == pytest.approx(expected)


def test_a_clean_step_is_found_where_it_lies():
    x = np.repeat(np.arange(1.0, 11.0), 100)
    y = np.zeros(1000)
    y[:600:10] = 1  # a rate of 0.1 up to x = 6
    y[600::2] = 1  # and of 0.5 above
    bins = bin_variable(x, y, rules=BinningRules(fine_bins=10, max_bins=2))
    assert bins.edges == (6.0,)
    assert bins.rows == (600, 400, 0)
    assert bins.events == (60, 200, 0)
    assert bins.woe[0] < 0 < bins.woe[1]


def test_rows_without_a_value_get_a_bin_of_their_own():
    x = np.concatenate([np.full(500, np.nan), np.arange(500.0)])
    y = np.concatenate([np.tile([1.0, 0.0], 250), np.tile([1.0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 50)])
    bins = bin_variable(x, y)
    assert bins.missing_woe > 0 > max(bins.woe)
    assert bins.transform(np.array([np.nan]))[0] == bins.missing_woe


def test_too_few_missing_rows_are_neutral():
    x = np.concatenate([[np.nan], np.arange(999.0)])
    y = np.zeros(1000)
    y[::5] = 1
    assert bin_variable(x, y).missing_woe == 0.0


@pytest.mark.parametrize("values", [np.full(50, np.nan), np.full(50, 3.0), np.full(50, np.inf)])
def test_a_variable_that_says_nothing_is_one_bin(values):
    y = np.tile([0.0, 1.0], 25)
    bins = bin_variable(values, y)
    assert bins.edges == ()
    assert len(bins.woe) == 1
    assert np.isfinite(bins.transform(values)).all()


def _by_enumeration(x, y, sign, rules):
    """Try every set of cut points; return the highest information value of the bins with a value."""
    cuts = np.unique(x)[:-1]
    best = None
    for count in range(rules.max_bins):
        for edges in combinations(cuts, count):
            index = np.searchsorted(np.array(edges), x, side="left")
            rows = np.bincount(index, minlength=count + 1)
            events = np.bincount(index, weights=y, minlength=count + 1)
            large = rows.min() >= rules.min_share * len(x) and min(events.min(), (rows - events).min()) >= (
                rules.min_events
            )
            if count and not large:
                continue
            woe = weight_of_evidence(events, rows - events, y.sum(), len(y) - y.sum())
            steps = np.diff(woe)
            if not ((sign >= 0 and (steps >= 0).all()) or (sign <= 0 and (steps <= 0).all())):
                continue
            value = float(np.sum((events / max(y.sum(), 1) - (rows - events) / max(len(y) - y.sum(), 1)) * woe))
            best = value if best is None else max(best, value)
    return best


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=120),
    st.sampled_from([-1, 0, 1]),
    st.integers(1, 4),
)
def test_no_other_merge_tells_more(rows, sign, max_bins):
    x = np.array([float(value) for value, _ in rows])
    y = np.array([float(hit) for _, hit in rows])
    rules = BinningRules(fine_bins=1000, max_bins=max_bins, min_share=0.05, min_events=1)
    bins = bin_variable(x, y, sign, rules)
    assert bins.information_value == pytest.approx(_by_enumeration(x, y, sign, rules), abs=1e-9)
    steps = np.diff(bins.woe)
    assert (steps >= 0).all() or (steps <= 0).all()
    if sign:
        assert (steps * sign >= 0).all()
