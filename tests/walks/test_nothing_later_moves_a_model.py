"""What is known at or after an instant moves no value of the table that a model trains on: once for each of `MODELS`.

A small generated bank is trained on at T, an instant at which an application was submitted. Once it holds only what was
known before T; once every table also holds what came after, a correction of every row that stands, known at T itself,
and rows of mixed-up keys and values (`what_came_later.py`). Added, changed and deleted, then: whichever is the first,
the other differs by all three. What is compared, bit by bit, is all that `develop` and reject inference are handed:
keys, inputs and what they are made of (amount over income and the like), which have no history, splits, outcomes.

A model that is trained a day later knows the corrections. Its outcomes may be others, and must; what it reads of an
application that was submitted, and whose own rows had come, before T is still what was known then.

A model that is added to `MODELS` is held to this without asking. Neighbour: `test_nothing_later_moves_a_spine.py`.
"""

from datetime import UTC, timedelta

import numpy as np
import pytest

from bank360.bank.calendar import instant
from bank360.features.feature import Derived
from bank360.features.spine import Spine
from bank360.labels.application_default import DefaultDefinition
from bank360.models.catalogue import MODELS
from bank360.pipeline.progress import silent
from bank360.pipeline.train import columns_of, features_of, prepare
from bank360.pipeline.train_rows import declined_of, sample_of
from bank360.storage.as_submitted import UNDECIDED_DAYS
from bank360.storage.spines import application_spine
from tests.engines import opener
from tests.walks.what_came_later import bank, forget, upset

ZONE = "Europe/London"
# The last year completes the labels of the twelve months before, which test; the labels before those are complete then.
CUSTOMERS, MONTHS, SEED = 300, 54, 7
DAY = int(timedelta(days=1) / timedelta(microseconds=1))
EACH_MODEL = pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)


def trained_on(warehouse, spec, at, describe):
    """Return all that a model is trained and tested on at an instant, by name."""
    prepared = prepare(warehouse, lambda s, f: describe(s, f).matrix, at, ZONE, (spec,), silent)
    spine = prepared.spine
    sample = sample_of(
        warehouse, spec, spine, prepared.thin, prepared.columns, prepared.periods, ZONE, DefaultDefinition()
    )
    assert sample.columns.keys() >= {feature.name for feature in spec.inputs}
    declined = vars(declined_of(warehouse, spine, sample, prepared.periods)) if spec.decided else {}
    of_rows = {name: values for name, values in vars(sample).items() if name != "columns"}
    return {"application_id": spine.application_id, "at": spine.submitted_at} | of_rows | declined | sample.columns


def with_hindsight(warehouse, spec, at, describe):
    """Return what a model's inputs would be at T if the features of every application were taken a day later."""
    spine = application_spine(warehouse, at, ZONE)
    own = {one.name: spine.columns[one.name] for one in features_of((spec,)) if one.name in spine.columns}
    rows = Spine(spine.application_id, spine.customer, np.full(len(spine.customer), at + DAY), own)
    return columns_of(describe(rows, features_of((spec,))).matrix)


def bits(values):
    """Return numbers as their bytes, for a missing value equals itself there and 0.0 is not -0.0; texts as they are."""
    return values.tolist() if values.dtype == object else values.tobytes()


def moved(one, other):
    assert one.keys() == other.keys()
    return [name for name in one if bits(one[name]) != bits(other[name])]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """By model, its table at T with all that came later, a day after T, and at T without it; with hindsight; and T."""
    folder = tmp_path_factory.mktemp("bank")
    with bank(folder, CUSTOMERS, MONTHS, SEED) as (warehouse, submitted):
        cut = submitted[len(submitted) * 9 // 10]
        text, at = cut.isoformat(sep=" "), instant(cut.replace(tzinfo=UTC))

        def each(read, moment):
            with opener("duckdb", folder)(warehouse, ZONE, "GBP", "GB") as engine:
                return {spec.name: read(warehouse, spec, moment, engine.describe) for spec in MODELS}

        upset(warehouse, text)
        crowded, later, hindsight = each(trained_on, at), each(trained_on, at + DAY), each(with_hindsight, at)
        forget(warehouse, text)
        return crowded, later, each(trained_on, at), (hindsight, each(with_hindsight, at)), at


@EACH_MODEL
def test_what_is_known_at_or_after_an_instant_moves_no_value_that_a_model_trains_on(spec, tables):
    crowded, _, bare, _, _ = tables
    assert moved(bare[spec.name], crowded[spec.name]) == []


@EACH_MODEL
def test_trained_a_day_later_it_reads_of_an_earlier_application_what_was_known_then(spec, tables):
    _, later, bare, _, at = tables
    then, now = bare[spec.name], later[spec.name]
    # An undecided application's own rows may take so long to come: what came after T of one may still be its own.
    over = {i for i, s in zip(then["application_id"], then["at"], strict=True) if s < at - UNDECIDED_DAYS * DAY}
    rows = [np.array([i in over for i in table["application_id"]]) for table in (then, now)]
    read = ("application_id", "customer", "at", "thin", *(feature.name for feature in (*spec.inputs, *spec.parts)))
    earlier = [{name: table[name][own] for name in read} for table, own in zip((then, now), rows, strict=True)]
    assert moved(*earlier) == []


@EACH_MODEL
def test_there_was_something_to_move(spec, tables):
    _, later, bare, (crowded_after, bare_after), _ = tables
    table = bare[spec.name]
    assert min(table["train"].sum(), table["test"].sum()) > 10
    derived = [feature.name for feature in spec.inputs if isinstance(feature, Derived)]
    assert derived
    assert not [name for name in derived if np.isnan(table[name].astype(float)).all()]
    assert "tested_outcome" in moved(table, later[spec.name]), "a day later the corrections are known"
    read_late = set(moved(bare_after[spec.name], crowded_after[spec.name]))
    assert len(read_late & spec.from_history) > len(spec.from_history) / 2, "whoever reads too late reads otherwise"
