"""Money is whole minor units of one currency, and shown with the digits that the currency has."""

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank import calendar, money
from bank360.bank.money import exponent, in_major


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_an_amount_is_shown_exactly_with_the_digits_of_its_currency(minor, currency):
    shown = in_major(minor, currency)
    assert Decimal(shown.replace(",", "")) == Decimal(minor).scaleb(-exponent(currency))
    assert len(shown.partition(".")[2]) == exponent(currency)


@pytest.mark.parametrize(("minor", "shown"), [(0, "0.00"), (-5, "-0.05"), (12.4, "0.12"), (-99.6, "-1.00")])
def test_less_than_one_and_means(minor, shown):
    assert in_major(minor, "GBP") == shown


@pytest.mark.parametrize("module", [money, calendar], ids=lambda module: module.__name__)
def test_the_examples_are_true(module):
    assert doctest.testmod(module).failed == 0
