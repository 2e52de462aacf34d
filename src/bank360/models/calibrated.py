"""The step from the log-odds that inputs add up to, to the probability that is told: said wherever both are shown.

Contributions sum to the log-odds before calibration; the probability is that after it. Neighbours:
`learning/calibration.py`, which takes the step, and the faces, which show it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf, log


@dataclass(frozen=True)
class CalibrationStep:
    """One score before and after calibration: log-odds, log-odds, and the probability that these are."""

    before: float
    after: float
    probability: float

    def in_words(self, digits: int = 2) -> str:
        """Return the step as a person reads it.

        >>> calibration_step(-1.5, 0.2).in_words()
        'log-odds before calibration -1.50; calibration adds +0.11: log-odds -1.39, which is a probability of 20.0 %'
        """
        before, after = round(self.before, digits), round(self.after, digits)
        return (
            f"log-odds before calibration {before:+.{digits}f}; calibration adds {after - before:+.{digits}f}: "
            f"log-odds {after:+.{digits}f}, which is a probability of {self.probability * 100:.1f} %"
        )


def calibration_step(margin: float, probability: float) -> CalibrationStep:
    """Return how a margin (log-odds before calibration) became a calibrated probability, 0 to 1."""
    return CalibrationStep(margin, log_odds_of(probability), probability)


def log_odds_of(probability: float) -> float:
    """Return the log-odds of a probability, natural logarithm: the inverse of the logistic function.

    >>> log_odds_of(0.5), round(log_odds_of(0.2), 3), log_odds_of(1.0)
    (0.0, -1.386, inf)
    """
    if not 0 < probability < 1:
        return inf if probability >= 1 else -inf
    return log(probability / (1 - probability))


def unstated(margin: float, stated: Iterable[float], digits: int = 2) -> float:
    """Return what the base and all that is not stated add, so that the figures add up as they are shown.

    >>> round(unstated(-1.234, [1.567, 0.574]), 2)
    -3.37
    """
    return round(margin, digits) - sum(round(value, digits) for value in stated)
