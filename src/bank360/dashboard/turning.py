"""Long lists a page at a time: each page follows from the mark at which the one before it ended.

Marks are what the list's own reader gives and takes, so pages neither repeat nor skip. The browser session keeps the
marks of the pages that were turned, for the way back, and begins anew as soon as something else is asked for.
"""

from dataclasses import dataclass

import streamlit as st

from bank360.dashboard.wording import count

ROWS = 50  # of a page


@dataclass(frozen=True)
class Turning:
    """Where in a long list a look is.

    Parameters
    ----------
    key
        Under which the browser session keeps the marks.
    asked
        What the list holds, in words of its own: another list begins at its first page.
    marks
        Where each page that was turned ended, the first first.
    rows
        Of a full page.
    """

    key: str
    asked: str
    marks: tuple[object, ...]
    rows: int

    @property
    def name(self) -> str:
        """Return what tells this page of this list from all others: what is chosen on one is not chosen on the next."""
        return f"{self.key} {len(self.marks)} {self.asked}"

    def draw(self, shown: int, following: object | None) -> None:
        """Draw which rows are shown, and how to turn; nothing where they are all that there is.

        Parameters
        ----------
        following
            Where this page ends, for the next one to begin after; None: it is the last.
        """
        if not self.marks and following is None:
            return
        first = len(self.marks) * self.rows + 1
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Earlier rows", icon=":material/chevron_left:", key=f"back {self.key}", disabled=not self.marks,
                on_click=self._keep, args=(self.marks[:-1],),
            )  # fmt: skip
            st.button(
                "Further rows", icon=":material/chevron_right:", key=f"on {self.key}", disabled=following is None,
                on_click=self._keep, args=((*self.marks, following),),
            )  # fmt: skip
            st.caption(f"Rows {count(first)} to {count(first + shown - 1)}")

    def _keep(self, marks: tuple[object, ...]) -> None:
        st.session_state[_kept(self.key)] = (self.asked, marks)


def turning(key: str, asked: object, rows: int = ROWS) -> Turning:
    """Return where in a list the browser session is: at its first page where something else was asked for before.

    Parameters
    ----------
    asked
        All that the list depends on; what has the same ``repr`` is the same list.
    """
    said, marks = st.session_state.get(_kept(key), (None, ()))
    return Turning(key, repr(asked), marks if said == repr(asked) else (), rows)


def _kept(key: str) -> str:
    return f"turned: {key}"
