"""Who is looking: the log-in of one browser session.

Of who it is the session holds an access token and nothing else; whom that stands for, name and role, are read again at
each run, so that a role taken away, or a password changed, is felt at the next click. A session that begins takes the
token that the browser kept, so a reload does not log out. Guesses are counted with those at the API, by account and by
address, and few passwords are verified at once, for each takes memory and a core. Neighbours:
`pipeline/sessions.py`, `kept_log_in.py`, `visit.py`.
"""

import secrets
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from threading import BoundedSemaphore

import streamlit as st

from bank360.bank.calendar import MICROS_PER_SECOND
from bank360.bank.errors import NotAllowed
from bank360.bank.vocabulary import Role
from bank360.dashboard.kept_log_in import kept_token, offer
from bank360.dashboard.opened import OpenBank, wall
from bank360.pipeline.addresses import counted_address
from bank360.pipeline.sessions import TooMany, close_session, counter_name, open_session, user_of, verified
from bank360.storage.rate_counters import Limit, count, uncount
from bank360.storage.users import User

TOKEN_KEY = "bank360_token"
_MINUTE = 60 * MICROS_PER_SECOND
_VERIFYING = BoundedSemaphore(4)  # at once in this process, as in each of the API's
_SECONDS_TO_WAIT = 3.0
_AT_HOME = "127.0.0.1"  # Streamlit names no address of whoever comes from this machine, a proxy on it included


def enter(bank: OpenBank, name: str, password: str) -> bool:
    """Log a user in for this browser session; False where name and password do not fit.

    Raises
    ------
    TooMany
        After too many guesses at the account or from the address, or while too many others log in.
    NotAllowed
        If the account is of a program.
    """
    token, lasts = secrets.token_urlsafe(32), bank.home.settings.api.token_minutes * _MINUTE
    store, key = bank.log.store, bank.log.key
    user = _counted(bank, lambda: open_session(store, key, name, password, token, wall(), lasts))
    if user is None:
        return False
    if user.role is Role.SERVICE:
        close_session(bank.log.store, token)
        raise NotAllowed("This account is of a program, and programs use the API.")
    st.session_state[TOKEN_KEY] = token
    offer(token)
    return True


def is_password_of(bank: OpenBank, name: str, password: str) -> bool:
    """Return whether it is the password of who is logged in: for acts that a log-in of hours ago does not vouch for.

    Raises
    ------
    TooMany
        As `enter`: a guess counts here as there.
    """
    return _counted(bank, lambda: verified(bank.log.store, bank.log.key, name, password, wall())) is not None


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


def _counted(bank: OpenBank, verify: Callable[[], User | None]) -> User | None:
    """Return whom a guess names, counted by address until it is right, while few others are verified."""
    store, own = bank.log.store, bank.home.settings.api
    counter = counter_name(bank.log.key, "address", _address(own.trusted_proxies))
    limit = Limit(own.anonymous_per_minute, 60)
    counted = count(store, counter, limit, wall())
    if not counted.within:
        raise TooMany(counted.frees_at_us)
    if not _VERIFYING.acquire(timeout=_SECONDS_TO_WAIT):
        raise TooMany(wall() + MICROS_PER_SECOND)
    try:
        user = verify()
    finally:
        _VERIFYING.release()
    if user is not None:
        uncount(store, counter, limit)
    return user


def _address(proxies: Sequence[str]) -> str:
    """Return from where this browser session comes."""
    forwarded = st.context.headers.get_all("X-Forwarded-For")
    return counted_address(st.context.ip_address or _AT_HOME, forwarded, [ip_network(text) for text in proxies])


def _token() -> str | None:
    """Return the session's token; of a session that begins, the one that the browser kept."""
    if TOKEN_KEY not in st.session_state:
        kept = kept_token()
        if kept is None:
            return None
        st.session_state[TOKEN_KEY] = kept
    return str(st.session_state[TOKEN_KEY])
