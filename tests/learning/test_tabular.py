"""Models of a table: exact contributions, JSON and arrays, the same model from the same rows."""

import json

import numpy as np
import pytest

from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.estimators.logistic import sigmoid
from bank360.learning.metrics.discrimination import auc
from bank360.learning.selection import CircularTarget
from bank360.learning.tabular import Input, Recipe, TabularModel, canonical_order, fit_tabular

INPUTS = (Input("income", sign=-1), Input("debt", sign=1), Input("job", categorical=True))
RECIPES = {
    "scorecard": Recipe("scorecard"),
    "linear": Recipe("linear"),
    "trees": Recipe("trees", boosting=BoostingRules(max_rounds=40)),
}


def _table(rows=1500, seed=4):
    rng = np.random.default_rng(seed)
    income, debt = rng.normal(size=(2, rows))
    job = rng.choice(["clerk", "cook", "none"], rows, p=[0.5, 0.4, 0.1])
    y = (rng.random(rows) < sigmoid(debt - income + 1.5 * (job == "none") - 1.5)).astype(float)
    columns = {"income": np.where(rng.random(rows) < 0.1, np.nan, income), "debt": debt, "job": job.astype(object)}
    columns["job"][::50] = None
    return columns, y


@pytest.fixture(scope="module", params=list(RECIPES))
def fitted(request):
    columns, y = _table()
    return fit_tabular(RECIPES[request.param], INPUTS, columns, y, seed=1), columns, y


def test_every_kind_ranks_rows_it_has_not_seen(fitted):
    model, _, _ = fitted
    columns, y = _table(seed=9)
    probability = model.probability(model.margin(model.design(columns)))
    assert auc(y, probability) > 0.75
    assert probability.mean() == pytest.approx(y.mean(), abs=0.04)


def test_contributions_and_base_sum_to_the_margin(fitted):
    model, columns, _ = fitted
    design = model.design(columns)
    assert model.contributions(design).sum(axis=1) + model.base == pytest.approx(model.margin(design), abs=1e-10)


def test_a_model_survives_json_and_arrays_to_the_last_bit(fitted):
    model, columns, _ = fitted
    back = TabularModel.from_json(json.loads(json.dumps(model.to_json(), allow_nan=False)), model.arrays)
    design = model.design(columns)
    assert back.design(columns).tobytes() == design.tobytes()
    assert back.probability(back.margin(design)).tobytes() == model.probability(model.margin(design)).tobytes()
    assert back.contributions(design).tobytes() == model.contributions(design).tobytes()


def test_neutral_everywhere_is_one_margin_for_all(fitted):
    model, columns, _ = fitted
    margins = model.neutralised(model.design(columns), np.ones(3, dtype=bool))
    assert margins == pytest.approx(np.full(len(margins), margins[0]))


def test_neutral_nowhere_changes_nothing(fitted):
    model, columns, _ = fitted
    design = model.design(columns)
    assert model.neutralised(design, np.zeros(3, dtype=bool)) == pytest.approx(model.margin(design), abs=1e-12)


def test_more_of_what_is_risky_never_lowers_the_risk(fitted):
    model, columns, _ = fitted
    design = model.design(columns)
    more = design.copy()
    more[:, 1] += 0.7
    assert (model.margin(more) >= model.margin(design) - 1e-12).all()


def test_values_beyond_training_are_pointed_out(fitted):
    model, columns, _ = fitted
    one = {name: values[:1].copy() for name, values in columns.items()}
    one["debt"][0] = 1e6
    assert model.outside_training(model.design(one))[0].tolist() == [False, True, False]


@pytest.mark.parametrize("kind", list(RECIPES))
def test_infinite_and_huge_values_neither_break_a_fit_nor_its_json(kind):
    columns, y = _table(600)
    columns["debt"][:40] = np.tile([np.inf, -np.inf, 1e308, -1e308], 10)
    columns["income"][:] = np.nan
    model = fit_tabular(RECIPES[kind], INPUTS, columns, y, seed=1)
    assert np.isfinite(model.margin(model.design(columns))).all()
    json.dumps(model.to_json(), allow_nan=False)


def test_an_unknown_kind_is_refused(fitted):
    model, _, _ = fitted
    with pytest.raises(ValueError, match="no kind of model"):
        TabularModel.from_json(model.to_json() | {"kind": "oracle"}, model.arrays)


def test_a_label_among_the_inputs_stops_the_build():
    columns, y = _table()
    with pytest.raises(CircularTarget):
        fit_tabular(RECIPES["linear"], (*INPUTS, Input("late")), columns | {"late": y * 2}, y, seed=1)


@pytest.mark.parametrize("kind", list(RECIPES))
def test_however_rows_are_shuffled_the_model_is_the_same(kind):
    columns, y = _table(800)
    shuffle = np.random.default_rng(0).permutation(800)
    answers = []
    for rows in (np.arange(800), shuffle):
        table, outcome = {name: values[rows] for name, values in columns.items()}, y[rows]
        order = canonical_order(table, outcome)
        table = {name: values[order] for name, values in table.items()}
        model = fit_tabular(RECIPES[kind], INPUTS, table, outcome[order], seed=1)
        answers.append(model.probability(model.margin(model.design(columns))).tobytes())
    assert answers[0] == answers[1]


def test_the_number_of_threads_does_not_change_the_trees():
    columns, y = _table(800)
    one, two = (fit_tabular(RECIPES["trees"], INPUTS, columns, y, seed=1, threads=n) for n in (1, 2))
    assert all(one.arrays[name].tobytes() == two.arrays[name].tobytes() for name in one.arrays)
