"""What a page shows where there is nothing to show, or something was refused: one sentence, and what to do."""

from collections.abc import Iterable

import streamlit as st

from bank360.dashboard.wording import undelivered


def nothing_yet(title: str, what_to_do: str) -> None:
    """Say that something is not there yet, and what to do about it."""
    with st.container(border=True):
        st.subheader(f":material/hourglass_empty: {title}", anchor=False)
        st.write(what_to_do)


def empty(sentence: str) -> None:
    """Say that a list has nothing in it, where that is good to know."""
    st.caption(f":material/check_circle: {sentence}")


def not_known(what: str, lacking: Iterable[str]) -> None:
    """Say that something is not known, which is not "none", and what the bank never delivered that would tell it."""
    st.caption(f":material/help: {what}: {undelivered(lacking)}.")


def refused(sentence: str) -> None:
    """Say what was refused; nothing was done."""
    st.error(sentence, icon=":material/block:")


def done(sentence: str) -> None:
    """Say what was done."""
    st.toast(sentence, icon=":material/check_circle:")
