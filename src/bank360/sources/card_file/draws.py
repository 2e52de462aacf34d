"""Draws that belong to a number (a line, a person), not to an order: the same seed, name and number, the same draw.

So a file may be cut into batches anywhere, and a line draws what it drew before whatever stands around it.
"""

from zlib import crc32

import numpy as np
import numpy.typing as npt

from bank360.sources.card_file.layout import Floats, Ints

SEED = 42  # of the bank around a card file; another seed is another bank


def uniforms(name: str, numbers: npt.ArrayLike) -> Floats:
    """Return a uniform draw in [0, 1) for each number (splitmix64: Steele, Lea and Flood, 2014).

    >>> bool(uniforms("day", [7])[0] == uniforms("day", [6, 7])[1] != uniforms("hour", [7])[0])
    True
    """
    salt = (crc32(name.encode()) + (SEED << 32)) * 0x9E3779B97F4A7C15 % 2**64
    x = np.asarray(numbers).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((x ^ (x >> np.uint64(31))) >> np.uint64(11), dtype=np.float64) * 2.0**-53


def picked(weights: npt.ArrayLike, draws: Floats) -> Ints:
    """Return for each draw the index that it picks by ``weights``, which need not sum to 1.

    >>> picked([1.0, 0.0, 3.0], np.array([0.2, 0.25, 0.9])).tolist()
    [0, 2, 2]
    """
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found: Ints = np.searchsorted(edges, draws * edges[-1], side="right").astype(np.int64)
    return np.minimum(found, len(edges) - 1, dtype=np.int64)
