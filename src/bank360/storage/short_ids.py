"""Ids as people type them: whole, or so much of the beginning that it can mean one thing only."""

from sqlalchemy import Column, ColumnElement, Connection, select

from bank360.bank.errors import NotFound
from bank360.storage.decision_reads import CREDIT_DECISION
from bank360.storage.store.schema import cases, decisions

SHORTEST = 6  # characters
_MOST_NAMED = 5


def decision_meant(connection: Connection, said: str) -> str:
    """Return the id of the credit decision that is meant by its id or the beginning of it.

    Raises
    ------
    NotFound
        If there is none, the beginning is shorter than `SHORTEST`, or several ids begin so.
    """
    return _meant(connection, decisions.c.decision_id, decisions.c.kind == CREDIT_DECISION, said, "credit decision")


def case_meant(connection: Connection, said: str) -> str:
    """Return the id of the case that is meant by its id or the beginning of it; errors as `decision_meant`."""
    return _meant(connection, cases.c.case_id, cases.c.case_id.is_not(None), said, "case")


def _meant(connection: Connection, ids: Column[str], among: ColumnElement[bool], said: str, what: str) -> str:
    if connection.execute(select(ids).where(ids == said, among)).one_or_none() is not None:
        return said
    if len(said) < SHORTEST:
        raise NotFound(
            f"There is no {what} '{said}'. Name it by its id, or by its first {SHORTEST} characters or more."
        )
    beginning = select(ids).where(ids.startswith(said, autoescape=True), among).order_by(ids).limit(_MOST_NAMED + 1)
    found = [one for one in connection.execute(beginning).scalars() if one.startswith(said)]  # LIKE of SQLite: any case
    if not found:
        raise NotFound(f"There is no {what} whose id is or begins with '{said}'.")
    if len(found) > 1:
        more = " and others" if len(found) > _MOST_NAMED else ""
        named = ", ".join(found[:_MOST_NAMED])
        raise NotFound(f"Several {what}s have ids that begin with '{said}': {named}{more}. Write more of it.")
    return found[0]
