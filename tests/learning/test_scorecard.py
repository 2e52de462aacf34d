"""The scorecard: exact contributions, points that add up, selection, JSON."""

import json

import numpy as np
import pytest

from bank360.learning.estimators.logistic import sigmoid
from bank360.learning.metrics.discrimination import auc
from bank360.learning.scorecard import Scale, Scorecard, fit_scorecard


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(11)
    x = rng.normal(size=(4000, 5))
    y = (rng.random(4000) < sigmoid(0.9 * x[:, 0] - 0.6 * x[:, 1] - 2)).astype(float)
    x[:, 3] = x[:, 0] + 0.05 * rng.normal(size=4000)  # says again what the first says
    x[rng.random(4000) < 0.2, 1] = np.nan
    return x, y, fit_scorecard(x, y, (1, 0, 0, 0, 0))


def test_only_variables_that_tell_something_of_their_own_stay(made):
    x, y, card = made
    columns = {v.column for v in card.variables}
    assert len(columns & {0, 3}) == 1
    assert 1 in columns
    assert not columns & {2, 4}
    assert all(v.coefficient > 0 for v in card.variables)
    assert auc(y, card.margin(x)) > 0.7


def test_contributions_and_the_neutral_row_sum_to_the_margin(made):
    x, _, card = made
    contributions = card.contributions(x)
    assert contributions.sum(axis=1) + card.base == pytest.approx(card.margin(x), abs=1e-12)
    # Counted from the mean, so they average to nothing over the training rows.
    assert contributions.mean(axis=0) == pytest.approx(np.zeros(5), abs=1e-10)


def test_over_the_training_rows_the_mean_probability_is_the_observed_rate(made):
    x, y, card = made
    assert sigmoid(card.margin(x)).mean() == pytest.approx(y.mean(), abs=1e-9)


def test_the_points_of_a_rows_bins_add_up_to_its_score(made):
    x, _, card = made
    total = np.zeros(len(x))
    for (column, points), v in zip(card.points_by_bin(), card.variables, strict=True):
        total += np.array(points)[v.bins.index(x[:, column])]
    assert total == pytest.approx([card.scale.points(m) for m in card.margin(x)])


def test_pdo_points_double_the_odds():
    scale = Scale(base_score=500, base_odds=20, pdo=30)
    assert scale.points(-np.log(20)) == pytest.approx(500)
    assert scale.points(-np.log(40)) == pytest.approx(530)


def test_noise_alone_gives_a_card_without_variables():
    rng = np.random.default_rng(0)
    y = (rng.random(2000) < 0.1).astype(float)
    card = fit_scorecard(rng.normal(size=(2000, 10)), y, (0,) * 10)
    assert len(card.variables) <= 1
    empty = fit_scorecard(np.full((2000, 1), np.nan), y, (0,))
    assert empty.variables == ()
    assert sigmoid(empty.margin(np.full((1, 1), np.nan)))[0] == pytest.approx(y.mean(), abs=1e-6)


def test_one_outcome_alone_is_refused():
    with pytest.raises(ValueError, match="with the event and rows without"):
        fit_scorecard(np.zeros((10, 1)), np.zeros(10), (0,))


def test_a_scorecard_survives_json(made):
    x, _, card = made
    back = Scorecard.from_json(json.loads(json.dumps(card.to_json())))
    assert back == card
    assert back.margin(x).tobytes() == card.margin(x).tobytes()
    values = card.to_json()
    values["variables"][0]["column"] = 99
    with pytest.raises(ValueError, match="does not have"):
        Scorecard.from_json(values)
