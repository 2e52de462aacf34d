"""The latest snapshot of some customers, from histories that are kept: who is asked for is read, and no one else.

No window reaches further back than its lowest edge, so older records are not read where nothing but windows asks for
them. What looks back without an end but needs the last event only (how long ago, what it was) is answered by the same
recent records for all who have such an event there; who has none there is computed again from all records.
Neighbours: `compute.py` computes, `layers.py` reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.features.compute import FeatureMatrix, compute
from bank360.features.feature import AnyFeature, Feature
from bank360.features.history import Histories
from bank360.features.layers import EVER, LayeredStream
from bank360.features.layout import Layout
from bank360.features.needs import data_from
from bank360.features.ops import Op
from bank360.features.programs import in_order
from bank360.features.spine import FIRST, Snapshots, window_edges

_LAST_ONLY = frozenset({Op.LAST, Op.DAYS_SINCE_LAST})


def latest(
    histories: Histories,
    customers: npt.NDArray[np.int32],
    as_of: int,
    features: Sequence[AnyFeature],
    columns: Sequence[str] | None = None,
    threads: int = 1,
) -> FeatureMatrix:
    """Return the features of some customers at one instant (microseconds UTC), a row each in their order.

    The values are those of `compute.compute`, to the last bit.

    Parameters
    ----------
    histories
        All streams read from layers.
    customers
        Their numbers in the histories.
    features, columns, threads
        As for `compute.compute`.

    Raises
    ------
    ValueError
        As `compute.compute` does.
    """
    by_name = {feature.name: feature for feature in features}
    names = list(by_name if columns is None else columns)
    order = in_order([by_name[name] for name in names], by_name)
    reach = {name: _reach(stream.layout, order, as_of, histories.zone) for name, stream in histories.streams.items()}
    snapshot = Snapshots(len(customers), np.array([as_of], dtype=np.int64))
    if all(one.since == EVER for one in reach.values()):
        return compute(_of(histories, customers, {}), snapshot, features, names, threads)
    recent = _of(histories, customers, {name: one.since for name, one in reach.items()})
    late = data_from(order, histories.known_from or {}) if histories.known_from is not None else {}
    asked = [name for one in reach.values() for name in one.endless if late.get(name, EVER) < as_of]
    found = compute(recent, snapshot, features, list(dict.fromkeys((*names, *asked))), threads)
    again = np.zeros(len(customers), dtype=np.bool_)
    for name in asked:
        again |= np.isnan(found.column(name))
    for name, stream in recent.streams.items():
        if reach[name].timed and isinstance(stream, LayeredStream):
            # Nothing but dates is seen only of somebody with an event by date that stands, or with late ones: who never
            # applied for credit, as most of a bank, has neither.
            low, high, _ = stream.runs[1].found(stream.wanted)
            dates = (stream.stands_from[:, 1] < as_of) | np.any(high > low, axis=0)
            again |= dates & (stream.stands_from[:, 0] >= as_of)
    if again.any():
        rows = Snapshots(int(np.count_nonzero(again)), snapshot.as_ofs)
        whole = compute(_of(histories, customers[again], {}), rows, features, list(found.names), threads)
        found.values[again] = whole.values
    kept = [found.names.index(name) for name in names if name in found.names]
    values = found.values if len(kept) == len(found.names) else found.values[:, kept]
    return FeatureMatrix(tuple(found.names[place] for place in kept), values, found.categorical)


def reaches_back(features: Sequence[AnyFeature], as_of: int, zone: str) -> int | None:
    """Return the first instant (microseconds UTC) that a window at ``as_of`` reaches, or at any later one; None: ever.

    What happened before it moves no value, but where a feature needs the time of day and some events have none:
    whether all that is seen of somebody is dates is asked of everything (`kernel.py`).
    """
    windows = list(dict.fromkeys(one.window for one in features if isinstance(one, Feature)))
    lows = window_edges(np.array([as_of], dtype=np.int64), windows, zone, timed=True)[1]
    first = int(lows.min(initial=as_of))
    return None if first == FIRST else first


@dataclass(frozen=True)
class _Reach:
    """How far back a stream is read: from when on; what is endless there; whether anything needs the time of day."""

    since: int
    endless: tuple[str, ...]
    timed: bool


def _reach(layout: Layout, order: Sequence[AnyFeature], as_of: int, zone: str) -> _Reach:
    own = [one for one in order if isinstance(one, Feature) and one.measure.table == layout.stream.name]
    windows = list(dict.fromkeys(one.window for one in own))
    if not windows:
        return _Reach(EVER, (), timed=False)
    lows = window_edges(np.array([as_of], dtype=np.int64), windows, zone, layout.timed)[1][:, 0].tolist()
    low = dict(zip(windows, lows, strict=True))
    endless = tuple(one.name for one in own if low[one.window] == FIRST and one.op in _LAST_ONLY)
    since = min((low[one.window] for one in own if one.name not in endless), default=FIRST)
    # What is visible of old late events says whether all that is seen of a customer is dates (`kernel.py`).
    timed = layout.stream.date_only is None and any(one.needs_time_of_day for one in own)
    return _Reach(EVER if since == FIRST else since, endless, timed)


def _of(histories: Histories, customers: npt.NDArray[np.int32], since: Mapping[str, int]) -> Histories:
    streams = {
        name: stream.of(customers, since.get(name, EVER))
        for name, stream in histories.streams.items()
        if isinstance(stream, LayeredStream)
    }
    return Histories(len(customers), histories.zone, streams, histories.known_from)
