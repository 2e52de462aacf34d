"""Reasons on trees drawn by hand: what helps alone but not together, and what nobody observed."""

import numpy as np
import pytest

from bank360.learning.calibration import LogisticCalibrator
from bank360.learning.tabular import Input, TabularModel
from bank360.learning.trees import LEAF, TreeEnsemble
from bank360.models.reasons import contributions_by_reason, reasons
from bank360.models.spec import FittedModel, Part


def _model(nodes, from_history=frozenset(), missing_reason_of=None):
    """Return a model of inputs a (R02) and b (R12), neutral at 0, from rows of a tree's arrays."""
    kinds = (np.int32, np.float64, np.bool_, np.int32, np.int32, np.float64, np.float64)
    columns = [np.array(column, dtype=kind) for column, kind in zip(zip(*nodes, strict=True), kinds, strict=True)]
    trees = TreeEnsemble(2, 0.0, np.zeros(1, dtype=np.int32), *columns)
    zeros = np.zeros(2)
    tabular = TabularModel((Input("a"), Input("b")), {}, trees, LogisticCalibrator(0.0, 1.0), zeros, zeros, zeros + 1)
    return FittedModel(
        "m", "trees", (Part("all", tabular),), {"a": "R02", "b": "R12"}, from_history, missing_reason_of or {}
    )


def _leaf(value, cover):
    return (LEAF, 0.0, False, LEAF, LEAF, value, cover)


def _corners(both, only_a, only_b, neither, covers):
    """Return the tree that tells a and b above 0.5 apart, with a value for each of the four corners."""
    return [
        (0, 0.5, True, 1, 4, 0.0, sum(covers)),
        (1, 0.5, True, 2, 3, 0.0, covers[0] + covers[1]),
        _leaf(neither, covers[0]),
        _leaf(only_b, covers[1]),
        (1, 0.5, True, 5, 6, 0.0, covers[2] + covers[3]),
        _leaf(only_a, covers[2]),
        _leaf(both, covers[3]),
    ]


def _row(a, b):
    return {"a": np.array([a]), "b": np.array([b])}


SEEN = np.zeros(1, dtype=bool)


def test_two_factors_that_help_alone_and_harm_together_are_not_both_stated():
    # Each alone takes the margin from 1 to 0; both together to 2, worse. The weaker is taken back.
    model = _model(_corners(both=1.0, only_a=0.0, only_b=0.0, neither=2.0, covers=(1.0, 60.0, 39.0, 1.0)))
    found = reasons(model, _row(1.0, 1.0), SEEN)
    assert found.count.tolist() == [1]
    assert (found.tried, found.failed, found.dropped) == (2, 0, 1)
    assert found.improvement.tolist() == [1.0]


def test_a_factor_that_counts_against_but_whose_change_would_not_help_is_not_stated():
    # a counts against on average, but at b = 1 making it neutral leads to the same margin.
    model = _model(_corners(both=1.0, only_a=1.0, only_b=1.0, neither=0.0, covers=(50.0, 10.0, 10.0, 30.0)))
    found = reasons(model, _row(1.0, 1.0), SEEN)
    assert found.count.tolist() == [0]
    assert (found.tried, found.failed) == (2, 2)


def test_what_was_never_observed_speaks_for_limited_history_and_known_absence_for_its_own():
    nodes = [(1, 0.5, False, 1, 2, 0.0, 10.0), _leaf(0.0, 7.0), _leaf(1.0, 3.0)]  # a missing b goes to the risky side
    thin = np.ones(1, dtype=bool)
    of_history = _model(nodes, frozenset({"b"}))
    assert reasons(of_history, _row(0.0, np.nan), thin).code == ("R18",)
    assert reasons(of_history, _row(0.0, 1.0), thin).code == ("R18",)  # a count over nothing is no observation
    assert reasons(of_history, _row(0.0, np.nan), SEEN).code == ("R12",)
    assert reasons(_model(nodes, missing_reason_of={"b": "R33"}), _row(0.0, np.nan), SEEN).code == ("R33",)


@pytest.mark.parametrize("unasked", [True, False])
def test_what_was_not_asked_is_neutral_and_never_a_reason(unasked):
    nodes = [(1, 0.5, False, 1, 2, 0.0, 10.0), _leaf(0.0, 7.0), _leaf(1.0, 3.0)]
    found = reasons(_model(nodes), _row(0.0, np.nan), SEEN, {"b": np.array([unasked])})
    assert found.code == (() if unasked else ("R12",))


def test_contributions_by_reason_and_the_base_are_the_margin_and_speak_as_the_reasons_do():
    # Corners 0, 1, 1, 3 in equal shares: the base is 1.25; with both, b adds as much as a: 1.25 + 2 x 0.875 = 3.
    model = _model(_corners(3.0, 1.0, 1.0, 0.0, (1, 1, 1, 1)), missing_reason_of={"a": "R33"})
    base, added = contributions_by_reason(model, _row(1.0, 1.0), SEEN)
    assert base == pytest.approx(1.25)
    assert added == {"R02": pytest.approx(0.875), "R12": pytest.approx(0.875)}
    # Where a has no value its part speaks for another code, as a stated reason would.
    base, added = contributions_by_reason(model, _row(np.nan, 1.0), SEEN)
    assert set(added) == {"R33", "R12"}
    assert base + sum(added.values()) == pytest.approx(model.score(_row(np.nan, 1.0), SEEN).margin[0])
