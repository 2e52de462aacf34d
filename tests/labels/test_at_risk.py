"""The at-risk label against hand-made customers, and against its definition written as a loop."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.labels.at_risk import Balances, CreditMonths, at_risk, spells_at_risk
from bank360.labels.label import State, months_later, next_month_start


def _day(text):
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


AS_OF = _day("2025-03-02")  # the window ends on 2025-09-02, complete with the month end of 2025-09-30
CLOSING, COMPLETE = _day("2025-09-30"), _day("2025-10-01")


def _months(*rows):
    """Rows: (customer, month end, days past due, eased, lost)."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), (), ()]
    customer, month_end, past_due = (np.array(column, dtype=np.int64) for column in columns[:3])
    eased, lost = (np.array(column, dtype=bool) for column in columns[3:])
    return CreditMonths(customer, month_end, past_due, eased, lost)


def _balances(*rows):
    """Rows: (customer, account, day, beyond)."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    customer, account, day = (np.array(column, dtype=np.int64) for column in columns[:3])
    return Balances(customer, account, day, np.array(columns[3], dtype=bool))


def _state(months=(), balances=(), cut_off=COMPLETE, up_to_date=True, told_to=CLOSING):
    """Label customer 0 on 2025-03-02; months are (month end, days past due, eased, lost), balances (day, beyond)."""
    found = spells_at_risk(
        _months(*((0, _day(month), *rest) for month, *rest in months)),
        _balances(*((0, 5, _day(day), beyond) for day, beyond in balances)),
    )
    one = np.array([0])
    labelled = at_risk(one, np.array([AS_OF]), np.array([up_to_date]), np.array([told_to]), found, cut_off)
    assert labelled.complete_at.tolist() == [COMPLETE]
    return State(int(labelled.state[0]))


def test_thirty_days_past_due_in_the_window_are_at_risk_and_twenty_nine_are_not():
    assert _state([("2025-05-31", 30, False, False)]) is State.EVENT
    assert _state([("2025-05-31", 29, False, False)]) is State.NO_EVENT
    assert _state([]) is State.NO_EVENT


@pytest.mark.parametrize(
    ("month", "days", "expected"),
    [
        ("2025-09-30", 58, State.EVENT),  # 30 days past due since 28 days before: 2025-09-02, the last day
        ("2025-09-30", 57, State.NO_EVENT),  # since 2025-09-03
        ("2025-03-31", 59, State.EVENT),  # since 2025-03-02 and after it
        ("2025-02-28", 40, State.NO_EVENT),  # before the window, and nothing says that it went on
        ("2025-03-02", 40, State.NO_EVENT),  # on the day described, which is no day of the window
        ("2025-03-03", 30, State.EVENT),  # on its first
    ],
)
def test_the_day_is_counted_back_from_the_month_end_that_shows_it(month, days, expected):
    assert _state([(month, days, False, False)]) is expected


def test_eased_terms_and_a_loss_are_at_risk_whatever_is_past_due():
    assert _state([("2025-04-30", 0, True, False)]) is State.EVENT
    assert _state([("2025-04-30", 0, False, True)]) is State.EVENT
    assert _state([("2025-09-30", 0, True, True)]) is State.NO_EVENT  # on a day after the window


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (["2025-03-31", "2025-04-30"], State.EVENT),  # 30 days
        (["2025-03-31", "2025-04-29"], State.NO_EVENT),  # 29
        (["2025-01-31", "2025-02-28"], State.NO_EVENT),  # 28 days, and before the window
        (["2025-01-31", "2025-02-28", "2025-03-31"], State.EVENT),  # the 30th day is 2025-03-02, the spell lasts
        (["2025-03-31", "2025-05-31"], State.NO_EVENT),  # a month's end is missing between: not one spell
        (["2025-08-31", "2025-09-30"], State.NO_EVENT),  # its 30th day is 2025-09-30, after the window
        (["2025-08-03", "2025-09-02"], State.EVENT),  # its 30th day is the window's last
    ],
)
def test_an_unarranged_overdraft_counts_from_its_thirtieth_day(days, expected):
    assert _state(balances=[(day, True) for day in days]) is expected


def test_what_begins_earlier_and_ends_later_is_not_hidden_by_what_lies_within_it():
    # Eased on 2025-09-10, after the window; 30 days past due from 2025-09-02 to 2025-09-30.
    assert _state([("2025-09-10", 0, True, False), ("2025-09-30", 58, False, False)]) is State.EVENT
    assert _state([("2025-09-10", 0, True, False), ("2025-09-30", 57, False, False)]) is State.NO_EVENT


def test_a_balance_within_the_limit_ends_a_spell():
    assert _state(balances=[("2025-04-10", True), ("2025-04-25", False), ("2025-05-12", True)]) is State.NO_EVENT
    assert _state(balances=[("2025-04-10", True), ("2025-04-25", True), ("2025-05-12", True)]) is State.EVENT


def test_before_the_closing_month_end_is_in_nothing_is_known_and_early_events_are_not_either():
    early = [("2025-03-31", 35, False, False)]
    assert _state(early, cut_off=COMPLETE - 1) is State.UNKNOWN
    assert _state(early, told_to=CLOSING - 1) is State.UNKNOWN
    assert _state(early) is State.EVENT


def test_who_is_not_up_to_date_is_left_out_and_others_events_are_not_theirs():
    assert _state([("2025-05-31", 40, False, False)], up_to_date=False) is State.EXCLUDED
    other = spells_at_risk(_months((1, _day("2025-05-31"), 40, False, False)), _balances())
    three = at_risk(np.array([0, 1, 2]), np.full(3, AS_OF), np.ones(3, bool), np.full(3, CLOSING), other, COMPLETE)
    assert three.state.tolist() == [State.NO_EVENT, State.EVENT, State.NO_EVENT]


def _oracle(customer, day, months, balances):
    """Say day by day of the window whether the customer was at risk on it: the definition, as a loop."""
    until = int(months_later([day], 6)[0])
    for one in range(day + 1, until + 1):
        for who, month_end, past_due, eased, lost in months:
            if who == customer and past_due >= 30 and month_end - (past_due - 30) <= one <= month_end:
                return True
            if who == customer and (eased or lost) and month_end == one:
                return True
        for account in {row[1] for row in balances if row[0] == customer}:
            rows = sorted((r[2], r[3]) for r in balances if r[:2] == (customer, account))
            since = before = None
            for at, beyond in rows:
                if not beyond:
                    since = None
                elif since is None or at - before > 31:
                    since = at
                if since is not None and since + 30 <= one <= at:
                    return True
                before = at
    return False


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 300), st.integers(0, 70), st.booleans(), st.just(False)),
             max_size=8),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 300), st.booleans()), max_size=25,
             unique_by=lambda row: row[:3]),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 200), st.integers(0, 500)), min_size=1, max_size=8),
    st.integers(100, 500),
)  # fmt: skip
def test_the_label_is_its_definition_written_as_a_loop(months, balances, rows, cut_off):
    customer, day, told = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    found = spells_at_risk(_months(*months), _balances(*balances))
    labelled = at_risk(customer, day, np.ones(len(rows), dtype=bool), told, found, cut_off)
    for k, (who, at, told_to) in enumerate(rows):
        complete = int(next_month_start(months_later([at], 6))[0])
        if complete > cut_off or told_to < complete - 1:
            expected = State.UNKNOWN
        else:
            expected = State.EVENT if _oracle(who, at, months, balances) else State.NO_EVENT
        assert labelled.state[k] == expected
