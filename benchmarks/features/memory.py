"""The most memory that this process holds: all of it, and what is its own."""

import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

EVERY = 0.02  # seconds


def peak_mb() -> float:
    """Return the most memory that this process held so far, in MB, pages of files that it reads among it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def own_memory() -> Iterator[Callable[[], float]]:
    """Watch the block; lend what tells, once it has ended, the most memory in MB that was in no file, as seen."""
    most, ended = [0.0], threading.Event()

    def watch() -> None:
        while True:
            most.append(max(most.pop(), _own_mb()))
            if ended.wait(EVERY):  # after a look: a small block may end before the first wait does
                return

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield lambda: most[0]
    finally:
        ended.set()
        watching.join()


def _own_mb() -> float:
    said = Path("/proc/self/status").read_text(encoding="ascii")
    return int(said.partition("RssAnon:")[2].split()[0]) / 1024
