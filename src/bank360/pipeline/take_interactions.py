"""Take in interactions that arrive now: checked, stored once, acknowledged when committed.

A visit, a call, an offer or its answer is held to the published version (its customer must be there, and its product)
and to the codes of the canonical table, and waits for the next night: no decision reads contacts of today.
`drain_events.py` brings it to the table that a file of interactions fills too. All of a call or nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bank360.bank.errors import EventRefused
from bank360.bank.tables import TABLE_BY_NAME
from bank360.pipeline.arrivals import MOST_OF_A_CALL, Taken, Wrong, wrong_code, wrong_time
from bank360.storage.new_interactions import AMONG, NewInteraction, take_in
from bank360.storage.published import Version
from bank360.storage.store.engine import Store

_TABLE = TABLE_BY_NAME["interactions"]


@dataclass(frozen=True)
class ArrivedInteraction:
    """An interaction as somebody tells of it; columns of the canonical table, ``at_us`` microseconds UTC.

    ``customer_id`` is a stable id, or a key by which a source names the customer.
    """

    interaction_id: str
    customer_id: str
    at_us: int
    channel: str
    kind: str
    topic: str | None = None
    product_id: str | None = None
    campaign_id: str | None = None
    arm: str | None = None
    response: bool | None = None


_UNKNOWN = ("customer_id", "unknown", "names a customer whom the bank does not know, or not yet")
_KEPT_APART = frozenset({"interaction_id", "customer_id", "at_us"})


def take_interactions(store: Store, version: Version, interactions: Sequence[ArrivedInteraction], at: int) -> Taken:
    """Take in interactions that arrive at an instant (microseconds UTC); committed when this returns.

    Parameters
    ----------
    version
        The published version, which says who the customers are.

    Raises
    ------
    EventRefused
        If one of them names a customer or product that the version does not have, a code that is none, or a time after
        ``at`` or more than 30 days before it; or if there are too many.
    EventConflict
        If one arrived before with other content.
    StoreFailed
        If it could not be committed.
    """
    if len(interactions) > MOST_OF_A_CALL:
        words = f"A call takes up to {MOST_OF_A_CALL} interactions. Send the rest in another."
        raise EventRefused(words, MOST_OF_A_CALL, "interaction_id", "too_many", AMONG)
    new = []
    for place, one in enumerate(interactions):
        key = _source_key(version, one.customer_id)
        wrong = _UNKNOWN if key is None else _wrong(version, one, at)
        if key is None or wrong is not None:
            field, code, words = wrong or _UNKNOWN
            raise EventRefused(f"Interaction {place} {words}. Nothing was taken in.", place, field, code, AMONG)
        fields = {name: value for name, value in asdict(one).items() if name not in _KEPT_APART}
        new.append(NewInteraction(one.interaction_id, key, one.at_us, at, fields))
    with store.writing() as connection:
        known = take_in(connection, new)
    return Taken(len(new) - known, known)


def _wrong(version: Version, one: ArrivedInteraction, at: int) -> Wrong | None:
    """Return which field is wrong, how as a code, and in words that repeat nothing of it; None: none is."""
    if one.product_id is not None and one.product_id not in version.meta.product_lines:
        return "product_id", "unknown", "names a product that the bank does not have, or not yet"
    return wrong_time("at", one.at_us, at) or wrong_code(_TABLE, asdict(one))


def _source_key(version: Version, name: str) -> str | None:
    """Return the key by which a source names the customer: the one given, or of a stable id the first of theirs."""
    stable = version.resolved(name)
    if stable is None:
        return None
    keys = version.keys_of(stable)
    return name if name in keys else min(keys)
