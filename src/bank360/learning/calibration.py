"""From a margin to a probability: Platt's logistic calibrator (1999), bent where the rows show that a line is wrong.

Fitted on margins of rows not trained on. One line in the log-odds is the rule. Where some events look like everybody
else (fraud by an ordinary applicant), no row is as safe as its margin says, and the line gives the lowest grades a
fraction of the events that come: there the log-odds are a line with bends at fixed quantiles of the margin, taken only
if they improve the likelihood beyond chance. Always increasing (a slope at or below 0 is refused), so calibration never
changes an order or a reason.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.estimators.logistic import fit_logistic, sigmoid

# Bends lie where the rows are: at these quantiles of the margin.
_BENDS_AT = (0.5, 0.8, 0.95)
# They must improve twice the log-likelihood by more than chance would at one in a thousand.
_CHANCE = 0.999
_LEAST_SLOPE = 1e-3  # of a standard deviation of the margin: flat, and still increasing


@dataclass(frozen=True)
class LogisticCalibrator:
    """Log-odds of the event as a line in the margin, with a new slope from each bend on.

    Parameters
    ----------
    intercept, slope
        Of the line up to the first bend.
    bends
        ``(margin, slope from there on)``, ascending.
    """

    intercept: float
    slope: float
    bends: tuple[tuple[float, float], ...] = ()

    def probability(self, margin: Floats) -> Floats:
        """Return the probability of the event for each margin."""
        return sigmoid(self.log_odds(margin))

    def log_odds(self, margin: Floats) -> Floats:
        """Return the log-odds of the event for each margin."""
        log_odds = self.intercept + self.slope * margin
        before = self.slope
        for at, slope in self.bends:
            log_odds = log_odds + (slope - before) * np.maximum(margin - at, 0.0)
            before = slope
        return log_odds

    def raised(self, shift: float) -> "LogisticCalibrator":
        """Return the calibrator with every log-odds raised by ``shift``."""
        return LogisticCalibrator(self.intercept + shift, self.slope, self.bends)

    def to_json(self) -> dict[str, Any]:
        """Return the calibrator as JSON values."""
        return {"intercept": self.intercept, "slope": self.slope, "bends": [list(bend) for bend in self.bends]}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "LogisticCalibrator":
        """Return the calibrator that `to_json` wrote; a line where it names no bends.

        Raises
        ------
        ValueError
            If it would not be increasing.
        """
        bends = tuple((float(at), float(slope)) for at, slope in values.get("bends", ()))
        calibrator = cls(float(values["intercept"]), float(values["slope"]), bends)
        slopes = [calibrator.slope, *(slope for _, slope in bends)]
        places = [at for at, _ in bends]
        if not np.isfinite([calibrator.intercept, *slopes, *places]).all() or min(slopes) <= 0:
            raise ValueError("a calibrator's slopes must be numbers above 0")
        if places != sorted(places):
            raise ValueError("a calibrator's bends are not in order")
        return calibrator


def fit_calibrator(margin: Floats, outcome: Floats) -> LogisticCalibrator:
    """Fit the calibrator on margins that were predicted for rows outside the training fold.

    Targets are Platt's smoothed ones, ``(n1 + 1) / (n1 + 2)`` and ``1 / (n0 + 2)``; an outcome that is only expected
    lies between. A margin that ranks no better than chance out of fold (slope at or below 0) keeps its order with slope
    1 and is only shifted to the observed rate.
    """
    n1, n0 = float(outcome.sum()), float(len(outcome) - outcome.sum())
    target = outcome * ((n1 + 1) / (n1 + 2)) + (1 - outcome) / (n0 + 2)
    fit = fit_logistic(margin[:, None], target)
    if fit.coefficients[1] > 0:
        return _bent(margin, target, LogisticCalibrator(float(fit.coefficients[0]), float(fit.coefficients[1])))
    shift = fit_logistic(np.empty((len(margin), 0)), target, offset=margin)
    return LogisticCalibrator(float(shift.coefficients[0]), 1.0)


def _bent(margin: Floats, target: Floats, line: LogisticCalibrator) -> LogisticCalibrator:
    """Return the most likely calibrator with bends, or the line where chance would do as well.

    The log-odds are linear in the lengths of the margin's path through each segment, so the likelihood is concave and
    its maximum with slopes above 0 is one.
    """
    from scipy.optimize import minimize  # half a second of import that a process which only scores does not pay
    from scipy.stats import chi2

    scale = float(margin.std())
    places = np.unique(np.quantile(margin, _BENDS_AT))
    if scale == 0 or len(places) < len(_BENDS_AT) or places[-1] >= margin.max():
        return line
    z, at = margin / scale, places / scale
    ends = np.append(at[1:], np.inf)
    paths = np.column_stack(
        [np.minimum(z, at[0]), *(np.clip(z - a, 0.0, b - a) for a, b in zip(at, ends, strict=True))]
    )

    def loss(values: Floats) -> tuple[float, Floats]:
        log_odds = values[0] + paths @ values[1:]
        error = sigmoid(log_odds) - target
        gradient = np.concatenate([[error.sum()], paths.T @ error])
        return float((np.logaddexp(0.0, log_odds) - target * log_odds).sum()), gradient

    start = np.array([line.intercept, *([line.slope * scale] * paths.shape[1])])
    bounds = [(None, None), *([(_LEAST_SLOPE, None)] * paths.shape[1])]
    options = {"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-6}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if 2 * (loss(start)[0] - float(found.fun)) <= float(chi2.ppf(_CHANCE, len(places))):
        return line
    intercept, first, *rest = (float(value) for value in found.x)
    bends = tuple((float(place), slope / scale) for place, slope in zip(places, rest, strict=True))
    return LogisticCalibrator(intercept, first / scale, bends)
