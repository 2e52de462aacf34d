"""The benchmark's contenders answer the same question: equal checksums of all 31 columns on a small file."""

import tempfile

import numpy as np
import pyarrow.parquet as pq
import pytest

import benchmarks.features.__main__ as bench
from benchmarks.features import contender, data, ours
from benchmarks.features.__main__ import differing, summary
from benchmarks.features.columns import COLUMNS
from benchmarks.features.data import customers_of, transactions
from benchmarks.features.stages import COMPUTE, WRITE, Stages

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


def test_the_result_is_written_part_by_part_apart_from_the_compute_and_not_kept(sums, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stages, written = Stages(), []
    one_part = ours.write_one_part

    def told(part, path):
        one_part(part, path)
        written.append(path)

    monkeypatch.setattr(ours, "write_one_part", told)
    ours.and_write(transactions(ROWS), customers_of(ROWS), 2, stages)
    assert list(stages.seconds) == [WRITE, COMPUTE]
    assert stages.seconds[WRITE] > 0
    assert len(written) > 1
    assert len(set(written)) == 1, "each part takes the place of the one before"
    assert list(tmp_path.iterdir()) == []


def test_a_part_is_written_whole(sums, tmp_path):
    parts = list(ours.parts(transactions(ROWS), customers_of(ROWS), 1))
    ours.write_one_part(parts[0], tmp_path / "part.parquet")
    read = pq.read_table(tmp_path / "part.parquet")
    assert tuple(read.column_names) == COLUMNS
    assert np.array_equal(np.column_stack([read[name] for name in COLUMNS]), parts[0].values, equal_nan=True)


@pytest.mark.parametrize(
    ("rows", "asked", "keys"),
    [
        (bench.MOST_BY_STAGE, ["stages"], ["write_s", "one_more_feature", "online_us"]),
        (bench.MOST_BY_STAGE + 1, ["write"], ["write_s", "online_us"]),
    ],
)
def test_writing_the_result_and_an_online_customer_are_told_at_every_size(rows, asked, keys, monkeypatch, capsys):
    ran = []

    def one_run(name, *_):
        ran.append(name)
        stages = {"read": 3.0, WRITE: 12.5, "one more feature": 0.1}
        return {"stages": stages if name == "stages" else {WRITE: 12.5, COMPUTE: 22.0}, "peak_mb": 1900.4}

    monkeypatch.setattr(bench, "one_run", one_run)
    one = {"features": 132, "median_events": 300, "median_us": 120, "p90_us": 150}
    monkeypatch.setattr(bench, "online", lambda: one)
    more = bench.others_of(["ours"], rows, 1, 2, 10.0)
    assert ran == asked
    assert list(more) == keys
    assert (more["write_s"], more["online_us"]) == (12.5, 120)
    assert "write the result as Parquet          12.50 s" in capsys.readouterr().out


def test_a_wrong_column_is_named(sums):
    ours = sums("ours")
    theirs = np.array(ours)
    theirs[3, 1] *= 1 + 1e-8
    assert differing(ours, theirs.tolist()) == [COLUMNS[3]]
