"""Cash, worked by hand: a withdrawal reversed nets, a deposit does not; one in euros counts and is not added."""

import pytest

from tests.features.families.on_paper import movement, values


def cash(name, when, amount, account="CUR", **changes):
    return movement(name, when, amount, "cash", account, **({"scheme": "cash", "channel": "atm"} | changes))


MOVEMENTS = [
    cash("before a year", "2023-07-01 23:59", -90_000),
    cash("before 90 days", "2024-04-01 23:59", -20_000),
    cash("first minute of 90 days", "2024-04-02 00:00", -3000, channel="branch"),
    cash("last minute", "2024-06-30 23:59", -5000),
    cash("today", "2024-07-01 00:00", -1000),
    cash("jammed", "2024-06-11 12:00", -4000),
    cash("given back", "2024-06-11 13:00", 4000, reverses_id="jammed"),
    cash("deposit", "2024-06-12 12:00", 10_000),
    cash("counted wrong", "2024-06-13 12:00", 700),
    cash("taken back", "2024-06-13 13:00", -700, reverses_id="counted wrong"),
    cash("in euros", "2024-06-14 12:00", -6000, "EUR"),
    movement("shop", "2024-06-01 12:00", -2000, "groceries"),
]
EXPECTED = {
    "cash_90d": 3000 + 5000 + (4000 - 4000),
    "withdrawals_90d": 4,  # 3000, 5000, the jammed one, and in euros
    "cash_max_365d": 20_000,
    "atm_withdrawals_90d": 3,  # one was at a branch
    "days_since_cash": 1,
    "atm_share_90d": 3 / 5,  # of four withdrawals and what was bought; what is given or taken back is no payment
    "cash_to_spend_90d": 8000 / 2000,
}


def test_every_feature_of_cash():
    assert values("cash", {"transactions": MOVEMENTS}) == pytest.approx(EXPECTED, rel=1e-14)
