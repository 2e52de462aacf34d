"""Packed histories: every customer's events as sorted records, in partitions of customers.

What batch scans and what an online request reads of one customer. Packed from Arrow batches in any order, split
anywhere: the same events give the same histories' values. Memory is bounded by the events, work by the partition.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity
from bank360.features.layout import Layout
from bank360.features.packing import NEVER, Packed, pack

Int64s = npt.NDArray[np.int64]
SHIFT = 8
CUSTOMERS_PER_PARTITION = 1 << SHIFT
LARGEST_HISTORY = 2**22  # events per customer; see feature.LARGEST_LIMIT


@dataclass(frozen=True)
class Partition:
    """The events of up to 256 customers in one stream.

    Parameters
    ----------
    records
        Sorted by customer and time, int64, shape ``(n_events, layout.width)``.
    starts
        Where each customer's records start, and the end of the last; shape ``(n_customers + 1,)``.
    late_starts, known, superseded
        Known and superseded times of the records that carry the late mark, in the order of the records, and where
        each customer's start.
    first_date_only
        When the first event that carries a date only was known, ``NEVER`` if none; shape ``(n_customers,)``. From then
        on the customer has no value of features that need the time of day.
    """

    records: Int64s
    starts: Int64s
    late_starts: Int64s
    known: Int64s
    superseded: Int64s
    first_date_only: Int64s


@dataclass(frozen=True)
class StreamHistory:
    """One stream's events, by partition."""

    layout: Layout
    partitions: tuple[Partition, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def events(self) -> int:
        """How many events are held."""
        return sum(len(partition.records) for partition in self.partitions)


@dataclass(frozen=True)
class Histories:
    """The packed histories of customers 0 to ``n_customers - 1``, by stream, and the zone that cuts their days."""

    n_customers: int
    zone: str
    streams: Mapping[str, StreamHistory] = field(default_factory=dict)

    @property
    def n_partitions(self) -> int:
        """How many partitions of customers there are."""
        return -(-self.n_customers // CUSTOMERS_PER_PARTITION)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed while packing."""
        return tuple(finding for stream in self.streams.values() for finding in stream.findings)

    def customer(self, customer: int) -> "Histories":
        """Return the history of one customer alone, as customer 0 (what an online request reads)."""
        p, c = divmod(customer, CUSTOMERS_PER_PARTITION)
        return Histories(
            1,
            self.zone,
            {name: StreamHistory(s.layout, (_only(s.partitions[p], c),)) for name, s in self.streams.items()},
        )


def packed_stream(
    batches: Iterable[pa.RecordBatch], layout: Layout, n_customers: int, zone: str, threads: int = 1
) -> StreamHistory:
    """Return the packed history of one stream.

    Parameters
    ----------
    batches
        The events, columns as `scan.py` says, any order.
    layout
        How to pack them, from `layouts`.
    n_customers
        Customers are 0 to ``n_customers - 1``; negative ones are left out.
    zone
        The bank's time zone.
    threads
        Threads for bringing events to their customers (the compiled loops run without the GIL).

    Raises
    ------
    ValueError
        If a batch holds a customer from ``n_customers`` on, or a customer has more than 2**22 events.
    """
    from bank360.features import partition

    n_partitions = -(-n_customers // CUSTOMERS_PER_PARTITION)
    chunks: list[tuple[Int64s, npt.NDArray[np.int32], Int64s]] = []
    late: list[Packed] = []
    clipped: dict[str, int] = {}
    dated = 0
    for batch in batches:
        packed = pack(batch, layout, zone)
        if packed.customer.size == 0:
            continue
        if packed.customer.max() >= n_customers:
            raise ValueError(f"stream '{layout.stream.name}' holds customer {packed.customer.max()} of {n_customers}")
        chunks.append(partition.spread(packed.customer, packed.records, SHIFT, n_partitions))
        if packed.late.size or packed.date_only_rows.size:
            late.append(_exceptions(packed))
        dated += packed.date_only_rows.size
        for column, count in packed.clipped.items():
            clipped[column] = clipped.get(column, 0) + count
    side = _SidePath(late, n_customers)

    def sorted_partition(p: int) -> Partition:
        first = p * CUSTOMERS_PER_PARTITION
        count = min(CUSTOMERS_PER_PARTITION, n_customers - first)
        parts = [
            (owner[starts[p] : starts[p + 1]], records[starts[p] : starts[p + 1]]) for records, owner, starts in chunks
        ]
        owner = np.concatenate([part[0] for part in parts]) if parts else np.empty(0, dtype=np.int32)
        records = np.concatenate([part[1] for part in parts]) if parts else np.empty((0, layout.width), dtype=np.int64)
        records, starts = partition.sort_partition(owner, records, first, count)
        if records.size and np.diff(starts).max() > LARGEST_HISTORY:
            raise ValueError(
                f"a customer has {np.diff(starts).max()} events in '{layout.stream.name}', over {LARGEST_HISTORY}: "
                "exact sums could overflow. Is a technical account mapped as a customer?"
            )
        return Partition(records, starts, *side.of(layout, records, starts, first, count))

    with ThreadPoolExecutor(threads) as pool:
        partitions = tuple(pool.map(sorted_partition, range(n_partitions)))
    return StreamHistory(layout, partitions, _findings(layout, clipped, dated))


def _exceptions(packed: Packed) -> Packed:
    """Keep of a packed batch only what the side path needs: the late and the date-only rows."""
    none = packed.records[:0]
    return Packed(
        packed.customer[packed.late],
        packed.records[packed.late, :1] if packed.late.size else none[:, :1],
        packed.late,
        packed.known,
        packed.superseded,
        packed.customer[packed.date_only_rows].astype(np.int64),
        packed.date_only_known,
        {},
    )


class _SidePath:
    """Known and superseded times of late records, sorted as the records are: by customer, time, arrival."""

    def __init__(self, late: list[Packed], n_customers: int) -> None:
        empty = np.empty(0, dtype=np.int64)
        customer = np.concatenate([empty.astype(np.int32), *(part.customer for part in late)])
        at = np.concatenate([empty, *(part.records[:, 0] for part in late)])
        order = np.lexsort((at, customer))  # stable: a subset of the records keeps their order
        self._customer = customer[order]
        self._known = np.concatenate([empty, *(part.known for part in late)])[order]
        self._superseded = np.concatenate([empty, *(part.superseded for part in late)])[order]
        self._first_date_only = np.full(n_customers, NEVER, dtype=np.int64)
        for part in late:
            np.minimum.at(self._first_date_only, part.date_only_rows, part.date_only_known)

    def of(
        self, layout: Layout, records: Int64s, starts: Int64s, first: int, count: int
    ) -> tuple[Int64s, Int64s, Int64s, Int64s]:
        bounds = np.searchsorted(self._customer, np.arange(first, first + count + 1))
        low, high = int(bounds[0]), int(bounds[-1])
        return (
            bounds - low,
            self._known[low:high],
            self._superseded[low:high],
            self._first_date_only[first : first + count],
        )


def _only(partition: Partition, c: int) -> Partition:
    events = slice(partition.starts[c], partition.starts[c + 1])
    late = slice(partition.late_starts[c], partition.late_starts[c + 1])
    return Partition(
        partition.records[events],
        np.array([0, events.stop - events.start]),
        np.array([0, late.stop - late.start]),
        partition.known[late],
        partition.superseded[late],
        partition.first_date_only[c : c + 1],
    )


def _findings(layout: Layout, clipped: Mapping[str, int], dated: int) -> tuple[Finding, ...]:
    table = layout.stream.table
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
    timed = layout.timed or any(measure.needs_hour for measure in layout.measures)
    if dated and timed:
        findings.append(
            Finding(
                table,
                "event_precision",
                "no_time_of_day",
                Severity.INFO,
                dated,
                None,
                f"{dated} events carry dates only: their customers have no value of velocity and night features",
            )
        )
    return tuple(findings)
