"""Laws of every label: listed, said in words, and silent before its window is complete."""

from pathlib import Path

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.labels import application_default, application_fraud, at_risk, label
from bank360.labels.application_default import Repayment
from bank360.labels.application_fraud import Cases
from bank360.labels.at_risk import Balances, CreditMonths
from bank360.labels.catalogue import LABELS
from bank360.labels.label import Labelled, State

FOLDER = Path(label.__file__).parent
N = 60


def _default(cut_off: int) -> Labelled:
    """Label accounts opened day after day, each in default from its third month on, with every month end so far."""
    opened = np.arange(N, dtype=np.int64) + 19_000
    yes, no = np.ones(N, dtype=bool), np.zeros(N, dtype=bool)
    zero = np.zeros(N, dtype=np.int64)
    closing = label.next_month_start(label.months_later(opened, 12)) - 1
    values = (np.arange(N), zero, zero + 93, zero + 10**6, zero + 10**6, yes, no, zero)
    names = [name for name in Repayment.__dataclass_fields__ if name != "currencies"]
    at = np.concatenate([opened + 95, closing])
    in_file = at < cut_off
    columns = {name: np.tile(value, 2)[in_file] for name, value in zip(names, values, strict=True)}
    months = Repayment(**(columns | {"month_end": at[in_file]}), currencies=("GBP",))
    return application_default.application_default(opened, zero, yes, no, no, months, cut_off)


def _fraud(cut_off: int) -> Labelled:
    """Label applications made day after day, each confirmed as fraud after a week."""
    submitted = (np.arange(N, dtype=np.int64) + 19_000) * MICROS_PER_DAY
    week = submitted + 7 * MICROS_PER_DAY
    cases = Cases(np.arange(N), week, week, np.ones(N, dtype=bool), np.ones(N, dtype=bool))
    labelled = application_fraud.application_fraud(submitted, cases, cut_off * MICROS_PER_DAY)
    return Labelled(labelled.state, -(-labelled.complete_at // MICROS_PER_DAY))


def _at_risk(cut_off: int) -> Labelled:
    """Label customers described day after day, each 33 days past due after 40 days, told of by month ends so far."""
    who, day = np.arange(N, dtype=np.int64), np.arange(N, dtype=np.int64) + 19_000
    in_file = day + 40 < cut_off
    late, no = who[in_file], np.zeros(int(in_file.sum()), dtype=bool)
    months = CreditMonths(late, day[in_file] + 40, np.full(len(late), 33), no, no)
    found = at_risk.spells_at_risk(months, Balances(who[:0], who[:0], who[:0], no[:0]))
    closing = label.next_month_start(label.months_later(day, 6)) - 1
    told_to = np.where(closing < cut_off, closing, 0)
    return at_risk.at_risk(who, day, np.ones(N, dtype=bool), told_to, found, cut_off)


# How the law tries each label: cut-off day -> labels of rows that all had the event early in their window.
TRIALS = {"application_default": _default, "application_fraud": _fraud, "at_risk": _at_risk}


def test_every_file_of_a_label_is_in_the_catalogue():
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__", "label", "catalogue"}
    assert files == {one.name for one in LABELS} == set(TRIALS)


@pytest.mark.parametrize("one", LABELS, ids=lambda one: one.name)
def test_a_label_says_what_it_is_of_whom_and_how_long(one):
    assert min(len(one.meaning), len(one.population), len(one.window)) > 5


@pytest.mark.parametrize("one", LABELS, ids=lambda one: one.name)
def test_the_day_by_which_a_label_says_it_matures_is_the_day_on_which_its_rows_are_complete(one):
    began = np.arange(N, dtype=np.int64) + 19_000
    late = one.matures(began) - TRIALS[one.name](20_000).complete_at
    assert set(late) <= {0, 1}  # a window that begins within a day may end within one


@pytest.mark.parametrize("name", sorted(TRIALS))
def test_no_outcome_is_known_before_its_window_is_complete_and_none_is_lost_after(name):
    for cut_off in range(19_000, 19_460, 7):
        labelled = TRIALS[name](cut_off)
        complete = labelled.complete_at <= cut_off
        assert (labelled.state[~complete] == State.UNKNOWN).all()
        assert (labelled.state[complete] == State.EVENT).all()


@pytest.mark.parametrize("name", sorted(TRIALS))
def test_what_is_known_once_stays_known(name):
    before = TRIALS[name](19_200)
    after = TRIALS[name](19_500)
    known = before.state != State.UNKNOWN
    assert (after.state[known] == before.state[known]).all()
    assert (after.state != State.UNKNOWN).all()
