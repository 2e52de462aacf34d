"""The standard deviation from exact integer sums, by 128-bit arithmetic, which the processor has and Numba lacks."""

import numpy as np

from bank360.features.compiled import compiled

LOW32 = np.uint64(0xFFFFFFFF)


@compiled
def std(n: int, total: int, high_squares: int, cross: int, low_squares: int) -> float:
    """Return ``sqrt(double(n * S2 - total**2)) / n``, the difference exact; NaN without events.

    S2 = high_squares * 2**40 + cross * 2**21 + low_squares.
    """
    if n == 0:
        return np.nan
    if high_squares == 0 and cross == 0 and low_squares < (1 << 40):  # n < 2**22, so this fits
        return float(np.sqrt(float(n * low_squares - total * total)) / float(n))
    upper, lower = _times(np.uint64(high_squares), np.uint64(1 << 40))
    more, less = _times(np.uint64(cross), np.uint64(1 << 21))
    upper, lower = _plus(upper, lower, more, less)
    upper, lower = _plus(upper, lower, np.uint64(0), np.uint64(low_squares))
    more, less = _times(lower, np.uint64(n))
    upper, lower = upper * np.uint64(n) + more, less
    more, less = _times(np.uint64(abs(total)), np.uint64(abs(total)))
    upper = upper - more - (np.uint64(1) if lower < less else np.uint64(0))
    lower = lower - less
    return float(np.sqrt(_double(upper, lower)) / float(n))


@compiled
def _times(x: np.uint64, y: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the 128-bit product of two 64-bit numbers as (upper, lower)."""
    half = np.uint64(32)
    x1, x0, y1, y0 = x >> half, x & LOW32, y >> half, y & LOW32
    middle = x1 * y0 + ((x0 * y0) >> half)
    rest = x0 * y1 + (middle & LOW32)
    return x1 * y1 + (middle >> half) + (rest >> half), x * y


@compiled
def _plus(x1: np.uint64, x0: np.uint64, y1: np.uint64, y0: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Return the 128-bit sum of (x1, x0) and (y1, y0)."""
    lower = x0 + y0
    return x1 + y1 + (np.uint64(1) if lower < x0 else np.uint64(0)), lower


@compiled
def _double(upper: np.uint64, lower: np.uint64) -> float:
    """Return a 128-bit number as the nearest double, ties to even."""
    if upper == np.uint64(0):
        return float(lower)
    shift = 0
    top = upper
    while top < np.uint64(1 << 63):
        top = top << np.uint64(1)
        shift += 1
    if shift:
        top = top | (lower >> np.uint64(64 - shift))
        lower = lower << np.uint64(shift)
    if lower:
        top = top | np.uint64(1)  # sticky: 11 bits below the double's last one, so it only breaks a tie
    return float(top) * 2.0 ** (64 - shift)
