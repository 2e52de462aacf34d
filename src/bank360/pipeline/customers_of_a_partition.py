"""Features of some customers from all their events: what an engine runs on each partition of customers.

The same packing and the same kernel as for the whole bank, on the customers of one partition alone: sums are exact
integers, so it does not matter who is computed with whom, or in which order events come. Neighbours: `on_spark.py`
sends it to workers, `build.py` does the same for the whole bank on one machine.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.compute import compute
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories, StreamHistory, packed_stream
from bank360.features.income_events import income_events
from bank360.features.layout import layouts
from bank360.features.needs import Need
from bank360.features.scan import INCOME, EventScan
from bank360.features.spine import Snapshots, Spine
from bank360.storage.events import with_instants

ROW, TOLD = "row", "told"
_NOBODY = -1


@dataclass(frozen=True)
class Task:
    """What to compute of the customers of a partition; the same for all partitions.

    Parameters
    ----------
    features
        Declarations; every input of a derived one is among them.
    names
        The numeric ones wanted, in this order.
    scans
        What was read of the customers' events.
    zone, country
        The bank's own.
    known_from
        As `Histories.known_from`.
    as_ofs
        The instants at which each customer is described, ascending; None: each row of the spine has its own.
    """

    features: tuple[AnyFeature, ...]
    names: tuple[str, ...]
    scans: tuple[EventScan, ...]
    zone: str
    country: str
    known_from: Mapping[Need, int]
    as_ofs: tuple[int, ...] | None

    @property
    def answer(self) -> pa.Schema:
        """What comes back: the number of the row in the spine, its features, and what was noticed (in a row -1)."""
        fields: list[pa.Field[Any]] = [pa.field(ROW, pa.int64()), pa.field(TOLD, pa.string())]
        return pa.schema([*fields, *(pa.field(name, pa.float64()) for name in self.names)])


def described_rows(task: Task, spine: pa.Table, events: Mapping[str, Sequence[pa.RecordBatch]]) -> pa.RecordBatch:
    """Return the features of the rows of some customers, as `Task.answer` has them.

    Parameters
    ----------
    task
        What to compute.
    spine
        The rows: ``customer``, ``row``, ``as_of`` and numeric spine columns; of snapshots a row per customer.
    events
        By stream the customers' events, columns as `features.scan` says; those of anybody else are passed over.
    """
    customer = spine["customer"].to_numpy()
    own = np.unique(customer[customer >= 0])
    by_stream = layouts(task.features)
    streams: dict[str, StreamHistory] = {}
    for scan in task.scans:
        batches = [_of(own, batch, scan, task.zone) for batch in events.get(scan.stream.name, ())]
        if scan.stream.name == INCOME:
            batches = [income_events(batches, task.zone, task.country)]
        streams[scan.stream.name] = packed_stream(batches, by_stream[scan.stream.name], len(own), task.zone)
    histories = Histories(len(own), task.zone, streams, task.known_from)
    rows, asked = _asked(task, spine, own)
    matrix = compute(histories, asked, task.features, task.names)
    told = json.dumps({name: [s.events, dict(s.noticed.clipped), s.noticed.dated] for name, s in streams.items()})
    n = len(rows)
    columns: list[Any] = [
        pa.array(np.append(rows, _NOBODY)),
        pa.array([None] * n + [told], pa.string()),
        *(pa.array(np.append(matrix.values[:, place], np.nan)) for place in range(len(task.names))),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=task.answer)


def _of(own: npt.NDArray[np.int32], batch: pa.RecordBatch, scan: EventScan, zone: str) -> pa.RecordBatch:
    """Return events with their customers numbered as in ``own`` (-1: none of them) and their times as instants."""
    customer = batch.column("customer").to_numpy()
    place = np.searchsorted(own, customer)
    place[place == len(own)] = 0
    found = np.where(own[place] == customer, place, _NOBODY) if len(own) else np.full(len(customer), _NOBODY)
    numbered = batch.set_column(batch.schema.get_field_index("customer"), "customer", pa.array(found.astype(np.int32)))
    return with_instants(numbered, zone) if scan.stream.date_only else numbered


def _asked(task: Task, spine: pa.Table, own: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], Spine | Snapshots]:
    """Return the rows' numbers in the bank's spine, and the same rows as a spine of the partition's customers."""
    if task.as_ofs is not None:
        instants = np.array(task.as_ofs, dtype=np.int64)
        rows = own.astype(np.int64)[:, None] * len(instants) + np.arange(len(instants))
        return rows.reshape(-1), Snapshots(len(own), instants)
    customer = spine["customer"].to_numpy()
    place = np.where(customer >= 0, np.searchsorted(own, customer), _NOBODY).astype(np.int32)
    columns = {name: spine[name].to_numpy() for name in spine.column_names if name not in ("customer", ROW, "as_of")}
    row: npt.NDArray[np.int64] = spine[ROW].to_numpy()
    return row, Spine(row, place, spine["as_of"].to_numpy(), columns)
