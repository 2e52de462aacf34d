"""Decide applications one after the other on a served bank, then at once; print where the time goes and one JSON line.

Decisions go to a copy of the home's store in a folder of their own on the same disk, which is removed after: a bank's
log holds no benchmark. The disk's bare sync is timed beside them, in the same minute: a decision waits for one.
"""

import argparse
import hashlib
import json
import os
import random
import secrets
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bank360.home import open_home, store_of
from bank360.pipeline.desk import Desk, open_desk
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide
from bank360.policies.decision import DecisionRecord
from bank360.storage.anchor import Anchor
from bank360.storage.decision_log import DecisionLog, Request, log_head
from bank360.storage.policy_files import policy_text
from bank360.storage.published import open_published
from bank360.storage.published_lists import found_customers
from bank360.storage.registry import Registry
from bank360.storage.store.backup import backup_store, restore_store
from bank360.storage.store.engine import open_store

LAPS = ("read", "features", "score", "reasons", "commit")
KEY = b"an audit key of the benchmark's own, of no other use"
WARM_UP = 30


def answer(record: DecisionRecord) -> bytes:
    """Return what a route would answer, more or less."""
    said = {"decision_id": record.decision_id, "outcome": str(record.outcome), "reasons": record.reasons}
    return json.dumps(said).encode()


def timed(desk: Desk, application: LoanApplication, at: int) -> dict[str, float]:
    """Decide one application and return milliseconds by lap, ``total``, and of the processor ``cpu``."""
    spent: dict[str, float] = {}
    last = began = time.perf_counter()
    worked = time.thread_time()

    def lap(name: str) -> None:
        nonlocal last
        now = time.perf_counter()
        spent[name] = spent.get(name, 0.0) + (now - last) * 1e3
        last = now

    key, payload = secrets.token_hex(8), repr(application).encode()
    request = Request("bench", "/v1/loan-applications/decisions", key, hashlib.sha256(payload).digest())
    decide(desk, application, AskedBy("bench", at, secrets.token_hex(16), secrets.token_hex(16), request), answer, lap)
    whole = {"total": (time.perf_counter() - began) * 1e3, "cpu": (time.thread_time() - worked) * 1e3}
    return spent | whole


def bare_sync(folder: Path, times: int) -> list[float]:
    """Return milliseconds of writing and syncing 16 KB, the size of a decision's pages, in place."""
    file = os.open(folder / "sync", os.O_RDWR | os.O_CREAT)
    block, found = os.urandom(16_384), []
    os.pwrite(file, block * 64, 0)
    os.fsync(file)
    for n in range(times):
        os.pwrite(file, block, (n % 64) * len(block))
        began = time.perf_counter()
        os.fdatasync(file)
        found.append((time.perf_counter() - began) * 1e3)
    os.close(file)
    return found


def at_once(threads: int, count: int, one: Callable[[int], object]) -> float:
    """Return how many a second ``threads`` threads do together."""

    def work(first: int) -> None:
        for n in range(first, count, threads):
            one(n)

    workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return count / (time.perf_counter() - began)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lie."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("demo"), help="a bank that is published")
    parser.add_argument("--decisions", type=int, default=1_000, help="one after the other, and again at once")
    asked = parser.parse_args()
    home = open_home(asked.home)
    folder = Path(tempfile.mkdtemp(prefix=".bench-serving-", dir=home.path))
    try:
        with store_of(home) as own:
            backup_store(own, folder / "no anchor", folder / "backup")
        url, anchor = f"sqlite:///{folder / 'store.sqlite3'}", Anchor(folder / "store.anchor", KEY)
        restore_store(folder / "backup", url, anchor.path)
        with open_store(url) as store, open_published(store, home.published) as published:
            log = DecisionLog(store, anchor)
            with store.reading() as connection:
                anchor.set_to(log_head(connection))
            desk = open_desk(log, published, Registry(home.registry), policy_text(None), time.time_ns() // 1000)
            with published.current() as version:
                meta = version.meta
                page = found_customers(version, most=500).rows
            applications = [LoanApplication(one.customer_id, *meta.standard_request) for one in page]
            random.Random(1).shuffle(applications)
            spent = [timed(desk, applications[n % len(applications)], meta.as_of) for n in range(WARM_UP)]
            sync = bare_sync(folder, 200)
            spent = [timed(desk, applications[n % len(applications)], meta.as_of) for n in range(asked.decisions)]
            sync += bare_sync(folder, 200)
            print(f"{meta.customers:,} customers; {asked.decisions:,} decisions one after the other, milliseconds")
            for name in (*LAPS, "total", "cpu"):
                values = [one.get(name, 0.0) for one in spent]
                print(f"  {name:<9} median {statistics.median(values):6.2f}   p99 {percentile(values, 0.99):6.2f}")
            print(
                f"  a bare sync of this disk: median {statistics.median(sync):.2f}   p99 {percentile(sync, 0.99):.2f}"
            )
            for threads in (1, 4, 16):
                rate = at_once(
                    threads, asked.decisions, lambda n: timed(desk, applications[n % len(applications)], meta.as_of)
                )
                print(f"  {threads:>2} threads: {rate:6.0f} decisions a second")
    finally:
        shutil.rmtree(folder)
    medians = {f"{name}_ms": round(statistics.median([one.get(name, 0.0) for one in spent]), 2) for name in LAPS}
    totals = [one["total"] for one in spent]
    whole = {"median_ms": round(statistics.median(totals), 2), "p99_ms": round(percentile(totals, 0.99), 2)}
    print(json.dumps({"bench": "serving", **whole, **medians}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
