"""How a function is compiled: by Numba, without the GIL, kept on disk.

Import the modules that use this only when there is something to compute: Numba costs a second. Numba's cache on disk
notices an edit of the compiled function's own file; here it also notices one of every module that file takes compiled
functions from, since those become part of its machine code.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
from numba.core.dispatcher import Dispatcher

P = ParamSpec("P")
T = TypeVar("T")


def compiled(function: Callable[P, T]) -> Callable[P, T]:
    """Return ``function`` compiled for the types it is called with; division by zero follows IEEE 754."""
    dispatcher = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    file = _cache_file(dispatcher)
    others = {
        callee.py_func.__module__: _cache_file(callee)._source_stamp
        for callee in function.__globals__.values()
        if isinstance(callee, Dispatcher) and callee.py_func.__module__ != function.__module__
    }
    file._source_stamp = (file._source_stamp, *sorted(others.items()))
    return cast("Callable[P, T]", dispatcher)


def _cache_file(dispatcher: Any) -> Any:
    return dispatcher._cache._cache_file
