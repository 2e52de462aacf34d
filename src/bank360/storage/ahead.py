"""Runs a generator ahead of its reader in a thread, so that reading and parsing overlap with writing.

Arrow and DuckDB work without the interpreter's lock: two cores are kept busy by one producer and one consumer.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterable[T], depth: int = 4) -> Iterator[T]:
    """Yield ``items`` (none of them None) in order while a thread computes up to ``depth`` of them in advance.

    What the producer raises is raised here, after the items before it. Closing the iterator stops the producer after
    the item at hand.
    """
    iterator = iter(items)

    def following() -> T | None:
        return next(iterator, None)

    with ThreadPoolExecutor(1, "ahead") as pool:
        waiting: deque[Future[T | None]] = deque(pool.submit(following) for _ in range(depth))
        try:
            while (item := waiting.popleft().result()) is not None:
                waiting.append(pool.submit(following))
                yield item
        finally:
            for future in waiting:
                future.cancel()
