"""A real server: ``bank360 serve`` in a process group of its own, on a free port of this machine."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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


def asked(
    server: Server, method: str, path: str, token: str = "", body: object = None, key: str = ""
) -> tuple[int, bytes]:
    """Ask on a connection of its own; return status and answer, status 0 where nobody listens."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    try:
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
    except OSError:
        return 0, b""


def workers_of(server: Server) -> list[int]:
    """Return the process ids of the workers: the children of the one that watches them."""
    watcher = server.process.pid
    children = Path(f"/proc/{watcher}/task/{watcher}/children").read_text().split()
    return [int(child) for child in children if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text()]


def wait_for(found: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is so."""
    began = time.monotonic()
    while not found():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
