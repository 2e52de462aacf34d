"""What a fitted score leans on: inputs are shuffled among the test rows, and the AUC falls (Breiman, 2001, section 10).

Inputs that say much the same are shuffled as one group, by one permutation: alone neither would be missed, for the
other still tells what it told. A group's fall is the AUC less the mean AUC of several shuffles. The AUC is a mean over
events, and over non-events, of shares (`metrics.discrimination`), so each fall is a mean of differences of shares, and
the differences of all groups on the same rows give its interval, and that of any two groups' difference, by DeLong,
DeLong and Clarke-Pearson (1988), equation 5, for the contrast (1, -1/r, …, -1/r) of a score and its r shuffles.

One group is *shown ahead* of another where the interval of their difference lies above 0. All pairs are held to 5 %
together (Bonferroni), and a group's rank lies between the number shown ahead of it and the number it is shown ahead of
(Mogstad, Romano, Shaikh and Wilhelm, 2024, Inference for Ranks). Rows must be independent: one for each customer.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.metrics.discrimination import auc_components
from bank360.learning.metrics.estimate import Estimate

Verdict = Literal["reproduced", "refuted", "not shown"]


@dataclass(frozen=True)
class Importance:
    """What one group of inputs is worth: the AUC lost without it (95 %), its rank by that, and where the rank may lie.

    Rank 1 is the group worth most.
    """

    name: str
    fall: Estimate
    rank: int
    best: int
    worst: int


@dataclass(frozen=True)
class Importances:
    """All groups, the one worth most first; ``ahead`` has each pair whose first is shown to be worth more."""

    groups: tuple[Importance, ...]
    ahead: frozenset[tuple[str, str]]

    def verdict(self, claimed: Collection[str]) -> Verdict:
        """Say whether the claimed groups are those worth most.

        Reproduced: each is shown ahead of every other group. Refuted: some other group is shown ahead of one of them.
        """
        others = [one.name for one in self.groups if one.name not in claimed]
        if all((one, other) in self.ahead for one in claimed for other in others):
            return "reproduced"
        return "refuted" if any((other, one) in self.ahead for one in claimed for other in others) else "not shown"


def permutation_importance(
    score: Callable[[Floats], Floats], x: Floats, outcome: Floats, groups: Mapping[str, Collection[int]], repeats: int,
    seed: int,
) -> Importances:  # fmt: skip
    """Return what each group of columns is worth to a score on test rows.

    Parameters
    ----------
    score
        From a design matrix to a score of each row, higher where the event is likelier.
    x, outcome
        Test rows, shape ``(n_rows, n_columns)``, and 1.0 where the event happened; at least two rows of either outcome.
    groups
        By name, the columns that are shuffled together.
    repeats
        Shuffles of each group.

    Raises
    ------
    ValueError
        If there are fewer than two events or two non-events.
    """
    from scipy.stats import norm  # half a second of import that a process which only scores does not pay

    if min(int(outcome.sum()), int((outcome != 1).sum())) < 2:
        raise ValueError("with fewer than two events, or two others, there is no interval")
    rng = np.random.default_rng(seed)
    whole = auc_components(outcome, score(x))
    names = tuple(groups)
    lost = [np.zeros((len(names), len(part))) for part in whole]
    for place, columns in enumerate(groups.values()):
        among = list(columns)
        for _ in range(repeats):
            shuffled = x.copy()
            shuffled[:, among] = x[rng.permutation(len(x))][:, among]
            for rows, part, base in zip(lost, auc_components(outcome, score(shuffled)), whole, strict=True):
                rows[place] += (base - part) / repeats
    fall = lost[0].mean(axis=1)
    covariance = sum(np.atleast_2d(np.cov(rows)) / rows.shape[1] for rows in lost)
    variance = np.diag(covariance)
    width = float(norm.ppf(0.975)) * np.sqrt(variance)
    pairs = max(len(names) * (len(names) - 1) // 2, 1)
    apart = float(norm.ppf(1 - 0.025 / pairs)) * np.sqrt(
        np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 0.0)
    )
    ahead = fall[:, None] - fall[None, :] > apart
    found = [
        Importance(
            name,
            Estimate(float(fall[k]), float(fall[k] - width[k]), float(fall[k] + width[k])),
            1 + int((fall > fall[k]).sum()),
            1 + int(ahead[:, k].sum()),
            len(names) - int(ahead[k].sum()),
        )
        for k, name in enumerate(names)
    ]
    shown = frozenset((names[j], names[k]) for j, k in np.argwhere(ahead))
    return Importances(tuple(sorted(found, key=lambda one: -one.fall.value)), shown)
