"""The bank whose pages are served: its store, published versions, registry and desk, opened once per process.

Which bank: the folder in ``BANK360_HOME``, as for every command. What is kept across users is only what is open, never
anything of a customer.
"""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from bank360.bank.errors import NotReady
from bank360.home import Home, log_of, now_of, open_home
from bank360.pipeline.desk import Desk, open_desk
from bank360.storage.decision_log import DecisionLog
from bank360.storage.policy_files import policy_text
from bank360.storage.published import Published, open_published
from bank360.storage.registry import Registry
from bank360.storage.store.engine import Store

HOME_VARIABLE = "BANK360_HOME"
_STORES: list[Store] = []  # of the banks that are open


@dataclass(frozen=True)
class OpenBank:
    """A home with everything in it that pages use; ``close`` gives it all back."""

    home: Home
    log: DecisionLog
    published: Published
    registry: Registry
    desk: Desk
    close: Callable[[], None]

    @property
    def zone(self) -> str:
        """Return the bank's time zone."""
        return self.home.settings.bank.zone

    @property
    def currency(self) -> str:
        """Return the bank's currency."""
        return self.home.settings.bank.currency

    def now_us(self) -> int:
        """Return what counts as now for the bank, microseconds UTC: as the settings' clock says, and as at the API.

        Raises
        ------
        NotReady
            If the clock follows the data and nothing is published.
        """
        return now_of(self.home, self.published, wall())

    @property
    def clock_note(self) -> str | None:
        """Whose clock the times of all pages are by, in a sentence; None where the bank's is the wall clock."""
        clock = self.home.settings.clock
        if clock == "wall":
            return None
        what = "follows its data" if clock == "data" else "stands"
        return (
            f"Times are by the bank's clock, which {what}. What people did is stamped by the wall clock; it "
            "stands here as long ago as it was."
        )

    def by_its_clock(self, at_us: int) -> int:
        """Return an instant of the wall clock by the bank's own, so that a page never shows two clocks.

        Where the bank's clock follows its data or stands, acts of people and publishes are still stamped by the wall
        clock: what was five minutes ago there was five minutes ago here. Before anything is published there is no other
        clock.
        """
        if self.home.settings.clock == "wall":
            return at_us
        try:
            return self.now_us() - (wall() - at_us)
        except NotReady:
            return at_us


def bank() -> OpenBank:
    """Return the bank of this process, opened at the first call.

    Raises
    ------
    NotReady, SettingsError
        If there is no bank at the folder, or its store cannot be opened.
    """
    return _opened(os.environ.get(HOME_VARIABLE))


def close_banks() -> None:
    """Close what was opened."""
    _opened.clear()


def store_failed() -> bool:
    """Return whether the store of a bank that is open failed to commit: the process may not go on."""
    return any(store.broken for store in _STORES)


def wall() -> int:
    """Return the wall clock, microseconds UTC."""
    return time.time_ns() // 1000


@st.cache_resource(show_spinner=False, on_release=lambda opened: opened.close())
def _opened(folder: str | None) -> OpenBank:
    home = open_home(None if folder is None else Path(folder))
    with ExitStack() as stack:
        log = stack.enter_context(log_of(home))
        _STORES.append(log.store)
        stack.callback(_STORES.remove, log.store)
        published = stack.enter_context(open_published(log.store, home.published))
        registry = Registry(home.registry)
        desk = open_desk(log, published, registry, policy_text(None), wall())
        return OpenBank(home, log, published, registry, desk, stack.pop_all().close)
