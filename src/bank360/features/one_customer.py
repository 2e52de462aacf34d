"""Features of one customer at one moment: the online route of the one kernel (docs/decisions/0003).

All that depends on the features alone is worked out once, in `describing_one`, what a stream without events gives
among it, and the edges of calendar windows once a day; a request pays for one compiled call over a few hundred events.
The numbers are those of `compute.compute`, to the last bit: the same programs, the same kernel, the same order.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import within_day
from bank360.features.feature import AnyFeature, Derived, Feature, Rolling, SpineColumn
from bank360.features.layout import Layout
from bank360.features.one_history import OneHistory, one_history
from bank360.features.packing import NEVER
from bank360.features.programs import Program, in_order, programs_of
from bank360.features.spine import window_edges

Int64s = npt.NDArray[np.int64]
# (history, as_of, spine columns) -> value by feature name
DescribeOne = Callable[[OneHistory, int, Mapping[str, float]], dict[str, float]]
_Edges = tuple[Int64s, Int64s, Int64s]  # local day of the row; low and high of each window


def describing_one(
    features: Sequence[AnyFeature], packed: Mapping[str, Layout], zone: str, data_from: Mapping[str, int]
) -> DescribeOne:
    """Return a function that describes one customer at an instant (microseconds UTC).

    Parameters
    ----------
    features
        Numeric features, with every input of the derived ones among them.
    packed
        How the histories that it will be given are packed, by stream in their order.
    zone
        The bank's zone.
    data_from
        By feature, the last instant at which it has no data (`needs.data_from`); others always have.

    Raises
    ------
    ValueError
        If an input of a derived feature, or what a feature reads, is missing.
    """
    from bank360.features.derive import KIND_CODES
    from bank360.features.kernel import fill
    from bank360.features.one_row import P_STREAM, describe_row, stream_in

    by_name = {feature.name: feature for feature in features}
    order = in_order(list(by_name.values()), by_name)
    slots = {feature.name: slot for slot, feature in enumerate(order)}
    programs = programs_of(packed, [feature for feature in order if isinstance(feature, Feature)], slots)
    edges, rolling = _edges_at(programs, zone), _rolling(programs)
    table = _table(programs, list(packed))
    none = np.empty((0, 8), dtype=np.int64), np.empty((0, 7), dtype=np.int64)
    measures = np.concatenate([none[0], *(one.measures for one in programs.values())])
    outputs = np.concatenate([none[1], *(one.outputs for one in programs.values())])
    given = [(slots[feature.name], feature.name) for feature in order if isinstance(feature, SpineColumn)]
    combined = [feature for feature in order if isinstance(feature, Derived)]
    early = np.array(
        [
            (slots[feature.name], data_from[feature.name])
            for feature in order
            if feature.name in data_from and not isinstance(feature, Derived)
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    steps = np.array(
        [
            (KIND_CODES[one.kind], *(slots[name] for name in (*one.inputs, one.name)), data_from.get(one.name, -NEVER))
            for one in combined
        ],
        dtype=np.int64,
    ).reshape(-1, 5)
    factors = np.array([one.factor for one in combined], dtype=np.float64)

    # Who has no event in any stream: the same at every instant, so that a stream without events is not computed again.
    nothing, never = np.full((len(order), 1), np.nan), np.zeros(1, dtype=np.int64)
    nobody, hidden = one_history({}, packed), np.empty((0, 1), dtype=np.float64)
    for p, one in enumerate(programs.values()):
        events = stream_in(nobody, table[p, P_STREAM], one.layout.width)
        days, low, high = window_edges(never, one.windows, zone, one.layout.timed)
        group, fields = np.array([[0, 0, 1, 0]]), (one.layout.day_field, one.layout.flag_field)
        fill(events, *fields, group, never, days, low, high, one.measures, one.outputs, nothing, 0, hidden)

    def describe(history: OneHistory, as_of: int, columns: Mapping[str, float]) -> dict[str, float]:
        if len(history.heads) != len(packed):
            raise ValueError(f"a history of {len(history.heads)} streams, where {len(packed)} are packed")
        at, values = np.array([as_of], dtype=np.int64), nothing.copy()
        for slot, name in given:
            values[slot, 0] = columns[name]
        describe_row(history, at, *edges(at), rolling, table, measures, outputs, early, steps, factors, values)
        return dict(zip(slots, values[:, 0].tolist(), strict=True))

    return describe


def _table(programs: Mapping[str, Program], streams: Sequence[str]) -> Int64s:
    """Return the programs as `one_row.describe_row` reads them, the order of streams being that of histories."""
    rows, places = [], (0, 0, 0)
    for name, one in programs.items():
        layout = one.layout
        rows.append((streams.index(name), layout.width, layout.day_field, layout.flag_field, *places))
        own = (len(one.measures), len(one.outputs), len(one.windows))
        places = (places[0] + own[0], places[1] + own[1], places[2] + own[2])
    return np.array([*rows, (-1, 0, 0, 0, *places)], dtype=np.int64)


def _rolling(programs: Mapping[str, Program]) -> Int64s:
    """Return the rolling windows of all programs as `one_row.describe_row` reads them."""
    windows = [window for one in programs.values() for window in one.windows]
    rows = [
        (w, (window.ago + window.seconds) * 1_000_000, window.ago * 1_000_000)
        for w, window in enumerate(windows)
        if isinstance(window, Rolling)
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _edges_at(programs: Mapping[str, Program], zone: str) -> Callable[[Int64s], _Edges]:
    """Return what gives an instant's day and all programs' edges; those of calendar windows are the whole day's."""
    kept: list[tuple[int, int, _Edges]] = []

    def edges(at: Int64s) -> _Edges:
        since, until, whole = kept[0]  # another thread may keep another day: this one goes on with its own
        if not since <= at[0] < until:
            whole = made(at)
            kept[0] = (*within_day(int(at[0]), zone), whole)
        return whole

    def made(at: Int64s) -> _Edges:
        days, *none = window_edges(at, (), zone, timed=True)
        own = [window_edges(at, one.windows, zone, one.layout.timed)[1:] for one in programs.values()]
        low, high = (np.concatenate([empty, *each]) for empty, *each in zip(none, *own, strict=True))
        return days, low, high

    kept.append((0, 0, made(np.zeros(1, dtype=np.int64))))
    return edges
