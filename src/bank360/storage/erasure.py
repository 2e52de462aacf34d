"""Erasing a customer from the store: what happens to each table, and the statements that do it.

`HAPPENS` names every table of the store and of a published version, so that a new one cannot come without somebody
having thought of this; docs/decisions/0019-erasure-and-the-log.md says the same in words. Records, events and the
chain stay as they are: they know the customer by a random pseudonym, and the one row that leads there goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update

from bank360.bank.vocabulary import CaseAct, CaseOutcome, CaseState
from bank360.storage.cases import add_event, set_closed
from bank360.storage.store.schema import case_comments, case_events, cases, decisions, idempotency
from bank360.storage.subjects import forget_subject, subject_of

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
    "new_interactions": "books",
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
    "published.counted": "derived",
    "published.places": "derived",
    "published.numbers": "derived",
    "published.pairs": "derived",
    "published.about": "nobody",
}
_NO_ANSWER = b""
_NO_FINGERPRINT = bytes(32)  # no request has it: a retry of the key is refused as another request, and done by nobody


@dataclass(frozen=True)
class Erased:
    """How many records in the log lead to nobody any more, cases and answers to requests are empty, comments gone."""

    records: int
    cases: int
    comments: int
    answers: int


def erasable(connection: Connection, customer_id: str) -> Erased:
    """Return what `erase_customer` would erase of a customer now; nothing is changed."""
    subject = subject_of(connection, customer_id)
    own = cases.c.customer_id == customer_id
    answers = select(func.count()).select_from(idempotency).where(idempotency.c.sequence.in_(_records(subject)))
    return Erased(
        _records_of(connection, subject),
        connection.execute(select(func.count()).select_from(cases).where(own)).scalar_one(),
        connection.execute(
            select(func.count()).select_from(case_comments).where(case_comments.c.event_id.in_(_events_of(own)))
        ).scalar_one(),
        connection.execute(answers).scalar_one(),
    )


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
    events = _events_of(cases.c.customer_id == customer_id)
    comments = connection.execute(delete(case_comments).where(case_comments.c.event_id.in_(events))).rowcount
    for case in own:
        if case.state == CaseState.OPEN.value:
            set_closed(connection, case.case_id, CaseOutcome.WITHDRAWN, at_us)
            add_event(connection, case.case_id, CaseAct.WITHDRAWN, by, at_us, {})
    connection.execute(update(cases).where(cases.c.customer_id == customer_id).values(customer_id=None, ground=""))
    records = _records_of(connection, subject)
    answers = connection.execute(
        update(idempotency)
        .where(idempotency.c.sequence.in_(_records(subject)))
        .values(response=_NO_ANSWER, fingerprint=_NO_FINGERPRINT)
    ).rowcount
    forget_subject(connection, customer_id)
    return Erased(records, len(own), comments, answers)


def _events_of(whose: ColumnElement[bool]) -> Select[tuple[int]]:
    return select(case_events.c.event_id).join(cases, cases.c.case_id == case_events.c.case_id).where(whose)


def _records(subject: str | None) -> Select[tuple[int]]:
    return select(decisions.c.sequence).where(decisions.c.subject == subject)  # IS NULL, of nobody, where it is None


def _records_of(connection: Connection, subject: str | None) -> int:
    return connection.execute(select(func.count()).select_from(_records(subject).subquery())).scalar_one()
