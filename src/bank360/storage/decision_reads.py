"""Reading decisions back from the log: one by its id, a customer's latest, and pages of all. Nothing is parsed here."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from bank360.storage.store.schema import decisions
from bank360.storage.subjects import subject_of

CREDIT_DECISION = "credit.decision"  # the kind of a sealed decision on a request for credit


@dataclass(frozen=True)
class LoggedDecision:
    """A record of the log as it was sealed.

    Parameters
    ----------
    sequence, decision_id
        Its place in the log, and its id.
    principal, subject, kind
        Who acted, whom it concerns (a pseudonym), and what kind of record it is.
    at_us
        When, microseconds UTC.
    record
        The sealed bytes.
    """

    sequence: int
    decision_id: str
    principal: str
    subject: str
    kind: str
    at_us: int
    record: bytes


def decision_by_id(connection: Connection, decision_id: str) -> LoggedDecision | None:
    """Return the record of an id; None if there is none."""
    row = connection.execute(_decisions().where(decisions.c.decision_id == decision_id)).one_or_none()
    return None if row is None else _logged(row)


def recent_decisions(
    connection: Connection, customer_id: str, most: int = 20, kind: str = CREDIT_DECISION
) -> tuple[LoggedDecision, ...]:
    """Return a customer's latest decisions, the newest first; none where the log never named them or does no more."""
    subject = subject_of(connection, customer_id)
    if subject is None:
        return ()
    chosen = _decisions().where(decisions.c.subject == subject, decisions.c.kind == kind)
    return tuple(map(_logged, connection.execute(chosen.order_by(decisions.c.sequence.desc()).limit(most))))


def decisions_page(
    connection: Connection, before: int | None = None, most: int = 50, kind: str = CREDIT_DECISION
) -> tuple[LoggedDecision, ...]:
    """Return decisions, the newest first.

    Parameters
    ----------
    before
        Only those of a lower sequence: the last one of the page before.
    """
    chosen = _decisions().where(decisions.c.kind == kind)
    if before is not None:
        chosen = chosen.where(decisions.c.sequence < before)
    return tuple(map(_logged, connection.execute(chosen.order_by(decisions.c.sequence.desc()).limit(most))))


def _decisions() -> Select[Any]:
    c = decisions.c
    return select(c.sequence, c.decision_id, c.principal, c.subject, c.kind, c.at_us, c.record)


def _logged(row: Row[Any]) -> LoggedDecision:
    return LoggedDecision(
        row.sequence, row.decision_id, row.principal, row.subject, row.kind, row.at_us, bytes(row.record)
    )
