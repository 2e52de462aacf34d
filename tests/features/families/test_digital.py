"""Digital, worked by hand: edges of the night in London's summer, bills without an hour, whose contact it was."""

import pytest

from tests.features.families.on_paper import known_after, movement, utc, values


def contact(name, when, kind, channel, arm=None, response=None):
    return {
        "interaction_id": name, "customer_id": "ann", "at": utc(when), "kind": kind, "channel": channel, "arm": arm,
        "response": response, "known_time": known_after(when),
    }  # fmt: skip


MOVEMENTS = [
    movement("before 90 days", "2024-04-01 23:59", -100, "shopping", channel="online"),
    movement("midnight", "2024-04-02 00:00", -100, "groceries"),  # night
    movement("night begins", "2024-06-30 23:00", -100, "shopping", channel="online"),  # night; 22:00 in UTC
    movement("its reversal", "2024-06-30 23:05", 100, "shopping", channel="online", reverses_id="night begins"),
    movement("last minute of the night", "2024-06-10 04:59", -100, "restaurants"),  # night
    movement("night is over", "2024-06-10 05:00", -100, "restaurants", channel="mobile"),
    movement("before the night", "2024-06-11 22:59", -100, "restaurants"),
    movement("bill", "2024-06-12", -100, "utilities", scheme="direct_debit", channel="system"),  # no hour
    movement("to savings", "2024-06-13 02:00", -100, "own_transfer", channel="mobile"),
    movement("in euros", "2024-06-14 12:00", -100, "shopping", "EUR", channel="online"),
    movement("to a friend", "2024-06-16 12:00", -100, "other_transfer", channel="mobile", scheme="transfer"),
    movement("read out", "2024-06-17 12:00", -100, "other_transfer", channel="phone", scheme="transfer"),
    movement("at the counter", "2024-06-18 12:00", -100, "other_transfer", channel="branch", scheme="transfer"),
    movement("cash at the counter", "2024-06-19 12:00", -100, "cash", channel="branch", scheme="cash"),
    movement("paid in", "2024-06-19 12:30", 100, "cash", channel="branch", scheme="cash"),
    movement("long ago at the counter", "2024-04-01 12:00", -100, "cash", channel="branch", scheme="cash"),
    movement("refund", "2024-06-15 02:00", 50, "shopping", channel="online"),
]
CONTACTS = [
    contact("before a year", "2023-07-01 23:59", "call", "phone"),
    contact("before 90 days", "2024-04-01 23:59", "view", "online"),
    contact("call", "2024-05-01 12:00", "call", "phone"),
    contact("before 30 days", "2024-05-31 23:59", "visit", "mobile"),
    contact("first minute of 30 days", "2024-06-01 00:00", "click", "mobile"),
    contact("at the branch", "2024-06-01 12:00", "visit", "branch"),
    contact("the bank's offer", "2024-06-20 12:00", "offer", "email", "treated"),
    contact("its answer", "2024-06-21 12:00", "answer", "online", "treated", True),
    contact("another offer", "2024-06-22 12:00", "offer", "email", "treated"),
    contact("a third", "2024-06-23 12:00", "offer", "phone", "treated"),
    contact("declined", "2024-06-24 12:00", "answer", "phone", "treated", False),
    contact("held out of a campaign", "2024-06-25 12:00", "offer", "email", "held_out"),
    contact("took it up all the same", "2024-06-26 12:00", "answer", "branch", "held_out", True),
    contact("last minute", "2024-06-30 23:59", "view", "online"),
]
EXPECTED = {
    "online_purchases_90d": 3,  # when the night began, when it was over, in euros
    "night_purchases_90d": 3,
    "timed_purchases_90d": 6,  # all but the bill
    "app_payments_90d": 2,  # when the night was over, and to a friend; what went to savings is no payment
    "telephone_payments_90d": 1,
    "branch_payments_90d": 2,
    "contacts_365d": 6,  # all but the first, the offers and their answers
    "digital_contacts_30d": 2,
    "digital_days_90d": 3,  # 31 May, 1 and 30 June
    "calls_365d": 1,
    "branch_visits_365d": 1,
    "offers_365d": 3,
    "answers_365d": 2,
    "offers_taken_365d": 1,
    "days_since_contact": 1,
    "offers_taken_share_365d": 1 / 3,
    "online_share_90d": 3 / 7,
    "app_share_90d": 2 / (7 + 4),  # seven purchases and four other payments
    "telephone_share_90d": 1 / (7 + 4),
    "branch_share_90d": 2 / (7 + 4),
    "night_share_90d": 3 / 6,
}


def test_every_feature_of_digital():
    found = values("digital", {"transactions": MOVEMENTS, "interactions": CONTACTS})
    assert found == pytest.approx(EXPECTED, rel=1e-14)


def test_whose_ledger_carries_dates_only_has_no_night():
    found = values("digital", {"transactions": [row for row in MOVEMENTS if row["transaction_id"] == "bill"]})
    assert (found["night_purchases_90d"], found["timed_purchases_90d"], found["night_share_90d"]) == (None, None, None)
    assert found["online_share_90d"] == 0
