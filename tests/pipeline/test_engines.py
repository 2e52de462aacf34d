"""Engines without a cluster: which addresses there are, what is said where one is missing, and what a worker runs."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import instant
from bank360.bank.errors import NotReady
from bank360.features.compute import compute
from bank360.features.families import ALL_FEATURES
from bank360.features.needs import all_needs
from bank360.features.place_tables import PLACE_FEATURES
from bank360.features.scan import Entity, scan_plan
from bank360.features.spine import Snapshots, Spine
from bank360.pipeline.build import packed_histories
from bank360.pipeline.customers_of_a_partition import ROW, TOLD, Task, described_rows
from bank360.pipeline.engines import ENGINES, BankTables, open_engine
from bank360.pipeline.place_histories import place_histories
from bank360.settings import Settings
from bank360.storage.delivered import known_from
from bank360.storage.events import event_sql, joined_rows
from bank360.storage.ledger import prepare
from bank360.storage.places import place_index
from bank360.storage.warehouse import open_warehouse
from tests.pipeline.test_build import OWN, fill

WHERE = np.array([-1, 0, 1], dtype=np.int32)
AS_OFS = np.array([instant(datetime(2024, month, 1, tzinfo=UTC)) for month in (3, 4)])


@pytest.fixture
def warehouse(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb") as opened:
        prepare(opened)
        fill(opened)
        for shop, names in (("shop", "('1', '2', '3')"), ("stall", "('4', '5')")):
            opened.execute(f"UPDATE transactions SET merchant_id = ? WHERE transaction_id IN {names}", [shop])
        opened.execute("UPDATE transactions SET amount = -4 WHERE transaction_id = '4'")
        yield opened


def tables(warehouse, tmp_path: Path) -> BankTables:
    return BankTables(
        warehouse, *OWN, lambda: packed_histories(warehouse, *OWN), 1, "1GB", tmp_path / "exchange", sys.executable
    )


@pytest.mark.parametrize("url", ["duckdb", "spark://local[2]", "spark://local[*]", "spark://spark-1.bank:7077"])
def test_each_address_that_the_settings_take_names_an_engine(url) -> None:
    assert Settings(engine={"url": url}).engine.url.partition(":")[0] in dict(ENGINES)


@pytest.mark.parametrize(
    "url",
    ["", "duckdb://x", "local[2]", "spark://", "spark://host", "spark://local[0]", "spark://a b:1", "postgresql://h"],
)
def test_any_other_address_is_refused_with_the_spelling(url) -> None:
    with pytest.raises(ValueError, match="write duckdb, spark://HOST:PORT"):
        Settings(engine={"url": url})


def test_one_machine_gives_what_its_histories_give(warehouse, tmp_path) -> None:
    with open_engine("duckdb", tables(warehouse, tmp_path)) as engine:
        described = engine.describe(Snapshots(2, AS_OFS), ALL_FEATURES)
        assert engine.tables.query("SELECT count(*) AS n FROM transactions").to_pylist() == [{"n": 5}]
    plain = compute(packed_histories(warehouse, *OWN), Snapshots(2, AS_OFS), ALL_FEATURES)
    assert bits(described.matrix.values) == bits(plain.values)
    assert described.events["transactions"] == 5


def test_one_machine_describes_merchants_by_histories_of_their_own_and_asks_which(warehouse, tmp_path) -> None:
    features, places = PLACE_FEATURES[Entity.MERCHANT], place_index(warehouse, Entity.MERCHANT)
    assert places["place_id"].to_pylist() == ["shop", "stall"]
    asked = Spine(np.arange(3), np.full(3, -1, np.int32), AS_OFS[[0, 1, 1]] + 7, places={Entity.MERCHANT: WHERE})
    plain = compute(place_histories(warehouse, places, *OWN, features), asked.of(Entity.MERCHANT), features)
    with open_engine("duckdb", tables(warehouse, tmp_path)) as engine:
        described = engine.describe(asked, features, places)
        assert bits(described.matrix.values) == bits(plain.values)
        assert described.matrix.column("merchant_payments_30d").tolist()[1:] == [3, 2]
        with pytest.raises(ValueError, match="features of merchants are asked for, and not of which"):
            engine.describe(asked, features)
        with pytest.raises(ValueError, match="features of customer and merchant at once: ask for those of each apart"):
            engine.describe(asked, (*ALL_FEATURES, *features), places)


@pytest.mark.parametrize("cut", [({0}, {1}), ({0, 1},)])
def test_a_worker_gives_merchants_the_values_of_the_whole_bank_however_they_are_cut(warehouse, cut) -> None:
    features, places = PLACE_FEATURES[Entity.MERCHANT], place_index(warehouse, Entity.MERCHANT)
    known = known_from(warehouse, all_needs(features), *OWN[1:])
    names = tuple(feature.name for feature in features)
    task = Task(features, names, scan_plan(features), OWN[0], OWN[2], known, tuple(map(int, AS_OFS)))
    plain = compute(place_histories(warehouse, places, *OWN, features), Snapshots(2, AS_OFS), features)
    spine = pa.table({"customer": pa.array([0, 1], pa.int32())})
    rows = pa.Table.from_batches([partition(warehouse, task, spine, of, places) for of in cut])
    rows = rows.filter(pa.array(np.asarray(rows[ROW]) >= 0)).sort_by(ROW)
    assert bits(np.column_stack([rows[name].to_numpy() for name in names])) == bits(plain.values)


def test_without_pyspark_it_says_what_to_install_and_leaves_nothing_behind(warehouse, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)  # as where the extra is not installed
    with (
        pytest.raises(
            NotReady, match=r"engine\.url is spark://local\[2\], but PySpark .* pip install 'bank360\[spark\]'"
        ),
        open_engine("spark://local[2]", tables(warehouse, tmp_path)),
    ):
        pass
    assert not (tmp_path / "exchange").exists()


def bits(values) -> bytes:
    """Return values as bytes; "no value" is one thing, whatever bits its NaN has."""
    return np.where(np.isnan(values), np.nan, values).tobytes()


def partition(warehouse, task: Task, spine: pa.Table, of: set[int], places=None) -> pa.RecordBatch:
    """Return what a worker makes of the customers ``of``, with somebody else's events among theirs."""
    events = {}
    for scan in task.scans:
        sql, params = event_sql(scan, OWN[1], OWN[2])
        events[scan.stream.name] = list(warehouse.stream(sql, params, 1, joined_rows(warehouse, scan, OWN[0], places)))
    rows = spine.filter(pa.array([customer in of for customer in spine["customer"].to_pylist()]))
    return described_rows(task, rows, events)


@pytest.mark.parametrize("cut", [({0}, {1}), ({0, 1},), ({1}, {0})])
def test_a_worker_gives_its_customers_the_values_of_the_whole_bank_however_they_are_cut(warehouse, cut) -> None:
    known = known_from(warehouse, all_needs(ALL_FEATURES), *OWN[1:])
    names = tuple(feature.name for feature in ALL_FEATURES)
    task = Task(ALL_FEATURES, names, scan_plan(ALL_FEATURES), OWN[0], OWN[2], known, tuple(map(int, AS_OFS)))
    plain = compute(packed_histories(warehouse, *OWN), Snapshots(2, AS_OFS), ALL_FEATURES)
    spine = pa.table({"customer": pa.array([0, 1], pa.int32())})
    rows = pa.Table.from_batches([partition(warehouse, task, spine, of) for of in cut])
    assert len(rows[TOLD].drop_null()) == len(cut)
    rows = rows.filter(pa.array(np.asarray(rows[ROW]) >= 0)).sort_by(ROW)
    assert rows[ROW].to_pylist() == [0, 1, 2, 3]
    values = np.column_stack([rows[name].to_numpy() for name in names])
    assert bits(values) == bits(plain.values)


def test_a_row_of_nobody_and_one_of_its_own_instant_are_described_too(warehouse) -> None:
    known = known_from(warehouse, all_needs(ALL_FEATURES), *OWN[1:])
    names = tuple(feature.name for feature in ALL_FEATURES)
    task = Task(ALL_FEATURES, names, scan_plan(ALL_FEATURES), OWN[0], OWN[2], known, None)
    asked = Spine(np.arange(3), np.array([-1, 1, 0], dtype=np.int32), AS_OFS[[1, 1, 0]] + 7)
    spine = pa.table({"customer": asked.customer, ROW: np.arange(3), "as_of": asked.as_of})
    plain = compute(packed_histories(warehouse, *OWN), asked, ALL_FEATURES)
    whole = partition(warehouse, task, spine, {-1, 0, 1})
    apart = partition(warehouse, task, spine, {-1})
    for rows, wanted in ((whole, plain.values), (apart, plain.values[:1])):
        values = np.column_stack([rows.column(name).to_numpy()[:-1] for name in names])
        assert bits(values) == bits(wanted)
