"""Shared identifiers and known contacts against the definition written as loops, on untidy rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.features import shared_identifiers
from bank360.features.shared_identifiers import (
    NEVER,
    STRANGER,
    WINDOW,
    Submitted,
    Tokens,
    known_contacts,
    others_sharing,
)

KINDS = 2
# Instants around each other and around the edge of the window.
INSTANT = st.builds(lambda base, step: base + step, st.sampled_from([0, WINDOW, 2 * WINDOW]), st.integers(-2, 2))
APPLICATION = st.tuples(INSTANT, st.integers(STRANGER, 2), INSTANT)
TOKEN = st.tuples(st.integers(0, 5), st.integers(0, 3), INSTANT, st.one_of(st.just(NEVER), INSTANT))


def submitted(rows):
    at, customer, known = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return Submitted(at, customer, known)


def tokens(rows):
    """Tokens of identifiers 0 to 3, the even ones of kind 0, the odd ones of kind 1."""
    columns = list(zip(*rows, strict=True)) or [()] * 4
    subject, identifier, known, superseded = (np.array(column, dtype=np.int64) for column in columns)
    return Tokens(subject, identifier, identifier % KINDS, known, superseded)


def stood(known, superseded, at):
    return known < at and superseded >= at


def naive_others(applications, own, used):
    answer = np.zeros((len(applications), KINDS), dtype=np.int64)
    for me, (at, customer, _) in enumerate(applications):
        for kind in range(KINDS):
            mine = {identifier for subject, identifier, _, _ in own if subject == me and identifier % KINDS == kind}
            others = set()
            for who, identifier, known, superseded in used:
                then, whose, whose_known = applications[who]
                is_me = customer not in (STRANGER,) and whose == customer and whose_known < at
                if identifier in mine and at - WINDOW <= then < at and stood(known, superseded, at) and not is_me:
                    others.add(who)
            answer[me, kind] = len(others)
    return answer


def naive_contacts(applications, own, held):
    answer = []
    for me, (at, customer, _) in enumerate(applications):
        mine = {identifier for subject, identifier, _, _ in own if subject == me}
        kinds = {
            identifier % KINDS
            for who, identifier, known, superseded in held
            if customer != STRANGER and who == customer and identifier in mine and stood(known, superseded, at)
        }
        answer.append(len(kinds))
    return answer


@settings(max_examples=300, deadline=None)
@given(
    st.lists(APPLICATION, min_size=6, max_size=6),
    st.lists(TOKEN, max_size=8),
    st.lists(TOKEN, max_size=16),
    st.lists(TOKEN, max_size=8),
    st.sampled_from([1, 3, 2**21]),
)
def test_it_is_what_loops_over_the_definition_say(applications, own, late, held, at_once):
    used = own + late
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_identifiers, "_PAIRS_AT_ONCE", at_once)
        shared = others_sharing(submitted(applications), tokens(own), tokens(used), KINDS)
        contacts = known_contacts(submitted(applications), tokens(own), tokens(held))
    assert shared.tolist() == naive_others(applications, own, used).tolist()
    assert contacts.tolist() == naive_contacts(applications, own, held)


def test_one_day_of_a_ring():
    # Three strangers of one device a minute apart; the second one's device was known only after the third applied.
    minute = 60_000_000
    made = submitted([(0, STRANGER, 0), (minute, STRANGER, 0), (2 * minute, STRANGER, 0)])
    used = tokens([(0, 0, 0, NEVER), (1, 0, 3 * minute, NEVER), (2, 0, 2 * minute, NEVER)])
    assert others_sharing(made, used, used, KINDS)[:, 0].tolist() == [0, 1, 1]


def test_without_tokens_nothing_is_shared():
    made, none = submitted([(0, 0, 0)]), tokens([])
    assert others_sharing(made, none, none, KINDS).tolist() == [[0, 0]]
    assert known_contacts(made, none, none).tolist() == [0]
