"""What a default is expected to cost: probability × exposure at default × the share of it that is lost, by line.

The one definition (`docs/decisions/0032-one-expected-loss.md`): the Portfolio adds it up over accounts, a case of the
queue over what its customer owes, and the queue stands in its order. Both shares are labelled assumptions by product
until recoveries allow an estimate; whoever shows the loss says so. Amounts are minor units.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bank360.bank.vocabulary import ProductLine

LOST_UNSECURED = 0.65  # of an unsecured exposure at default
LOST_MORTGAGE = 0.15
DRAWN_BY_DEFAULT = 0.60  # of what a card has left to draw
# Said wherever a loss is shown: there is one model of default with a champion, and it is of no mortgage.
ONE_PROBABILITY = (
    "Every line takes the customer's probability of default for the standard request, an unsecured loan as a rule: of "
    "a mortgage it is a stand-in, which nothing here has tested."
)


@dataclass(frozen=True)
class LineExposure:
    """What is exposed on open credit of one product line.

    Parameters
    ----------
    line
        The product line.
    drawn, undrawn
        Owed on accounts that are not in default, and what their limits leave to draw.
    in_default
        Owed on accounts in default.
    """

    line: str
    drawn: float
    undrawn: float = 0
    in_default: float = 0


def share_lost(line: str) -> float:
    """Return the loss given default: the assumed share of an exposure that is lost, by product line.

    >>> share_lost("mortgage"), share_lost("credit_card")
    (0.15, 0.65)
    """
    return LOST_MORTGAGE if line == ProductLine.MORTGAGE else LOST_UNSECURED


def exposure_at_default(line: str, drawn: float, undrawn: float) -> float:
    """Return what will be owed in a default of what is owed today: a card is drawn further before it.

    >>> exposure_at_default("credit_card", 1_000, 500), exposure_at_default("personal_loan", 1_000, 500)
    (1300.0, 1000)
    """
    return drawn + DRAWN_BY_DEFAULT * undrawn if line == ProductLine.CREDIT_CARD else drawn


def expected_loss(exposure: LineExposure, probability: float = 1.0) -> float:
    """Return the loss expected of one line; what is in default is lost by its share whatever the probability.

    Expectation is linear: sums over accounts, ``drawn`` and ``undrawn`` of each weighed by its own probability of
    default, may stand for a single account, and ``probability`` is then 1.

    Parameters
    ----------
    probability
        Of default within 12 months.

    >>> expected_loss(LineExposure("personal_loan", 500_000), 0.10)
    32500.0
    """
    at_risk = exposure_at_default(exposure.line, exposure.drawn, exposure.undrawn)
    return share_lost(exposure.line) * (probability * at_risk + exposure.in_default)


def at_stake(held: Iterable[LineExposure]) -> int:
    """Return what would be owed if all of it were in default, rounded."""
    return round(sum(one.in_default + exposure_at_default(one.line, one.drawn, one.undrawn) for one in held))


def customer_loss(held: Iterable[LineExposure], probability: float | None) -> int | None:
    """Return the loss expected of all that a customer owes, rounded.

    None where it is not known: something is not in default, and the customer is not scored.
    """
    lines = tuple(held)
    if probability is None and any(one.drawn or one.undrawn for one in lines):
        return None
    return round(sum(expected_loss(one, 0.0 if probability is None else probability) for one in lines))
