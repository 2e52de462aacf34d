"""The dashboard in a process of its own, kept running: one that died is started anew at the same port.

It ends by itself, with the exit code of an input/output error, where its store failed to commit, as a worker of the API
does. One that cannot start would not the next time either: then the whole server is told to stop. Neighbours:
`serve.py`, which holds it beside the API, and `dashboard/serve.py`, which is what runs in the process.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

from bank360.bank.errors import NotReady

_SECONDS_TO_STOP = 10
_SECONDS_BETWEEN_STARTS = 1.0
_CANNOT_START = (1, 3)  # exit codes of a Python process that raised, and of uvicorn's that could not start


@contextmanager
def pages_served(home: Path, held: socket) -> Iterator[None]:
    """Keep the pages of a home served for a block.

    Parameters
    ----------
    held
        The port to listen at.

    Raises
    ------
    NotReady
        After the block, if the dashboard could not start; this process was sent SIGTERM then, so that the block ends.
    """
    keeper = _Keeper(home, held)
    keeper.thread.start()
    try:
        yield
    finally:
        keeper.stop()
    if keeper.failed:
        raise NotReady("The dashboard could not start; above is why. Without it: --dashboard-port 0.")


class _Keeper:
    def __init__(self, home: Path, held: socket) -> None:
        self._home, self._held = home, held
        self._process: multiprocessing.process.BaseProcess | None = None
        self._changing, self._stopping = threading.Lock(), threading.Event()
        self.failed = False
        self.thread = threading.Thread(target=self._keep, daemon=True)

    def stop(self) -> None:
        """End the process that runs, and start no other."""
        self._stopping.set()
        with self._changing:
            process = self._process
        if process is not None:
            process.terminate()
            process.join(_SECONDS_TO_STOP)
            process.kill()
        self.thread.join()

    def _keep(self) -> None:
        while True:
            with self._changing:
                if self._stopping.is_set():
                    return
                process = multiprocessing.get_context("spawn").Process(
                    target=_serve, args=(self._home, self._held), daemon=True
                )
                process.start()
                self._process = process
            process.join()
            if process.exitcode in _CANNOT_START and not self._stopping.is_set():
                self.failed = True
                os.kill(os.getpid(), signal.SIGTERM)
                return
            if self._stopping.wait(_SECONDS_BETWEEN_STARTS):
                return


def _serve(home: Path, held: socket) -> None:
    # A terminal's Ctrl-C reaches this process too; the server that it belongs to ends it, in its own time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from bank360.dashboard.serve import serve as serve_pages

    server = multiprocessing.parent_process()
    assert server is not None
    threading.Thread(target=_end_after, args=(server,), daemon=True).start()
    serve_pages(home, held)


def _end_after(server: "multiprocessing.process.BaseProcess") -> None:
    """End this process with the server, also where that was killed: the next one wants the port."""
    server.join()
    os._exit(0)
