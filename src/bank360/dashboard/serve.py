"""Serve the pages: one process, apart from the API's, so that a page drawn never delays a decision."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from bank360.dashboard.kept_log_in import ROUTE
from bank360.dashboard.opened import HOME_VARIABLE, close_banks
from bank360.dashboard.page_faults import log_without_texts
from bank360.dashboard.same_origin import SameOrigin
from bank360.dashboard.theme import set_options

if TYPE_CHECKING:
    from streamlit.starlette import App

SCRIPT = Path(__file__).with_name("app.py")


def dashboard_app() -> "App":
    """Return the pages of the bank that ``BANK360_HOME`` names as an ASGI application; it closes what it opens."""
    from streamlit.starlette import App

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        yield
        close_banks()

    set_options()
    log_without_texts()
    return App(SCRIPT, lifespan=lifespan, routes=[ROUTE], middleware=[Middleware(SameOrigin)])


def serve(home: Path, host: str, port: int) -> None:
    """Serve the pages of a home until told to stop.

    Parameters
    ----------
    host, port
        Where to listen.
    """
    import uvicorn

    os.environ[HOME_VARIABLE] = str(home.resolve())
    uvicorn.run(
        dashboard_app(), host=host, port=port, access_log=False, log_level="warning", proxy_headers=False,
        server_header=False,
    )  # fmt: skip
