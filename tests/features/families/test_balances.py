"""Balances, worked by hand: day edges, a joint account's half, an overdraft in euros that counts and is not added."""

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
    balance("2024-05-31", -1, 0, "EUR"),  # two accounts below zero on one day
    balance("2024-06-30", -50_000, 0, "EUR"),
    balance("2023-07-01", 999_999, None, "SAV"),
    balance("2024-04-01", 60_000, None, "SAV"),
    balance("2024-05-31", 80_000, None, "SAV"),
    balance("2024-06-30", 100_000, None, "SAV"),
]
NINETY = (4000 - 2000 + 10_000 + 1500) / 4  # 3,375
YEAR = (8000 - 9000 - 6000 - 5000 + 4000 - 2000 + 10_000 + 1500) / 8  # 187.50
# Squares of the eight, in millions: 64 + 81 + 36 + 25 + 16 + 4 + 100 + 2.25 = 328.25; the sum's is 2.25.
STD = (8 * 328_250_000 - 2_250_000) ** 0.5 / 8
EXPECTED = {
    "balance_mean_90d": NINETY,
    "balance_mean_365d": YEAR,
    "balance_min_180d": -6000,
    "balance_std_365d": STD,
    "balance_last": 10_000,  # on 30 June 10,000 and 1,500: the largest
    "available_min_90d": 2500,
    "overdrawn_months_365d": 6,  # 2 and 3 January, 1 April, 31 May twice; in euros on 30 June
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
