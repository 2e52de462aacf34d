"""Run the API with uvicorn: workers that share the store, and one process that watches them.

Each worker is a fresh process that opens the home by itself; it is told which by ``BANK360_HOME``. One that dies is
started anew: killed, or ended by itself because its store failed to commit, which no process survives (nobody knows
what reached the disk, and a new one reads what did). One that cannot reach the store waits and is started again, so
that the API comes back with its database. What would fail each time, a wrong setting or a log without its end, ends
the whole server. A worker whose watcher was killed stops too, so that nobody holds the port for the next server.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from bank360.bank.errors import NotReady
from bank360.home import log_of, open_home

if TYPE_CHECKING:
    from fastapi import FastAPI

HOME = "BANK360_HOME"
SECONDS_TO_STOP = 10
STORE_FAILED = os.EX_IOERR  # 74: exit code of a worker whose store failed to commit
STORE_NOT_REACHED = os.EX_TEMPFAIL  # 75: of one that could not open it, and is started again
_SECONDS_BETWEEN_STARTS = 1.0


def app_of_worker() -> "FastAPI":
    """Return the app of the home that the environment names: what each worker starts."""
    from bank360.api.app import create_app  # here and not above: the process that only watches starts the sooner
    from bank360.api.logs import configure_logs, not_reached

    configure_logs()
    watcher = multiprocessing.parent_process()
    if watcher is not None:
        threading.Thread(target=_stop_after, args=(watcher,), daemon=True).start()
    home = open_home(Path(os.environ[HOME]))
    try:
        with log_of(home):
            pass
    except NotReady as error:  # it was there when the server started
        not_reached(error)
        time.sleep(_SECONDS_BETWEEN_STARTS)
        os._exit(STORE_NOT_REACHED)
    return create_app(home, _end)


def serve(home: Path, held: socket, workers: int) -> None:
    """Serve a home until told to stop.

    Parameters
    ----------
    held
        The port to listen at.
    workers
        How many processes.

    Raises
    ------
    NotReady
        If a worker cannot start, and would not the next time either.
    """
    os.environ[HOME] = str(home.resolve())
    figures = tempfile.mkdtemp(prefix="bank360-figures-") if workers > 1 else None
    if figures is not None:
        from bank360.api.metrics import FOLDER

        os.environ[FOLDER] = figures
    config = uvicorn.Config(
        f"{__name__}:{app_of_worker.__name__}",
        factory=True,
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
    try:
        watcher = Multiprocess(config, [held])
        watcher.run()
        if any(worker.exitcode == STARTUP_FAILURE for worker in watcher.processes):
            raise NotReady("A worker of the API could not start. Run 'bank360 doctor', and see the log.")
    finally:
        if figures is not None:
            shutil.rmtree(figures, ignore_errors=True)


def _stop_after(watcher: "multiprocessing.process.BaseProcess") -> None:
    watcher.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _end() -> None:
    """End this worker at once: nothing of it may be written any more, and what is on the disk is whole."""
    from bank360.api.logs import store_failed

    try:
        store_failed()
    finally:  # the log may lie on the same full disk
        os._exit(STORE_FAILED)
