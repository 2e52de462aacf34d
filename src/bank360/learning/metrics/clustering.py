"""How well rows fall into clusters."""

import numpy as np

from bank360.learning.arrays import Floats, Ints


def silhouette(rows: Floats, cluster: Ints) -> float:
    """Return the mean silhouette (Rousseeuw, 1987): near 1 rows lie close to their own cluster, below 0 in a wrong one.

    Of each row: ``(b - a) / max(a, b)``, a the mean distance to the others of its cluster, b the least mean distance to
    those of another; 0 where it is alone in its cluster. Every pair is measured: for thousands of rows, not millions.
    NaN with fewer than two clusters.

    >>> round(silhouette(np.array([[0.0], [1.0], [10.0], [11.0]]), np.array([0, 0, 1, 1])), 4)
    0.8997
    """
    found = np.unique(cluster)
    if len(found) < 2:
        return float("nan")
    distance = np.sqrt(((rows[:, None, :] - rows[None, :, :]) ** 2).sum(axis=2))
    member = cluster[:, None] == found[None, :]
    size = member.sum(axis=0)
    total = distance @ member
    own = np.searchsorted(found, cluster)
    at = np.arange(len(rows))
    alone = size[own] == 1
    within = total[at, own] / np.maximum(size[own] - 1, 1)
    means = total / size
    means[at, own] = np.inf
    nearest = means.min(axis=1)
    largest = np.maximum(within, nearest)
    value = np.where(alone | (largest == 0), 0.0, (nearest - within) / np.where(largest == 0, 1.0, largest))
    return float(value.mean())
