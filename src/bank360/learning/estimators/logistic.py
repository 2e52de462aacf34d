"""Logistic regression by Newton's method, with its standard errors, and the plain linear model built on it.

Our own forty lines rather than scikit-learn's: calibration needs the covariance of the coefficients, which it does not
give, and its import alone costs a fresh process seconds. Tests hold the coefficients to scikit-learn's.

`LinearModel` is the plain baseline on raw features: values are imputed with the training median, squeezed where heavy
tailed, scaled, and flagged where missing, all learned from the rows it is fitted on. Its contributions are exact:
on a linear margin the Shapley value of a feature is ``coefficient * (value - mean value)``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats


def sigmoid(margin: Floats) -> Floats:
    """Return ``1 / (1 + exp(-margin))`` without overflow."""
    e = np.exp(-np.abs(margin))
    return np.asarray(np.where(margin >= 0, 1.0, e) / (1.0 + e), dtype=np.float64)


@dataclass(frozen=True)
class LogisticFit:
    """The result of `fit_logistic`: intercept first, then one coefficient per column, and their covariance."""

    coefficients: Floats
    covariance: Floats


def fit_logistic(
    x: Floats, outcome: Floats, ridge: float = 0.0, offset: Floats | None = None, max_steps: int = 100
) -> LogisticFit:
    """Fit a logistic regression with an intercept by Newton-Raphson on the penalised likelihood.

    Parameters
    ----------
    x
        Shape ``(n_rows, n_features)``, finite.
    outcome
        Shape ``(n_rows,)``; 0 to 1 (a soft target is allowed).
    ridge
        Weight of half the squared coefficients (the intercept is free); scikit-learn's ``1 / C``.
    offset
        Added to the margin with coefficient 1.
    max_steps
        Most Newton steps.

    Raises
    ------
    ValueError
        If the fit does not converge: the classes are separable and there is no ridge.
    """
    design = np.column_stack([np.ones(len(x)), x])
    shift = np.zeros(len(x)) if offset is None else offset
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    rate = min(max(float(outcome.mean()), 1e-9), 1 - 1e-9)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(rate / (1 - rate)) - float(shift.mean())
    loss = _loss(design, outcome, shift, penalty, beta)
    for _ in range(max_steps):
        p = sigmoid(design @ beta + shift)
        gradient = design.T @ (p - outcome) + penalty * beta
        hessian = (design * (p * (1 - p))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.lstsq(hessian, gradient, rcond=1e-12)[0]
        decrement = float(gradient @ step)
        scale = 1.0
        while scale > 1e-10:  # halve the step until the loss falls: plain Newton may overshoot
            new = beta - scale * step
            new_loss = _loss(design, outcome, shift, penalty, new)
            if new_loss <= loss + 1e-12 * abs(loss):
                break
            scale /= 2
        beta, loss = new, new_loss
        if decrement < 1e-16 * max(1.0, abs(loss)):
            return LogisticFit(beta, np.linalg.pinv(hessian, rcond=1e-12, hermitian=True))
    raise ValueError("the logistic regression did not converge: the classes may be separable; use a ridge above 0")


def _loss(design: Floats, outcome: Floats, shift: Floats, penalty: Floats, beta: Floats) -> float:
    margin = design @ beta + shift
    # ln(1 + e^m) - y m, in the form that does not overflow.
    fit = np.logaddexp(0.0, margin) - outcome * margin
    return float(fit.sum() + 0.5 * (penalty * beta * beta).sum())


@dataclass(frozen=True)
class LinearModel:
    """A linear margin on scaled, imputed, missing-flagged features.

    Parameters
    ----------
    median, centre, scale, low, high
        By feature: value put where there is none; mean and standard deviation; the range that values are clipped to.
    missing_rate
        By feature: share of rows without a value in training; the mean of its missing flag.
    weight, missing_weight
        By feature: coefficient of the scaled value, and of the flag of a missing value.
    intercept
        Margin of a row whose every value is the training mean.
    """

    median: Floats
    centre: Floats
    scale: Floats
    low: Floats
    high: Floats
    missing_rate: Floats
    weight: Floats
    missing_weight: Floats
    intercept: float

    def contributions(self, x: Floats) -> Floats:
        """Return each feature's exact contribution, shape ``(n_rows, n_features)``; with `intercept` they sum up."""
        missing = np.isnan(x)
        filled = np.clip(np.where(missing, self.median, x), self.low, self.high)
        answer = (filled - self.centre) / self.scale * self.weight
        return np.asarray(answer + (missing - self.missing_rate) * self.missing_weight, dtype=np.float64)

    def margin(self, x: Floats) -> Floats:
        """Return the log-odds of the event, shape ``(n_rows,)``."""
        return np.asarray(self.contributions(x).sum(axis=1) + self.intercept, dtype=np.float64)

    @property
    def base(self) -> float:
        """Mean margin that contributions are counted from."""
        return self.intercept

    def to_json(self) -> dict[str, Any]:
        """Return the model as JSON values."""
        return {
            name: value if isinstance(value := getattr(self, name), float) else [float(v) for v in value]
            for name in self.__dataclass_fields__
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "LinearModel":
        """Return the model that `to_json` wrote."""
        arrays = {name: np.array(values[name], dtype=np.float64) for name in cls.__dataclass_fields__ if name != _LAST}
        if len({array.shape for array in arrays.values()}) != 1:
            raise ValueError("a linear model's lists differ in length")
        return cls(**arrays, intercept=float(values[_LAST]))


_LAST = "intercept"


def fit_linear(x: Floats, outcome: Floats, signs: tuple[int, ...], ridge: float = 10.0) -> LinearModel:
    """Fit the plain linear baseline; imputation, clipping and scaling are learned from ``x`` itself.

    Parameters
    ----------
    x
        Shape ``(n_rows, n_features)``, NaN where there is no value.
    outcome
        1.0 where the event happened.
    signs
        By feature, the expected direction of risk; a coefficient against it is taken out (0: free).
    ridge
        See `fit_logistic`.
    """
    missing = np.isnan(x)
    some = ~missing.all(axis=0)
    known = np.where(some, x, 0.0)
    median = np.nanmedian(known, axis=0)
    # Clipped at the 1st and 99th percentile: one extreme amount must not carry a coefficient.
    low, high = np.nanpercentile(known, [1, 99], axis=0)
    filled = np.clip(np.where(missing, median, known), low, high)
    centre, scale = filled.mean(axis=0), filled.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    missing_rate = missing.mean(axis=0)
    values = (filled - centre) / scale
    flags = missing - missing_rate
    # A flag that is rare is noise, and one equal to an earlier flag adds nothing that the earlier does not say.
    flag_on = np.array([0.01 <= r <= 0.99 for r in missing_rate], dtype=bool)
    seen: set[bytes] = set()
    for j in np.nonzero(flag_on)[0]:
        pattern = np.packbits(missing[:, j]).tobytes()
        flag_on[j] = pattern not in seen
        seen.add(pattern)
    keep = values.std(axis=0) > 0
    while True:
        fit = fit_logistic(np.column_stack([values[:, keep], flags[:, flag_on]]), outcome, ridge)
        weight = np.zeros(x.shape[1])
        weight[keep] = fit.coefficients[1 : 1 + int(keep.sum())]
        against = weight * np.array(signs) < 0
        if not against.any():
            break
        # The one most against its expected sign goes first: the others may then turn the right way.
        keep[int(np.argmin(np.where(against, weight * np.array(signs), 0.0)))] = False
    missing_weight = np.zeros(x.shape[1])
    missing_weight[flag_on] = fit.coefficients[1 + int(keep.sum()) :]
    intercept = float(fit.coefficients[0])
    return LinearModel(median, centre, scale, low, high, missing_rate, weight, missing_weight, intercept)
