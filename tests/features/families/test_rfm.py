"""Recency, frequency, monetary value, worked by hand: the bank's own charges are no transactions of the customer."""

import pytest

from bank360.features.families import rfm
from tests.features.families.on_paper import movement, values

MOVEMENTS = [
    movement("before a year", "2023-07-01 23:59", -9999, "rent"),
    movement("first minute of a year", "2023-07-02 00:00", -8000, "own_transfer", scheme="transfer"),
    movement("before 90 days", "2024-04-01 23:59", -2500, "utilities"),
    movement("first minute of 90 days", "2024-04-02 00:00", 3000, "other_income", scheme="transfer"),
    movement("taken back", "2024-04-03 12:00", -3000, "other_income", reverses_id="first minute of 90 days"),
    movement("bill", "2024-05-02", -2000, "telecom", scheme="direct_debit"),
    movement("bill returned", "2024-05-03", 2000, "returned_payment", scheme="direct_debit", reverses_id="bill"),
    movement("in euros", "2024-06-01 12:00", -700, "shopping", "EUR"),
    movement("by mistake", "2024-06-20 12:00", -5000, "shopping"),
    movement("its reversal", "2024-06-21 12:00", 5000, "unknown", reverses_id="by mistake"),
    movement("to savings", "2024-06-22 12:00", -6000, "own_transfer", scheme="transfer"),
    movement("and back", "2024-06-22 13:00", 6000, "unknown", scheme="transfer", reverses_id="to savings"),
    movement("noon", "2024-06-29 12:00", -1000, "groceries"),
    movement("evening", "2024-06-29 18:00", -500, "restaurants"),
    movement("fee", "2024-06-30", -100, "fee", scheme="fee"),
    movement("interest", "2024-06-30", 5, "interest", scheme="interest"),
    movement("today", "2024-07-01 00:00", -4000, "rent"),
]
EXPECTED = {
    "days_since_transaction": 2,
    "days_since_last_transaction": 2,
    "transactions_7d": 2,  # noon and evening
    "transactions_90d": 11,
    "transactions_365d": 13,
    "active_days_90d": 9,  # 2 and 3 April, 2 and 3 May, 1, 20, 21, 22 and 29 June
    # Out, in pounds, to somebody else: not the own transfer, nor income taken back.
    "payment_mean_365d": (2500 + 2000 + 1000 + 500 + 5000) / 5,  # as they were made: those reversed later too
    "payments_90d": 5,  # bill, in euros, by mistake, noon, evening
    "payments_365d": 6,  # and the one of before
    "payments_sum_365d": 2500 + (2000 - 2000) + 1000 + 500 + (5000 - 5000),
    "earned_365d": 100 - 5,
    "transaction_growth": 365 / 90 * 11 / 13 - 1,
}


def test_every_feature_of_rfm():
    assert values("rfm", {"transactions": MOVEMENTS}) == pytest.approx(EXPECTED, rel=1e-14)


def test_a_ledger_that_tells_charges_by_category_alone_has_the_same_values():
    """Its scheme is not mapped, or says 'transfer' of everything; also what gives a fee back is no transaction."""
    told = [dict(one, scheme="unknown") if one["category"] in ("fee", "interest") else one for one in MOVEMENTS]
    back = movement("fee given back", "2024-06-30", 100, "unknown", scheme="transfer", reverses_id="fee")
    assert values("rfm", {"transactions": [*told, back]}) == pytest.approx(EXPECTED | {"earned_365d": -5}, rel=1e-14)


def test_who_did_nothing_for_a_year_has_a_recency_all_the_same():
    """A leap year and a day; a fee since then is the bank's doing."""
    found = values("rfm", {"transactions": [MOVEMENTS[0], *(m for m in MOVEMENTS if m["transaction_id"] == "fee")]})
    assert (found["days_since_transaction"], found["days_since_last_transaction"]) == (None, 366)


def test_a_saver_has_less_than_nothing_of_what_was_charged_and_the_meaning_says_why():
    """Interest credited is all that movements say of a deposit; what the bank makes of it is in none."""
    saved = movement("credited", "2024-06-30", 9000, "interest", account="SAV", scheme="interest")
    assert values("rfm", {"transactions": [saved]})["earned_365d"] == -9000
    (earned,) = (one for one in rfm.FEATURES if one.name == "earned_365d")
    assert "without what deposits are worth" in earned.meaning
