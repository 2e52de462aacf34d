"""One lock for all that writes one SQLite file, across threads and processes; a killed holder lets go by dying.

Waiting writers queue in the kernel and wake at once, where SQLite's own busy handler would sleep and try again.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class WriteLock:
    """An advisory lock on a file of its own; not reentrant.

    Parameters
    ----------
    path
        The lock's file; made where it is not there, never removed (removing it would let two holders in).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for a block; wait for it as long as it takes."""
        with self._threads:
            # Opened anew each time: a descriptor that came over a fork would share its parent's lock.
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            finally:
                os.close(file)
