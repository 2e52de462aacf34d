"""A page of another origin, another port among them, gets no WebSocket and no answer to what may change something."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from bank360.dashboard.same_origin import SameOrigin

OWN, FOREIGN = "http://bank.test:8361", ["http://bank.test:9999", "http://evil.example", "null", "http://bank.test"]


async def greet(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
def client():
    page = Route("/page", lambda _request: PlainTextResponse("done"), methods=["GET", "POST"])
    app = Starlette(routes=[page, WebSocketRoute("/talk", greet)], middleware=[Middleware(SameOrigin)])
    with TestClient(app, base_url=OWN) as opened:
        yield opened


@pytest.mark.parametrize("headers", [{"Origin": OWN}, {}])
def test_the_dashboards_own_pages_and_programs_are_answered(client, headers):
    headers = headers | {"Host": "bank.test:8361"}
    with client.websocket_connect("/talk", headers=headers) as socket:
        assert socket.receive_text() == "hello"
    assert client.post("/page", headers=headers).text == "done"


@pytest.mark.parametrize("origin", FOREIGN)
def test_another_origin_is_refused_but_for_what_only_reads(client, origin):
    headers = {"Origin": origin, "Host": "bank.test:8361"}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/talk", headers=headers):
        pass
    assert client.post("/page", headers=headers).status_code == 403
    assert client.get("/page", headers=headers).text == "done"
