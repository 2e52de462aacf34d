"""Largest and smallest values of ranges.

A table of the largest of 1, 2, 4, ... values from each on answers any range by two of its numbers, which overlap: the
sparse table for range minima (Bender and Farach-Colton, "The LCA problem revisited", 2000). Few ranges, as one as_of
mostly has, are looked through, which costs less than the table (`scan_is_cheaper`).
"""

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled

Int64s = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint32]
Doubles = npt.NDArray[np.float64]
FAR = np.iinfo(np.int64).max
TABULATED = 8  # values looked through in the time that one takes in a table of ranges up to 100, with seven levels
MISPREDICTION = 64  # values looked through in the time that a processor loses by guessing the end of a range wrong
TOP = 10  # the table goes up to ranges of 2**TOP
LEVELS = np.array([0, *(int(width).bit_length() - 1 for width in range(1, (1 << TOP) + 1))], dtype=np.int8)


@compiled
def scan_is_cheaper(size: Int64s, n_values: int) -> bool:
    """Return whether ranges of such sizes are looked through sooner than a table of so many values is made."""
    return bool(np.sum(size) + MISPREDICTION * size.size < TABULATED * n_values)


@compiled
def levels_for(longest: int) -> int:
    """Return how many levels a table of ranges up to ``longest`` has."""
    levels = 1
    while 1 << levels <= min(longest, 1 << TOP):
        levels += 1
    return levels


@compiled
def tabulate(values: Int64s, sign: int, level: int, widest: int, best: Doubles, places: int) -> int:
    """Write the largest (sign -1: minus the smallest) of the 1, 2, 4, ... values from each on; return how many levels.

    Levels below ``level`` stand already; those for ranges up to ``widest`` are added. Values are exact as doubles. A
    level has one more than ``places`` numbers, of which the first is of nothing.
    """
    step = places + 1
    while level == 0 or (level <= TOP and 1 << level <= widest):
        longer = best[level * step + 1 : level * step + 1 + values.size]
        if level == 0:
            best[0] = 0.0
            for k in range(values.size):
                longer[k] = sign * values[k]
        else:
            half, base = 1 << (level - 1), (level - 1) * step + 1
            first = best[base : base + max(values.size - 2 * half + 1, 0)]
            second = best[base + half : base + half + first.size]
            for k in range(first.size):
                longer[k] = first[k] if first[k] > second[k] else second[k]
        level += 1
    return level


@compiled
def largest_of(a: Places, b: Places, size: Int64s, best: Doubles, places: int, sign: int, target: Doubles) -> None:
    """Write the largest (sign -1: smallest) value of each range, NaN of an empty one."""
    step, one, widest = np.uint64(places + 1), np.uint64(1), 0
    for r in range(a.size):
        level = np.uint64(LEVELS[np.uint64(min(size[r], 1 << TOP))])
        row = level * step
        first, second = best[row + one + a[r]], best[row + one + b[r] - (one << level)]
        found = sign * (first if first > second else second) + 0.0  # -0.0 would be another bit pattern of nothing
        target[r] = found if size[r] > 0 else np.nan
        widest = max(widest, size[r])
    if widest <= 1 << TOP:
        return
    for r in range(a.size):
        found = sign * target[r]
        base = TOP * (places + 1) + 1
        for k in range(np.int64(a[r]) + (1 << TOP), np.int64(b[r]) - (1 << TOP), 1 << TOP):  # longer than the table's
            found = max(found, best[base + k])
        if size[r] > 1 << TOP:
            target[r] = sign * found + 0.0


@compiled
def look_through(a: Places, b: Places, values: Int64s, sign: int, target: Doubles) -> None:
    """Write the largest (sign -1: smallest) value of each range, NaN of an empty one: what `largest_of` does."""
    for r in range(a.size):
        found = -FAR
        for k in range(a[r], b[r]):
            found = max(found, sign * values[k])
        target[r] = sign * found if a[r] < b[r] else np.nan
