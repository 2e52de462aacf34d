"""How a function is compiled: by Numba, without the GIL, kept on disk.

Import the modules that use this only when there is something to compute: Numba costs a second. The cache on disk is
keyed by the file of the compiled function alone: a compiled function calls only functions of its own module, `exact.py`
apart, so that an edit cannot leave an older version of a callee at work.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
T = TypeVar("T")


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Return ``function`` compiled for the types it is called with; division by zero follows IEEE 754."""
    return cast("Callable[P, T]", numba.njit(cache=True, nogil=True, error_model="numpy")(function))
