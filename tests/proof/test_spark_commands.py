"""What a bank runs, by address alone: build, train, score and nightly on a Spark store what they store on one machine.

Two homes of one generated bank, byte for byte the same at first. One describes its customers with DuckDB, the other on
a real cluster of a master and two workers; each command is a process of its own, as a user starts it. The first build
on Spark is killed in its middle. Neighbours: `test_spark.py` has every feature on untidier rows, `tests/engines.py`
the laws of features on both engines. Measured: see docs/how-to/outgrow-one-machine.md.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from bank360.cli.home import open_home, warehouse_of
from bank360.cli.ingest import run_ingest
from bank360.cli.runs import Bank, run_identify
from bank360.features.families import ALL_FEATURES
from bank360.home import store_of
from bank360.pipeline.generate import generate
from bank360.pipeline.progress import silent
from bank360.storage.exchange import NAME
from bank360.storage.kept_histories import open_kept
from bank360.storage.published import open_published
from bank360.storage.version_schema import version_metadata
from bank360.storage.warehouse import open_warehouse
from tests.engines import NEEDS_SPARK
from tests.proof.spark_cluster import cluster

pytestmark = NEEDS_SPARK
# With default at 30 days past due a small bank has the 20 defaults that training asks for.
CUSTOMERS, MONTHS = 1000, 60
SETTINGS = """
bank: {name: Proof, zone: Europe/London, currency: GBP, country: GB}
clock: data
audit_key: 0123456789abcdef0123456789abcdef
default: {days_past_due: 30}
engine: {threads: 2, memory: 2GB}
sources:
  - {name: synthetic, kind: synthetic, folder: raw}
"""
# What the steps derive, and in which order rows of it are one list.
DERIVED = {
    "customer_features": "customer_id",
    "data_known_from": "ALL",
    "scores": "customer_id",
    "score_reasons": "customer_id, rank",
    "score_outside": "customer_id, input",
    "quality_findings": "ALL",
}


@dataclass(frozen=True)
class Home:
    """A bank's home and where its features are computed."""

    path: Path
    url: str

    def bank360(self, *words: str) -> str:
        """Run a command to its end and return what it prints."""
        with self.started(*words) as running:
            out, err = running.communicate()
        assert running.returncode == 0, err[-3000:]
        return out

    def started(self, *words: str) -> "subprocess.Popen[str]":
        """Start a command as a process of its own."""
        return subprocess.Popen(
            [str(Path(sys.executable).with_name("bank360")), *words, "--home", str(self.path)],
            env=os.environ | {"BANK360_ENGINE__URL": self.url},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def derived(self) -> dict[str, pa.Table]:
        """Return what is stored of the steps so far, by table."""
        with open_warehouse(self.path / "warehouse.duckdb", read_only=True) as warehouse:
            there = warehouse.tables()
            return {
                name: warehouse.query(f"SELECT * FROM {name} ORDER BY {order}")
                for name, order in DERIVED.items()
                if name in there
            }

    def models(self) -> dict[str, bytes]:
        """Return every file of every registered version: arrays, cards, hashes."""
        files = sorted((self.path / "registry").rglob("*"))
        return {str(one.relative_to(self.path)): one.read_bytes() for one in files if one.parent.name != "registry"
                and one.is_file() and one.name != "aliases.json"}  # fmt: skip

    def published(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every table of the current version, but for when it was published."""
        home = open_home(self.path)
        with (
            store_of(home) as store,
            open_published(store, home.published) as published,
            published.current() as version,
            version.reading() as connection,
        ):
            found = {
                one.name: sorted(map(tuple, connection.execute(select(one))), key=repr)
                for one in version_metadata.sorted_tables
            }
        found["about"] = [(name, _but_for_the_clock(value)) for name, value in found["about"]]
        return found


def _but_for_the_clock(text: str) -> Any:
    said = json.loads(text)
    return {k: v for k, v in said.items() if k != "published_at"} if isinstance(said, dict) else said


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Home]]:
    """One bank in two homes, ingested and its identity run: the first with DuckDB, the second with a cluster."""
    folder = tmp_path_factory.mktemp("twins")
    one, other = folder / "one", folder / "other"
    one.mkdir()
    (one / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    bank = open_home(one)
    generate(bank.raw, bank.truth, CUSTOMERS, MONTHS, 42, silent, 2)
    with warehouse_of(bank, new=True) as warehouse:
        run_ingest(bank, warehouse)
        run_identify(Bank(bank, warehouse, silent))
    shutil.copytree(one, other)
    logs = tmp_path_factory.mktemp("cluster")
    with cluster(logs) as url:
        yield Home(one, "duckdb"), Home(other, url)


def processes() -> Mapping[int, tuple[int, str]]:
    """Return the parent and the command line of every process of this machine."""
    found = {}
    for one in Path("/proc").iterdir():
        if one.name.isdecimal():
            try:
                state, parent = (one / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":  # it has ended, and nobody has asked how
                    found[int(one.name)] = (int(parent), (one / "cmdline").read_text().replace("\0", " "))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
    return found


def below(root: int) -> set[int]:
    """Return the processes below one."""
    everyone, found = processes(), {root}
    while more := {pid for pid, (parent, _) in everyone.items() if parent in found} - found:
        found |= more
    return found - {root}


def words(pids: set[int]) -> list[str]:
    """Return the command lines of some processes, those that ended meanwhile left out."""
    everyone = processes()
    return [everyone[pid][1] for pid in pids & everyone.keys()]


def until(true: Callable[[], object], seconds: float = 600) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.1)


def test_a_killed_build_changes_nothing_and_leaves_no_spark_behind(twins) -> None:
    home = twins[1]
    before, cluster_alone = home.derived(), below(os.getpid())
    with home.started("build") as running:
        # The workers' Python is there: features are being computed.
        until(lambda: any("pyspark.daemon" in text for text in words(below(os.getpid()))))
        of_build = (below(os.getpid()) | below(running.pid)) - cluster_alone - {running.pid}
        assert list((home.path / "exchange" / NAME).glob("*.parquet"))
        running.send_signal(signal.SIGKILL)
        running.communicate()
    assert running.returncode == -signal.SIGKILL
    assert len(of_build) > 2
    until(lambda: not of_build & set(processes()) and below(os.getpid()) == cluster_alone)
    assert home.derived() == before
    assert "customer_features" not in before
    # The tables on their way stay until the next build, for their owner alone.
    assert (home.path / "exchange" / NAME).stat().st_mode & 0o077 == 0


def test_after_it_a_build_stores_what_one_machine_stores(twins) -> None:
    for home in twins:
        home.bank360("build")
    one, other = (home.derived() for home in twins)
    assert one == other
    assert one["customer_features"].num_columns == 2 + len(ALL_FEATURES)
    assert list((twins[1].path / "exchange").iterdir()) == []


def test_then_training_registers_the_same_bytes(twins) -> None:
    for home in twins:
        home.bank360("train", "--trained-by", "trainer")
    one, other = (home.models() for home in twins)
    assert one == other
    assert {Path(name).name for name in one} >= {"card.json", "card.md", "golden.json", "model.json", "trees-0.npz"}


def test_then_scores_reasons_tiers_and_the_published_version_are_the_same(twins) -> None:
    for home in twins:
        home.bank360("models", "promote", "application_pd", "challenger", "--by", "approver")
        home.bank360("score")  # which publishes too
    one, other = (home.derived() for home in twins)
    assert one == other
    assert len(set(one["scores"]["tier"].to_pylist())) > 1
    assert one["score_reasons"].num_rows > one["scores"].num_rows
    assert twins[0].published() == twins[1].published()


def test_then_a_night_of_a_days_new_events_is_the_same(twins) -> None:
    before = twins[0].derived()
    for home in twins:
        a_day_comes(home.path / "raw")
        said = json.loads(home.bank360("nightly", "--json"))
        assert said["build"]["customers"] > 0
        assert said["score"]["customers"] > 0
        assert said["publish"]["version"] == 2
        kept = open_kept(home.path / "histories")
        assert kept is not None
        assert len(kept.streams["transactions"]) == 2, "the day is a layer of its own"
    one, other = (home.derived() for home in twins)
    assert one == other
    assert one["customer_features"] != before["customer_features"]
    assert one["scores"] != before["scores"]
    assert twins[0].published() == twins[1].published()


def a_day_comes(raw: Path) -> None:
    """Deliver the last day's card payments and transfers once more, as those of the day after."""
    rows = pyarrow.dataset.dataset(str(raw / "001-history" / "transactions"), format="parquet").to_table()
    day = pa.scalar(86_400_000_000, pa.duration("us"))
    last = pc.subtract(pc.max(rows["known_time"]), day)
    rows = rows.filter(pc.greater(rows["known_time"], last))
    later: dict[str, Any] = {name: pc.add(rows[name], day) for name in ("event_time", "known_time")}
    later["transaction_id"] = pa.array([f"{one}-again" for one in rows["transaction_id"].to_pylist()])
    later["booked_on"] = pc.add(rows["booked_on"].cast(pa.timestamp("us")), day).cast(pa.date32())
    later["reverses_id"] = pa.nulls(rows.num_rows, pa.string())
    for name, values in later.items():
        place = rows.schema.get_field_index(name)
        rows = rows.set_column(place, rows.schema.field(name), values)
    assert rows.num_rows > 100
    folder = raw / "003-day" / "transactions"
    folder.mkdir(parents=True)
    pq.write_table(rows, folder / "transactions-000.parquet")
