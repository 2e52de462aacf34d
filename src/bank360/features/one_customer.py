"""Features of one customer at one moment: the online route of the one kernel (docs/decisions/0003).

All that depends on the features alone is worked out once, in `describing_one`, what a stream without events gives
among it, and the edges of calendar windows once a day; a request pays for the kernel over a few hundred events and one
compiled pass over what is derived. The numbers are those of `compute.compute`, to the last bit: the same programs, the
same kernel, the same order.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import within_day
from bank360.features.feature import AnyFeature, Derived, Feature, Rolling, SpineColumn
from bank360.features.history_bytes import OneHistory, no_events
from bank360.features.layout import Layout
from bank360.features.packing import NEVER
from bank360.features.programs import Program, in_order, programs_of
from bank360.features.spine import window_edges

Int64s = npt.NDArray[np.int64]
# (history, as_of, spine columns) -> value by feature name
DescribeOne = Callable[[OneHistory, int, Mapping[str, float]], dict[str, float]]
_Edges = tuple[Int64s, Int64s, Int64s]  # local day of the row; low and high of each window
_ONE_GROUP = np.array([[0, 0, 1, 0]], dtype=np.int64)


def describing_one(
    features: Sequence[AnyFeature], packed: Mapping[str, Layout], zone: str, data_from: Mapping[str, int]
) -> DescribeOne:
    """Return a function that describes one customer at an instant (microseconds UTC).

    Parameters
    ----------
    features
        Numeric features, with every input of the derived ones among them.
    packed
        How the histories that it will be given are packed, by stream.
    zone
        The bank's zone.
    data_from
        By feature, the last instant at which it has no data (`needs.data_from`); others always have.

    Raises
    ------
    ValueError
        If an input of a derived feature, or what a feature reads, is missing.
    """
    from bank360.features import kernel
    from bank360.features.derive import KIND_CODES, derive_one

    by_name = {feature.name: feature for feature in features}
    order = in_order(list(by_name.values()), by_name)
    slots = {feature.name: slot for slot, feature in enumerate(order)}
    programs = programs_of(packed, [feature for feature in order if isinstance(feature, Feature)], slots)
    hidden = np.empty((0, 1), dtype=np.float64)
    edges = _edges_at(programs, zone)
    given = [(slots[feature.name], feature.name) for feature in order if isinstance(feature, SpineColumn)]
    combined = [feature for feature in order if isinstance(feature, Derived)]
    early = [
        (slots[feature.name], data_from[feature.name])
        for feature in order
        if feature.name in data_from and not isinstance(feature, Derived)
    ]
    steps = np.array(
        [
            (KIND_CODES[one.kind], *(slots[name] for name in (*one.inputs, one.name)), data_from.get(one.name, -NEVER))
            for one in combined
        ],
        dtype=np.int64,
    ).reshape(-1, 5)
    factors = np.array([one.factor for one in combined], dtype=np.float64)

    def filled(history: OneHistory, at: Int64s, values: npt.NDArray[np.float64], streams: Iterable[str]) -> None:
        cut = edges(at)
        for stream in streams:
            program = programs[stream]
            kernel.fill(
                history[stream], program.layout.day_field, program.layout.flag_field, _ONE_GROUP, at, *cut[stream],
                program.measures, program.outputs, values, 0, hidden,
            )  # fmt: skip

    # Who has no event in any stream: the same at every instant, so that a stream without events is not computed again.
    nothing = np.empty((len(order), 1), dtype=np.float64)
    filled(
        {name: no_events(one.layout) for name, one in programs.items()}, np.zeros(1, dtype=np.int64), nothing, programs
    )

    def describe(history: OneHistory, as_of: int, columns: Mapping[str, float]) -> dict[str, float]:
        values = nothing.copy()
        filled(
            history, np.array([as_of], dtype=np.int64), values, [one for one in programs if len(history[one].records)]
        )
        for slot, name in given:
            values[slot, 0] = columns[name]
        for slot, last in early:
            if as_of <= last:
                values[slot, 0] = math.nan
        derive_one(steps, factors, as_of, values)
        return dict(zip(slots, values[:, 0].tolist(), strict=True))

    return describe


def _edges_at(programs: Mapping[str, Program], zone: str) -> Callable[[Int64s], dict[str, _Edges]]:
    """Return what gives each stream's days and edges at an instant; those of calendar windows are the whole day's."""
    turning: dict[str, tuple[npt.NDArray[np.intp], Int64s, Int64s]] = {}
    for stream, program in programs.items():
        rolling = [(w, one) for w, one in enumerate(program.windows) if isinstance(one, Rolling)]
        if rolling:
            spans = np.array([(one.ago + one.seconds, one.ago) for _, one in rolling], dtype=np.int64) * 1_000_000
            turning[stream] = np.array([w for w, _ in rolling]), spans[:, 0], spans[:, 1]
    kept: list[tuple[int, int, dict[str, _Edges]]] = [(0, 0, {})]

    def edges(at: Int64s) -> dict[str, _Edges]:
        since, until, whole = kept[0]  # another thread may keep another day: this one goes on with its own
        if not since <= at[0] < until:
            whole = {name: window_edges(at, one.windows, zone, one.layout.timed) for name, one in programs.items()}
            kept[0] = (*within_day(int(at[0]), zone), whole)
        if not turning:
            return whole
        cut = dict(whole)
        for stream, (places, begins, ends) in turning.items():
            days, low, high = cut[stream]
            low, high = low.copy(), high.copy()
            low[places, 0], high[places, 0] = at[0] - begins, at[0] - ends
            cut[stream] = days, low, high
        return cut

    return edges
