"""The array form against LightGBM, and the contributions against Shapley's definition written out."""

from itertools import combinations
from math import factorial

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.learning.trees import LEAF, TreeEnsemble, from_lightgbm


def _booster(x, y, leaves=7, rounds=30, **params):
    params = {"objective": "binary", "num_leaves": leaves, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5} | (
        params
    )
    return lightgbm.train(params | {"deterministic": True, "force_row_wise": True}, lightgbm.Dataset(x, y), rounds)


@pytest.fixture(scope="module")
def grown():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(800, 6)).round(2)
    x[:, 4] = rng.integers(0, 3, 800)
    y = (x[:, 0] + x[:, 1] * x[:, 2] + rng.normal(size=800) > 0).astype(float)
    x[rng.random(x.shape) < 0.15] = np.nan
    booster = _booster(x, y)
    return booster, from_lightgbm(booster.dump_model()), x


def test_margins_are_lightgbms_bit_for_bit(grown):
    booster, trees, x = grown
    assert trees.margin(x).tobytes() == booster.predict(x, raw_score=True, num_threads=1).tobytes()


def test_margins_agree_on_rows_unlike_any_in_training(grown):
    booster, trees, _ = grown
    odd = np.array([[np.inf] * 6, [-np.inf] * 6, [np.nan] * 6, [1e308] * 6, [5e-324] * 6, [-0.0] * 6])
    assert trees.margin(odd).tobytes() == booster.predict(odd, raw_score=True, num_threads=1).tobytes()


def test_contributions_are_lightgbms(grown):
    booster, trees, x = grown
    theirs = booster.predict(x, pred_contrib=True, num_threads=1)
    assert np.abs(trees.contributions(x) - theirs[:, :-1]).max() < 1e-12
    assert trees.mean_margin == pytest.approx(theirs[0, -1], abs=1e-12)


def test_contributions_and_the_mean_sum_to_the_margin(grown):
    _, trees, x = grown
    assert np.abs(trees.contributions(x).sum(axis=1) + trees.mean_margin - trees.margin(x)).max() < 1e-12


@pytest.mark.parametrize(("cut", "larger"), [(69, "left"), (29, "right")])
def test_a_value_missing_where_training_had_none_follows_the_larger_child(cut, larger):
    x = np.arange(100.0)[:, None]
    trees = from_lightgbm(_booster(x, (x[:, 0] > cut).astype(float), leaves=2, rounds=1).dump_model())
    assert trees.cover[getattr(trees, larger)[0]] > 60
    assert trees.margin(np.array([[np.nan]]))[0] == trees.value[getattr(trees, larger)[0]]


def test_arrays_round_trip(grown):
    _, trees, x = grown
    back = TreeEnsemble.from_arrays(trees.to_arrays())
    assert back.margin(x).tobytes() == trees.margin(x).tobytes()
    assert not any(array.dtype.hasobject for array in trees.to_arrays().values())


def test_categorical_splits_are_refused_at_conversion():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 8, 400).astype(float)[:, None]
    y = (np.isin(x[:, 0], [1, 4, 6])).astype(float)
    data = lightgbm.Dataset(x, y, categorical_feature=[0])
    booster = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, 3)
    with pytest.raises(ValueError, match="categories"):
        from_lightgbm(booster.dump_model())


@pytest.mark.parametrize(
    ("name", "index", "value", "message"),
    [
        ("left", 0, 0, "after its parent"),
        ("right", 0, 10**6, "after its parent"),
        ("feature", 0, 6, "does not have"),
        ("feature", 0, LEAF, "one parent"),
        ("threshold", 0, np.nan, "finite"),
        ("cover", 0, -1.0, "no training row"),
        ("cover", 0, 1.0, "sum of its children"),
        ("roots", 0, 3, "in order"),
    ],
)
def test_damaged_arrays_raise_before_any_kernel_runs(grown, name, index, value, message):
    arrays = {key: array.copy() for key, array in grown[1].to_arrays().items()}
    arrays[name][index] = value
    with pytest.raises(ValueError, match=message):
        TreeEnsemble.from_arrays(arrays)


def test_a_matrix_of_another_width_is_refused(grown):
    with pytest.raises(ValueError, match="6 features"):
        grown[1].margin(np.zeros((1, 5)))


def _expected_margin(trees, node, row, known):
    """Walk the tree; at a split on an unknown feature average both sides by their cover."""
    feature = trees.feature[node]
    if feature == LEAF:
        return trees.value[node]
    left, right = trees.left[node], trees.right[node]
    if feature in known:
        at = row[feature]
        goes_left = trees.missing_left[node] if np.isnan(at) else at <= trees.threshold[node]
        return _expected_margin(trees, left if goes_left else right, row, known)
    parts = [trees.cover[child] * _expected_margin(trees, child, row, known) for child in (left, right)]
    return sum(parts) / trees.cover[node]


def _shapley(trees, row):
    """Shapley's definition: each feature's mean gain over all coalitions that lack it."""
    n = trees.n_features
    answer = np.zeros(n)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for size in range(n):
            for coalition in combinations(others, size):
                share = factorial(size) * factorial(n - 1 - size) / factorial(n)
                for root in trees.roots:
                    gain = _expected_margin(trees, root, row, {*coalition, i})
                    answer[i] += share * (gain - _expected_margin(trees, root, row, set(coalition)))
    return answer


@st.composite
def _tiny_trees(draw):
    """Grow a random tree of up to 15 splits over 4 features; thresholds and rows share a few values, so ties abound."""
    numbers = st.sampled_from([-1.0, 0.0, 0.5, 2.0])
    nodes = []

    def grow(depth):
        index = len(nodes)
        nodes.append(None)
        if depth == 4 or (depth > 0 and draw(st.booleans())):
            nodes[index] = (LEAF, 0.0, False, LEAF, LEAF, draw(numbers), float(draw(st.integers(1, 9))))
            return index
        feature, cut, missing = draw(st.integers(0, 3)), draw(numbers), draw(st.booleans())
        left, right = grow(depth + 1), grow(depth + 1)
        nodes[index] = (feature, cut, missing, left, right, 0.0, nodes[left][6] + nodes[right][6])
        return index

    roots = [grow(0) for _ in range(draw(st.integers(1, 2)))]
    kinds = (np.int32, np.float64, np.bool_, np.int32, np.int32, np.float64, np.float64)
    columns = [np.array(column, dtype=kind) for column, kind in zip(zip(*nodes, strict=True), kinds, strict=True)]
    row = np.array(draw(st.lists(st.one_of(numbers, st.just(np.nan)), min_size=4, max_size=4)))
    return TreeEnsemble(4, draw(numbers), np.array(roots, dtype=np.int32), *columns), row


@settings(max_examples=60, deadline=None)
@given(_tiny_trees())
def test_contributions_are_shapley_values_by_definition(case):
    trees, row = case
    assert trees.contributions(row[None, :])[0] == pytest.approx(_shapley(trees, row), abs=1e-10)
    walked = sum(_expected_margin(trees, root, row, {0, 1, 2, 3}) for root in trees.roots) + trees.base
    assert trees.margin(row[None, :])[0] == pytest.approx(walked, abs=1e-12)
