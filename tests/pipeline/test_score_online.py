"""One application decided online: the night's doubles, one transaction, retries, and a replay to the same bytes."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bank360.bank.errors import NotFound, NotReady, RequestReused, SettingsError
from bank360.pipeline.audit import forget_customer
from bank360.pipeline.desk import why_undecided
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide, try_out
from bank360.pipeline.told import Told
from bank360.pipeline.what_if import what_if
from bank360.policies.credit_policy import credit_policy
from bank360.policies.decision import parse
from bank360.storage.decision_log import Request
from bank360.storage.decision_verify import verify_log
from bank360.storage.policy_files import policy_text
from bank360.storage.store.schema import decisions, idempotency, outbox
from bank360.storage.subjects import customer_of
from tests.pipeline.conftest import serving


def answer(record):
    return json.dumps({"outcome": str(record.outcome), "subject": record.subject}).encode()


def standard(version, customer_id):
    return LoanApplication(customer_id, *version.meta.standard_request)


def asked(at, number, key=None):
    request = None if key is None else Request("U1", "/v1/loans", key, bytes(32))
    return AskedBy("U1", at, f"D{number}", f"S{number}", request)


def test_online_gives_the_double_of_the_night_for_everybody_it_scored(read_bank):
    scores = read_bank.night.warehouse.query("SELECT customer_id, margin, probability FROM scores").to_pylist()
    assert len(scores) > 100
    with read_bank.published.current() as version:
        for row in scores:
            record = try_out(read_bank.desk, standard(version, row["customer_id"]), "U1", version.meta.as_of)
            (use,) = (use for use in record.models if use.model == "application_pd")
            assert (use.margin, use.probability) == (row["margin"], row["probability"])


def test_online_decides_what_the_warehouse_would(read_bank):
    """Applicant, finances, models, gates, outcome, reasons: all but who asked, which the online path is told."""
    night, bank = read_bank.night, read_bank.night.bank
    with read_bank.published.current() as version:
        ids = night.warehouse.query("SELECT customer_id FROM customer_index ORDER BY 1").column(0).to_pylist()
        own = bank.home.settings.bank
        for customer_id in ids[::9]:
            offline = what_if(
                night.warehouse, bank.registry, customer_id, bank.request, policy_text(None),
                version.meta.as_of, own.zone, own.currency, own.country,
            ).record  # fmt: skip
            online = try_out(read_bank.desk, standard(version, customer_id), "command-line", version.meta.as_of)
            assert replace(online, decision_id=offline.decision_id) == offline


def test_a_decision_is_its_record_its_answer_its_key_and_its_message_in_one_place_of_the_log(desk_bank):
    with desk_bank.published.current() as version:
        customer_id = _anybody(desk_bank)
        made = decide(desk_bank.desk, standard(version, customer_id), asked(version.meta.as_of, 1, "k1"), answer)
    assert not made.repeated
    with desk_bank.store.reading() as connection:
        (row,) = connection.execute(select(decisions.c.sequence, decisions.c.record, decisions.c.subject)).all()
        assert parse(bytes(row.record)) == made.record
        assert (row.sequence, row.subject) == (made.sequence, "S1")
        assert connection.execute(select(idempotency.c.response)).scalar_one() == made.response
        assert connection.execute(select(outbox.c.body)).scalar_one() == b"D1"
    assert customer_id.encode() not in bytes(row.record)
    assert verify_log(desk_bank.desk.log).faults == ()


def test_a_retry_gets_the_first_answer_and_decides_nothing(desk_bank):
    with desk_bank.published.current() as version:
        application = standard(version, _anybody(desk_bank))
        first = decide(desk_bank.desk, application, asked(version.meta.as_of, 1, "k1"), answer)
        again = decide(desk_bank.desk, application, asked(version.meta.as_of, 2, "k1"), answer)
        assert (again.response, again.sequence, again.repeated) == (first.response, first.sequence, True)
        other = AskedBy("U1", version.meta.as_of, "D3", "S3", Request("U1", "/v1/loans", "k1", bytes([1]) * 32))
        with pytest.raises(RequestReused):
            decide(desk_bank.desk, application, other, answer)
    with desk_bank.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(decisions)).scalar_one() == 1


def test_a_customer_keeps_the_pseudonym_of_the_first_decision(desk_bank):
    with desk_bank.published.current() as version:
        application = standard(version, _anybody(desk_bank))
        first = decide(desk_bank.desk, application, asked(version.meta.as_of, 1), answer)
        second = decide(desk_bank.desk, application, asked(version.meta.as_of, 2), answer)
    assert first.record is not None
    assert second.record is not None
    assert (first.record.subject, second.record.subject) == ("S1", "S1")


def test_who_is_forgotten_while_a_decision_is_in_flight_stays_forgotten(desk_bank):
    with desk_bank.published.current() as version:
        customer_id, at = _anybody(desk_bank), version.meta.as_of
        application, log = standard(version, customer_id), desk_bank.desk.log
        decide(desk_bank.desk, application, asked(at, 1), answer)
        erased = []

        def forgotten(lap):
            if lap == "score" and not erased:  # read already, and not yet committed
                erased.append(forget_customer(log, customer_id, "F1", "U2", at))

        second = decide(desk_bank.desk, application, asked(at, 2), answer, forgotten)
    assert second.record is not None
    assert json.loads(second.response)["subject"] == second.record.subject == "S2"
    with desk_bank.store.reading() as connection:
        assert customer_of(connection, "S1") is None  # nothing leads from the first decision to a person
        assert customer_of(connection, "S2") == customer_id


def test_many_at_once_are_each_recorded_once_and_the_chain_holds(desk_bank):
    with desk_bank.published.current() as version:
        application, at = standard(version, _anybody(desk_bank)), version.meta.as_of
        with ThreadPoolExecutor(8) as pool:
            retried = [asked(at, n, f"k{n % 20}") for n in range(40)]
            made = list(pool.map(lambda by: decide(desk_bank.desk, application, by, answer), retried))
    assert sorted({one.sequence for one in made}) == list(range(1, 21))
    assert len({one.response for one in made}) == 1  # one customer, one pseudonym, one outcome
    verdict = verify_log(desk_bank.desk.log)
    assert (verdict.records, verdict.faults) == (20, ())


def test_what_the_application_tells_takes_the_place_of_what_was_told_last(read_bank):
    with read_bank.published.current() as version:
        customer_id = _anybody(read_bank)
        told = Told(declared_income=1_234_00, housing_cost=300_00, outgoings=200_00)
        said = replace(standard(version, customer_id), told=told)
        finances = try_out(read_bank.desk, said, "U1", version.meta.as_of).finances
        assert finances.declared_income == 1_234_00
        assert (finances.declared_housing, finances.declared_outgoings) == (300_00, 200_00)


def test_an_unknown_customer_or_product_and_a_policy_that_does_not_fit_are_refused(read_bank):
    with read_bank.published.current() as version:
        at, known = version.meta.as_of, standard(version, _anybody(read_bank))
        with pytest.raises(NotFound, match="No customer"):
            try_out(read_bank.desk, replace(known, customer_id="nobody"), "U1", at)
        with pytest.raises(NotFound, match="no such product"):
            try_out(read_bank.desk, replace(known, product_id="NONE"), "U1", at)
        other = next(name for name, line in version.meta.product_lines.items() if line != "personal_loan")
        with pytest.raises(SettingsError, match="The policy is for"):
            try_out(read_bank.desk, replace(known, product_id=other), "U1", at)


def test_by_a_policy_in_another_currency_nothing_is_decided_and_that_is_said(read_bank):
    text = policy_text(None).replace("currency: GBP", "currency: EUR").replace("market: GB", "market: DE")
    with read_bank.published.current() as version:
        assert why_undecided(version, read_bank.desk.policy) is None
        said = why_undecided(version, credit_policy(text))
    assert said is not None
    assert "is for DE in EUR, and this bank is in GB with GBP: no request is decided by it. Try requests by" in said


def test_before_the_first_publish_nothing_is_decided(night, store, tmp_path):
    for bank in serving(night, store, tmp_path, published=False):
        with pytest.raises(NotReady, match="Nothing is published yet"):
            try_out(bank.desk, LoanApplication("C1", "LOAN", 1, 1), "U1", 1)


def _anybody(bank):
    return bank.night.warehouse.query("SELECT min(customer_id) AS c FROM scores")["c"][0].as_py()
