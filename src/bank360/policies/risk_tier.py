"""From a probability of default to the tier of the risk queue. Risk owns this file; the edges are settings.

Who is in default already has the tier of that name. A model's probability is of a new request; of what is in default
the probability is 1 by definition, and no band of a model's probabilities may be told of it.
"""

import numpy as np
import numpy.typing as npt

from bank360.bank.vocabulary import RiskTier

# What is said wherever a probability stands beside the tier of somebody in default.
OF_A_NEW_REQUEST = "the probability is that of a new request; of what is owed in default it is 1"


def risk_tiers(
    probability: npt.NDArray[np.float64], in_default: npt.NDArray[np.bool_], medium: float, high: float
) -> npt.NDArray[np.object_]:
    """Return the tier of each customer: in default, or that of the probability of default for the standard request.

    Parameters
    ----------
    probability
        0 to 1, none missing.
    in_default
        Whether the customer is in default with us, as eligibility reads it (`storage.reads_credit.CreditStanding`).
    medium, high
        Lower edges, closed: at the edge the higher tier begins.

    Raises
    ------
    ValueError
        If the edges are not in order, or a probability is not a number between 0 and 1.

    >>> risk_tiers(np.array([0.01, 0.05, 0.2, 0.01]), np.array([False, False, False, True]), 0.05, 0.15).tolist()
    ['low', 'medium', 'high', 'in_default']
    """
    if not 0 < medium < high < 1:
        raise ValueError(f"the edges of the tiers must lie between 0 and 1, medium below high: {medium}, {high}")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError("a probability of default is missing or not between 0 and 1: no tier can be given")
    names = np.array([str(tier) for tier in (RiskTier.LOW, RiskTier.MEDIUM, RiskTier.HIGH)], dtype=object)
    by_probability = names[np.searchsorted([medium, high], probability, side="right")]
    return np.asarray(np.where(in_default, str(RiskTier.IN_DEFAULT), by_probability), dtype=np.object_)
