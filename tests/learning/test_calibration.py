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


def test_events_that_look_like_everybody_bend_the_line():
    rng = np.random.default_rng(4)
    margin = rng.normal(-6, 2, size=100_000)
    true = 0.004 + 0.996 * sigmoid(margin)
    y = (rng.random(100_000) < true).astype(float)
    calibrator = fit_calibrator(margin, y)
    line = LogisticCalibrator(calibrator.intercept, calibrator.slope)
    assert len(calibrator.bends) == 3
    assert LogisticCalibrator.from_json(calibrator.to_json()) == calibrator
    # Against the truth in fifths of the margin: the bent line is within a fifth everywhere.
    band = np.searchsorted(np.quantile(margin, [0.2, 0.4, 0.6, 0.8]), margin)
    for k in range(5):
        assert calibrator.probability(margin)[band == k].mean() == pytest.approx(true[band == k].mean(), rel=0.2)
    assert line.probability(margin)[band == 4].mean() < 0.5 * true[band == 4].mean()
    assert (np.diff(calibrator.probability(np.linspace(-14, 6, 200))) > 0).all()


def test_where_a_line_is_right_it_is_not_bent():
    bent = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        margin = rng.normal(-3, 1, size=4000)
        bent += bool(fit_calibrator(margin, (rng.random(4000) < sigmoid(margin)).astype(float)).bends)
    assert bent <= 1


def test_a_bend_downwards_or_out_of_order_is_refused():
    for bends in ([[0.0, -0.1]], [[0.0, 0.0]], [[1.0, 0.5], [0.0, 0.5]], [[0.0, float("nan")]]):
        with pytest.raises(ValueError, match=r"above 0|order"):
            LogisticCalibrator.from_json({"intercept": 0.0, "slope": 1.0, "bends": bends})
    assert LogisticCalibrator.from_json({"intercept": 0.1, "slope": 0.7}).bends == ()


def test_an_expected_outcome_counts_as_that_part_of_an_event():
    rng = np.random.default_rng(3)
    margin = rng.normal(-2, 1, 5000)
    probability = sigmoid(margin)
    soft = fit_calibrator(margin, probability)
    assert (soft.slope, soft.intercept) == pytest.approx((1, 0), abs=0.02)
