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

    The reader's thread is one of the threads: it works whenever the next result is not there yet. One more, woken for
    every part, would push the others off their processors. ``work`` gains from threads as far as it is compiled (the
    loops run without the GIL). What it raises is raised here, after the results of the parts before.
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

    ahead: deque[tuple[P, Future[T]]] = deque()
    with ThreadPoolExecutor(threads - 1) as others:
        try:
            for part in parts:
                ahead.append((part, others.submit(with_room, part)))
                if len(ahead) > 2 * threads:
                    yield _first(ahead, with_room)
            while ahead:
                yield _first(ahead, with_room)
        finally:  # nobody waits for what is ahead of an error, or of a reader who has seen enough
            for _, result in ahead:
                result.cancel()


def _first(ahead: deque[tuple[P, Future[T]]], work: Callable[[P], T]) -> T:
    """Take the first part's result off; until it is there, do the work of parts that nobody has begun.

    An error of a part done here is kept for its turn, as one of another thread is.
    """
    while not ahead[0][1].done():
        place = next((place for place, (_, result) in enumerate(ahead) if result.cancel()), None)
        if place is None:
            break  # all are begun: nothing is left but to wait
        part, done = ahead[place][0], Future[T]()
        try:
            done.set_result(work(part))
        except Exception as error:  # noqa: BLE001 - raised by `result` in its turn
            done.set_exception(error)
        ahead[place] = part, done
    return ahead.popleft()[1].result()
