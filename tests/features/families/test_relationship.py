"""Relationship, worked by hand: accounts of every currency count, what begins or ends today does not yet."""

from datetime import date

import pytest

from tests.features.families.on_paper import LONG_AGO, account, known_after, utc, values

NEXT_DAY = utc("2024-07-02")

ACCOUNTS = [
    account("A1", "2020-01-01"),
    account("A2", "2022-05-05", currency="EUR", closed_on=date(2024, 6, 30)),
    account("A3", "2023-07-01", closed_on=date(2024, 7, 1)),  # a day before the year, until today
    account("A4", "2023-07-02", "SAV", superseded_time=NEXT_DAY),
    account("A4", "2023-07-02", "SAV", known_time=NEXT_DAY, closed_on=date(2024, 6, 1)),  # nobody knows yet
    account("A5", "2024-06-30", "LOAN"),
    account("A7", "2022-03-01", "CARD", closed_on=date(2023, 2, 1)),
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
    "accounts_opened": 6,
    "accounts_opened_365d": 2,  # A4, A5
    "product_lines": 4,  # current account, savings, credit card, personal loan
    "accounts_held": 4,  # A1, A3, A4, A5
    "product_lines_held": 3,  # all but the card
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


def held(as_of, *accounts, **tables):
    found = values("relationship", {"accounts": accounts} | tables, as_of)
    return found["accounts_held"], found["product_lines_held"]


def test_an_account_is_held_until_the_day_after_its_last():
    one = account("A1", "2024-05-01", closed_on=date(2024, 6, 30))
    moments = ("2024-05-01 23:59", "2024-05-02 00:01", "2024-06-30 23:59", "2024-07-01 00:00")
    assert [held(at, one) for at in moments] == [(0, 0), (1, 1), (1, 1), (0, 0)]


def test_a_closing_ends_a_holding_from_when_it_is_known_and_never_before():
    versions = (
        account("A1", "2024-05-01", superseded_time=utc("2024-06-20 12:00")),
        account("A1", "2024-05-01", known_time=utc("2024-06-20 12:00"), closed_on=date(2024, 6, 1)),
    )
    moments = ("2024-06-10 12:00", "2024-06-20 12:00", "2024-06-20 12:01")
    assert [held(at, *versions)[0] for at in moments] == [1, 1, 0]


def test_what_changes_hands_is_held_by_whoever_has_it_and_a_changed_share_is_one_account():
    """The first account is Ann's until March and then Bob's, the second the other way round, the third half Ann's."""

    def part(account_id, customer, first, last=None, share=1.0):
        return {
            "account_id": account_id, "customer_id": customer, "role": "owner", "liability_share": share,
            "valid_from": first, "valid_to": last,
        }  # fmt: skip

    march = date(2024, 3, 1)
    parties = [
        part("A1", "ann", LONG_AGO, march), part("A1", "bob", march),
        part("A2", "bob", LONG_AGO, march), part("A2", "ann", march),
        part("A3", "ann", LONG_AGO, march), part("A3", "ann", march, share=0.5),
    ]  # fmt: skip
    accounts = (account("A1", "2020-01-01"), account("A2", "2020-01-01", "SAV"), account("A3", "2020-01-01", "LOAN"))
    moments = ("2024-03-01 12:00", "2024-03-02 12:00")
    assert [held(at, *accounts, account_parties=parties) for at in moments] == [(2, 2), (2, 2)]
    without = [one for one in parties if one["account_id"] != "A1"]
    assert [held(at, *accounts, account_parties=without) for at in moments] == [(1, 1), (2, 2)]
