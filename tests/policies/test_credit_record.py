"""A decision is made again from what was recorded, to the same bytes; and a change anywhere shows."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bank360.bank.errors import ArtefactRefused
from bank360.bank.vocabulary import CreditOutcome
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.tabular import Input, Recipe, fit_tabular
from bank360.models.reasons import reasons
from bank360.models.spec import FittedModel, Part
from bank360.policies.credit_record import Asked, StoredModel, decision_record, replay, use_model
from bank360.policies.decision import parse, sealed_bytes
from tests.policies.policy_cases import APPLICANT, FINANCES, POLICY, REQUEST, TEXT

N = 400
INPUTS = (Input("bureau_score", sign=-1), Input("employment", categorical=True), Input("income_90d", sign=-1))
REASONS = {"bureau_score": "R01", "employment": "R09", "income_90d": "R11"}


def rows(seed):
    rng = np.random.default_rng(seed)
    work = rng.choice(np.array(["employed", "retired", "none", None], dtype=object), N)
    columns = {
        "bureau_score": np.where(rng.random(N) < 0.1, np.nan, rng.normal(600, 90, N)),
        "employment": work,
        "income_90d": np.where(rng.random(N) < 0.2, np.nan, rng.gamma(3, 200_000, N)),
    }
    risk = -(np.nan_to_num(columns["bureau_score"], nan=460) - 460) / 60 + (work == "none")
    return columns, (rng.random(N) < 1 / (1 + np.exp(-risk))).astype(float)


def fitted(name, kind):
    columns, outcome = rows(1)
    recipe = Recipe(kind, boosting=BoostingRules(leaves=4))
    if kind == "trees":
        return FittedModel(name, kind, (Part("all", fit_tabular(recipe, INPUTS, columns, outcome, seed=1)),), REASONS,
                           frozenset({"income_90d"}))  # fmt: skip
    thin = fit_tabular(recipe, INPUTS[:2], {k: columns[k] for k in ("bureau_score", "employment")}, outcome, seed=1)
    parts = (Part("with history", fit_tabular(recipe, INPUTS, columns, outcome, seed=1)), Part("thin file", thin))
    return FittedModel(name, kind, parts, REASONS, frozenset({"income_90d"}))


@pytest.fixture(scope="module")
def stored():
    models = (fitted("application_pd", "scorecard"), fitted("application_fraud", "trees"))
    return {one.name: StoredModel(one, one.name[-2:] * 8, one.name[-2:] * 32) for one in models}


def value(cell):
    return cell if cell is None or isinstance(cell, str) else float(cell)


def record_of(stored, columns, k):
    values = {name: value(cells[k]) for name, cells in columns.items()}
    thin, unasked = k % 3 == 0, frozenset({"employment"} if k % 5 == 0 else ())
    uses = tuple(use_model(one, values, thin, unasked) for one in stored.values())
    return decision_record(
        Asked("decision", f"D{k}", f"C{k}", None, "u1", k), POLICY, REQUEST, APPLICANT, FINANCES, uses
    )


def test_a_hundred_decisions_replay_to_the_same_bytes(stored):
    columns, _ = rows(2)
    outcomes = set()
    for k in range(100):
        data = sealed_bytes(record_of(stored, columns, k))
        assert replay(parse(data), lambda name, version: stored[name], TEXT) == data
        outcomes.add(parse(data).outcome)
    assert outcomes == set(CreditOutcome)


def test_one_row_is_scored_and_explained_as_in_a_batch(stored):
    columns, _ = rows(3)
    model = stored["application_pd"].model
    thin = np.zeros(N, dtype=bool)
    batch, why = model.score(columns, thin), reasons(model, columns, thin)
    for k in range(25):
        use = use_model(stored["application_pd"], {n: value(c[k]) for n, c in columns.items()}, False, frozenset())
        assert use.probability == batch.probability[k]
        assert use.reasons == tuple(c for c, row in zip(why.code, why.row, strict=True) if row == k)


def test_a_value_changed_in_the_record_does_not_replay_to_its_bytes(stored):
    columns, _ = rows(2)
    data = sealed_bytes(record_of(stored, columns, 1))
    values = json.loads(data)
    pd = next(use for use in values["models"] if use["model"] == "application_pd")
    place = next(k for k, (name, _) in enumerate(pd["features"]) if name == "bureau_score")
    pd["features"][place][1] = 900.0
    forged = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert replay(parse(forged), lambda name, version: stored[name], TEXT) != forged


def test_another_policy_or_model_is_refused_and_not_replayed(stored):
    columns, _ = rows(2)
    record = record_of(stored, columns, 1)
    with pytest.raises(ArtefactRefused, match="policy 'uk_personal_loan' is not the text"):
        replay(record, lambda name, version: stored[name], TEXT + "\n")
    with pytest.raises(ArtefactRefused, match="is not the one that scored"):
        replay(record, lambda name, version: replace(stored[name], hash="0" * 64), TEXT)
