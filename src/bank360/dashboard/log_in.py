"""The log-in page: the only one without a user."""

import streamlit as st

from bank360.bank.errors import Bank360Error
from bank360.dashboard.opened import OpenBank
from bank360.dashboard.session import enter
from bank360.dashboard.states import refused


def draw(bank: OpenBank) -> None:
    """Ask for name and password; the same answer whether the name exists or not."""
    _, middle, _ = st.columns([1, 1.1, 1])
    with middle:
        st.space("large")
        st.title(":material/account_balance: bank360", anchor=False)
        st.caption(f"{bank.home.settings.bank.name} · one customer, one clock, one record of each decision")
        with st.form("log-in", border=True):
            name = st.text_input("User name", max_chars=64, autocomplete="username")
            password = st.text_input("Password", type="password", max_chars=128, autocomplete="current-password")
            asked = st.form_submit_button("Log in", type="primary", width="stretch")
        if asked:
            _answer(bank, name, password)
        if bank.home.settings.demo:
            st.caption("A demonstration bank: it is generated, and nobody in it exists.")


def _answer(bank: OpenBank, name: str, password: str) -> None:
    try:
        entered = enter(bank, name, password)
    except Bank360Error as error:
        refused(str(error))
        return
    if entered:
        st.rerun()
    refused("That name and password do not fit.")
