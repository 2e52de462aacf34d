"""Categories as numbers: pooling, unseen levels, missing values."""

import numpy as np
import pytest

from bank360.learning.categories import Levels, learn_levels


def _column(*counts):
    return np.array([level for level, n in counts for _ in range(n)], dtype=object)


def test_a_level_is_worth_its_weight_of_evidence():
    column = _column(("a", 100), ("b", 100))
    outcome = np.concatenate([np.repeat([1.0, 0.0], [40, 60]), np.repeat([1.0, 0.0], [10, 90])])
    levels = learn_levels(column, outcome)
    # a: 40 of 50 events, 60 of 150 others, each count smoothed by a half.
    assert levels.value["a"] == pytest.approx(np.log((40.5 / 50.5) / (60.5 / 150.5)))


def test_rare_levels_are_pooled_and_an_unseen_level_reads_as_the_pool():
    column = _column(("a", 500), ("b", 460), ("c", 20), ("d", 20))
    outcome = np.zeros(1000)
    outcome[::10] = 1
    outcome[960:] = 1
    levels = learn_levels(column, outcome)
    assert set(levels.value) == {"a", "b"}
    assert levels.rare == ("c", "d")
    told = np.array(["a", "c", "never seen", None, float("nan")], dtype=object)
    assert levels.unseen(told).tolist() == [False, False, True, False, False]
    coded = levels.encode(np.array(["c", "never seen", None, float("nan")], dtype=object))
    assert coded[0] == coded[1] == levels.other > 0
    assert np.isnan(coded[2:]).all()


def test_without_rare_levels_an_unseen_one_is_neutral():
    assert learn_levels(_column(("a", 50), ("b", 50)), np.tile([0.0, 1.0], 50)).other == 0.0


def test_an_empty_column_has_no_levels():
    levels = learn_levels(np.full(10, None, dtype=object), np.tile([0.0, 1.0], 5))
    assert levels == Levels({}, 0.0)


def test_levels_survive_json():
    for levels in (Levels({"a": 0.1 + 0.2, "ß": -1.0}, 0.3), Levels({"a": 0.5}, 0.3, ("b", "c"))):
        assert Levels.from_json(levels.to_json()) == levels
    assert Levels.from_json({"value": {}, "other": 0.0}) == Levels({}, 0.0), "stored before rare levels were kept"
