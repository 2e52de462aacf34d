"""From a probability of default to the tier of the risk queue. Risk owns this file; the edges are settings."""

import numpy as np
import numpy.typing as npt

from bank360.bank.vocabulary import RiskTier


def risk_tiers(probability: npt.NDArray[np.float64], medium: float, high: float) -> npt.NDArray[np.object_]:
    """Return the tier of each probability of default for the standard request.

    Parameters
    ----------
    probability
        0 to 1, none missing.
    medium, high
        Lower edges, closed: at the edge the higher tier begins.

    Raises
    ------
    ValueError
        If the edges are not in order, or a probability is not a number between 0 and 1.

    >>> risk_tiers(np.array([0.01, 0.05, 0.2]), 0.05, 0.15).tolist()
    ['low', 'medium', 'high']
    """
    if not 0 < medium < high < 1:
        raise ValueError(f"the edges of the tiers must lie between 0 and 1, medium below high: {medium}, {high}")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("a probability of default is missing or not between 0 and 1: no tier can be given")
    names = np.array([str(tier) for tier in (RiskTier.LOW, RiskTier.MEDIUM, RiskTier.HIGH)], dtype=object)
    return np.asarray(names[np.searchsorted([medium, high], probability, side="right")], dtype=np.object_)
