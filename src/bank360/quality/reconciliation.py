"""Do stated amounts follow from the movements? What was compared, and a finding for each account where they do not.

Two statements of a bank can be held to its own movements: the booked balance of an account, whose change from one
balance to the next is the sum of its transactions between; and what a month of credit says was paid, which is the sum
of the payments in it. Sums are exact, so a difference of one minor unit is one. Neighbours: `rules.control_totals`
holds the rows of loads; `storage.reconciliation` compares.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.money import in_major
from bank360.bank.personal_numbers import masked_key
from bank360.bank.vocabulary import Severity
from bank360.quality.profile import ControlTotal

Stated = Literal["loads", "balances", "credit_months"]
By = Literal["ledger", "event", "booking", "payment"]
_BY: dict[str, str] = {
    "event": "by when they happened",
    "booking": "by when they were booked",
    "payment": "by their day",
}


@dataclass(frozen=True)
class Difference:
    """One account whose statements do not follow from its movements, by its largest difference.

    Parameters
    ----------
    account_id, currency
        The account, and the currency of its amounts; None where nobody knows it.
    since, until
        The span ``(since, until]``, local days.
    stated, moved
        What is stated of it, and what the movements add up to, in minor units.
    movements
        How many there are in the span.
    differing
        In how many spans of the account they differ.
    """

    account_id: str
    currency: str | None
    since: date
    until: date
    stated: int
    moved: int
    movements: int
    differing: int


@dataclass(frozen=True)
class Reconciled:
    """One kind of statement held to its movements.

    Parameters
    ----------
    stated
        The table that states; "loads": what the ledger says of each.
    by
        By which day of theirs movements were placed in spans; loads by the ledger.
    compared, accounts
        Spans compared, and of how many accounts; 0 where one of the two was not delivered. Rows, and loads.
    differing, differing_accounts
        Of them, those that do not add up.
    differences
        Every account that differs, the largest difference first, alike ones by account. As the last check kept them:
        the first few.
    """

    stated: Stated
    by: By
    compared: int
    accounts: int
    differing: int
    differing_accounts: int
    differences: tuple[Difference, ...]


def loads_reconciled(totals: Iterable[ControlTotal]) -> Reconciled:
    """Return the control totals of all loads together; `rules.control_totals` has the findings about them."""
    every = tuple(totals)
    wrong = [one for one in every if one.off]
    loads, wrong_loads = (len({one.batch_id for one in some}) for some in (every, wrong))
    delivered, off = (sum(amounts) for amounts in ((o.delivered for o in every), (o.off for o in wrong)))
    return Reconciled("loads", "ledger", delivered, loads, off, wrong_loads, ())


def difference_findings(reconciled: Reconciled) -> tuple[Finding, ...]:
    """Return a finding for each account that differs, however many there are; the largest difference first."""
    return tuple(_finding(reconciled, one) for one in reconciled.differences)


_RULE = "does_not_follow"


def _finding(reconciled: Reconciled, one: Difference) -> Finding:
    stated, moved, off = (_money(amount, one.currency) for amount in (one.stated, one.moved, one.stated - one.moved))
    what = "the balance changed by" if reconciled.stated == "balances" else "it says that was paid:"
    column = "booked" if reconciled.stated == "balances" else "paid"
    moves = counted(one.movements, "movement")
    message = (
        f"account {masked_key(one.account_id)}, after {one.since} until {one.until}: {what} {stated}, {moves}"
        f" {_BY[reconciled.by]} add up to {moved}, {off} apart"
        + (f"; so in {one.differing:,} spans" if one.differing > 1 else "")
        + ". Deliver the missing movements, or correct what is stated"
    )
    return Finding(reconciled.stated, column, _RULE, Severity.WARNING, one.differing, one.account_id, message)


def _money(amount: int, currency: str | None) -> str:
    return f"{amount:,} minor units" if currency is None else f"{currency} {in_major(amount, currency)}"
