"""Interactions that arrived by the API: in the store from their acknowledgement until a load has brought them in.

One is named by its id, for ever: the same again changes nothing, another one under that id is refused. ``drained`` says
which load brought it to the warehouse; a drained one is deleted once it is too old to arrive again. They count from the
next night on, so nothing reads them between: neighbour `new_events.py` has transactions, which count at once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bank360.bank.errors import EventConflict
from bank360.storage.new_events import id_chunks
from bank360.storage.store.schema import new_interactions

AMONG = "interactions"  # what a call names them
_i = new_interactions.c
_THESE = _i.interaction_id.in_(bindparam("these", expanding=True))
_MARK = update(new_interactions).where(_THESE).values(drained=bindparam("by"))


@dataclass(frozen=True)
class NewInteraction:
    """One interaction as it arrived.

    Parameters
    ----------
    interaction_id, customer_key
        Its id, and the key by which a source names the customer.
    at_us, known_us
        When it happened, and when it arrived; microseconds UTC.
    fields
        The other columns of the canonical row by name.
    """

    interaction_id: str
    customer_key: str
    at_us: int
    known_us: int
    fields: Mapping[str, Any]

    def content(self) -> bytes:
        """Return what it is besides when it arrived, as bytes that are equal for equal interactions."""
        said = [self.customer_key, self.at_us, dict(self.fields)]
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def take_in(connection: Connection, interactions: Sequence[NewInteraction]) -> int:
    """Store those that are new and return how many were known already; in the transaction of ``connection``.

    Raises
    ------
    EventConflict
        If an id is known with other content, here or within ``interactions``.
    """
    ids = [one.interaction_id for one in interactions]
    found = connection.execute(select(_i.interaction_id, _i.fields).where(_i.interaction_id.in_(ids)))
    known = {row.interaction_id: bytes(row.fields) for row in found}
    rows = []
    for place, one in enumerate(interactions):
        content = one.content()
        if one.interaction_id not in known:
            known[one.interaction_id] = content
            rows.append(
                {
                    "interaction_id": one.interaction_id,
                    "customer_key": one.customer_key,
                    "at_us": one.at_us,
                    "known_us": one.known_us,
                    "fields": content,
                }
            )
        elif known[one.interaction_id] != content:
            words = "An interaction of this id arrived before with other content. A correction takes a delivery."
            raise EventConflict(words, place, "interaction_id", AMONG)
    if rows:
        connection.execute(insert(new_interactions), rows)
    return len(interactions) - len(rows)


def undrained_interactions(connection: Connection, most: int) -> tuple[NewInteraction, ...]:
    """Return what no load has brought to the warehouse yet, in order of arrival, at most ``most``."""
    wanted = select(new_interactions).where(_i.drained.is_(None)).order_by(_i.position).limit(most)
    return tuple(map(_interaction, connection.execute(wanted)))


def mark_interactions_drained(connection: Connection, ids: Sequence[str], batch_id: str) -> None:
    """Note which load brought interactions to the warehouse: any number, in the transaction of ``connection``."""
    for these in id_chunks(ids):
        connection.execute(_MARK, {"these": these, "by": batch_id})


def forget_drained(connection: Connection, before: int) -> int:
    """Delete drained interactions that happened before an instant (microseconds UTC); return how many."""
    return connection.execute(delete(new_interactions).where(_i.drained.is_not(None), _i.at_us < before)).rowcount


def _interaction(row: Any) -> NewInteraction:
    key, at_us, fields = json.loads(row.fields)
    return NewInteraction(row.interaction_id, key, at_us, row.known_us, fields)
