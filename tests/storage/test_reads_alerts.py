"""Rows that alert rules read: whose they are, and that nothing known at or after the instant is among them."""

from datetime import UTC, date, datetime

import pytest

from bank360.storage.ledger import prepare
from bank360.storage.reads_alerts import AlertRows
from bank360.storage.warehouse import open_warehouse
from tests.storage.test_reads_credit import fill, month

NOW, TODAY = datetime(2024, 6, 15, 12, tzinfo=UTC), date(2024, 6, 15)
LATER = {"known_time": datetime(2024, 6, 15, 12)}  # noqa: DTZ001  # stored without a zone; at the very instant


@pytest.fixture
def bank(tmp_path):
    """Ann and Bob hold a joint account; Ann has a card with a limit and a young loan, Eve applied with a fraud."""
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        keys = (("a1", "CA"), ("b1", "CB"), ("e1", "CE"))
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in keys))
        accounts = (("joint", date(2020, 1, 1)), ("card", date(2020, 1, 1)), ("loan", date(2024, 3, 1)))
        fill(warehouse, "accounts", *({"account_id": a, "currency": "GBP", "opened_on": d} for a, d in accounts))
        parties = (("joint", "a1", "owner"), ("joint", "b1", "joint_holder"), ("card", "a1", "owner"),
                   ("card", "b1", "authorised"), ("loan", "a1", "owner"))  # fmt: skip
        fill(warehouse, "account_parties", *({"account_id": a, "customer_id": k, "role": r} for a, k, r in parties))
        yield warehouse


def rows(bank, customer=None, now=NOW):
    return AlertRows(bank, now, TODAY, "GBP", customer)


def debit(name, day, amount=-1000, **more):
    return {
        "transaction_id": name, "account_id": "joint", "booked_on": day, "amount": amount, "currency": "GBP",
        "scheme": "direct_debit", "category": "utilities", **more,
    }  # fmt: skip


def test_a_debit_is_returned_once_its_return_is_known_and_belongs_to_each_holder(bank):
    fill(
        bank,
        "transactions",
        debit("t1", date(2024, 6, 1)),
        debit("t2", date(2024, 6, 2)),
        debit("t3", date(2024, 4, 15)),  # 61 days ago
        debit("t4", date(2024, 6, 3), **LATER),
        debit("t5", date(2024, 6, 3), scheme="card"),
        debit("r1", date(2024, 6, 3), 1000, category="returned_payment", reverses_id="t1"),
        debit("r2", date(2024, 6, 4), 1000, category="returned_payment", reverses_id="t2", **LATER),
    )
    expected = [(date(2024, 6, 1), 1000, True), (date(2024, 6, 2), 1000, False)]
    found = rows(bank).debits(60).to_pylist()
    assert [(r["customer_id"], r["day"], r["amount"], r["returned"]) for r in found] == [
        (who, *one) for who in ("CA", "CB") for one in expected
    ]
    assert {r["customer_id"] for r in rows(bank, "CB").debits(60).to_pylist()} == {"CB"}


def test_limits_add_up_by_month_end_and_an_authorised_user_has_none(bank):
    fill(
        bank,
        "credit_months",
        month("card", date(2024, 5, 31), 0, balance=900, credit_limit=1000),
        month("joint", date(2024, 5, 31), 0, balance=100, credit_limit=500),
        month("card", date(2024, 2, 1), 0, balance=1, credit_limit=1000),  # 135 days ago
        month("loan", date(2024, 5, 31), 100, balance=50_000),
    )
    found = [tuple(r.values()) for r in rows(bank).limit_months(125).to_pylist()]
    assert found == [("CA", date(2024, 5, 31), 1000, 1500), ("CB", date(2024, 5, 31), 100, 500)]


def test_a_young_loan_tells_what_was_due_and_paid_since_its_opening(bank):
    fill(
        bank,
        "credit_months",
        month("loan", date(2024, 4, 30), 100, 0, paid=0),
        month("loan", date(2024, 5, 31), 200, 31, paid=0),
        month("loan", date(2024, 6, 10), 0, 0, paid=200, **LATER),
    )
    found = [tuple(r.values()) for r in rows(bank).young_loans(180).to_pylist()]
    assert found == [("CA", "loan", date(2024, 3, 1), 300, 0, 31)]
    assert rows(bank).young_loans(100).num_rows == 0


def case(name, subject, closed=datetime(2024, 5, 1), **more):  # noqa: DTZ001
    return {
        "case_id": name,
        "subject": subject,
        "kind": "application",
        "outcome": "confirmed",
        "closed_at": closed,
        **more,
    }


def test_a_device_links_others_to_a_confirmed_fraud_and_not_the_fraudster(bank):
    devices = {"pE": "d1", "a1": "d1", "pB": "d1", "e1": "d1", "pX": "d2"}
    fill(bank, "identifier_tokens", *({"subject": s, "kind": "device", "token": t} for s, t in devices.items()))
    fill(bank, "identifier_tokens", {"subject": "a1", "kind": "phone", "token": "d2"})
    parties = {"pE": "e1", "pB": "b1", "pX": None}
    fill(bank, "application_parties", *({"application_id": p, "customer_id": k} for p, k in parties.items()))
    fill(
        bank,
        "fraud_cases",
        case("F1", "pE"),
        case("F2", "pE", outcome="cleared"),
        case("F3", "pE", kind="card"),
        case("F4", "pE", **LATER),
        case("F5", "pX"),
        case("F6", "pE", datetime(2023, 6, 1)),  # noqa: DTZ001  # more than a year ago
    )
    found = [tuple(r.values()) for r in rows(bank).fraud_links(365).to_pylist()]
    assert found == [("CA", "F1", date(2024, 5, 1)), ("CB", "F1", date(2024, 5, 1))]
    assert rows(bank, "CE").fraud_links(365).num_rows == 0


def test_an_account_in_another_currency_is_left_out(bank):
    bank.execute("UPDATE accounts SET currency = 'EUR'")
    fill(bank, "transactions", debit("t1", date(2024, 6, 1)))
    fill(bank, "credit_months", month("loan", date(2024, 5, 31), 100))
    assert rows(bank).debits(60).num_rows == rows(bank).young_loans(180).num_rows == 0
