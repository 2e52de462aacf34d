"""Erasing a customer from the store: what happens to each table, and the statements that do it.

`HAPPENS` names every table of the store and of a published version, so that a new one cannot come without somebody
having thought of this; docs/decisions/0019-erasure-and-the-log.md says the same in words. Records, events and the
chain stay as they are: they know the customer by a random pseudonym, and the one row that leads there goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, delete, select, update

from bank360.bank.vocabulary import CaseAct, CaseOutcome, CaseState
from bank360.storage.cases import add_event, set_closed
from bank360.storage.store.schema import case_comments, case_events, cases, decisions, idempotency
from bank360.storage.subjects import forget_subject

# "erased": the rows go. "emptied": the row stays, and says nothing of whom or what. "pseudonym": it names a customer
# by what leads nowhere any more. "books": the bank's own ledger on its way to the landing zone. "derived": made anew
# by each publish from the warehouse, whose erasure is its own. "nobody": it holds nothing of customers.
Happens = Literal["erased", "emptied", "pseudonym", "books", "derived", "nobody"]
HAPPENS: Mapping[str, Happens] = {
    "subjects": "erased",
    "case_comments": "erased",
    "cases": "emptied",
    "idempotency": "emptied",
    "decisions": "pseudonym",
    "case_events": "pseudonym",
    "outbox": "pseudonym",
    "new_events": "books",
    "decision_head": "nobody",
    "users": "nobody",
    "tokens": "nobody",
    "rate_counters": "nobody",
    "policies": "nobody",
    "publications": "nobody",
    "publication_pointer": "nobody",
    "published.customers": "derived",
    "published.keys": "derived",
    "published.decision_inputs": "derived",
    "published.profile_rows": "derived",
    "published.accounts": "derived",
    "published.recent": "derived",
    "published.alerts": "derived",
    "published.about": "nobody",
}
_NO_ANSWER = b""
_NO_FINGERPRINT = bytes(32)  # no request has it: a retry of the key is refused as another request, and done by nobody


@dataclass(frozen=True)
class Erased:
    """How many cases were emptied, comments deleted, and answers to requests emptied."""

    cases: int
    comments: int
    answers: int


def erase_customer(connection: Connection, customer_id: str, subject: str | None, by: str, at_us: int) -> Erased:
    """Erase a customer from the store's tables, in the transaction of ``connection``.

    An open case is withdrawn: nobody can work on a case of nobody.

    Parameters
    ----------
    subject
        The customer's pseudonym in the log; None where it never named them.
    by
        Who erases.
    at_us
        Now, microseconds UTC.
    """
    own = connection.execute(select(cases.c.case_id, cases.c.state).where(cases.c.customer_id == customer_id)).all()
    events = select(case_events.c.event_id).join(cases, cases.c.case_id == case_events.c.case_id)
    comments = connection.execute(
        delete(case_comments).where(case_comments.c.event_id.in_(events.where(cases.c.customer_id == customer_id)))
    ).rowcount
    for case in own:
        if case.state == CaseState.OPEN.value:
            set_closed(connection, case.case_id, CaseOutcome.WITHDRAWN, at_us)
            add_event(connection, case.case_id, CaseAct.WITHDRAWN, by, at_us, {})
    connection.execute(update(cases).where(cases.c.customer_id == customer_id).values(customer_id=None, ground=""))
    answers = 0 if subject is None else _empty_answers(connection, decisions.c.subject == subject)
    forget_subject(connection, customer_id)
    return Erased(len(own), comments, answers)


def _empty_answers(connection: Connection, whose: ColumnElement[bool]) -> int:
    of = select(decisions.c.sequence).where(whose)
    return connection.execute(
        update(idempotency)
        .where(idempotency.c.sequence.in_(of))
        .values(response=_NO_ANSWER, fingerprint=_NO_FINGERPRINT)
    ).rowcount
