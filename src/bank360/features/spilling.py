"""Chunks beyond a budget leave memory: those gathered so far become one chunk, whose records lie outside.

::

    here     chunk chunk chunk ...         what came since, in memory, up to the budget
    outside  one large chunk, one, ...     each made of a budget full of them

A small chunk has a handful of records of each partition, and a table of where partitions start that is as long as the
bank has partitions. So those that leave are put together partition by partition: a partition is then a stretch of each
large chunk, which is read at one go, and tables no longer grow with events times customers. Records keep their order
and every bit; only how they are encoded changes. Where bytes lie outside is not known here: in files it is
`storage/unnamed_files.py`.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bank360.features.chunks import Chunk, Chunks, chunks_of, halves_of, spans

Bytes = npt.NDArray[np.uint8]
Halves = npt.NDArray[np.uint16]


class Outside(Protocol):
    """Where packed events lie that are too many for memory."""

    @property
    def budget(self) -> int:
        """How many bytes of chunks one stream may hold in memory while it is packed."""

    def keep(self, pieces: Iterator[Bytes]) -> tuple[Bytes, Callable[[], None]]:
        """Return the pieces as one array, read-only, and what gives memory back that reading it took.

        Raises
        ------
        Bank360Error
            If there is no room for them.
        """


class Gathered:
    """The chunks of one stream as they come: its events, and the times of late ones.

    Parameters
    ----------
    outside
        Where they go when they are more than its budget; None: all stay in memory.
    """

    def __init__(self, outside: Outside | None) -> None:
        self._outside = outside
        self._left: tuple[list[Chunk], list[Chunk]] = ([], [])
        self._here: tuple[list[Chunk], list[Chunk]] = ([], [])
        self.in_memory = 0  # bytes

    def add(self, events: Chunk, late: Chunk) -> None:
        """Take the chunks of one more batch."""
        for here, chunk in zip(self._here, (events, late), strict=True):
            if len(chunk):
                here.append(chunk)
                self.in_memory += chunk.nbytes
        if self._outside is not None and self.in_memory > self._outside.budget:
            self._leave(self._outside)

    def chunks(self) -> tuple[Chunks, Chunks]:
        """Return all events, and the times of all late ones, in the order in which they came."""
        events, late = (chunks_of([*left, *here]) for left, here in zip(self._left, self._here, strict=True))
        return events, late

    def _leave(self, outside: Outside) -> None:
        whole = [chunks_of(here) for here in self._here]
        kept, let_go = outside.keep(piece for one in _EACH for chunks in whole for piece in one(chunks))
        at = 0

        def taken(size: int) -> Bytes:
            nonlocal at
            at += size
            return kept[at - size : at]

        words = [taken(2 * len(one) * int(_halves(one).sum())) for one in whole]
        owners = [taken(len(one)) for one in whole]
        for left, here, one, word, owner in zip(self._left, self._here, whole, words, owners, strict=True):
            if len(one):
                low, high = _extent(one)
                rows = word.view(np.uint16).reshape(len(one), -1)
                left.append(Chunk(rows, low, high, owner, one.starts.sum(axis=0), let_go))
            here.clear()
        self.in_memory = 0


def _extent(chunks: Chunks) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    return chunks.low.min(axis=0), chunks.high.max(axis=0)


def _halves(chunks: Chunks) -> npt.NDArray[np.int64]:
    """Return how many words each field takes once the chunks are one."""
    return halves_of(*_extent(chunks)) if chunks.parts else np.empty(0, dtype=np.int64)


def _words(chunks: Chunks) -> Iterator[Bytes]:
    """Yield the chunks' records by partition, then by arrival, as one chunk has them; some partitions at a time."""
    from bank360.features import regrouping

    halves = _halves(chunks)
    for low, high, n in _spans(chunks):
        words = np.empty((n, int(halves.sum())), dtype=np.uint16)
        regrouping.words_together(
            chunks.words, chunks.low, chunks.halves, chunks.starts, low, high, _extent(chunks)[0], halves, words
        )
        yield words.reshape(-1).view(np.uint8)


def _owners(chunks: Chunks) -> Iterator[Bytes]:
    """Yield whose the records are, in the order of `_words`."""
    from bank360.features import regrouping

    for low, high, n in _spans(chunks):
        owners = np.empty(n, dtype=np.uint8)
        regrouping.owners_together(chunks.owners, chunks.starts, low, high, owners)
        yield owners


_EACH = (_words, _owners)  # words first: they lie at even addresses


def _spans(chunks: Chunks) -> Iterator[tuple[int, int, int]]:
    sizes = chunks.sizes
    for low, high in spans(sizes):
        yield low, high, int(np.sum(sizes[low:high]))
