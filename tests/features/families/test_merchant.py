"""A merchant, worked by hand: who paid there, which of it is known to be fraud by now, and the delay of a rate.

Described at 10:00 on 1 July 2024. Days that ended 7 days before are those to 23 June: 7 of them from 17 June, 30 from
25 May. All that is asked of a merchant is asked of a terminal too: `test_terminal.py`.
"""

import pytest

from bank360.features.scan import Entity
from tests.features.families.on_paper import movement, place_values, utc

HERE, THERE = "here", "there"


def paid(key, name, when, amount, account="CUR", **changes):
    return movement(name, when, amount, "shopping", account, **({key: HERE} | changes))


def case(number, subject, closed, **changes):
    """Return a case about a payment, opened a day after it and closed, confirmed, when it became known."""
    return {
        "case_id": f"case {number}", "subject": subject, "kind": "card", "opened_at": utc(closed),
        "closed_at": utc(closed), "outcome": "confirmed", "known_time": utc(closed),
    } | changes  # fmt: skip


def movements(key):
    return [
        paid(key, "before 30 aged days", "2024-05-24 23:59", -800),
        paid(key, "first aged", "2024-05-25 00:00", -1000, "CARD"),
        paid(key, "in 30 days", "2024-06-01 12:00", -2000),
        paid(key, "last before 7 aged", "2024-06-16 23:59", -3000),
        paid(key, "first of 7 aged", "2024-06-17 00:00", -4000),
        paid(key, "a date only", "2024-06-20", -5000, "JOINT"),
        paid(key, "last aged", "2024-06-23 23:59", -6000),
        paid(key, "in euros", "2024-06-18 12:00", -9900, "EUR"),
        paid(key, "too fresh", "2024-06-24 00:00", -7000),
        paid(key, "an hour ago", "2024-07-01 09:00", -500),
        # None of these is a payment by card at this place.
        paid(key, "elsewhere", "2024-06-20 12:00", -100, **{key: THERE}),
        paid(key, "nowhere", "2024-06-20 12:00", -100, **{key: None}),
        paid(key, "refund", "2024-06-20 12:00", 250),
        paid(key, "reversed", "2024-06-20 12:00", -300, reverses_id="refund"),
        paid(key, "bill", "2024-06-20 12:00", -4100, scheme="direct_debit"),
        paid(key, "known at 10:00", "2024-06-20 12:00", -600, known_time=utc("2024-07-01 10:00")),
    ]


CASES = [
    case(1, "first aged", "2024-06-10 09:00"),
    case(2, "first of 7 aged", "2024-06-24 00:00"),
    case(3, "in euros", "2024-07-01 09:59:59"),
    case(4, "too fresh", "2024-06-30 12:00"),  # known, and of no aged day
    case(5, "first of 7 aged", "2024-06-25 00:00"),  # a second case about the same payment
    # Nobody knows these for frauds of this place at 10:00.
    case(6, "last aged", "2024-07-01 10:00"),  # known at the instant itself
    case(7, "a date only", "2024-06-28 10:00", outcome="cleared"),
    case(8, "last before 7 aged", "2024-06-28 10:00", outcome=None, closed_at=None),
    case(9, "in 30 days", "2024-06-28 10:00", kind="application"),
    case(10, "elsewhere", "2024-06-28 10:00"),
    case(11, "in 30 days", "2024-06-20 10:00", superseded_time=utc("2024-06-29 10:00")),  # confirmed, then not
    case(12, "refund", "2024-06-28 10:00"),
    case(13, "CUR", "2024-06-28 10:00"),  # about the account
    # A file of cases as they stand may say that a row was known before its case was closed: it was not confirmed then.
    case(14, "a date only", "2024-06-28 10:00", closed_at=utc("2024-07-01 10:30")),
]


def worked(place):
    # Aged payments of 7 days: first of 7, in euros, the date, the last: 4. Of 30: with the first, in 30 days, and the
    # last before 7: 7. Payments of the 30 days from 1 June: in 30, last before 7, the four, too fresh: 7.
    return {
        f"{place}_payments_24h": 1,
        f"{place}_payments_7d": 1,  # too fresh: of 24 to 30 June
        f"{place}_payments_30d": 7,
        f"{place}_payers_30d": 3,  # CUR, JOINT, EUR
        f"{place}_paid_mean_30d": (2000 + 3000 + 4000 + 5000 + 6000 + 7000) / 6,  # euros are not added
        f"{place}_paid_max_30d": 7000,
        f"{place}_aged_payments_7d": 4,
        f"{place}_aged_payments_30d": 7,
        f"{place}_frauds_7d": 2,  # first of 7, in euros
        f"{place}_frauds_30d": 3,  # and the first aged
        f"days_since_{place}_fraud": 7,  # too fresh, on 24 June
        f"{place}_fraud_rate_7d": 2 / 4,
        f"{place}_fraud_rate_30d": 3 / 7,
    }


EXPECTED = worked("merchant")


def test_every_feature_of_merchant():
    tables = {"transactions": movements("merchant_id"), "fraud_cases": CASES}
    assert place_values(Entity.MERCHANT, HERE, tables) == pytest.approx(EXPECTED, rel=1e-14)


def test_a_report_counts_from_the_instant_after_it_became_known_and_no_earlier():
    """The last aged day's payment was found out at 10:00 on 1 July."""
    tables = {"transactions": movements("merchant_id"), "fraud_cases": CASES}
    found = [
        place_values(Entity.MERCHANT, HERE, tables, at)["merchant_frauds_7d"]
        for at in ("2024-07-01 09:59:59", "2024-07-01 10:00:00", "2024-07-01 10:00:01")
    ]
    assert found == [1, 2, 3]


def test_where_nobody_paid_long_enough_ago_there_is_no_rate():
    tables = {"transactions": [paid("merchant_id", "fresh", "2024-06-30 12:00", -100)]}
    found = place_values(Entity.MERCHANT, HERE, tables)
    assert (found["merchant_frauds_30d"], found["merchant_fraud_rate_30d"], found["merchant_payments_7d"]) == (
        0, None, 1,
    )  # fmt: skip
