"""A customer's history as it is now: what the version has, and the transactions that arrived since.

An event counts once, whether the version has it by now or not: the version says which ids it has. It is described as
the warehouse will describe it when it has been drained (`storage/events.py`): whose it is, whether it is abroad or in
the bank's own money, and what a reversal gives back. So features are the same before and after the next publish.
Income is made anew of all credits: the third of a cycle makes salaries of the first two, and a reversal ends one.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.credits import WIDTH, credits_in
from bank360.features.history_bytes import history_of, with_events
from bank360.features.income_events import income_among
from bank360.features.layout import Layout
from bank360.features.one_history import OneHistory, no_events, one_history, partitions_in
from bank360.features.packing import pack
from bank360.features.scan import INCOME
from bank360.storage.new_events import NewEvent
from bank360.storage.published import Version, VersionMeta

_TEXTS = ("category", "channel", "country", "merchant_id", "reverses_id", "scheme", "counterparty_token", "currency")


def history_now(
    version: Version, packed: Mapping[str, Layout], customer_id: str, data: bytes, arrived: Sequence[NewEvent]
) -> OneHistory:
    """Return a customer's history with those of ``arrived`` that the version lacks.

    Parameters
    ----------
    packed
        How histories are packed.
    data
        The customer's history as published.
    """
    history = history_of(data, packed)
    if not arrived:
        return history
    named = {event.event_id for event in arrived}
    reversed_ids = {event.fields["reverses_id"] for event in arrived} - {None}
    had = version.purposes(sorted(named | reversed_ids))
    fresh = [event for event in arrived if event.event_id not in had]
    if not fresh:
        return history
    batch, zone = _batch(fresh, had, version.meta), version.meta.zone
    own = packed["transactions"]
    grown = partitions_in(history, packed)
    grown["transactions"] = with_events(grown["transactions"], own, pack(batch, own, zone))
    more = credits_in([batch], zone)
    if len(more):
        before: npt.NDArray[np.int64] = np.frombuffer(version.credits(customer_id), dtype=np.int64).reshape(-1, WIDTH)
        found = income_among(np.concatenate([before, more]), zone, version.meta.country)
        layout = packed[INCOME]
        grown[INCOME] = with_events(no_events(layout), layout, pack(found, layout, zone))
    return one_history(grown, packed)


def _batch(events: Sequence[NewEvent], published: Mapping[str, tuple[str, bool]], meta: VersionMeta) -> pa.RecordBatch:
    """Return events as the stream of transactions gives them; `features/scan.py` says which columns."""
    n = len(events)
    amount = np.array([event.fields["amount"] for event in events], dtype=np.int64)
    texts = {name: pa.array([event.fields[name] for event in events], pa.string()) for name in _TEXTS}
    told = _told(events, published)
    reverses = [event.fields["reverses_id"] for event in events]
    before = [None if original is None else told.get(original) for original in reverses]
    purpose = [event.fields["category"] if one is None else one[0] for event, one in zip(events, before, strict=True)]
    leaves = [original is None or (one is not None and one[1]) for original, one in zip(reverses, before, strict=True)]
    return pa.record_batch(
        {
            "customer": pa.array(np.zeros(n, dtype=np.int32)),
            "event_time": pa.array([event.event_us for event in events], pa.int64()),
            "known_time": pa.array([event.known_us for event in events], pa.int64()),
            "date_only": pa.array([False] * n),
            "transaction_id": pa.array([event.event_id for event in events], pa.string()),
            **texts,
            "amount": pa.array(amount),
            "home_currency": pa.array([event.fields["currency"] == meta.currency for event in events]),
            "abroad": pa.array([event.fields["country"] != meta.country for event in events]),
            "purpose": pa.array(purpose, pa.string()),
            "outgoing": pa.array((amount < 0) == np.array(leaves)),
        }
    )


def _told(events: Sequence[NewEvent], published: Mapping[str, tuple[str, bool]]) -> dict[str, tuple[str, bool]]:
    """Return what events and published transactions were for and whether they give back, as `storage/reversals.py`."""
    told = dict(published)
    waiting = {event.event_id: event.fields for event in events}
    circling: set[str] = set()  # and what leads into a circle
    for first in waiting:
        chain: dict[str, None] = {}
        link: str | None = first
        while link in waiting and link not in told and link not in chain:
            chain[link] = None
            link = waiting[link]["reverses_id"]
        if link in chain or link in circling:
            circling |= chain.keys()
        for name in reversed(chain):
            own = waiting[name]
            before = None if name in circling else told.get(own["reverses_id"] or "")
            itself = (own["category"], own["reverses_id"] is not None)
            told[name] = itself if before is None else (before[0], not before[1])
    return told
