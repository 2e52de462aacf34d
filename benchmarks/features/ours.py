"""Our engine: pyarrow reads the file, the public functions pack and compute. Nothing here but declarations.

Of the readers tried (CPU seconds for these 10 M rows): pyarrow keeping the dictionaries 0.30, DuckDB 0.50 to 0.65
(texts are written out, or cast to enumerations at 1.0), pyarrow writing texts out 0.55.

The result comes partition by partition of customers, as a build writes it; every value of the 31 columns is delivered
as a double.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bank360.features.chunks import Room
from bank360.features.compute import FeaturePart, compute_in_parts
from bank360.features.feature import AnyFeature, Calendar, Feature
from bank360.features.history import Histories, Partition, StreamHistory, packed_stream
from bank360.features.layout import layouts
from bank360.features.ops import Op
from bank360.features.spilling import Outside
from bank360.features.spine import Snapshots
from bank360.storage.unnamed_files import UnnamedFiles
from benchmarks.features.columns import AMOUNT, COLUMNS, declarations
from benchmarks.features.data import DAY, month_ends
from benchmarks.features.memory import own_memory
from benchmarks.features.stages import ALL, COMPUTE, PACK, READ, SORT, WRITE, Stages, cpu

NAMES = {"customer_id": "customer", "ts": "event_time"}
TEXTS = ("channel", "country")
BATCH = 262_144  # half of it takes 3 to 8 % more CPU; twice it takes no less, and more memory
SCHEMA = pa.schema([(name, pa.float64()) for name in COLUMNS])
_OF_A_STREAM = ("layout", "chunks", "late", "stands_from", "noticed")
BUDGET = 16_000_000  # bytes
PAIRS = 11
BUFFER = 65_536  # bytes read ahead: without it a column of a row group is read whole, into memory never touched before


def scan(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the events as `features.scan` says."""
    file = pq.ParquetFile(path, read_dictionary=list(TEXTS), pre_buffer=False, buffer_size=BUFFER)
    names = [NAMES.get(name, name) for name in file.schema_arrow.names]
    for batch in file.iter_batches(BATCH, use_threads=False):
        yield batch.rename_columns(names)


def parts(path: Path, n_customers: int, threads: int, outside: Outside | None = None) -> Iterator[FeaturePart]:
    """Yield the 31 columns of every customer at every month end, some customers at a time; ``threads`` compute them.

    A batch is packed by the thread that has read it: on another it took 1.40 CPU seconds instead of 1.18, and 0.84 on
    the clock instead of 0.95 (medians of eight runs in turn).
    """
    features = declarations()
    layout = layouts(features)["transactions"]
    events = packed_stream(scan(path), layout, n_customers, "UTC", outside=outside)
    histories = Histories(n_customers, "UTC", {"transactions": events})
    yield from compute_in_parts(histories, Snapshots(n_customers, month_ends() * DAY), features, COLUMNS, threads)


def run(path: Path, n_customers: int, threads: int, stages: Stages, keep: Callable[[FeaturePart], None]) -> None:
    """Hand every part to ``keep``."""
    for part in parts(path, n_customers, threads):
        keep(part)
    stages.end(ALL)


def with_little_memory(path: Path, n_customers: int, threads: int, stages: Stages) -> float:
    """Compute as `run` does with packed events in `BUDGET` of memory at most; return the peak of our own memory in MB.

    Own memory is what the system cannot have back; the pages of the file that holds the other events it can.
    """
    with own_memory() as most, tempfile.TemporaryDirectory(dir=path.parent) as folder:
        for _ in parts(path, n_customers, threads, UnnamedFiles(Path(folder), BUDGET)):
            pass
    stages.end(ALL)
    return most()


def write_one_part(part: FeaturePart, path: Path) -> None:
    """Write a part as Parquet, in the place of what was there."""
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        writer.write_batch(pa.record_batch(list(part.values.T), schema=SCHEMA))


@dataclass(frozen=True)
class _Told(StreamHistory):
    """A stream that tells what its partitions cost."""

    stages: Stages = field(default_factory=Stages)

    def partition(self, p: int, room: Room) -> Partition:
        """Return what the stream does."""
        with self.stages.aside(SORT):
            return super().partition(p, room)


def by_stage(path: Path, n_customers: int, stages: Stages, one_more: bool) -> None:
    """Compute and write every part on one thread, each stage told from the next; a part takes the last one's place.

    So it needs room for one part, in memory and on disk: at a billion values the whole would be gigabytes. What one
    more feature costs is measured afterwards, where ``one_more``.
    """
    features = declarations()
    packed = packed_stream(_read(path, stages), layouts(features)["transactions"], n_customers, "UTC")
    stages.end(PACK)
    told = _Told(n_customers=n_customers, stages=stages, **{name: getattr(packed, name) for name in _OF_A_STREAM})
    histories = Histories(n_customers, "UTC", {"transactions": told})
    with tempfile.TemporaryDirectory() as folder:
        for part in compute_in_parts(histories, Snapshots(n_customers, month_ends() * DAY), features, COLUMNS):
            with stages.aside(WRITE):
                write_one_part(part, Path(folder) / "part.parquet")
        stages.end(COMPUTE)
    stages.seconds = {name: stages.seconds[name] for name in (READ, PACK, SORT, COMPUTE, WRITE)}
    if one_more:
        _one_more(Histories(n_customers, "UTC", {"transactions": packed}), features, n_customers, stages)


def _read(path: Path, stages: Stages) -> Iterator[pa.RecordBatch]:
    batches = scan(path)
    while True:
        with stages.aside(READ):
            batch = next(batches, None)
        if batch is None:
            return
        yield batch


def _one_more(histories: Histories, features: tuple[AnyFeature, ...], n_customers: int, stages: Stages) -> None:
    """Compute with and without one more feature: the median difference of `PAIRS` neighbours, each first in turn.

    What 2 % of the run are, the host's changes of speed are too; those between neighbours are fewest.
    """
    more = Feature("sum_180", AMOUNT, Op.SUM, Calendar(180), "minor units", "sum")
    cases = {"without": (features, COLUMNS), "with": ((*features, more), (*COLUMNS, more.name))}
    differences = []
    for pair in range(PAIRS):
        spent = {}
        for which in list(cases)[:: 1 if pair % 2 else -1]:
            before = cpu()
            snapshots = Snapshots(n_customers, month_ends() * DAY)
            for _ in compute_in_parts(histories, snapshots, *cases[which]):
                pass
            spent[which] = cpu() - before
        differences.append(spent["with"] - spent["without"])
    stages.seconds["one more feature"] = statistics.median(differences)
