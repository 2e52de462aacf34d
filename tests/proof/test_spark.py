"""Spark gives what one machine gives: features to the last bit, marts to the minor unit, by an address alone.

On a real cluster (a master and two workers, each a process on the loopback address) and a generated bank whose rows are
made as untidy as a bank's can be. Measured on two busy cores: see docs/how-to/outgrow-one-machine.md.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import instant
from bank360.bank.errors import NotReady
from bank360.bank.table import Tag
from bank360.bank.tables_star import DIM_CUSTOMER, FACT_TRANSACTIONS
from bank360.cli.home import open_home, warehouse_of
from bank360.cli.ingest import run_ingest
from bank360.cli.runs import Bank, run_identify
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import Feature
from bank360.features.place_tables import PLACE_FEATURES
from bank360.features.spine import Snapshots, Spine
from bank360.pipeline.build import packed_histories
from bank360.pipeline.described import Described
from bank360.pipeline.engines import BankTables, open_engine
from bank360.pipeline.generate import generate
from bank360.pipeline.holdings import LEFT, MAIN_BANK, counted, holdings
from bank360.pipeline.portfolio import portfolio
from bank360.pipeline.progress import silent
from bank360.storage.holders import owners
from bank360.storage.places import place_index
from bank360.storage.reads_holdings import MAIN_BANK_FEATURES
from bank360.storage.reconciliation import reconciled
from bank360.storage.star import Star
from bank360.storage.star_customers import dim_customer
from bank360.storage.warehouse import Warehouse, open_warehouse
from tests.proof.spark_cluster import cluster

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="the extra 'spark' is not installed"),
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ, reason="there is no Java 17 on this machine"
    ),
]
CUSTOMERS, MONTHS = 300, 30
OWN = ("Europe/London", "GBP", "GB")
SETTINGS = """
bank: {name: Proof, zone: Europe/London, currency: GBP, country: GB}
clock: data
sources:
  - {name: synthetic, kind: synthetic, folder: raw}
"""
# One row in so many, by a hash of its key: what happens to it.
UNTIDY = """
UPDATE transactions SET event_precision = 'day', event_time = date_trunc('day', event_time)
    WHERE hash(transaction_id) % 17 = 0;
UPDATE transactions SET event_time = date_trunc('hour', event_time) WHERE hash(transaction_id) % 7 = 1;
UPDATE transactions SET known_time = known_time + INTERVAL 9 DAY WHERE hash(transaction_id) % 13 = 2;
UPDATE transactions SET merchant_id = NULL, counterparty_token = NULL, category = 'unknown'
    WHERE hash(transaction_id) % 11 = 3;
UPDATE transactions SET amount = sign(amount) * 9000000000000000 WHERE hash(transaction_id) % 9973 = 4;
UPDATE transactions SET currency = 'EUR' WHERE hash(transaction_id) % 101 = 5;
INSERT INTO transactions SELECT * REPLACE (3 * amount AS amount, known_time + INTERVAL 20 DAY AS known_time)
    FROM transactions WHERE hash(transaction_id) % 19 = 6;
UPDATE transactions t SET superseded_time = later.known_time
    FROM (SELECT transaction_id, max(known_time) AS known_time FROM transactions GROUP BY ALL HAVING count(*) > 1) later
    WHERE t.transaction_id = later.transaction_id AND t.known_time < later.known_time;
INSERT INTO balances SELECT * REPLACE (booked - 12345 AS booked, known_time + INTERVAL 40 DAY AS known_time)
    FROM balances WHERE hash(account_id, date) % 23 = 7;
UPDATE balances b SET superseded_time = later.known_time
    FROM (SELECT account_id, date, max(known_time) AS known_time FROM balances GROUP BY ALL HAVING count(*) > 1) later
    WHERE b.account_id = later.account_id AND b.date = later.date AND b.known_time < later.known_time;
UPDATE balances SET available = NULL WHERE hash(account_id, date) % 5 = 1;
UPDATE credit_months SET known_time = known_time + INTERVAL 70 DAY WHERE hash(account_id, month_end) % 29 = 8;
INSERT INTO products SELECT * REPLACE (
        CASE line WHEN 'savings' THEN 'current_account' ELSE line END AS line, DATE '2023-07-10' AS valid_from,
        TIMESTAMP '2023-08-01 00:00:00' AS known_time) FROM products;
UPDATE account_parties SET known_time = known_time + INTERVAL 200 DAY WHERE hash(account_id) % 10 = 9;
INSERT INTO fraud_cases SELECT c.* REPLACE (
        t.transaction_id AS case_id, t.transaction_id AS subject, t.known_time AS opened_at,
        t.known_time + INTERVAL 6 DAY AS closed_at, t.known_time + INTERVAL 6 DAY AS known_time,
        NULL AS superseded_time)
    FROM (SELECT * FROM fraud_cases WHERE kind = 'card' AND outcome = 'confirmed' ORDER BY case_id LIMIT 1) c,
        transactions t WHERE t.scheme = 'card' AND t.superseded_time IS NULL AND hash(t.transaction_id) % 31 = 10;
UPDATE interactions SET known_time = known_time + INTERVAL 3 DAY WHERE hash(customer_id, "at") % 3 = 0;
"""
# What the proof would be empty without: rows of each kind, counted.
THERE = {
    "date-only": "SELECT count(*) FROM transactions WHERE event_precision = 'day'",
    "late": "SELECT count(*) FROM transactions WHERE known_time > event_time + INTERVAL 8 DAY",
    "superseded": "SELECT count(*) FROM transactions WHERE superseded_time IS NOT NULL",
    "without a merchant": "SELECT count(*) FROM transactions WHERE merchant_id IS NULL AND category = 'unknown'",
    "beyond a limit": "SELECT count(*) FROM transactions WHERE abs(amount) = 9000000000000000",
    "joint": "SELECT count(*) FROM account_parties WHERE role = 'joint_holder'",
    "frauds": "SELECT count(*) - 500 FROM fraud_cases WHERE outcome = 'confirmed'",
    "reversals": "SELECT count(*) FROM transactions WHERE reverses_id IS NOT NULL",
    "corrected balances": "SELECT count(*) FROM balances WHERE superseded_time IS NOT NULL",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated bank, ingested, its rows made untidy, and identity run; scores as a night would leave them."""
    folder = tmp_path_factory.mktemp("bank")
    (folder / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    bank = open_home(folder)
    generate(bank.raw, bank.truth, CUSTOMERS, MONTHS, 42, silent, 2)
    with warehouse_of(bank, new=True) as warehouse:
        run_ingest(bank, warehouse)
        for statement in UNTIDY.strip().removesuffix(";").split(";\n"):
            warehouse.execute(statement)
        for kind, sql in THERE.items():
            assert warehouse.number(sql) > 0, kind
        run_identify(Bank(bank, warehouse, silent))
        ids = warehouse.query("SELECT customer_id FROM customer_index ORDER BY customer_id").column(0).to_pylist()
        scores = {
            "customer_id": ids[::2],  # of every other customer, so that some debt is nobody's who is scored
            "probability": [k * 7919 % 997 / 1994 for k in range(len(ids[::2]))],
            "tier": [("low", "medium", "high")[k % 3] for k in range(len(ids[::2]))],
        }
        warehouse.replace_table("scores", pa.table(scores))
        paid_in = {n: [None if k % 3 else k % 2 for k in range(m, m + len(ids))]
                   for m, n in enumerate(MAIN_BANK_FEATURES)}  # fmt: skip
        warehouse.replace_table("customer_features", pa.table({"customer_id": ids} | paid_in))
    return folder


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a cluster that is there for this module."""
    with cluster(tmp_path_factory.mktemp("cluster")) as address:
        yield address


@pytest.fixture
def warehouse(home: Path) -> Iterator[Warehouse]:
    with open_warehouse(home / "warehouse.duckdb") as opened:
        yield opened


def tables(warehouse: Warehouse, folder: Path) -> BankTables:
    histories = packed_histories(warehouse, *OWN)
    return BankTables(warehouse, *OWN, lambda: histories, 2, "1GB", folder / "exchange", sys.executable)


def held_alike(plain: Described, spark: Described) -> None:
    """Every value alike to the last bit; "no value" is one thing, whatever bits its NaN has."""
    for place, name in enumerate(plain.matrix.names):
        wanted, found = (np.ascontiguousarray(each.matrix.values[:, place]) for each in (plain, spark))
        there = ~(np.isnan(wanted) & np.isnan(found))
        differ = np.flatnonzero(there & (wanted.view(np.int64) != found.view(np.int64)))
        assert differ.size == 0, f"{name}: {wanted[differ[:3]]} but on Spark {found[differ[:3]]}"
    assert spark.matrix.names == plain.matrix.names
    assert spark.known_from == plain.known_from


def test_features_and_portfolio_are_those_of_one_machine(home, url, warehouse) -> None:
    days = ((2023, 5, 31, 23), (2023, 9, 1, 0), (2023, 10, 29, 1), (2024, 1, 1, 5))
    as_ofs = np.array([instant(datetime(*day, tzinfo=UTC)) for day in days])
    own = tables(warehouse, home)
    customers = warehouse.number("SELECT count(*) FROM customer_index")
    snapshots = Snapshots(customers, as_ofs)
    draw = np.random.default_rng(7)
    rows = draw.permutation(len(snapshots))[:700]
    customer = np.where(rows % 9 == 0, -1, snapshots.spine().customer[rows]).astype(np.int32)
    spine = Spine(np.arange(700), customer, as_ofs[rows % 4] - draw.integers(0, 10**13, 700))
    with open_engine("duckdb", own) as one, open_engine(url, own) as spark:
        plain, found = one.describe(snapshots, ALL_FEATURES), spark.describe(snapshots, ALL_FEATURES)
        held_alike(plain, found)
        assert np.isfinite(plain.matrix.values).mean() > 0.5
        assert found.events == plain.events
        assert set(map(str, found.findings)) == set(map(str, plain.findings))
        assert {one.rule for one in plain.findings} == {"clipped_by_measure", "no_time_of_day"}
        held_alike(one.describe(spine, ALL_FEATURES), spark.describe(spine, ALL_FEATURES))
        for as_of in map(int, as_ofs):
            assert portfolio(spark.tables, as_of, *OWN[:2]) == portfolio(one.tables, as_of, *OWN[:2])
    assert list((home / "exchange").iterdir()) == []


def test_marts_are_those_of_one_machine(home, url, warehouse) -> None:
    """The star schema's rows in their order, who holds what and what was reconciled, as late as all is known."""
    own, as_of = tables(warehouse, home), datetime(2024, 3, 1, 5, tzinfo=UTC)
    customers = dim_customer(warehouse, as_of, frozenset(column.name for column in DIM_CUSTOMER.columns))
    acting = owners(warehouse, OWN[0])
    sent = frozenset(column.name for column in FACT_TRANSACTIONS.columns if Tag.PII not in column.tags)
    with open_engine("duckdb", own) as one, open_engine(url, own) as spark:
        plain, found = (
            Star(engine.tables, as_of, as_of.date(), OWN[0], customers, acting) for engine in (one, spark)
        )  # fmt: skip
        for read in (Star.accounts, Star.account_holders, Star.merchants, Star.dates):
            wanted, rows = read(plain), read(found)
            assert rows.cast(wanted.schema).equals(wanted), read.__name__
            assert wanted.num_rows > 10
        wanted, rows = (pa.Table.from_batches(list(star.facts(sent))) for star in (plain, found))
        assert rows.cast(wanted.schema).equals(wanted)
        assert wanted.num_rows > 100_000
        assert {name: wanted[name].null_count > 0 for name in ("customer_key", "merchant_id", "fraud")} == {
            "customer_key": False, "merchant_id": True, "fraud": True
        }  # fmt: skip
        books, others = (reconciled(engine.tables, OWN[0]) for engine in (one, spark))
        assert others == books
        assert all(0 < kind.differing < kind.compared and kind.differences for kind in books[:1])
        at = instant(as_of)
        assert holdings(spark.tables, at, OWN[0], OWN[1]) == holdings(one.tables, at, OWN[0], OWN[1])
        counts, again = (list(counted(engine.tables, at, OWN[0], OWN[1])) for engine in (one, spark))
        assert again == counts
        assert {MAIN_BANK, LEFT} < {row["figure"] for row in counts}


def test_a_build_by_another_address_stores_the_same_tables(home, url) -> None:
    read = {
        "customer_features": "SELECT * FROM customer_features ORDER BY customer_id",
        "merchant_features": "SELECT * FROM merchant_features ORDER BY merchant_id",
        "terminal_features": "SELECT * FROM terminal_features ORDER BY terminal_id",
    }
    stored = []
    for address in ("duckdb", url):
        run = subprocess.run(
            [str(Path(sys.executable).with_name("bank360")), "build", "--home", str(home)],
            env=os.environ | {"BANK360_ENGINE__URL": address}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr[-3000:]
        with open_warehouse(home / "warehouse.duckdb") as warehouse:
            stored.append({name: warehouse.query(sql) for name, sql in read.items()})
            for name in read:
                warehouse.execute(f"DROP TABLE {name}")
            warehouse.execute("DELETE FROM steps WHERE step = 'build'")
    assert all(stored[0][name].equals(stored[1][name]) for name in read)
    assert stored[0]["customer_features"].num_columns == 2 + len(ALL_FEATURES)
    assert len(stored[0]["merchant_features"]) > 100


def test_features_of_merchants_and_terminals_are_those_of_one_machine(home, warehouse) -> None:
    """Some rows at instants of their own, and all places at one; whether all events are read or what windows reach."""
    own, at = tables(warehouse, home), instant(datetime(2024, 1, 1, 5, tzinfo=UTC))
    with open_engine("duckdb", own) as one, open_engine("spark://local[1]", own) as spark:
        for entity, features in PLACE_FEATURES.items():
            places = place_index(warehouse, entity)
            rows = np.arange(300)
            of_places = {entity: np.where(rows % 9 == 0, -1, rows * 7919 % len(places)).astype(np.int32)}
            nobody = np.full(300, -1, dtype=np.int32)
            spine = Spine(rows, nobody, at - rows * 250_000_000_000, places=of_places)
            by_day = tuple(f for f in features if not (isinstance(f, Feature) and f.needs_time_of_day))
            assert len(by_day) == len(features) - 1, "without it no more is read than windows reach, dates or not"
            for asked, wanted in ((spine, features), (Snapshots(len(places), np.array([at])), by_day)):
                plain, found = (engine.describe(asked, wanted, places) for engine in (one, spark))
                held_alike(plain, found)
                assert asked is spine or found.events == plain.events  # of places in no row Spark packs none
                assert np.nanmax(plain.matrix.column(f"{entity}_frauds_30d")) > 0


def test_an_address_where_no_master_is_says_so_and_another_can_be_asked_after_it(home, warehouse) -> None:
    with pytest.raises(NotReady, match=r"No Spark answers at engine\.url spark://127\.0\.0\.1:9"):
        open_engine("spark://127.0.0.1:9", tables(warehouse, home)).__enter__()
    with open_engine("spark://local[1]", tables(warehouse, home)) as engine:
        assert engine is not None


def test_a_spark_without_memory_ends_and_says_what_to_do():
    # In a process of its own: PySpark starts no other Java in one whose Java has ended.
    script = """
import sys
from bank360.storage.spark import open_spark
with open_spark("spark://local[2]", "500MB", sys.executable, 2) as tables:
    tables._session.sql("SELECT repeat('x', 1000) || id AS said FROM range(3000000)").createOrReplaceTempView("wide")
    tables.query("SELECT said FROM wide")
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 1
    told = "Bank360Error: Spark ended before it answered; what it says of it stands above. Most often it had too little"
    assert told in ran.stderr
    assert "raise engine.memory (500MB now" in ran.stderr
