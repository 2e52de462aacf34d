"""CPU seconds by stage: user and system time of this process and its children, all threads."""

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager

# As they are told.
READ, PACK, SORT, COMPUTE, WRITE = "read", "pack", "partition and sort", "compute", "write the result as Parquet"
ALL = "read, pack, partition, compute"


def cpu() -> float:
    """Return the CPU seconds used so far."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


class Stages:
    """Collects seconds by stage; what runs `aside` has a name of its own."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = cpu()
        self._apart = 0.0

    @property
    def total(self) -> float:
        """CPU seconds of all stages so far."""
        return sum(self.seconds.values())

    def end(self, name: str) -> None:
        """Close the stage that began at the last call."""
        now = cpu()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last - self._apart
        self._last, self._apart = now, 0.0

    @contextmanager
    def aside(self, name: str) -> Iterator[None]:
        """Count the block, of this thread, under a name of its own."""
        before = time.thread_time()
        yield
        spent = time.thread_time() - before
        self.seconds[name] = self.seconds.get(name, 0.0) + spent
        self._apart += spent
