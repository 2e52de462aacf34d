"""Only pages of the dashboard itself may talk to it: what another origin's page sends is refused before it is read.

A browser says from which origin a WebSocket, or a request that may change something, comes. Another port of the same
host is another origin, and gets the log-in's cookie sent along. Streamlit asks too, but lets every page of this machine
in, and asks the internet for its own address before it refuses. Neighbours: `serve.py`, `kept_log_in.py`.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_READS = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY_VIOLATION = 1008  # RFC 6455, 7.4.1


class SameOrigin:
    """Wraps an application; a proxy before it must hand on the ``Host`` that the browser asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] == "websocket" and _foreign(scope):
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        elif scope["type"] == "http" and scope["method"] not in _READS and _foreign(scope):
            await Response(status_code=403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _foreign(scope: Scope) -> bool:
    """Return whether a browser says that another origin sent this; a program says nothing, and has no cookie."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")
