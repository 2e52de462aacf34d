"""SIGKILL at 50 random moments of ingest and build: the next run completes, nothing is lost or doubled.

Each run loads the same small bank (history, a delivery that must be refused, updates), identifies and builds, in a
process of its own that is killed at a random moment; then a run that is left alone finishes. The content hash of every
table must equal that of a bank which nobody disturbed, and the landing zone must hold the same copies.

The processes are forked from one that has imported everything and started no thread, so that kills fall into the work
and not into a second of imports.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bank360.pipeline.generate import generate

pytestmark = pytest.mark.proof

KILLS, SEED = 50, 20_261_121
CUSTOMERS, MONTHS = 100, 60

# Forks a child per line of input ("home raw") and prints its pid; at the next line waits and prints its status.
NURSERY = """
import json, os, sys
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

def night(home, raw):
    now = datetime(2026, 7, 2, tzinfo=UTC)
    with open_warehouse(home / "warehouse.duckdb", threads=1, memory_limit="1GB") as warehouse:
        complete_pending(home / "landing", warehouse, lambda delivery: SOURCE)
        for folder in sorted(path for path in raw.iterdir() if path.is_dir()):
            try:
                ingest(SOURCE, folder, home / "landing", warehouse, now)
            except DataRefused:
                assert folder.name == "001b-damaged"
        identify(warehouse, "Europe/London", now)
        build(warehouse, instant(now), threads=1)
        hashes = content_hashes(warehouse)
    (home / "hashes.json").write_text(json.dumps(hashes))

for line in sys.stdin:
    home, raw = map(Path, line.split())
    child = os.fork()
    if child == 0:
        night(home, raw)
        os._exit(0)
    print(child, flush=True)
    sys.stdin.readline()  # until asked the child stays waitable, so that its number cannot be another process's
    print(os.waitpid(child, 0)[1], flush=True)
"""


@dataclass
class Nursery:
    """The process that forks; ``errors`` is where its children complain."""

    process: "subprocess.Popen[str]"
    errors: Path

    def start(self, home: Path, raw: Path) -> int:
        """Start a night's run and return its process id."""
        home.mkdir(exist_ok=True)
        (home / "hashes.json").unlink(missing_ok=True)
        return self._asked(f"{home} {raw}")

    def ended(self) -> int:
        """Wait for the run and return its wait status (0: finished, 9: killed)."""
        return self._asked("wait")

    def finished(self, home: Path, raw: Path) -> dict[str, str]:
        """Run a night to its end and return the content hashes."""
        self.start(home, raw)
        assert self.ended() == 0, self.errors.read_text()[-3000:]
        hashes: dict[str, str] = json.loads((home / "hashes.json").read_text())
        return hashes

    def _asked(self, question: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, self.errors.read_text()[-3000:]
        return int(line)


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Start the process that forks."""
    errors = tmp_path_factory.mktemp("nursery") / "stderr"
    with errors.open("w") as told:
        process = subprocess.Popen(
            [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True
        )
        yield Nursery(process, errors)
        process.communicate(timeout=60)


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


def test_a_bank_killed_at_random_moments_ends_as_one_that_nobody_disturbed(tmp_path, nursery, raw):
    undisturbed = nursery.finished(tmp_path / "undisturbed", raw)
    rows = {name: int(value.split(":")[0]) for name, value in undisturbed.items()}
    assert rows["transactions"] > 10_000
    assert rows["customer_features"] > 0
    begun = time.monotonic()
    nursery.finished(tmp_path / "timed", raw)  # the first run also compiled the kernel
    seconds = time.monotonic() - begun
    assert nursery.finished(tmp_path / "undisturbed", raw) == undisturbed, "a second run changed something"
    moments = random.Random(SEED)
    killed = homes = 0
    while killed < KILLS:
        homes += 1
        home = tmp_path / f"killed-{homes}"
        for _ in range(moments.randint(1, 3)):  # a run that completes what was killed may be killed too
            child = nursery.start(home, raw)
            time.sleep(moments.uniform(0, seconds))
            os.kill(child, signal.SIGKILL)
            killed += nursery.ended() == signal.SIGKILL
        assert nursery.finished(home, raw) == undisturbed, f"after {killed} kills, in {home}"
        assert copies(home) == copies(tmp_path / "undisturbed")
