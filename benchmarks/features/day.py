"""One more day: its file to updated histories on disk and the latest snapshot of who acted in it, beside a rebuild.

The landing zone is the benchmark's Parquet file; the day is its last local day, in a file of its own. A *rebuild* reads
the landing zone, packs it, keeps the histories durably, and describes everybody at the end. A *day* opens the histories
kept without it, reads its file, adds a layer durably, and describes whom it touches. Each run is a process of its own;
not counted: imports and a first run on 50,000 rows, which loads compiled code. A day is forgotten again, so that one
base serves several. Prints one JSON line.
"""

import json
import resource
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bank360.features.compute import FeatureMatrix
from bank360.features.history import Histories, packed_stream
from bank360.features.latest import latest
from bank360.features.layers import LayeredStream, day_parts, layer_parts
from bank360.features.layout import layouts
from bank360.storage.kept_histories import MANIFEST, Kept, keep, open_kept, write_layers
from benchmarks.features.columns import COLUMNS, declarations
from benchmarks.features.contender import WARM_UP_ROWS
from benchmarks.features.data import DAY, DAYS, FIRST_DAY, FOLDER, customers_of, transactions
from benchmarks.features.ours import scan
from benchmarks.features.stages import Stages

FEATURES = declarations()
LAYOUT = layouts(FEATURES)["transactions"]
STREAM = "transactions"
AT = (FIRST_DAY + DAYS) * DAY  # the midnight after the last day
ABOUT = {"zone": "UTC"}


def day_file(rows: int) -> Path:
    """Return the file of the last day alone, made if it is not there."""
    path = FOLDER / f"transactions-{rows}-last-day.parquet"
    if not path.exists():
        part = path.with_suffix(".part")
        source = pq.ParquetFile(transactions(rows))
        pq.write_table(pa.Table.from_batches(_since(source.iter_batches(), AT - DAY)), part, compression="zstd")
        part.rename(path)
    return path


def _since(batches: Iterable[pa.RecordBatch], first: int, before: bool = False) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        name = "ts" if "ts" in batch.schema.names else "event_time"
        later = pc.greater_equal(batch.column(name).cast(pa.int64()), pa.scalar(first))
        some = batch.filter(pc.invert(later) if before else later)
        if some.num_rows:
            yield some


def packed_and_kept(batches: Iterable[pa.RecordBatch], n: int, folder: Path, stages: Stages) -> Kept:
    """Pack events of ``n`` customers and keep them as the base."""
    packed = packed_stream(batches, LAYOUT, n, "UTC")
    stages.end("read, pack")
    written = write_layers(folder, {STREAM: layer_parts(packed)})
    keep(folder, ABOUT, {}, n, {STREAM: packed.noticed}, written)
    kept = open_kept(folder)
    assert kept is not None
    stages.end("sort, keep")
    return kept


def histories(kept: Kept) -> Histories:
    """Return kept histories as they are read."""
    stream = LayeredStream(LAYOUT, kept.streams[STREAM], kept.numbers, kept.noticed[STREAM])
    return Histories(kept.n_customers, "UTC", {STREAM: stream})


def rebuild(rows: int, folder: Path, stages: Stages) -> FeatureMatrix:
    """Return everybody's latest snapshot from the landing zone."""
    n = customers_of(rows)
    kept = packed_and_kept(scan(transactions(rows)), n, folder, stages)
    matrix = latest(histories(kept), np.arange(n, dtype=np.int32), AT, FEATURES, COLUMNS)
    stages.end("snapshot")
    return matrix


def day(rows: int, folder: Path, stages: Stages) -> tuple[npt.NDArray[np.int32], FeatureMatrix]:
    """Return whom the day touches, and their latest snapshot."""
    before = open_kept(folder)
    assert before is not None
    stages.end("open")
    parts, noticed = day_parts(scan(day_file(rows)), LAYOUT, before.n_customers, "UTC")
    stages.end("read, pack")
    written = write_layers(folder, {STREAM: parts})
    keep(folder, ABOUT, {}, before.n_customers, {STREAM: noticed}, written, before)
    stages.end("keep")
    kept = open_kept(folder)
    assert kept is not None
    stages.end("open again")
    touched = kept.streams[STREAM][-1].events.customers
    matrix = latest(histories(kept), touched, AT, FEATURES, COLUMNS)
    stages.end("snapshot")
    return touched, matrix


def main() -> None:
    """Run what the command line says: ``rebuild``, ``base`` (all but the day) or ``day``, and the rows."""
    what, rows = sys.argv[1], int(sys.argv[2])
    folder = FOLDER / "histories" / str(rows)
    warm = FOLDER / "histories" / "warm-up"
    for path in (warm, *([] if what == "day" else [folder])):
        shutil.rmtree(path, ignore_errors=True)
    day_file(rows)
    cold = Stages()
    packed_and_kept(_since(scan(transactions(WARM_UP_ROWS)), AT - DAY, True), customers_of(WARM_UP_ROWS), warm, cold)
    day(WARM_UP_ROWS, warm, cold)
    stages, found = Stages(), {}
    values = FOLDER / "histories" / f"{rows}.npy"
    if what == "base":
        packed_and_kept(_since(scan(transactions(rows)), AT - DAY, True), customers_of(rows), folder, stages)
    elif what == "rebuild":
        np.save(values, rebuild(rows, folder, stages).values.T)
    else:
        files, manifest = set(folder.iterdir()), (folder / MANIFEST).read_bytes()
        touched, matrix = day(rows, folder, stages)
        (folder / MANIFEST).write_bytes(manifest)  # forgotten: the next one is added to the same base
        for added in set(folder.iterdir()) - files:
            added.unlink()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        expected = np.load(values, mmap_mode="r")[:, touched].view(np.int64)
        same = np.array_equal(expected, np.ascontiguousarray(matrix.values.T).view(np.int64))
        events = pq.ParquetFile(day_file(rows)).metadata.num_rows
        found = {"same": same, "touched": len(touched), "events": events, "peak_mb": peak}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"cpu": stages.total, "peak_mb": peak, "stages": stages.seconds, **found}))


if __name__ == "__main__":
    main()
