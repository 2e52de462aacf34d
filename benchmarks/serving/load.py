"""R-9: decisions at a fixed rate on a real server, then at five times the rate, then at the rate again.

::

    python -m benchmarks.serving.load --home demo --rate 300 --seconds 600 --workers 2

Requests are due at fixed times, whether or not the server keeps up, and each is timed from when it was due: a server
that stalls is charged for everybody who waited. All is done on a copy of the home in a folder of its own, which is
removed after; at the end every acknowledged decision is looked for in the copy's log, and the log is verified. The
last line is JSON.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from bank360.api.startup import check_start
from bank360.home import Home, log_of, open_home, store_of
from bank360.storage.decision_verify import verify_log
from bank360.storage.published import open_published
from bank360.storage.published_lists import found_customers
from bank360.storage.store.backup import backup_store, restore_store
from bank360.storage.store.schema import decisions
from bank360.storage.tokens import insert_token
from bank360.storage.users import user_named

PATH = "/v1/loan-applications/decisions"
CALLER = "scoring"  # the demonstration bank's service user
GOOD_MS = 100.0
OVERLOAD, OVERLOAD_SECONDS, AFTER_SECONDS = 5, 10, 10
_HOUR = 3_600_000_000


@dataclass(frozen=True)
class Answered:
    """One request: when it was due (seconds of the clock), its status (0: no answer), milliseconds, and its answer."""

    due: float
    status: int
    ms: float
    body: bytes


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lie; 0 where there are none.

    >>> percentile([3.0, 1.0, 2.0], 0.5)
    2.0
    """
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else 0.0


def recovered(after: list[Answered], ended: float) -> float:
    """Return how many seconds after the overload ended the last request was due that was slow or sent away."""
    return max((one.due - ended for one in after if one.status != 201 or one.ms > GOOD_MS), default=0.0)


async def at_rate(port: int, requests: list[bytes], rate: float, connections: int) -> list[Answered]:
    """Send requests, the n-th due n / rate seconds from now, over so many connections; return what became of each."""
    began, due, done = time.perf_counter() + 0.05, iter(range(len(requests))), []

    async def client() -> None:
        link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        for n in due:
            at = began + n / rate
            await asyncio.sleep(max(at - time.perf_counter(), 0))
            try:
                link = link or await asyncio.open_connection("127.0.0.1", port)
                status, body = await _answer(*link, requests[n])
            except (OSError, EOFError):
                link, status, body = None, 0, b""
            done.append(Answered(at, status, (time.perf_counter() - at) * 1e3, body))
        if link is not None:
            link[1].close()

    await asyncio.gather(*(client() for _ in range(connections)))
    return sorted(done, key=lambda one: one.due)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    return int(head[9:12]), await reader.readexactly(length)


def requests_of(customers: list[str], product: str, token: str, count: int) -> list[bytes]:
    """Return so many requests for a decision as bytes, each under a key of its own."""
    made = []
    for n in range(count):
        asked = {"customer_id": customers[n % len(customers)], "product_id": product, "amount": 500_000,
                 "term_months": 36}  # fmt: skip
        body = json.dumps(asked).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Idempotency-Key: {secrets.token_hex(16)}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        made.append(head.encode() + body)
    return made


def copied(home: Home, folder: Path) -> Home:
    """Copy what a server reads of a home, its store by a backup; return the copy."""
    for name in ("bank360.yaml",):
        shutil.copy(home.path / name, folder / name)
    for tree in (home.registry, home.published):
        shutil.copytree(tree, folder / tree.name)
    with store_of(home) as own:
        backup_store(own, home.path / home.settings.store.anchor, folder / "backup")
    made = open_home(folder)
    restore_store(folder / "backup", f"sqlite:///{folder / 'store.sqlite3'}", folder / made.settings.store.anchor)
    return made


def logged_in(home: Home) -> str:
    """Return a token of the service user, good for an hour."""
    token, now = secrets.token_urlsafe(32), time.time_ns() // 1000
    with log_of(home) as log, log.store.writing() as connection:
        user = user_named(connection, CALLER)
        if user is None:
            raise SystemExit(f"the home has no user '{CALLER}': the benchmark runs on the demonstration bank")
        insert_token(connection, sha256(token.encode()).digest(), user.user_id, now, now + _HOUR)
    return token


def lost(home: Home, answers: list[Answered]) -> tuple[int, int]:
    """Return how many acknowledged decisions the log lacks, and how many faults it has."""
    told = {json.loads(one.body)["decision_id"] for one in answers if one.status == 201}
    with log_of(home) as log:
        with log.store.reading() as connection:
            known = set(connection.execute(select(decisions.c.decision_id)).scalars())
        return len(told - known), len(verify_log(log).faults)


def wait_until_ready(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the server says that it is ready."""
    for _ in range(1_200):
        if server.poll() is not None:
            raise SystemExit("the server did not start")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as link:
                link.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if link.recv(12).endswith(b"200"):
                    return
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit("the server was not ready after a minute")


def cpu_seconds(server: "subprocess.Popen[bytes]") -> float:
    """Return the processor's seconds that the server and its workers have used (Linux)."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    ticks = 0
    for process in (server.pid, *children):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def said(name: str, answers: list[Answered]) -> str:
    """Return one line about a phase."""
    good = [one.ms for one in answers if one.status == 201]
    away = [one.ms for one in answers if one.status in (429, 503)]
    statuses = ", ".join(
        f"{count:,} x {status}" for status, count in sorted(Counter(o.status for o in answers).items())
    )
    return (
        f"{name:<9} {statuses}; decided in median {percentile(good, 0.5):.1f} ms, p99 {percentile(good, 0.99):.1f} ms;"
        f" sent away in p99 {percentile(away, 0.99):.1f} ms"
    )


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving.load", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("demo"), help="the demonstration bank, published")
    parser.add_argument("--rate", type=float, default=300, help="requests a second")
    parser.add_argument("--seconds", type=int, default=600, help="of the fixed rate")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=128)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix=".bench-load-", dir=asked.home))
    home = copied(open_home(asked.home), folder)
    check_start(home)
    with store_of(home) as store, open_published(store, home.published) as published, published.current() as version:
        customers = [one.customer_id for one in found_customers(version, most=500).rows]
        product = version.meta.standard_request[0]
    token = logged_in(home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-c", "from bank360.cli.main import main; main()", "serve", "--home", str(folder), "--port", str(port)]
    with (folder / "log").open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, *words, "--workers", str(asked.workers), "--dashboard-port", "0"],
            stdout=out, stderr=out, start_new_session=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
    try:
        wait_until_ready(port, server)

        def phase(rate: float, seconds: float) -> list[Answered]:
            made = requests_of(customers, product, token, int(rate * seconds))
            return asyncio.run(at_rate(port, made, rate, asked.connections))

        phase(asked.rate, 2)
        worked = cpu_seconds(server)
        steady = phase(asked.rate, asked.seconds)
        worked = cpu_seconds(server) - worked
        over = phase(asked.rate * OVERLOAD, OVERLOAD_SECONDS)
        ended = time.perf_counter()
        after = phase(asked.rate, AFTER_SECONDS)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    missing, faults = lost(home, [*steady, *over, *after])
    shutil.rmtree(folder)
    for name, answers in (("steady", steady), ("overload", over), ("after", after)):
        print(said(name, answers))
    good = [one.ms for one in steady if one.status == 201]
    away = [one.ms for one in over if one.status in (429, 503)]
    found = {
        "bench": "load", "rate": asked.rate, "seconds": asked.seconds, "workers": asked.workers,
        "decided_a_second": round(len(good) / (steady[-1].due - steady[0].due + steady[-1].ms / 1e3), 1),
        "p99_ms": round(percentile(good, 0.99), 1), "cpu_ms": round(worked / len(steady) * 1e3, 2),
        "refused": len(steady) - len(good),
        "shed_p99_ms": round(percentile(away, 0.99), 1), "recovered_s": round(recovered(after, ended), 1),
        "lost": missing, "faults": faults,
    }  # fmt: skip
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
