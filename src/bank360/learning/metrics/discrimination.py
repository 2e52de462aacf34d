"""How well a score ranks events above non-events. A higher score must mean a likelier event; ties count half."""

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.metrics.estimate import Estimate


def auc(outcome: Floats, score: Floats) -> float:
    """Return the area under the ROC curve: the chance that an event outranks a non-event; NaN without both.

    >>> auc(np.array([0.0, 0.0, 1.0]), np.array([0.1, 0.8, 0.5]))
    0.5
    """
    from scipy.stats import rankdata  # half a second of import that a process which only scores does not pay

    events = outcome == 1
    n, m = int(events.sum()), int((~events).sum())
    if n == 0 or m == 0:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[events].sum() - n * (n + 1) / 2) / (n * m))


def auc_interval(outcome: Floats, score: Floats, level: float = 0.95) -> Estimate:
    """Return the AUC with DeLong's interval, taken on the log-odds of the AUC so that it stays within 0 and 1.

    The variance is DeLong, DeLong and Clarke-Pearson (1988) by the mid-rank form of Sun and Xu (2014). Without both
    outcomes everything is NaN; where the ranking is perfect, the interval is the value.
    """
    from scipy.stats import norm  # as above

    events = outcome == 1
    n, m = int(events.sum()), int((~events).sum())
    value = auc(outcome, score)
    if min(n, m) < 2 or value in (0.0, 1.0):
        return Estimate(value, value, value)
    over_others, over_events = auc_components(outcome, score)
    error = float(np.sqrt(over_others.var(ddof=1) / n + over_events.var(ddof=1) / m))
    width = float(norm.ppf(0.5 + level / 2)) * error / (value * (1 - value))
    middle = np.log(value / (1 - value))
    return Estimate(value, float(1 / (1 + np.exp(width - middle))), float(1 / (1 + np.exp(-width - middle))))


def auc_difference(outcome: Floats, score: Floats, other: Floats, level: float = 0.95) -> Estimate:
    """Return how much larger the AUC of ``score`` is than that of ``other`` on the same rows, with its interval.

    Both scores see the same luck, so the interval is narrower than those of the two suggest: DeLong, DeLong and
    Clarke-Pearson (1988), equation 5, for the contrast (1, -1). NaN throughout with fewer than two of either outcome.
    """
    from scipy.stats import norm  # as above

    events = outcome == 1
    n, m = int(events.sum()), int((~events).sum())
    if min(n, m) < 2:
        return Estimate(float("nan"), float("nan"), float("nan"))
    value = auc(outcome, score) - auc(outcome, other)
    pairs = zip(auc_components(outcome, score), auc_components(outcome, other), strict=True)
    of_events, of_others = (one - another for one, another in pairs)
    error = float(np.sqrt(of_events.var(ddof=1) / n + of_others.var(ddof=1) / m))
    width = float(norm.ppf(0.5 + level / 2)) * error
    return Estimate(value, value - width, value + width)


def auc_components(outcome: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Return of each event the share of non-events below it, and of each non-event that of events above it.

    The mean of either is the AUC; DeLong's variances and covariances are those of these shares. Both must occur.
    """
    from scipy.stats import rankdata  # as above

    events = outcome == 1
    n, m = int(events.sum()), int((~events).sum())
    both = rankdata(score)
    over_others = (both[events] - rankdata(score[events])) / m
    return over_others, 1.0 - (both[~events] - rankdata(score[~events])) / n


def gini(outcome: Floats, score: Floats) -> float:
    """Return ``2 AUC - 1``."""
    return 2 * auc(outcome, score) - 1


def _cumulative(outcome: Floats, score: Floats) -> tuple[Floats, Floats]:
    """Return (events, non-events) at or above each distinct score, highest first; ties taken together."""
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)
    hits = np.cumsum(outcome[order])[last]
    return hits, np.arange(1, len(score) + 1)[last] - hits


def ks(outcome: Floats, score: Floats) -> float:
    """Return the Kolmogorov-Smirnov distance: the largest gap between the shares of events and non-events caught."""
    hits, alarms = _cumulative(outcome, score)
    return float(np.max(np.abs(hits / hits[-1] - alarms / alarms[-1])))


def average_precision(outcome: Floats, score: Floats) -> float:
    """Return the area under the precision-recall curve as a step function; the base rate for a useless score."""
    hits, alarms = _cumulative(outcome, score)
    gained = np.diff(np.concatenate([[0.0], hits])) / hits[-1]
    return float(np.sum(gained * hits / (hits + alarms)))


def recall_at_fpr(outcome: Floats, score: Floats, rate: float) -> float:
    """Return the share of events caught by the lowest cut-off at which at most ``rate`` of the others are flagged."""
    hits, alarms = _cumulative(outcome, score)
    allowed = alarms <= rate * alarms[-1]
    return float(hits[allowed][-1] / hits[-1]) if allowed.any() else 0.0
