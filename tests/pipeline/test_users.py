"""Passwords: the cost is the declared one, for a name that does not exist too; on both databases."""

import time

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from bank360.bank.errors import SettingsError
from bank360.bank.vocabulary import Role
from bank360.pipeline.users import DUMMY_HASH, MEMORY_KIB, PASSES, add_user, change_password, log_in
from bank360.storage.users import password_hash_of

PASSWORD = "correct horse battery"


@pytest.fixture
def ann(log):
    add_user(log, "ann", Role.RISK_OFFICER, PASSWORD, ("D1", "U1"), "operator:test", 1)
    return log


def test_only_the_password_opens(ann):
    user = log_in(ann.store, "ann", PASSWORD)
    assert user is not None
    assert (user.user_id, user.role) == ("U1", Role.RISK_OFFICER)
    assert log_in(ann.store, "ann", PASSWORD + " ") is None
    assert log_in(ann.store, "Ann", PASSWORD) is None
    change_password(ann, "ann", "another long password", "D2", "operator:test", 2)
    assert log_in(ann.store, "ann", PASSWORD) is None


def test_a_hash_costs_what_is_asked_and_the_dummy_the_same(ann):
    with ann.store.reading() as connection:
        stored = password_hash_of(connection, "U1")
    asked = extract_parameters(stored)
    assert extract_parameters(DUMMY_HASH) == asked
    assert (asked.type, asked.memory_cost, asked.time_cost) == (Type.ID, MEMORY_KIB, PASSES)
    assert MEMORY_KIB >= 19 * 1024
    assert PASSES >= 2


def test_a_name_that_does_not_exist_costs_a_hash(ann):
    def cost(name):
        began = time.process_time()
        assert log_in(ann.store, name, "not the password") is None
        return time.process_time() - began

    known, unknown = (min(cost(name) for _ in range(5)) for name in ("ann", "nobody"))
    assert known / 2 < unknown < known * 2


def test_a_user_that_is_refused_leaves_no_record(ann):
    with pytest.raises(SettingsError, match="already"):
        add_user(ann, "ann", Role.VIEWER, PASSWORD, ("D2", "U2"), "operator:test", 2)
    assert ann.anchor.read().sequence == 1
