"""What is held while transactions are written does not grow with how many chunks of them have been written."""

import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bank360.pipeline.generate import generate
from bank360.sources.synthetic import parameters


def test_a_chunk_written_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "CHUNK_PEOPLE", 30)
    held: list[int] = []

    def measure(step: str, done: int, total: int) -> None:
        if step == "writing transactions":
            held.append(tracemalloc.get_traced_memory()[0] + pa.total_allocated_bytes())

    tracemalloc.start()
    try:
        generate(tmp_path / "raw", tmp_path / "truth", 400, 24, 7, measure, threads=1)
    finally:
        tracemalloc.stop()
    files = sorted((tmp_path / "raw" / "001-history" / "transactions").glob("*.parquet"))
    sizes = [pq.read_table(file).nbytes for file in files]
    assert len(held) == len(files) > 10
    # From the second chunk on (the first fills caches) less is kept of all the others together than one chunk holds.
    assert held[-1] - held[1] < sum(sizes) / len(sizes)
