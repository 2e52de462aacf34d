"""How a cut falls on groups: worked out by hand, by loops, and on people made fair or not so."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.learning.metrics.fairness import (
    BAD_REFUSED,
    COMES_TRUE,
    GOOD_REFUSED,
    LEAST_ROWS,
    PASSES,
    UNKNOWN,
    fairness,
)

NAN = float("nan")


def _people(seed, n=6_000, raised=0.0):
    """Return groups, probabilities and outcomes: risk is alike in both, and that of ``b`` is overstated by so much."""
    rng = np.random.default_rng(seed)
    group = np.where(rng.random(n) < 0.4, "b", "a").astype(object)
    log_odds = rng.normal(-2.0, 1.0, n)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(np.float64)
    return group, 1 / (1 + np.exp(-(log_odds + np.where(group == "b", raised, 0.0)))), outcome


def _found(people, cut):
    group, probability, outcome = people
    return fairness(group, probability, outcome, cut)


def test_shares_and_ratios_are_as_worked_out_by_hand():
    group = np.array(["a"] * 40 + ["b"] * 30, dtype=object)
    probability = np.array([0.1] * 30 + [0.5] * 10 + [0.1] * 12 + [0.5] * 18)
    outcome = np.array([0.0] * 28 + [1.0] * 2 + [1.0] * 4 + [0.0] * 6 + [NAN] * 12 + [1.0] * 9 + [0.0] * 9)
    a, b = fairness(group, probability, outcome, 0.5).groups
    assert (a.name, a.rows, a.tested, a.events) == ("a", 40, 40, 6)
    assert (b.name, b.rows, b.tested, b.events) == ("b", 30, 18, 9)
    assert a.passing.value == 30 / 40
    assert b.passing.value == 12 / 30
    assert b.impact is not None
    assert b.good_ratio is not None
    assert b.impact.value == pytest.approx(0.4 / 0.75)
    assert a.good_refused.value == 6 / 34
    assert b.good_refused.value == 1.0  # nobody of b who passes has an outcome
    assert b.good_ratio.value == pytest.approx(34 / 6)
    assert a.bad_refused.value == 4 / 6
    assert (a.impact, a.good_ratio, a.bad_ratio) == (None, None, None)
    assert a.observed.value == pytest.approx(6 / (30 * 0.1 + 10 * 0.5))
    for one in (a.passing, b.passing, b.impact, b.good_ratio):
        assert one.low < one.value < one.high


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_counts_are_those_of_a_loop(data):
    n = data.draw(st.integers(1, 200))
    group = data.draw(st.lists(st.sampled_from(["f", "m", UNKNOWN, ""]), min_size=n, max_size=n))
    probability = data.draw(st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0]), min_size=n, max_size=n))
    outcome = data.draw(st.lists(st.sampled_from([0.0, 1.0, NAN]), min_size=n, max_size=n))
    found = fairness(np.array(group, dtype=object), np.array(probability), np.array(outcome), 0.2)
    sizes = {name: group.count(name) for name in set(group)}
    assert dict(found.small) == {name: size for name, size in sizes.items() if size < LEAST_ROWS}
    assert {one.name: one.rows for one in found.groups} == {k: v for k, v in sizes.items() if v >= LEAST_ROWS}
    for one in found.groups:
        rows = [(p, y) for g, p, y in zip(group, probability, outcome, strict=True) if g == one.name]
        good, bad = [p for p, y in rows if y == 0], [p for p, y in rows if y == 1]
        assert (one.tested, one.events) == (len(good) + len(bad), len(bad))
        assert one.passing.value == sum(p < 0.2 for p, _ in rows) / len(rows)
        for share, some in ((one.good_refused, good), (one.bad_refused, bad)):
            expected = sum(p >= 0.2 for p in some) / len(some) if some else NAN
            assert share.value == expected or (math.isnan(share.value) and math.isnan(expected))


def test_the_reference_is_the_largest_known_group_and_the_unknown_stand_last():
    group = np.array(["x"] * 40 + ["y"] * 50 + [UNKNOWN] * 300, dtype=object)
    found = fairness(group, np.full(390, 0.1), np.zeros(390), 0.5)
    assert [one.name for one in found.groups] == ["y", "x", UNKNOWN]
    assert found.groups[0].impact is None


@pytest.mark.parametrize("seed", range(20))
def test_a_planted_bias_is_found(seed):
    shown = _found(_people(seed, raised=0.9), 0.2).shown
    assert {("b", PASSES), ("b", GOOD_REFUSED), ("b", BAD_REFUSED), ("b", COMES_TRUE)} <= set(shown)


def test_fair_people_are_flagged_once_in_twenty_at_most():
    assert sum(bool(_found(_people(seed), 0.2).shown) for seed in range(100)) <= 5


def test_probabilities_too_low_for_everybody_alike_are_no_unfairness():
    group, probability, outcome = _people(3)
    assert not fairness(group, probability / 2, outcome, 0.1).shown


@pytest.mark.parametrize("cut", [0.0, 1.0, -0.1])
def test_a_cut_that_is_none_is_refused(cut):
    with pytest.raises(ValueError, match="between 0 and 1"):
        _found(_people(1, 100), cut)
