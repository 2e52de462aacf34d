"""Golden scores: made-up rows and the scores a version must give them, on every machine that loads it.

The rows are mixed at random, by a fixed seed, from each input's reference, its least and largest training value and
no value. They are design rows, no customer's, so an artefact holds nobody's data.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats
from bank360.learning.tabular import TabularModel
from bank360.models.spec import FittedModel

ROWS = 16
_CLOSE = 1e-9  # exp and matrix products may differ in the last bits between processors


def golden_rows(model: FittedModel) -> dict[str, Any]:
    """Return rows, margins and probabilities of each part as JSON values."""
    return {"parts": [_of_part(part.model, _rows(part.model)) for part in model.parts]}


def golden_scores_agree(model: FittedModel, golden: Mapping[str, Any]) -> bool:
    """Return whether the model gives the recorded rows the recorded scores, to 1e-9."""
    if len(golden["parts"]) != len(model.parts):
        return False
    for part, recorded in zip(model.parts, golden["parts"], strict=True):
        rows = [[np.nan if v is None else float(v) for v in row] for row in recorded["rows"]]
        again = _of_part(part.model, np.array(rows, dtype=np.float64))
        for name in ("margin", "probability", "contribution"):
            if len(recorded[name]) != len(rows) or not np.allclose(again[name], recorded[name], rtol=0, atol=_CLOSE):
                return False
    return True


def _rows(model: TabularModel) -> Floats:
    rng = np.random.default_rng(0)
    nothing = np.full(len(model.inputs), np.nan)
    choices = np.stack([model.reference, model.low, model.high, nothing])
    picked = rng.integers(0, len(choices), (ROWS, len(model.inputs)))
    picked[0], picked[1] = 0, 3
    return np.asarray(choices[picked, np.arange(len(model.inputs))], dtype=np.float64)


def _of_part(model: TabularModel, rows: Floats) -> dict[str, Any]:
    margin = model.margin(rows)
    return {
        "rows": [[None if np.isnan(v) else float(v) for v in row] for row in rows],
        "margin": [float(v) for v in margin],
        "probability": [float(v) for v in model.probability(margin)],
        "contribution": [float(v) for v in model.contributions(rows).max(axis=1)],
    }
