"""Money is whole minor units of one currency, exactly."""

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank import calendar, money
from bank360.bank.money import INT64_MAX, Money, to_major, to_minor

CURRENCIES = st.sampled_from(["GBP", "JPY", "KWD"])


@given(st.integers(-INT64_MAX, INT64_MAX), CURRENCIES)
def test_minor_units_come_back_exactly(minor, currency):
    assert to_minor(to_major(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("0.125", "GBP", 12), ("0.135", "GBP", 14), ("-0.005", "GBP", 0), ("1.5", "JPY", 2), ("1.2345", "KWD", 1234)],
)
def test_halves_go_to_even(text, currency, minor):
    assert to_minor(text, currency) == minor


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1e308", "ten", "", "92233720368547758.08"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="is not an amount of GBP that fits"):
        to_minor(text, "GBP")


def test_two_currencies_are_never_added():
    with pytest.raises(ValueError, match="cannot add GBP and EUR"):
        Money(1, "GBP") + Money(1, "EUR")
    assert Money(1, "GBP") + Money(2, "GBP") == Money(3, "GBP")


def test_money_is_shown_in_major_units():
    assert str(Money(-123456789, "GBP")) == "-1,234,567.89 GBP"
    assert to_major(5, "JPY") == Decimal(5)


@pytest.mark.parametrize("module", [money, calendar], ids=lambda module: module.__name__)
def test_the_examples_are_true(module):
    assert doctest.testmod(module).failed == 0
