"""`derived.py` compiled: derived columns of the kernel's rows, made while their inputs are still in the cache."""

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled
from bank360.features.feature import DerivedKind

Doubles = npt.NDArray[np.float64]
RATIO, SHARE, DIFFERENCE, GROWTH, VOLATILITY = range(5)
KIND_CODES: dict[DerivedKind, int] = {
    "ratio": RATIO, "share": SHARE, "difference": DIFFERENCE, "growth": GROWTH, "volatility": VOLATILITY,
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
    else:
        less = 1.0 if kind == GROWTH else 0.0
        for r in range(a.size):
            target[r] = factor * a[r] / b[r] - less if b[r] > 0.0 else np.nan
