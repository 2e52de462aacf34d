"""The benchmark's contenders answer the same question: equal checksums of all 31 columns on a small file."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from benchmarks.features import contender, data
from benchmarks.features.__main__ import differing, summary
from benchmarks.features.columns import COLUMNS
from benchmarks.features.data import customers_of, transactions

ROWS = 50_000


@pytest.fixture(scope="module")
def sums(tmp_path_factory):
    folder, data.FOLDER = data.FOLDER, tmp_path_factory.mktemp("benchmark")
    path = transactions(ROWS)

    def of(name: str) -> list[list[float]]:
        return contender.sums_of(name, path, customers_of(ROWS), 2).tolist()

    yield of
    data.FOLDER = folder


def test_there_are_31_columns():
    assert len(COLUMNS) == 31


@pytest.mark.parametrize("name", [name for name in contender.CONTENDERS if name not in contender.UNCHECKED])
def test_contenders_agree_on_every_column(name, sums):
    if name.startswith("polars"):
        pytest.importorskip("polars", reason="polars comes with the extra 'bench'")
    assert differing(sums("ours"), sums(name)) == []


@pytest.mark.parametrize("name", ["duckdb", "polars", "pandas", "polars_plain", "duckdb_plain"])
def test_what_is_not_by_hand_takes_the_file_in_any_order(name, sums, tmp_path):
    if name.startswith("polars"):
        pytest.importorskip("polars", reason="polars comes with the extra 'bench'")
    table = pq.read_table(transactions(ROWS))
    path = tmp_path / "shuffled.parquet"
    pq.write_table(table.take(np.random.default_rng(1).permutation(len(table))), path)
    expected = sums("ours")
    for one in ("ours", name):
        shuffled = contender.sums_of(one, path, customers_of(ROWS), 2).tolist()
        assert differing(expected, shuffled) == []


def test_the_last_line_has_the_keys_asked_for_and_then_those_by_hand():
    cpu = {"floor": 1.0, "ours": 2.5, "duckdb": 10.0, "polars": 5.0, "pandas": 7.5}
    cpu |= {"polars_by_hand": 2.75, "pandas_by_hand": 3.0}
    assert list(summary(cpu, 800.4, {"online_us": 130}).items()) == [
        ("bench", "features"), ("cpu_vs_floor", 2.5), ("polars_vs_us", 2.0), ("pandas_vs_us", 3.0),
        ("duckdb_vs_us", 4.0), ("peak_mb", 800), ("online_us", 130),
        ("polars_by_hand_vs_us", 1.1), ("pandas_by_hand_vs_us", 1.2),
    ]  # fmt: skip


def test_a_wrong_column_is_named(sums):
    ours = sums("ours")
    theirs = np.array(ours)
    theirs[3, 1] *= 1 + 1e-8
    assert differing(ours, theirs.tolist()) == [COLUMNS[3]]
