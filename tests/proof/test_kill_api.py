"""R-2 for the API: a hundred kills −9 under load, clients that send the same key again, and nothing lost or doubled.

Two kinds of acknowledged operation: a loan decision (on a published bank) and a comment on a case. A client goes on
with the next only when the one before was acknowledged. At the end each key stands once in the store with the very
bytes that its client was told, each decision and each comment is there once, the chain is valid, and no restart took a
hand.
"""

import hashlib
import json
import os
import random
import shutil
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest
from sqlalchemy import select

from bank360.api.startup import check_start
from bank360.bank.vocabulary import AlertSeverity, CaseKind
from bank360.home import log_of, open_home
from bank360.pipeline.demo_users import SAMPLE_PASSWORD
from bank360.pipeline.sessions import open_session
from bank360.storage.cases import FoundCase, events_of_case, open_cases
from bank360.storage.decision_verify import verify_log
from bank360.storage.store.schema import decisions, idempotency
from tests.api.real_server import Server, free_port, start, wait_until_ready
from tests.cli.conftest import built, generated, scored

__all__ = ["built", "generated", "scored"]  # fixtures
KILLS = int(os.environ.get("BANK360_PROOF_KILLS", "100"))
CLIENTS = 4


@dataclass
class Client:
    """A client that acts until told to stop, and sends what was not acknowledged again."""

    port: int
    number: int
    token: str
    case_id: str
    customers: list[str]
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    comments: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Act; stop only between two operations, so that each is acknowledged."""
        rng = random.Random(self.number)
        for count in range(10**9):
            if self.stop.is_set():
                return
            key = f"client-{self.number}-{count:06}"
            if rng.random() < 0.5:
                self.comments += 1
                self._until_acknowledged(f"/v1/cases/{self.case_id}/comments", key, {"text": key})
            else:
                body = {
                    "customer_id": rng.choice(self.customers), "product_id": "LOAN",
                    "amount": rng.randrange(100_000, 900_000, 10_000), "term_months": 36,
                }  # fmt: skip
                self._until_acknowledged("/v1/loan-applications/decisions", key, body)

    def _until_acknowledged(self, path: str, key: str, body: dict[str, object]) -> None:
        headers = {
            "Authorization": f"Bearer {self.token}", "Idempotency-Key": key, "Content-Type": "application/json",
        }  # fmt: skip
        while True:
            try:
                with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
                    connection.request("POST", path, json.dumps(body), headers)
                    answer = connection.getresponse()
                    said = answer.read()
            except (OSError, HTTPException):  # killed before, while or after it was done: nobody knows
                time.sleep(0.02)
                continue
            if answer.status in (200, 201):
                self.acknowledged[key] = said
                return
            assert answer.status in (409, 503), (answer.status, said)  # in work in this process, or not ready yet
            time.sleep(0.05)


@pytest.fixture
def home(scored: Path, tmp_path: Path) -> Path:
    """A published bank with the demonstration users."""
    from tests.cli.conftest import run

    folder = Path(shutil.copytree(scored, tmp_path / "bank"))
    settings = folder / "bank360.yaml"
    settings.write_text(settings.read_text("utf-8") + "demo: true\napi: {user_per_minute: 1000000}\n", "utf-8")
    check_start(open_home(folder))
    published = run("publish", "now", "--home", folder)
    assert published.code == 0, published.err
    return folder


@pytest.mark.proof
def test_a_hundred_kills_lose_and_double_nothing(home, tmp_path):
    clients, port = prepared(home), free_port()
    for client in clients:
        client.port = port
    threads = [threading.Thread(target=client.run) for client in clients]
    rng, starts = random.Random(360), []
    server: Server = start(home, port, tmp_path / "log")
    starts.append(wait_until_ready(server))
    for thread in threads:
        thread.start()
    for _ in range(KILLS):
        wait_for_acknowledgements(clients, rng.randint(1, 15))
        time.sleep(rng.uniform(0, 0.05))
        server.kill()
        server = start(home, port, tmp_path / "log")
        starts.append(wait_until_ready(server))
    for client in clients:
        client.stop.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    server.kill()
    assert_nothing_lost_or_doubled(home, clients)
    acknowledged = sum(len(client.acknowledged) for client in clients)
    median, slowest = sorted(starts)[len(starts) // 2], max(starts)
    said = f"{KILLS} kills, {acknowledged} acknowledged, restarts: median {median:.1f} s, slowest {slowest:.1f} s\n"
    sys.stdout.write(said)
    assert acknowledged > KILLS


def wait_for_acknowledgements(clients: list[Client], more: int) -> None:
    """Wait until so many more operations were acknowledged, so that each kill meets a server at work."""
    began, before = time.monotonic(), sum(len(client.acknowledged) for client in clients)
    while sum(len(client.acknowledged) for client in clients) < before + more:
        assert time.monotonic() - began < 120, "the server acknowledges nothing"
        time.sleep(0.005)


def prepared(home: Path) -> list[Client]:
    """Return the clients, each with a token and a case of its own."""
    opened = open_home(home)
    with log_of(opened) as log:
        found = [
            FoundCase(CaseKind.ALERT, "salary_stopped", f"C{n}", "g", AlertSeverity.LOW, None, None)
            for n in range(CLIENTS)
        ]
        with log.store.writing() as connection:
            case_ids = open_cases(connection, found, 1, "once")
        tokens = [f"token-{n}" for n in range(CLIENTS)]
        for token in tokens:
            assert open_session(log.store, log.key, "ann", SAMPLE_PASSWORD, token, time.time_ns() // 1000, 10**11)
        customers = published_customers(home)
    return [Client(0, n, tokens[n], case_ids[n], customers) for n in range(CLIENTS)]


def published_customers(home: Path) -> list[str]:
    """Return ids of customers who are published."""
    from bank360.storage.published import open_published
    from bank360.storage.published_lists import found_customers

    opened = open_home(home)
    with (
        log_of(opened) as log,
        open_published(log.store, opened.published) as published,
        published.current() as version,
    ):
        return [row.customer_id for row in found_customers(version, most=50).rows]


def assert_nothing_lost_or_doubled(home: Path, clients: list[Client]) -> None:
    opened = open_home(home)
    with log_of(opened) as log:
        verdict = verify_log(log)
        assert verdict.faults == ()
        with log.store.reading() as connection:
            kept = {row.key: row for row in connection.execute(select(idempotency))}
            sealed = connection.execute(select(decisions.c.sequence, decisions.c.kind)).all()
            comments = {
                client.number: [e.comment for e in events_of_case(connection, client.case_id) if e.comment]
                for client in clients
            }
        told = {key: said for client in clients for key, said in client.acknowledged.items()}
        assert set(kept) == set(told)  # nothing acknowledged is lost, and nothing was done that nobody asked for again
        for key, said in told.items():
            assert hashlib.sha256(kept[key].response).digest() == hashlib.sha256(said).digest(), key
        assert len({row.sequence for row in kept.values()}) == len(kept)
        for client in clients:
            said_once = comments[client.number]
            assert len(said_once) == len(set(said_once)) == client.comments
            assert set(said_once) <= set(client.acknowledged)
        acts = [row for row in sealed if row.kind in ("case.commented", "credit.decision")]
        assert len(acts) == len(told)
