"""R-8 for the API as written: all of the corpus over a real socket, ten thousand generated cases, no canary anywhere.

The corpus is `tests/api/hostile.py`: at least 500 raw requests for each operation, sent byte by byte, also what no HTTP
client library would send. schemathesis makes the cases from the document. Both on a bank that has published, on
PostgreSQL: no 5xx is right there, 503 included. Afterwards the log, the metrics and the store are searched for what was
put in (S-8).
"""

import contextlib
import os
import re
import socket

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from sqlalchemy import func, select

from bank360.api.startup import check_start
from bank360.home import log_of, open_home
from bank360.pipeline.demo_users import SAMPLE_PASSWORD
from bank360.storage.decision_verify import verify_log
from bank360.storage.store.schema import metadata
from tests.api.conftest import serving_api, with_api_settings
from tests.api.hostile import CANARY, Raw, requests_for
from tests.api.operations import DOCUMENT, OPERATIONS, Operation
from tests.api.real_server import Server, running
from tests.cli.conftest import run
from tests.dashboard.bank import published_home

__all__ = ["published_home"]  # fixture
CASES = int(os.environ.get("BANK360_PROOF_CASES", "10000"))


@pytest.fixture
def home(published_home, postgres_url, tmp_path):
    """A published home whose store is in PostgreSQL, with its users."""
    copied = with_api_settings(published_home, tmp_path / "bank", f"store: {{url: '{postgres_url}'}}\n")
    for of_sqlite in copied.glob("store*"):  # the new store begins a log of its own
        of_sqlite.unlink()
    check_start(open_home(copied))
    ran = run("publish", "--home", copied)
    assert ran.code == 0, ran
    return copied


@pytest.fixture
def api(home):
    with serving_api(home) as opened:
        assert opened.store.dialect == "postgresql"
        yield opened


def sent(server: Server, raw: Raw, token: str) -> tuple[int, bytes]:
    """Send a request as raw bytes and return the status and everything that came back; 0 where nothing did."""
    headers = [(b"host", b"localhost"), *raw.headers]
    if not any(name == b"authorization" for name, _ in headers) and not raw.path.startswith("/v1/token"):
        headers.append((b"authorization", b"Bearer " + token.encode()))
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    target = raw.path.encode("utf-8", "surrogateescape")
    head = raw.method.encode() + b" " + target + b" HTTP/1.1\r\n" + lines
    head += b"content-length: %d\r\nconnection: close\r\n\r\n" % len(raw.body)
    answer = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        with contextlib.suppress(OSError):  # refused before it was read to its end
            connection.sendall(head + raw.body)
        with contextlib.suppress(OSError):
            while part := connection.recv(65_536):
                answer += part
    status = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return (int(status[1]) if status else 0), answer


def rows(home):
    with log_of(open_home(home)) as log, log.store.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
            if name not in ("rate_counters", "tokens")
        }


def tables_with_the_canary(home):
    with log_of(open_home(home)) as log, log.store.reading() as connection:
        return [
            name
            for name, table in metadata.tables.items()
            if any(CANARY in str(row) for row in connection.execute(select(table)))
        ]


def token_for(server: Server, name: str) -> str:
    raw = Raw("POST", "/v1/token", ((b"content-type", b"application/x-www-form-urlencoded"),),
              f"username={name}&password={SAMPLE_PASSWORD.replace(' ', '+')}".encode())  # fmt: skip
    status, answer = sent(server, raw, "")
    assert status == 200, answer
    found = re.search(rb'"access_token":"([^"]+)"', answer)
    assert found is not None
    return found[1].decode()


def who(operation: Operation) -> str:
    return "scoring" if operation.path == "/v1/events" else "olga"


@pytest.mark.proof
def test_all_of_the_corpus_over_a_socket_finds_nothing(home, tmp_path):
    wrong, asked = [], 0
    with running(home, tmp_path / "log") as server:
        before = rows(home)
        for operation in OPERATIONS:
            token = token_for(server, who(operation))
            documented = {int(each) for each in operation.entry["responses"]}
            for raw in requests_for(operation):
                status, answer = sent(server, raw, token)
                asked += 1
                elsewhere = raw.path.split("?")[0] != operation.url
                fits = status in documented | {400} or (elsewhere and status in (404, 405))
                if status == 0 or status >= 500 or not fits:
                    wrong.append((operation.name, status, raw.path[:60], raw.body[:60]))
                if CANARY.encode() in answer:
                    wrong.append((operation.name, "echo", raw.path[:60], raw.body[:60]))
                if operation.name == "DELETE /v1/token" and status == 204:
                    token = token_for(server, who(operation))
        # The document's examples name nobody and nothing of this bank: whatever would write is refused.
        assert rows(home) == before
        metrics = sent(server, Raw("GET", "/metrics", (), b""), "")[1]
    assert wrong == []
    assert asked >= 500 * len(OPERATIONS)
    assert CANARY.encode() not in metrics + (tmp_path / "log").read_bytes()
    assert tables_with_the_canary(home) == []
    with log_of(open_home(home)) as log:
        assert verify_log(log).faults == ()


@pytest.mark.proof
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_generated_cases_are_answered_as_the_document_says(api, mode):
    """Half of the cases as the document asks for them, half against it."""
    schema = schemathesis.openapi.from_dict(dict(DOCUMENT))
    asked = wrong = 0
    for operation in OPERATIONS:
        cases = schema[operation.path][operation.method].as_strategy(generation_mode=mode)
        with contextlib.suppress(Unsatisfiable):  # what takes nothing cannot be asked wrongly
            more, faults = answered(api, operation, cases)
            asked, wrong = asked + more, wrong + faults
    assert wrong == 0
    assert asked >= 0.4 * CASES


def answered(api, operation, cases):
    """Send cases of one operation; return how many were sent, and how many were not answered as documented."""
    documented = {int(status) for status in operation.entry["responses"]} | {404, 405}  # of a path that is another's
    found = []

    @settings(
        max_examples=CASES // (2 * len(OPERATIONS)) + 1, deadline=None, database=None, phases=[Phase.generate],
        derandomize=True, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def ask(case):
        said = case.as_transport_kwargs()
        content = {"content": said["data"]} if isinstance(said.get("data"), bytes | str) else {}
        content |= {name: said[name] for name in ("json", "params") if said.get(name) is not None}
        headers = {
            name: str(value) for name, value in said["headers"].items()
            if str(value).isascii() and str(value).isprintable() and name.lower() != "authorization"
        }  # fmt: skip
        headers["Authorization"] = f"Bearer {api.token(who(operation))}"
        answer = api.client.request(said["method"], said["url"], headers=headers, **content)
        found.append(answer.status_code)
        if operation.name == "DELETE /v1/token" and answer.status_code == 204:
            api._tokens.clear()

    ask()
    return len(found), sum(status not in documented or status >= 500 for status in found)
