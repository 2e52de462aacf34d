"""Remarks on the cells of a column that are not what most of them are, by their rows; no cell is repeated.

One bad date or amount makes a column no other column (`file_look.MOSTLY`): so it is told before a load is refused.
Used by `mapping_template`, `ledger_guess` and `arrears_guess`.
"""

from collections.abc import Callable, Sequence
from functools import partial

from bank360.sources.file_look import Look, date_patterns, is_date

_MOST_ROWS_NAMED = 8


def unread_dates(look: Look) -> tuple[str, ...]:
    """Return a remark on each column of dates of which some cells are none, with their rows; no cell is repeated."""
    told = []
    for name in look.header:
        for pattern in date_patterns(look.column(name))[:1]:
            told += odd_rows(look, name, "dates", partial(_is_no_date, pattern))
    return tuple(told)


def odd_rows(look: Look, name: str, what: str, odd: Callable[[str], bool]) -> list[str]:
    """Return a remark on the cells of a column that are not what most of them are; none where all are."""
    rows = look.rows_where(name, odd)
    if not rows:
        return []
    return [f"'{name}' holds {what}, but not in {rows_named(rows)}: correct them, or the load will be refused"]


def rows_named(rows: Sequence[int]) -> str:
    """Return the first of some rows, and how many more there are.

    >>> rows_named([7]), rows_named(range(2, 12))
    ('row 7', 'rows 2, 3, 4, 5, 6, 7, 8, 9 and 2 more')
    """
    shown = ", ".join(map(str, rows[:_MOST_ROWS_NAMED]))
    more = len(rows) - _MOST_ROWS_NAMED
    return f"row{'s' if len(rows) > 1 else ''} {shown}" + (f" and {more:,} more" if more > 0 else "")


def _is_no_date(pattern: str, cell: str) -> bool:
    return not is_date(cell, pattern)
