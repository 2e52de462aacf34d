"""Balances, worked by hand: day edges, a joint account's half and its whole debt, an overdraft in euros not added."""

import pytest

from tests.features.families.on_paper import of_day, utc, values


def balance(when, booked, available=None, account="CUR", **changes):
    return of_day("date", when, account, booked=booked, available=available, **changes)


BALANCES = [
    balance("2023-07-01", -99_999),  # a day before the year
    balance("2023-07-02", 8000, 58_000),
    balance("2024-01-02", -9000, 41_000),  # a day before 180 days
    balance("2024-01-03", -6000, 44_000),
    balance("2024-04-01", -5000, 1000),  # a day before 90 days
    balance("2024-04-30", 4000, 54_000),
    balance("2024-05-31", -2000, 48_000),
    balance("2024-06-30", 10_000, 60_000),
    balance("2024-07-01", 77_777, 0, known_time=utc("2024-07-01 01:00")),  # today
    balance("2024-06-30", 3000, 5000, "JOINT"),  # half is Ann's: 1,500 and 2,500
    balance("2024-05-31", -1200, -300, "JOINT"),  # Ann owes all of it, and so does Bob
    balance("2024-05-31", -1, 0, "EUR"),  # three accounts below zero on one day
    balance("2024-06-30", -50_000, 0, "EUR"),
    balance("2023-07-01", 999_999, None, "SAV"),
    balance("2024-04-01", 60_000, None, "SAV"),
    balance("2024-05-31", 80_000, None, "SAV"),
    balance("2024-06-30", 100_000, None, "SAV"),
]
NINETY = (4000 - 2000 + 10_000 + 1500 - 1200) / 5  # 2,460
YEAR = (8000 - 9000 - 6000 - 5000 + 4000 - 2000 + 10_000 + 1500 - 1200) / 9  # 300 / 9
# Squares of the nine, in millions: 64 + 81 + 36 + 25 + 16 + 4 + 100 + 2.25 + 1.44 = 329.69; the sum's is 0.09.
STD = (9 * 329_690_000 - 90_000) ** 0.5 / 9
EXPECTED = {
    "balance_mean_90d": NINETY,
    "balance_mean_365d": YEAR,
    "balance_min_180d": -6000,
    "balance_std_365d": STD,
    "balance_last": 10_000,  # on 30 June 10,000 and 1,500: the largest
    "available_min_90d": -300,
    "overdrawn_months_365d": 7,  # 2 and 3 January, 1 April, 31 May three times; in euros on 30 June
    "overdrawn_days_30d": 1,  # 30 June
    "overdrawn_days_90d": 2,  # and 31 May
    "overdrawn_days_365d": 5,  # and 2 and 3 January, 1 April
    "days_since_overdrawn": 1,
    "savings_mean_90d": 90_000,
    "savings_mean_365d": 80_000,
    "savings_max_365d": 100_000,
    "balance_change": NINETY - YEAR,
    "savings_growth": 90_000 / 80_000 - 1,
}


def test_every_feature_of_balances():
    assert values("balances", {"balances": BALANCES}) == pytest.approx(EXPECTED, rel=1e-14)


def test_savings_are_no_current_balance_and_the_other_way_round():
    found = values("balances", {"balances": BALANCES[-2:]})
    assert (found["balance_last"], found["overdrawn_months_365d"], found["savings_max_365d"]) == (None, 0, 100_000)


def test_a_joint_account_is_the_holders_share_while_there_is_money_and_all_of_it_once_it_is_overdrawn():
    found = values("balances", {"balances": [balance("2024-06-30", -6000, -1000, "JOINT")]})
    assert (found["balance_min_180d"], found["balance_last"], found["available_min_90d"]) == (-6000, -6000, -1000)
    found = values("balances", {"balances": [balance("2024-06-30", 6000, 1000, "JOINT")]})
    assert (found["balance_min_180d"], found["balance_last"], found["available_min_90d"]) == (3000, 3000, 500)
