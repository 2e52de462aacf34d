"""Shared identifiers and known contacts against the definition written as loops, on untidy rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.features import shared_identifiers
from bank360.features.applicants import Applicants
from bank360.features.shared_identifiers import NEVER, WINDOW, Tokens, known_contacts, others_sharing

KINDS = 2
# Instants around each other and around the edge of the window.
INSTANT = st.builds(lambda base, step: base + step, st.sampled_from([0, WINDOW, 2 * WINDOW]), st.integers(-2, 2))
# Who applied (position, customer, known, in time): applications of nobody are strangers', of several joint.
APPLICANT = st.tuples(st.integers(0, 5), st.integers(0, 2), INSTANT, st.booleans())
TOKEN = st.tuples(st.integers(0, 5), st.integers(0, 3), INSTANT, st.one_of(st.just(NEVER), INSTANT))


def applied(rows):
    application, customer, known, own = list(zip(*rows, strict=True)) or [()] * 4
    who, whom, told = (np.array(column, dtype=np.int64) for column in (application, customer, known))
    return Applicants(who, whom, told, np.array(own, dtype=np.bool_))


def tokens(rows):
    """Tokens of identifiers 0 to 3, the even ones of kind 0, the odd ones of kind 1."""
    columns = list(zip(*rows, strict=True)) or [()] * 4
    subject, identifier, known, superseded = (np.array(column, dtype=np.int64) for column in columns)
    return Tokens(subject, identifier, identifier % KINDS, known, superseded)


def stood(known, superseded, at):
    return known < at and superseded >= at


def naive_others(instants, applicants, own, used):
    answer = np.zeros((len(instants), KINDS), dtype=np.int64)
    for me, at in enumerate(instants):
        us = {customer for application, customer, _, in_time in applicants if application == me and in_time}
        for kind in range(KINDS):
            mine = {identifier for subject, identifier, _, _ in own if subject == me and identifier % KINDS == kind}
            others = set()
            for who, identifier, known, superseded in used:
                they = {customer for application, customer, told, _ in applicants if application == who and told < at}
                lately = at - WINDOW <= instants[who] < at
                if identifier in mine and lately and stood(known, superseded, at) and not us & they:
                    others.add(who)
            answer[me, kind] = len(others)
    return answer


def naive_contacts(instants, applicants, own, held):
    answer = []
    for me, at in enumerate(instants):
        us = {customer for application, customer, _, in_time in applicants if application == me and in_time}
        mine = {identifier for subject, identifier, _, _ in own if subject == me}
        kinds = {
            identifier % KINDS
            for who, identifier, known, superseded in held
            if who in us and identifier in mine and stood(known, superseded, at)
        }
        answer.append(len(kinds))
    return answer


@settings(max_examples=300, deadline=None)
@given(
    st.lists(INSTANT, min_size=6, max_size=6),
    st.lists(APPLICANT, max_size=10),
    st.lists(TOKEN, max_size=8),
    st.lists(TOKEN, max_size=16),
    st.lists(TOKEN, max_size=8),
    st.sampled_from([1, 3, 2**21]),
)
def test_it_is_what_loops_over_the_definition_say(instants, applicants, own, late, held, at_once):
    used = own + late
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_identifiers, "_PAIRS_AT_ONCE", at_once)
        shared = others_sharing(np.array(instants), applied(applicants), tokens(own), tokens(used), KINDS)
        contacts = known_contacts(np.array(instants), applied(applicants), tokens(own), tokens(held))
    assert shared.tolist() == naive_others(instants, applicants, own, used).tolist()
    assert contacts.tolist() == naive_contacts(instants, applicants, own, held)


def test_one_day_of_a_ring():
    # Three strangers of one device a minute apart; the second one's device was known only after the third applied.
    minute = 60_000_000
    used = tokens([(0, 0, 0, NEVER), (1, 0, 3 * minute, NEVER), (2, 0, 2 * minute, NEVER)])
    at = np.arange(3) * minute
    assert others_sharing(at, applied([]), used, used, KINDS)[:, 0].tolist() == [0, 1, 1]


def test_a_couple_that_applies_together_and_then_singly_is_no_ring():
    # Ann (0) with Bob (1), then each alone, then Cleo (2), all from one address; last Bob, before he was known as such.
    used = tokens([(application, 0, 0, NEVER) for application in range(5)])
    at = np.arange(1, 6)
    applicants = [(0, 0, 0, True), (0, 1, 0, True), (1, 1, 0, True), (2, 0, 0, True), (3, 2, 0, True), (4, 1, 0, True)]
    assert others_sharing(at, applied(applicants), used, used, KINDS)[:, 0].tolist() == [0, 0, 1, 3, 2]
    # That Bob was the second applicant became known after all of them, or after the second, too late for the first.
    for known, expected in ((99, [0, 1, 1, 3, 3]), (3, [0, 1, 1, 3, 2])):
        late = [*applicants[:1], (0, 1, known, False), *applicants[2:]]
        assert others_sharing(at, applied(late), used, used, KINDS)[:, 0].tolist() == expected


def test_a_contact_of_any_applicant_is_known():
    held = tokens([(1, 0, 0, NEVER), (0, 1, 0, NEVER)])  # Bob's phone, Ann's e-mail address
    own = tokens([(0, 0, 0, NEVER), (0, 1, 0, NEVER), (1, 0, 0, NEVER)])
    applicants = applied([(0, 0, 0, True), (0, 1, 0, True), (1, 0, 0, True), (1, 1, 0, False)])
    assert known_contacts(np.array([5, 5]), applicants, own, held).tolist() == [2, 0]


def test_without_tokens_nothing_is_shared():
    at, alone, none = np.zeros(1, dtype=np.int64), applied([(0, 0, 0, True)]), tokens([])
    assert others_sharing(at, alone, none, none, KINDS).tolist() == [[0, 0]]
    assert known_contacts(at, alone, none, none).tolist() == [0]
