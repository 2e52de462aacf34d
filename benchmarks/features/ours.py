"""Our engine: pyarrow reads the file, the public functions pack and compute. Nothing here but declarations.

Of the readers tried (CPU seconds for these 10 M rows): pyarrow keeping the dictionaries 0.30, DuckDB 0.50 to 0.65
(texts are written out, or cast to enumerations at 1.0), pyarrow writing texts out 0.55.

The result comes partition by partition of customers, as a build writes it; every value of the 31 columns is delivered
as a double.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bank360.features.chunks import Room, partitions_of
from bank360.features.compute import FeaturePart, compute_in_parts
from bank360.features.feature import AnyFeature, Calendar, Feature
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.ops import Op
from bank360.features.spine import Snapshots
from benchmarks.features.columns import AMOUNT, COLUMNS, declarations
from benchmarks.features.data import DAY, month_ends
from benchmarks.features.stages import COMPUTE, WRITE, Stages, cpu

NAMES = {"customer_id": "customer", "ts": "event_time"}
TEXTS = ("channel", "country")
BATCH = 131_072
SCHEMA = pa.schema([(name, pa.float64()) for name in COLUMNS])
BUFFER = 65_536  # bytes read ahead: without it a column of a row group is read whole, into memory never touched before


def scan(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the events as `features.scan` says."""
    file = pq.ParquetFile(path, read_dictionary=list(TEXTS), pre_buffer=False, buffer_size=BUFFER)
    names = [NAMES.get(name, name) for name in file.schema_arrow.names]
    for batch in file.iter_batches(BATCH, use_threads=False):  # the threads are for packing
        yield batch.rename_columns(names)


def parts(path: Path, n_customers: int, threads: int) -> Iterator[FeaturePart]:
    """Yield the 31 columns of every customer at every month end, some customers at a time."""
    features = declarations()
    layout = layouts(features)["transactions"]
    events = packed_stream(scan(path), layout, n_customers, "UTC", threads)
    histories = Histories(n_customers, "UTC", {"transactions": events})
    yield from compute_in_parts(histories, Snapshots(n_customers, month_ends() * DAY), features, COLUMNS, threads)


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Callable[[FeaturePart], None]) -> None:
    """Hand every part to ``keep``."""
    for part in parts(path, n_customers, threads):
        keep(part)
    stages.end(COMPUTE)


def and_write(path: Path, n_customers: int, threads: int, stages: Stages) -> None:
    """Compute as `run` does and write every part, `WRITE` apart from the rest; a part takes the last one's place.

    So it needs room for one part, in memory and on disk: at a billion values the whole would be gigabytes.
    """
    with tempfile.TemporaryDirectory() as folder:
        for part in parts(path, n_customers, threads):
            with stages.aside(WRITE):
                write_one_part(part, Path(folder) / "part.parquet")
        stages.end(COMPUTE)


def write_one_part(part: FeaturePart, path: Path) -> None:
    """Write a part as Parquet, in the place of what was there."""
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        writer.write_batch(pa.record_batch(list(part.values.T), schema=SCHEMA))


def by_stage(path: Path, n_customers: int, stages: Stages) -> None:
    """Run the stages one after the other on one thread, so that each can be told from the next."""
    features = declarations()
    batches = list(scan(path))
    stages.end("read")
    events = packed_stream(batches, layouts(features)["transactions"], n_customers, "UTC")
    batches.clear()
    stages.end("pack")
    room = Room()
    for number in range(partitions_of(n_customers)):
        events.partition(number, room)
    stages.end("partition and sort")
    histories = Histories(n_customers, "UTC", {"transactions": events})
    with tempfile.TemporaryFile() as file, pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for part in compute_in_parts(histories, Snapshots(n_customers, month_ends() * DAY), features, COLUMNS):
            with stages.aside(WRITE):
                writer.write_batch(pa.record_batch(list(part.values.T), schema=SCHEMA))
        stages.end("compute, partition and sort again")
    _one_more(histories, features, n_customers, stages)


def _one_more(histories: Histories, features: tuple[AnyFeature, ...], n_customers: int, stages: Stages) -> None:
    """Compute with and without one more feature, in turn, five times: medians, so that 2 % can be told apart."""
    more = Feature("sum_180", AMOUNT, Op.SUM, Calendar(180), "minor units", "sum")
    spent: dict[str, list[float]] = {"without": [], "with": []}
    cases = {"without": (features, COLUMNS), "with": ((*features, more), (*COLUMNS, more.name))}
    for _ in range(5):
        for which, (wanted, columns) in cases.items():
            before = cpu()
            snapshots = Snapshots(n_customers, month_ends() * DAY)
            for _ in compute_in_parts(histories, snapshots, wanted, columns):
                pass
            spent[which].append(cpu() - before)
    stages.seconds["one more feature"] = statistics.median(spent["with"]) - statistics.median(spent["without"])
