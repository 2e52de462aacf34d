"""Ranking metrics against scikit-learn's, and DeLong's interval against the bootstrap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as theirs

from bank360.learning.metrics import discrimination as ours

ROWS = st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=4, max_size=80).filter(
    lambda rows: 0 < sum(hit for hit, _ in rows) < len(rows)
)


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_metrics_equal_scikit_learns_with_ties(rows):
    y = np.array([float(hit) for hit, _ in rows])
    score = np.array([float(value) for _, value in rows])
    assert ours.auc(y, score) == pytest.approx(theirs.roc_auc_score(y, score))
    assert ours.gini(y, score) == pytest.approx(2 * theirs.roc_auc_score(y, score) - 1)
    assert ours.average_precision(y, score) == pytest.approx(theirs.average_precision_score(y, score))
    false_alarms, hits, _ = theirs.roc_curve(y, score, drop_intermediate=False)
    assert ours.ks(y, score) == pytest.approx(np.abs(hits - false_alarms).max())
    assert ours.recall_at_fpr(y, score, 0.25) == pytest.approx(hits[false_alarms <= 0.25].max())


PAIRS = st.lists(st.tuples(st.booleans(), st.integers(-4, 4), st.integers(-4, 4)), min_size=4, max_size=40).filter(
    lambda rows: 2 <= sum(hit for hit, *_ in rows) <= len(rows) - 2
)


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_the_difference_of_two_aucs_and_its_interval_by_delongs_definition(rows):
    y, one, other = (np.array([float(row[k]) for row in rows]) for k in range(3))

    def wins(score):  # events by rows, non-events by columns: 1 above, a half level
        above = score[y == 1][:, None] - score[y == 0][None, :]
        return (above > 0) + 0.5 * (above == 0)

    gain = wins(one) - wins(other)
    variance = gain.mean(1).var(ddof=1) / gain.shape[0] + gain.mean(0).var(ddof=1) / gain.shape[1]
    found = ours.auc_difference(y, one, other)
    assert found.value == pytest.approx(gain.mean(), abs=1e-12)
    assert found.high - found.value == pytest.approx(1.959964 * variance**0.5, abs=1e-6)
    assert found.value - found.low == pytest.approx(found.high - found.value)
    assert ours.auc_difference(y, other, one).value == pytest.approx(-found.value, abs=1e-12)
    same = ours.auc_difference(y, one, one)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_with_one_event_there_is_no_interval_of_a_difference():
    found = ours.auc_difference(np.array([1.0, 0.0, 0.0]), np.arange(3.0), np.arange(3.0))
    assert np.isnan([found.value, found.low, found.high]).all()


def test_delongs_variance_by_its_definition():
    # V over events: share of non-events below each event, a tie a half; the same over non-events.
    y = np.array([1.0, 1, 1, 0, 0, 0, 0])
    score = np.array([3.0, 2, 1, 2, 1, 0, 0])
    below = np.array([[1.0 if a > b else 0.5 if a == b else 0.0 for b in score[3:]] for a in score[:3]])
    error = np.sqrt(below.mean(axis=1).var(ddof=1) / 3 + below.mean(axis=0).var(ddof=1) / 4)
    value = below.mean()
    estimate = ours.auc_interval(y, score)
    width = 1.959963984540054 * error / (value * (1 - value))
    assert estimate.value == pytest.approx(value)
    assert np.log(estimate.high / (1 - estimate.high)) == pytest.approx(np.log(value / (1 - value)) + width)
    assert np.log(estimate.low / (1 - estimate.low)) == pytest.approx(np.log(value / (1 - value)) - width)


def test_delongs_interval_is_about_the_bootstraps():
    rng = np.random.default_rng(1)
    y = (rng.random(1500) < 0.1).astype(float)
    score = rng.normal(size=1500) + y
    draws = [rng.integers(0, 1500, 1500) for _ in range(400)]
    values = [ours.auc(y[rows], score[rows]) for rows in draws]
    low, high = np.quantile(values, [0.025, 0.975])
    estimate = ours.auc_interval(y, score)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=0.01)


def test_without_both_outcomes_there_is_no_auc():
    assert np.isnan(ours.auc(np.ones(3), np.arange(3.0)))
