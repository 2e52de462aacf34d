"""What a default is expected to cost: probability × exposure × the share of it that is lost.

The shares lost are labelled assumptions by product until recoveries allow an estimate; whoever shows it says so.
"""

LOST_UNSECURED = 0.65  # of an unsecured exposure at default


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
