"""What a reversal that is itself reversed was for, and whether it gave back or took again, as known when.

A payment, its return, the return taken back: each nets against the one before it, so all of a chain are for what the
first one was for, whatever the ledger calls the later ones, and each turns the direction of the one before round.

::

    paid       -100  groceries                               leaves
    returned   +100  returned_payment, reverses paid         gives back
    paid again -100  returned_payment, reverses returned     leaves, for groceries

Few rows are a link of such a chain, so they are followed here, one by one, and `events.py` joins the answer. It is made
of spans of known time, as `holders.py`'s rectangles are: until an original is known the rows that lead back to it are
for what they say themselves, and a correction of it is one of theirs. Neighbours: `events.py`, `reads_publish.py`.
"""

from contextlib import suppress
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import pyarrow as pa

from bank360.storage.warehouse import Warehouse

# Reversals that something else reverses.
LINKS = (
    "SELECT reverses_id FROM transactions WHERE reverses_id IN"
    " (SELECT transaction_id FROM transactions WHERE reverses_id IS NOT NULL)"
)
_EVER = datetime.fromisoformat("0001-01-01T00:00:00")
_TEXT, _INSTANT = pa.string(), pa.timestamp("us")
_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("transaction_id", _TEXT),
    ("category", _TEXT),
    ("gives_back", pa.bool_()),
    ("known_from", _INSTANT),
    ("known_to", _INSTANT),
]


class _Span(NamedTuple):
    known_from: datetime
    known_to: datetime | None
    category: str | None
    gives_back: bool


class _Version(NamedTuple):
    known_from: datetime
    known_to: datetime | None
    category: str
    reverses: str | None


def reversals(warehouse: Warehouse, wanted: str = LINKS) -> pa.Table:
    """Return what some transactions were for and whether they give back, as known when.

    Parameters
    ----------
    wanted
        A SELECT of ids of transactions.

    Returns
    -------
    pa.Table
        ``transaction_id``, ``category``, ``gives_back``, ``known_from``, ``known_to`` (null: it stands). A row is a
        span of known time; those of one transaction do not overlap and reach back for ever: before it was known its
        category is null.
    """
    versions = _versions(warehouse, wanted)
    asked = sorted(versions)
    reached = _originals(versions)
    while missing := reached - versions.keys():
        names = pa.table({"transaction_id": pa.array(sorted(missing), pa.string())})
        found = _versions(warehouse, "SELECT transaction_id FROM missing", {"missing": names})
        versions |= found
        reached = _originals(found)
    told = _told(versions)
    rows = [{"transaction_id": name, **span._asdict()} for name in asked for span in told[name]]
    return pa.Table.from_pylist(rows, pa.schema(_COLUMNS))


def _originals(versions: dict[str, list[_Version]]) -> set[str]:
    return {one.reverses for found in versions.values() for one in found if one.reverses is not None}


def _versions(
    warehouse: Warehouse, wanted: str, beside: dict[str, pa.Table] | None = None
) -> dict[str, list[_Version]]:
    """Return the versions of some transactions, by id; those that nobody delivered are absent."""
    rows = warehouse.query(
        "SELECT transaction_id, known_time, superseded_time, CAST(category AS VARCHAR) AS category, reverses_id"
        f" FROM transactions WHERE transaction_id IN ({wanted}) ORDER BY transaction_id, known_time",
        (),
        beside,
    )
    found: dict[str, list[_Version]] = {}
    for name, *said in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        found.setdefault(name, []).append(_Version(*said))
    return found


def _told(versions: dict[str, list[_Version]]) -> dict[str, list[_Span]]:
    """Return the spans of each transaction, originals first; what leads into a circle is for what it says itself."""
    order = TopologicalSorter({name: _originals({name: own}) & versions.keys() for name, own in versions.items()})
    with suppress(CycleError):  # it goes as far as the circles
        order.prepare()
    told: dict[str, list[_Span]] = {}
    while ready := order.get_ready():
        told |= {name: _spans(versions[name], told) for name in ready}
        order.done(*ready)
    return told | {name: _spans(own, {}) for name, own in versions.items() if name not in told}


def _spans(own: list[_Version], told: dict[str, list[_Span]]) -> list[_Span]:
    """Return the spans of one transaction from those of what it reverses."""
    spans = [_Span(_EVER, own[0].known_from, None, False)]
    for one in own:
        for before in told.get(one.reverses or "", [_Span(_EVER, None, None, one.reverses is None)]):
            ends = [end for end in (one.known_to, before.known_to) if end is not None]
            span = _Span(
                max(one.known_from, before.known_from),
                min(ends, default=None),
                before.category or one.category,
                not before.gives_back,
            )
            if span.known_to is None or span.known_from < span.known_to:
                spans.append(span)
    return spans
