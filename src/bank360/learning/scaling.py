"""Columns brought to the range of 0 to 1 by the least and largest value of the training rows.

What was not seen in training may lie outside 0 to 1 and is not cut off: a cut would hide that it is new. Invariant:
only training rows tell the ends; they are kept with the model that was fitted on what they scaled.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats


@dataclass(frozen=True)
class MinMax:
    """The least and the largest value of each column in training, by name."""

    names: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def scaled(self, values: Floats) -> Floats:
        """Return ``(value - low) / (high - low)``, shape ``(n_rows, n_columns)``; a constant column becomes 0.

        >>> fitted_min_max(("a", "b"), np.array([[0.0, 5.0], [4.0, 5.0]])).scaled(np.array([[1.0, 5.0], [6.0, 7.0]]))
        array([[0.25, 0.  ],
               [1.5 , 0.  ]])
        """
        low, span = np.array(self.low), np.array(self.high) - np.array(self.low)
        return np.where(span > 0, (values - low) / np.where(span > 0, span, 1.0), 0.0)

    def to_json(self) -> dict[str, Any]:
        """Return the ends as JSON values."""
        return {"names": list(self.names), "low": list(self.low), "high": list(self.high)}


def fitted_min_max(names: tuple[str, ...], values: Floats) -> MinMax:
    """Return the ends of training rows, shape ``(n_rows, n_columns)`` with at least one row and no NaN."""
    return MinMax(names, tuple(values.min(axis=0).tolist()), tuple(values.max(axis=0).tolist()))
