"""The level of a model that follows the economy: the recent rows come true in total, and no order changes."""

from dataclasses import replace

import numpy as np
import pytest

from bank360.learning.metrics.calibration import LEAST_EVENTS
from bank360.models.development import develop
from bank360.models.level import level_of, recent_rows

DAY = 86_400_000_000


def drifted(sample):
    """The sample with three times the odds of the event in the later half of training and in the test."""
    rng = np.random.default_rng(5)
    late = sample.at >= sample.at[1000]
    more = late & (sample.fitted_outcome == 0) & (rng.random(len(late)) < 0.25)
    outcome = np.where(more, 1.0, sample.fitted_outcome)
    return replace(sample, fitted_outcome=outcome, tested_outcome=outcome)


@pytest.fixture(scope="module")
def levels(spec, sample):
    """A model at the level of all rows, and the same at that of the last 250 days (1,000 rows)."""
    moved = drifted(sample)
    found = [develop(replace(spec, level_days=days), moved, seed=1, threads=1) for days in (None, 250)]
    return moved, list(zip(*found, strict=True))


def test_recent_rows_come_true_in_total_out_of_fold_and_later_ones_better_than_before(levels):
    sample, candidates = levels
    for whole, recent in candidates:
        assert whole.level is None
        assert recent.level.rows == 1000
        assert recent.level.events == sample.fitted_outcome[1000:2000].sum()
        assert recent.level.shift > 0.2
        total = [one.measured[0].calibration.total.value for one in (whole, recent)]
        assert total[0] > 1.15
        assert abs(total[1] - 1) < abs(total[0] - 1) / 2


def test_only_the_level_moves(levels):
    sample, candidates = levels
    for whole, recent in candidates:
        one, two = (found.model.score(sample.columns, sample.thin) for found in (whole, recent))
        assert one.margin.tobytes() == two.margin.tobytes()
        moved = np.log(two.probability / (1 - two.probability)) - np.log(one.probability / (1 - one.probability))
        np.testing.assert_allclose(moved, recent.level.shift, atol=1e-9)


def test_the_level_is_what_makes_expected_equal_observed():
    rng = np.random.default_rng(3)
    log_odds = rng.normal(-2.0, 1.0, 4000)
    outcome = (rng.random(4000) < 1 / (1 + np.exp(-log_odds - 0.3))).astype(float)
    level = level_of(log_odds, outcome, 365)
    assert level is not None
    assert (1 / (1 + np.exp(-log_odds - level.shift))).sum() == pytest.approx(outcome.sum(), rel=1e-6)


def test_too_few_events_leave_the_level_of_all_rows():
    outcome = np.zeros(5000)
    outcome[: LEAST_EVENTS - 1] = 1
    assert level_of(np.full(5000, -3.0), outcome, 365) is None
    outcome[LEAST_EVENTS] = 1
    found = level_of(np.full(5000, -3.0), outcome, 365)
    assert found is not None
    assert found.events == LEAST_EVENTS


def test_recent_is_counted_back_from_the_last_training_row():
    at = np.array([0, 10, 20, 30]) * DAY
    assert recent_rows(at, np.array([True, True, True, False]), 10).tolist() == [False, False, True, True]
