"""The queue as it is read: its cases in their order, a page at a time, and what is open, by kind and all together.

Totals of a kind count each case; all together what a customer owes counts once, however many cases it raises, for an
alert and a tier of the same customer rest on the same debt. Neighbour: `cases.py`, which keeps the cases.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, union_all

from bank360.bank.vocabulary import CaseKind, CaseState
from bank360.storage.cases import Case, case_of_row, case_rows
from bank360.storage.store.schema import cases

_NONE = -1  # sorts what has no figure after everything that has one
_LARGEST = 2**63 - 1  # that a column holds


@dataclass(frozen=True)
class CasePage:
    """Some of the queue, and where the next page begins; None at its end."""

    rows: tuple[Case, ...]
    next: str | None


@dataclass(frozen=True)
class QueueFilter:
    """Which cases: all where nothing is said; ``owner_id`` "" means those that nobody has taken."""

    kind: CaseKind | None = None
    state: CaseState | None = CaseState.OPEN
    owner_id: str | None = None
    customer_id: str | None = None


@dataclass(frozen=True)
class QueueTotal:
    """How many open cases of a kind, how many nobody has taken, and the money of them (minor units).

    Either sum is None where it is known of none of them: ``expected_loss`` in a bank that scores nobody,
    ``money_at_stake`` in one that never delivered what is owed.
    """

    kind: CaseKind
    cases: int
    unowned: int
    money_at_stake: int | None
    expected_loss: int | None


@dataclass(frozen=True)
class QueueMoney:
    """At stake in the open cases, and the loss expected of it, each None where it is known of none; minor units."""

    at_stake: int | None
    expected_loss: int | None


def queue_page(connection: Connection, wanted: QueueFilter, after: str | None = None, limit: int = 50) -> CasePage:
    """Return cases in the order of expected loss, then money at stake, the largest first.

    Parameters
    ----------
    after
        ``CasePage.next`` of the page before.

    Raises
    ------
    ValueError
        If ``after`` is no such mark.
    """
    loss, money = func.coalesce(cases.c.expected_loss, _NONE), func.coalesce(cases.c.money_at_stake, _NONE)
    chosen = case_rows().order_by(loss.desc(), money.desc(), cases.c.case_id).limit(limit + 1)
    if wanted.kind is not None:
        chosen = chosen.where(cases.c.kind == wanted.kind.value)
    if wanted.state is not None:
        chosen = chosen.where(cases.c.state == wanted.state.value)
    if wanted.customer_id is not None:
        chosen = chosen.where(cases.c.customer_id == wanted.customer_id)
    if wanted.owner_id is not None:
        chosen = chosen.where(cases.c.owner_id == wanted.owner_id if wanted.owner_id else cases.c.owner_id.is_(None))
    if after is not None:
        at_loss, at_money, at_case = _place(after)
        chosen = chosen.where(
            or_(
                loss < at_loss,
                and_(loss == at_loss, money < at_money),
                and_(loss == at_loss, money == at_money, cases.c.case_id > at_case),
            )
        )
    rows = [case_of_row(row) for row in connection.execute(chosen)]
    more = len(rows) > limit
    return CasePage(tuple(rows[:limit]), _mark(rows[limit - 1]) if more else None)


def queue_totals(connection: Connection) -> tuple[QueueTotal, ...]:
    """Return what is open, by kind."""
    found = connection.execute(
        select(
            cases.c.kind,
            func.count(),
            func.count().filter(cases.c.owner_id.is_(None)),
            func.sum(cases.c.money_at_stake),
            func.sum(cases.c.expected_loss),
        )
        .where(cases.c.state == CaseState.OPEN.value)
        .group_by(cases.c.kind)
    )
    totals = {
        kind: QueueTotal(CaseKind(kind), number, unowned, _known(stake), _known(loss))
        for kind, number, unowned, stake, loss in found
    }
    return tuple(totals.get(kind.value, QueueTotal(kind, 0, 0, 0, 0)) for kind in CaseKind)


def loss_is_known(totals: Iterable[QueueTotal]) -> bool:
    """Return whether the loss expected of any open case is known; of none it is in a bank that never scored."""
    return any(one.cases and one.expected_loss is not None for one in totals)


def stake_is_known(totals: Iterable[QueueTotal]) -> bool:
    """Return whether the money at stake in any open case is known."""
    return any(one.cases and one.money_at_stake is not None for one in totals)


def each_case(totals: Iterable[QueueTotal]) -> QueueMoney:
    """Return what the cases of all kinds add up to, each in full; `queue_money` counts each customer's debt once."""
    kinds = tuple(one for one in totals if one.cases)
    return QueueMoney(_sum(one.money_at_stake for one in kinds), _sum(one.expected_loss for one in kinds))


def queue_money(connection: Connection) -> QueueMoney:
    """Return what is at stake in the open cases, each customer's debt once; of who is erased, each case."""
    opened, asked_for = cases.c.state == CaseState.OPEN.value, cases.c.kind == CaseKind.APPLICATION.value
    owed = (
        select(func.max(cases.c.money_at_stake).label("money"), func.max(cases.c.expected_loss).label("loss"))
        .where(opened, ~asked_for)
        .group_by(func.coalesce(cases.c.customer_id, cases.c.case_id))
    )
    asked = select(cases.c.money_at_stake, cases.c.expected_loss).where(opened, asked_for)
    each = union_all(owed, asked).subquery()
    total = select(func.count(), func.sum(each.c.money), func.sum(each.c.loss))
    cases_, money, loss = connection.execute(total.select_from(each)).one()
    return QueueMoney(_known(money), _known(loss)) if cases_ else QueueMoney(0, 0)


def _known(total: Any) -> int | None:
    """Return a sum as a number; None where nothing that was added up is known."""
    return None if total is None else int(total)


def _sum(amounts: Iterable[int | None]) -> int | None:
    """Return the sum of the amounts that are known; None where there are some and none is."""
    every = tuple(amounts)
    known = [one for one in every if one is not None]
    return sum(known) if known or not every else None


def _mark(case: Case) -> str:
    loss = _NONE if case.expected_loss is None else case.expected_loss
    money = _NONE if case.money_at_stake is None else case.money_at_stake
    return f"{loss}_{money}_{case.case_id}"


def _place(mark: str) -> tuple[int, int, str]:
    loss, money, case_id = mark.split("_")
    place = int(loss), int(money)
    if max(map(abs, place)) > _LARGEST:
        raise ValueError("no such mark")
    return *place, case_id
