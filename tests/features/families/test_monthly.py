"""The monthly table's features of June 2024, worked by hand; on the last of July they are still June's."""

import pytest

from tests.features.families.behaviour_on_paper import MOVEMENTS
from tests.features.families.on_paper import values

PRICES = [2000, 3000, 4000, 6000, 8000]  # of June's purchases in pounds; their mean is 4600
VARIANCE = (2600**2 + 1600**2 + 600**2 + 1400**2 + 3400**2) / 5  # 4,640,000
EXPECTED = {
    # three groceries and utilities, three others, an own transfer, two of cash, one given back, a wage; no fee
    "transactions_month": 11,
    "active_days_month": 10,  # two of them on the 8th
    "income_month": 150_000,
    "spend_month": 23_000 - 1000,  # the prices, less what was sent back
    "essential_spend_month": 2000 + 3000 + 8000,
    "discretionary_spend_month": 4000 + 6000 - 1000,
    "discretionary_share_month": 9000 / 22_000,
    "purchases_month": 6,  # the one in euros too
    "purchase_mean_month": 4600,
    "purchase_std_month": VARIANCE**0.5,
    "purchase_max_month": 8000,
    "spend_volatility_month": VARIANCE**0.5 / 4600,
    "merchants_month": 4,  # m1, m2 twice, m3, m4; the debit has none
    "cash_month": 7000,
    "atm_withdrawals_month": 1,
    "payments_month": 8,  # six purchases and two of cash; an own transfer and a fee are none
    "atm_rate_month": 1 / 8,
    "online_purchases_month": 1,
    "online_rate_month": 1 / 6,
    "abroad_purchases_month": 1,
    "abroad_rate_month": 1 / 6,
    "abroad_spend_month": 8000,
    "countries_month": 2,
    "night_purchases_month": 1,  # at midnight, the first of June
    "timed_purchases_month": 5,  # all but the debit
    "night_rate_month": 1 / 5,
}


@pytest.mark.parametrize("as_of", ["2024-07-01 10:00", "2024-07-31 23:59"])
def test_every_feature_of_monthly(as_of):
    assert values("monthly", {"transactions": MOVEMENTS}, as_of) == pytest.approx(EXPECTED, rel=1e-14)


def test_a_month_without_anything_is_zero_where_things_are_counted_and_empty_where_they_are_averaged():
    found = values("monthly", {"transactions": MOVEMENTS}, "2024-05-15 10:00")
    assert (found["spend_month"], found["purchases_month"], found["merchants_month"]) == (0, 0, 0)
    assert (found["purchase_mean_month"], found["online_rate_month"], found["spend_volatility_month"]) == (None,) * 3


def test_what_became_known_after_the_month_counts_from_then_on():
    late = [
        one | {"known_time": one["known_time"].replace(month=7, day=4)} for one in MOVEMENTS if one["amount"] == -8000
    ]
    rest = [one for one in MOVEMENTS if one["amount"] != -8000]
    for as_of, spent in (("2024-07-03 00:00", 14_000), ("2024-07-06 00:00", 22_000)):
        assert values("monthly", {"transactions": [*rest, *late]}, as_of)["spend_month"] == spent
