"""Running sums of values and of their squares: what a window adds up to is the difference of two of them.

Invariant: exact integers, so no order of addition, split of the input or route can change a bit. They run on from one
customer to the next modulo 2**64, differences are exact all the same. Squares too large for that are kept as
``(a * 2**20 + b)**2`` in three sums, and their standard deviations are worked out in 128 bits (`exact.std`). Neighbour:
`columnar.py`, whose sums, means and standard deviations they are.
"""

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled
from bank360.features.exact import std

Int64s = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]
Doubles = npt.NDArray[np.float64]
LOW20 = (1 << 20) - 1
FITS = float(1 << 62)  # what is below fits 64 bits, its rounding as a double included


@compiled
def add_up(values: Int64s, sums: Int64s) -> None:
    """Write running sums."""
    total = 0
    sums[0] = 0
    for k in range(values.size):
        total += values[k]
        sums[k + 1] = total


@compiled
def add_up_squares(values: Int64s, whole: bool, squares: Int64s, parts: Int64s) -> None:
    """Write running sums of squares: ``whole``, or of ``(a * 2**20 + b)**2`` the sums of a*a, a*b and b*b."""
    squares[0], parts[0, 0], parts[1, 0] = 0, 0, 0
    if whole:
        total = 0
        for k in range(values.size):
            total += values[k] * values[k]
            squares[k + 1] = total
        return
    for k in range(values.size):
        size = abs(values[k])
        upper, lower = size >> 20, size & LOW20
        parts[0, k + 1] = parts[0, k] + upper * upper
        parts[1, k + 1] = parts[1, k] + upper * lower
        squares[k + 1] = squares[k] + lower * lower


@compiled
def look_up(sums: Int64s, places: Places, found: Int64s) -> None:
    """Write the running sums at places."""
    for r in range(places.size):
        found[r] = sums[places[r]]


@compiled
def difference(ends: Int64s, sums: Int64s, places: Places, found: Int64s) -> None:
    """Write what lies between places and window ends, whose sums ``ends`` holds."""
    for r in range(places.size):
        found[r] = ends[r] - sums[places[r]]


@compiled
def deviate(
    a: Places, b: Places, size: Int64s, total: Int64s, squares: Int64s, whole: bool, parts: Int64s, target: Doubles
) -> None:
    """Do the standard deviations that do not fit 64 bits again, by `exact.std`."""
    for r in range(size.size):
        upper, cross = 0, 0
        if not whole:
            upper = parts[0, b[r]] - parts[0, a[r]]
            cross = parts[1, b[r]] - parts[1, a[r]]
        if not whole or float(size[r]) * float(squares[r]) >= FITS:
            target[r] = std(size[r], total[r], upper, cross, squares[r])
