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
from bank360.features.ops import Op

Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Program:
    """What the kernel computes on one stream."""

    layout: Layout
    windows: tuple[Window, ...]
    measures: Int64s
    outputs: Int64s


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


def programs_of(
    packed: Mapping[str, Layout], features: Sequence[Feature], slots: Mapping[str, int]
) -> dict[str, Program]:
    """Return what to compute on each stream that the features read, by its name.

    Parameters
    ----------
    packed
        How each stream is packed, by its name.
    features
        What to compute.
    slots
        Where each feature's value goes, by its name: a row of what `kernel.fill` writes.

    Raises
    ------
    ValueError
        If a stream was not packed, or without what a feature reads.
    """
    from bank360.features import columnar

    by_stream: dict[str, list[Feature]] = {}
    for feature in features:
        by_stream.setdefault(feature.measure.table, []).append(feature)
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
        for measure, group in by_measure.items():
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
                    row[columnar.M_TOKEN if feature.op is Op.DISTINCT else columnar.M_VALUE] = position
                outputs.append(
                    [code, windows.index(feature.window), slots[feature.name], mixed and feature.needs_time_of_day]
                )
            row[columnar.M_END] = len(outputs)
            measures.append(row)
        programs[stream] = Program(
            layout, windows, np.array(measures, dtype=np.int64), np.array(outputs, dtype=np.int64)
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
