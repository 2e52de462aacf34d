"""What was reconciled: loads' control totals, balances and repayments against their movements; for terminal and page.

The check compares and keeps the result (`check.py`); this puts it together for whoever shows it, and a published
version holds it. Each account that differs is a finding of the check; here is how many there are of how much that was
compared, and the largest.
"""

from dataclasses import asdict, dataclass
from typing import Any

from bank360.bank.counted import counted
from bank360.bank.personal_numbers import masked_key
from bank360.features.needs import Needs
from bank360.quality.reconciliation import Difference
from bank360.storage.known import BALANCES_HELD, REPAYMENTS_HELD, Known, not_delivered
from bank360.storage.published import Version
from bank360.storage.reconciliation import load_totals, stored_reconciliation
from bank360.storage.warehouse import Warehouse

RECONCILIATION = "reconciliation"  # under which a version holds it
# What each statement is held to must have been delivered beside it, and why nothing is compared where both were.
_HELD_TO: dict[str, tuple[Needs, str]] = {
    "balance": (BALANCES_HELD, "no account has two balances within the days of transactions"),
    "month of credit": (REPAYMENTS_HELD, "no month lies within the days of payments"),
}
_STATED = {
    "balances": ("balance", "transactions by the day of the event", "transactions by the day of booking"),
    "credit_months": ("month of credit", "payments", "payments"),
}


@dataclass(frozen=True)
class Apart:
    """One account whose statements do not follow from its movements, by its largest difference.

    Parameters
    ----------
    account
        As it may be shown: a key that is a personal number is masked.
    currency
        Of the amounts; None where nobody knows it.
    since, until
        The span ``(since, until]``, local days in ISO 8601.
    expected, found
        What the movements in it add up to, and what is stated: a balance's change, or what was paid; minor units.
    times
        In how many spans of the account the two differ.
    """

    account: str
    currency: str | None
    since: str
    until: str
    expected: int
    found: int
    times: int


@dataclass(frozen=True)
class Held:
    """One kind of statement: what is stated, held to what, how many were compared, and how many did not follow.

    ``largest`` are the accounts with the largest differences; of a check or version from before they were kept, none.
    """

    stated: str
    held_to: str
    compared: int
    accounts: int
    differing: int
    differing_accounts: int
    largest: tuple[Apart, ...] = ()

    def uncompared(self, known: Known) -> str:
        """Return why nothing of it was compared, as the end of a sentence."""
        needed, otherwise = _HELD_TO[self.stated]
        lacking = known.lacks(needed)
        return not_delivered(lacking) if lacking else otherwise

    def line(self, known: Known) -> str:
        """Return the same in one line.

        >>> Held("balance", "transactions", 120, 10, 2, 1).line(Known(frozenset(), frozenset()))
        '120 balances of 10 accounts held to transactions: 2 balances of 1 account do not follow from them'
        """
        if not self.compared:
            return f"no {self.stated} held to {self.held_to}: {self.uncompared(known)}"
        stated = counted(self.compared, self.stated, _plural(self.stated))
        if self.differing:
            differing = counted(self.differing, self.stated, _plural(self.stated))
            said = f"{differing} of {counted(self.differing_accounts, 'account')} do not follow from them"
        else:
            said = "all follow from them"
        return f"{stated} of {counted(self.accounts, 'account')} held to {self.held_to}: {said}"


@dataclass(frozen=True)
class Reconciliation:
    """All that was reconciled.

    Parameters
    ----------
    loads, delivered, accepted, unchanged
        Loads, and of all their rows those delivered, accepted, and known before: delivered = accepted + unchanged.
    off
        By how many rows at least they did not add up at the last check: rows that are not there any more, and one of
        each load whose money is not what it was.
    held
        Statements held to movements; empty before the first check.
    """

    loads: int
    delivered: int
    accepted: int
    unchanged: int
    off: int
    held: tuple[Held, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        return asdict(self)

    def lines(self, known: Known) -> tuple[str, ...]:
        """Return the same in words, one line for each control."""
        loads = (
            f"{counted(self.loads, 'load')}: {counted(self.delivered, 'row')} delivered,"
            f" {self.accepted:,} accepted and {self.unchanged:,} known before"
            + (f": {counted(self.off, 'row')} off" if self.off else "")
        )
        return (loads, *(one.line(known) for one in self.held))


def reconciliation(warehouse: Warehouse) -> Reconciliation:
    """Return what the loads and the last check say."""
    held, off = [], 0
    for one in stored_reconciliation(warehouse):
        if one.stated == "loads":
            off = one.differing
            continue
        stated, by_event, otherwise = _STATED[one.stated]
        held_to = by_event if one.by == "event" else otherwise
        largest = tuple(map(_apart, one.differences))
        held.append(Held(stated, held_to, one.compared, one.accounts, one.differing, one.differing_accounts, largest))
    return Reconciliation(*load_totals(warehouse), off, tuple(held))


def published_reconciliation(version: Version) -> Reconciliation:
    """Return what a published version holds.

    Raises
    ------
    NotReady
        If the version holds none: it was published before there was such a thing.
    """
    values = version.figures(RECONCILIATION)
    held = [Held(**{**one, "largest": tuple(Apart(**it) for it in one.get("largest", ()))}) for one in values["held"]]
    return Reconciliation(**{**values, "held": tuple(held)})


def _apart(one: Difference) -> Apart:
    since, until = one.since.isoformat(), one.until.isoformat()
    return Apart(masked_key(one.account_id), one.currency, since, until, one.moved, one.stated, one.differing)


def _plural(stated: str) -> str:
    return "months of credit" if stated == "month of credit" else f"{stated}s"
