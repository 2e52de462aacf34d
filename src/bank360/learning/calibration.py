"""From a margin to a probability: Platt's logistic calibrator (1999), fitted on margins of rows not trained on.

Monotone increasing by construction (a slope below 0 is refused), so calibration never changes an order or a reason.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.estimators.logistic import fit_logistic, sigmoid


@dataclass(frozen=True)
class LogisticCalibrator:
    """``probability = sigmoid(intercept + slope * margin)``."""

    intercept: float
    slope: float

    def probability(self, margin: Floats) -> Floats:
        """Return the probability of the event for each margin."""
        return sigmoid(self.intercept + self.slope * margin)

    def to_json(self) -> dict[str, float]:
        """Return the calibrator as JSON values."""
        return {"intercept": self.intercept, "slope": self.slope}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "LogisticCalibrator":
        """Return the calibrator that `to_json` wrote; ValueError where it would not be increasing."""
        calibrator = cls(float(values["intercept"]), float(values["slope"]))
        if not (np.isfinite(calibrator.intercept) and np.isfinite(calibrator.slope) and calibrator.slope > 0):
            raise ValueError("a calibrator's slope must be a number above 0")
        return calibrator


def fit_calibrator(margin: Floats, outcome: Floats) -> LogisticCalibrator:
    """Fit the calibrator on margins that were predicted for rows outside the training fold.

    Targets are Platt's smoothed ones, ``(n1 + 1) / (n1 + 2)`` and ``1 / (n0 + 2)``. A margin that ranks no better than
    chance out of fold (slope at or below 0) keeps its order with slope 1 and is only shifted to the observed rate.
    """
    n1, n0 = float(outcome.sum()), float(len(outcome) - outcome.sum())
    target = np.where(outcome == 1, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    fit = fit_logistic(margin[:, None], target)
    if fit.coefficients[1] > 0:
        return LogisticCalibrator(float(fit.coefficients[0]), float(fit.coefficients[1]))
    shift = fit_logistic(np.empty((len(margin), 0)), target, offset=margin)
    return LogisticCalibrator(float(shift.coefficients[0]), 1.0)
