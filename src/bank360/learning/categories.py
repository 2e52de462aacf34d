"""Categories as numbers: each level becomes its weight of evidence, learned on the training rows.

A level that is rare in training is pooled with all other rare ones, and a level never seen in training reads as that
pool; a missing value stays missing (NaN). So one design matrix of doubles serves scorecard, linear model and trees,
and the scorecard's monotone binning of the numbers is the best grouping of the levels (Fisher, 1958: for a convex
criterion the optimal groups are neighbours in the order of the event rate).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.learning.arrays import Bools, Floats, Objects
from bank360.learning.binning import weight_of_evidence


@dataclass(frozen=True)
class Levels:
    """What each level of one categorical variable is worth.

    Parameters
    ----------
    value
        Weight of evidence by level.
    other
        Of rare and unseen levels together.
    rare
        Levels that training had, and too few rows of to learn from; unknown of models that were stored without.
    """

    value: dict[str, float]
    other: float
    rare: tuple[str, ...] = ()

    def encode(self, column: Objects) -> Floats:
        """Return the number of each level; NaN where the column holds None (or a float NaN)."""
        numbers = [np.nan if _absent(level) else self.value.get(str(level), self.other) for level in column]
        return np.array(numbers, dtype=np.float64)

    def unseen(self, column: Objects) -> Bools:
        """Return which rows hold a level that training never had, and which therefore reads as ``other``."""
        known = {*self.value, *self.rare}
        return np.array([not (_absent(level) or str(level) in known) for level in column], dtype=np.bool_)

    def to_json(self) -> dict[str, Any]:
        """Return the levels as JSON values."""
        return {"value": self.value, "other": self.other, **({"rare": list(self.rare)} if self.rare else {})}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Levels":
        """Return the levels that `to_json` wrote."""
        rare = tuple(map(str, values.get("rare", ())))
        return cls({str(k): float(v) for k, v in values["value"].items()}, float(values["other"]), rare)


def _absent(level: object) -> bool:
    return level is None or (isinstance(level, float) and np.isnan(level))


def learn_levels(column: Objects, outcome: Floats, min_share: float = 0.01, min_rows: int = 30) -> Levels:
    """Learn what each level is worth.

    Parameters
    ----------
    column
        One level per row as text, None where there is none.
    outcome
        1.0 where the event happened.
    min_share, min_rows
        A level with fewer rows than this share of all, or than this number, is pooled.
    """
    known = np.array([not _absent(level) for level in column], dtype=bool)
    levels, index = np.unique(np.array([str(level) for level in column[known]], dtype=str), return_inverse=True)
    rows = np.bincount(index, minlength=len(levels)).astype(np.float64)
    events = np.bincount(index, weights=outcome[known], minlength=len(levels)).astype(np.float64)
    rare = (rows < min_share * len(column)) | (rows < min_rows)
    all_events, all_others = float(outcome.sum()), float(len(outcome) - outcome.sum())
    value = weight_of_evidence(events, rows - events, all_events, all_others)
    pool = np.array([events[rare].sum()]), np.array([(rows - events)[rare].sum()])
    other = float(weight_of_evidence(*pool, all_events, all_others)[0]) if pool[0] + pool[1] >= min_rows else 0.0
    return Levels(
        {str(level): float(v) for level, v, r in zip(levels, value, rare, strict=True) if not r},
        other,
        tuple(str(level) for level in levels[rare]),
    )
