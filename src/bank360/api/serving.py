"""What a serving process holds open for as long as it runs: the home, its store and log, and the limits."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bank360.home import Home, log_of
from bank360.storage.decision_log import DecisionLog
from bank360.storage.store.engine import Store


@dataclass(frozen=True)
class Serving:
    """An open bank.

    Parameters
    ----------
    home
        Its folder and settings.
    log
        Its decision log, with the store.
    """

    home: Home
    log: DecisionLog

    @property
    def store(self) -> Store:
        """The store."""
        return self.log.store


@contextmanager
def opened(home: Home) -> Iterator[Serving]:
    """Open a bank for serving and close it after.

    Raises
    ------
    SettingsError
        If the bank has no audit key, or sample secrets outside demo mode.
    NotReady
        If the store is not there or cannot be opened.
    """
    with log_of(home, new=home.settings.demo) as log:
        yield Serving(home, log)


def wall_us() -> int:
    """Return the wall clock, microseconds UTC: of tokens, limits and the record, whatever a bank's own clock says."""
    return time.time_ns() // 1000


def new_token() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)
