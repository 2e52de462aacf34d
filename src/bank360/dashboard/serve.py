"""Serve the pages: one process, apart from the API's, so that a page drawn never delays a decision.

It ends where its store failed to commit, as a worker of the API does, for nobody knows what reached the disk; whoever
keeps it running starts it anew.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from bank360.dashboard.kept_log_in import ROUTE
from bank360.dashboard.opened import HOME_VARIABLE, close_banks, store_failed
from bank360.dashboard.page_faults import log_without_texts
from bank360.dashboard.same_origin import SameOrigin
from bank360.dashboard.theme import set_options

if TYPE_CHECKING:
    from streamlit.starlette import App

SCRIPT = Path(__file__).with_name("app.py")
STORE_FAILED = os.EX_IOERR  # 74, the exit code
_LOOKS_EVERY, _TO_ANSWER = 0.1, 1.0  # seconds


def dashboard_app() -> "App":
    """Return the pages of the bank that ``BANK360_HOME`` names as an ASGI application; it closes what it opens."""
    from streamlit.starlette import App

    @asynccontextmanager
    async def lifespan(_app: App) -> AsyncIterator[None]:
        watching = asyncio.create_task(_watch())
        yield
        watching.cancel()
        close_banks()

    set_options()
    log_without_texts()
    return App(SCRIPT, lifespan=lifespan, routes=[ROUTE], middleware=[Middleware(SameOrigin)])


def serve(home: Path, held: socket) -> None:
    """Serve the pages of a home until told to stop.

    Parameters
    ----------
    held
        The port to listen at.
    """
    import uvicorn

    os.environ[HOME_VARIABLE] = str(home.resolve())
    config = uvicorn.Config(
        dashboard_app(), access_log=False, log_level="warning", proxy_headers=False, server_header=False
    )  # fmt: skip
    uvicorn.Server(config).run([held])


async def _watch() -> None:
    while not store_failed():
        await asyncio.sleep(_LOOKS_EVERY)
    await asyncio.sleep(_TO_ANSWER)  # whoever waits is told that it was not recorded for sure
    try:
        sys.stderr.write("bank360: the store failed to commit; the dashboard ends, to be started anew.\n")
    finally:  # what is written to may lie on the same full disk
        os._exit(STORE_FAILED)  # nothing of it may be written any more, and what is on the disk is whole
