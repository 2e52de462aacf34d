"""Which events a feature counts at an instant: what a value was computed from, for people who ask.

Plain and one event at a time, where the kernel is fast and reads packed histories. `tests/features/test_counting.py`
holds the op over these events to the kernel's value. Neighbours: `scan.py` says what an event holds, `spine.py` gives
the windows' edges.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import local_hours
from bank360.features.feature import Condition, Feature
from bank360.features.packing import tokens
from bank360.features.spine import window_edges

Event = Mapping[str, Any]
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """One event that counts; ``number`` is what the measure reads off it, None where it reads a name (distinct)."""

    event: Event
    number: int | None


def counted_events(events: Iterable[Event], feature: Feature, as_of: int, zone: str) -> tuple[Counted, ...]:
    """Return the events that a feature counts at an instant, earliest first.

    Parameters
    ----------
    events
        One customer's, of the feature's stream, in any order: ``event_time``, ``known_time`` and ``superseded_time``
        (microseconds UTC; None: it stands), ``date_only``, and the columns that the measure reads.
    as_of
        Instant in microseconds (UTC).
    zone
        The bank's zone.
    """
    low, high = edges(feature, as_of, zone)
    found = [
        Counted(event, _number(event, feature))
        for event in events
        if _visible(event, as_of) and low <= event["event_time"] < high and _measured(event, feature, zone)
    ]
    return tuple(sorted(found, key=lambda one: one.event["event_time"]))


def edges(feature: Feature, as_of: int, zone: str) -> tuple[int, int]:
    """Return a feature's window ``[low, high)`` at an instant, in microseconds (UTC); low is `FIRST` of a lifetime."""
    _, low, high = window_edges(np.array([as_of]), (feature.window,), zone, timed=True)
    return int(low[0, 0]), int(high[0, 0])


def income_named(income: Iterable[Event], rows: Iterable[Event]) -> list[Event]:
    """Return events of the stream ``income`` with the ``transaction_id`` of the row that each one is.

    Parameters
    ----------
    income
        The events; ``credit`` is the hash of the id.
    rows
        The rows that they were made of, with their ``transaction_id``.
    """
    ids = list(dict.fromkeys(str(row["transaction_id"]) for row in rows))
    named = dict(zip(tokens(pa.array(ids, pa.string())).tolist(), ids, strict=True))
    return [{**event, "transaction_id": named[event["credit"]]} for event in income]


def _visible(event: Event, as_of: int) -> bool:
    superseded = event["superseded_time"]
    return event["known_time"] < as_of and (superseded is None or superseded >= as_of)


def _measured(event: Event, feature: Feature, zone: str) -> bool:
    column = feature.measure.column
    if feature.needs_time_of_day and event["date_only"]:
        return False
    if column is not None and event[column] is None:
        return False
    return all(_holds(event, condition, zone) for condition in feature.measure.where)


def _holds(event: Event, condition: Condition, zone: str) -> bool:
    name, comparison, values = condition
    if name == "local_hour":
        read = None if event["date_only"] else int(local_hours([event["event_time"]], zone)[0])
    else:
        read = event[name]
    if read is None:
        return comparison == "is null"
    if comparison in _COMPARED:
        return bool(_COMPARED[comparison](read, values[0]))
    return {"in": read in values, "not in": read not in values, "not null": True, "is null": False}[comparison]


def _number(event: Event, feature: Feature) -> int | None:
    measure = feature.measure
    if measure.column is None:
        return 1
    read = event[measure.column]
    if not isinstance(read, int):
        return None
    return measure.sign * max(-measure.limit, min(measure.limit, read))
