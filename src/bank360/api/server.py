"""Run the API with uvicorn: one process, or several workers that share the store.

Each worker is a fresh process that opens the home by itself; it is told which by ``BANK360_HOME``. A worker that is
killed is started anew by the one that watches.
"""

import os
import shutil
import tempfile
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from bank360.api.logs import configure_logs
from bank360.api.metrics import FOLDER
from bank360.home import open_home

HOME = "BANK360_HOME"
SECONDS_TO_STOP = 10


def app_of_worker() -> FastAPI:
    """Return the app of the home that the environment names: what each worker starts."""
    from bank360.api.app import create_app

    configure_logs()
    return create_app(open_home(Path(os.environ[HOME])))


def serve(home: Path, host: str, port: int, workers: int) -> None:
    """Serve a home until told to stop.

    Parameters
    ----------
    host, port
        Where to listen.
    workers
        How many processes.
    """
    os.environ[HOME] = str(home.resolve())
    figures = tempfile.mkdtemp(prefix="bank360-figures-") if workers > 1 else None
    if figures is not None:
        os.environ[FOLDER] = figures
    try:
        uvicorn.run(
            f"{__name__}:{app_of_worker.__name__}",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_keep_alive=15,
            timeout_graceful_shutdown=SECONDS_TO_STOP,
        )
    finally:
        if figures is not None:
            shutil.rmtree(figures, ignore_errors=True)
