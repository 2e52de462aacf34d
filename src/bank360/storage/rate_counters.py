"""Counters that several processes share: how often something happened since its window began.

A window begins with the first count and ends a fixed time later; the next count begins another. Within one window at
most the limit is let through, however many processes ask, for each count is one statement. Two windows that touch can
let through twice the limit within one window's length (docs/decisions/0022-tokens-and-rate-limits.md).
"""

from dataclasses import dataclass

from sqlalchemy import case, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from bank360.storage.store.engine import Store
from bank360.storage.store.schema import rate_counters

_SECOND = 1_000_000  # microseconds


@dataclass(frozen=True)
class Limit:
    """At most ``times`` within a window of ``seconds``."""

    times: int
    seconds: int


@dataclass(frozen=True)
class Counted:
    """How often it happened in the window, this time included, and when the window ends (microseconds UTC)."""

    used: int
    ends_at_us: int


def count(store: Store, counter: str, limit: Limit, at_us: int) -> Counted:
    """Count once more and return where the counter stands.

    Parameters
    ----------
    counter
        Its name, at most 64 characters: no personal data, so the keyed hash of an address and not the address.
    at_us
        Now. A window that seems to begin later than now (a clock was set back) begins anew.
    """
    row = {"counter": counter, "used": 1, "began_at_us": at_us, "ends_at_us": at_us + limit.seconds * _SECOND}
    old = rate_counters.c
    insert = sqlite.insert if store.dialect == "sqlite" else postgresql.insert
    over = (old.ends_at_us <= at_us) | (old.began_at_us > at_us)
    statement = (
        insert(rate_counters)
        .values(row)
        .on_conflict_do_update(
            index_elements=[old.counter],
            set_={
                "used": case((over, 1), else_=old.used + 1),
                "began_at_us": case((over, at_us), else_=old.began_at_us),
                "ends_at_us": case((over, row["ends_at_us"]), else_=old.ends_at_us),
            },
        )
        .returning(old.used, old.ends_at_us)
    )
    with store.counting() as connection:
        found = connection.execute(statement).one()
    return Counted(found.used, found.ends_at_us)


def uncount(store: Store, counter: str) -> None:
    """Take one count back: what was counted beforehand did not happen after all."""
    with store.counting() as connection:
        connection.execute(
            update(rate_counters)
            .where(rate_counters.c.counter == counter, rate_counters.c.used > 0)
            .values(used=rate_counters.c.used - 1)
        )


def drop_ended(store: Store, at_us: int) -> None:
    """Remove the counters whose window has ended."""
    with store.counting() as connection:
        connection.execute(delete(rate_counters).where(rate_counters.c.ends_at_us <= at_us))
