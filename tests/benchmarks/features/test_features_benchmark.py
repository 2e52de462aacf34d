"""The benchmark's contenders answer the same question: equal checksums of all 31 columns on a small file."""

import math
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import benchmarks.features.__main__ as bench
from bank360.bank.calendar import MICROS_PER_DAY
from bank360.features.feature import Feature, Rolling
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.ops import Op
from bank360.storage.unnamed_files import UnnamedFiles
from benchmarks.features import contender, data, online, ours
from benchmarks.features.__main__ import differing, summary
from benchmarks.features.columns import AMOUNT, COLUMNS
from benchmarks.features.data import customers_of, transactions
from benchmarks.features.goals import HUNDRED_M, TEN_M, beside_goals
from benchmarks.features.stages import COMPUTE, PACK, READ, SORT, WRITE, Stages, cpu

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


def test_each_stage_is_told_apart_and_the_result_written_part_by_part_and_not_kept(sums, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    stages, written = Stages(), []
    one_part = ours.write_one_part

    def told(part, path):
        one_part(part, path)
        written.append(path)

    monkeypatch.setattr(ours, "write_one_part", told)
    before = cpu()
    ours.by_stage(transactions(ROWS), customers_of(ROWS), stages, one_more=False)
    assert list(stages.seconds) == [READ, PACK, SORT, COMPUTE, WRITE]
    assert min(stages.seconds.values()) > 0
    assert stages.total <= cpu() - before + 0.02, "nothing is counted twice"
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
        (bench.MOST_BY_STAGE, ["stages", 1, "one more feature"], ["write_s", "one_more_feature", "online_us"]),
        (bench.MOST_BY_STAGE + 1, ["stages", 1], ["write_s", "online_us"]),
    ],
)
def test_every_stage_and_an_online_customer_are_told_at_every_size(rows, asked, keys, monkeypatch, capsys):
    ran = []

    def one_run(name, rows, *more):
        ran.extend([name, *more])
        stages = {READ: 3.0, PACK: 4.0, SORT: 5.0, COMPUTE: 6.0, WRITE: 12.5}
        return {"stages": stages | ({"one more feature": 0.1} if len(more) > 1 else {}), "peak_mb": 1900.4}

    monkeypatch.setattr(bench, "one_run", one_run)
    one = {"features": 132, "customers": 9, "least": 300, "median_events": 800, "median_us": 120, "p90_us": 150}
    monkeypatch.setattr(bench, "online", lambda: one)
    more = bench.others_of(["ours"], rows, 1, 2, 10.0)
    assert ran == asked
    assert list(more) == [*keys, "online_p90_us"]
    assert (more["write_s"], more["online_us"], more["online_p90_us"]) == (12.5, 120, 150)
    told = capsys.readouterr().out
    for stage, seconds in ((READ, 3), (PACK, 4), (SORT, 5), (COMPUTE, 6), (WRITE, 12.5)):
        assert f"{stage:36s}{seconds:6.2f} s" in told
    assert "of 9 with 300 transactions in the year or more (half have 800 events in all)" in told


def test_with_little_memory_the_figures_stay_and_what_it_costs_is_told(sums, monkeypatch, capsys):
    monkeypatch.setattr(ours, "BUDGET", 50_000)
    few, left = UnnamedFiles.keep, []

    def keep(files, pieces):
        left.append(files.budget)
        return few(files, pieces)

    monkeypatch.setattr(UnnamedFiles, "keep", keep)
    assert ours.with_little_memory(transactions(ROWS), customers_of(ROWS), 2, Stages()) > 0
    assert left == [50_000]
    runs = iter([{"cpu": 1.2, "own_mb": 200.2, "peak_mb": 301}, {"cpu": 1.0, "own_mb": 210, "peak_mb": 300}])
    monkeypatch.setattr(bench, "one_run", lambda *_: next(runs))
    assert bench.little_memory(ROWS, 2, 2, 1.0) == {"little_memory_vs_us": 1.1, "little_memory_mb": 210}
    assert "1.10 of our CPU, peak 301 MB, of it at most 210 MB" in capsys.readouterr().out


def test_a_figure_that_misses_its_goal_is_told_as_missed():
    figures = {"cpu_vs_floor": 2.0, "polars_vs_us": 11.9, "peak_mb": 1900, "online_us": 150, "day_vs_rebuild": math.nan}
    at_ten, at_hundred = ("\n".join(beside_goals(figures, rows)) for rows in (TEN_M, HUNDRED_M))
    assert "cpu_vs_floor                       2  at most 2: met" in at_ten
    assert "polars_vs_us                    11.9  at least 12: MISSED" in at_ten
    assert "polars_vs_us                    11.9  none at this size" in at_hundred
    assert "peak_mb                        1,900  at most 1,200: MISSED" in at_ten
    assert "peak_mb                        1,900  at most 4,000: met" in at_hundred
    assert "online_us                        150  under 150: MISSED" in at_ten
    assert "day_vs_rebuild                   nan  at most 0.02: MISSED" in at_hundred
    assert "pandas_vs_us                          at least 20: not measured" in at_ten


def test_whoever_has_done_little_in_the_year_is_not_an_online_customer_who_counts(monkeypatch):
    monkeypatch.setattr(online, "LEAST", 3)
    day, now = MICROS_PER_DAY, 10_000 * MICROS_PER_DAY
    whose = {0: (1, 2, 3), 1: (1, 2, 400), 299: (1, 2, 2, 9), 300: (0, -1, 2, 3)}  # days before now
    feature = Feature("n", AMOUNT, Op.COUNT, Rolling(60), "count", "n")
    batch = pa.record_batch({
        "customer": pa.array([c for c, days in whose.items() for _ in days], pa.int32()),
        "event_time": pa.array([now - ago * day for days in whose.values() for ago in days], pa.timestamp("us")),
        "amount": pa.array([1 for days in whose.values() for _ in days], pa.int64()),
    })  # fmt: skip
    stream = packed_stream([batch], layouts([feature])["transactions"], 301, "UTC")
    assert online.with_a_year(Histories(301, "UTC", {"transactions": stream}), now) == [0, 299]


def test_a_wrong_column_is_named(sums):
    ours = sums("ours")
    theirs = np.array(ours)
    theirs[3, 1] *= 1 + 1e-8
    assert differing(ours, theirs.tolist()) == [COLUMNS[3]]
