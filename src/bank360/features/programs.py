"""What the kernel is to compute on each stream, worked out once from the features and how the streams are packed.

Pure declarations become arrays of numbers: measures and outputs as `columnar.py` reads them. Neighbours: `compute.py`
runs programs over many customers, `one_customer.py` over one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.features.feature import AnyFeature, Derived, Feature, Measure, Window
from bank360.features.layout import BITS, Layout, layouts, packed_measure
from bank360.features.ops import OF_KEYS, Op

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Program:
    """What the kernel computes on one stream; ``derived`` names the derived features among it."""

    layout: Layout
    windows: tuple[Window, ...]
    measures: Int64s
    outputs: Int64s
    derived: frozenset[str]


def in_order(visible: Sequence[AnyFeature], by_name: Mapping[str, AnyFeature]) -> list[AnyFeature]:
    """Return the features to compute: what is visible and what that is derived from, inputs first.

    Raises
    ------
    ValueError
        If an input of a derived feature is missing, or it is its own.
    """
    needed: dict[str, AnyFeature] = {}

    def add(feature: AnyFeature, path: tuple[str, ...]) -> None:
        if feature.name in path:
            raise ValueError(f"derived feature '{feature.name}' is among its own inputs")
        for name in feature.inputs if isinstance(feature, Derived) else ():
            if name not in by_name:
                raise ValueError(f"derived feature '{feature.name}' needs '{name}', which is not among the features")
            add(by_name[name], (*path, feature.name))
        needed.setdefault(feature.name, feature)

    for feature in visible:
        add(feature, ())
    return list(needed.values())


def streams_of(features: Sequence[AnyFeature]) -> dict[str, str]:
    """Return the stream on which the kernel computes each feature that it computes, by name.

    ``features`` come inputs first. Spine columns and what is derived from them or from two streams are left out.
    """
    home: dict[str, str] = {}
    for feature in features:
        if isinstance(feature, Feature):
            home[feature.name] = feature.measure.table
        elif isinstance(feature, Derived):
            first, second = (home.get(name) for name in feature.inputs)
            if first is not None and first == second:
                home[feature.name] = first
    return home


def programs_of(
    packed: Mapping[str, Layout], features: Sequence[AnyFeature], slots: Mapping[str, int]
) -> dict[str, Program]:
    """Return what to compute on each stream that the features read, by its name.

    What `streams_of` leaves out is passed over.

    Parameters
    ----------
    packed
        How each stream is packed, by its name.
    features
        What to compute, inputs first.
    slots
        Where each feature's value goes, by its name: a row of what `kernel.fill` writes.

    Raises
    ------
    ValueError
        If a stream was not packed, or without what a feature reads.
    """
    from bank360.features import columnar, derive

    home = streams_of(features)
    by_stream: dict[str, list[Feature]] = {}
    derived: dict[str, list[Derived]] = {}
    for feature in features:
        if isinstance(feature, Feature):
            by_stream.setdefault(feature.measure.table, []).append(feature)
        elif isinstance(feature, Derived) and feature.name in home:
            derived.setdefault(home[feature.name], []).append(feature)
    programs = {}
    for stream, declared in by_stream.items():
        if stream not in packed:
            raise ValueError(f"no history of '{stream}' was packed, which feature '{declared[0].name}' reads")
        layout = packed[stream]
        mixed = layout.stream.date_only is None
        windows = tuple(dict.fromkeys(feature.window for feature in declared))
        by_measure: dict[Measure, list[Feature]] = {}
        for feature in declared:
            by_measure.setdefault(packed_measure(feature), []).append(feature)
        measures: list[list[int]] = []
        outputs: list[list[int]] = []
        timed: dict[str, bool] = {}  # by feature, whether it needs the time of day where some events have none
        # Measures that are only counted stand together: the kernel counts several at once.
        for measure, group in sorted(by_measure.items(), key=lambda item: any(f.op is not Op.COUNT for f in item[1])):
            _check_packed(layout, group)
            bit = layout.measures.index(measure)
            row = [0] * 8
            row[columnar.M_WORD], row[columnar.M_BIT] = divmod(bit, BITS)
            row[columnar.M_VALUE] = row[columnar.M_TOKEN] = -1
            row[columnar.M_SIGN] = measure.sign
            row[columnar.M_FIRST] = len(outputs)
            for feature in sorted(group, key=lambda f: windows.index(f.window)):
                code = columnar.OP_CODES[feature.op]
                row[columnar.M_OPS] |= 1 << code
                position = layout.value_field(measure, feature.op)
                if position >= 0:
                    row[columnar.M_TOKEN if feature.op in OF_KEYS else columnar.M_VALUE] = position
                timed[feature.name] = mixed and feature.needs_time_of_day
                outputs.append([code, windows.index(feature.window), slots[feature.name], timed[feature.name], 0, 0, 0])
            row[columnar.M_END] = len(outputs)
            measures.append(row)
        more = derived.get(stream, [])
        for one in more:
            first, second = one.inputs
            timed[one.name] = timed[first] or timed[second]
            factor = int(np.float64(one.factor).view(np.int64))
            row = [
                derive.KIND_CODES[one.kind],
                0,
                slots[one.name],
                timed[one.name],
                slots[first],
                slots[second],
                factor,
            ]
            outputs.append(row)
        programs[stream] = Program(
            layout,
            windows,
            np.array(measures, dtype=np.int64),
            np.array(outputs, dtype=np.int64),
            frozenset(one.name for one in more),
        )
    return programs


def _check_packed(layout: Layout, features: Sequence[Feature]) -> None:
    needed = layouts(features)[layout.stream.name]
    missing = set(needed.measures) - set(layout.measures) or set(needed.fields) - set(layout.fields)
    if missing or (needed.timed and not layout.timed):
        raise ValueError(
            f"the histories of '{layout.stream.name}' were packed without what feature '{features[0].name}' reads. "
            "Pack them with layouts() of these features."
        )
