"""The fraud label: three states, 180 days, and nothing learned too late."""

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.labels.application_fraud import Cases, application_fraud, confirmed_fraud
from bank360.labels.label import State


def _cases(*rows):
    """Return cases from rows of (application, opened day, closed day or None, confirmed)."""
    columns = list(zip(*rows, strict=True)) or [()] * 4
    closed = np.array([day is not None for day in columns[2]], dtype=bool)
    return Cases(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64) * MICROS_PER_DAY,
        np.array([day or 0 for day in columns[2]], dtype=np.int64) * MICROS_PER_DAY,
        closed,
        np.array(columns[3], dtype=bool),
    )


def _state(cases, day):
    return State(int(application_fraud(np.zeros(1, dtype=np.int64), cases, day * MICROS_PER_DAY).state[0]))


def test_never_investigated_is_unknown_until_180_days_then_clean():
    assert _state(_cases(), 179) is State.UNKNOWN
    assert _state(_cases(), 180) is State.NO_EVENT


def test_even_a_confirmed_case_is_no_label_before_the_window_is_complete():
    cases = _cases((0, 10, 20, True))
    assert _state(cases, 100) is State.UNKNOWN
    assert _state(cases, 180) is State.EVENT


def test_a_report_known_at_or_after_as_of_is_not_used():
    cases = _cases((0, 200, 210, True))
    assert _state(cases, 200) is State.NO_EVENT  # the case is not even opened before that instant
    assert _state(cases, 205) is State.UNKNOWN  # opened, not concluded
    assert _state(cases, 210) is State.UNKNOWN  # concluded at that instant: not before it
    assert _state(cases, 211) is State.EVENT


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_confirmed_outweighs_cleared(order):
    rows = [(0, 10, 20, False), (0, 30, 40, True)]
    assert _state(_cases(*(rows[k] for k in order)), 400) is State.EVENT


def test_cleared_is_clean_and_an_open_case_keeps_it_unknown():
    assert _state(_cases((0, 10, 20, False)), 400) is State.NO_EVENT
    assert _state(_cases((0, 10, None, False)), 400) is State.UNKNOWN


def test_confirmed_fraud_leaves_the_credit_label_from_the_moment_it_is_known():
    cases = _cases((1, 10, 20, True), (0, 1, 2, False))
    assert confirmed_fraud(3, cases, 20 * MICROS_PER_DAY).tolist() == [False, False, False]
    assert confirmed_fraud(3, cases, 20 * MICROS_PER_DAY + 1).tolist() == [False, True, False]
