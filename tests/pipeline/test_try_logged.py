"""A what-if is logged apart: who, when, for whom and what; and no list, count or replay of decisions has it."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from bank360.bank.errors import NotFound
from bank360.pipeline.replay import replay_decision
from bank360.pipeline.score_online import AskedBy, LoanApplication, try_out
from bank360.pipeline.told import Told
from bank360.pipeline.try_logged import KIND, try_logged
from bank360.storage.decision_reads import decisions_page
from bank360.storage.decision_verify import verify_log
from bank360.storage.store.schema import cases, decisions, idempotency, outbox
from bank360.storage.subjects import customer_of


def test_a_what_if_is_logged_apart_and_is_no_decision(desk_bank):
    with desk_bank.published.current() as version:
        at, standard = version.meta.as_of, version.meta.standard_request
    customer_id = desk_bank.night.warehouse.query("SELECT min(customer_id) AS c FROM scores")["c"][0].as_py()
    told = Told(declared_income=123_400, employment="employed")
    application = LoanApplication(customer_id, standard[0], 450_000, 24, told, 120_000, "A-7")
    asked = AskedBy("U1", at, "w-1", "s-1")
    tried = try_logged(desk_bank.desk, application, asked, 77, varies="d-5")
    assert tried == try_out(desk_bank.desk, application, "U1", at)
    with desk_bank.store.reading() as connection:
        (row,) = connection.execute(select(decisions)).all()
        assert (row.decision_id, row.principal, row.subject, row.kind, row.at_us) == ("w-1", "U1", "s-1", KIND, 77)
        assert customer_of(connection, "s-1") == customer_id
        assert json.loads(row.record) == {
            "line": "personal_loan", "amount": 450_000, "term_months": 24, "outcome": str(tried.outcome), "as_of": at,
            "application": "A-7", "varies": "d-5", "evidenced": 120_000, "told_declared_income": 123_400,
            "told_employment": "employed",
        }  # fmt: skip
        assert customer_id.encode() not in bytes(row.record)
        assert decisions_page(connection) == ()
        # A decision's record names no product, so what varies one names the line; what varies none, the product asked.
        try_logged(desk_bank.desk, application, AskedBy("U1", at, "w-2", "s-2"), 78)
    with desk_bank.store.reading() as connection:
        said = json.loads(
            connection.execute(select(decisions.c.record).where(decisions.c.decision_id == "w-2")).scalar()
        )
        assert (said["product"], "line" in said, "varies" in said) == ("LOAN", False, False)
        for table in (cases, idempotency, outbox):
            assert connection.execute(select(table)).all() == []
    with pytest.raises(NotFound):
        replay_decision(desk_bank.store, desk_bank.night.bank.registry, "w-1")
    assert verify_log(desk_bank.desk.log).faults == ()


def test_what_could_not_be_tried_is_not_logged(desk_bank):
    with desk_bank.published.current() as version:
        at = version.meta.as_of
    known = LoanApplication("nobody", "LOAN", 450_000, 24)
    for application in (known, replace(known, product_id="NONE")):
        with pytest.raises(NotFound):
            try_logged(desk_bank.desk, application, AskedBy("U1", at, "w-1", "s-1"), 77)
    assert verify_log(desk_bank.desk.log).records == 0
