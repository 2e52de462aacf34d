"""Permutation importance: against counting pairs one by one, and known beforehand where the inputs are made so."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.learning.importance import Importances, permutation_importance
from bank360.learning.metrics.discrimination import auc_difference


def _auc(outcome, score):
    """The AUC by its definition: the share of pairs that are ranked right, ties by half."""
    pairs = [(a, b) for (a, y), (b, z) in product(zip(score, outcome, strict=True), repeat=2) if y == 1 and z == 0]
    return sum((a > b) + 0.5 * (a == b) for a, b in pairs) / len(pairs)


def _naive(score, x, outcome, groups, repeats, seed):
    """Each group's fall, the permutations drawn in the same order."""
    rng, falls = np.random.default_rng(seed), {}
    for name, columns in groups.items():
        after = []
        for _ in range(repeats):
            donor, table = rng.permutation(len(x)), [list(row) for row in x]
            for i, j in product(range(len(x)), columns):
                table[i][j] = x[donor[i]][j]
            after.append(_auc(outcome, score(np.array(table))))
        falls[name] = _auc(outcome, score(x)) - sum(after) / repeats
    return falls


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(4, 14), st.booleans())
def test_a_fall_is_what_counting_pairs_gives_with_ties_and_missing_values(seed, n, missing):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 3, (n, 3)).astype(float)
    if missing:
        x[rng.random((n, 3)) < 0.3] = np.nan
    outcome = np.array([1.0, 1.0, 0.0, 0.0, *rng.integers(0, 2, n - 4)])
    groups = {"a": (0,), "b": (1,), "b and c": (1, 2)}

    def score(design):
        return np.nan_to_num(design) @ np.array([2.0, -1.0, 0.5])

    found = permutation_importance(score, x, outcome, groups, 3, seed)
    expected = _naive(score, x, outcome, groups, 3, seed)
    assert {one.name: one.fall.value for one in found.groups} == pytest.approx(expected, abs=1e-12)
    assert [one.fall.value for one in found.groups] == sorted((one.fall.value for one in found.groups), reverse=True)
    assert all(one.best <= one.rank <= one.worst for one in found.groups)


def _rows(n, seed):
    """Two columns that are nearly one, a weaker one, and one that says nothing; all are read by the score."""
    rng = np.random.default_rng(seed)
    first = rng.normal(size=n)
    x = np.column_stack([first, first + rng.normal(0, 0.1, n), rng.normal(size=n), rng.normal(size=n)])
    margin = 1.2 * first + 0.3 * x[:, 2] - 1.5
    return x, (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)


def _score(x):
    return 0.6 * x[:, 0] + 0.6 * x[:, 1] + 0.3 * x[:, 2] + 0.02 * x[:, 3]


def test_twins_hide_each_other_alone_and_are_missed_together():
    x, outcome = _rows(3000, 1)
    alone = permutation_importance(_score, x, outcome, {"one": [0], "other": [1], "weak": [2], "none": [3]}, 5, 7)
    together = permutation_importance(_score, x, outcome, {"twins": [0, 1], "weak": [2], "none": [3]}, 5, 7)
    falls = {one.name: one.fall.value for one in alone.groups}
    twins = together.groups[0]
    assert twins.name == "twins"
    assert twins.fall.low > falls["one"] + falls["other"]
    assert (twins.rank, twins.best, twins.worst) == (1, 1, 1)
    assert together.verdict(["twins"]) == "reproduced"
    assert together.verdict(["weak"]) == "refuted"
    assert together.verdict(["twins", "none"]) == "refuted"  # the weak one is shown ahead of that which says nothing


def test_one_group_is_ahead_where_the_difference_of_the_two_shuffled_scores_is_shown():
    """With one shuffle each, a difference of falls is that of two AUCs on the same rows."""
    shown = []
    for seed in range(40):
        x, outcome = _rows(150, seed)
        rng, after = np.random.default_rng(seed), {}
        for name, column in {"other": 1, "weak": 2}.items():
            moved = x.copy()
            moved[:, column] = x[rng.permutation(len(x)), column]
            after[name] = _score(moved)
        difference = auc_difference(outcome, after["weak"], after["other"])
        found = permutation_importance(_score, x, outcome, {"other": [1], "weak": [2]}, 1, seed)
        assert (("other", "weak") in found.ahead) == (difference.low > 0)
        assert (("weak", "other") in found.ahead) == (difference.high < 0)
        shown.append(difference.low > 0)
    assert 5 < sum(shown) < 35


def test_where_no_group_is_shown_ahead_nothing_is_shown():
    x, outcome = _rows(60, 3)
    found = permutation_importance(_score, x, outcome, {"weak": [2], "none": [3]}, 5, 7)
    assert found.ahead == frozenset()
    assert [(one.best, one.worst) for one in found.groups] == [(1, 2), (1, 2)]
    assert found.verdict(["weak"]) == "not shown"


def test_the_interval_holds_what_many_rows_say_as_often_as_it_promises():
    x, outcome = _rows(200_000, 11)
    truth = permutation_importance(_score, x, outcome, {"weak": [2]}, 1, 5).groups[0].fall.value
    hits = 0
    for seed in range(200):
        x, outcome = _rows(400, seed + 100)
        fall = permutation_importance(_score, x, outcome, {"weak": [2]}, 3, seed).groups[0].fall
        hits += fall.low <= truth <= fall.high
    assert 0.90 <= hits / 200 <= 0.99  # of 200 with 95 % each, all but 1 in 500 times


def test_the_same_seed_gives_the_same_figures_and_one_event_is_refused():
    x, outcome = _rows(100, 4)
    twice = [permutation_importance(_score, x, outcome, {"weak": [2]}, 2, 9) for _ in range(2)]
    assert twice[0] == twice[1]
    assert isinstance(twice[0], Importances)
    with pytest.raises(ValueError, match="fewer than two events"):
        permutation_importance(_score, x, np.array([1.0] + [0.0] * 99), {"weak": [2]}, 2, 9)
