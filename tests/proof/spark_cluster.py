"""A real Spark cluster of one master and two workers, each a process of its own on this machine's loopback address."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.engines import SHORT_LIVED_JAVA

WORKERS = 2
MEMORY_MB = 1500  # of a worker's executor in Java; its Python has its own
PATIENCE = 120


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Start a cluster whose logs and work lie in a folder, yield its address, and end each of its processes.

    Whatever runs on it meanwhile starts the same short-lived Java.
    """
    import pyspark

    launch = str(Path(pyspark.__file__).parent / "bin" / "spark-class")
    port = free_port()
    url = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    with ExitStack() as processes:
        processes.enter_context(pytest.MonkeyPatch.context()).setenv(*SHORT_LIVED_JAVA)
        log = processes.enter_context(started(
            [launch, f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"],
            folder / "master.log",
        ))  # fmt: skip
        wait_for(log, "I have been elected leader", 1)
        for number in range(WORKERS):
            processes.enter_context(started(
                [launch, f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "--cores", "1",
                 "--memory", f"{MEMORY_MB}m", "--work-dir", str(folder / f"worker-{number}"), url],
                folder / f"worker-{number}.log",
            ))  # fmt: skip
        wait_for(log, "Registering worker", WORKERS)
        yield url


@contextmanager
def started(command: list[str], log: Path) -> Iterator[Path]:
    """Run one process, its words in a log; end it by its id after the block."""
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT) as process:
        try:
            yield log
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(log: Path, words: str, times: int) -> None:
    """Wait until a process has said something so many times."""
    end = time.monotonic() + PATIENCE
    while log.read_text(encoding="utf-8", errors="replace").count(words) < times:
        if time.monotonic() > end:
            raise TimeoutError(f"'{words}' was not said {times} times:\n{log.read_text(errors='replace')}")
        time.sleep(0.2)


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
