"""Platt's calibrator: right on made outcomes, increasing always."""

import numpy as np
import pytest

from bank360.learning.calibration import LogisticCalibrator, fit_calibrator
from bank360.learning.estimators.logistic import sigmoid


def test_the_line_that_made_the_outcomes_is_found_again():
    rng = np.random.default_rng(2)
    margin = rng.normal(size=40000)
    y = (rng.random(40000) < sigmoid(0.5 * margin - 2)).astype(float)
    calibrator = fit_calibrator(margin, y)
    assert (calibrator.slope, calibrator.intercept) == pytest.approx((0.5, -2), abs=0.05)


def test_a_margin_that_ranks_the_wrong_way_is_only_shifted():
    margin = np.array([-2.0, -1.0, 1.0, 2.0])
    calibrator = fit_calibrator(margin, np.array([1.0, 1.0, 0.0, 0.0]))
    assert calibrator.slope == 1.0
    assert calibrator.probability(margin).mean() == pytest.approx(0.5, abs=1e-6)


def test_a_decreasing_calibrator_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        LogisticCalibrator.from_json({"intercept": 0.0, "slope": -1.0})


def test_a_calibrator_survives_json():
    calibrator = LogisticCalibrator(0.1, 0.7)
    assert LogisticCalibrator.from_json(calibrator.to_json()) == calibrator
