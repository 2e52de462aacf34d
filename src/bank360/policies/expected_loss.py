"""What a default is expected to cost: probability × exposure × the share of it that is lost.

The shares lost are labelled assumptions by product until recoveries allow an estimate; whoever shows it says so.
"""

from bank360.bank.vocabulary import ProductLine

LOST_UNSECURED = 0.65  # of an unsecured exposure at default
LOST_MORTGAGE = 0.15


def expected_loss(probability: float, exposure: int) -> int:
    """Return the expected loss on an unsecured exposure, minor units, rounded.

    Parameters
    ----------
    probability
        Of default within 12 months.
    exposure
        Minor units.

    >>> expected_loss(0.10, 500_000)
    32500
    """
    return round(probability * LOST_UNSECURED * exposure)


def share_lost(line: str) -> float:
    """Return the assumed share of an exposure that is lost in a default, by product line.

    >>> share_lost("mortgage"), share_lost("credit_card")
    (0.15, 0.65)
    """
    return LOST_MORTGAGE if line == ProductLine.MORTGAGE else LOST_UNSECURED
