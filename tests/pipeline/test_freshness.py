from pathlib import Path

import pytest

from bank360.pipeline.freshness import fingerprint, run_if_stale
from bank360.storage.warehouse import Warehouse, open_warehouse


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return open_warehouse(tmp_path / "w.duckdb", threads=1, memory_limit="200MB")


def test_a_step_runs_once_for_what_it_reads_and_again_when_that_changes(warehouse: Warehouse) -> None:
    runs: list[str] = []
    for reads in ("a", "a", "b", "b", "a"):
        run_if_stale(warehouse, "build", reads, lambda reads=reads: runs.append(reads))  # type: ignore[misc]
    assert runs == ["a", "b", "a"]


def test_a_step_that_fails_is_not_recorded_as_done(warehouse: Warehouse) -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        run_if_stale(warehouse, "build", "a", fails)
    assert run_if_stale(warehouse, "build", "a", lambda: "ran") == "ran"


def test_steps_do_not_answer_for_each_other(warehouse: Warehouse) -> None:
    run_if_stale(warehouse, "build", "a", lambda: None)
    assert run_if_stale(warehouse, "train", "a", lambda: "ran") == "ran"


def test_fingerprints_differ_where_values_differ_and_not_by_key_order() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint([1, 2]) != fingerprint([2, 1])


def test_again_runs_a_step_that_is_fresh(warehouse: Warehouse) -> None:
    run_if_stale(warehouse, "train", "a", lambda: None)
    assert run_if_stale(warehouse, "train", "a", lambda: "ran", again=True) == "ran"
