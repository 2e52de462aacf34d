"""Whether probabilities come true, shown with intervals and never claimed.

Observed over expected with a Jeffreys interval (Brown, Cai and DasGupta, 2001), per grade and in total, and the slope
of the outcome on the log-odds of the probability (Cox, 1958) with its own. A probability is *shown to be calibrated*
when 1 lies in the total's interval and in the slope's; with fewer than `LEAST_EVENTS` events nothing is shown, because
a perfect model would often miss any band by chance.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.estimators.logistic import fit_logistic
from bank360.learning.metrics.estimate import Estimate

LEAST_EVENTS = 200
NOT_SHOWN = "not shown"
_SMALLEST = 1e-9


@dataclass(frozen=True)
class Grade:
    """Rows whose probability lies in one band: how many, how many events, and observed over expected."""

    low: float
    high: float
    rows: int
    events: int
    expected: float
    ratio: Estimate


@dataclass(frozen=True)
class CalibrationReport:
    """What `calibration_report` found; ``verdict`` is "shown", "not shown" or "off"."""

    total: Estimate
    slope: Estimate
    grades: tuple[Grade, ...]
    events: int
    brier: float
    verdict: str

    def total_in_words(self) -> str:
        """Return observed over expected with its interval; "not shown (59 bad)" where too few events say nothing."""
        return f"not shown ({self.events:,} bad)" if self.verdict == NOT_SHOWN else str(self.total)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "verdict": self.verdict,
            "events": self.events,
            "observed_over_expected": self.total.to_json(),
            "slope": self.slope.to_json(),
            "brier": self.brier,
            "grades": [
                {"low": g.low, "high": g.high, "rows": g.rows, "events": g.events, "expected": g.expected}
                | {"observed_over_expected": g.ratio.to_json()}
                for g in self.grades
            ],
        }


def jeffreys_interval(events: float, rows: float, level: float = 0.95) -> tuple[float, float]:
    """Return the Jeffreys interval of a rate (Brown, Cai and DasGupta, 2001).

    It is that of ``Beta(events + 1/2, non-events + 1/2)``; its ends are 0 and 1 where no or every row is an event.

    >>> [round(end, 3) for end in jeffreys_interval(1, 1)], [round(end, 3) for end in jeffreys_interval(20, 40)]
    ([0.147, 1.0], [0.35, 0.65])
    """
    from scipy.stats import beta  # half a second of import that a process which only scores does not pay

    tail = (1 - level) / 2
    low = 0.0 if events == 0 else float(beta.ppf(tail, events + 0.5, rows - events + 0.5))
    high = 1.0 if events == rows else float(beta.ppf(1 - tail, events + 0.5, rows - events + 0.5))
    return low, high


def observed_over_expected(outcome: Floats, probability: Floats, level: float = 0.95) -> Estimate:
    """Return events over the sum of probabilities, with the Jeffreys interval of the event rate over the mean."""
    n, k = len(outcome), float(outcome.sum())
    mean = max(float(probability.mean()), _SMALLEST)
    low, high = jeffreys_interval(k, n, level)
    return Estimate(k / n / mean, low / mean, high / mean)


def calibration_slope(outcome: Floats, probability: Floats, level: float = 0.95) -> Estimate:
    """Return the coefficient of the probability's log-odds in a logistic regression of the outcome.

    With Wald's interval. 1 is right; below 1 the probabilities are too extreme; NaN where they do not differ.
    """
    from scipy.stats import norm  # half a second of import that a process which only scores does not pay

    p = np.clip(probability, _SMALLEST, 1 - _SMALLEST)
    margin = np.log(p / (1 - p))
    if margin.std() == 0 or outcome.min() == outcome.max():
        return Estimate(float("nan"), float("nan"), float("nan"))
    fit = fit_logistic(margin[:, None], outcome)
    width = float(norm.ppf(0.5 + level / 2) * np.sqrt(fit.covariance[1, 1]))
    slope = float(fit.coefficients[1])
    return Estimate(slope, slope - width, slope + width)


def calibration_report(outcome: Floats, probability: Floats, grades: int = 5) -> CalibrationReport:
    """Return the report on probabilities; grades are bands of equally many rows."""
    edges = np.unique(np.quantile(probability, np.arange(1, grades) / grades, method="inverted_cdf"))
    band = np.searchsorted(edges, probability, side="left")
    rows = []
    for k in np.unique(band):
        y, p = outcome[band == k], probability[band == k]
        rows.append(
            Grade(
                float(p.min()),
                float(p.max()),
                len(y),
                int(y.sum()),
                float(p.sum()),
                observed_over_expected(y, p),
            )
        )
    total, slope = observed_over_expected(outcome, probability), calibration_slope(outcome, probability)
    events = int(outcome.sum())
    if min(events, len(outcome) - events) < LEAST_EVENTS:
        verdict = NOT_SHOWN
    else:
        verdict = "shown" if total.low <= 1 <= total.high and slope.low <= 1 <= slope.high else "off"
    brier = float(np.mean((probability - outcome) ** 2))
    return CalibrationReport(total, slope, tuple(rows), events, brier, verdict)
