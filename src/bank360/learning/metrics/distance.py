"""How far two samples are apart: marginal distributions and correlations, each row with its weight.

A weight says how many rows of the population a row stands for, so that a part in which some kind is too frequent can be
compared with the whole. Bounds say how far two samples of one population may be apart by chance.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def ks_distance(x: Floats, y: Floats, x_weight: Floats | None = None, y_weight: Floats | None = None) -> float:
    """Return the largest difference of two weighted distribution functions (Kolmogorov and Smirnov).

    >>> ks_distance(np.array([1.0, 2.0]), np.array([1.0, 1.0, 2.0, 2.0]))
    0.0
    >>> ks_distance(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([3.0, 1.0]))
    0.25
    """
    values = np.unique(np.concatenate([x, y]))
    return float(np.max(np.abs(_distribution(values, x, x_weight) - _distribution(values, y, y_weight)), initial=0.0))


def wasserstein_distance(x: Floats, y: Floats, x_weight: Floats | None = None, y_weight: Floats | None = None) -> float:
    """Return the area between two weighted distribution functions: how far mass must move, in the values' unit.

    >>> wasserstein_distance(np.array([0.0, 1.0]), np.array([0.5, 1.5]))
    0.5
    """
    values = np.unique(np.concatenate([x, y]))
    apart = np.abs(_distribution(values, x, x_weight) - _distribution(values, y, y_weight))
    return float(np.sum(apart[:-1] * np.diff(values)))


def correlations(values: Floats, weight: Floats | None = None) -> Floats:
    """Return Pearson's correlations of columns, shape ``(n_columns, n_columns)``; of a constant column 0.

    Parameters
    ----------
    values
        Shape ``(n_rows, n_columns)``.
    """
    weights = np.ones(len(values)) if weight is None else weight
    centred = values - np.average(values, axis=0, weights=weights)
    covariance = (centred * weights[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = covariance / np.outer(spread, spread)
    return np.asarray(np.nan_to_num(found), dtype=np.float64)


def weighted_ranks(values: Floats, weight: Floats | None = None) -> Floats:
    """Return the middle of each value's share of the weight, from 0 to 1: their correlation is Spearman's.

    >>> weighted_ranks(np.array([5.0, 7.0, 7.0, 9.0])).tolist()
    [0.125, 0.5, 0.5, 0.875]
    """
    weights = np.ones(len(values)) if weight is None else weight
    _, place = np.unique(values, return_inverse=True)
    mass = np.bincount(place, weights=weights)
    return np.asarray(((np.cumsum(mass) - 0.5 * mass) / mass.sum())[place], dtype=np.float64)


def effective_rows(weight: Floats) -> float:
    """Return how many equal rows say as much as weighted ones (Kish, 1965): (sum w)^2 / sum w^2.

    >>> effective_rows(np.array([1.0, 1.0, 0.0]))
    2.0
    """
    return float(weight.sum() ** 2 / (weight**2).sum())


def ks_bound(rows: float, others: float, level: float) -> float:
    """Return what the Kolmogorov-Smirnov distance of two samples exceeds with probability ``level`` at most.

    >>> round(ks_bound(100, 100, 0.05), 3)
    0.192
    """
    return float(np.sqrt(-0.5 * np.log(level / 2.0)) * np.sqrt(1.0 / rows + 1.0 / others))


def _distribution(at: Floats, values: Floats, weight: Floats | None) -> Floats:
    order = np.argsort(values, kind="stable")
    weights = np.ones(len(values)) if weight is None else weight[order]
    mass = np.concatenate([[0.0], np.cumsum(weights)])
    return np.asarray(mass[np.searchsorted(values[order], at, side="right")] / mass[-1], dtype=np.float64)
