"""The weight-of-evidence scorecard: a logistic regression on binned variables, read as points (Siddiqi, 2006, ch. 6).

A row's margin is ``intercept + sum of coefficient * (WoE - mean WoE)``: the intercept is the log-odds of the event for
a row that is average in every variable, and each term is the variable's exact Shapley contribution, counted from that
neutral row. Invariant: every coefficient is positive, so that within each variable riskier bins always cost points.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.binning import BinningRules, Bins, bin_variable
from bank360.learning.estimators.logistic import fit_logistic
from bank360.learning.selection import uncorrelated


@dataclass(frozen=True)
class ScorecardRules:
    """How a scorecard is built.

    Parameters
    ----------
    binning
        See `BinningRules`.
    least_information
        A variable tells at least this information value, and more than chance would at one in a hundred.
    correlation
        Largest correlation between two variables' WoE.
    least_z
        A coefficient is at least this many standard errors above 0 (1.64: one-sided 5 %).
    max_variables
        Most variables taken into the regression, those that tell most first.
    ridge
        See `fit_logistic`.
    """

    binning: BinningRules = field(default_factory=BinningRules)
    least_information: float = 0.02
    correlation: float = 0.75
    least_z: float = 1.64
    max_variables: int = 20
    ridge: float = 1.0


@dataclass(frozen=True)
class Scale:
    """What points mean: ``base_score`` at odds of ``base_odds`` non-events to one event, doubled each ``pdo`` points.

    >>> from math import log
    >>> round(Scale().points(-log(30)), 6), round(Scale().points(-log(60)), 6)
    (600.0, 620.0)
    """

    base_score: float = 600.0
    base_odds: float = 30.0
    pdo: float = 20.0

    @property
    def factor(self) -> float:
        """Points per unit of log-odds."""
        return float(self.pdo / np.log(2))

    def points(self, margin: float) -> float:
        """Return the points of a margin (log-odds of the event); more points are less risk."""
        return float(self.base_score - self.factor * (np.log(self.base_odds) + margin))


@dataclass(frozen=True)
class ScoredVariable:
    """One variable of a scorecard: its column, bins, coefficient on WoE, and mean WoE over the training rows."""

    column: int
    bins: Bins
    coefficient: float
    mean_woe: float


@dataclass(frozen=True)
class Scorecard:
    """A scorecard over a design matrix of ``n_features`` columns, of which ``variables`` use some."""

    n_features: int
    intercept: float
    variables: tuple[ScoredVariable, ...]
    scale: Scale = Scale()

    @property
    def base(self) -> float:
        """Margin of the neutral row, average in every variable, that contributions are counted from."""
        return self.intercept

    def contributions(self, x: Floats) -> Floats:
        """Return exact contributions on the log-odds, shape ``(n_rows, n_features)``; 0 for unused columns."""
        answer = np.zeros((len(x), self.n_features))
        for v in self.variables:
            answer[:, v.column] = v.coefficient * (v.bins.transform(x[:, v.column]) - v.mean_woe)
        return answer

    def margin(self, x: Floats) -> Floats:
        """Return the log-odds of the event, shape ``(n_rows,)``."""
        answer = np.full(len(x), self.intercept)
        for v in self.variables:
            answer += v.coefficient * (v.bins.transform(x[:, v.column]) - v.mean_woe)
        return answer

    def points_by_bin(self) -> list[tuple[int, tuple[float, ...]]]:
        """Return, by variable, its column and the points of each bin, the missing bin last.

        The points of a row's bins add up to its score: the neutral row's points are shared out equally.
        """
        share = self.scale.points(self.intercept) / max(len(self.variables), 1)
        return [
            (
                v.column,
                tuple(
                    share - self.scale.factor * v.coefficient * (woe - v.mean_woe)
                    for woe in (*v.bins.woe, v.bins.missing_woe)
                ),
            )
            for v in self.variables
        ]

    def to_json(self) -> dict[str, Any]:
        """Return the scorecard as JSON values."""
        return {
            "n_features": self.n_features,
            "intercept": self.intercept,
            "scale": {"base_score": self.scale.base_score, "base_odds": self.scale.base_odds, "pdo": self.scale.pdo},
            "variables": [
                {
                    "column": v.column,
                    "coefficient": v.coefficient,
                    "mean_woe": v.mean_woe,
                    "edges": list(v.bins.edges),
                    "woe": list(v.bins.woe),
                    "missing_woe": v.bins.missing_woe,
                    "rows": list(v.bins.rows),
                    "events": list(v.bins.events),
                    "information_value": v.bins.information_value,
                }
                for v in self.variables
            ],
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Scorecard":
        """Return the scorecard that `to_json` wrote; ValueError where it cannot be one."""
        n_features, variables = int(values["n_features"]), []
        for v in values["variables"]:
            bins = Bins(
                tuple(float(e) for e in v["edges"]),
                tuple(float(w) for w in v["woe"]),
                float(v["missing_woe"]),
                tuple(int(n) for n in v["rows"]),
                tuple(int(n) for n in v["events"]),
                float(v["information_value"]),
            )
            if len(bins.woe) != len(bins.edges) + 1 or list(bins.edges) != sorted(bins.edges):
                raise ValueError("a scorecard's bins are not in order")
            if not 0 <= int(v["column"]) < n_features:
                raise ValueError("a scorecard reads a column that the model does not have")
            variables.append(ScoredVariable(int(v["column"]), bins, float(v["coefficient"]), float(v["mean_woe"])))
        scale = Scale(**{name: float(values["scale"][name]) for name in ("base_score", "base_odds", "pdo")})
        return cls(n_features, float(values["intercept"]), tuple(variables), scale)


def fit_scorecard(
    x: Floats, outcome: Floats, signs: tuple[int, ...], rules: ScorecardRules | None = None, scale: Scale | None = None
) -> Scorecard:
    """Bin, select and weigh the variables.

    Variables that tell too little, or what a stronger one tells already, stay out; then those with a coefficient that
    is negative or no better than chance leave one at a time, worst first.

    Parameters
    ----------
    x
        Shape ``(n_rows, n_features)``, NaN where there is no value.
    outcome
        1.0 where the event happened; both outcomes must occur.
    signs
        By column, the expected direction of risk (0: either).
    """
    rules = rules or ScorecardRules()
    if not 0 < outcome.sum() < len(outcome):
        raise ValueError("a scorecard needs rows with the event and rows without it")
    bins = [bin_variable(x[:, j], outcome, signs[j], rules.binning) for j in range(x.shape[1])]
    telling = [j for j in range(x.shape[1]) if _tells(bins[j], outcome, rules.least_information)]
    woe = np.column_stack([np.empty((len(x), 0)), *(bins[j].transform(x[:, j]) for j in telling)])
    strength = np.array([bins[j].information_value for j in telling])
    kept = uncorrelated(woe, strength, rules.correlation)[: rules.max_variables]
    while True:
        fit = fit_logistic(woe[:, kept], outcome, rules.ridge)
        z = fit.coefficients[1:] / np.sqrt(np.maximum(np.diag(fit.covariance)[1:], 1e-300))
        if not kept or z.min() >= rules.least_z:
            break
        del kept[int(np.argmin(z))]
    means = woe[:, kept].mean(axis=0)
    variables = tuple(
        ScoredVariable(telling[k], bins[telling[k]], float(coefficient), float(mean))
        for k, coefficient, mean in zip(kept, fit.coefficients[1:], means, strict=True)
    )
    intercept = float(fit.coefficients[0] + fit.coefficients[1:] @ means)
    return Scorecard(x.shape[1], intercept, variables, scale or Scale())


def _tells(bins: Bins, outcome: Floats, least: float) -> bool:
    """Return whether the information value is above the least, and above what noise gives.

    Under no relation ``IV / (1/events + 1/others)`` is about chi-squared with one degree less than the bins.
    """
    from scipy.stats import chi2  # half a second of import that a process which only scores does not pay

    used = len(bins.woe) + (bins.missing_woe != 0.0)
    if used < 2:
        return False
    events = float(outcome.sum())
    noise = float(chi2.ppf(0.99, used - 1)) * (1 / events + 1 / (len(outcome) - events))
    return bins.information_value >= max(least, noise)
