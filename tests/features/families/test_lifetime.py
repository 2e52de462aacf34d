"""The lifetime table's features, worked by hand: what is of June, and the two purchases before."""

import pytest

from bank360.features.families.behaviour import LIFETIMES, MONTHLY
from bank360.features.feature import LIFETIME, MONTH, Derived, Feature
from tests.features.families.behaviour_on_paper import MOVEMENTS
from tests.features.families.on_paper import values

PRICES = [60_000, 7000, 2000, 3000, 4000, 6000, 8000]  # in pounds; 90,000 together
MEAN = 90_000 / 7
STD = (sum((price - MEAN) ** 2 for price in PRICES) / 7) ** 0.5
EXPECTED = {
    "transactions_lifetime": 11 + 2,
    "active_days_lifetime": 10 + 2,
    "income_lifetime": 150_000,
    "spend_lifetime": 90_000 - 1000,
    "essential_spend_lifetime": 2000 + 3000 + 8000,
    "discretionary_spend_lifetime": 60_000 + 7000 + 4000 + 6000 - 1000,
    "discretionary_share_lifetime": 76_000 / 89_000,
    "purchases_lifetime": 8,
    "purchase_mean_lifetime": MEAN,
    "purchase_std_lifetime": STD,
    "purchase_max_lifetime": 60_000,
    "spend_volatility_lifetime": STD / MEAN,
    "merchants_lifetime": 6,
    "cash_lifetime": 7000,
    "atm_withdrawals_lifetime": 1,
    "payments_lifetime": 10,
    "atm_rate_lifetime": 1 / 10,
    "online_purchases_lifetime": 2,
    "online_rate_lifetime": 2 / 8,
    "abroad_purchases_lifetime": 2,
    "abroad_rate_lifetime": 2 / 8,
    "abroad_spend_lifetime": 68_000,
    "countries_lifetime": 2,
    "night_purchases_lifetime": 2,  # a minute before June, and June's first
    "timed_purchases_lifetime": 7,
    "night_rate_lifetime": 2 / 7,
    "days_since_first_transaction": 731,  # two years, one of them with a 29 February
    "spend_per_month": 89_000 / 731 * (365.2425 / 12),
}


def test_every_feature_of_lifetime():
    assert values("lifetime", {"transactions": MOVEMENTS}) == pytest.approx(EXPECTED, rel=1e-12)


def test_both_tables_are_one_definition_over_two_windows():
    lifetimes = {feature.name: feature for feature in LIFETIMES}
    for feature in MONTHLY:
        twin = lifetimes[feature.name.replace("_month", "_lifetime")]
        if isinstance(feature, Feature):
            assert isinstance(twin, Feature)
            assert (feature.measure, feature.op, feature.unit) == (twin.measure, twin.op, twin.unit)
            assert (feature.window, twin.window) == (MONTH, LIFETIME)
        else:
            assert isinstance(feature, Derived)
            assert isinstance(twin, Derived)
            assert (feature.kind, feature.factor) == (twin.kind, twin.factor)
            assert [one.replace("_month", "_lifetime") for one in feature.inputs] == list(twin.inputs)
    assert set(lifetimes) - {one.name.replace("_month", "_lifetime") for one in MONTHLY} == {
        "days_since_first_transaction", "spend_per_month",
    }  # fmt: skip
