"""Bring what arrived by the API, transactions and interactions, to the landing zone and into the warehouse.

Each is a delivery of its own. In this order, so that a kill anywhere loses and doubles nothing: the rows are written as
a delivery and loaded, whole or not at all; then the store notes that they are drained. Killed in between, they are
drained again, and rows that the warehouse has already change nothing. Transactions go on counting online until a
version has them (`arrived.py`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY, instant
from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import EventPrecision
from bank360.pipeline.ingest import ingest
from bank360.pipeline.progress import Progress, silent
from bank360.sources.arrived_events import ARRIVED_EVENTS, ARRIVED_INTERACTIONS
from bank360.sources.source import Source
from bank360.storage.deliveries import begin, write_rows
from bank360.storage.new_events import NewEvent, mark_drained, undrained
from bank360.storage.new_interactions import (
    NewInteraction,
    forget_drained,
    mark_interactions_drained,
    undrained_interactions,
)
from bank360.storage.reads_publish import DAYS_OF_ARRIVAL
from bank360.storage.store.engine import Store
from bank360.storage.warehouse import Warehouse

MOST_AT_ONCE = 100_000  # rows of one delivery
_TABLE, _INTERACTIONS = TABLE_BY_NAME["transactions"], TABLE_BY_NAME["interactions"]
Arrived = TypeVar("Arrived")


@dataclass(frozen=True)
class Drained:
    """How many events and interactions were brought to the warehouse, and in which loads."""

    events: int
    interactions: int
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
        What a delivery is stored with besides its kind, so that a rebuild reads it again.

    Raises
    ------
    DataRefused
        If the warehouse refuses the rows: they stay in the store, and transactions go on counting online.
    NotReady
        If an earlier delivery is unfinished.
    """

    def load(source: Source, rows: pa.Table) -> str:
        (file,) = source.files
        begin(folder)
        write_rows(folder / file.name / f"{file.name}-00000.parquet", rows)
        told = {"kind": source.name, **settings}
        return ingest(source, folder, landing, warehouse, received_at, progress, told).batch_id or _KNOWN

    batches: list[str] = []

    def bring(
        source: Source,
        waiting: Callable[[Any, int], Sequence[Arrived]],
        rows_of: Callable[[Sequence[Arrived]], pa.Table],
        id_of: Callable[[Arrived], str],
        mark: Callable[[Any, Sequence[str], str], None],
    ) -> int:
        brought = 0
        while True:
            with store.reading() as connection:
                some = waiting(connection, MOST_AT_ONCE)
            if not some:
                return brought
            batches.append(load(source, rows_of(some)))
            with store.writing() as connection:
                mark(connection, [id_of(one) for one in some], batches[-1])
            brought += len(some)

    events = bring(ARRIVED_EVENTS, undrained, canonical_rows, lambda one: one.event_id, mark_drained)
    interactions = bring(
        ARRIVED_INTERACTIONS, undrained_interactions, interaction_rows, lambda one: one.interaction_id,
        mark_interactions_drained,
    )  # fmt: skip
    if interactions:
        with store.writing() as connection:
            forget_drained(connection, instant(received_at) - (DAYS_OF_ARRIVAL + 1) * MICROS_PER_DAY)
    return Drained(events, interactions, tuple(batches))


_KNOWN = "known"  # the very bytes were loaded before: a run was killed after the load


def canonical_rows(events: Sequence[NewEvent]) -> pa.Table:
    """Return events as rows of the canonical table, with when they became known."""
    return _rows(_TABLE, [_row(event) for event in events], [event.known_us for event in events])


def interaction_rows(interactions: Sequence[NewInteraction]) -> pa.Table:
    """Return interactions as rows of the canonical table, with when they became known."""
    told = [
        {**one.fields, "interaction_id": one.interaction_id, "customer_id": one.customer_key, "at": one.at_us}
        for one in interactions
    ]
    return _rows(_INTERACTIONS, told, [one.known_us for one in interactions])


def _rows(table: Table, told: Sequence[Mapping[str, Any]], known: Sequence[int]) -> pa.Table:
    columns: dict[str, Any] = {}
    for column in table.columns:
        values = [row.get(column.name) for row in told]
        if column.type == "timestamp":
            columns[column.name] = pa.array(values, pa.int64()).cast(pa.timestamp("us"))
        else:
            columns[column.name] = pa.array(values, column.arrow_type)
    columns["known_time"] = pa.array(known, pa.int64()).cast(pa.timestamp("us"))
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
