"""A note on a customer is sealed together with the pseudonym that it gives them, or neither is written."""

import pytest

from bank360.bank.errors import ChainBroken
from bank360.pipeline.audit import note_on_customer
from bank360.storage.decision_verify import verify_log
from bank360.storage.subjects import subject_of


def test_a_note_that_cannot_be_sealed_names_nobody(log):
    assert note_on_customer(log, "C1", "fee returned", ("n-1", "s-1"), "u-1", 1) == 1
    assert verify_log(log).faults == ()
    log.anchor.path.rename(log.anchor.path.with_suffix(".away"))
    with pytest.raises(ChainBroken):
        note_on_customer(log, "C2", "fee returned", ("n-2", "s-2"), "u-1", 2)
    with log.store.reading() as connection:
        assert (subject_of(connection, "C1"), subject_of(connection, "C2")) == ("s-1", None)
