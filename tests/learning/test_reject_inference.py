"""Reject inference: fuzzy is the probability itself, parcelling the accepted's rate by band times the uplift."""

import numpy as np
import pytest

from bank360.learning.estimators.logistic import fit_logistic
from bank360.learning.reject_inference import ParcellingRules, fuzzy_outcome, parcel_rates, parcelled_outcome
from bank360.learning.scorecard import fit_scorecard
from bank360.learning.tabular import Input, Recipe, fit_tabular


def test_parcelling_by_hand():
    # Two bands, cut at the median of all eight: 0.1. Below: 4 accepted, 1 bad. Above: 2 accepted, 1 bad; 2 declined.
    accepted = np.array([0.05, 0.06, 0.07, 0.1, 0.2, 0.3])
    outcome = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    declined = np.array([0.4, 0.6])
    rules = ParcellingRules(bands=2, uplift=1.2, prior_rows=2.0)
    # (1 bad + 2 prior rows at 0.5) / (2 rows + 2) = 0.5, times 1.2.
    assert parcel_rates(accepted, outcome, declined, rules) == pytest.approx([0.6, 0.6])
    assert parcel_rates(accepted, outcome, declined, ParcellingRules(2, 9.0, 2.0)).tolist() == [1.0, 1.0]


def test_parcels_are_drawn_at_the_rate_and_the_same_for_the_same_seed():
    rng = np.random.default_rng(0)
    accepted, declined = rng.beta(1, 20, 5000), rng.beta(2, 15, 8000)
    outcome = (rng.random(5000) < accepted).astype(float)
    rules = ParcellingRules()
    drawn = parcelled_outcome(accepted, outcome, declined, rules, 3)
    assert set(drawn) == {0.0, 1.0}
    assert drawn.mean() == pytest.approx(parcel_rates(accepted, outcome, declined, rules).mean(), abs=0.015)
    assert drawn.tobytes() == parcelled_outcome(accepted, outcome, declined, rules, 3).tobytes()


def test_fuzzy_is_the_same_as_every_declined_row_twice_with_weights():
    # A soft outcome p has the likelihood of a bad row of weight p and a good one of weight 1 - p: here 3 of 4 copies.
    rng = np.random.default_rng(5)
    x = rng.normal(size=(400, 1))
    soft = fit_logistic(x, np.full(400, 0.75) * (x[:, 0] > 0))
    copies = np.repeat(x, 4, axis=0)
    hard = np.tile([1.0, 1.0, 1.0, 0.0], 400) * (copies[:, 0] > 0)
    assert fit_logistic(copies, hard).coefficients == pytest.approx(soft.coefficients, abs=1e-6)
    assert fuzzy_outcome(np.array([0.2, 0.9])).tolist() == [0.2, 0.9]


def test_a_scorecard_learns_from_expected_outcomes_and_trees_refuse_them():
    rng = np.random.default_rng(1)
    x = rng.normal(size=4000)
    expected = 1 / (1 + np.exp(2 - x))
    card = fit_scorecard(x[:, None], expected, (1,))
    assert sum(card.variables[0].bins.events) == pytest.approx(expected.sum(), abs=4)
    table = {"x": x}
    soft = fit_tabular(Recipe("scorecard"), (Input("x", sign=1),), table, expected, seed=1)
    assert soft.probability(soft.margin(soft.design(table))).mean() == pytest.approx(expected.mean(), rel=0.02)
    with pytest.raises(ValueError, match="trees are grown"):
        fit_tabular(Recipe("trees"), (Input("x"),), table, expected, seed=1)
