"""None, fuzzy and parcelling beside each other: the baseline refitted with the declined, and what that moves.

Each method's model is the plain baseline, fitted on the same accepted rows and, but for "none", on the declined of the
same months with an assumed outcome (`learning/reject_inference.py`). All three are measured on the same accepted rows
of the test period, the only ones with an outcome. The cut-off is where a bank that approves by this model alone would
approve the same share of the decided applications as it did: what moves there is what reject inference would change.
Whether it would be right only the synthetic bank knows; that comparison is made elsewhere, after training.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bank360.learning.arrays import Bools, Floats
from bank360.learning.reject_inference import ParcellingRules, fuzzy_outcome, parcelled_outcome
from bank360.models.development import Measured, Sample, fit_candidate, measure
from bank360.models.spec import FittedModel, ModelSpec, rows_of, void_history

METHODS = ("none", "fuzzy", "parcelling")
LEAST_DECLINED = 50
PARCELLING = ParcellingRules()


@dataclass(frozen=True, eq=False)
class Declined:
    """Declined applications, as masks over a sample's rows.

    Parameters
    ----------
    train
        Declined in the months of the training rows, as known when training.
    test
        Declined in the test period.
    approved
        Approved in the test period, taken up or not: with ``test`` all that were decided.
    """

    train: Bools
    test: Bools
    approved: Bools


@dataclass(frozen=True)
class MethodFound:
    """What one method gives.

    Parameters
    ----------
    method
        "none", "fuzzy" or "parcelling".
    declined, assumed_bad_rate
        Declined rows in the fit, and the share of them that the method takes for bad; 0 and None for "none".
    measured
        On the accepted of the test period.
    cut_off
        The highest probability approved where the bank's own share is approved.
    expected_bad_rate
        Mean probability of those approved there.
    changed
        Decided applications that this cut-off decides otherwise than that of "none".
    """

    method: str
    declined: int
    assumed_bad_rate: float | None
    measured: Measured
    cut_off: float
    expected_bad_rate: float
    changed: int

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return vars(self) | {"measured": self.measured.to_json()}


@dataclass(frozen=True)
class RejectInference:
    """The methods side by side; ``decided`` test applications, of which the share ``approved_share`` was approved."""

    candidate: str
    decided: int
    approved_share: float
    uplift: float
    methods: tuple[MethodFound, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as JSON values."""
        return vars(self) | {"methods": [m.to_json() for m in self.methods]}


@dataclass(frozen=True, eq=False)
class Inferred:
    """The comparison, and by method the probability of every decided test row.

    ``decided`` is a mask over the sample's rows, ``declined`` one over the decided rows.
    """

    found: RejectInference
    decided: Bools
    declined: Bools
    probability: dict[str, Floats]


def reject_inference(
    spec: ModelSpec, sample: Sample, declined: Declined, baseline: FittedModel, seed: int, threads: int
) -> Inferred | None:
    """Return the methods side by side; None where there are too few declined rows to show anything.

    Parameters
    ----------
    baseline
        The spec's first candidate, fitted on the sample: the method "none".
    """
    decided = declined.test | declined.approved
    if min(int(declined.train.sum()), int(declined.test.sum()), int(declined.approved.sum())) < LEAST_DECLINED:
        return None
    columns = void_history(spec.from_history, sample.columns, sample.thin)

    def probability(model: FittedModel, rows: Bools) -> Floats:
        return model.score(rows_of(columns, rows), sample.thin[rows]).probability

    of_declined = probability(baseline, declined.train)
    accepted = probability(baseline, sample.train), sample.fitted_outcome[sample.train]
    assumed = {
        "fuzzy": fuzzy_outcome(of_declined),
        "parcelling": parcelled_outcome(*accepted, of_declined, PARCELLING, seed),
    }
    models = {"none": baseline}
    for method, outcome in assumed.items():
        fitted = sample.fitted_outcome.copy()
        fitted[declined.train] = outcome
        widened = replace(sample, train=sample.train | declined.train, fitted_outcome=fitted)
        models[method], _ = fit_candidate(spec, spec.candidates[0], widened, columns, seed, threads)
    share = float(declined.approved.sum() / decided.sum())
    of_decided = {method: probability(models[method], decided) for method in METHODS}
    methods = []
    for method in METHODS:
        approves = {m: approved_at_share(of_decided[m], share) for m in ("none", method)}
        scored = of_decided[method]
        cut_off = float(scored[approves[method]].max())
        taken = assumed.get(method)
        methods.append(
            MethodFound(
                method,
                0 if taken is None else len(taken),
                None if taken is None else float(taken.mean()),
                measure("accepted", sample.tested_outcome[sample.test], probability(models[method], sample.test)),
                cut_off,
                float(scored[approves[method]].mean()),
                int((approves[method] != approves["none"]).sum()),
            )
        )
    found = RejectInference(spec.candidates[0].name, int(decided.sum()), share, PARCELLING.uplift, tuple(methods))
    return Inferred(found, decided, declined.test[decided], of_decided)


def approved_at_share(probability: Floats, share: float) -> Bools:
    """Return which rows are approved where the given share is: the least risky, the earlier row first in a tie."""
    answer = np.zeros(len(probability), dtype=np.bool_)
    answer[np.argsort(probability, kind="stable")[: round(share * len(probability))]] = True
    return answer
