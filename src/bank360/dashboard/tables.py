"""Tables: a column names what it holds, its header opens the definition, numbers stand at the right.

A table is rows of words as `wording` writes them. What a column means is a `Figure`, as for a large number; who draws a
column without one says in a sentence what it holds. Neighbours: `figures.py`, `cards.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from bank360.dashboard.figures import Figure

ROW_HEIGHT = 31  # pixels of a row at the font size of our theme
_FRAME = 3
_ITS_OWN: Mapping[str, int] = {}

Meaning = Figure | str
Columns = Mapping[str, Meaning]
"""What each column holds, by its title, in order: a figure, or a sentence where a column holds no number."""


def height_of(rows: int, most: int) -> int:
    """Return the height in pixels that shows so many rows, or the first ``most`` of them.

    >>> height_of(2, 5), height_of(9, 5)
    (96, 189)
    """
    return ROW_HEIGHT * (min(rows, most) + 1) + _FRAME


def table(
    rows: Sequence[Mapping[str, str]], columns: Columns, *, most: int = 12, widths: Mapping[str, int] = _ITS_OWN
) -> None:
    """Draw rows to read.

    Parameters
    ----------
    rows
        Each with a text for every column.
    columns
        What the columns hold, in their order.
    most
        Rows that are seen at once.
    widths
        Of columns that must not take their own, pixels.
    """
    st.dataframe(_data(rows, columns), height=height_of(len(rows), most), **_frame(columns, widths))


def choice(
    rows: Sequence[Mapping[str, str]],
    columns: Columns,
    key: str,
    *,
    most: int = 12,
    widths: Mapping[str, int] = _ITS_OWN,
) -> int | None:
    """Draw rows of which one can be chosen; return its place, None while none is. Arguments as of `table`.

    Parameters
    ----------
    key
        Under which the browser session keeps the choice.
    """
    picked = st.dataframe(
        _data(rows, columns), height=height_of(len(rows), most), on_select="rerun", selection_mode="single-row",
        key=key, **_frame(columns, widths),
    )  # fmt: skip
    chosen: list[int] = picked.selection.rows
    return chosen[0] if chosen else None


def _data(rows: Sequence[Mapping[str, str]], columns: Columns) -> list[dict[str, str]]:
    return [{title: row[title] for title in columns} for row in rows]


def _frame(columns: Columns, widths: Mapping[str, int] = _ITS_OWN) -> dict[str, Any]:
    return {
        "hide_index": True,
        "column_config": {
            title: st.column_config.TextColumn(
                help=meaning.explained() if isinstance(meaning, Figure) else meaning,
                alignment="right" if isinstance(meaning, Figure) and meaning.unit else "left",
                width=widths.get(title),
            )
            for title, meaning in columns.items()
        },
    }
