"""Spending, worked by hand: refunds, reversals and returned direct debits net; own transfers and euros stay out."""

import pytest

from bank360.bank.tables import TABLES
from bank360.bank.tables_star import STAR
from bank360.features.families.spending import CATEGORY_MAP, DISCRETIONARY, ESSENTIAL
from tests.features.families.on_paper import movement, utc, values

MOVEMENTS = [
    movement("first minute of a year", "2023-07-02 00:00", -6000, "rent"),
    movement("a minute too early", "2023-07-01 23:59", -70_000, "rent"),
    movement("before 90 days", "2024-04-01 23:59", -5000, "groceries", merchant_id="M4"),
    movement("first minute of 90 days", "2024-04-02 00:00", -4000, "gambling", merchant_id="M3"),
    movement("before 30 days", "2024-05-31 23:59", -3000, "electronics", merchant_id="M2"),
    movement("first minute of 30 days", "2024-06-01 00:00", -2000, "restaurants", merchant_id="M2"),
    movement("last minute", "2024-06-30 23:59", -1000, "groceries", merchant_id="M1"),
    movement("today", "2024-07-01 00:00", -80_000, "groceries", merchant_id="M9"),
    movement("not known yet", "2024-06-25 12:00", -100_000, "groceries", known_time=utc("2024-07-02")),
    # What comes back: a refund, a purchase reversed, a bill returned unpaid, a winning bet.
    movement("refund", "2024-06-23 23:59", 500, "electronics", merchant_id="M2"),
    movement("mistake", "2024-06-11 12:00", -1500, "shopping", merchant_id="M1"),
    movement("its reversal", "2024-06-12 12:00", 1500, "shopping", merchant_id="M1", reverses_id="mistake"),
    movement("bill", "2024-06-03", -2500, "utilities", scheme="direct_debit", channel="system"),
    movement("bill returned", "2024-06-05", 2500, "returned_payment", scheme="direct_debit", reverses_id="bill"),
    movement("won", "2024-06-24 00:00", 600, "gambling", merchant_id="M3"),
    # What recurs and is no spending; two instalments to one lender, and what stays with Ann.
    movement(
        "instalment before 90 days", "2024-04-01", -7000, "loan_repayment", scheme="direct_debit", merchant_id="L3"
    ),
    movement("instalment", "2024-05-10", -700, "loan_repayment", scheme="direct_debit", merchant_id="L1"),
    movement("next instalment", "2024-06-10", -700, "loan_repayment", scheme="direct_debit", merchant_id="L1"),
    movement(
        "instalment in euros", "2024-06-11", -50, "loan_repayment", "EUR", scheme="direct_debit", merchant_id="L2"
    ),
    movement("to a charity", "2024-05-15", -800, "other_transfer", scheme="standing_order"),
    movement("saved each month", "2024-05-16", -900, "own_transfer", scheme="standing_order"),
    # What is no spending, and what is in another currency.
    movement("to savings", "2024-06-15 12:00", -9000, "own_transfer", scheme="transfer"),
    movement("cash", "2024-06-22 12:00", -3300, "cash", scheme="cash", channel="atm"),
    movement("pay", "2024-06-25 06:00", 200_000, "salary", scheme="transfer"),
    movement("in euros", "2024-06-20 12:00", -700, "restaurants", "EUR", merchant_id="M5"),
    # Ten dollars on the account in pounds: the eight pounds that were booked count.
    movement(
        "in dollars",
        "2024-06-24 12:00",
        -800,
        "leisure",
        merchant_id="M1",
        country="US",
        original_amount=-1000,
        original_currency="USD",
    ),
]
SPEND_30 = 2000 + 1000 - 500 + (1500 - 1500) + (2500 - 2500) - 600 + 800  # 2,700
SPEND_90 = SPEND_30 + 4000 + 3000  # 9,700
SPEND_365 = SPEND_90 + 6000 + 5000  # 20,700
# Single purchases of 90 days, in pounds: 4000, 3000, 2000, 1000, 1500 (reversed later), 2500 (returned later), 800.
# They sum to 14,800; their squares to 39,140,000; 7 * 39,140,000 - 14,800 ** 2 = 54,940,000.
EXPECTED = {
    "spend_7d": 1000 - 600 + 800,  # the refund came a minute too early
    "spend_30d": SPEND_30,
    "spend_90d": SPEND_90,
    "spend_365d": SPEND_365,
    "purchases_90d": 7 + 1,  # and the one in euros
    "purchase_mean_90d": 14_800 / 7,
    "purchase_std_90d": 54_940_000**0.5 / 7,
    "purchase_max_90d": 4000,
    "essential_spend_90d": 1000 + (2500 - 2500),
    "discretionary_spend_90d": 9700 - 1000,
    "recurring_payments_90d": 5,  # the bill, the instalments, to a charity, in euros
    "recurring_paid_90d": (2500 - 2500) + 700 + 700 + 800,
    "recurring_merchants_90d": 2,  # L1, L2; the bill and the charity name nobody
    "gambling_90d": 4000 - 600,
    "bets_90d": 1,
    "refunds_365d": 2,  # of electronics, and what the bookmaker paid back; reversals are none
    "merchants_90d": 4,  # M1, M2, M3, M5
    "merchants_365d": 5,  # and M4; the rent names nobody
    "merchants_before_90d": 1,  # M4
    "merchant_visits_90d": 7,  # all but the bill: 2 April, 31 May, 1, 11, 20, 24 and 30 June
    "top_merchant_visits_90d": 3,  # M1 on 11, 24 and 30 June; M2 on 31 May and 1 June, and the refund is no visit
    "top_merchant_share_90d": 3 / 7,
    "new_merchants_90d": 4,
    "visits_per_merchant_90d": 7 / 4,
    "essential_share_90d": 1000 / 9700,
    "gambling_share_90d": 3400 / 9700,
    "spend_growth": 365 / 90 * 9700 / 20_700 - 1,
    "purchase_volatility_90d": (54_940_000**0.5 / 7) / (14_800 / 7),
}


def test_every_feature_of_spending():
    assert values("spending", {"transactions": MOVEMENTS}) == pytest.approx(EXPECTED, rel=1e-14)


def test_a_bank_in_euros_adds_up_euros_and_counts_the_same_purchases():
    found = values("spending", {"transactions": MOVEMENTS}, currency="EUR")
    assert (found["spend_90d"], found["purchase_max_90d"], found["purchases_90d"]) == (700, 700, 8)


def test_who_bought_nothing_spent_nothing_and_has_no_average():
    found = values("spending", {"transactions": []})
    assert (found["spend_90d"], found["purchases_90d"]) == (0, 0)
    assert (found["purchase_mean_90d"], found["essential_share_90d"], found["spend_growth"]) == (None, None, None)


def test_another_category_map_takes_another_version():
    """An earlier figure says by which map it was made: whoever changes the map raises its version, and this line."""
    essential = "education fuel groceries health insurance_premium rent tax telecom transport utilities"
    discretionary = "electronics gambling leisure restaurants shopping subscriptions travel"
    maps = {"1": (essential.split(), discretionary.split())}
    assert maps[CATEGORY_MAP] == (sorted(ESSENTIAL), sorted(DISCRETIONARY))
    assert {*ESSENTIAL}.isdisjoint(DISCRETIONARY)


def test_no_column_is_called_the_version_of_the_category_map_which_is_the_codes_own():
    """A source's edition of merchant codes ('2021.1') stands in a column; the map's version in what was made by it."""
    columns = [column for table in (*TABLES, *STAR) for column in table.columns]
    assert [column.name for column in columns if "category map" in column.meaning] == []


def shopping(*merchants):
    return [
        movement(f"{n}", f"2024-06-01 00:{n % 60:02}", -100, "groceries", merchant_id=merchant)
        for n, merchant in enumerate(merchants)
    ]


def test_fifty_visits_to_one_shop_are_told_from_as_many_spread_evenly():
    """Both are 99 visits to 50 shops, so that their mean is one; half of the first and a fiftieth of the second."""
    one_shop = shopping(*["M0"] * 50, *(f"M{n}" for n in range(1, 50)))
    spread = shopping(*(f"M{n % 50}" for n in range(99)))
    found = [values("spending", {"transactions": rows}) for rows in (one_shop, spread)]
    assert [one["visits_per_merchant_90d"] for one in found] == [99 / 50, 99 / 50]
    assert [one["top_merchant_visits_90d"] for one in found] == [50, 2]
    assert [one["top_merchant_share_90d"] for one in found] == [50 / 99, 2 / 99]


def test_who_bought_nowhere_has_no_merchant_of_most_visits():
    found = values("spending", {"transactions": []})
    assert (found["top_merchant_visits_90d"], found["top_merchant_share_90d"]) == (0, None)
