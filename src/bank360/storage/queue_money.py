"""What the open cases have at stake all together: what a customer owes counts once, however many cases it raises.

An alert and a tier of the same customer rest on the same debt; an application asks for money of its own. Neighbour:
`cases.py`, whose totals by kind count each case.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, union_all

from bank360.bank.vocabulary import CaseKind, CaseState
from bank360.storage.store.schema import cases

_c = cases.c


@dataclass(frozen=True)
class QueueMoney:
    """At stake in the open cases, and the loss expected of it; minor units."""

    at_stake: int
    expected_loss: int


def queue_money(connection: Connection) -> QueueMoney:
    """Return what is at stake in the open cases, each customer's debt once."""
    opened, asked_for = _c.state == CaseState.OPEN.value, _c.kind == CaseKind.APPLICATION.value
    owed = (
        select(func.max(_c.money_at_stake).label("money"), func.max(_c.expected_loss).label("loss"))
        .where(opened, ~asked_for)
        .group_by(func.coalesce(_c.customer_id, _c.case_id))  # of an erased customer nobody knows what is the same
    )
    asked = select(_c.money_at_stake, _c.expected_loss).where(opened, asked_for)
    each = union_all(owed, asked).subquery()
    total = select(func.coalesce(func.sum(each.c.money), 0), func.coalesce(func.sum(each.c.loss), 0))
    money, loss = connection.execute(total).one()
    return QueueMoney(int(money), int(loss))
