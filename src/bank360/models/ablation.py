"""What each kind of input is worth to a model: it is fitted again without it, and each input is shuffled in turn.

Two questions with two answers. *Ablation* leaves a group of inputs out of training: what the others make good counts
as nothing lost. *Permutation importance* (Breiman, 2001, Random Forests, section 10) shuffles one input among the test
rows of the model as it is: what the model leans on, whatever else could have told the same. Both are on the test rows,
later than training, and in AUC; the interval of a difference is of the same rows under both models.
Neighbours: `development.py` fits, `pipeline/ablate.py` reads the rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from bank360.features.families import FAMILIES
from bank360.learning.arrays import Floats
from bank360.learning.metrics.discrimination import auc, auc_difference, auc_interval
from bank360.learning.metrics.estimate import Estimate
from bank360.models.application_columns import (
    AMOUNT_TO_INCOME,
    BUREAU_SCORE,
    COMMITMENTS_TO_INCOME,
    DEBT,
    DEBT_TO_INCOME,
    DECLARED_TO_DETECTED,
    INCOME,
    SEARCHES,
    WORST,
)
from bank360.models.development import Sample, fit_candidate
from bank360.models.spec import Candidate, FittedModel, ModelSpec, rows_of, void_history

BUREAU, OF_FORM = "credit bureau", "application form"
_GROUP = {one.name: BUREAU for one in (BUREAU_SCORE, SEARCHES, DEBT, WORST, DEBT_TO_INCOME)} | {
    one.name: "income" for one in (INCOME, AMOUNT_TO_INCOME, COMMITMENTS_TO_INCOME, DECLARED_TO_DETECTED)
}
_FAMILY = {feature.name: name.replace("_", " ") for name, family in FAMILIES.items() for feature in family}
SHUFFLES = 5


@dataclass(frozen=True)
class Without:
    """A model fitted without a group of inputs: its AUC, and how much that is above the whole model's (negative: lost).

    ``inputs`` are those that were left out.
    """

    group: str
    inputs: tuple[str, ...]
    auc: Estimate
    change: Estimate


@dataclass(frozen=True)
class Shuffled:
    """An input shuffled among the test rows: how far the AUC falls, the mean of several shuffles and the extremes."""

    name: str
    group: str
    fall: Estimate


@dataclass(frozen=True)
class Ablation:
    """What the inputs of one candidate are worth on its test rows; groups and inputs, those worth most first."""

    candidate: str
    rows: int
    events: int
    auc: Estimate
    without: tuple[Without, ...]
    shuffled: tuple[Shuffled, ...]


def groups_of(spec: ModelSpec) -> Mapping[str, tuple[str, ...]]:
    """Return the inputs of a model by what they are about: the families of features, the bureau, the form."""
    found: dict[str, list[str]] = {}
    for one in spec.inputs:
        group = _GROUP.get(one.name) or _FAMILY.get(one.name) or OF_FORM
        found.setdefault(group, []).append(one.name)
    return {group: tuple(names) for group, names in found.items()}


def without(spec: ModelSpec, names: tuple[str, ...]) -> ModelSpec:
    """Return the model without some of its inputs; what others are derived from stays a part of it."""
    left = tuple(one for one in spec.inputs if one.name not in names)
    gone = tuple(one for one in spec.inputs if one.name in names)
    return replace(spec, inputs=left, parts=(*spec.parts, *gone))


def ablated(spec: ModelSpec, candidate: Candidate, sample: Sample, seed: int, threads: int) -> Ablation:
    """Return what the inputs of one candidate are worth.

    Raises
    ------
    CircularTarget
        If one input alone tells the outcome.
    """
    columns, outcome = void_history(spec.from_history, sample.columns, sample.thin), sample.tested_outcome[sample.test]

    def tested(of: ModelSpec) -> tuple[FittedModel, Floats]:
        model, _ = fit_candidate(of, candidate, sample, columns, seed, threads)
        return model, model.score(rows_of(columns, sample.test), sample.thin[sample.test]).probability

    model, whole = tested(spec)
    groups = groups_of(spec)
    rng = np.random.default_rng(seed)
    left_out = []
    for group, names in groups.items():
        if len(names) < len(spec.inputs):
            _, less = tested(without(spec, names))
            change = auc_difference(outcome, less, whole)
            left_out.append(Without(group, names, auc_interval(outcome, less), change))
    table, thin, whole_auc = rows_of(columns, sample.test), sample.thin[sample.test], auc(outcome, whole)
    shuffled = []
    for group, names in groups.items():
        for name in names:
            falls = []
            for _ in range(SHUFFLES):
                moved = {**table, name: table[name][rng.permutation(len(outcome))]}
                falls.append(whole_auc - auc(outcome, model.score(moved, thin).probability))
            shuffled.append(Shuffled(name, group, Estimate(float(np.mean(falls)), min(falls), max(falls))))
    return Ablation(
        candidate.name,
        len(outcome),
        int(outcome.sum()),
        auc_interval(outcome, whole),
        tuple(sorted(left_out, key=lambda one: one.change.value)),
        tuple(sorted(shuffled, key=lambda one: -one.fall.value)),
    )
