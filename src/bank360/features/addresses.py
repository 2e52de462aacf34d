"""Arrays by their address: how a compiled loop walks over any number of chunks.

Numba compiles lists of arrays anew in every process, and a call per chunk costs more than the work in it. A table of
addresses is an ordinary array. Whoever reads by address holds the arrays meanwhile, and knows their shape.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.numpy_support import carray

from bank360.features.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Halves = npt.NDArray[np.uint16]
Int32s = npt.NDArray[np.int32]
Int64s = npt.NDArray[np.int64]


def _typed(_: Any, address: Any) -> Any:
    """Return the type of a pointer made of an integer, and what writes its one machine instruction."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

    return types.voidptr(address), write


_pointer: Any = intrinsic(_typed)


def _asked(_: Any, address: Any) -> Any:
    """Return the type of what gives nothing back, and what writes its one machine instruction."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        llvm: Any = cgutils
        pointer, number = builder.inttoptr(arguments[0], llvm.voidptr_t), llvm.int32_t
        of = llvm.ir.FunctionType(llvm.ir.VoidType(), [pointer.type, number, number, number])
        function = llvm.get_or_insert_function(builder.module, of, "llvm.prefetch.p0")
        builder.call(function, [pointer, number(0), number(3), number(1)])  # to read; into every cache; data
        return context.get_dummy_value()

    return types.none(address), write


fetch_ahead: Any = intrinsic(_asked)
"""``fetch_ahead(address)``: have memory on its way that is read soon; no address is wrong, none is waited for."""


@compiled
def words_at(address: int, rows: int, width: int) -> Int32s:
    """Return the int32 array of shape ``(rows, width)`` that begins at an address."""
    array: Int32s = carray(_pointer(address), (rows, width), np.int32)
    return array


@compiled
def halves_at(address: int, rows: int, width: int) -> Halves:
    """Return the uint16 array of shape ``(rows, width)`` that begins at an address."""
    array: Halves = carray(_pointer(address), (rows, width), np.uint16)
    return array


@compiled
def longs_at(address: int, rows: int) -> Int64s:
    """Return the int64 array of shape ``(rows,)`` that begins at an address."""
    array: Int64s = carray(_pointer(address), (rows,), np.int64)
    return array


@compiled
def bytes_at(address: int, rows: int) -> Bytes:
    """Return the uint8 array of shape ``(rows,)`` that begins at an address."""
    array: Bytes = carray(_pointer(address), (rows,), np.uint8)
    return array
