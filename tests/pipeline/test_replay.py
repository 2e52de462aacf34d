"""A past decision comes out again, byte by byte, and whatever was changed since shows."""

import pytest
from sqlalchemy import update

from bank360.bank.errors import ArtefactRefused, NotFound
from bank360.pipeline.replay import replay_decision
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide
from bank360.storage.store.schema import policies


def decided(bank, number=1):
    customer = bank.night.warehouse.query("SELECT min(customer_id) AS c FROM scores")["c"][0].as_py()
    with bank.published.current() as version:
        at, standard = version.meta.as_of, version.meta.standard_request
    asked = AskedBy("U1", at, f"D{number}", f"S{number}")
    return decide(bank.desk, LoanApplication(customer, *standard), asked, lambda record: b"{}")


def test_the_same_bytes_come_out_from_the_record_the_models_and_the_kept_policy(desk_bank):
    made = decided(desk_bank)
    again = replay_decision(desk_bank.store, desk_bank.night.bank.registry, "D1")
    assert (again.same, again.sequence, again.record) == (True, made.sequence, made.record)
    assert again.again == again.sealed


def test_a_policy_that_was_changed_or_lost_and_an_unknown_decision_are_told(desk_bank):
    decided(desk_bank)
    registry = desk_bank.night.bank.registry
    with desk_bank.store.writing() as connection:
        connection.execute(update(policies).values(text=policies.c.text + "# another\n"))
    with pytest.raises(ArtefactRefused, match="is not the text that decided"):
        replay_decision(desk_bank.store, registry, "D1")
    with desk_bank.store.writing() as connection:
        connection.execute(policies.delete())
    with pytest.raises(NotFound, match="No policy with SHA-256"):
        replay_decision(desk_bank.store, registry, "D1")
    with pytest.raises(NotFound, match="no credit decision of this id"):
        replay_decision(desk_bank.store, registry, "D2")
