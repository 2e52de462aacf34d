"""Spines of applications: what was known at submission and nothing later, by hand-made rows."""

from datetime import date

import numpy as np
import pytest

from bank360.storage.customer_spine import customer_spine
from bank360.storage.spines import application_spine
from tests.rows import fill, micros, stored
from tests.storage.applied import applied

ZONE = "Europe/London"


@pytest.fixture
def bank(tmp_path):
    with applied(tmp_path) as warehouse:
        yield warehouse


def _spine(bank, until="2025-01-01"):
    return application_spine(bank, micros(until), ZONE)


def test_rows_are_sorted_by_id_and_a_stranger_has_no_customer(bank):
    spine = _spine(bank)
    assert spine.application_id.tolist() == ["p1", "p2", "p3"]
    assert spine.customer.tolist() == [0, 1, -1]
    assert spine.submitted_at[0] == micros("2024-03-10 09:30")
    assert spine.columns["product_line"].tolist() == ["personal_loan"] * 3
    assert spine.columns["commitments"].tolist() == [70_000.0] * 3
    assert spine.columns["submitted_hour"].tolist() == [9.0, 23.0, 12.0]
    assert spine.columns["employment"].tolist() == [None] * 3


def test_an_application_of_which_only_the_day_is_known_has_no_hour(bank):
    """Its moment is the midnight that starts the day, at which nobody applied."""
    fill(bank, "applications", {"application_id": "p0", "submitted_at": stored("2024-07-09 23:00"),
                                "event_precision": "day", "known_time": stored("2024-07-10 23:00")})  # fmt: skip
    spine = _spine(bank)
    assert spine.application_id.tolist() == ["p0", "p1", "p2", "p3"]
    assert spine.submitted_at[0] == micros("2024-07-09 23:00")
    assert np.isnan(spine.columns["submitted_hour"][0])
    assert spine.columns["submitted_hour"][1:].tolist() == [9.0, 23.0, 12.0]
    assert "by_date" not in spine.columns


def test_models_of_applications_and_of_customers_are_not_told_who_is_retired(bank):
    """Retirement is age by another name; the row itself keeps what was declared."""
    bank.execute("UPDATE application_parties SET employment = if(application_id = 'p1', 'retired', 'employed')")
    assert _spine(bank).columns["employment"].tolist() == ["employed_or_retired"] * 3
    fill(bank, "customers", *({"customer_id": key, "type": "person"} for key in ("a1", "b1")))
    night = customer_spine(bank, micros("2025-01-01"), "2025-01-01")
    assert night.columns["employment"].tolist() == ["employed_or_retired"] * 2
    (row,) = bank.query("SELECT employment FROM application_parties WHERE application_id = 'p1'").to_pylist()
    assert row["employment"] == "retired"


def test_an_application_known_only_later_is_not_there(bank):
    assert _spine(bank, "2024-03-09 12:00").application_id.tolist() == ["p2"]


def test_a_later_correction_is_not_what_was_submitted(bank):
    fill(
        bank,
        "application_parties",
        {
            "application_id": "p1",
            "seq": 1,
            "customer_id": "a2",
            "declared_income": 1,
            "known_time": stored("2024-04-01"),
        },
    )
    assert _spine(bank).columns["declared_income"][0] == 200_000


def test_parties_and_facts_are_read_only_if_known_before_the_reading(bank):
    at = stored("2024-03-08 10:00")
    row = {"application_id": "p0", "submitted_at": at}
    fill(bank, "applications", row | {"known_time": at})
    known = stored("2024-03-20 10:00")  # with the decision
    fill(bank, "application_parties", {"application_id": "p0", "seq": 1, "customer_id": "b1", "known_time": known,
                                        "declared_income": 7})  # fmt: skip
    fact = {"application_id": "p0", "fact": "form_seconds", "number": 33.0, "known_time": known}
    fill(bank, "application_facts", fact)
    before, after = _spine(bank, "2024-03-20 10:00"), _spine(bank, "2024-03-20 10:01")
    assert before.application_id[0] == after.application_id[0] == "p0"
    assert (before.customer[0], after.customer[0]) == (-1, 1)
    assert np.isnan(before.columns["declared_income"][0])
    assert np.isnan(before.columns["form_seconds"][0])
    assert (after.columns["declared_income"][0], after.columns["form_seconds"][0]) == (7.0, 33.0)


@pytest.mark.parametrize(
    ("decided", "known", "taken"),
    [
        ("2024-04-20 10:00", "2024-04-20 10:00", True),  # with the decision, however long it took
        ("2024-03-09 10:00", "2024-03-09 10:01", False),
        (None, "2024-04-07 10:00", True),  # 30 days after submission
        (None, "2024-04-07 10:01", False),
        (None, "2024-09-01 10:00", False),
    ],
)
def test_what_came_after_the_decision_is_not_as_submitted(bank, decided, known, taken):
    """A decision may stand in a later version; without one, thirty days count."""
    common = {"type": "person", "known_time": stored("2020-01-01"), "birth_date": date(1980, 1, 1), "customer_id": "b1"}
    fill(bank, "customers", common)
    at = stored("2024-03-08 10:00")
    request = {"application_id": "p0", "submitted_at": at}
    fill(bank, "applications", request | {"known_time": at})
    if decided:
        fill(bank, "applications", request | {"known_time": stored(decided), "decided_at": stored(decided)})
    own = {"application_id": "p0", "known_time": stored(known)}
    fill(bank, "application_parties", own | {"seq": 1, "customer_id": "b1", "declared_income": 7})
    fill(bank, "application_facts", own | {"fact": "form_seconds", "number": 33.0})
    columns = _spine(bank).columns
    assert (columns["declared_income"][0] == 7.0, columns["form_seconds"][0] == 33.0) == (taken, taken)
    night = customer_spine(bank, micros("2025-01-01"), "2025-01-01").columns["declared_income"].tolist()
    assert night == [7.0 if taken else 200_000.0]  # Bob's other request


def test_a_request_told_of_only_months_later_brings_its_own_along(bank):
    row = {"application_id": "p0", "known_time": stored("2024-09-01")}
    decided = {"submitted_at": stored("2024-03-08 10:00"), "decided_at": stored("2024-03-09")}
    fill(bank, "applications", row | decided)
    fill(bank, "application_facts", row | {"fact": "form_seconds", "number": 33.0})
    assert _spine(bank).columns["form_seconds"][0] == 33.0


def test_the_bureau_report_is_the_latest_known_before_submission(bank):
    reports = [("2024-03-01", 500), ("2024-03-10 09:29", 600), ("2024-03-10 09:30", 650), ("2024-03-10 09:31", 700)]
    for number, (at, score) in enumerate(reports):
        fill(
            bank,
            "bureau_reports",
            {"report_id": f"r{number}", "subject": "p1", "pulled_at": stored(at), "score": score, "version": "1"}
            | {"known_time": stored(at), "searches_6m": number},
        )
    columns = _spine(bank).columns
    assert columns["bureau_score"][0] == 600
    assert columns["searches_6m"][0] == 1
    assert np.isnan(columns["bureau_score"][1])


def test_shared_tokens_count_others_before_within_ninety_days(bank):
    def token(subject, kind, value, at):
        day = stored(at).date()
        row = {"subject": subject, "kind": kind, "token": value, "valid_from": day, "known_time": stored(at)}
        fill(bank, "identifier_tokens", row)

    token("p1", "device", "d", "2024-03-10 09:30")
    token("p2", "device", "d", "2024-03-01 23:30")
    token("p3", "device", "d", "2024-03-09 12:00")
    token("a1", "phone", "t", "2021-01-01")  # what we know of Ann, under her other key
    token("p1", "phone", "t", "2024-03-10 09:30")
    token("p1", "email", "new", "2024-03-10 09:30")
    token("a1", "email", "new", "2024-03-11")  # given to us only after the application
    columns = _spine(bank).columns
    assert columns["shared_device"].tolist() == [2.0, 0.0, 1.0]  # p1 comes last; p2 first
    assert columns["shared_email"].tolist() == [0.0, 0.0, 0.0]
    assert columns["contact_matches"][0] == 1.0
    assert columns["contact_matches"][1] == 0.0  # Bob's device is not one we know
    assert np.isnan(columns["contact_matches"][2])  # of a stranger we know nothing


def test_others_tokens_count_only_while_known_and_not_superseded(bank):
    def token(subject, value, known, superseded=None):
        row = {"subject": subject, "kind": "device", "token": value, "valid_from": date(2024, 3, 1)}
        times = {"known_time": stored(known), "superseded_time": superseded and stored(superseded)}
        fill(bank, "identifier_tokens", row | times)

    token("p1", "d", "2024-03-10 09:30")
    token("p2", "d", "2024-03-10 09:30")  # applied before p1, but its token came as late as p1 itself
    assert _spine(bank).columns["shared_device"][0] == 0.0
    token("p3", "d", "2024-03-09 12:00", "2024-03-10 09:29")  # withdrawn a minute before p1
    assert _spine(bank).columns["shared_device"][0] == 0.0
    token("p3", "d", "2024-03-09 12:01", "2024-03-10 09:30")  # stood until p1
    assert _spine(bank).columns["shared_device"][0] == 1.0


@pytest.mark.parametrize(
    ("decided", "known", "own"),
    [
        ("2024-03-12 10:00", "2024-03-12 10:00", True),  # with the decision
        ("2024-03-12 10:00", "2024-03-12 10:01", False),
        (None, "2024-04-09 09:30", True),  # 30 days after submission
        (None, "2024-04-09 09:31", False),
        (None, "2024-09-01 10:00", False),
    ],
)
def test_a_token_told_of_after_the_decision_is_not_the_applications_own(bank, decided, known, own):
    """Ann's p1 of 10 March shares a device with the stranger's p3 of the day before, and its phone is hers."""
    if decided:
        request = {"application_id": "p1", "submitted_at": stored("2024-03-10 09:30")}
        fill(bank, "applications", request | {"known_time": stored(decided), "decided_at": stored(decided)})
    token = {"kind": "device", "token": "d", "valid_from": date(2024, 3, 9)}
    fill(bank, "identifier_tokens", token | {"subject": "p3", "known_time": stored("2024-03-09 12:00")})
    fill(bank, "identifier_tokens", token | {"subject": "p1", "known_time": stored(known)})
    phone = {"kind": "phone", "token": "t", "valid_from": date(2021, 1, 1)}
    fill(bank, "identifier_tokens", phone | {"subject": "a1", "known_time": stored("2021-01-01")})
    fill(bank, "identifier_tokens", phone | {"subject": "p1", "known_time": stored(known)})
    columns = _spine(bank).columns
    expected = [1.0, 1.0] if own else [np.nan, np.nan]  # without a token in time it came without any
    assert np.array_equal([columns["shared_device"][0], columns["contact_matches"][0]], expected, equal_nan=True)


def test_a_token_too_late_to_be_its_own_still_tells_later_applicants(bank):
    """Of p8 the device becomes known in May, after its 30 days; p9 comes from the same one in June."""
    at = stored("2024-06-01 10:00")
    fill(bank, "applications", {"application_id": "p9", "submitted_at": at, "known_time": at})
    submitted = {"application_id": "p8", "submitted_at": stored("2024-04-01 10:00")}
    fill(bank, "applications", submitted | {"known_time": stored("2024-04-01 10:00")})
    token = {"kind": "device", "token": "d", "valid_from": date(2024, 4, 1)}
    fill(bank, "identifier_tokens", token | {"subject": "p8", "known_time": stored("2024-05-20 10:00")})
    fill(bank, "identifier_tokens", token | {"subject": "p9", "known_time": at})
    spine = _spine(bank)
    shared = dict(zip(spine.application_id, spine.columns["shared_device"], strict=True))
    assert shared["p9"] == 1.0
    assert np.isnan(shared["p8"])


def test_a_request_told_of_months_later_keeps_the_tokens_that_came_with_it(bank):
    late = {"known_time": stored("2024-09-01")}
    times = {"submitted_at": stored("2024-03-08 10:00"), "decided_at": stored("2024-03-09")}
    fill(bank, "applications", {"application_id": "p0"} | late | times)
    device = {"subject": "p0", "kind": "device", "token": "d", "valid_from": date(2024, 3, 8)}
    fill(bank, "identifier_tokens", device | late)
    assert _spine(bank).columns["shared_device"][0] == 0.0


def test_ones_own_earlier_application_is_not_somebody_elses(bank):
    at = "2024-03-05 10:00"
    fill(bank, "applications", {"application_id": "p0", "submitted_at": stored(at), "known_time": stored(at)})
    fill(bank, "application_parties", {"application_id": "p0", "seq": 1, "customer_id": "a1", "known_time": stored(at)})
    for subject in ("p0", "p1"):
        row = {"subject": subject, "kind": "device", "token": "own", "valid_from": stored(at).date()}
        fill(bank, "identifier_tokens", row | {"known_time": stored(at)})
    spine = _spine(bank)
    assert spine.columns["shared_device"][spine.application_id == "p1"].tolist() == [0.0]


def test_a_partners_earlier_application_is_not_somebody_elses_and_their_phone_is_known(bank):
    """Ann and Bob apply together, p2 is Bob's and p1 Ann's of days later; all from one device and Bob's phone."""
    at = stored("2024-03-01 10:00")
    fill(bank, "applications", {"application_id": "p0", "submitted_at": at, "known_time": at})
    for seq, who in enumerate(("a2", "b1"), start=1):
        fill(bank, "application_parties", {"application_id": "p0", "seq": seq, "customer_id": who, "known_time": at})
    for kind, subjects in (("device", ("p0", "p1", "p2", "p3")), ("phone", ("p0", "b1"))):
        for subject in subjects:
            row = {"subject": subject, "kind": kind, "token": kind, "valid_from": date(2021, 1, 1)}
            fill(
                bank,
                "identifier_tokens",
                row | {"known_time": stored("2021-01-01" if subject == "b1" else "2024-03-01")},
            )
    spine = _spine(bank)
    shared = dict(zip(spine.application_id, spine.columns["shared_device"], strict=True))
    assert shared == {"p0": 0.0, "p1": 2.0, "p2": 0.0, "p3": 2.0}  # of p1: Bob's p2 and the stranger's p3
    assert spine.columns["contact_matches"][0] == 1.0  # the second applicant's phone
    assert spine.customer[0] == 0  # the first applicant stands for both elsewhere


@pytest.mark.parametrize(("known", "shared"), [("2024-03-05 10:00", 0.0), ("2024-03-10 09:29", 0.0),
                                               ("2024-03-10 09:30", 1.0)])  # fmt: skip
def test_who_made_an_earlier_application_may_become_known_after_its_decision_but_before_the_next(bank, known, shared):
    """Ann's p0 of the 5th is decided on the 6th; her p1 of 10 March 09:30 comes from the same device."""
    at, decided = "2024-03-05 10:00", stored("2024-03-06")
    request = {"application_id": "p0", "submitted_at": stored(at), "decided_at": decided, "known_time": stored(at)}
    fill(bank, "applications", request)
    party = {"application_id": "p0", "seq": 1, "customer_id": "a1", "declared_income": 7, "known_time": stored(known)}
    fill(bank, "application_parties", party)
    for subject in ("p0", "p1"):
        row = {"subject": subject, "kind": "device", "token": "own", "valid_from": stored(at).date()}
        fill(bank, "identifier_tokens", row | {"known_time": stored(at)})
    spine = _spine(bank)
    assert spine.columns["shared_device"][spine.application_id == "p1"].tolist() == [shared]
    in_time = known == at
    assert (spine.customer[0] == 0, spine.columns["declared_income"][0] == 7.0) == (in_time, in_time)
    assert np.isnan(spine.columns["contact_matches"][0]) != in_time
