"""Transactions that arrived by the API: in the store from their acknowledgement until every version has them.

An event is named by its transaction id, for ever: the same event again changes nothing, another one under that id is
refused; so is another one under the id of a transaction that a file brought and that the published version has.
``drained`` says which load brought it to the warehouse; it goes on counting from here until it is published, and is
deleted only when every version that can be rolled back to has it (`forget_published`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update

from bank360.bank.errors import EventConflict
from bank360.storage.event_content import content_number
from bank360.storage.store.schema import new_events

# An account on which a customer acts where nobody is named, from when and until when (microseconds UTC; None: what may
# arrive is not cut off there).
ActingSpell = tuple[str, int | None, int | None]
_e = new_events.c
_OF = (
    select(new_events)
    .where(
        or_(
            and_(_e.account_id.in_(bindparam("of_accounts", expanding=True)), _e.actor.is_(None)),
            _e.actor.in_(bindparam("of_keys", expanding=True)),
        ),
        _e.known_us < bindparam("before"),
    )
    .order_by(_e.position)
)
_OTHER = "{} with other content. A correction takes a delivery."
_IDS_AT_ONCE = 500  # of one statement: PostgreSQL binds 65,535 values, SQLite may bind as few as 999
_THESE = _e.event_id.in_(bindparam("these", expanding=True))
_MARK = update(new_events).where(_THESE).values(drained=bindparam("by"))
_FORGET = delete(new_events).where(_THESE, _e.drained.is_not(None))


@dataclass(frozen=True)
class NewEvent:
    """One transaction as it arrived.

    Parameters
    ----------
    event_id, account_id, actor
        Its id, its account, and the source key of who acted (None: the account's owner).
    event_us, known_us
        When it happened, and when it arrived; microseconds UTC.
    fields
        The other columns of the canonical row by name.
    """

    event_id: str
    account_id: str
    actor: str | None
    event_us: int
    known_us: int
    fields: Mapping[str, Any]

    def content(self) -> bytes:
        """Return what an event is besides when it arrived, as bytes that are equal for equal events."""
        said = [self.account_id, self.actor, self.event_us, dict(self.fields)]
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def take_in(connection: Connection, events: Sequence[NewEvent], published: Mapping[str, int]) -> int:
    """Store events that are new and return how many were known already; in the transaction of ``connection``.

    Parameters
    ----------
    published
        Of the ids that the published version has, what they say there: a file may have brought them.

    Raises
    ------
    EventConflict
        If an id is known with other content: here, in the published version, or within ``events``.
    """
    known = {row.event_id: bytes(row.fields) for row in connection.execute(
        select(_e.event_id, _e.fields).where(_e.event_id.in_([event.event_id for event in events]))
    )}  # fmt: skip
    rows = []
    for place, event in enumerate(events):
        content = event.content()
        if event.event_id not in known and event.event_id in published:
            said = content_number(event.account_id, event.actor, event.event_us, event.fields)
            if published[event.event_id] != said:
                raise EventConflict(_OTHER.format("The bank has this id"), place)
        elif event.event_id not in known:
            known[event.event_id] = content
            rows.append(
                {
                    "event_id": event.event_id,
                    "account_id": event.account_id,
                    "actor": event.actor,
                    "event_us": event.event_us,
                    "known_us": event.known_us,
                    "fields": content,
                }
            )
        elif known[event.event_id] != content:
            raise EventConflict(_OTHER.format("An event of this id arrived before"), place)
    if rows:
        connection.execute(insert(new_events), rows)
    return len(events) - len(rows)


def events_of(
    connection: Connection, keys: Sequence[str], accounts: Sequence[ActingSpell], before: int
) -> tuple[NewEvent, ...]:
    """Return what arrived before an instant and is a customer's, in order of arrival.

    Parameters
    ----------
    keys, accounts
        The customer's source keys, and the accounts on which they act where nobody is named.
    """
    names = sorted({name for name, _, _ in accounts})
    rows = connection.execute(_OF, {"of_accounts": names, "of_keys": list(keys), "before": before})
    return tuple(one for one in map(_event, rows) if one.actor is not None or _acts(accounts, one))


def _acts(accounts: Sequence[ActingSpell], event: NewEvent) -> bool:
    return any(
        name == event.account_id
        and (since is None or since <= event.event_us)
        and (until is None or event.event_us < until)
        for name, since, until in accounts
    )


def undrained(connection: Connection, most: int) -> tuple[NewEvent, ...]:
    """Return what no load has brought to the warehouse yet, in order of arrival, at most ``most``."""
    rows = connection.execute(select(new_events).where(_e.drained.is_(None)).order_by(_e.position).limit(most))
    return tuple(map(_event, rows))


def mark_drained(connection: Connection, event_ids: Sequence[str], batch_id: str) -> None:
    """Note which load brought events to the warehouse: any number of them, in the transaction of ``connection``."""
    for ids in id_chunks(event_ids):
        connection.execute(_MARK, {"these": ids, "by": batch_id})


def arrived_ids(connection: Connection) -> list[str]:
    """Return the ids of all events that are kept."""
    return list(connection.execute(select(_e.event_id)).scalars())


def last_arrival(connection: Connection) -> int | None:
    """Return when the last event arrived (microseconds UTC); None where none is kept."""
    known: int | None = connection.execute(select(_e.known_us).order_by(_e.position.desc()).limit(1)).scalar()
    return known


def long_drained(connection: Connection, before: int, most: int) -> list[str]:
    """Return the ids of drained events that happened before an instant, at most ``most``."""
    wanted = select(_e.event_id).where(_e.drained.is_not(None), _e.event_us < before)
    return list(connection.execute(wanted.order_by(_e.position).limit(most)).scalars())


def forget_published(connection: Connection, event_ids: Sequence[str]) -> None:
    """Delete events that were drained and that every version has: any number, in the transaction of ``connection``."""
    for ids in id_chunks(event_ids):
        connection.execute(_FORGET, {"these": ids})


def id_chunks(event_ids: Sequence[str]) -> Iterator[list[str]]:
    """Yield ids in as many pieces as statements that name them need."""
    for first in range(0, len(event_ids), _IDS_AT_ONCE):
        yield list(event_ids[first : first + _IDS_AT_ONCE])


def _event(row: Any) -> NewEvent:
    account_id, actor, event_us, fields = json.loads(row.fields)
    return NewEvent(row.event_id, account_id, actor, event_us, row.known_us, fields)
