"""Work on parts with a few threads: results in order, memory bounded, one `Room` of reusable memory per thread."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from bank360.features.chunks import Room

P = TypeVar("P")
T = TypeVar("T")


def in_turn(work: Callable[[P, Room], T], parts: Iterable[P], threads: int) -> Iterator[T]:
    """Yield the work's result for each part, in order; at most two parts per thread are ahead of the reader.

    ``work`` gains from threads as far as it is compiled (the loops run without the GIL). What it raises is raised here.
    """
    if threads == 1:  # nothing to share out: handing each part to a thread and back costs as much as a small part
        alone = Room()
        for part in parts:
            yield work(part, alone)
        return
    rooms = threading.local()

    def with_room(part: P) -> T:
        if not hasattr(rooms, "room"):
            rooms.room = Room()
        return work(part, rooms.room)

    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[Future[T]] = deque()
        for part in parts:
            ahead.append(pool.submit(with_room, part))
            if len(ahead) > 2 * threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
