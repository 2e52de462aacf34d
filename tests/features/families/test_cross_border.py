"""Cross-border, worked by hand for a bank in Britain, and the same purchases for a bank in France."""

import pytest

from tests.features.families.on_paper import movement, values

MOVEMENTS = [
    movement("before a year", "2023-07-01 23:59", -9000, "travel", country="IT"),
    movement("before 90 days", "2024-04-01 23:59", -3000, "restaurants", country="FR"),
    movement("first minute of 90 days", "2024-04-02 00:00", -2000, "travel", country="ES"),
    movement("last minute", "2024-06-30 23:59", -1000, "restaurants", country="FR"),
    movement("today", "2024-07-01 00:00", -100, "restaurants", country="NL"),
    movement("at home", "2024-06-10 12:00", -500, "groceries"),
    movement("refund", "2024-06-11 12:00", 300, "restaurants", country="FR"),
    movement("mistake", "2024-06-12 12:00", -4000, "shopping", country="FR"),
    movement("its reversal", "2024-06-13 12:00", 4000, "shopping", country="FR", reverses_id="mistake"),
    movement("in euros", "2024-06-14 12:00", -700, "restaurants", "EUR", country="DE"),
    movement("cash abroad", "2024-06-15 12:00", -5000, "cash", country="PT", scheme="cash", channel="atm"),
    # Ten dollars on the account in pounds: the eight pounds that were booked count.
    movement(
        "in dollars", "2024-06-20 12:00", -800, "shopping", country="US", original_amount=-1000, original_currency="USD"
    ),
]
EXPECTED = {
    "abroad_90d": 5,  # Spain, France twice (one reversed later), Germany, the States
    "abroad_365d": 6,
    "abroad_spend_365d": 3000 + 2000 + 1000 - 300 + (4000 - 4000) + 800,  # from the account in pounds
    "countries_365d": 5,  # FR, ES, GB, DE, US
    "days_since_abroad": 1,
    "abroad_share_90d": 5 / 6,
}
# France is home: Spain, Britain, Germany and the States are abroad; what was spent in euros is of Germany.
FOR_A_BANK_IN_FRANCE = {
    "abroad_90d": 4,
    "abroad_365d": 4,
    "abroad_spend_365d": 700,
    "countries_365d": 5,
    "days_since_abroad": 11,  # 20 June
    "abroad_share_90d": 4 / 6,
}


def test_every_feature_of_cross_border():
    assert values("cross_border", {"transactions": MOVEMENTS}) == pytest.approx(EXPECTED, rel=1e-14)


def test_home_is_where_the_bank_says_it_is():
    found = values("cross_border", {"transactions": MOVEMENTS}, currency="EUR", country="FR")
    assert found == pytest.approx(FOR_A_BANK_IN_FRANCE, rel=1e-14)
