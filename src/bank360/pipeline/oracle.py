"""How much of what can be known a model knows: its AUC beside that of the true probabilities.

Only the synthetic bank has a truth. It is read here, after training and never in it, from the truth table outside the
warehouse; no feature, label or model code sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bank360.learning.metrics.discrimination import auc, auc_interval
from bank360.pipeline.train import TestScores


@dataclass(frozen=True)
class OracleShare:
    """One candidate beside the truth: ``share`` is ``(AUC - 0.5) / (oracle AUC - 0.5)`` on the same rows.

    ``share_low`` and ``share_high`` come from the interval of the candidate's AUC: with few events the share says
    little (48 frauds: 0.77 to 1.09).
    """

    candidate: str
    rows: int
    events: int
    auc: float
    oracle_auc: float
    share: float
    share_low: float
    share_high: float


def oracle_share(scores: TestScores, truth: Mapping[str, float]) -> OracleShare:
    """Return a candidate's share of the oracle on its test rows.

    Parameters
    ----------
    scores
        The candidate's test scores.
    truth
        True probability by application id.

    Raises
    ------
    KeyError
        If the truth lacks an application.
    """
    true = np.array([truth[application] for application in scores.application_id], dtype=np.float64)
    found, best = auc_interval(scores.outcome, scores.probability), auc(scores.outcome, true)
    share, low, high = ((value - 0.5) / (best - 0.5) for value in (found.value, found.low, found.high))
    return OracleShare(scores.candidate, len(true), int(scores.outcome.sum()), found.value, best, share, low, high)
