"""Salaries, detected: credits of one payer that come in a cycle.

A credit is a salary when it is one of three of the same payer, each one cycle after the other (7, 14, 28 days or a
month), in one currency, whose amounts differ by less than 30 % (`definitions.md` §4). A pay day that is no working day
is paid on the working day before: each credit stands for the nominal days that would have been paid on its day, and the
three must have nominal days exactly a cycle apart. Which days banks rest is known of the countries of
`bank/holidays.py`, days of a single year among them; of another country, weekends alone.

At an as_of the bank may use only what it then saw: a salary becomes known when the last of its three credits became
known, and stops counting when one of them is corrected or taken back (`credits.py`); a credit that is in several threes
counts while any of them stands. Salaries therefore carry known and superseded times of their own, and the kernel needs
to know nothing else.
"""

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import local_days, month_starts, months, to_date
from bank360.bank.holidays import is_holiday
from bank360.features.credits import (
    AMOUNT,
    CURRENCY,
    CUSTOMER,
    EVENT,
    KNOWN,
    MAY_BE_SALARY,
    PAYER,
    SUPERSEDED,
    left_of,
)

Int64s = npt.NDArray[np.int64]
LONGEST_REST = 10  # days looked ahead for the next working day; no calendar rests longer
_MIX = np.int64(0x5851F42D4C957F2D)  # odd: payer and currency become one key (Knuth's MMIX multiplier)


def salaries_among(table: Int64s, zone: str, country: str) -> Int64s:
    """Return the salaries among credits that `credits_in` returned, of one customer or of all, columns as there.

    A row is a credit, what is left of it, and in place of its own the times ``(known, superseded]`` in which it counts
    as a salary.
    """
    from bank360.features import salary_cycles

    table = left_of(table, MAY_BE_SALARY)
    cycle_of = table[:, PAYER] + table[:, CURRENCY] * _MIX  # amounts of two currencies are not compared
    order = np.lexsort((table[:, EVENT], cycle_of, table[:, CUSTOMER]))
    table, cycle_of = table[order], cycle_of[order]
    if len(table) == 0:
        return table
    customer, amount, known, superseded = (
        np.ascontiguousarray(table[:, column]) for column in (CUSTOMER, AMOUNT, KNOWN, SUPERSEDED)
    )
    days = local_days(table[:, EVENT], zone).astype(np.int64)
    first = int(days.min())
    nominal, month, month_first, month_length = _calendar(first, int(days.max()), country)
    row, start, end = salary_cycles.salaries(
        customer, cycle_of, days, amount, known, superseded, first, nominal, month, month_first, month_length
    )
    found: Int64s = table[row]
    found[:, KNOWN], found[:, SUPERSEDED] = start, end
    return found


def _calendar(first: int, last: int, country: str) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Return, from day ``first`` on, the last nominal day paid on each day; its month; months' first days and lengths.

    Months are counted from the month of ``first``; three more than needed are there.
    """
    days = np.arange(first, last + 1)
    works = [_works(int(day), country) for day in range(first, last + LONGEST_REST + 1)]
    nominal = days.copy()
    for i in range(len(days)):
        if works[i]:
            while not works[int(nominal[i]) + 1 - first] and nominal[i] < days[i] + LONGEST_REST - 1:
                nominal[i] += 1
    month = months(np.arange(first, last + LONGEST_REST + 1)).astype(np.int64)
    base = int(month[0])
    starts = month_starts(np.arange(base, int(month[-1]) + 5)).astype(np.int64)
    return nominal, month - base, starts[:-1], np.diff(starts)


def _works(day: int, country: str) -> bool:
    date = to_date(day)
    return date.weekday() < 5 and not is_holiday(date, country)
