"""Spines: what was known at submission and nothing later, by hand-made rows."""

import re
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import instant
from bank360.bank.table import PROVENANCE, Tag
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.storage import spines
from bank360.storage.ledger import prepare
from bank360.storage.spines import (
    application_cases,
    application_outcomes,
    application_spine,
    customer_spine,
    product_line,
)
from bank360.storage.warehouse import open_warehouse

ZONE = "Europe/London"


def _at(text):
    return datetime.fromisoformat(text)


def _micros(text):
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


_EMPTY = {
    "string": "-", "int64": 0, "float64": 0.0, "bool": False, "date": date(2020, 1, 1), "timestamp": _at("2020-01-01"),
}  # fmt: skip


def _fill(warehouse, table, *rows):
    """Append rows given as dicts; of what they do not name, what may be null is, and all was known in 2020."""
    columns = (*TABLE_BY_NAME[table].columns, *PROVENANCE)
    arrays = {
        c.name: pa.array([row.get(c.name, None if c.nullable else _EMPTY[c.type]) for row in rows], c.arrow_type)
        for c in columns
    }
    warehouse.append(table, pa.table(arrays))


@pytest.fixture
def bank(tmp_path):
    """Two customers (0: Ann, of two keys; 1: Bob), an application by Ann, one by Bob, one by a stranger."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        _fill(warehouse, "products", {"product_id": "LOAN", "valid_from": date(2020, 1, 1), "line": "personal_loan"})
        _fill(
            warehouse,
            "source_keys",
            *(
                {"source": "s", "source_key": key, "customer_id": customer, "valid_from": date(2020, 1, 1)}
                for key, customer in (("a1", "CA"), ("a2", "CA"), ("b1", "CB"))
            ),
        )
        index = pa.table({"customer_id": ["CA", "CB"], "customer": pa.array([0, 1], pa.int32())})
        warehouse.replace_table("customer_index", index)
        applications = (
            ("p1", "2024-03-10 09:30", "a2"),
            ("p2", "2024-03-01 23:30", "b1"),
            ("p3", "2024-03-09 12:00", None),
        )
        for application, at, key in applications:
            common = {"application_id": application, "known_time": _at(at)}
            _fill(
                warehouse,
                "applications",
                common
                | {"product_id": "LOAN", "channel": "online", "requested_amount": 500_000, "submitted_at": _at(at)}
                | {"outcome": "pending", "term_months": 36, "purpose": "car"},
            )
            _fill(
                warehouse,
                "application_parties",
                common
                | {
                    "seq": 1,
                    "customer_id": key,
                    "declared_income": 200_000,
                    "housing_cost": 50_000,
                    "outgoings": 20_000,
                },
            )
        yield warehouse


def _spine(bank, until="2025-01-01"):
    return application_spine(bank, _micros(until), ZONE)


def test_rows_are_sorted_by_id_and_a_stranger_has_no_customer(bank):
    spine = _spine(bank)
    assert spine.application_id.tolist() == ["p1", "p2", "p3"]
    assert spine.customer.tolist() == [0, 1, -1]
    assert spine.submitted_at[0] == _micros("2024-03-10 09:30")
    assert spine.columns["product_line"].tolist() == ["personal_loan"] * 3
    assert spine.columns["commitments"].tolist() == [70_000.0] * 3
    assert spine.columns["submitted_hour"].tolist() == [9.0, 23.0, 12.0]
    assert spine.columns["employment"].tolist() == [None] * 3


def test_an_application_known_only_later_is_not_there(bank):
    assert _spine(bank, "2024-03-09 12:00").application_id.tolist() == ["p2"]


def test_a_later_correction_is_not_what_was_submitted(bank):
    _fill(
        bank,
        "application_parties",
        {"application_id": "p1", "seq": 1, "customer_id": "a2", "declared_income": 1, "known_time": _at("2024-04-01")},
    )
    assert _spine(bank).columns["declared_income"][0] == 200_000


def test_parties_and_facts_are_read_only_if_known_before_the_reading(bank):
    at = _at("2024-03-08 10:00")
    row = {"application_id": "p0", "submitted_at": at}
    _fill(bank, "applications", row | {"known_time": at})
    known = _at("2024-03-20 10:00")  # with the decision
    _fill(bank, "application_parties", {"application_id": "p0", "seq": 1, "customer_id": "b1", "known_time": known,
                                        "declared_income": 7})  # fmt: skip
    fact = {"application_id": "p0", "fact": "form_seconds", "number": 33.0, "known_time": known}
    _fill(bank, "application_facts", fact)
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
    common = {"type": "person", "known_time": _at("2020-01-01"), "birth_date": date(1980, 1, 1), "customer_id": "b1"}
    _fill(bank, "customers", common)
    at = _at("2024-03-08 10:00")
    request = {"application_id": "p0", "submitted_at": at}
    _fill(bank, "applications", request | {"known_time": at})
    if decided:
        _fill(bank, "applications", request | {"known_time": _at(decided), "decided_at": _at(decided)})
    own = {"application_id": "p0", "known_time": _at(known)}
    _fill(bank, "application_parties", own | {"seq": 1, "customer_id": "b1", "declared_income": 7})
    _fill(bank, "application_facts", own | {"fact": "form_seconds", "number": 33.0})
    columns = _spine(bank).columns
    assert (columns["declared_income"][0] == 7.0, columns["form_seconds"][0] == 33.0) == (taken, taken)
    night = customer_spine(bank, _micros("2025-01-01"), "2025-01-01").columns["declared_income"].tolist()
    assert night == [7.0 if taken else 200_000.0]  # Bob's other request


def test_a_request_told_of_only_months_later_brings_its_own_along(bank):
    row = {"application_id": "p0", "known_time": _at("2024-09-01")}
    decided = {"submitted_at": _at("2024-03-08 10:00"), "decided_at": _at("2024-03-09")}
    _fill(bank, "applications", row | decided)
    _fill(bank, "application_facts", row | {"fact": "form_seconds", "number": 33.0})
    assert _spine(bank).columns["form_seconds"][0] == 33.0


def test_the_bureau_report_is_the_latest_known_before_submission(bank):
    reports = [("2024-03-01", 500), ("2024-03-10 09:29", 600), ("2024-03-10 09:30", 650), ("2024-03-10 09:31", 700)]
    for number, (at, score) in enumerate(reports):
        _fill(
            bank,
            "bureau_reports",
            {"report_id": f"r{number}", "subject": "p1", "pulled_at": _at(at), "score": score, "version": "1"}
            | {"known_time": _at(at), "searches_6m": number},
        )
    columns = _spine(bank).columns
    assert columns["bureau_score"][0] == 600
    assert columns["searches_6m"][0] == 1
    assert np.isnan(columns["bureau_score"][1])


def test_shared_tokens_count_others_before_within_ninety_days(bank):
    def token(subject, kind, value, at):
        day = _at(at).date()
        row = {"subject": subject, "kind": kind, "token": value, "valid_from": day, "known_time": _at(at)}
        _fill(bank, "identifier_tokens", row)

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
        times = {"known_time": _at(known), "superseded_time": superseded and _at(superseded)}
        _fill(bank, "identifier_tokens", row | times)

    token("p1", "d", "2024-03-10 09:30")
    token("p2", "d", "2024-03-10 09:30")  # applied before p1, but its token came as late as p1 itself
    assert _spine(bank).columns["shared_device"][0] == 0.0
    token("p3", "d", "2024-03-09 12:00", "2024-03-10 09:29")  # withdrawn a minute before p1
    assert _spine(bank).columns["shared_device"][0] == 0.0
    token("p3", "d", "2024-03-09 12:01", "2024-03-10 09:30")  # stood until p1
    assert _spine(bank).columns["shared_device"][0] == 1.0


def test_ones_own_earlier_application_is_not_somebody_elses(bank):
    at = "2024-03-05 10:00"
    _fill(bank, "applications", {"application_id": "p0", "submitted_at": _at(at), "known_time": _at(at)})
    _fill(bank, "application_parties", {"application_id": "p0", "seq": 1, "customer_id": "a1", "known_time": _at(at)})
    for subject in ("p0", "p1"):
        row = {"subject": subject, "kind": "device", "token": "own", "valid_from": _at(at).date()}
        _fill(bank, "identifier_tokens", row | {"known_time": _at(at)})
    spine = _spine(bank)
    assert spine.columns["shared_device"][spine.application_id == "p1"].tolist() == [0.0]


def test_outcomes_are_those_known_before_the_cut_off(bank):
    _fill(
        bank, "accounts", {"account_id": "A", "product_id": "LOAN", "opened_on": date(2024, 3, 12), "currency": "GBP"}
    )
    decided = {"submitted_at": _at("2024-03-10 09:30"), "account_id": "A", "known_time": _at("2024-03-12")}
    _fill(bank, "applications", {"application_id": "p1"} | decided)
    for month, days, known in ((date(2024, 4, 30), 0, "2024-05-01"), (date(2024, 5, 31), 29, "2024-06-01")):
        _fill(bank, "credit_months", {"account_id": "A", "month_end": month, "balance": 1, "amount_due": 1, "paid": 0,
                                      "arrears": 5, "days_past_due": days, "status": "performing", "forbearance": False,
                                      "written_off": 0, "known_time": _at(known)})  # fmt: skip
    spine = _spine(bank)
    early, late = (application_outcomes(bank, spine, _micros(at)) for at in ("2024-05-15", "2024-06-15"))
    assert late.booked.tolist() == [True, False, False]
    assert early.repayment.days_past_due.tolist() == [0]
    assert late.repayment.days_past_due.tolist() == [0, 29]
    assert late.opened_on[0] == (date(2024, 3, 12) - date(1970, 1, 1)).days
    assert not application_outcomes(bank, spine, _micros("2024-03-11")).booked.any()


def test_cases_are_read_as_they_stood_and_alerts_are_left_out(bank):
    opened, closed = _at("2024-04-01"), _at("2024-05-01")
    case = {"case_id": "f1", "subject": "p1", "kind": "application", "opened_at": opened}
    _fill(bank, "fraud_cases", case | {"known_time": opened})
    _fill(bank, "fraud_cases", case | {"closed_at": closed, "outcome": "confirmed", "known_time": closed})
    _fill(bank, "fraud_cases", case | {"case_id": "f2", "kind": "first_payment_default", "known_time": opened})
    spine = _spine(bank)
    before = application_cases(bank, spine, _micros("2024-04-15"))
    assert (before.application.tolist(), before.closed.tolist()) == ([0], [False])
    after = application_cases(bank, spine, _micros("2024-05-15"))
    assert (after.closed.tolist(), after.confirmed.tolist()) == ([True], [True])
    assert len(application_cases(bank, spine, _micros("2024-03-15")).application) == 0


def test_the_night_finds_adults_who_are_customers_with_what_they_declared_last(bank):
    born = date(2006, 6, 1)
    common = {"type": "person", "known_time": _at("2020-01-01")}
    _fill(
        bank, "customers", common | {"customer_id": "a1", "birth_date": date(1980, 1, 1), "left_on": date(2023, 1, 1)}
    )
    _fill(bank, "customers", common | {"customer_id": "a2", "birth_date": date(1980, 1, 1)})
    _fill(bank, "customers", common | {"customer_id": "b1", "birth_date": born})
    night = customer_spine(bank, _micros("2024-05-31 12:00"), "2024-05-31")
    assert night.customer_id.tolist() == ["CA"]  # Bob is 18 tomorrow; Ann left under one of her two keys only
    assert night.columns["declared_income"].tolist() == [200_000.0]
    assert night.columns["has_applied"].tolist() == [1.0]
    assert customer_spine(bank, _micros("2024-06-01 12:00"), "2024-06-01").customer_id.tolist() == ["CA", "CB"]
    dead = common | {"customer_id": "a2", "birth_date": date(1980, 1, 1), "deceased_on": date(2024, 5, 1)}
    _fill(bank, "customers", dead | {"known_time": _at("2024-05-03")})
    assert customer_spine(bank, _micros("2024-06-01 12:00"), "2024-06-01").customer_id.tolist() == ["CB"]


def test_an_application_or_form_known_only_after_the_night_declares_nothing(bank):
    common = {"type": "person", "known_time": _at("2020-01-01"), "birth_date": date(1980, 1, 1)}
    _fill(bank, "customers", common | {"customer_id": "a2"})
    at = _at("2024-05-01 10:00")
    request = {"application_id": "p9", "submitted_at": at, "known_time": _at("2024-06-10")}
    _fill(bank, "applications", request)
    form = {"application_id": "p9", "seq": 1, "customer_id": "a2", "declared_income": 999}
    _fill(bank, "application_parties", form | {"known_time": at})

    def declared(day):
        return customer_spine(bank, _micros(day), day[:10]).columns["declared_income"].tolist()

    assert declared("2024-06-10") == [200_000.0]
    assert declared("2024-06-11") == [999.0]
    first = customer_spine(bank, _micros("2024-03-10 09:30"), "2024-03-10")
    assert first.columns["has_applied"].tolist() == [0.0]


def test_a_product_has_the_line_of_the_day_as_known_or_is_not_there(bank):
    later = {"product_id": "LOAN", "valid_from": date(2024, 3, 5), "line": "mortgage", "known_time": _at("2024-03-09")}
    _fill(bank, "products", later)

    def line(instant, day):
        return product_line(bank, "LOAN", _micros(instant), day)

    assert line("2024-03-09 00:00", "2024-03-09") == "personal_loan"
    assert line("2024-03-09 00:01", "2024-03-09") == "mortgage"
    assert line("2024-03-09 00:01", "2024-03-04") == line("2024-03-09 00:01", "2019-01-01") == "personal_loan"
    assert product_line(bank, "NONE", _micros("2024-03-09"), "2024-03-09") is None
    # p1 and p3 were submitted after the change was known, p2 before.
    assert _spine(bank).columns["product_line"].tolist() == ["mortgage", "personal_loan", "mortgage"]


def test_a_product_told_of_only_after_the_application_has_its_first_line(bank):
    bank.execute("UPDATE products SET known_time = '2024-05-01'")
    assert _spine(bank).columns["product_line"].tolist() == ["personal_loan"] * 3
    assert _spine(bank, "2024-05-01").columns["product_line"].tolist() == [None] * 3


def test_no_statement_reads_a_protected_column_but_the_date_of_birth_for_the_age_of_18():
    protected = {c.name for table in TABLES for c in table.columns if Tag.PROTECTED in c.tags}
    texts = [text for text in vars(spines).values() if isinstance(text, str) and "SELECT" in text and "FROM" in text]
    read = {name for name in protected for text in texts if re.search(rf"\b{name}\b", text)}
    assert (len(texts) > 5, read) == (True, {"birth_date"})
    final = spines._CUSTOMERS.rsplit("SELECT m.customer_id", 1)[1]
    assert "birth_date" not in final.split("FROM masters")[0]
    assert "m.birth_date <= CAST(? AS DATE) - INTERVAL 18 YEAR" in final
