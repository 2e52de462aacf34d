"""A real server: ``bank360 serve`` in a process group of its own, on a free port of this machine."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

SECONDS_TO_START = 60.0


@dataclass
class Server:
    """A running server: its port, its process, and the file of what it logs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """Kill the server and all its workers at once, as a power cut does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def start(home: Path, port: int, log: Path, workers: int = 1) -> Server:
    """Start a server; it may not answer yet."""
    run = "from bank360.cli.main import main; main()"
    words = [sys.executable, "-c", run, "serve", "--home", str(home), "--port", str(port)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*words, "--workers", str(workers), "--dashboard-port", "0"],
            stdout=out,
            stderr=out,
            start_new_session=True,
            env=environment,
        )
    return Server(port, process, log)


def wait_until_ready(server: Server) -> float:
    """Wait until the server answers that it is ready; return how many seconds that took."""
    began = time.monotonic()
    while time.monotonic() - began < SECONDS_TO_START:
        assert server.process.poll() is None, server.log.read_text()
        try:
            with closing(HTTPConnection("127.0.0.1", server.port, timeout=5)) as connection:
                connection.request("GET", "/ready")
                if connection.getresponse().status == 200:
                    return time.monotonic() - began
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not ready after {SECONDS_TO_START} s:\n{server.log.read_text()}")


@contextmanager
def running(home: Path, log: Path, workers: int = 1) -> Iterator[Server]:
    """Run a server for a block, ready when it begins."""
    server = start(home, free_port(), log, workers)
    try:
        wait_until_ready(server)
        yield server
    finally:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGTERM)
            try:
                server.process.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
