"""`derived.py` compiled: derived columns of the kernel's rows, made while their inputs are still in the cache."""

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled
from bank360.features.derived import EPSILON
from bank360.features.feature import DerivedKind

Doubles = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
RATIO, SHARE, DIFFERENCE, GROWTH, VOLATILITY, RECIPROCAL = range(6)
KIND_CODES: dict[DerivedKind, int] = {
    "ratio": RATIO, "share": SHARE, "difference": DIFFERENCE, "growth": GROWTH, "volatility": VOLATILITY,
    "reciprocal": RECIPROCAL,
}  # fmt: skip


@compiled
def derive(kind: int, a: Doubles, b: Doubles, factor: float, target: Doubles) -> None:
    """Write the derived values; formulas and missing values as `derived.derived` has them."""
    if kind == DIFFERENCE:
        for r in range(a.size):
            target[r] = factor * a[r] - b[r]
    elif kind == RATIO:
        for r in range(a.size):
            target[r] = np.nan if b[r] == 0.0 else factor * a[r] / b[r]
    elif kind == VOLATILITY:
        for r in range(a.size):
            target[r] = np.nan if b[r] == 0.0 else factor * a[r] / abs(b[r])
    elif kind == RECIPROCAL:
        for r in range(a.size):
            target[r] = factor / (a[r] + EPSILON)
    else:
        less = 1.0 if kind == GROWTH else 0.0
        for r in range(a.size):
            target[r] = factor * a[r] / b[r] - less if b[r] > 0.0 else np.nan


@compiled
def derive_one(steps: Int64s, factors: Doubles, as_of: int, values: Doubles) -> None:
    """Derive one row's values in place, step after step.

    Parameters
    ----------
    steps
        Kind, first input, second input and target (rows of ``values``), and the last instant at which the target has
        no data; shape ``(n, 5)``.
    factors
        By step.
    as_of
        The row's instant.
    values
        Shape ``(n_features, 1)``.
    """
    for i in range(steps.shape[0]):
        kind, first, second, target, last = steps[i]
        derive(kind, values[first], values[second], factors[i], values[target])
        if as_of <= last:
            values[target, 0] = np.nan
