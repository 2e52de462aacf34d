"""Which days the transactions of a file are of, as far as `bank360 init` looked at it.

A bank that maps data of years ago gets empty windows, for each ends at now: `init` says so before anything is loaded.
Pure, on what `file_look` shows and `ledger_guess` proposes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from bank360.sources.file_look import Look, day_named
from bank360.sources.flat_guess import date_format


@dataclass(frozen=True)
class DaysSeen:
    """First and last day of the transactions looked at; ``whole`` where those are all that the files hold."""

    first: date
    last: date
    whole: bool


def days_seen(looks: Sequence[Look], column: str) -> DaysSeen | None:
    """Return the days of a column of dates over the parts of one table; None where it holds none.

    Parameters
    ----------
    looks
        The files of one shape.
    column
        Theirs, in which every row has a date.

    Examples
    --------
    >>> look = Look("a.csv", "csv", ",", "utf-8", 1, ".", ("DAY",), (("31.01.2019",), ("01.02.2018",)), whole=False)
    >>> days_seen([look], "DAY")
    DaysSeen(first=datetime.date(2018, 2, 1), last=datetime.date(2019, 1, 31), whole=False)
    """
    found: list[date] = []
    for look in looks:
        pattern = date_format(look, column)
        if pattern is not None:
            days = (_day(cell, pattern) for cell in look.column(column))
            found += [day for day in days if day is not None]
    if not found:
        return None
    return DaysSeen(min(found), max(found), all(look.whole for look in looks))


def _day(cell: str, pattern: str) -> date | None:
    if pattern == "epoch_seconds":
        return datetime.fromtimestamp(int(cell), UTC).date()
    return day_named(cell, pattern)
