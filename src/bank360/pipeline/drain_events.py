"""Bring events that arrived by the API to the landing zone and into the warehouse, as a delivery of their own.

In this order, so that a kill anywhere loses and doubles nothing: the rows are written as a delivery and loaded, whole
or not at all; then the store notes that they are drained. Killed in between, they are drained again, and rows that the
warehouse has already change nothing. They go on counting online until a version has them (`arrived.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import EventPrecision
from bank360.pipeline.ingest import ingest
from bank360.pipeline.progress import Progress, silent
from bank360.sources.arrived_events import ARRIVED_EVENTS
from bank360.storage.deliveries import begin, write_rows
from bank360.storage.new_events import NewEvent, mark_drained, undrained
from bank360.storage.store.engine import Store
from bank360.storage.warehouse import Warehouse

MOST_AT_ONCE = 100_000  # events of one delivery
_TABLE = TABLE_BY_NAME["transactions"]


@dataclass(frozen=True)
class Drained:
    """How many events were brought to the warehouse, and in which loads."""

    events: int
    batch_ids: tuple[str, ...]


def drain_events(
    store: Store,
    warehouse: Warehouse,
    landing: Path,
    folder: Path,
    received_at: datetime,
    settings: Mapping[str, Any],
    progress: Progress = silent,
) -> Drained:
    """Drain all that has arrived and is not drained.

    Parameters
    ----------
    landing
        The landing zone's folder.
    folder
        Where the delivery is written before it is received; emptied each time.
    received_at
        Now (aware).
    settings
        What the delivery is stored with, so that a rebuild reads it again.

    Raises
    ------
    DataRefused
        If the warehouse refuses the rows: they stay in the store, and go on counting online.
    NotReady
        If an earlier delivery is unfinished.
    """
    drained = 0
    batches: list[str] = []
    while True:
        with store.reading() as connection:
            events = undrained(connection, MOST_AT_ONCE)
        if not events:
            return Drained(drained, tuple(batches))
        begin(folder)
        write_rows(folder / _TABLE.name / f"{_TABLE.name}-00000.parquet", canonical_rows(events))
        report = ingest(ARRIVED_EVENTS, folder, landing, warehouse, received_at, progress, settings)
        batch = report.batch_id or _KNOWN
        with store.writing() as connection:
            mark_drained(connection, [event.event_id for event in events], batch)
        drained += len(events)
        batches.append(batch)


_KNOWN = "known"  # the very bytes were loaded before: a run was killed after the load


def canonical_rows(events: Sequence[NewEvent]) -> pa.Table:
    """Return events as rows of the canonical table, with when they became known."""
    columns: dict[str, Any] = {}
    told = [_row(event) for event in events]
    for column in _TABLE.columns:
        values = [row.get(column.name) for row in told]
        if column.type == "timestamp":
            columns[column.name] = pa.array(values, pa.int64()).cast(pa.timestamp("us"))
        else:
            columns[column.name] = pa.array(values, column.arrow_type)
    columns["known_time"] = pa.array([event.known_us for event in events], pa.int64()).cast(pa.timestamp("us"))
    return pa.table(columns)


def _row(event: NewEvent) -> dict[str, Any]:
    return {
        **event.fields,
        "transaction_id": event.event_id,
        "account_id": event.account_id,
        "actor_customer_id": event.actor,
        "event_time": event.event_us,
        "event_precision": str(EventPrecision.SECOND),
        "booked_on": date.fromisoformat(event.fields["booked_on"]),
    }
