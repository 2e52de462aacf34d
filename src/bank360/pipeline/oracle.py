"""How much of what can be known a model knows, and which reject inference comes closest to the truth.

Only the synthetic bank has a truth. It is read here, after training and never in it, from the truth table outside the
warehouse; no feature, label or model code sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bank360.learning.metrics.calibration import observed_over_expected
from bank360.learning.metrics.discrimination import auc, auc_interval
from bank360.learning.metrics.estimate import Estimate
from bank360.models.reject_inference import approved_at_share
from bank360.pipeline.train_report import DecidedScores, TestScores


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


@dataclass(frozen=True)
class RejectTruth:
    """One reject inference method beside what the declined would have done.

    Parameters
    ----------
    method
        "none", "fuzzy" or "parcelling".
    declined, bad
        Declined test applications, and how many of them would have defaulted.
    auc, observed_over_expected
        On the declined.
    door_auc, door_observed_over_expected
        On all decided applications, through the door.
    approved_bad_rate
        True bad rate among those the method would approve, were as many approved as the bank did.
    """

    method: str
    declined: int
    bad: int
    auc: Estimate
    observed_over_expected: Estimate
    door_auc: Estimate
    door_observed_over_expected: Estimate
    approved_bad_rate: float


def reject_truth(scores: DecidedScores, defaulted: Mapping[str, float]) -> tuple[RejectTruth, ...]:
    """Return every method beside the truth, on the decided applications of the test period.

    Parameters
    ----------
    scores
        Probabilities by method.
    defaulted
        By application id, 1.0 where it defaulted within 12 months, or would have.

    Raises
    ------
    KeyError
        If the truth lacks an application.
    """
    outcome = np.array([defaulted[application] for application in scores.application_id], dtype=np.float64)
    declined = scores.declined
    return tuple(
        RejectTruth(
            method,
            int(declined.sum()),
            int(outcome[declined].sum()),
            auc_interval(outcome[declined], probability[declined]),
            observed_over_expected(outcome[declined], probability[declined]),
            auc_interval(outcome, probability),
            observed_over_expected(outcome, probability),
            float(outcome[approved_at_share(probability, scores.approved_share)].mean()),
        )
        for method, probability in scores.probability.items()
    )
