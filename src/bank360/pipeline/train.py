"""Train the application models: spine, features, label, out-of-time split, candidates, card, registry.

The truth of the synthetic bank is not read here: what share of the best possible ranking a model reaches is a later
comparison (`oracle.py`). Rows are sorted by application id before anything is fitted, so that the same data and seed
give the same versions, whatever order the warehouse holds its rows in. `train_report.py` says what training gives.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import local_days, to_date, to_datetime
from bank360.bank.errors import NotReady, TooFewEvents
from bank360.features.compute import FeatureMatrix
from bank360.features.feature import AnyFeature, SpineColumn, stated_sign
from bank360.features.spine import Spine
from bank360.labels.application_default import LABEL as DEFAULT
from bank360.labels.application_default import DefaultDefinition
from bank360.models.application_columns import DAYS_KNOWN, thin_file
from bank360.models.card import CardInput, ModelCard, Period
from bank360.models.catalogue import MODELS
from bank360.models.development import Developed, Sample, develop
from bank360.models.level import Level
from bank360.models.reject_inference import Inferred, reject_inference
from bank360.models.spec import ModelSpec
from bank360.pipeline.periods import Periods, periods
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train_report import DecidedScores, NotTrained, TestScores, Trained, TrainReport
from bank360.pipeline.train_rows import declined_of, sample_of
from bank360.storage.registry import Alias, Registry
from bank360.storage.spines import ApplicationSpine, application_spine
from bank360.storage.warehouse import Warehouse

Describe = Callable[[Spine, Sequence[AnyFeature]], FeatureMatrix]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What every model is trained on: applications, their features, which of them have no history, and periods."""

    spine: ApplicationSpine
    columns: dict[str, npt.NDArray[Any]]
    thin: Bools
    periods: Periods
    zone: str


@dataclass(frozen=True)
class _Stamp:
    """What every card of one training says."""

    seed: int
    trained_by: str
    code_version: str
    demo: bool
    notes: tuple[str, ...]
    definition: DefaultDefinition


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
    notes: tuple[str, ...] = (),
    definition: DefaultDefinition | None = None,
) -> Trained:
    """Train every model of ``models``, register its candidates and return what was measured.

    A model with too few events is left out and said; the others go on.

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
    notes
        What every metric on the warehouse's rows is stamped with: the notes of the sources that filled it.
    definition
        What counts as default; the card says it.

    Raises
    ------
    NotReady
        If the warehouse holds no applications, or one input alone tells a model's outcome.
    SettingsError
        If credit is in a currency for which the definition has no material amount.
    """
    definition = definition or DefaultDefinition()
    prepared = prepare(warehouse, describe, as_of, zone, models, progress)
    stamp = _Stamp(seed, trained_by, code_version, demo, notes, definition)
    reports: list[TrainReport] = []
    not_trained: list[NotTrained] = []
    for done, spec in enumerate(models):
        progress(f"training {spec.name}", done, len(models))
        sample = sample_of(
            warehouse,
            spec,
            prepared.spine,
            prepared.thin,
            prepared.columns,
            prepared.periods,
            prepared.zone,
            definition,
        )
        try:
            developed = develop(spec, sample, seed, threads)
        except TooFewEvents as few:
            not_trained.append(NotTrained(spec.name, str(few)))
            continue
        inferred = None
        if spec.decided:
            declined = declined_of(warehouse, prepared.spine, sample, prepared.periods)
            inferred = reject_inference(spec, sample, declined, developed[0].model, seed, threads)
        reports.append(_registered(registry, spec, prepared, sample, developed, inferred, stamp))
    progress("training", len(models), len(models))
    return Trained(tuple(reports), tuple(not_trained))


def features_of(models: Sequence[ModelSpec]) -> tuple[AnyFeature, ...]:
    """Return what the models read and what that is derived from, each name once."""
    return tuple({f.name: f for spec in models for f in (*spec.inputs, *spec.parts)}.values())


def columns_of(matrix: FeatureMatrix) -> dict[str, npt.NDArray[Any]]:
    """Return a feature matrix as columns by name."""
    numbers = {name: np.ascontiguousarray(matrix.values[:, j]) for j, name in enumerate(matrix.names)}
    return numbers | {name: np.asarray(values, dtype=object) for name, values in matrix.categorical.items()}


def prepare(
    warehouse: Warehouse,
    describe: Describe,
    as_of: int,
    zone: str,
    models: tuple[ModelSpec, ...],
    progress: Progress,
) -> Prepared:
    """Return the rows that the models read, of every application known before ``as_of``.

    Raises
    ------
    NotReady
        If the warehouse holds no applications.
    """
    progress("reading applications", 0, 3)
    spine = application_spine(warehouse, as_of, zone)
    if len(spine.application_id) == 0:
        raise NotReady("The warehouse holds no applications to learn from. Load some: 'bank360 ingest'.")
    wanted = features_of(models)
    known = {f.name for f in wanted if isinstance(f, SpineColumn)}
    own = {name: values for name, values in spine.columns.items() if name in known}
    progress("features of applications", 1, 3)
    matrix = describe(Spine(spine.application_id, spine.customer, spine.submitted_at, own), wanted)
    columns = columns_of(matrix)
    progress("features of applications", 3, 3)
    return Prepared(spine, columns, thin_file(columns[DAYS_KNOWN]), periods(as_of, zone), zone)


def _registered(
    registry: Registry,
    spec: ModelSpec,
    prepared: Prepared,
    sample: Sample,
    developed: tuple[Developed, ...],
    inferred: Inferred | None,
    stamp: _Stamp,
) -> TrainReport:
    train_period = _period(prepared, sample.train, sample.fitted_outcome)
    test_period = _period(prepared, sample.test, sample.tested_outcome)
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
            tuple(CardInput(f.name, f.meaning, f.unit, stated_sign(f), str(f.reason), f.owner) for f in spec.inputs),
            candidate.measured,
            baseline.measured,
            baseline.model.candidate,
            candidate.reason_rates,
            data_version,
            stamp.code_version,
            stamp.seed,
            stamp.trained_by,
            (*stamp.notes, *_notes(spec, inferred, stamp.definition, candidate.level)),
            candidate.unmeasured,
            None if inferred is None else inferred.found,
            gain=candidate.gain,
        )
        alias: Alias | None = None if candidate is baseline else "challenger"
        versions[candidate.model.candidate] = registry.register(candidate.model, card, alias)
    if stamp.demo:
        registry.promote(spec.name, versions[baseline.model.candidate], approved_by="DEMO", demo=True)
    ids, outcome = prepared.spine.application_id[sample.test], sample.tested_outcome[sample.test]
    return TrainReport(
        spec.name,
        spec.meaning,
        versions,
        registry.aliases(spec.name).get("champion"),
        train_period,
        test_period,
        {d.model.candidate: d.measured for d in developed},
        {d.model.candidate: d.unmeasured for d in developed},
        tuple(TestScores(d.model.candidate, ids, d.probability, outcome) for d in developed),
        None if inferred is None else _decided(prepared, inferred),
    )


def _notes(
    spec: ModelSpec, inferred: Inferred | None, definition: DefaultDefinition, level: Level | None
) -> tuple[str, ...]:
    said: tuple[str, ...] = ("No protected attribute is an input.",)
    if spec.label == DEFAULT:
        said += (definition.words(),)
    if level is not None:
        said += (level.words(),)
    if not spec.decided:
        return said
    rejects = "Rejected applications have no outcome; this version was fitted on the accepted alone."
    if inferred is None:
        return (*said, rejects, "Too few applications were declined to show reject inference.")
    return (*said, rejects)


def _decided(prepared: Prepared, inferred: Inferred) -> DecidedScores:
    return DecidedScores(
        prepared.spine.application_id[inferred.decided],
        inferred.declined,
        inferred.found.approved_share,
        inferred.probability,
    )


def _period(prepared: Prepared, rows: Bools, outcome: Floats) -> Period:
    at = prepared.spine.submitted_at[rows]
    first, last = (str(to_date(int(day))) for day in local_days([at.min(), at.max()], prepared.zone))
    return Period(first, last, int(rows.sum()), int(outcome[rows].sum()))


def _data_version(spec: ModelSpec, prepared: Prepared, sample: Sample) -> str:
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
