"""The home's store as the command line opens it: its address, its decision log, and who is at the terminal."""

import getpass
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bank360.bank.errors import SettingsError
from bank360.cli.home import Home

if TYPE_CHECKING:
    from bank360.storage.decision_log import DecisionLog

STORE_FILE = "store.sqlite3"


@contextmanager
def log_of(home: Home, *, new: bool = False) -> Iterator["DecisionLog"]:
    """Open the home's store with its decision log for one command and close it after.

    Parameters
    ----------
    new
        Whether a store may be made where there is none: for commands that write.

    Raises
    ------
    SettingsError
        If the bank has no audit key.
    NotReady
        If the store is not there or cannot be opened.
    """
    from bank360.storage.anchor import Anchor
    from bank360.storage.decision_log import DecisionLog
    from bank360.storage.store.engine import open_store

    key = home.settings.secret_audit_key()
    if key is None:
        raise SettingsError(
            "No audit key: decisions and users could not be sealed. Put 32 random bytes (openssl rand -hex 32) in "
            "BANK360_AUDIT_KEY, and keep a copy where the store's backups are not."
        )
    with open_store(store_url(home), new=new) as store:
        yield DecisionLog(store, Anchor(home.path / home.settings.store.anchor, key))


def store_url(home: Home) -> str:
    """Return the address of the home's store."""
    url = home.settings.store.url
    return f"sqlite:///{home.path / STORE_FILE}" if url is None else url.get_secret_value()


def operator() -> str:
    """Return who acts: the login name at this terminal, marked as such."""
    return f"operator:{getpass.getuser()}"


def fresh_id() -> str:
    """Return a random id of 128 bits."""
    return secrets.token_hex(16)


def this_instant(home: Home) -> int:
    """Return when an act at the terminal happens, microseconds UTC."""
    at = home.settings.now(None)
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000 + at.microsecond
