"""The public entry: histories, a spine and features -> a matrix. Chooses no arithmetic, only brings rows together.

A spine is sorted by customer and as_of and cut into groups of one customer; snapshots share one group of rows. Work
goes partition by partition of customers, so that what a thread touches stays small. A feature that has no data yet at
an as_of (`needs.py`) has no value there.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import numpy as np
import numpy.typing as npt

from bank360.features.chunks import CUSTOMERS_PER_PARTITION, Room
from bank360.features.derived import derived
from bank360.features.feature import AnyFeature, Derived, SpineColumn
from bank360.features.history import Histories, Partition
from bank360.features.needs import data_from
from bank360.features.programs import in_order, programs_of, streams_of
from bank360.features.spine import Snapshots, Spine, window_edges
from bank360.features.turns import in_turn

Doubles = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
LARGEST_GROUP = 256  # rows: bounds the kernel's scratch on a spine with many rows of one customer


@dataclass(frozen=True)
class FeatureMatrix:
    """Features of a spine's rows.

    Parameters
    ----------
    names
        The numeric features, in the order of the columns.
    values
        float64, shape ``(n_rows, n_features)``, column-major; NaN is "no value". Rows as in the spine.
    categorical
        The categorical spine columns asked for, by name.
    """

    names: tuple[str, ...]
    values: Doubles
    categorical: Mapping[str, npt.NDArray[np.generic]]

    def column(self, name: str) -> Doubles:
        """Return one feature, shape ``(n_rows,)``; ValueError if it is not there."""
        column: Doubles = self.values[:, self.names.index(name)]
        return column


@dataclass(frozen=True)
class FeaturePart:
    """Some rows of a `FeatureMatrix`; ``rows`` are their positions in the spine, ``values`` is ``(n, n_features)``."""

    names: tuple[str, ...]
    rows: slice | Int64s
    values: Doubles


@dataclass(frozen=True)
class _Part:
    """Spine rows of one partition of customers (-1: of nobody): groups as `kernel.fill` reads them, and which rows."""

    number: int
    groups: Int64s
    target: slice | Int64s

    @property
    def rows(self) -> int:
        return int(self.groups[-1, 3] + self.groups[-1, 2] - self.groups[-1, 1])


@dataclass(frozen=True)
class _Plan:
    """What to compute and how one part of it is filled in."""

    names: tuple[str, ...]
    columns: int  # that `fill` writes, those of the names first
    categorical: Mapping[str, npt.NDArray[np.generic]]
    parts: Sequence[_Part]
    fill: Callable[[_Part, Doubles, int, Room], None]


def compute(
    histories: Histories,
    spine: Spine | Snapshots,
    features: Sequence[AnyFeature],
    columns: Sequence[str] | None = None,
    threads: int = 1,
) -> FeatureMatrix:
    """Return the value of each feature at each row of the spine, from what was known before its as_of.

    Parameters
    ----------
    histories
        Packed with a layout that holds the features' measures (`layouts` of these features or of more).
    spine
        The rows.
    features
        Declarations; every input of a derived feature is among them.
    columns
        Names wanted, in this order; by default all of ``features``.
    threads
        Threads over partitions of customers.

    Raises
    ------
    ValueError
        If a derived feature's input, a spine column or a measure's packing is missing.
    """
    plan = _plan(histories, spine, features, columns)
    result = np.empty((plan.columns, len(spine)), dtype=np.float64)

    def work(part: _Part, room: Room) -> None:
        if isinstance(part.target, slice):  # snapshots' rows lie as they are computed: written where they belong
            plan.fill(part, result, part.target.start, room)
            return
        values = np.empty((plan.columns, part.rows), dtype=np.float64)
        plan.fill(part, values, 0, room)
        result[:, part.target] = values

    for _ in in_turn(work, plan.parts, threads):
        pass
    return FeatureMatrix(plan.names, result[: len(plan.names)].T, plan.categorical)


def compute_in_parts(
    histories: Histories,
    spine: Spine | Snapshots,
    features: Sequence[AnyFeature],
    columns: Sequence[str] | None = None,
    threads: int = 1,
) -> Iterator[FeaturePart]:
    """Yield what `compute` returns, partition by partition of customers: memory does not grow with the spine.

    A part's values lie in memory that is used again: they hold until the next part is asked for.
    """
    plan = _plan(histories, spine, features, columns)
    free: SimpleQueue[Doubles] = SimpleQueue()

    def work(part: _Part, room: Room) -> tuple[_Part, Doubles]:
        try:
            values = free.get_nowait()
        except Empty:
            values = np.empty((plan.columns, 0), dtype=np.float64)
        if values.shape[1] < part.rows:
            values = np.empty((plan.columns, part.rows), dtype=np.float64)
        plan.fill(part, values, 0, room)
        return part, values

    for part, values in in_turn(work, plan.parts, threads):
        yield FeaturePart(plan.names, part.target, values[: len(plan.names), : part.rows].T)
        free.put(values)


def _plan(
    histories: Histories, spine: Spine | Snapshots, features: Sequence[AnyFeature], columns: Sequence[str] | None
) -> _Plan:
    from bank360.features import kernel
    from bank360.features.columnar import BLOCK

    by_name = {feature.name: feature for feature in features}
    if len(by_name) != len(features):
        raise ValueError("two features have the same name")
    wanted = [by_name[name] for name in (by_name if columns is None else columns)]
    categorical = {f.name: _attribute(spine, f) for f in wanted if isinstance(f, SpineColumn) and f.categorical}
    visible = [f for f in wanted if not (isinstance(f, SpineColumn) and f.categorical)]
    order = in_order(visible, by_name)
    # The visible features take the first slots, so that they are one slice of what is filled in; then come those that
    # are read here; last, those that only the kernel reads, which are gone with each of its blocks.
    home = streams_of(order)
    here = [f for f in order if f.name not in home]
    kept = dict.fromkeys((*(f.name for f in visible), *(name for f in here for name in (f.name, *_inputs(f)))))
    slots = {name: slot for slot, name in enumerate(dict.fromkeys((*kept, *(f.name for f in order))))}
    packed = {name: stream.layout for name, stream in histories.streams.items()}
    programs = programs_of(packed, order, slots)
    rows = _rows(spine, histories.n_customers)
    edges = {
        stream: window_edges(rows.as_of, program.windows, histories.zone, program.layout.timed)
        for stream, program in programs.items()
    }
    names, n_hidden = tuple(feature.name for feature in visible), len(slots) - len(kept)
    most_rows = BLOCK * max((int(np.max(part.groups[:, 2] - part.groups[:, 1])) for part in rows.parts), default=0)
    # Inputs of derived features come before them, so what has no data makes nothing out of nothing.
    data = {} if histories.known_from is None else data_from(order, histories.known_from)
    without = {name: rows.as_of <= last for name, last in data.items()}
    without = {name: early for name, early in without.items() if name in kept and early.any()}
    rest = [feature for feature in order if feature.name not in home or feature.name in without]

    def fill(part: _Part, values: Doubles, offset: int, room: Room) -> None:
        hidden = room.doubles(n_hidden, most_rows)
        for stream, program in programs.items():
            history = histories.streams[stream]
            events = _nobody(program.layout.width) if part.number < 0 else history.partition(part.number, room)
            kernel.fill(
                events, program.layout.day_field, program.layout.flag_field, part.groups, rows.as_of, *edges[stream],
                program.measures, program.outputs, values, offset, hidden,
            )  # fmt: skip
        column = {name: values[slots[name], offset : offset + part.rows] for name in kept} if rest else {}
        for feature in rest:
            if isinstance(feature, SpineColumn):
                column[feature.name][:] = _attribute(spine, feature)[part.target]
            elif isinstance(feature, Derived) and feature.name not in home:
                first, second = (column[name] for name in feature.inputs)
                column[feature.name][:] = derived(feature.kind, first, second, feature.factor)
            if feature.name in without:
                column[feature.name][_rows_of(part, without[feature.name])] = np.nan

    return _Plan(names, len(kept), categorical, rows.parts, fill)


def _inputs(feature: AnyFeature) -> tuple[str, ...]:
    return feature.inputs if isinstance(feature, Derived) else ()


def _rows_of(part: _Part, marked: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which rows of a part are marked, ``marked`` being by instant in the kernel's order."""
    first, end = int(part.groups[0, 1]), int(part.groups[-1, 2])
    shared = part.rows != end - first  # snapshots: every group has the same instants
    return np.tile(marked[first:end], len(part.groups)) if shared else marked[first:end]


def _attribute(spine: Spine | Snapshots, column: SpineColumn) -> npt.NDArray[np.generic]:
    if isinstance(spine, Snapshots) or column.name not in spine.columns:
        raise ValueError(f"the spine has no column '{column.name}', which feature '{column.name}' is")
    return spine.columns[column.name]


@dataclass(frozen=True)
class _Rows:
    """The spine in the kernel's order: ``as_of`` ascending per customer, and its partitions."""

    as_of: Int64s
    parts: list[_Part]


def _rows(spine: Spine | Snapshots, n_customers: int) -> _Rows:
    if isinstance(spine, Snapshots):
        return _snapshot_rows(spine, n_customers)
    known = (spine.customer >= 0) & (spine.customer < n_customers)
    customer = np.where(known, spine.customer, -1).astype(np.int64)
    order = np.lexsort((spine.as_of, customer))
    customer = customer[order]
    n = len(order)
    # A group starts at a new customer, and after LARGEST_GROUP rows of the same one.
    new = np.flatnonzero(np.r_[True, customer[1:] != customer[:-1]]) if n else np.empty(0, dtype=np.int64)
    lengths = np.diff(np.r_[new, n])
    pieces = -(-lengths // LARGEST_GROUP)
    piece = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    first = np.repeat(new, pieces) + piece * LARGEST_GROUP
    end = np.minimum(first + LARGEST_GROUP, np.repeat(new + lengths, pieces))
    partition = customer[first] // CUSTOMERS_PER_PARTITION
    parts: list[_Part] = []
    cuts = np.flatnonzero(np.r_[True, partition[1:] != partition[:-1], True]) if len(first) else first
    for low, high in itertools.pairwise(cuts):
        p = int(partition[low])
        owner = customer[first[low:high]] - max(p, 0) * CUSTOMERS_PER_PARTITION
        groups = np.column_stack([owner, first[low:high], end[low:high], first[low:high] - first[low]])
        parts.append(_Part(p, groups, order[first[low] : end[high - 1]]))
    return _Rows(spine.as_of[order], parts)


def _snapshot_rows(spine: Snapshots, n_customers: int) -> _Rows:
    instants = len(spine.as_ofs)
    parts: list[_Part] = []
    groups: dict[tuple[int, int], Int64s] = {}  # the same for all partitions but the last
    for first in range(0, spine.n_customers if instants else 0, CUSTOMERS_PER_PARTITION):
        count = min(CUSTOMERS_PER_PARTITION, spine.n_customers - first)
        there = max(min(count, n_customers - first), 0)
        if (count, there) not in groups:
            customer = np.arange(count)
            owner = np.where(customer < there, customer, -1)
            columns = [owner, np.zeros_like(owner), np.full_like(owner, instants), customer * instants]
            groups[count, there] = np.column_stack(columns)
        target = slice(first * instants, (first + count) * instants)
        parts.append(_Part(first // CUSTOMERS_PER_PARTITION if there else -1, groups[count, there], target))
    return _Rows(spine.as_ofs, parts)


def _nobody(width: int) -> Partition:
    empty = np.empty(0, dtype=np.int64)
    nothing = np.empty((0, width), dtype=np.int64)
    return Partition(nothing, np.zeros(1, dtype=np.int64), empty, empty, empty, empty, np.empty((0, 2), dtype=np.int64))
