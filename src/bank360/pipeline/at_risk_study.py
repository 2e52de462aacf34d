"""The step that studies who comes to be at risk: month ends of customers, their behaviour, and what became of them.

A customer is described at the midnight that begins the second day of a month, when the month-end files are in. The
customers are parted by a draw. A third trains, on every third such day of the two years whose labels are complete when
the test begins, taken as known then. The others test, each on one day drawn from the last twelve whose labels are
complete now, so test rows are independent and nobody in them was seen in training. Who is asked at all, and who is up
to date, is as known on the day described. Nothing is registered.
Neighbours: `models/at_risk_study.py`, which fits and measures; `storage/at_risk_rows.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import day_starts, local_days, month_starts, months, to_date
from bank360.bank.errors import NotFound, NotReady
from bank360.features.compute import compute
from bank360.features.spine import Spine
from bank360.labels.at_risk import LABEL, at_risk, spells_at_risk
from bank360.labels.label import Labelled, State
from bank360.learning.selection import CircularTarget
from bank360.models.at_risk_study import FEATURES, StudyPart, StudyRows, studied
from bank360.pipeline.build import packed_histories
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.train import columns_of
from bank360.storage.at_risk_rows import at_risk_rows, standing_of_customers
from bank360.storage.customer_spine import adult_customers
from bank360.storage.reads_summary import standing_rows
from bank360.storage.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
TEST_MONTHS, TRAIN_DAYS, EVERY_MONTHS, TEST_SHARE = 12, 8, 3, 2 / 3
_NEEDED = ("accounts", "account_parties", "credit_months", "transactions")


@dataclass(frozen=True)
class StudyDays:
    """The local days described, ascending (days since 1970-01-01): those of training, and those of the test."""

    train: tuple[int, ...]
    test: tuple[int, ...]


@dataclass(frozen=True)
class AtRiskStudy:
    """What was found, the first and last days described, ISO 8601, and whether overdrafts could be seen at all."""

    parts: tuple[StudyPart, ...]
    train_days: tuple[str, str]
    test_days: tuple[str, str]
    overdrafts: bool


def study_days(today: int) -> StudyDays:
    """Return the days of a study on a local day.

    The test takes the last twelve second days of a month whose labels are complete; training every third one whose
    label is complete on the first day of the test, eight of them.
    """
    month = int(months([today])[0])
    second = np.asarray(month_starts(np.arange(month - 72, month + 1)), dtype=np.int64) + 1
    done = second[LABEL.matures(second) <= today]
    test = done[-TEST_MONTHS:]
    before = second[LABEL.matures(second) <= test[0]]
    train = before[::-1][::EVERY_MONTHS][:TRAIN_DAYS][::-1]
    return StudyDays(tuple(int(day) for day in train), tuple(int(day) for day in test))


def study_at_risk(
    warehouse: Warehouse, as_of: int, zone: str, currency: str, country: str, name: str, seed: int, threads: int,
    progress: Progress = silent,
) -> AtRiskStudy:  # fmt: skip
    """Return what tells who comes to be at risk, as of now.

    Parameters
    ----------
    as_of
        Now, microseconds UTC: nothing known at or after it is used.
    zone, currency, country
        The bank's own.
    name
        What is studied: ``at_risk``.
    seed
        Of the draws of customers and days, of the folds and of the shuffles.

    Raises
    ------
    NotFound
        If something else is asked for.
    NotReady
        If the warehouse lacks a table that it takes, or has too few events; or if one input alone tells the outcome.
    """
    if name != LABEL.name:
        raise NotFound(
            f"There is no study of '{name}'. There is: {LABEL.name}. What a model's inputs are worth: "
            "'bank360 models ablate'."
        )
    standing = standing_rows(warehouse)
    lacking = [table for table in _NEEDED if table not in standing]
    if lacking:
        tables = ", ".join(f"'{table}'" for table in lacking)
        raise NotReady(
            f"Who comes to be at risk cannot be studied: the bank has no rows of {tables}. Map them in bank360.yaml, "
            "then run 'bank360 ingest'."
        )
    days = study_days(int(local_days([as_of], zone)[0]))
    customer, day, tests = _asked(warehouse, days, zone, seed, progress)
    at = np.asarray(day_starts(day, zone), dtype=np.int64)
    progress("what became of them", 0, 0)
    begins = int(day_starts([days.test[0]], zone)[0])
    fitted = _labelled(warehouse, customer[~tests], day[~tests], begins, days.test[0])
    tested = _labelled(warehouse, customer[tests], day[tests], as_of, int(local_days([as_of], zone)[0]))
    state = np.full(len(day), State.UNKNOWN, dtype=np.int8)
    state[~tests], state[tests] = fitted.state, tested.state
    known = np.isin(state, (State.NO_EVENT, State.EVENT))
    customer, tests = customer[known], tests[known]
    histories = packed_histories(warehouse, zone, currency, country, FEATURES, threads, progress)
    progress("features of customers", 0, 0)
    matrix = compute(histories, Spine(np.arange(len(customer)), customer, at[known]), FEATURES, threads=threads)
    outcome = (state[known] == State.EVENT).astype(np.float64)
    rows = StudyRows(customer.astype(np.int64), columns_of(matrix), ~tests, tests, outcome)
    progress("fitting, and shuffling inputs", 0, 0)
    try:
        parts = studied(rows, seed, threads)
    except CircularTarget as error:
        raise NotReady(f"The study of '{LABEL.name}': {error}.") from error
    return AtRiskStudy(parts, _ends(days.train), _ends(days.test), "balances" in standing)


def _asked(
    warehouse: Warehouse, days: StudyDays, zone: str, seed: int, progress: Progress
) -> tuple[npt.NDArray[np.int32], Ints, npt.NDArray[np.bool_]]:
    """Return customer, day described and whether the row tests, sorted by customer and day."""
    people = int(warehouse.number("SELECT count(*) FROM customer_index"))
    rng = np.random.default_rng(seed)
    of_test, drawn = rng.random(people) < TEST_SHARE, rng.integers(0, len(days.test), people)
    parts: list[tuple[npt.NDArray[np.int32], int, bool]] = []
    all_days = [(day, None) for day in days.train] + [(day, place) for place, day in enumerate(days.test)]
    for done, (day, place) in enumerate(all_days):
        progress("customers at month ends", done, len(all_days))
        at = int(day_starts([day], zone)[0])
        held, up_to_date = standing_of_customers(warehouse, at, day)
        adults = adult_customers(warehouse, at, to_date(day).isoformat())
        who = np.intersect1d(held[up_to_date], adults)
        chosen = ~of_test[who] if place is None else of_test[who] & (drawn[who] == place)
        parts.append((who[chosen].astype(np.int32), day, place is not None))
    customer = np.concatenate([who for who, _, _ in parts])
    day_of = np.concatenate([np.full(len(who), day, dtype=np.int64) for who, day, _ in parts])
    tests = np.concatenate([np.full(len(who), test, dtype=np.bool_) for who, _, test in parts])
    order = np.lexsort((day_of, customer))
    return customer[order], day_of[order], tests[order]


def _labelled(
    warehouse: Warehouse, customer: npt.NDArray[np.int32], day: Ints, taken_at: int, taken_day: int
) -> Labelled:
    """Return the label of rows, all up to date, as known at an instant; of no rows none."""
    if not len(day):
        return Labelled(np.zeros(0, dtype=np.int8), day)
    rows = at_risk_rows(warehouse, customer, day, taken_at)
    everyone = np.ones(len(day), dtype=np.bool_)
    spells = spells_at_risk(rows.months, rows.balances)
    return at_risk(customer.astype(np.int64), day, everyone, rows.told_to, spells, taken_day)


def _ends(days: Sequence[int]) -> tuple[str, str]:
    return to_date(days[0]).isoformat(), to_date(days[-1]).isoformat()
