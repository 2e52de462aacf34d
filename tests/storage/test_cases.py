"""Cases on both databases: the order of the queue, pages, one open case of a kind and source, events for good."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DBAPIError

from bank360.bank.vocabulary import AlertSeverity, CaseAct, CaseKind, CaseOutcome, CaseState, OverrideCode, Role
from bank360.storage.cases import (
    SYSTEM,
    FoundCase,
    Proposal,
    add_event,
    case_by_id,
    events_of_case,
    open_case_of,
    open_cases,
    set_closed,
    set_owner,
    set_proposal,
    standing_of,
    withdraw,
)
from bank360.storage.queue_pages import QueueFilter, QueueTotal, queue_page, queue_totals
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import case_events, cases
from bank360.storage.users import User, insert_user

ALERT, TIER, HIGH = CaseKind.ALERT, CaseKind.TIER, AlertSeverity.HIGH


def found(customer="C1", kind=TIER, source="tier", loss=100, money=1_000, ground="high"):
    return FoundCase(kind, source, customer, ground, HIGH, money, loss)


_TIMES = count()


def opened(store, *some, at_us=5):
    with store.writing() as connection:
        return open_cases(connection, some, at_us, f"time {next(_TIMES)}")


def known(case):
    assert case is not None
    return case


def page(store, after=None, limit=50, **wanted):
    with store.reading() as connection:
        return queue_page(connection, QueueFilter(**wanted), after, limit)


def test_the_queue_is_in_order_of_expected_loss_then_money_and_the_unknown_last(store):
    opened(
        store,
        found("C1", loss=None, money=None),
        found("C2", loss=50),
        found("C3", loss=900),
        found("C4", loss=50, money=2_000),
        found("C5", loss=None, money=70_000),
        found("C6", loss=0, money=0),
    )
    assert [case.customer_id for case in page(store).rows] == ["C3", "C4", "C2", "C6", "C5", "C1"]


def test_a_case_is_as_it_was_found_and_opened_by_the_queue(store):
    (case_id,) = opened(store, found(ground="limits nearly used up"), at_us=7)
    with store.reading() as connection:
        case, events = known(case_by_id(connection, case_id)), events_of_case(connection, case_id)
        assert case_by_id(connection, "K0") is None
    assert (case.kind, case.source, case.customer_id, case.ground) == (TIER, "tier", "C1", "limits nearly used up")
    assert (case.state, case.owner_id, case.outcome, case.proposal, case.opened_at_us) == (
        CaseState.OPEN, None, None, None, 7,
    )  # fmt: skip
    assert [(e.act, e.by, e.at_us, e.comment) for e in events] == [(CaseAct.OPENED, SYSTEM, 7, None)]


def test_cases_are_filtered_by_kind_state_owner_and_customer(store):
    first, second, third = opened(store, found("C1"), found("C2", ALERT, "salary_stopped"), found("C3"))
    with store.writing() as connection:
        insert_user(connection, User("u1", "ann", Role.RISK_ANALYST), "x", 0)
        set_owner(connection, first, "u1")
        set_closed(connection, third, CaseOutcome.NO_ACTION, 9)
    ids = [[case.case_id for case in page(store, **wanted).rows] for wanted in (
        {"kind": ALERT}, {"state": CaseState.CLOSED}, {"owner_id": "u1"}, {"owner_id": ""}, {"customer_id": "C1"},
    )]  # fmt: skip
    assert ids == [[second], [third], [first], [second], [first]]
    assert page(store, owner_id="u1").rows[0].owner == "ann"
    closed = page(store, state=CaseState.CLOSED).rows[0]
    assert (closed.outcome, closed.closed_at_us) == (CaseOutcome.NO_ACTION, 9)


def test_a_customer_has_one_open_case_of_a_kind_and_source(store):
    (first,) = opened(store, found())
    with pytest.raises(DBAPIError):
        opened(store, found(), at_us=6)
    with store.writing() as connection:
        set_closed(connection, first, CaseOutcome.NO_ACTION, 7)
    (again,) = opened(store, found(), at_us=8)
    with store.reading() as connection:
        assert known(open_case_of(connection, TIER, "tier", "C1")).case_id == again
        assert open_case_of(connection, TIER, "tier", "C2") is None
        assert [case.case_id for case in standing_of(connection, TIER)] == [again]
    with store.writing() as connection:
        set_closed(connection, again, CaseOutcome.NO_ACTION, 9)
        assert [case.closed_at_us for case in standing_of(connection, TIER)] == [9]


def test_a_proposal_waits_and_falls_when_the_case_is_closed(store):
    (case_id,) = opened(store, found())
    proposal = Proposal(CaseOutcome.APPROVED, OverrideCode.INCOME_EVIDENCED, "u1")
    with store.writing() as connection:
        set_proposal(connection, case_id, proposal)
        assert known(case_by_id(connection, case_id)).proposal == proposal
        set_closed(connection, case_id, CaseOutcome.DECLINED, 9)
        assert known(case_by_id(connection, case_id)).proposal is None


def test_people_are_named_who_own_propose_and_close(store):
    own, left = opened(store, found(), found("C2"))
    with store.writing() as connection:
        for user_id, name in (("u1", "ann"), ("u2", "otto")):
            insert_user(connection, User(user_id, name, Role.RISK_OFFICER), "x", 0)
        set_owner(connection, own, "u1")
        set_proposal(connection, own, Proposal(CaseOutcome.APPROVED, OverrideCode.INCOME_EVIDENCED, "u1"))
        waiting = known(case_by_id(connection, own))
        assert (waiting.owner, known(waiting.proposal).by_name, waiting.closed_by) == ("ann", "ann", None)
        set_closed(connection, own, CaseOutcome.APPROVED, 9)
        add_event(connection, own, CaseAct.OVERRIDE_APPROVED, "u2", 9, {"proposed_by": "u1"})
        assert withdraw(connection, left, 9)
        closed = {case.case_id: case.closed_by for case in standing_of(connection, TIER)}
        assert closed == {own: "otto", left: SYSTEM}
        assert [event.said for event in events_of_case(connection, own)] == [{}, {"proposed_by": "ann"}]
        (again,) = open_cases(connection, [found("C3")], 5, "another")
        set_closed(connection, again, CaseOutcome.NO_ACTION, 9)
        add_event(connection, again, CaseAct.CLOSED, "u9", 9, {})
        assert known(case_by_id(connection, again)).closed_by == "u9"  # nobody's name any more


def test_totals_count_what_is_open(store):
    _, second, third = opened(
        store, found("C1", loss=5, money=50), found("C2", loss=None, money=None), found("C3", ALERT, "r", 7, 70)
    )
    with store.writing() as connection:
        insert_user(connection, User("u1", "ann", Role.RISK_ANALYST), "x", 0)
        set_owner(connection, second, "u1")
        assert queue_totals(connection) == (
            QueueTotal(CaseKind.APPLICATION, 0, 0, 0, 0),
            QueueTotal(ALERT, 1, 1, 70, 7),
            QueueTotal(TIER, 2, 1, 50, 5),
        )
        set_closed(connection, third, CaseOutcome.CLEARED, 9)
        assert queue_totals(connection)[1] == QueueTotal(ALERT, 0, 0, 0, 0)


def test_events_stand_in_order_with_what_was_said(store):
    (case_id,) = opened(store, found())
    with store.writing() as connection:
        insert_user(connection, User("u1", "ann", Role.RISK_ANALYST), "x", 0)
        add_event(connection, case_id, CaseAct.ASSIGNED, "u1", 6, {"owner": "u1"})
        add_event(connection, case_id, CaseAct.COMMENTED, "u1", 7, {}, "rang twice")
    with store.reading() as connection:
        events = events_of_case(connection, case_id)
    assert [(e.act, e.by_name, e.said, e.comment) for e in events] == [
        (CaseAct.OPENED, None, {}, None),
        (CaseAct.ASSIGNED, "ann", {"owner": "ann"}, None),
        (CaseAct.COMMENTED, "ann", {}, "rang twice"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        update(case_events).values(by_id="somebody else"),
        delete(case_events),
        text("INSERT OR REPLACE INTO case_events SELECT event_id, case_id, act, 'x', at_us, said FROM case_events"),
    ],
)
def test_what_happened_is_never_changed(store, change):
    if store.dialect != "sqlite" and "REPLACE" in str(change):
        change = text("TRUNCATE case_events CASCADE")
    opened(store, found())
    with pytest.raises(DBAPIError, match="append-only"), store.writing() as connection:
        connection.execute(change)


FIGURE = st.none() | st.integers(0, 3)


@settings(max_examples=20, deadline=None)
@given(rows=st.lists(st.tuples(FIGURE, FIGURE, st.sampled_from([TIER, ALERT])), max_size=12), size=st.integers(1, 5))
def test_pages_of_any_size_hold_every_case_once_and_in_order(tmp_path_factory, rows, size):
    """Against a sort in Python; many ties, and cases without figures."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('cases') / 's.sqlite3'}") as store:
        ids = opened(store, *(found(f"C{n}", kind, "s", loss, money) for n, (loss, money, kind) in enumerate(rows)))
        keyed = sorted(
            (-(-1 if loss is None else loss), -(-1 if money is None else money), case_id)
            for case_id, (loss, money, _) in zip(ids, rows, strict=True)
        )
        got, after = [], None
        while True:
            some = page(store, after, size)
            assert len(some.rows) <= size
            got += [case.case_id for case in some.rows]
            assert len(got) <= len(ids)
            if (after := some.next) is None:
                break
        assert got == [case_id for *_, case_id in keyed]


def test_rows_without_events_cannot_be(store):
    with pytest.raises(DBAPIError), store.writing() as connection:
        connection.execute(
            insert(case_events), {"case_id": "K0", "act": "opened", "by_id": "x", "at_us": 1, "said": "{}"}
        )
    with store.reading() as connection:
        assert connection.execute(cases.select()).all() == []
