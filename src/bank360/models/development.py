"""Fit a model's candidates on the same training rows, and measure them on the same later rows.

Pure: arrays in, fitted models and their measurements out. The out-of-time test is looked at once per candidate; folds
for calibration and for the number of trees lie inside the training rows. Each candidate is measured on the whole test
population, on customers never seen in training, and on the thin file and the rest apart.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bank360.bank.counted import counted
from bank360.bank.errors import NotReady, TooFewEvents
from bank360.learning.arrays import Bools, Floats, Ints
from bank360.learning.metrics.calibration import CalibrationReport, calibration_report
from bank360.learning.metrics.discrimination import (
    auc_difference,
    auc_interval,
    average_precision,
    gini,
    ks,
    recall_at_fpr,
)
from bank360.learning.metrics.estimate import Estimate
from bank360.learning.selection import CircularTarget
from bank360.learning.splits import never_seen
from bank360.learning.tabular import Columns, Fit, fit_with_folds
from bank360.models.level import Level, level_of, recent_rows
from bank360.models.reasons import Reasons, reasons
from bank360.models.spec import Candidate, FittedModel, ModelSpec, Part, Population, rows_of, void_history

LEAST_TRAINING_EVENTS = 20
LEAST_THIN_EVENTS = 30
LEAST_MEASURED_EVENTS = 10


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows to develop a model on, sorted by key.

    Parameters
    ----------
    customer
        Dense customer index, -1 where unknown.
    at
        Moment of each row, microseconds UTC.
    thin
        Which rows have no history with the bank.
    columns
        The spec's inputs by name.
    train, test
        Which rows train and which test (disjoint).
    fitted_outcome, tested_outcome
        1.0 where the event happened, as known when training, and as known when testing.
    """

    customer: Ints
    at: Ints
    thin: Bools
    columns: Columns
    train: Bools
    test: Bools
    fitted_outcome: Floats
    tested_outcome: Floats


@dataclass(frozen=True)
class Measured:
    """Metrics of one candidate on one population of the test rows."""

    population: str
    rows: int
    events: int
    auc: Estimate
    gini: float
    ks: float
    average_precision: float
    recall_at_5_percent_fpr: float
    calibration: CalibrationReport

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        return {
            "population": self.population,
            "rows": self.rows,
            "events": self.events,
            "auc": self.auc.to_json(),
            "gini": self.gini,
            "ks": self.ks,
            "average_precision": self.average_precision,
            "recall_at_5_percent_fpr": self.recall_at_5_percent_fpr,
            "calibration": self.calibration.to_json(),
        }


@dataclass(frozen=True)
class Unmeasured:
    """A population of the test rows with too few of either outcome to measure anything on."""

    population: str
    rows: int
    events: int

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON values."""
        return dict(vars(self))


@dataclass(frozen=True)
class ReasonRates:
    """How the reasons of the riskiest test rows held up (those that would be declined).

    ``rows`` are the riskiest tenth and all that are as risky as the last of it: rows of one probability are not told
    apart.
    """

    rows: int
    without_reason: int
    tried: int
    failed: int
    dropped: int
    together_improves: int

    def to_json(self) -> dict[str, int]:
        """Return the counts as JSON values."""
        return dict(vars(self))


@dataclass(frozen=True, eq=False)
class Developed:
    """One candidate, fitted and measured; ``probability`` is of the test rows in their order.

    ``level`` is what set its level where that was not all training rows, ``gain`` its AUC less the baseline's on all
    test rows, None of the baseline itself.

    Every population is in ``measured`` or, where it holds too few events to be measured, in ``unmeasured``.
    """

    model: FittedModel
    measured: tuple[Measured, ...]
    unmeasured: tuple[Unmeasured, ...]
    reason_rates: ReasonRates
    probability: Floats
    level: Level | None
    gain: Estimate | None = None


def develop(spec: ModelSpec, sample: Sample, seed: int, threads: int) -> tuple[Developed, ...]:
    """Fit and measure every candidate of the spec, in its order.

    Raises
    ------
    TooFewEvents
        If too few events train or test.
    NotReady
        If one input alone tells the outcome.
    """
    enough_events(spec, sample)
    columns = void_history(spec.from_history, sample.columns, sample.thin)
    answers = []
    for candidate in spec.candidates:
        try:
            model, level = fit_candidate(spec, candidate, sample, columns, seed, threads)
        except CircularTarget as error:
            raise NotReady(f"Model '{spec.name}': {error}.") from error
        answers.append(_measured(model, level, sample, columns))
    outcome, baseline = sample.tested_outcome[sample.test], answers[0]
    others = (replace(o, gain=auc_difference(outcome, o.probability, baseline.probability)) for o in answers[1:])
    return (baseline, *others)


def enough_events(spec: ModelSpec, sample: Sample) -> None:
    """Raise TooFewEvents where too few events train or test."""
    events = int(sample.fitted_outcome[sample.train].sum())
    if events < LEAST_TRAINING_EVENTS:
        rows = counted(int(sample.train.sum()), "training row")
        raise TooFewEvents(
            f"Model '{spec.name}' is not trained: it has {counted(events, 'event')} in {rows} and needs at least "
            f"{LEAST_TRAINING_EVENTS}. {_takes(spec, events, LEAST_TRAINING_EVENTS)}"
        )
    tested = int(sample.tested_outcome[sample.test].sum())
    if tested < LEAST_MEASURED_EVENTS:
        raise TooFewEvents(
            f"Model '{spec.name}' is not trained: it has {counted(tested, 'event')} in its test period and needs at "
            f"least {LEAST_MEASURED_EVENTS}. {_takes(spec, tested, LEAST_MEASURED_EVENTS)}"
        )


def _takes(spec: ModelSpec, events: int, least: int) -> str:
    """Return what it takes to have enough events, and what one is."""
    times = f" with about {least / events:.1f} times as many such rows" if events else ""
    return (
        f"That takes a bigger bank or a longer history{times}: load more, or wait until more outcome windows are "
        f"complete. An event is: {spec.label.meaning}."
    )


def fit_candidate(
    spec: ModelSpec, candidate: Candidate, sample: Sample, columns: Columns, seed: int, threads: int
) -> tuple[FittedModel, Level | None]:
    """Fit one candidate on the training rows of a sample, and say what set its level if not all of them.

    Parameters
    ----------
    columns
        The sample's columns with history void for the thin file (`void_history`).

    Raises
    ------
    CircularTarget
        If one input alone tells the outcome.
    """

    def fit(rows: Bools, thin: bool) -> Fit:
        table, outcome = rows_of(columns, rows), sample.fitted_outcome[rows]
        return fit_with_folds(candidate.recipe, spec.tabular_inputs(thin), table, outcome, seed, threads)

    fits: list[tuple[Population, Bools, Fit]] = []
    events = [int(sample.fitted_outcome[sample.train & (sample.thin == thin)].sum()) for thin in (False, True)]
    if candidate.by_history and min(events) >= LEAST_THIN_EVENTS:
        for thin in (False, True):
            rows = sample.train & (sample.thin == thin)
            fits.append(("thin file" if thin else "with history", rows, fit(rows, thin)))
    else:
        fits.append(("all", sample.train, fit(sample.train, False)))
    level = _level(spec, sample, fits)
    parts = (Part(name, one.model if level is None else one.model.raised(level.shift)) for name, _, one in fits)
    model = FittedModel(
        spec.name, candidate.name, tuple(parts), spec.reason_of, spec.from_history, spec.missing_reason_of
    )
    return model, level


def _level(spec: ModelSpec, sample: Sample, fits: list[tuple[Population, Bools, Fit]]) -> Level | None:
    if spec.level_days is None:
        return None
    out_of_fold = np.zeros(len(sample.at))
    for _, rows, fit in fits:
        out_of_fold[rows] = fit.out_of_fold
    recent = sample.train & recent_rows(sample.at, sample.train, spec.level_days)
    return level_of(out_of_fold[recent], sample.fitted_outcome[recent], spec.level_days)


def _measured(model: FittedModel, level: Level | None, sample: Sample, columns: Columns) -> Developed:
    table, thin = rows_of(columns, sample.test), sample.thin[sample.test]
    outcome = sample.tested_outcome[sample.test]
    probability = model.score(table, thin).probability
    unseen = never_seen(sample.customer, sample.train)[sample.test]
    everyone = np.ones(len(outcome), dtype=np.bool_)
    groups = (("all", everyone), ("never seen in training", unseen), ("with history", ~thin), ("thin file", thin))
    measured, unmeasured = [], []
    for name, rows in groups:
        if LEAST_MEASURED_EVENTS <= outcome[rows].sum() < rows.sum():
            measured.append(measure(name, outcome[rows], probability[rows]))
        else:
            unmeasured.append(Unmeasured(name, int(rows.sum()), int(outcome[rows].sum())))
    rates = reason_rates(model, table, thin, probability)
    return Developed(model, tuple(measured), tuple(unmeasured), rates, probability, level)


def measure(population: str, outcome: Floats, probability: Floats) -> Measured:
    """Return every metric of probabilities on one population; both outcomes must occur."""
    return Measured(
        population,
        len(outcome),
        int(outcome.sum()),
        auc_interval(outcome, probability),
        gini(outcome, probability),
        ks(outcome, probability),
        average_precision(outcome, probability),
        recall_at_fpr(outcome, probability, 0.05),
        calibration_report(outcome, probability),
    )


def reason_rates(model: FittedModel, columns: Columns, thin: Bools, probability: Floats) -> ReasonRates:
    """Count how reasons hold up over the riskiest rows, by ``probability``, the model's own of each row."""
    riskiest = probability >= np.quantile(probability, 0.9)
    stated: Reasons = reasons(model, rows_of(columns, riskiest), thin[riskiest])
    return ReasonRates(
        int(riskiest.sum()),
        int((stated.count == 0).sum()),
        stated.tried,
        stated.failed,
        stated.dropped,
        int((stated.improvement > 0).sum()),
    )
