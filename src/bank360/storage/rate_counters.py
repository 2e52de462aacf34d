"""Counters that several processes share: how often something happened in the window that ends now.

The window slides: in no stretch of its length is more let through than the limit, a burst over any boundary included.
A counter is one row that lists when it was hit; hits of the same thirtieth of a window are one, with the time of the
last: they leave the window together, never earlier than each would. What is refused is not counted, so that whoever
goes on asking is let in again as soon as somebody who stopped. The row is locked from the look to the count: any number
of processes let through exactly the limit (docs/decisions/0022-tokens-and-rate-limits.md).
"""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bank360.storage.store.engine import Store
from bank360.storage.store.schema import rate_counters

_SECOND = 1_000_000  # microseconds
_PARTS = 30  # of a window: within one, hits are kept as one
# By which the clocks of several machines may differ; a hit further ahead was before a clock was set back.
_SKEW = 5 * _SECOND

_Hits = list[list[int]]  # (when the last was, how many), the oldest first

_c = rate_counters.c
_LOOK = select(_c.hits).where(_c.counter == bindparam("of_counter")).with_for_update()  # SQLite holds all of it
_CHANGE = (
    update(rate_counters)
    .where(_c.counter == bindparam("of_counter"))
    .values(hits=bindparam("hits"), ends_at_us=bindparam("ends_at_us"))
)
_NEW = {
    "sqlite": sqlite.insert(rate_counters).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(rate_counters).on_conflict_do_nothing(),
}


@dataclass(frozen=True)
class Limit:
    """At most ``times`` within any ``seconds``."""

    times: int
    seconds: int


@dataclass(frozen=True)
class Counted:
    """Whether once more was within the limit, and counted; and when the oldest hit leaves the window (microseconds)."""

    within: bool
    frees_at_us: int


def count(store: Store, counter: str, limit: Limit, at_us: int) -> Counted:
    """Count once more if the limit lets it.

    Parameters
    ----------
    counter
        Its name, at most 64 characters: no personal data, so the keyed hash of an address and not the address.
    at_us
        Now. Hits that seem to lie further ahead of it than clocks may differ (one was set back) count as of just that
        far ahead, five seconds.
    """
    window = limit.seconds * _SECOND
    with store.counting() as connection:
        hits = [[min(last, at_us + _SKEW), times] for last, times in _looked(connection, store.dialect, counter)]
        hits = [hit for hit in hits if hit[0] + window > at_us]
        within = sum(times for _, times in hits) < limit.times
        if within:
            part = window // _PARTS
            if hits and hits[-1][0] // part == at_us // part:
                hits[-1] = [max(hits[-1][0], at_us), hits[-1][1] + 1]
            else:
                hits.append([at_us, 1])
            _write(connection, counter, hits, window)
    return Counted(within, hits[0][0] + window if hits else at_us + window)


def uncount(store: Store, counter: str, limit: Limit) -> None:
    """Take the last count back: what was counted beforehand did not happen after all."""
    with store.counting() as connection:
        hits = _looked(connection, store.dialect, counter)
        if hits:
            hits[-1][1] -= 1
            _write(connection, counter, [hit for hit in hits if hit[1]], limit.seconds * _SECOND)


def drop_ended(store: Store, at_us: int) -> None:
    """Remove the counters whose last hit has left its window."""
    with store.counting() as connection:
        connection.execute(delete(rate_counters).where(_c.ends_at_us <= at_us))


def _looked(connection: Connection, dialect: str, counter: str) -> _Hits:
    """Return a counter's hits; its row is there and locked from now on."""
    look = connection.execute(_LOOK, {"of_counter": counter}).scalar_one_or_none()
    if look is None:
        connection.execute(_NEW[dialect], {"counter": counter, "hits": "[]", "ends_at_us": 0})
        look = connection.execute(_LOOK, {"of_counter": counter}).scalar_one()
    hits: _Hits = json.loads(look)
    return hits


def _write(connection: Connection, counter: str, hits: _Hits, window: int) -> None:
    ends = hits[-1][0] + window if hits else 0
    row = {"of_counter": counter, "hits": json.dumps(hits, separators=(",", ":")), "ends_at_us": ends}
    connection.execute(_CHANGE, row)
