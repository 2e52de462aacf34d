"""Packed histories that are kept: a base, and over it a small layer for each day that came since.

::

    layer      a run of records, a run of the times of late ones, and since when each customer's events stand
    run        customers (ascending, those that have records)   starts (one more)   words (by customer and time)

A customer's records are one slice of each run, so whoever is asked for is read, and nobody else; a new day is one more
layer and rewrites nothing. Read together the layers give what packing everything at once gives, to the last bit: of
events at one instant the earlier layer's come first. Layers number customers for good: who comes later gets the next
number, and ``wanted`` says in which order a reader counts them. Compaction makes all layers one base (`layer_parts`).

Neighbours: `history.py` packs, `merging.py` holds the compiled loops, `storage/kept_histories.py` writes them down.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.chunks import CUSTOMERS_PER_PARTITION, SHIFT, Chunks, Room, partitions_of, spans
from bank360.features.history import (
    LATE_WIDTH,
    Noticed,
    Partition,
    StreamHistory,
    nobody_stands,
    packed_stream,
    refuse_long,
)
from bank360.features.layout import Layout
from bank360.features.packing import NEVER

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Number = TypeVar("Number", bound=np.generic)
EVER = -NEVER  # before all records
CUSTOMERS_PER_PART = 1 << 12


@dataclass(frozen=True)
class Run:
    """Records sorted by customer and time.

    Parameters
    ----------
    customers
        Whose records are here, ascending, shape ``(n_customers,)``.
    starts
        Where each one's begin, and the end of the last.
    words
        A row per record: a word per field, two for a ``wide`` one, the lower first.
    wide
        Which fields take two words.
    """

    customers: Int32s
    starts: Int64s
    words: Int32s
    wide: Flags


@dataclass(frozen=True)
class Layer:
    """Some events of one stream: their records, times of the late ones, and when events that stand became known.

    ``standing`` are customers, ascending, and ``stands_from`` their rows as in `Partition`.
    """

    events: Run
    late: Run
    standing: Int32s
    stands_from: Int64s


@dataclass(frozen=True)
class RunPart:
    """A part of a run in the making: how many records each of the next customers has, and the records' words."""

    counts: Int64s
    words: Int32s


@dataclass(frozen=True)
class LayerParts:
    """A layer in the making, so that nobody need hold it as a whole: parts of both runs, and what is small.

    ``customers`` are those whom the parts count, ascending; None: 0, 1, 2 and so on.
    """

    customers: Int32s | None
    wide: Flags
    late_wide: Flags
    events: Iterator[RunPart]
    late: Iterator[RunPart]
    standing: Int32s
    stands_from: Int64s


@dataclass(frozen=True)
class LayeredStream:
    """One stream's events of some customers, read from layers; their numbers here are 0 to ``n_customers - 1``.

    Parameters
    ----------
    layout
        How they are packed.
    layers
        Earlier ones first; whoever lends their memory keeps it meanwhile.
    wanted
        The customers' numbers in the layers; reading is fastest where they ascend.
    noticed
        What was noticed while packing.
    since
        Records before it (in the unit of ``at``) are not read; `EVER`: all are.
    """

    layout: Layout
    layers: tuple[Layer, ...]
    wanted: Int32s
    noticed: Noticed = field(default_factory=Noticed)
    since: int = EVER

    @property
    def n_customers(self) -> int:
        """How many customers it is of."""
        return len(self.wanted)

    @property
    def events(self) -> int:
        """How many events its customers have, those before ``since`` too."""
        return sum(self.runs[0].found(self.wanted[low:high])[2] for low, high in self.spans())

    def partition(self, p: int, room: Room) -> Partition:
        """Return the events of customers ``256 * p`` to ``256 * p + 255``, sorted; they lie in ``room``."""
        some = slice(p * CUSTOMERS_PER_PARTITION, (p + 1) * CUSTOMERS_PER_PARTITION)
        events, late = self.runs
        records, starts = events.gathered(self.wanted[some], self.since, room, "events")
        refuse_long(starts, self.layout)
        times, late_starts = late.gathered(self.wanted[some], self.since, room, "late")
        known, superseded, date_only = (np.ascontiguousarray(times[:, f]) for f in range(1, LATE_WIDTH))
        stands_from = np.ascontiguousarray(self.stands_from[some])
        return Partition(records, starts, late_starts, known, superseded, date_only, stands_from)

    def customer(self, customer: int) -> "LayeredStream":
        """Return the history of one customer alone, as customer 0."""
        return replace(self, wanted=self.wanted[customer : customer + 1])

    def of(self, customers: npt.NDArray[np.integer], since: int = EVER) -> "LayeredStream":
        """Return the histories of some of its customers (their numbers here), without what is before ``since``."""
        return replace(self, wanted=self.wanted[customers], since=since)

    def spans(self) -> Iterator[tuple[int, int]]:
        """Yield from where to where its customers are taken where all of them are."""
        for low in range(0, self.n_customers, CUSTOMERS_PER_PART):
            yield low, min(low + CUSTOMERS_PER_PART, self.n_customers)

    @cached_property
    def runs(self) -> "tuple[MergedRuns, MergedRuns]":
        """The layers' records, and the times of late ones, as they are read together."""
        events, late = ([layer.events for layer in self.layers], [layer.late for layer in self.layers])
        return merged(events, self.layout.width), merged(late, LATE_WIDTH)

    @cached_property
    def stands_from(self) -> Int64s:
        """When each customer's first events that stand became known, see `Partition`."""
        from bank360.features import merging

        if not any(len(layer.standing) for layer in self.layers):
            return nobody_stands(self.n_customers)
        found = np.full((self.n_customers, 2), NEVER, dtype=np.int64)
        for layer in self.layers:
            merging.lower(layer.standing, layer.stands_from, fixed(self.wanted[:]), found)
        return found


@dataclass(frozen=True)
class MergedRuns:
    """Runs that are read together, and where their arrays lie, as the compiled loops read them."""

    runs: tuple[Run, ...]
    customers: Int64s
    starts: Int64s
    sizes: Int64s
    rows: Int64s
    words: Int64s
    wide: Flags

    def found(self, wanted: Int32s) -> tuple[Int64s, Int64s, int]:
        """Return where the records of some customers begin and end in each run, and how many that are.

        Raises
        ------
        ValueError
            If an index leads out of its run.
        """
        from bank360.features import merging

        low, high = np.empty((2, len(self.runs), len(wanted)), dtype=np.int64)
        n = merging.find(self.customers, self.starts, self.sizes, self.rows, fixed(wanted[:]), low, high)
        if n < 0:
            raise ValueError("kept histories lead out of themselves: their files were changed. Remove the folder.")
        return low, high, n

    def gathered(self, wanted: Int32s, since: int, room: Room, name: str) -> tuple[Int64s, Int64s]:
        """Return the records of some customers, and where each one's start; the records lie in ``room``."""
        from bank360.features import merging

        if not self.runs:  # most streams have no late records
            return np.empty((0, self.wide.shape[1]), dtype=np.int64), np.zeros(len(wanted) + 1, dtype=np.int64)
        low, high, n = self.found(wanted)
        starts, records = np.empty(len(wanted) + 1, dtype=np.int64), room.records(name, n, self.wide.shape[1])
        return records[: merging.gather(self.words, self.wide, low, high, since, starts, records)], starts


def merged(runs: Sequence[Run], width: int) -> MergedRuns:
    """Return runs of so many fields, earlier ones first, to be read together; empty ones are left out."""
    kept = tuple(run for run in runs if len(run.words))
    return MergedRuns(
        kept,
        np.array([run.customers.ctypes.data for run in kept], dtype=np.int64),
        np.array([run.starts.ctypes.data for run in kept], dtype=np.int64),
        np.array([len(run.customers) for run in kept], dtype=np.int64),
        np.array([len(run.words) for run in kept], dtype=np.int64),
        np.array([run.words.ctypes.data for run in kept], dtype=np.int64),
        np.array([run.wide for run in kept], dtype=np.bool_).reshape(-1, width),
    )


def layer_parts(stream: "StreamHistory | LayeredStream") -> LayerParts:
    """Return what a base is made of: of the events just packed, or of those of all layers."""
    standing, n = stream.stands_from, stream.n_customers
    some = np.flatnonzero((standing[:, 0] != NEVER) | (standing[:, 1] != NEVER))
    if isinstance(stream, LayeredStream):
        events, late = stream.runs
        wide, late_wide = np.any(events.wide, axis=0), np.any(late.wide, axis=0)
        parts, late_parts = _merged(stream, events, wide), _merged(stream, late, late_wide)
    else:
        wide, late_wide = _wide(stream.chunks, stream.layout.width), _wide(stream.late, LATE_WIDTH)
        parts, late_parts = _sorted(stream.chunks, n, wide), _sorted(stream.late, n, late_wide)
    return LayerParts(None, wide, late_wide, parts, late_parts, some.astype(np.int32), standing[some])


def day_parts(
    batches: Iterable[pa.RecordBatch], layout: Layout, n_customers: int, zone: str, threads: int = 1
) -> tuple[LayerParts, Noticed]:
    """Return what a layer of a day's events is made of, and what was noticed: its work grows with the day alone.

    The day's customers are numbered among themselves while it is packed.

    Parameters
    ----------
    batches
        The day's events, as for `packed_stream`; held in memory meanwhile.
    layout, n_customers, zone, threads
        As for `packed_stream`.

    Raises
    ------
    ValueError
        If a batch holds a customer from ``n_customers`` on.
    """
    came = [batch for batch in batches if batch.num_rows]
    whom = [np.maximum(np.asarray(batch.column("customer")), -1) for batch in came]
    largest = max((int(one.max()) for one in whom), default=-1)
    if largest >= n_customers:
        raise ValueError(f"stream '{layout.stream.name}' holds customer {largest} of {n_customers}")
    seen = np.zeros(n_customers + 1, dtype=np.bool_)  # the last is of those of nobody, who are -1
    for one in whom:
        seen[one] = True
    touched = np.flatnonzero(seen[:-1]).astype(np.int32)
    place = np.full(n_customers + 1, -1, dtype=np.int32)
    place[touched] = np.arange(len(touched), dtype=np.int32)
    day = packed_stream(
        (_renamed(batch, place[one]) for batch, one in zip(came, whom, strict=True)),
        layout, len(touched), zone, threads,
    )  # fmt: skip
    parts = layer_parts(day)
    return replace(parts, customers=touched, standing=touched[parts.standing]), day.noticed


def _renamed(batch: pa.RecordBatch, customers: Int32s) -> pa.RecordBatch:
    return batch.set_column(batch.schema.get_field_index("customer"), "customer", pa.array(customers))


def whose(counts: Int64s, customers: Int32s | None) -> tuple[Int32s, Int64s]:
    """Return which of the ``customers`` counted (see `LayerParts`) have records, and where each one's begin."""
    some = np.flatnonzero(counts)
    starts = np.zeros(len(some) + 1, dtype=np.int64)
    np.cumsum(counts[some], out=starts[1:])
    return some.astype(np.int32) if customers is None else customers[some], starts


def fixed(array: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Return an array that nobody can write to, as those of files are: the loops are compiled for one kind."""
    array.flags.writeable = False
    return array


def _wide(chunks: Chunks, width: int) -> Flags:
    """Return which fields hold a number beyond 32 bits."""
    words = np.iinfo(np.int32)
    wide: Flags = np.any((chunks.low < words.min) | (chunks.high > words.max), axis=0)
    return wide if len(wide) else np.zeros(width, dtype=np.bool_)


def _sorted(chunks: Chunks, n_customers: int, wide: Flags) -> Iterator[RunPart]:
    """Yield chunks' records sorted, some partitions at a time."""
    from bank360.features import merging

    width, partitions = len(wide), partitions_of(n_customers)
    sizes = chunks.sizes if chunks.parts else np.zeros(partitions, dtype=np.int64)
    room = np.empty((int(sizes.max(initial=0)), width), dtype=np.int64)
    for low, high in spans(sizes):
        n = int(np.sum(sizes[low:high]))
        counts = np.zeros((min(high << SHIFT, n_customers)) - (low << SHIFT), dtype=np.int64)
        words = np.empty((n, width + int(np.count_nonzero(wide))), dtype=np.int32)
        if n:
            merging.sort_partitions(
                chunks.words, chunks.owners, chunks.low, chunks.halves, chunks.starts, low, high, SHIFT, counts, room,
                wide, words,
            )  # fmt: skip
        chunks.let_go()
        yield RunPart(counts, words)


def _merged(stream: LayeredStream, runs: MergedRuns, wide: Flags) -> Iterator[RunPart]:
    """Yield layers' records put together, some customers at a time."""
    from bank360.features import merging

    room = Room()
    for low, high in stream.spans():
        records, starts = runs.gathered(stream.wanted[low:high], EVER, room, "merged")
        words = np.empty((len(records), len(wide) + int(np.count_nonzero(wide))), dtype=np.int32)
        merging.narrow(records, wide, words)
        yield RunPart(np.diff(starts), words)
