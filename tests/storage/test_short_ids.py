"""The beginning of an id means one thing or is refused, on both databases."""

import pytest

from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import AlertSeverity, CaseKind
from bank360.storage.cases import FoundCase, open_cases
from bank360.storage.chain import Entry
from bank360.storage.decision_log import record_decision
from bank360.storage.short_ids import case_meant, decision_meant


def test_a_beginning_means_the_one_decision_that_has_it(log):
    for decision_id, kind in (("5f0c3a11", "credit.decision"), ("5f0c3a1", "credit.decision"),
                              ("5f0c3b%_", "credit.decision"), ("5f0c3bzz", "customer.note")):  # fmt: skip
        record_decision(log, Entry.of(decision_id, "u", "s", kind, 1, b"{}"), b"")
    with log.store.reading() as connection:
        assert decision_meant(connection, "5f0c3a1") == "5f0c3a1"  # whole, though another begins with it
        assert decision_meant(connection, "5f0c3a11") == "5f0c3a11"
        assert decision_meant(connection, "5f0c3b") == "5f0c3b%_"  # what is no decision does not count
        for said, why in (
            ("5f0c3a", r"Several credit decisions have ids that begin with '5f0c3a': 5f0c3a1, 5f0c3a11\. Write more"),
            ("5f0c3", r"Name it by its id, or by its first 6 characters or more"),
            ("5F0C3B", "There is no credit decision whose id is or begins with '5F0C3B'"),
            ("5f0c3_", "There is no credit decision whose id is or begins with '5f0c3_'"),
        ):
            with pytest.raises(NotFound, match=why):
                decision_meant(connection, said)


def test_cases_are_named_alike(store):
    with store.writing() as connection:
        one = FoundCase(CaseKind.ALERT, "shared_device", "C1", "g", AlertSeverity.LOW, 1, 1)
        (case_id,) = open_cases(connection, [one], 1, "a")
        assert case_meant(connection, case_id[:6]) == case_meant(connection, case_id) == case_id
        with pytest.raises(NotFound, match="There is no case"):
            case_meant(connection, "K00000000")
