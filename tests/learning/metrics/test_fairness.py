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
    return fairness(group, probability, outcome, probability >= cut)


def test_shares_and_ratios_are_as_worked_out_by_hand():
    group = np.array(["a"] * 40 + ["b"] * 30, dtype=object)
    probability = np.array([0.1] * 30 + [0.5] * 10 + [0.1] * 12 + [0.5] * 18)
    outcome = np.array([0.0] * 28 + [1.0] * 2 + [1.0] * 4 + [0.0] * 6 + [NAN] * 12 + [1.0] * 9 + [0.0] * 9)
    a, b = fairness(group, probability, outcome, probability >= 0.5).groups
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
    refused = np.array(probability) >= 0.2
    found = fairness(np.array(group, dtype=object), np.array(probability), np.array(outcome), refused)
    sizes = {name: group.count(name) for name in set(group)}
    assert dict(found.small) == {name: size for name, size in sizes.items() if size < LEAST_ROWS}
    assert {one.name: one.rows for one in found.groups} == {k: v for k, v in sizes.items() if v >= LEAST_ROWS}
    for one in found.groups:
        rows = [(p, y) for g, p, y in zip(group, probability, outcome, strict=True) if g == one.name]
        good, bad = [p for p, y in rows if y == 0], [p for p, y in rows if y == 1]
        assert (one.tested, one.events) == (len(good) + len(bad), len(bad))
        assert math.isnan(one.observed.value) == (one.tested < LEAST_ROWS)
        assert one.passing.value == sum(p < 0.2 for p, _ in rows) / len(rows)
        for share, some in ((one.good_refused, good), (one.bad_refused, bad)):
            expected = sum(p >= 0.2 for p in some) / len(some) if some else NAN
            assert share.value == expected or (math.isnan(share.value) and math.isnan(expected))


def test_the_reference_is_the_largest_known_group_and_the_unknown_stand_last():
    group = np.array(["x"] * 40 + ["y"] * 50 + [UNKNOWN] * 300, dtype=object)
    found = fairness(group, np.full(390, 0.1), np.zeros(390), np.zeros(390, dtype=bool))
    assert [one.name for one in found.groups] == ["y", "x", UNKNOWN]
    assert found.groups[0].impact is None
    assert found.reference == "y"


def test_where_only_the_unknown_are_many_there_is_no_reference():
    group = np.array(["x"] * 20 + [UNKNOWN] * 300, dtype=object)
    found = fairness(group, np.full(320, 0.1), np.zeros(320), np.zeros(320, dtype=bool))
    assert ([one.impact for one in found.groups], found.reference) == ([None], None)


def test_it_is_shown_that_the_largest_group_passes_least():
    """300 of 600 pass and all of 400: the largest passes at half the rate of the others, and the ratio is over it."""
    group = np.array(["a"] * 600 + ["b"] * 400, dtype=object)
    refused = np.arange(1_000) < 300
    found = fairness(group, np.full(1_000, 0.1), np.full(1_000, NAN), refused)
    (_, other) = found.groups
    assert other.impact is not None
    assert other.impact.value == 2.0
    assert found.shown == (("b", PASSES),)


def test_over_nobody_there_is_no_ratio_and_of_nobody_it_is_0():
    group = np.array(["a"] * 1_000 + ["b"] * 100, dtype=object)
    p, outcome = np.full(1_100, 0.1), np.full(1_100, NAN)
    neither = fairness(group, p, outcome, np.ones(1_100, dtype=bool)).groups[1].impact
    one = fairness(group, p, outcome, np.arange(1_100) >= 500).groups[1].impact
    assert neither is not None
    assert math.isnan(neither.value)
    assert one is not None
    assert (one.value, one.low) == (0.0, 0.0)
    assert one.high > 0


@pytest.mark.parametrize("seed", range(20))
def test_a_planted_bias_is_found(seed):
    shown = _found(_people(seed, raised=0.9), 0.2).shown
    assert {("b", PASSES), ("b", GOOD_REFUSED), ("b", BAD_REFUSED), ("b", COMES_TRUE)} <= set(shown)


def test_fair_people_are_flagged_once_in_twenty_at_most():
    assert sum(bool(_found(_people(seed), 0.2).shown) for seed in range(100)) <= 5


def test_probabilities_too_low_for_everybody_alike_are_no_unfairness():
    group, probability, outcome = _people(3)
    assert not fairness(group, probability / 2, outcome, probability / 2 >= 0.1).shown
