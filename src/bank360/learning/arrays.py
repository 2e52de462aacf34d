"""The array types of this package, named once.

A design matrix is ``Floats`` of shape ``(n_rows, n_features)``, NaN where there is no value. An outcome is ``Floats``
of 0.0 (no event) and 1.0 (event).
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Return the function compiled by Numba, cached on disk, running without the interpreter's lock."""
    return cast(F, numba.njit(cache=True, nogil=True)(function))
