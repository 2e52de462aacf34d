from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bank360.storage.identity_truth import true_pairs


def test_every_pair_of_a_person_is_a_pair(tmp_path: Path) -> None:
    records = pa.table({"source_key": ["c", "a", "b", "x"], "person": [1, 1, 1, 2]})
    pq.write_table(records, tmp_path / "records.parquet")
    assert true_pairs(tmp_path) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_without_a_truth_there_is_none(tmp_path: Path) -> None:
    assert true_pairs(tmp_path) is None
