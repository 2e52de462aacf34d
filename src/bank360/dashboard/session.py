"""Who is looking: the log-in of one browser session.

The session holds an access token and the name typed, nothing else; whom the token stands for and their role are read
again at each run, so that a role taken away, or a password changed, is felt at the next click. Guesses are counted with
those at the API. Neighbours: `pipeline/sessions.py`, `visit.py`.
"""

import secrets

import streamlit as st

from bank360.bank.calendar import MICROS_PER_SECOND
from bank360.bank.errors import NotAllowed
from bank360.bank.vocabulary import Role
from bank360.dashboard.opened import OpenBank, wall
from bank360.pipeline.sessions import close_session, open_session, principal_of
from bank360.policies.access import Principal

TOKEN_KEY, NAME_KEY = "bank360_token", "bank360_name"
_MINUTE = 60 * MICROS_PER_SECOND


def enter(bank: OpenBank, name: str, password: str) -> bool:
    """Log a user in for this browser session; False where name and password do not fit.

    Raises
    ------
    TooMany
        After too many guesses at the account.
    NotAllowed
        If the account is of a program.
    """
    token, lasts = secrets.token_urlsafe(32), bank.home.settings.api.token_minutes * _MINUTE
    user = open_session(bank.log.store, bank.log.key, name, password, token, wall(), lasts)
    if user is None:
        return False
    if user.role is Role.SERVICE:
        close_session(bank.log.store, token)
        raise NotAllowed("This account is of a program, and programs use the API.")
    st.session_state[TOKEN_KEY], st.session_state[NAME_KEY] = token, user.name
    return True


def leave(bank: OpenBank) -> None:
    """Log out: the token opens nothing any more, and the session keeps nothing of what was seen."""
    token = st.session_state.get(TOKEN_KEY)
    st.session_state.clear()
    if token is not None:
        close_session(bank.log.store, token)


def current_principal(bank: OpenBank) -> Principal | None:
    """Return who is logged in in this browser session; None: nobody, or no longer."""
    token = st.session_state.get(TOKEN_KEY)
    return None if token is None else principal_of(bank.log.store, token, wall())


def current_name() -> str:
    """Return the name under which the session's user logged in."""
    return str(st.session_state[NAME_KEY])
