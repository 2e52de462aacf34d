"""Inputs of a score outside what its model was trained on: which, and the range. A warning, never a refusal."""

from dataclasses import dataclass

import numpy as np

from bank360.models.spec import FittedModel, ModelSpec
from bank360.pipeline.requests import RequestRows


@dataclass(frozen=True)
class OutsideTraining:
    """An input whose value lies outside the closed range ``low`` to ``high`` seen in training.

    Parameters
    ----------
    name, meaning, unit
        Which input; money in minor units.
    """

    name: str
    meaning: str
    unit: str
    value: float
    low: float
    high: float


def outside_training(model: FittedModel, spec: ModelSpec, rows: RequestRows) -> tuple[tuple[OutsideTraining, ...], ...]:
    """Return by row the numeric inputs whose value lies outside the range seen in training.

    A category has no range, and what was never asked for lies nowhere.
    """
    about = {feature.name: feature for feature in spec.inputs}
    found: list[list[OutsideTraining]] = [[] for _ in rows.thin]
    for part, mask, design in model.designs(rows.columns, rows.thin, rows.unasked):
        places = np.nonzero(mask)[0]
        for row, j in zip(*np.nonzero(part.outside_training(design)), strict=True):
            name = part.inputs[j].name
            if not part.inputs[j].categorical:
                low, high, value = float(part.low[j]), float(part.high[j]), float(design[row, j])
                one = OutsideTraining(name, about[name].meaning, about[name].unit, value, low, high)
                found[places[row]].append(one)
    return tuple(map(tuple, found))
