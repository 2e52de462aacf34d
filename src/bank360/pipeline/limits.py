"""How much of a customer's limits is drawn now: of the accounts of a profile that are theirs, as they stand in it.

Who may use somebody's card, or stands surety for it, has another's limit, and who left an account has none of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bank360.bank.vocabulary import PartyRole
from bank360.pipeline.profile_blocks import Cell

_THEIRS = (PartyRole.OWNER, PartyRole.JOINT_HOLDER)


@dataclass(frozen=True)
class Limits:
    """What is drawn of limits, minor units; ``limit`` is more than 0."""

    drawn: int
    limit: int


def limits_in(accounts: Iterable[Mapping[str, Cell]], currency: str) -> Limits | None:
    """Return what is drawn of the limits of a customer's own and joint open accounts; None where none has a limit.

    A card is drawn by what is owed on it, an overdraft by how far the balance is below 0.

    Parameters
    ----------
    accounts
        Rows of the listing ``accounts`` of a profile, by column.
    currency
        Accounts in another one are left out.

    >>> own = {"role": "owner", "closed_on": None, "currency": "GBP", "credit_limit": 1_000, "owed": None}
    >>> limits_in([own | {"balance": -250}, own | {"owed": 50, "balance": None}], "GBP"), limits_in([], "GBP")
    (Limits(drawn=300, limit=2000), None)
    """
    drawn = limit = 0
    for row in accounts:
        own = _amount(row["credit_limit"])
        ended = row["closed_on"] is not None or row.get("left_on") is not None
        if row["role"] in _THEIRS and not ended and row["currency"] == currency and own > 0:
            limit += own
            drawn += max(-_amount(row["balance"]) if row["owed"] is None else _amount(row["owed"]), 0)
    return Limits(drawn, limit) if limit else None


def _amount(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0
