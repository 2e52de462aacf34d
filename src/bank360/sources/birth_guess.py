"""Whether a column of dates may be of days of birth, whatever it is called: by how far back and how far apart they are.

Words tell most columns of births (`mapped_protected`), and no list of words knows all languages. Birthdays lie decades
before whatever else is dated in a file, and decades apart. A row date that looks so is a doubt to be settled and not a
proposal: everybody's age would date their row, and every window would count from it. Used by `flat_guess`.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from bank360.sources.file_look import Look, day_named

_LEAST = 3  # dates, to tell anything
_APART = 20  # years between the earliest tenth and the latest tenth
_BEFORE = 15  # years by which most lie before the file's other dates: the youngest customers are about as old
_DAYS_A_YEAR = 365.25


def looks_like_births(look: Look, name: str, format_of: Callable[[Look, str], str | None]) -> bool:
    """Return whether the dates of a column are as days of birth are: decades apart, most long before all other dates.

    Where a file has no other dates, being decades apart is enough for a doubt.

    Parameters
    ----------
    format_of
        How a column's dates are written, as `flat_guess.date_format` says it.
    """
    own = _days(look.column(name), format_of(look, name))
    if len(own) < _LEAST or _years(own[len(own) // 10], own[-1 - len(own) // 10]) < _APART:
        return False
    others = (_days(look.column(other), format_of(look, other)) for other in look.header if other != name)
    latest = max((days[-1] for days in others if days), default=None)
    return latest is None or 2 * sum(_years(day, latest) > _BEFORE for day in own) > len(own)


def _years(first: date, last: date) -> float:
    return (last - first).days / _DAYS_A_YEAR


def _days(cells: Sequence[str], pattern: str | None) -> list[date]:
    """Return the days of the data that cells name, in order; what does not read is left out."""
    if pattern is None:
        return []
    return sorted(day for cell in cells if (day := _day(cell, pattern)) is not None)


def _day(cell: str, pattern: str) -> date | None:
    if pattern == "epoch_seconds":
        return datetime.fromtimestamp(int(cell), UTC).date() if cell.isdecimal() else None
    return day_named(cell, pattern)
