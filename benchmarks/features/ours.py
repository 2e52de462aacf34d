"""Our engine: DuckDB scans, the public functions pack and compute. Nothing here but declarations.

The result comes partition by partition of customers, as a build writes it; every value of the 31 columns is delivered
as a double.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.chunks import Room, partitions_of
from bank360.features.compute import FeaturePart, compute_in_parts
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.spine import Snapshots
from benchmarks.features.columns import COLUMNS, declarations
from benchmarks.features.data import DAY, month_ends
from benchmarks.features.stages import Stages

SQL = "SELECT customer_id AS customer, ts AS event_time, amount, merchant_id, channel, country FROM read_parquet(?)"


def scan(path: Path, threads: int) -> Iterator[pa.RecordBatch]:
    """Yield the events as `features.scan` says."""
    connection = duckdb.connect(config={"threads": threads, "preserve_insertion_order": False})
    yield from connection.sql(SQL, params=[str(path)]).to_arrow_reader(131_072)
    connection.close()


def parts(path: Path, n_customers: int, threads: int) -> Iterator[FeaturePart]:
    """Yield the 31 columns of every customer at every month end, some customers at a time."""
    features = declarations()
    layout = layouts(features)["transactions"]
    events = packed_stream(scan(path, threads), layout, n_customers, "UTC", threads)
    histories = Histories(n_customers, "UTC", {"transactions": events})
    yield from compute_in_parts(histories, Snapshots(n_customers, month_ends() * DAY), features, COLUMNS, threads)


def run(
    path: Path, n_customers: int, threads: int, stages: Stages, keep: Callable[[FeaturePart], None]
) -> npt.NDArray[np.float64]:
    """Hand every part to ``keep``, whose cost is not counted."""
    for part in parts(path, n_customers, threads):
        with stages.apart():
            keep(part)
    stages.end("read, pack, partition, compute")
    return np.empty((0, 0))


def by_stage(path: Path, n_customers: int, stages: Stages) -> None:
    """Run the stages one after the other on one thread, so that each can be told from the next."""
    features = declarations()
    batches = list(scan(path, 1))
    stages.end("read")
    events = packed_stream(batches, layouts(features)["transactions"], n_customers, "UTC")
    batches.clear()
    stages.end("pack")
    room = Room()
    for number in range(partitions_of(n_customers)):
        events.partition(number, room)
    stages.end("partition and sort")
    histories = Histories(n_customers, "UTC", {"transactions": events})
    for _ in compute_in_parts(histories, Snapshots(n_customers, month_ends() * DAY), features, COLUMNS):
        pass
    stages.end("compute, partition and sort again")
