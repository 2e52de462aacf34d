"""The gate that every request passes: too many at once, who asks, too often, the body, and then the routes.

Outermost of all, so that nothing leaves without its headers, its line in the log, and, if we made a mistake, an error
id instead of a stack trace. A body is read here, up to its limit and within its time, whether or not the client says
how long it is; the routes see whole bodies only.
"""

import asyncio
import secrets
import time

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bank360.api import logs, metrics
from bank360.api.callers import Caller, Callers
from bank360.api.problems import error_response, problem_response
from bank360.api.serving import wall_us
from bank360.bank.errors import Bank360Error

# A bank's own monitors ask these every few seconds.
UNCOUNTED = frozenset({"/health", "/v1/health", "/ready", "/metrics"})
SECONDS_FOR_BODY = 10.0
UNKNOWN_ROUTE = "unmatched"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)
_OURS = frozenset(name for name, _ in _HEADERS)


class Gate:
    """ASGI middleware around the whole app.

    Parameters
    ----------
    app
        What is behind the gate.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._in_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = secrets.token_hex(8)
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                others = [pair for pair in message.get("headers", ()) if pair[0].lower() not in _OURS]
                message["headers"] = [*others, *_HEADERS, (b"x-request-id", request_id.encode())]
            await send(message)

        self._in_work += 1
        metrics.IN_WORK.inc()
        try:
            await self._through(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - the last resort: nothing of a mistake of ours reaches the client
            logs.unexpected(request_id, _route(scope), error)
            metrics.FAULTS.labels(type(error).__name__).inc()
            if status == 0:
                await problem_response(500, "This is our mistake.", error_id=request_id)(
                    scope, receive, send_with_headers
                )
        finally:
            self._in_work -= 1
            metrics.IN_WORK.dec()
            self._say(scope, request_id, status, time.perf_counter() - began)

    async def _through(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in UNCOUNTED:
            scope["state"]["principal"] = None
            await self._app(scope, _replayed(b""), send)
            return
        refused = await self._admitted(scope)
        if refused is None:
            body = await _whole_body(scope, receive, scope["app"].state.serving.home.settings.api.body_bytes)
            if isinstance(body, bytes):
                await self._app(scope, _replayed(body), send)
                return
            refused = body
        await refused(scope, receive, send)

    async def _admitted(self, scope: Scope) -> Response | None:
        """Return None for a request that may go on, its principal noted in its state; else the answer to it."""
        held = scope["app"].state
        if self._in_work > held.serving.home.settings.api.at_once:
            metrics.SHED.inc()
            return problem_response(503, "Too many requests are in work. Come again.", headers={"Retry-After": "1"})
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope.get("client") else None
        try:
            caller = await to_thread.run_sync(
                _counted, held.callers, peer, headers.getlist("x-forwarded-for"), _bearer(headers)
            )
        except Bank360Error as error:
            response = error_response(error)
            if response is None:
                raise
            return response
        scope["state"]["principal"] = caller.principal
        if caller.limited_until_us is None:
            return None
        metrics.LIMITED.labels("address" if caller.principal is None else "user").inc()
        return problem_response(
            429, "Too many requests.", headers={"Retry-After": retry_after(caller.limited_until_us)}
        )

    def _say(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route, principal = _route(scope), scope["state"].get("principal")
        metrics.REQUESTS.labels(method, route, str(status)).inc()
        metrics.SECONDS.labels(route).observe(seconds)
        user, role = (None, None) if principal is None else (principal.user_id, principal.role.value)
        logs.request_done(request_id, method, route, status, seconds * 1000, user, role)


def retry_after(until_us: int) -> str:
    """Return whole seconds until an instant, at least one, as Retry-After says it."""
    return str(max(1, -(-(until_us - wall_us()) // 1_000_000)))


def _counted(callers: Callers, peer: str | None, forwarded: list[str], token: str | None) -> Caller:
    return callers.caller(peer, forwarded, token)


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return getattr(route, "path_format", None) or UNKNOWN_ROUTE


async def _whole_body(scope: Scope, receive: Receive, most: int) -> bytes | Response:
    """Return a request's body; the answer to it where it is too long or does not come."""
    said = Headers(scope=scope).get("content-length", "")
    if said.isdigit() and int(said[:20]) > most:
        return _too_long(most)
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_BODY):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return problem_response(400, "The body ended before its end.")
                body += message.get("body", b"")
                if len(body) > most:
                    return _too_long(most)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return problem_response(408, "The body did not come in time.", headers={"Connection": "close"})


def _too_long(most: int) -> Response:
    return problem_response(413, f"At most {most} bytes.", headers={"Connection": "close"})


def _replayed(body: bytes) -> Receive:
    """Return a channel that gives a whole body once, then waits as a silent client does."""
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
