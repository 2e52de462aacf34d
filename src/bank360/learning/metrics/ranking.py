"""How well a score ranks, for rows that come in groups (payments of a card), under resamples of the groups.

Everything that does not depend on a resample is sorted once; a resample is a weight per group (how often it was drawn),
and each measure takes a pass over sorted rows. Weighted measures are those of the rows written out so many times.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bank360.learning.arrays import Bools, Floats, Ints
from bank360.learning.metrics.estimate import Estimate


class Ranked(NamedTuple):
    """Measures of one ranking: area under the ROC curve, average precision, and precision at the top of each day."""

    auc: float
    average_precision: float
    top_precision: float


@dataclass(frozen=True, eq=False)
class GroupRanking:
    """Rows with outcome, score, group and day, sorted; `group_ranking` makes it."""

    events: Floats
    group: Ints
    last: Bools
    days: tuple[tuple[Ints, Floats], ...]
    n_groups: int
    top: int

    def measures(self, weight: Floats) -> Ranked:
        """Return the measures where group g counts ``weight[g]`` times, whole numbers; all 1: the rows as they are."""
        drawn = weight[self.group]
        hits = np.cumsum(drawn * self.events)[self.last]
        others = np.cumsum(drawn * (1.0 - self.events))[self.last]
        gained, passed = np.diff(hits, prepend=0.0), np.diff(others, prepend=0.0)
        auc = np.sum(passed * (hits - gained / 2)) / (hits[-1] * others[-1])
        taken = hits + others
        precision = np.divide(hits, taken, out=np.zeros_like(hits), where=taken > 0)
        return Ranked(float(auc), float(np.sum(gained * precision) / hits[-1]), self._top_precision(weight))

    def _top_precision(self, weight: Floats) -> float:
        """Return the mean over days of the share of events among the ``top`` groups; a group found is not asked again.

        Le Borgne, Siblini, Lebichot and Bontempi (2022), section 4.4: card precision top-k.
        """
        left = weight.astype(np.float64, copy=True)
        found = []
        for group, event in self.days:
            there = left[group]
            looked_at = np.clip(self.top - (np.cumsum(there) - there), 0.0, there)
            found.append(float(np.sum(looked_at * event)) / self.top)
            left[group] -= looked_at * event
        return float(np.mean(found))


def group_ranking(outcome: Floats, score: Floats, group: Ints, day: Ints, top: int) -> GroupRanking:
    """Return rows sorted for `GroupRanking.measures`.

    Parameters
    ----------
    outcome, score
        0 or 1, and what they are ranked by; a higher score must mean a likelier event.
    group
        Whose each row is, 0 and up. On a day a group has its highest score, and an event if one of its rows has one.
    day
        Each row's day.
    top
        How many groups can be looked at in a day.

    Raises
    ------
    ValueError
        If there is no event, or nothing else.
    """
    if not 0 < outcome.sum() < len(outcome):
        raise ValueError("a ranking needs rows with and without the event")
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)
    days = []
    for one in np.unique(day):
        rows = np.flatnonzero(day == one)
        groups, place = np.unique(group[rows], return_inverse=True)
        best, event = np.full(len(groups), -np.inf), np.zeros(len(groups))
        np.maximum.at(best, place, score[rows])
        np.maximum.at(event, place, outcome[rows])
        first = np.argsort(-best, kind="stable")
        days.append((groups[first], event[first]))
    return GroupRanking(outcome[order], group[order], last, tuple(days), int(group.max()) + 1, top)


def mean_with_interval(rankings: Sequence[GroupRanking], draws: int, seed: int) -> tuple[Estimate, ...]:
    """Return the mean of each measure over several rankings of the same rows, with its 95 % percentile interval.

    Groups are drawn with replacement, all rows of one together, as many as there are: rows of a group are no
    independent evidence (Efron and Tibshirani, 1993, chapter 13). Each draw is the mean over the rankings, so that the
    interval is that of the mean.

    Parameters
    ----------
    rankings
        Of scores by models that differ in their seed.
    draws
        How many resamples.
    seed
        Of the draws.
    """
    rng, n = np.random.default_rng(seed), rankings[0].n_groups

    def mean(weight: Floats) -> Floats:
        return np.asarray(np.mean([ranking.measures(weight) for ranking in rankings], axis=0))

    drawn = np.array([mean(np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)) for _ in range(draws)])
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return tuple(map(Estimate, mean(np.ones(n)).tolist(), low.tolist(), high.tolist()))
