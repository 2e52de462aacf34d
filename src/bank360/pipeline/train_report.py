"""What training gave: of each model versions, periods and test metrics, and the scores that comparisons begin with.

Invariant: what goes out as JSON holds figures only; scores, which are of single applications, stay in the process.
Neighbours: `train.py` makes it, `cli/metrics.py` prints it, `oracle.py` sets it beside the synthetic bank's truth.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.models.card import Period
from bank360.models.development import Measured, Unmeasured

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TestScores:
    """One candidate's scores of the test rows, for comparisons after training."""

    candidate: str
    application_id: npt.NDArray[np.object_]
    probability: Floats
    outcome: Floats


@dataclass(frozen=True, eq=False)
class DecidedScores:
    """By reject inference method, the probability of every decided test application, for comparisons after training.

    ``declined`` marks those without an outcome; ``approved_share`` is the share that the bank approved.
    """

    application_id: npt.NDArray[np.object_]
    declined: Bools
    approved_share: float
    probability: dict[str, Floats]


@dataclass(frozen=True, eq=False)
class TrainReport:
    """What training one model gave.

    Parameters
    ----------
    model, meaning
        Which one.
    versions
        The registered version of each candidate, baseline first.
    champion
        The version that is champion now, None before anybody promoted one.
    train, test
        The periods.
    measured, unmeasured
        Test metrics by candidate, and the populations with too few events for any.
    scores
        Test scores by candidate.
    decided
        Scores of the decided test applications by reject inference method, where the model has any.
    """

    model: str
    meaning: str
    versions: dict[str, str]
    champion: str | None
    train: Period
    test: Period
    measured: dict[str, tuple[Measured, ...]]
    unmeasured: dict[str, tuple[Unmeasured, ...]]
    scores: tuple[TestScores, ...]
    decided: DecidedScores | None

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values, without the scores."""
        return {
            "model": self.model,
            "meaning": self.meaning,
            "versions": self.versions,
            "champion": self.champion,
            "train": vars(self.train),
            "test": vars(self.test),
            "measured": {name: [m.to_json() for m in measured] for name, measured in self.measured.items()},
            "unmeasured": {name: [u.to_json() for u in some] for name, some in self.unmeasured.items()},
        }


@dataclass(frozen=True)
class NotTrained:
    """A model that has too few events yet, and what to do."""

    model: str
    why: str


@dataclass(frozen=True, eq=False)
class Trained:
    """What training gave: a report of each model, and the models that have too few events yet."""

    reports: tuple[TrainReport, ...]
    not_trained: tuple[NotTrained, ...]

    def to_json(self) -> dict[str, Any]:
        """Return reports and what was left out as JSON values, without the scores."""
        return {
            "models": [report.to_json() for report in self.reports],
            "not_trained": [vars(one) for one in self.not_trained],
        }
