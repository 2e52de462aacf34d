"""The script that Streamlit runs for every click: who is logged in decides which pages there are, then one page draws.

An error that a user can act on is shown as its own line; anything else is our mistake, and Streamlit shows that there
was one and no more. Neighbours: `session.py` (log-in), `screens/` (one file a page), `serve.py` (what serves this).
"""

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from bank360.bank.errors import Bank360Error, NotReady
from bank360.dashboard import log_in
from bank360.dashboard.kept_log_in import post_ticket
from bank360.dashboard.opened import OpenBank, bank, wall
from bank360.dashboard.screens import PAGES
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.session import current_user, leave
from bank360.dashboard.states import nothing_yet, refused
from bank360.dashboard.theme import STYLE
from bank360.dashboard.visit import ROLE_NAMES, Visit
from bank360.policies.access import Principal


def main() -> None:
    """Draw the page that the address names, for whoever is logged in."""
    st.set_page_config(page_title="bank360", page_icon="🏦", layout="wide", initial_sidebar_state=210)
    st.html(STYLE)
    try:
        opened = bank()
        user = current_user(opened)
    except Bank360Error as error:
        nothing_yet("This bank cannot be opened yet", str(error))
        return
    if user is None:
        # Under every address, so that what was asked for is opened once the user has logged in.
        ask = partial(log_in.draw, opened)
        here = [st.Page(ask, title="Log in", url_path=page.path) for page in PAGES]
        st.navigation([st.Page(ask, title="Log in", url_path="log-in", default=True), *here], position="hidden").run()
        return
    addresses: dict[str, StreamlitPage] = {}
    post_ticket()
    visit = Visit(opened, user.name, Principal(user.user_id, user.role), wall(), addresses)
    for page in PAGES:
        if page.open_to(user.role):
            addresses[page.path] = st.Page(
                partial(_page, page, visit), title=page.title, icon=page.icon, url_path=page.path
            )
    pages = list(addresses.values())
    # Streamlit gives its default page no address of its own, so none of ours is it.
    start = st.Page(partial(_start, visit, pages), title="Start", url_path="start", default=True, visibility="hidden")
    chosen = st.navigation({opened.home.settings.bank.name: [start, *pages]}, position="sidebar", expanded=True)
    with st.sidebar:
        _who(opened, visit)
    chosen.run()


def _page(page: Page, visit: Visit) -> None:
    try:
        page.draw(visit)
    except NotReady as error:
        nothing_yet("There is nothing to show yet", str(error))
    except Bank360Error as error:
        refused(str(error))


def _start(visit: Visit, pages: Sequence[StreamlitPage]) -> None:
    """Go to the first page of the menu; say so where the role has none."""
    if pages:
        st.switch_page(pages[0])
    st.title("Welcome", anchor=False)
    st.write(
        f"Your role, {ROLE_NAMES[visit.principal.role].lower()}, has no page here. Users are administered with "
        "`bank360 user`, and the log is verified with `bank360 audit verify`."
    )


def _who(opened: OpenBank, visit: Visit) -> None:
    st.caption(f"{visit.name}  \n{ROLE_NAMES[visit.principal.role]}")
    if opened.clock_note is not None:
        st.caption(opened.clock_note)
    st.button("Log out", icon=":material/logout:", on_click=leave, args=(opened,), width="stretch")


main()
