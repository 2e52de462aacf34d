"""Random streams by name, and the few vectorised draws that numpy lacks. Same seed and names, same numbers."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.integer[Any]]
Bools = npt.NDArray[np.bool_]


def stream(seed: int, name: str, part: int = 0) -> np.random.Generator:
    """Return the generator of one subject's part; streams do not depend on the order in which they are used."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, crc32(name.encode()), part])))


def choose(rng: np.random.Generator, shares: npt.ArrayLike, size: int) -> Ints:
    """Return ``size`` indices drawn by ``shares`` (need not sum to 1).

    >>> choose(np.random.default_rng(1), [0.0, 1.0], 3).tolist()
    [1, 1, 1]
    """
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(np.minimum(drawn, len(edges) - 1), dtype=np.int64)


def choose_by_row(rng: np.random.Generator, weights: Floats) -> Ints:
    """Return one column index per row of ``weights``, shape ``(rows, columns)``, drawn by the row's weights."""
    edges = np.cumsum(weights, axis=1)
    return np.asarray((rng.random((len(weights), 1)) * edges[:, -1:] >= edges).sum(axis=1), dtype=np.int64)


def lookup(shares: Sequence[float] | Floats, size: int = 1024) -> npt.NDArray[np.int8]:
    """Return a table of ``size`` entries from which a uniform index draws by ``shares``: one gather per draw."""
    edges = np.cumsum(np.asarray(shares, dtype=np.float64))
    return np.searchsorted(edges / edges[-1], (np.arange(size) + 0.5) / size, side="right").astype(np.int8)


def logistic(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)), dtype=np.float64)


def monthly(yearly: float) -> float:
    """Return the monthly probability with the same survival over a year.

    >>> round(monthly(0.07), 5)
    0.00603
    """
    return float(1.0 - (1.0 - yearly) ** (1 / 12))
