"""CSV files written for people and spreadsheets: UTF-8, comma, LF, whole or not at all.

A text cell that begins with ``= + - @``, a tab or a carriage return would be run as a formula by a spreadsheet; it gets
an apostrophe before it. Numbers are written as given and never touched.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from bank360.storage.durable import whole_file

FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")  # at the beginning of a text

Cell = str | int | float | None


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write rows to ``path``, replacing what is there only when all of them are safely on disk.

    Parameters
    ----------
    header
        Column names; taken as texts.
    rows
        One sequence per row. Texts are neutralised, None is an empty cell. Format a number to a fixed number of digits
        with `number_cell`.
    """
    with whole_file(path) as spare, spare.open("w", encoding="utf-8", newline="") as file:
        for row in (header, *rows):
            file.write(",".join(map(_written, row)) + "\n")


class number_cell(str):  # noqa: N801 - a cell that is written as it is
    """A number already formatted: a text that `write_csv` does not neutralise."""

    __slots__ = ()


def _written(cell: Cell) -> str:
    if type(cell) is not str:
        return "" if cell is None else str(cell)
    text = neutral(cell)
    # Python's csv writer leaves a bare carriage return unquoted, which other readers take for the end of the row.
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> neutral("=1+1"), neutral("Miller")
    ("'=1+1", 'Miller')
    """
    return f"'{text}" if text.startswith(FORMULA_MARKS) else text
