"""What a label is: for each row a state, and the moment from which everyone's outcome is complete.

Invariant: no row has an outcome before its window is complete, whatever has happened in it so far. Otherwise early
events would be kept while unfinished good rows are dropped. Neighbours: one file per label; `catalogue.py` lists them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
States = npt.NDArray[np.int8]


class State(IntEnum):
    """The state of a row's outcome.

    ``INDETERMINATE`` may be left out of fitting and counts as no event in validation; ``UNKNOWN`` rows are never used;
    ``EXCLUDED`` rows do not belong to the label's population.
    """

    NO_EVENT = 0
    EVENT = 1
    INDETERMINATE = 2
    UNKNOWN = 3
    EXCLUDED = 4


@dataclass(frozen=True)
class Label:
    """What a label says, of whom, and how long its window is.

    Parameters
    ----------
    matures
        From the local days on which windows begin (days since 1970-01-01) to the days by which their outcomes are
        complete, by the calendar.
    """

    name: str
    meaning: str
    population: str
    window: str
    matures: Callable[[Ints], Ints]


@dataclass(frozen=True)
class Labelled:
    """States of rows, shape ``(n_rows,)``, and when each row's outcome is complete.

    ``complete_at`` is in the unit of the label's own time argument: local days, or microseconds.
    """

    state: States
    complete_at: Ints


def months_later(days: npt.ArrayLike, count: int) -> Ints:
    """Return the same day of the month ``count`` months later, or that month's last day; days since 1970-01-01.

    >>> from datetime import date
    >>> leap_eve = (date(2023, 2, 28) - date(1970, 1, 1)).days
    >>> str(np.datetime64(int(months_later([leap_eve], 12)[0]), "D"))
    '2024-02-28'
    """
    at = np.asarray(days, dtype=np.int64).astype("datetime64[D]")
    month = at.astype("datetime64[M]")
    of_month = (at - month.astype("datetime64[D]")).astype(np.int64)
    after = month + np.timedelta64(count, "M")
    length = ((after + 1).astype("datetime64[D]") - after.astype("datetime64[D]")).astype(np.int64)
    start = after.astype("datetime64[D]").astype(np.int64)
    return np.asarray(start + np.minimum(of_month, length - 1), dtype=np.int64)


def next_month_start(days: npt.ArrayLike) -> Ints:
    """Return the first day of the month after each day's; days since 1970-01-01."""
    month = np.asarray(days, dtype=np.int64).astype("datetime64[D]").astype("datetime64[M]")
    return np.asarray((month + 1).astype("datetime64[D]").astype(np.int64), dtype=np.int64)
