"""Relationship, worked by hand: accounts of every currency count, what begins today does not yet."""

import pytest

from tests.features.families.on_paper import account, known_after, utc, values

ACCOUNTS = [
    account("A1", "2020-01-01"),
    account("A2", "2022-05-05", currency="EUR"),
    account("A3", "2023-07-01"),  # a day before the year
    account("A4", "2023-07-02", "SAV"),
    account("A5", "2024-06-30", "LOAN"),
    account("A6", "2024-07-01", "CARD", known_time=utc("2024-07-01 01:00")),  # today
]
SUBMITTED = {
    "before a year": "2023-07-01 23:59",
    "before 90 days": "2024-04-01 23:59",
    "first minute of 90 days": "2024-04-02 00:00",
    "last minute": "2024-06-30 23:59",
    "today": "2024-07-01 09:00",
}
APPLICATIONS = [
    {"application_id": name, "submitted_at": utc(when), "known_time": known_after(when)}
    for name, when in SUBMITTED.items()
]
# Of the last one Bob is the second applicant: still one application of Ann's.
PARTIES = [
    *({"application_id": name, "seq": 1, "customer_id": "ann"} for name in SUBMITTED),
    {"application_id": "last minute", "seq": 2, "customer_id": "bob"},
]
EXPECTED = {
    "days_since_first_account": 366 + 3 * 365 + 182,  # 2020, 2021 to 2023, and 1 July is the 183rd day of 2024
    "days_since_last_account": 1,
    "accounts_opened": 5,
    "accounts_opened_365d": 2,  # A4, A5
    "product_lines": 3,  # current account, savings, personal loan
    "applications_90d": 2,
    "applications_365d": 3,
    "days_since_application": 1,
}


def test_every_feature_of_relationship():
    found = values("relationship", {"accounts": ACCOUNTS, "applications": APPLICATIONS, "application_parties": PARTIES})
    assert found == pytest.approx(EXPECTED, rel=1e-14)


def test_who_never_applied_has_no_days_since():
    found = values("relationship", {"accounts": ACCOUNTS})
    assert (found["applications_365d"], found["days_since_application"]) == (0, None)
