"""The API put together: routes, the gate before them, and the document that describes them.

`create_app` opens the home when the server starts it and closes it when the server stops; nothing is open before.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from bank360 import __version__
from bank360.api.callers import Callers
from bank360.api.gate import Gate
from bank360.api.problems import Problem, add_handlers
from bank360.api.routes import customers, decisions, events, places, queue, service, token
from bank360.api.serving import opened
from bank360.home import Home
from bank360.storage.store.engine import Store

_LOOKS_EVERY, _TO_ANSWER = 0.1, 1.0  # seconds
ROUTERS = (
    service.router, token.router, customers.router, decisions.router, queue.router, events.router, places.router,
)  # fmt: skip
_WHAT = (
    "Customer 360, credit decisions with reasons, and the queue of one bank. Money is minor units of the currency "
    "named beside it, instants are UTC. Each operation says in `x-access` which right it needs."
)
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "From POST /v1/token."},
    "basic": {"type": "http", "scheme": "basic"},
}


def create_app(home: Home, when_failed: Callable[[], None] = lambda: None) -> FastAPI:
    """Return the app that serves a home.

    Parameters
    ----------
    when_failed
        Called once if the store failed to commit: the process may not go on, but for telling those who wait.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with opened(home) as serving:
            app.state.serving, app.state.callers = serving, Callers(serving)
            watching = asyncio.create_task(_watch(serving.store, when_failed))
            yield
            watching.cancel()

    app = FastAPI(
        title="bank360",
        version=__version__,
        description=_WHAT,
        lifespan=lifespan,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # its page loads scripts from the internet
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Gate)
    document = _document(app)
    app.openapi = lambda: document  # type: ignore[method-assign]
    add_handlers(app, document, _names(document))
    return app


async def _watch(store: Store, when_failed: Callable[[], None]) -> None:
    while not store.broken:
        await asyncio.sleep(_LOOKS_EVERY)
    await asyncio.sleep(_TO_ANSWER)  # whoever waits is told 503, and monitors see that it is not ready
    when_failed()


def _document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with the problem and the ways to log in among its components."""
    found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    components = found.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(problem.pop("$defs"), Problem=problem)
    return found


def _names(document: dict[str, Any]) -> frozenset[str]:
    """Return every name that the document gives a field or a parameter, and the places of a request."""
    names = {"body", "path", "query", "header"}
    waiting: list[Any] = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            names.update(one.get("properties", {}) if isinstance(one.get("properties"), dict) else ())
            if "in" in one and isinstance(one.get("name"), str):
                names.update((one["name"], one["name"].replace("-", "_").lower()))
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return frozenset(names)
