"""Calibration reports: Jeffreys by hand, slope on made outcomes, and the three verdicts."""

import numpy as np
import pytest
from scipy.stats import beta

from bank360.learning.metrics.calibration import calibration_report, calibration_slope, observed_over_expected


def _made(rows, seed=5, stretch=1.0):
    rng = np.random.default_rng(seed)
    margin = rng.normal(-2.5, 1, rows)
    y = (rng.random(rows) < 1 / (1 + np.exp(-margin))).astype(float)
    return y, 1 / (1 + np.exp(-stretch * margin))


def test_observed_over_expected_is_a_ratio_with_jeffreys_interval():
    y = np.repeat([1.0, 0.0], [6, 94])
    estimate = observed_over_expected(y, np.full(100, 0.05))
    assert estimate.value == pytest.approx(6 / 5)
    assert estimate.low == pytest.approx(beta.ppf(0.025, 6.5, 94.5) / 0.05)
    assert estimate.high == pytest.approx(beta.ppf(0.975, 6.5, 94.5) / 0.05)


def test_no_event_has_a_lower_end_of_zero():
    estimate = observed_over_expected(np.zeros(50), np.full(50, 0.02))
    assert (estimate.value, estimate.low) == (0.0, 0.0)
    assert estimate.high > 1


def test_probabilities_that_made_the_outcomes_are_shown_to_be_calibrated():
    report = calibration_report(*_made(20000))
    assert report.verdict == "shown"
    assert len(report.grades) == 5
    assert sum(grade.events for grade in report.grades) == report.events


def test_too_extreme_probabilities_are_off_and_their_slope_says_why():
    y, p = _made(20000, stretch=1.6)
    assert calibration_slope(y, p).value == pytest.approx(1 / 1.6, abs=0.05)
    assert calibration_report(y, p).verdict == "off"


def test_few_events_read_not_shown():
    assert calibration_report(*_made(1000)).verdict == "not shown"


def test_equal_probabilities_have_no_slope():
    assert np.isnan(calibration_slope(np.tile([0.0, 1.0], 10), np.full(20, 0.5)).value)
