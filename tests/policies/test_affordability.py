"""The month worked by hand, the instalment against its definition, and what is not known."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.policies.affordability import budget, instalment, largest_amount, stressed_rate
from tests.policies.policy_cases import FINANCES, POLICY

RULES = POLICY.affordability


def month(**changes):
    return budget(replace(FINANCES, **changes), RULES)


def test_each_term_as_observed():
    found = month()
    assert found.income == 300_000  # 3,600,000 over 12
    # Observed: 270,000 over 3 = 90,000; 10,000 due with us + 3 % of 100,000 = 13,000. In all 103,000.
    # Declared: the floor of 65,000, and 50,000 + 10,000. In all 125,000: the larger counts.
    assert (found.view, found.essential, found.commitments) == ("as declared", 65_000, 60_000)
    assert found.left(20_000) == 300_000 - 65_000 - 60_000 - 20_000
    observed = month(declared_housing=None, declared_outgoings=None)
    assert (observed.view, observed.essential, observed.commitments) == ("as observed", 90_000, 13_000)


def test_rounding_never_lends():
    # 3,600,011 / 12 = 300,000.9; 270,001 / 3 = 90,000.3; 3 % of 100,001 = 3,000.03.
    found = month(
        income_365d=3_600_011, essential_90d=270_001, external_debt=100_001, declared_housing=0, declared_outgoings=0
    )
    assert (found.income, found.essential, found.commitments) == (300_000, 90_001, 13_001)


def test_essentials_count_at_least_the_floor_also_where_refunds_exceed_them():
    assert month(essential_90d=-5_000, declared_housing=0, declared_outgoings=0).essential == 65_000


@pytest.mark.parametrize(
    "unknown",
    [
        {"income_90d": None}, {"income_365d": None}, {"days_since_income": None}, {"history_days": None},
        {"days_since_income": 46},  # nothing came in lately
        {"history_days": 89},
        {"regular_90d": 0}, {"regular_90d": None},  # no salary, pension or benefit among it
        {"declared_income": 500_001},  # 300,000 is below 60 % of it: most is not seen
        {"income_365d": 0, "income_90d": 0},
    ],
)  # fmt: skip
def test_income_that_nothing_verifies_is_unknown_and_not_zero(unknown):
    found = month(**unknown)
    assert found.income is None
    assert found.left(1) is None


def test_evidence_in_hand_verifies_income_where_accounts_do_not():
    assert month(income_90d=None, evidenced_income=210_000).income == 210_000


def test_less_than_a_year_of_accounts_counts_by_the_last_ninety_days():
    assert month(history_days=364, income_365d=1_200_000, income_90d=900_000).income == 300_000


def test_income_that_has_fallen_counts_as_it_is_now():
    # 90 days at the year's pace are 3,600,000 × 90 / 365 = 887,671; 60 % of it 532,603.
    found = month(income_90d=532_602, declared_income=None)
    assert (found.fallen, found.income) == (True, 177_534)
    assert not month(income_90d=532_603, declared_income=None).fallen


@pytest.mark.parametrize("unknown", ["external_debt", "credit_due"])
def test_debt_that_is_not_known_is_said(unknown):
    assert month().debt_known
    assert not month(**{unknown: None}).debt_known


def test_the_stressed_rate_adds_decimals_and_not_their_doubles():
    assert stressed_rate(POLICY) == 0.259
    tenths = replace(POLICY, prices=(replace(POLICY.prices[-1], rate=0.1),), affordability=replace(RULES, stress=0.2))
    assert stressed_rate(tenths) == 0.3 != 0.1 + 0.2


def by_schedule(amount, term, rate, paid):
    """Return what is owed after ``term`` months of interest and payments of ``paid``, exactly."""
    owed = Fraction(amount)
    for _ in range(term):
        owed += owed * Fraction(repr(rate)) / 12 - paid
    return owed


@given(st.integers(1, 10**8), st.integers(1, 120), st.integers(1, 5000))
def test_the_instalment_is_the_least_that_repays_in_the_term(amount, term, basis_points):
    rate = basis_points / 10_000
    due = instalment(amount, term, rate)
    assert by_schedule(amount, term, rate, due) <= 0
    assert by_schedule(amount, term, rate, due - 1) > 0


@given(st.integers(-1000, 10**6), st.integers(1, 120), st.integers(1, 5000))
def test_the_largest_amount_fits_and_a_penny_more_does_not(room, term, basis_points):
    rate = basis_points / 10_000
    amount = largest_amount(room, term, rate)
    assert amount == 0 or instalment(amount, term, rate) <= room
    assert instalment(amount + 1, term, rate) > room
