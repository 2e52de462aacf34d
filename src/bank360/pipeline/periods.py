"""The two periods of an out-of-time development: which applications train, which test, and when labels are taken.

The test period is the last twelve months whose own labels are complete now. Training labels are taken on the second
day of the test period's first month, once the month-end files are in, and the test begins there; a row whose label is
not complete by then does not train. Both rest on the length of the label's window, which is no setting of a bank for
that reason.
"""

from dataclasses import dataclass

import numpy as np

from bank360.bank.calendar import day_starts, local_days, month_starts, months
from bank360.labels.application_default import WINDOW_MONTHS

TEST_MONTHS = 12
LABEL_MONTHS = WINDOW_MONTHS
_DAYS_TO_PROCESS = 1  # a month-end file is processed on the day after


@dataclass(frozen=True)
class Periods:
    """Instants in microseconds UTC; days are local.

    Parameters
    ----------
    test_start, test_end
        The test period ``[test_start, test_end)``; training labels are those known before its start.
    taken_at
        The instant at which test labels are taken: now.
    test_start_day, taken_day
        The local days of the two moments at which labels are taken.
    """

    test_start: int
    test_end: int
    taken_at: int
    test_start_day: int
    taken_day: int


def periods(as_of: int, zone: str) -> Periods:
    """Return the periods of a development at ``as_of`` (microseconds UTC)."""
    today = int(local_days([as_of], zone)[0])
    this_month = int(months([today])[0])
    end_month = this_month - LABEL_MONTHS
    first = int(month_starts([end_month - TEST_MONTHS])[0]) + _DAYS_TO_PROCESS
    end = int(month_starts([end_month])[0])
    start, stop = (int(at) for at in day_starts(np.array([first, end]), zone))
    return Periods(start, stop, as_of, first, today)
