"""SIGKILL at random moments of a bank's own CSV files coming in, of a rebuild, of a rebuild that rereads them by a
corrected mapping, and of a flat model's registration.

Each run is the command line itself in a process of its own, killed at a random moment. At once after each kill: every
load is there whole or not at all and all of them by one mapping, every version that the registry lists loads with its
golden scores, and a scored file is whole or absent. Then a run that is left alone finishes, and warehouse, landing
zone, registry and scored file must equal those of a home that nobody disturbed.
"""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bank360.storage.ledger import content_hashes
from bank360.storage.registry import Registry
from bank360.storage.warehouse import open_warehouse
from tests.proof.nursery import Nursery, nursery_of

pytestmark = pytest.mark.proof

KILLS, SEED = 20, 20_261_122
SETTINGS = """
bank: {name: Killed, zone: Europe/London, currency: GBP}
clock: "2024-07-01T12:00:00Z"
engine: {threads: 1, memory: 500MB}
sources:
  - name: core
    kind: mapped
    folder: raw
    mapping:
      files:
        customers: {pattern: clients.csv, history: none, optional: true,
                    columns: {customer_id: client, type: {constant: person}, birth_date: born}}
        accounts: {pattern: accounts.csv, known_after: 0d, optional: true,
                   columns: {account_id: acc, product_id: {constant: CUR}, opened_on: opened}}
        account_parties: {pattern: accounts.csv, known_after: 0d, optional: true,
                          columns: {account_id: acc, customer_id: owner, role: {constant: owner}, valid_from: opened,
                                    liability_share: {constant: 1.0}}}
        transactions: {pattern: "ledger-*.csv", known_after: 1d, sign: {debit: out, credit: into},
                       columns: {transaction_id: id, account_id: acc, event_time: at, country: {constant: GB}}}
  - name: loans
    kind: mapped
    folder: flat
    mapping:
      flat: {pattern: loans.csv, id: id, label: {column: bad, bad: [1], good: [0]}}
"""
# The words of a run: home, what.
RUNS = """
import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml

import bank360.cli.runs, bank360.pipeline.build, bank360.pipeline.check, bank360.pipeline.identify
import bank360.features.kernel, bank360.pipeline.ingest, bank360.pipeline.rebuild
import bank360.cli.sources, bank360.cli.progress
from bank360.cli.main import main
from bank360.pipeline.score_file import score_file
from bank360.pipeline.train_table import register_table, table_mapping, train_table
from bank360.storage.registry import Registry

def command(*words):
    sys.argv = ["bank360", *words]
    try:
        main()
    except SystemExit as ended:
        assert not ended.code, (words, ended.code)

template = Path(sys.argv[1])
loans = yaml.safe_load((template / "bank360.yaml").read_text())["sources"][1]
flat = table_mapping("loans", loans["mapping"], "Europe/London")
trained = train_table(flat, template / "flat", 42)

def night(home):
    for step in ("ingest", "build", "check"):  # check looks at the crosswalk too, which build makes
        command(step, "--home", str(home))

def register(home):
    registry = Registry(home / "registry")
    for one in trained[0].found.metrics:
        version = register_table(trained, flat, one.candidate, registry, "loans", "2024-07-01T12:00:00+00:00", 42, "a")
    score_file(home / "flat" / "loans.csv", home / "scored.csv", flat, registry.load("loans", version))

def reread(home):
    settings = home / "bank360.yaml"
    settings.write_text(settings.read_text().replace("debit: out, credit: into", "debit: into, credit: out"))
    command("rebuild", "--home", str(home))

STEPS = {
    "night": night, "rebuild": lambda home: command("rebuild", "--home", str(home)), "reread": reread,
    "register": register,
}

def run(home, what):
    STEPS[what](Path(home))
"""


def lines(path: Path, header: list[str], rows: list[list[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def delivered(home: Path) -> None:
    """Write a home's settings and files: two deliveries of a ledger, the second with a month in two parts."""
    home.mkdir(parents=True)
    (home / "bank360.yaml").write_text(SETTINGS, encoding="utf-8")
    rng = np.random.default_rng(5)
    first, second = home / "raw" / "001-first", home / "raw" / "002-second"
    lines(first / "clients.csv", ["client", "born"], [[k, f"19{50 + k % 50}-01-02"] for k in range(300)])
    lines(first / "accounts.csv", ["acc", "owner", "opened"], [[f"A{k}", k % 300, "2020-02-03"] for k in range(400)])
    for part, folder in enumerate((first, first, second, second)):
        amounts = [f"{one:.2f}" for one in rng.gamma(2, 30, 20_000)]
        moved: list[list[object]] = [
            [f"t{part}-{k}", f"A{k % 400}", f"2024-0{1 + part}-{1 + k % 28:02d}T{k % 24:02d}:00:00",
             *((one, "") if k % 3 else ("", one))]
            for k, one in enumerate(amounts)
        ]  # fmt: skip
        lines(folder / f"ledger-{part}.csv", ["id", "acc", "at", "out", "into"], moved)
    x = rng.normal(size=200)
    bad = rng.random(200) < 1 / (1 + np.exp(-2 * x))
    lines(home / "flat" / "loans.csv", ["id", "x", "bad"], [[k, f"{x[k]:.3f}", int(bad[k])] for k in range(200)])


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Start the process that forks, which trains the flat model once."""
    folder = tmp_path_factory.mktemp("nursery")
    delivered(folder / "template")
    with nursery_of(RUNS, folder, folder / "template") as started:
        yield started


def stands(home: Path) -> dict[str, object]:
    """Return what a home holds: rows of every table, copies that were received, versions of the model, the scores."""
    found: dict[str, object] = {}
    if (home / "warehouse.duckdb").exists():
        with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
            # Which steps ran on what is a note of each run; every other table is the bank's.
            found |= {name: rows for name, rows in content_hashes(warehouse).items() if name != "steps"}
    copies = (path for path in (home / "landing").rglob("*") if path.is_file() and "incoming" not in path.parts)
    found["landing"] = sorted(path.relative_to(home).as_posix() for path in copies if path.suffix != ".new")
    registry = Registry(home / "registry")
    found["versions"] = {version: registry.load("loans", version).version for version in registry.versions("loans")}
    found["aliases"] = registry.aliases("loans")
    scored = home / "scored.csv"
    found["scored"] = scored.read_bytes() if scored.exists() else None
    return found


def whole_loads(home: Path) -> None:
    """Hold every load to all or nothing: transactions are those of no, the first, or both deliveries."""
    if not (home / "warehouse.duckdb").exists():
        return
    with open_warehouse(home / "warehouse.duckdb", 1, "500MB") as warehouse:
        if "transactions" not in warehouse.tables() or "loads" not in warehouse.tables():
            return
        rows = warehouse.number("SELECT count(*) FROM transactions")
        told = warehouse.number("SELECT coalesce(sum(accepted), 0) FROM loads WHERE part = 'transactions'")
        readings = warehouse.number("SELECT count(DISTINCT reading) FROM loads WHERE source_system = 'core'")
    assert rows == told
    assert rows in (0, 40_000, 80_000)
    assert readings <= 1, "read by two mappings"


@pytest.mark.parametrize("what", ["night", "rebuild", "reread", "register"])
def test_a_home_killed_at_random_moments_ends_as_one_that_nobody_disturbed(tmp_path, nursery, what):
    before = {"night": (), "rebuild": ("night",), "reread": ("night",), "register": ()}[what]
    undisturbed, timed = tmp_path / "undisturbed", tmp_path / "timed"
    for home in (undisturbed, timed):
        delivered(home)
        for step in (*before, what):
            seconds = nursery.finished(home, step)  # of the second home: the first run also compiled and imported
    expected = stands(undisturbed)
    nursery.finished(undisturbed, what)
    assert stands(undisturbed) == stands(timed) == expected, "a second run changed something"
    moments = random.Random(SEED)
    killed = homes = 0
    while killed < KILLS:
        homes += 1
        home = tmp_path / f"killed-{homes}"
        delivered(home)
        for step in before:
            nursery.finished(home, step)
        for _ in range(moments.randint(1, 3)):  # a run that completes what was killed may be killed too
            killed += nursery.killed(moments, seconds, home, what)
            whole_loads(home)
            assert stands(home)["scored"] in (None, expected["scored"])
        nursery.finished(home, what)
        assert stands(home) == expected, f"after {killed} kills, in {home}"
