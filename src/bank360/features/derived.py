"""Derived features: arithmetic on two columns, the answer when a part is missing, in one place.

With a, b the inputs and f the factor (default 1):

=============  ==================  ==========================================================
kind           value               no value (NaN) when
=============  ==================  ==========================================================
``ratio``      f * a / b           a or b missing, b = 0
``share``      f * a / b           a or b missing, b <= 0
``difference`` f * a - b           a or b missing
``growth``     f * a / b - 1       a or b missing, b <= 0
``volatility`` f * a / abs(b)      a or b missing, b = 0   (coefficient of variation: std, mean)
``reciprocal`` f / (a + EPSILON)   a missing; b is a
=============  ==================  ==========================================================
"""

import numpy as np
import numpy.typing as npt

from bank360.features.feature import DerivedKind

Doubles = npt.NDArray[np.float64]
EPSILON = 1e-6  # so that the reciprocal of a count of nothing is a number
# For people: what `derived` does with inputs named a (the factor with it) and b.
FORMULA: dict[DerivedKind, str] = {
    "ratio": "{a} / {b}; no value where {b} = 0",
    "share": "{a} / {b}; no value unless {b} > 0",
    "difference": "{a} - {b}",
    "growth": "{a} / {b} - 1; no value unless {b} > 0",
    "volatility": "{a} / |{b}|; no value where {b} = 0",
    "reciprocal": "1 / ({a} + 0.000001)",
}


def derived(kind: DerivedKind, a: Doubles, b: Doubles, factor: float = 1.0) -> Doubles:
    """Return the derived values, shape of ``a``.

    >>> derived("share", np.array([1.0, 0.0]), np.array([4.0, 0.0]))
    array([0.25,  nan])
    """
    if kind == "difference":
        return factor * a - b
    if kind == "reciprocal":
        return np.asarray(factor / (a + EPSILON), dtype=np.float64)
    if kind == "volatility":
        b = np.abs(b)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = factor * a / b
    value[(b <= 0) if kind in ("share", "growth") else (b == 0)] = np.nan
    return value - 1.0 if kind == "growth" else value
