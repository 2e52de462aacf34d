"""Who is looking: the log-in of one browser session.

Of who it is the session holds an access token and nothing else; whom that stands for, name and role, are read again at
each run, so that a role taken away, or a password changed, is felt at the next click. A session that begins takes the
token that the browser kept, so a reload does not log out. Guesses are counted with those at the API. Neighbours:
`pipeline/sessions.py`, `kept_log_in.py`, `visit.py`.
"""

import secrets

import streamlit as st

from bank360.bank.calendar import MICROS_PER_SECOND
from bank360.bank.errors import NotAllowed
from bank360.bank.vocabulary import Role
from bank360.dashboard.kept_log_in import kept_token, offer
from bank360.dashboard.opened import OpenBank, wall
from bank360.pipeline.sessions import close_session, open_session, user_of
from bank360.storage.users import User

TOKEN_KEY = "bank360_token"
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
    st.session_state[TOKEN_KEY] = token
    offer(token)
    return True


def leave(bank: OpenBank) -> None:
    """Log out: the token opens nothing any more, here or where it is kept, and the session keeps nothing seen."""
    token = _token()
    st.session_state.clear()
    if token is not None:
        close_session(bank.log.store, token)


def current_user(bank: OpenBank) -> User | None:
    """Return who is logged in in this browser session; None: nobody, or no longer."""
    token = _token()
    user = None if token is None else user_of(bank.log.store, token, wall())
    return None if user is None or user.role is Role.SERVICE else user


def _token() -> str | None:
    """Return the session's token; of a session that begins, the one that the browser kept."""
    if TOKEN_KEY not in st.session_state:
        kept = kept_token()
        if kept is None:
            return None
        st.session_state[TOKEN_KEY] = kept
    return str(st.session_state[TOKEN_KEY])
