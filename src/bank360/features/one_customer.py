"""Features of one customer at one moment: the online route of the one kernel (docs/decisions/0003).

All that depends on the features alone is worked out once, in `describing_one`; a request pays for the windows' edges,
the kernel over a few hundred events, and the derived arithmetic. The numbers are those of `compute.compute`, to the
last bit: the same programs, the same kernel, the same order. One thing is worked out by another function there: derived
features, which the batch makes compiled inside its kernel (`derive.py`) and this route by `derived.derived`, of which
that is the translation. `tests/features/test_derive.py` holds the two to the same doubles.
"""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import local_days
from bank360.features.derived import derived
from bank360.features.feature import AnyFeature, Derived, Feature, Rolling, SpineColumn
from bank360.features.history_bytes import OneHistory
from bank360.features.layout import Layout
from bank360.features.programs import Program, in_order, programs_of
from bank360.features.spine import window_edges

Int64s = npt.NDArray[np.int64]
# (history, as_of, spine columns) -> value by feature name
DescribeOne = Callable[[OneHistory, int, Mapping[str, float]], dict[str, float]]
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

    by_name = {feature.name: feature for feature in features}
    order = in_order(list(by_name.values()), by_name)
    slots = {feature.name: slot for slot, feature in enumerate(order)}
    programs = programs_of(packed, [feature for feature in order if isinstance(feature, Feature)], slots)
    hidden = np.empty((0, 1), dtype=np.float64)
    edges = {stream: _edges_of_a_day(program, zone) for stream, program in programs.items()}
    without = {name: last for name, last in data_from.items() if name in slots}

    def describe(history: OneHistory, as_of: int, columns: Mapping[str, float]) -> dict[str, float]:
        values = np.empty((len(order), 1), dtype=np.float64)
        at = np.array([as_of], dtype=np.int64)
        for stream, program in programs.items():
            layout = program.layout
            kernel.fill(
                history[stream], layout.day_field, layout.flag_field, _ONE_GROUP, at, *edges[stream](at),
                program.measures, program.outputs, values, 0, hidden,
            )  # fmt: skip
        for feature in order:
            slot = slots[feature.name]
            if isinstance(feature, SpineColumn):
                values[slot] = columns[feature.name]
            elif isinstance(feature, Derived):
                first, second = (values[slots[name]] for name in feature.inputs)
                values[slot] = derived(feature.kind, first, second, feature.factor)
            if as_of <= without.get(feature.name, as_of - 1):
                values[slot] = math.nan
        return dict(zip(slots, values[:, 0].tolist(), strict=True))

    return describe


def _edges_of_a_day(program: Program, zone: str) -> Callable[[Int64s], tuple[Int64s, Int64s, Int64s]]:
    """Return what gives the edges of the windows at an instant; those of calendar windows are the whole day's."""
    rolling = np.array([isinstance(window, Rolling) for window in program.windows])
    spans = [(one.ago + one.seconds, one.ago) if isinstance(one, Rolling) else (0, 0) for one in program.windows]
    begins, ends = np.array(spans, dtype=np.int64).reshape(-1, 2).T * 1_000_000
    kept: list[tuple[int, tuple[Int64s, Int64s, Int64s]] | None] = [None]

    def edges(at: Int64s) -> tuple[Int64s, Int64s, Int64s]:
        day = int(local_days(at, zone)[0])
        found = kept[0]
        if found is None or found[0] != day:  # another thread may keep another day: this one goes on with its own
            found = kept[0] = (day, window_edges(at, program.windows, zone, program.layout.timed))
        days, low, high = found[1]
        if not rolling.any():
            return days, low, high
        low, high = low.copy(), high.copy()
        low[rolling, 0], high[rolling, 0] = at[0] - begins[rolling], at[0] - ends[rolling]
        return days, low, high

    return edges
