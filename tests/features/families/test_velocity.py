"""Velocity, worked by hand: edges of the hour and of the day before 10:00, to the second; dates are never in it."""

import pytest

from tests.features.families.on_paper import known_after, movement, utc, values

MOVEMENTS = [
    movement("before 24 hours", "2024-06-30 09:59:59", -9000, "shopping", merchant_id="M3", country="IT"),
    movement("24 hours ago", "2024-06-30 10:00:00", -3000, "shopping", merchant_id="M1"),
    movement("before the hour", "2024-07-01 08:59:59", -2000, "shopping", merchant_id="M2", country="FR"),
    movement("an hour ago", "2024-07-01 09:00:00", -1000, "groceries", merchant_id="M1"),
    # Speed is not unmade: what was paid and came back within the hour was paid.
    movement("by mistake", "2024-07-01 09:10:00", -2500, "shopping", merchant_id="M2"),
    movement("its reversal", "2024-07-01 09:20:00", 2500, "shopping", merchant_id="M2", reverses_id="by mistake"),
    movement("in euros", "2024-07-01 09:40:00", -600, "restaurants", "EUR", merchant_id="M5", country="DE"),
    movement("the one being scored", "2024-07-01 10:00:00", -5000, "shopping", merchant_id="M6", country="US"),
    movement("known at 10:00", "2024-07-01 09:55:00", -800, "shopping", known_time=utc("2024-07-01 10:00")),
    # Nothing of these leaves the customer by their own doing.
    movement("to savings", "2024-07-01 09:30:00", -7000, "own_transfer", scheme="transfer"),
    movement("refund", "2024-07-01 09:45:00", 100, "shopping", merchant_id="M7"),
    movement("gift", "2024-07-01 09:46:00", 50, "other_income", scheme="transfer"),
    movement("taken back", "2024-07-01 09:47:00", -50, "other_income", scheme="transfer", reverses_id="gift"),
    movement("fee", "2024-07-01 09:50:00", -20, "fee", scheme="fee"),
    movement("bill", "2024-06-30", -4000, "utilities", scheme="direct_debit"),  # a date only
]
SUBMITTED = ("2024-06-30 09:59:59", "2024-06-30 10:00:00", "2024-07-01 09:00:00")
APPLICATIONS = [
    {"application_id": when, "submitted_at": utc(when), "known_time": known_after(when)} for when in SUBMITTED
]
# Of one nobody knows the time of day; the midnight that stands for the 30th lies within the 24 hours before 22:00.
BY_DATE = {"application_id": "by date", "submitted_at": utc("2024-06-30"), "event_precision": "day",
           "known_time": known_after("2024-06-30")}  # fmt: skip
BY_DATE_PARTY = {"application_id": "by date", "seq": 1, "customer_id": "ann"}
PARTIES = [{"application_id": when, "seq": 1, "customer_id": "ann"} for when in SUBMITTED]
EXPECTED = {
    "payments_1h": 3,
    "payments_24h": 5,
    "paid_1h": 1000 + 2500,
    "paid_24h": 1000 + 2500 + 2000 + 3000,
    "largest_24h": 3000,
    "merchants_24h": 3,  # M1, M2, M5
    "countries_24h": 3,  # GB, FR, DE
    "applications_24h": 2,
    # Purchases of the 90 days before midnight: 9000, 3000, and the bill of 4000.
    "largest_24h_to_purchase": 3000 / ((9000 + 3000 + 4000) / 3),
}


def test_every_feature_of_velocity():
    tables = {"transactions": MOVEMENTS, "applications": APPLICATIONS, "application_parties": PARTIES}
    assert values("velocity", tables) == pytest.approx(EXPECTED, rel=1e-14)


def test_an_application_by_date_is_in_no_24_hours():
    asked = {"applications": [BY_DATE, *APPLICATIONS], "application_parties": [BY_DATE_PARTY, *PARTIES]}
    assert values("velocity", asked)["applications_24h"] == 2
    assert values("velocity", asked, "2024-06-30 22:00")["applications_24h"] == 2  # nor known before the day is over
    late = [BY_DATE | {"known_time": utc("2024-06-30 00:00")}, *APPLICATIONS]
    assert values("velocity", asked | {"applications": late}, "2024-06-30 22:00")["applications_24h"] == 2
    assert values("relationship", asked)["applications_90d"] == 3  # it counts on its day: 30 June


def test_who_applied_by_date_alone_has_no_count_of_24_hours_and_who_never_did_has_0():
    asked = {"applications": [BY_DATE], "application_parties": [BY_DATE_PARTY]}
    assert values("velocity", asked)["applications_24h"] is None
    assert values("velocity", asked, "2024-06-30 22:00")["applications_24h"] == 0  # nothing is known of it yet
    corrected = [
        BY_DATE | {"superseded_time": utc("2024-07-01 10:00")},
        BY_DATE | {"known_time": utc("2024-07-01 10:00")},
    ]
    assert values("velocity", asked | {"applications": corrected})["applications_24h"] is None


def test_whose_ledger_carries_dates_only_has_no_velocity():
    found = values("velocity", {"transactions": MOVEMENTS[-1:]})
    assert found.pop("applications_24h") == 0
    assert set(found.values()) == {None}
