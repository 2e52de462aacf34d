"""The queue after each night: opened once, found again, not opened again on the same ground, withdrawn if nobody's."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bank360.bank.vocabulary import AlertSeverity, CaseAct, CaseKind, CaseOutcome, CaseState, RiskTier, Role
from bank360.pipeline.queue import Owed, QueueChange, alert_case, refresh_queue, tier_case
from bank360.storage.cases import events_of_case, set_closed, set_owner
from bank360.storage.queue_pages import QueueFilter, queue_page
from bank360.storage.store.engine import open_store
from bank360.storage.users import User, insert_user

HIGH = AlertSeverity.HIGH


def alert(customer="C1", evidence="2 debits returned", exposure=1_000, loss=130):
    return alert_case(customer, "returned_direct_debits_in_a_row", HIGH, evidence, Owed(exposure, loss))


def the(store, state=CaseState.OPEN):
    with store.reading() as connection:
        return queue_page(connection, QueueFilter(state=state)).rows


def test_what_a_night_finds_is_opened_with_what_it_may_cost(store):
    tier = tier_case("C2", RiskTier.MEDIUM, Owed(200_000, 13_000))
    assert tier is not None
    some = [alert(exposure=100_000, loss=13_000), alert("C3", exposure=10**6, loss=None), tier]
    assert refresh_queue(store, some, 5, "night 5") == QueueChange(3, 0, 0)
    first, second, third = the(store)
    # A tie of the losses: the larger stake first; what is not known stands last, however much is at stake.
    assert (first.customer_id, first.kind, first.money_at_stake, first.expected_loss) == (
        "C2", CaseKind.TIER, 200_000, 13_000,
    )  # fmt: skip
    assert (first.ground, first.severity) == ("risk tier medium", AlertSeverity.MEDIUM)
    assert (second.customer_id, second.kind, second.expected_loss) == ("C1", CaseKind.ALERT, 13_000)
    assert (third.customer_id, third.expected_loss) == ("C3", None)


def test_the_tier_low_is_no_case():
    assert tier_case("C1", RiskTier.LOW, Owed(10**6, 6_500)) is None


def test_who_is_in_default_is_a_case_as_long_as_something_is_owed():
    found = tier_case("C1", RiskTier.IN_DEFAULT, Owed(10**6, 650_000))
    assert found is not None
    assert (found.ground, found.severity) == ("in default", AlertSeverity.HIGH)
    assert tier_case("C1", RiskTier.IN_DEFAULT, Owed(0, 0)) is None  # charged off and closed


def test_found_again_is_the_same_case_with_the_figures_of_today(store):
    refresh_queue(store, [alert(exposure=1_000)], 5, "night 5")
    assert refresh_queue(store, [alert(exposure=9_000, evidence="3 debits returned")], 6, "night 6") == QueueChange(
        0, 1, 0
    )
    (case,) = the(store)
    assert (case.opened_at_us, case.money_at_stake, case.ground) == (5, 9_000, "3 debits returned")


def test_a_closed_case_comes_again_only_on_another_ground(store):
    refresh_queue(store, [alert()], 5, "night 5")
    with store.writing() as connection:
        set_closed(connection, the(store)[0].case_id, CaseOutcome.CLEARED, 6)
    assert refresh_queue(store, [alert(exposure=7)], 7, "night 7") == QueueChange(0, 0, 0)
    assert refresh_queue(store, [alert(evidence="3 debits returned")], 8, "night 8") == QueueChange(1, 0, 0)


def test_what_is_no_longer_found_is_withdrawn_unless_somebody_has_taken_it(store):
    refresh_queue(store, [alert("C1"), alert("C2")], 5, "night 5")
    with store.writing() as connection:
        insert_user(connection, User("u1", "ann", Role.RISK_ANALYST), "x", 0)
        taken = next(case.case_id for case in the(store) if case.customer_id == "C1")
        set_owner(connection, taken, "u1")
    assert refresh_queue(store, [], 6, "night 6") == QueueChange(0, 0, 1)
    assert [case.customer_id for case in the(store)] == ["C1"]
    (gone,) = the(store, CaseState.CLOSED)
    with store.reading() as connection:
        assert [event.act for event in events_of_case(connection, gone.case_id)] == [CaseAct.OPENED, CaseAct.WITHDRAWN]
    # Nobody said that there was nothing in it: found again, it is opened again.
    assert refresh_queue(store, [alert("C2")], 7, "night 7").opened == 1


@pytest.mark.parametrize("found", [[], [alert(exposure=9_000)]], ids=["no longer found", "found with other figures"])
def test_what_somebody_closes_while_the_night_runs_stands_as_they_closed_it(postgres_url, found):
    """On PostgreSQL two write at once: the night reads the case as open and waits until the analyst's act commits."""
    with open_store(postgres_url) as store, ThreadPoolExecutor(1) as other:
        refresh_queue(store, [alert(exposure=1_000)], 5, "night 5")
        (case,) = the(store)
        with store.writing() as connection:
            set_closed(connection, case.case_id, CaseOutcome.CONFIRMED, 6)
            night = other.submit(refresh_queue, store, found, 7, "night 7")
            while not _waits(store):
                assert not night.done()
        assert night.result(60) == QueueChange(0, 0, 0)
        (closed,) = the(store, CaseState.CLOSED)
        assert (closed.outcome, closed.closed_at_us, closed.money_at_stake) == (CaseOutcome.CONFIRMED, 6, 1_000)
        with store.reading() as connection:
            assert [event.act for event in events_of_case(connection, case.case_id)] == [CaseAct.OPENED]


def _waits(store):
    """Return whether somebody waits for a lock in this database."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with store.reading() as connection:
        return connection.execute(text(asked)).scalar_one() > 0


NIGHT = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xy")), max_size=4, unique_by=lambda pair: pair[0])


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nights=st.lists(NIGHT, max_size=5))
def test_any_nights_leave_open_exactly_what_the_last_one_found(tmp_path_factory, nights):
    """While nobody takes or closes anything: the queue is what was found, whatever came before."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('queue') / 's.sqlite3'}") as store:
        for at, night in enumerate(nights):
            refresh_queue(store, [alert(customer, ground) for customer, ground in night], at, f"night {at}")
        last = nights[-1] if nights else []
        assert sorted((case.customer_id, case.ground) for case in the(store)) == sorted(last)


@pytest.mark.parametrize("times", [2, 3])
def test_the_same_night_again_changes_nothing(store, times):
    for at in range(times):
        change = refresh_queue(store, [alert("C1"), alert("C2")], at, f"night {at}")
    assert change == QueueChange(0, 2, 0)
    assert [case.opened_at_us for case in the(store)] == [0, 0]
