"""A tutorial's recency, frequency and monetary value, worked by hand: what counts there and what does not."""

import pytest

from tests.features.families.on_paper import known_after, of_day, utc, values


def contact(name, when, kind, channel):
    return {
        "interaction_id": name, "customer_id": "ann", "at": utc(when), "kind": kind, "channel": channel,
        "known_time": known_after(when),
    }  # fmt: skip


CONTACTS = [
    contact("years ago", "2020-01-05 12:00", "call", "phone"),
    contact("lately", "2024-06-28 12:00", "call", "phone"),
    contact("at the branch", "2021-03-01 12:00", "visit", "branch"),
    contact("online", "2024-06-01 12:00", "view", "online"),
    contact("by app", "2024-06-02 12:00", "click", "mobile"),
    contact("an offer", "2024-06-03 12:00", "offer", "online"),
    contact("today", "2024-07-01 00:00", "view", "online"),
]
MONTHS = [
    of_day("month_end", "2024-05-31", "CARD", credit_limit=100_000),
    of_day("month_end", "2024-06-30", "CARD", credit_limit=200_000),
    of_day("month_end", "2024-06-30", "ECARD", credit_limit=900_000),
    of_day("month_end", "2024-06-30", "CUR", credit_limit=50_000),  # an overdraft is no card
]
EXPECTED = {
    "calls_seed004": 2,
    "recency_seed004": 1 / 2.000001,
    "frequency_seed004": 3,
    "monetary_seed004": 150_000,
}


def test_every_feature_of_seed004():
    found = values("seed004", {"interactions": CONTACTS, "credit_months": MONTHS})
    assert found == pytest.approx(EXPECTED, rel=1e-14)


def test_who_never_called_has_the_largest_recency_of_all():
    found = values("seed004", {"interactions": CONTACTS[2:], "credit_months": MONTHS})
    assert found["recency_seed004"] == pytest.approx(1e6, rel=1e-14)
