"""Cards: a page's header with its as-of time, one number with its definition behind it, a titled panel.

Nothing else in the pages draws a number large, so that each has its definition.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from bank360.dashboard.figures import Figure


def header(title: str, as_of: str, detail: str = "", back: str = "") -> None:
    """Draw a page's title and, beside it, the instant that it describes.

    Parameters
    ----------
    back
        What the address names beside the page, and what is left again by the arrow before the title.
    """
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    with left.container(horizontal=True, vertical_alignment="center"):
        if back:
            st.button("Back", icon=":material/arrow_back:", key="back", help="Back to the list",
                      on_click=_leave, args=(back,))  # fmt: skip
        st.title(title, anchor=False)
    with right.container(horizontal=True, horizontal_alignment="right"):
        st.badge(f"As of {as_of}", icon=":material/schedule:", color="gray")
        if detail:
            st.badge(detail, color="gray")


def number(
    figure: Figure,
    value: str,
    *,
    change: str | None = None,
    trend: Sequence[float] | None = None,
    good: str = "off",
    note: str | None = None,
    opens: Callable[[], None] | None = None,
) -> None:
    """Draw one number with its name; its definition opens beside the name, and below it whom it is about.

    Parameters
    ----------
    value
        As `wording` writes it, with its unit.
    change
        Against when, in words: "+0.3 pp since Jun 2025".
    trend
        The latest values in even steps, the oldest first.
    good
        "normal": more is better; "inverse": less is; "off": neither.
    note
        A few words below, where there is no change to state.
    opens
        Draws the link to what the number counts.
    """
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            figure.name,
            value,
            change,
            delta_color="inverse" if good == "inverse" else "normal" if good == "normal" else "off",
            help=figure.explained(),
            chart_data=None if trend is None else list(trend),
            chart_type="area",
            delta_arrow="auto" if change is not None else "off",
            delta_description=note,
        )
        if opens is not None:
            opens()


def _leave(name: str) -> None:
    st.query_params.pop(name, None)


@contextmanager
def panel(title: str, figure: Figure | None = None, note: str = "") -> Iterator[None]:
    """Frame what is drawn inside under a title, with the definition of what it shows behind the title."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{title}**", help=None if figure is None else figure.explained())
        if note:
            st.caption(note)
        yield
