"""SIGKILL at 50 random moments of ingest and build: the next run completes, nothing is lost or doubled.

Each run loads the same small bank (history, a delivery that must be refused, updates), identifies and builds, in a
process of its own that is killed at a random moment; then a run that is left alone finishes. The content hash of every
table must equal that of a bank which nobody disturbed, and the landing zone must hold the same copies.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bank360.pipeline.generate import generate
from tests.proof.nursery import Nursery, nursery_of

pytestmark = pytest.mark.proof

KILLS, SEED = 50, 20_261_121
CUSTOMERS, MONTHS = 100, 60

# The words of a run: home, raw.
NIGHT = """
import json
from datetime import UTC, datetime
from pathlib import Path

from bank360.bank.calendar import instant
from bank360.bank.errors import DataRefused
from bank360.pipeline.build import build
from bank360.pipeline.identify import identify
from bank360.pipeline.ingest import complete_pending, ingest
from bank360.sources.synthetic import SOURCE
from bank360.storage.ledger import content_hashes
from bank360.storage.warehouse import open_warehouse

def run(*words):
    home, raw = map(Path, words)
    now = datetime(2026, 7, 2, tzinfo=UTC)
    with open_warehouse(home / "warehouse.duckdb", threads=1, memory_limit="1GB") as warehouse:
        complete_pending(home / "landing", warehouse, lambda delivery: SOURCE)
        for folder in sorted(path for path in raw.iterdir() if path.is_dir()):
            try:
                ingest(SOURCE, folder, home / "landing", warehouse, now)
            except DataRefused:
                assert folder.name == "001b-damaged"
        identify(warehouse, "Europe/London", now)
        build(warehouse, instant(now), "Europe/London", "GBP", "GB", threads=1)
        hashes = content_hashes(warehouse)
    (home / "hashes.json").write_text(json.dumps(hashes))
"""


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Start the process that forks."""
    with nursery_of(NIGHT, tmp_path_factory.mktemp("nursery")) as started:
        yield started


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generate the bank, and between its deliveries one that must be refused."""
    folder = tmp_path_factory.mktemp("bank")
    generate(folder / "raw", folder / "truth", CUSTOMERS, MONTHS, seed=7)
    damaged = folder / "raw" / "001b-damaged" / "customers"
    damaged.mkdir(parents=True)
    whole = next((folder / "raw" / "001-history" / "customers").iterdir()).read_bytes()
    (damaged / "customers-000.parquet").write_bytes(whole[: len(whole) // 2])
    return folder / "raw"


def copies(home: Path) -> list[str]:
    """Return what the landing zone holds, refusals aside (each attempt may leave one)."""
    found = [path.relative_to(home).as_posix() for path in (home / "landing").rglob("*") if path.is_file()]
    return sorted(path for path in found if not path.startswith(("landing/refused", "landing/incoming")))


def hashes(nursery: Nursery, home: Path, raw: Path) -> dict[str, str]:
    """Run a night to its end and return the content hashes."""
    home.mkdir(exist_ok=True)
    (home / "hashes.json").unlink(missing_ok=True)
    nursery.finished(home, raw)
    found: dict[str, str] = json.loads((home / "hashes.json").read_text())
    return found


def test_a_bank_killed_at_random_moments_ends_as_one_that_nobody_disturbed(tmp_path, nursery, raw):
    undisturbed = hashes(nursery, tmp_path / "undisturbed", raw)
    rows = {name: int(value.split(":")[0]) for name, value in undisturbed.items()}
    assert rows["transactions"] > 10_000
    assert all(rows[f"{of}_features"] > 0 for of in ("customer", "merchant", "terminal"))
    (tmp_path / "timed").mkdir()
    seconds = nursery.finished(tmp_path / "timed", raw)  # the first run also compiled the kernel
    assert hashes(nursery, tmp_path / "undisturbed", raw) == undisturbed, "a second run changed something"
    moments = random.Random(SEED)
    killed = homes = 0
    while killed < KILLS:
        homes += 1
        home = tmp_path / f"killed-{homes}"
        home.mkdir()
        for _ in range(moments.randint(1, 3)):  # a run that completes what was killed may be killed too
            killed += nursery.killed(moments, seconds, home, raw)
        assert hashes(nursery, home, raw) == undisturbed, f"after {killed} kills, in {home}"
        assert copies(home) == copies(tmp_path / "undisturbed")
