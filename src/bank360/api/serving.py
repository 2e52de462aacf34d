"""What a serving process holds open for as long as it runs: the home, its store and log, and the limits."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bank360.home import Home, log_of, now_of
from bank360.pipeline.desk import Desk, open_desk
from bank360.pipeline.warm_up import warm_up
from bank360.storage.decision_log import DecisionLog
from bank360.storage.policy_files import policy_text
from bank360.storage.published import Published, open_published
from bank360.storage.registry import Registry
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
    published
        What readers see of the nights.
    desk
        Decides by the shipped policy.
    registry
        The models.
    """

    home: Home
    log: DecisionLog
    published: Published
    desk: Desk
    registry: Registry

    @property
    def store(self) -> Store:
        """The store."""
        return self.log.store

    def now_us(self) -> int:
        """Return what counts as now for the bank, microseconds UTC: the wall clock, or as the settings' clock says.

        Raises
        ------
        NotReady
            If the clock follows the data and nothing is published.
        """
        return now_of(self.home, self.published, wall_us())


@contextmanager
def opened(home: Home) -> Iterator[Serving]:
    """Open a bank for serving, with what the first request needs made ready, and close it after.

    Raises
    ------
    SettingsError
        If the bank has no audit key, or sample secrets outside demo mode.
    NotReady
        If the store is not there or cannot be opened.
    """
    with log_of(home, new=home.settings.demo) as log, open_published(log.store, home.published) as published:
        registry = Registry(home.registry)
        desk = open_desk(log, published, registry, policy_text(None), wall_us())
        serving = Serving(home, log, published, desk, registry)
        warm_up(desk, serving.now_us)
        yield serving


def wall_us() -> int:
    """Return the wall clock, microseconds UTC: of tokens, limits and the record, whatever a bank's own clock says."""
    return time.time_ns() // 1000


def new_token() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)
