"""The gate: headers on everything, bodies to their limit, shedding, and mistakes of ours told by an id."""

import json
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from bank360.api import logs
from bank360.api.gate import Gate
from bank360.api.problems import Problem
from bank360.bank.errors import ChainBroken, StoreFailed
from bank360.storage.store.schema import case_events
from tests.api.conftest import SETTINGS, serving_api

CANARY = "Wilhelmina Featherstonehaugh-0x7f"
MOST = 65_536


def comment(api, case_id, **more):
    return api.ask("POST", f"/v1/cases/{case_id}/comments", **more)


@pytest.mark.parametrize("path", ["/v1/health", "/v1/queue", "/nothing", "/metrics", "/v1/openapi.json"])
def test_every_answer_has_its_headers(api, path):
    headers = api.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert len(headers["x-request-id"]) == 16
    assert "server" not in headers


@pytest.mark.parametrize("said", [True, False])
def test_a_body_over_the_limit_is_refused_whether_or_not_it_says_how_long_it_is(api, said):
    case_id = api.case()
    body = json.dumps({"text": "x" * MOST}).encode()
    content = body if said else iter([body[at : at + 4_096] for at in range(0, len(body), 4_096)])
    answer = comment(api, case_id, content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert ("content-length" in answer.request.headers) is said


def test_a_body_in_parts_is_read_as_a_whole(api):
    parts = iter([b'{"te', b'xt": "in ', b'parts"}'])
    answer = comment(api, api.case(), content=parts, headers={"content-type": "application/json"})
    assert answer.status_code == 200


def test_what_is_wrong_is_said_by_place_and_type_and_never_by_value(api):
    answer = comment(api, api.case(), json={"text": 5, CANARY: CANARY})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert {(tuple(e["loc"]), e["type"]) for e in answer.json()["errors"]} == {
        (("body", "text"), "string_type"), (("body", "*"), "extra_forbidden"),
    }  # fmt: skip
    assert CANARY not in answer.text


def test_more_requests_than_the_process_takes_at_once_are_told_to_come_again(api_home):
    (api_home / "bank360.yaml").write_text(SETTINGS.replace("api: {", "api: {at_once: 1, "), encoding="utf-8")
    with serving_api(api_home) as api:
        token, both, found = api.token("ann"), Barrier(8), []

        def ask():
            both.wait()
            answer = api.client.get("/v1/queue", headers={"Authorization": f"Bearer {token}"})
            found.append((answer.status_code, answer.headers.get("retry-after")))

        threads = [Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(found) <= {(200, None), (503, "1")}
        assert (200, None) in found
        assert {api.client.get(path).status_code for path in ("/health", "/v1/health")} == {200}


@pytest.fixture
def lines(monkeypatch):
    """What is logged, as the lines that would be written."""
    found = []

    class Logger:
        def _add(self, event, **fields):
            found.append(json.dumps(logs._closed(None, "", {"event": event, **fields})))

        info = error = warning = _add

    monkeypatch.setattr("bank360.api.logs.structlog.get_logger", Logger)
    return found


def test_a_mistake_of_ours_is_told_by_an_id_and_logged_without_its_text(api, lines, monkeypatch):
    def broken(*_):
        raise KeyError(CANARY)

    monkeypatch.setattr("bank360.api.routes.queue.queue_totals", broken)
    answer = api.ask("GET", "/v1/queue")
    problem = Problem.model_validate_json(answer.content)
    assert (answer.status_code, problem.detail) == (500, "This is our mistake.")
    assert problem.error_id == answer.headers["x-request-id"]
    (line,) = [json.loads(line) for line in lines if "unexpected" in line]
    assert (line["error"], line["request_id"], line["route"]) == ("KeyError", problem.error_id, "/v1/queue")
    assert "test_gate.py" in line["where"]
    assert CANARY not in answer.text + "".join(lines)


@pytest.mark.parametrize(("error", "again"), [(StoreFailed, "5"), (ChainBroken, "60")])
def test_a_store_that_cannot_write_is_unavailable_and_not_our_mistake(api, monkeypatch, error, again):
    def fail(*_args, **_more):
        raise error(CANARY)

    monkeypatch.setattr("bank360.api.routes.queue.comment_on_case", fail)
    answer = comment(api, api.case(), json={"text": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, again)
    assert CANARY not in answer.text


def test_personal_data_stands_in_no_line_of_the_log(api, lines):
    """In a path, a query, a body, a header, a name to log in with: through every way in."""
    case_id = api.case()
    for _ in (comment(api, case_id, json={"text": CANARY}), comment(api, CANARY, json={"text": CANARY})):
        pass
    api.ask("GET", f"/v1/queue?owner={CANARY}")
    api.ask("GET", f"/v1/cases/{CANARY}", headers={"X-Forwarded-For": CANARY, "User-Agent": CANARY})
    api.ask("GET", f"/{CANARY}")
    api.client.request(CANARY.split(maxsplit=1)[0], "/v1/queue")
    api.client.post("/v1/token", auth=(CANARY, CANARY))
    api.client.get("/v1/queue", headers={"Authorization": f"Bearer {CANARY}"})
    assert len(lines) >= 8
    said = "".join(lines) + api.client.get("/metrics").text
    for part in CANARY.replace("-", " ").split():
        assert part not in said
    with api.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(case_events)).scalar_one() == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("user", "ann smith"), ("route", "/v1/x?q=1 2"), ("status", "200"), ("ms", 5), ("name", "ann"), ("error", "a\nb")],
)
def test_a_field_that_is_not_of_its_form_is_not_written(name, value):
    assert logs._closed(None, "", {name: value, "pid": 1}) == {"pid": 1}


def test_what_is_no_request_goes_by_the_gate():
    seen = []

    async def inner(scope, _receive, _send):
        seen.append(scope["type"])

    coroutine = Gate(inner)({"type": "lifespan"}, None, None)
    with pytest.raises(StopIteration):
        coroutine.send(None)
    assert seen == ["lifespan"]
