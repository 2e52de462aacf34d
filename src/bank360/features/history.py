"""Packed histories: every customer's events as records that sort by customer and time, in partitions of customers.

What batch scans and what an online request reads of one customer. Packed from Arrow batches in any order, split
anywhere: the same events give the same values. Memory is bounded by the events, or by a budget where there is somewhere
else for them (`spilling.py`); work by the partition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity
from bank360.features.chunks import CUSTOMERS_PER_PARTITION, Chunk, Chunks, Room, chunk, chunks_of, sorted_partition
from bank360.features.layout import LATE, Layout
from bank360.features.needs import Need
from bank360.features.packing import NEVER, Packed, pack
from bank360.features.spilling import Gathered, Outside
from bank360.features.turns import in_turn

Int64s = npt.NDArray[np.int64]
LATE_WIDTH = 4  # at, known, superseded, date_only
LARGEST_HISTORY = 2**22  # events per customer; see feature.LARGEST_LIMIT


class Partition(NamedTuple):
    """The events of up to 256 customers in one stream; a tuple, which compiled functions can read.

    Parameters
    ----------
    records
        Sorted by customer and time, int64, shape ``(n_events, layout.width)``.
    starts
        Where each customer's records start, and the end of the last; shape ``(n_customers + 1,)``.
    late_starts, known, superseded, date_only
        Known and superseded times of the records that carry the late mark, and whether they carry a date only (0, 1),
        in the order of the records, and where each customer's start.
    stands_from
        When the first event with a time of day (column 0) and the first with a date only (1) became known, of those
        never superseded; ``NEVER`` if none; shape ``(n_customers, 2)``. With the late records (which all superseded
        ones are) it says when all that is visible is dates.
    """

    records: Int64s
    starts: Int64s
    late_starts: Int64s
    known: Int64s
    superseded: Int64s
    date_only: Int64s
    stands_from: Int64s


@dataclass(frozen=True)
class Noticed:
    """What was noticed while packing a stream.

    Parameters
    ----------
    clipped
        How many values lay beyond the limit of a measure, by column.
    dated
        How many events carry dates only where others of the stream have a time of day.
    """

    clipped: Mapping[str, int] = field(default_factory=dict)
    dated: int = 0

    def findings(self, table: str) -> tuple[Finding, ...]:
        """Return what to say of it."""
        return _findings(table, self.clipped, self.dated)


@dataclass(frozen=True)
class StreamHistory:
    """One stream's events.

    Parameters
    ----------
    layout
        How they are packed.
    n_customers
        Customers are 0 to ``n_customers - 1``.
    chunks
        The records.
    late
        Per record that carries the late mark ``(at, known, superseded, date_only)``, in the same order of arrival:
        sorted alike they stand in the order of the records.
    stands_from
        Per customer, see `Partition`.
    noticed
        What was noticed while packing.
    """

    layout: Layout
    n_customers: int
    chunks: Chunks
    late: Chunks
    stands_from: Int64s
    noticed: Noticed = field(default_factory=Noticed)

    @property
    def events(self) -> int:
        """How many events are held."""
        return len(self.chunks)

    def partition(self, p: int, room: Room) -> Partition:
        """Return the events of customers ``256 * p`` to ``256 * p + 255``, sorted; they lie in ``room``.

        Raises
        ------
        ValueError
            If a customer has more than 2**22 events: exact sums could overflow.
        """
        records, starts = sorted_partition(self.chunks, p, self.n_customers, self.layout.width, room, "events")
        refuse_long(starts, self.layout)
        late, late_starts = sorted_partition(self.late, p, self.n_customers, LATE_WIDTH, room, "late")
        first = p * CUSTOMERS_PER_PARTITION
        known, superseded, date_only = (np.ascontiguousarray(late[:, f]) for f in range(1, LATE_WIDTH))
        stands_from = np.ascontiguousarray(self.stands_from[first : first + len(starts) - 1])
        return Partition(records, starts, late_starts, known, superseded, date_only, stands_from)

    def customer(self, customer: int) -> "StreamHistory":
        """Return the history of one customer alone, as customer 0."""
        p, c = divmod(customer, CUSTOMERS_PER_PARTITION)
        part = self.partition(p, Room())
        events = part.records[part.starts[c] : part.starts[c + 1]]
        late = slice(part.late_starts[c], part.late_starts[c + 1])
        marked = events[(events[:, self.layout.flag_field] >> LATE) & 1 == 1, 0]
        times = np.stack([marked, part.known[late], part.superseded[late], part.date_only[late]])
        return StreamHistory(
            self.layout,
            1,
            chunks_of([chunk(np.zeros(len(events), dtype=np.int32), np.ascontiguousarray(events.T), 1)]),
            chunks_of([chunk(np.zeros(times.shape[1], dtype=np.int32), times, 1)]),
            self.stands_from[customer : customer + 1],
        )


class Stream(Protocol):
    """One stream's events as they are computed on: packed at once (`StreamHistory`), or in layers (`layers.py`)."""

    @property
    def layout(self) -> Layout:
        """How they are packed."""

    @property
    def noticed(self) -> Noticed:
        """What was noticed while packing."""

    @property
    def events(self) -> int:
        """How many events are held."""

    def partition(self, p: int, room: Room) -> Partition:
        """Return the events of customers ``256 * p`` to ``256 * p + 255``, sorted; they lie in ``room``."""

    def customer(self, customer: int) -> "Stream":
        """Return the history of one customer alone, as customer 0."""


@dataclass(frozen=True)
class Histories:
    """The packed histories of customers 0 to ``n_customers - 1``, by stream, and the zone that cuts their days.

    ``known_from`` says when each need of a feature was first met by any customer's row (`needs.py`); None where nobody
    looked, and then every feature is taken to have data.
    """

    n_customers: int
    zone: str
    streams: Mapping[str, Stream] = field(default_factory=dict)
    known_from: Mapping[Need, int] | None = None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed while packing."""
        return tuple(
            finding
            for stream in self.streams.values()
            for finding in stream.noticed.findings(stream.layout.stream.table)
        )

    def customer(self, customer: int) -> "Histories":
        """Return the history of one customer alone, as customer 0: what an online request reads, a few kilobytes."""
        streams = {name: stream.customer(customer) for name, stream in self.streams.items()}
        return Histories(1, self.zone, streams, self.known_from)


def nobody_stands(n_customers: int) -> Int64s:
    """Return ``stands_from`` of a stream that nobody looks it up in, as most are: it takes no memory."""
    return np.broadcast_to(np.array(NEVER, dtype=np.int64), (n_customers, 2))


def refuse_long(starts: Int64s, layout: Layout) -> None:
    """Raise ValueError if a customer has more than 2**22 events: exact sums could overflow."""
    if starts[-1] - starts[0] <= LARGEST_HISTORY:  # all together have no more, as in nearly every part
        return
    longest = int(np.diff(starts).max())
    if longest > LARGEST_HISTORY:
        raise ValueError(
            f"a customer has {longest} events in '{layout.stream.name}', over {LARGEST_HISTORY}: "
            "exact sums could overflow. Is a technical account mapped as a customer?"
        )


def packed_stream(
    batches: Iterable[pa.RecordBatch],
    layout: Layout,
    n_customers: int,
    zone: str,
    threads: int = 1,
    outside: Outside | None = None,
) -> StreamHistory:
    """Return the packed history of one stream.

    Parameters
    ----------
    batches
        The events, columns as `scan.py` says, any order. Batches of 262,144 rows take 3 to 8 % less CPU than
        of half as many where the thread that reads them packs them.
    layout
        How to pack them, from `layouts`.
    n_customers
        Customers are 0 to ``n_customers - 1``; negative ones are left out.
    zone
        The bank's time zone.
    threads
        Threads over batches.
    outside
        Where records go that are more than its budget; None: memory grows with the events. Not a bit depends on it.

    Raises
    ------
    ValueError
        If a batch holds a customer from ``n_customers`` on.
    Bank360Error
        If there is no room outside.
    """
    from bank360.features import partition

    gathered = Gathered(outside)
    mixed = layout.needs_hour and layout.stream.date_only is None
    stands_from = np.full((n_customers, 2), NEVER, dtype=np.int64) if mixed else nobody_stands(n_customers)
    noted, latest = np.zeros(n_customers if mixed else 0, dtype=np.uint8), -NEVER
    clipped: dict[str, int] = {}
    dated = 0

    def work(batch: pa.RecordBatch, room: Room) -> tuple[Packed, Chunk, Chunk]:
        packed = pack(batch, layout, zone, room.records("batch", batch.num_rows, layout.width).reshape(-1))
        if packed.customer.size and packed.customer.max() >= n_customers:
            raise ValueError(f"stream '{layout.stream.name}' holds customer {packed.customer.max()} of {n_customers}")
        dates = packed.date_only[packed.late]
        times = np.stack([packed.fields[0, packed.late], packed.known, packed.superseded, dates.astype(np.int64)])
        return (
            packed,
            chunk(packed.customer, packed.fields, n_customers),
            chunk(packed.customer[packed.late], times, n_customers),
        )

    for packed, events, times in in_turn(work, batches, threads):
        gathered.add(events, times)
        if mixed:
            latest = partition.note_standing(
                packed.customer, packed.date_only, packed.stands_from, stands_from, noted, latest
            )
            dated += int(np.count_nonzero(packed.date_only))
        for column, count in packed.clipped.items():
            clipped[column] = clipped.get(column, 0) + count
    return StreamHistory(layout, n_customers, *gathered.chunks(), stands_from, Noticed(clipped, dated))


def _findings(table: str, clipped: Mapping[str, int], dated: int) -> tuple[Finding, ...]:
    findings = [
        Finding(
            table,
            column,
            "clipped_by_measure",
            Severity.WARNING,
            count,
            None,
            f"{count} values of '{column}' lay beyond the limit of a measure and were clipped to it",
        )
        for column, count in clipped.items()
    ]
    if dated:
        findings.append(
            Finding(
                table,
                "event_precision",
                "no_time_of_day",
                Severity.INFO,
                dated,
                None,
                f"{counted(dated, 'event carries', 'events carry')} dates only: velocity and night "
                f"features are computed without them, and have no"
                " value for a customer of whom nothing else is known",
            )
        )
    return tuple(findings)
