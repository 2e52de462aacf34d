"""Train the application models: spine, features, label, out-of-time split, candidates, card, registry.

The truth of the synthetic bank is not read here: what share of the best possible ranking a model reaches is a later
comparison (`oracle.py`). Rows are sorted by application id before anything is fitted, so that the same data and seed
give the same versions, whatever order the warehouse holds its rows in.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import day_starts, local_days, to_date, to_datetime
from bank360.bank.errors import NotReady
from bank360.features.compute import FeatureMatrix
from bank360.features.feature import AnyFeature, SpineColumn
from bank360.features.spine import Spine
from bank360.labels.application_default import LABEL as DEFAULT
from bank360.labels.application_default import application_default
from bank360.labels.application_fraud import application_fraud, confirmed_fraud
from bank360.labels.label import Labelled, State
from bank360.learning.splits import out_of_time
from bank360.models.application_columns import DAYS_KNOWN, thin_file
from bank360.models.card import CardInput, ModelCard, Period
from bank360.models.catalogue import MODELS
from bank360.models.development import Developed, Measured, Sample, develop
from bank360.models.spec import ModelSpec
from bank360.pipeline.periods import Periods, periods
from bank360.pipeline.progress import Progress, silent
from bank360.storage.registry import Alias, Registry
from bank360.storage.spines import ApplicationSpine, application_cases, application_outcomes, application_spine
from bank360.storage.warehouse import Warehouse

Describe = Callable[[Spine, Sequence[AnyFeature]], FeatureMatrix]
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
    measured
        Test metrics by candidate.
    scores
        Test scores by candidate.
    """

    model: str
    meaning: str
    versions: dict[str, str]
    champion: str | None
    train: Period
    test: Period
    measured: dict[str, tuple[Measured, ...]]
    scores: tuple[TestScores, ...]

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
        }


@dataclass(frozen=True, eq=False)
class _Prepared:
    spine: ApplicationSpine
    columns: dict[str, npt.NDArray[Any]]
    thin: Bools
    periods: Periods


def train(
    warehouse: Warehouse,
    registry: Registry,
    describe: Describe,
    as_of: int,
    zone: str,
    seed: int,
    threads: int,
    trained_by: str,
    code_version: str,
    demo: bool = False,
    progress: Progress = silent,
    models: tuple[ModelSpec, ...] = MODELS,
) -> tuple[TrainReport, ...]:
    """Train every model of ``models``, register its candidates and return what was measured.

    The plain baseline is registered without an alias and the last candidate as challenger; a champion is made by
    `Registry.promote`, by somebody else. Only the demonstration bank approves by itself, its baseline, stamped DEMO.

    Parameters
    ----------
    describe
        Gives the features of a spine (`pipeline/build.py`).
    as_of
        Now, microseconds UTC: nothing known at or after it is used.
    zone
        The bank's zone.
    trained_by, code_version
        For the card.

    Raises
    ------
    NotReady
        If the warehouse holds no applications, or too few events for a model.
    """
    prepared = _prepare(warehouse, describe, as_of, zone, models, progress)
    reports = []
    for done, spec in enumerate(models):
        progress(f"training {spec.name}", done, len(models))
        sample, complete = _sample(warehouse, spec, prepared, zone)
        developed = develop(spec, sample, seed, threads)
        reports.append(
            _registered(registry, spec, prepared, sample, complete, developed, seed, trained_by, code_version, demo)
        )
    progress("training", len(models), len(models))
    return tuple(reports)


def features_of(models: Sequence[ModelSpec]) -> tuple[AnyFeature, ...]:
    """Return what the models read and what that is derived from, each name once."""
    return tuple({f.name: f for spec in models for f in (*spec.inputs, *spec.parts)}.values())


def columns_of(matrix: FeatureMatrix) -> dict[str, npt.NDArray[Any]]:
    """Return a feature matrix as columns by name."""
    numbers = {name: np.ascontiguousarray(matrix.values[:, j]) for j, name in enumerate(matrix.names)}
    return numbers | {name: np.asarray(values, dtype=object) for name, values in matrix.categorical.items()}


def _prepare(
    warehouse: Warehouse,
    describe: Describe,
    as_of: int,
    zone: str,
    models: tuple[ModelSpec, ...],
    progress: Progress,
) -> _Prepared:
    progress("reading applications", 0, 3)
    spine = application_spine(warehouse, as_of, zone)
    if len(spine.application_id) == 0:
        raise NotReady("The warehouse holds no applications to learn from. Load some: bank360 ingest.")
    wanted = features_of(models)
    known = {f.name for f in wanted if isinstance(f, SpineColumn)}
    own = {name: values for name, values in spine.columns.items() if name in known}
    progress("features of applications", 1, 3)
    matrix = describe(Spine(spine.application_id, spine.customer, spine.submitted_at, own), wanted)
    columns = columns_of(matrix)
    progress("features of applications", 3, 3)
    return _Prepared(spine, columns, thin_file(columns[DAYS_KNOWN]), periods(as_of, zone))


def _labels(warehouse: Warehouse, spec: ModelSpec, prepared: _Prepared, at: int, day: int) -> Labelled:
    """Return the label of every application as it stood at ``at``; ``complete_at`` in microseconds."""
    cases = application_cases(warehouse, prepared.spine, at)
    if spec.label != DEFAULT:
        return application_fraud(prepared.spine.submitted_at, cases, at)
    booked = application_outcomes(warehouse, prepared.spine, at)
    fraud = confirmed_fraud(len(prepared.spine.application_id), cases, at)
    return application_default(
        booked.opened_on, booked.closed_on, booked.booked, booked.closed_bad, fraud, booked.repayment, day
    )


def _sample(
    warehouse: Warehouse, spec: ModelSpec, prepared: _Prepared, zone: str
) -> tuple[Sample, tuple[Bools, Bools]]:
    p, spine = prepared.periods, prepared.spine
    fitted = _labels(warehouse, spec, prepared, p.test_start, p.test_start_day)
    tested = _labels(warehouse, spec, prepared, p.taken_at, p.taken_day)
    complete = [
        day_starts(label.complete_at, zone) if spec.label == DEFAULT else label.complete_at
        for label in (fitted, tested)
    ]
    first = int(spine.submitted_at.min())
    train_split = out_of_time(spine.submitted_at, complete[0], first, p.test_start, p.test_end, p.taken_at)
    test_split = out_of_time(spine.submitted_at, complete[1], first, p.test_start, p.test_end, p.taken_at)
    # Indeterminate rows are left out of fitting; in the test they count as no event, as definitions.md has it.
    trains = train_split.train & np.isin(fitted.state, (State.NO_EVENT, State.EVENT))
    tests = test_split.test & np.isin(tested.state, (State.NO_EVENT, State.EVENT, State.INDETERMINATE))
    sample = Sample(
        spine.customer.astype(np.int64),
        prepared.thin,
        prepared.columns,
        trains,
        tests,
        (fitted.state == State.EVENT).astype(np.float64),
        (tested.state == State.EVENT).astype(np.float64),
    )
    return sample, (trains, tests)


def _registered(
    registry: Registry,
    spec: ModelSpec,
    prepared: _Prepared,
    sample: Sample,
    rows: tuple[Bools, Bools],
    developed: tuple[Developed, ...],
    seed: int,
    trained_by: str,
    code_version: str,
    demo: bool,
) -> TrainReport:
    trains, tests = rows
    train_period = _period(prepared.spine, trains, sample.fitted_outcome)
    test_period = _period(prepared.spine, tests, sample.tested_outcome)
    data_version = _data_version(spec, prepared, sample)
    baseline = developed[0]
    versions = {}
    for candidate in developed:
        card = ModelCard(
            spec.name,
            candidate.model.candidate,
            spec.meaning,
            spec.label.meaning,
            spec.label.population,
            to_datetime(prepared.periods.taken_at).isoformat(),
            train_period,
            test_period,
            tuple(CardInput(f.name, f.meaning, f.unit, f.sign, str(f.reason), f.owner) for f in spec.inputs),
            candidate.measured,
            baseline.measured,
            baseline.model.candidate,
            candidate.reason_rates,
            data_version,
            code_version,
            seed,
            trained_by,
            (
                "No protected attribute is an input.",
                "Rejected applications have no outcome; no reject inference is made.",
            ),
        )
        alias: Alias | None = None if candidate is baseline else "challenger"
        versions[candidate.model.candidate] = registry.register(candidate.model, card, alias)
    if demo:
        registry.promote(spec.name, versions[baseline.model.candidate], approved_by="DEMO", demo=True)
    return TrainReport(
        spec.name,
        spec.meaning,
        versions,
        registry.aliases(spec.name).get("champion"),
        train_period,
        test_period,
        {d.model.candidate: d.measured for d in developed},
        tuple(
            TestScores(
                d.model.candidate,
                prepared.spine.application_id[tests],
                d.probability,
                sample.tested_outcome[tests],
            )
            for d in developed
        ),
    )


def _period(spine: ApplicationSpine, rows: Bools, outcome: Floats) -> Period:
    at = spine.submitted_at[rows]
    first, last = (str(to_date(int(day))) for day in local_days([at.min(), at.max()], "UTC"))
    return Period(first, last, int(rows.sum()), int(outcome[rows].sum()))


def _data_version(spec: ModelSpec, prepared: _Prepared, sample: Sample) -> str:
    """Return a hash of every value that training and testing read."""
    digest = hashlib.sha256()
    digest.update("\n".join(prepared.spine.application_id).encode())
    for feature in spec.inputs:
        values = prepared.columns[feature.name]
        digest.update(feature.name.encode())
        digest.update("\n".join(map(str, values)).encode() if values.dtype == object else values.tobytes())
    for mask in (sample.train, sample.test, sample.fitted_outcome, sample.tested_outcome):
        digest.update(mask.tobytes())
    return digest.hexdigest()[:16]
