"""Pseudonyms: under which name the decision log knows a customer. Random, so that no id leads back without this table.

Erasing the one row of a customer leaves a log whose chain still verifies and which nobody can lead back to a person
(docs/decisions/0019-erasure-and-the-log.md).
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, insert, select

from bank360.storage.store.schema import subjects

_SUBJECT_OF = select(subjects.c.subject).where(subjects.c.customer_id == bindparam("of_customer"))


def subject_of(connection: Connection, customer_id: str) -> str | None:
    """Return the pseudonym of a customer; None where the log has never named them, or does no more."""
    found: str | None = connection.execute(_SUBJECT_OF, {"of_customer": customer_id}).scalar_one_or_none()
    return found


def customer_of(connection: Connection, subject: str) -> str | None:
    """Return the customer whom a pseudonym stands for; None where nothing leads to them any more."""
    found: str | None = connection.execute(
        select(subjects.c.customer_id).where(subjects.c.subject == subject)
    ).scalar_one_or_none()
    return found


def customers_of(connection: Connection, pseudonyms: Iterable[str]) -> dict[str, str]:
    """Return customers by pseudonym; those are left out to whom nothing leads any more."""
    wanted = set(pseudonyms)
    rows = connection.execute(select(subjects.c.subject, subjects.c.customer_id).where(subjects.c.subject.in_(wanted)))
    return {row.subject: row.customer_id for row in rows}


def name_subject(connection: Connection, customer_id: str, fresh: str) -> str:
    """Return the pseudonym of a customer, who is given ``fresh`` (random, from a face) where they have none."""
    known = subject_of(connection, customer_id)
    if known is None:
        connection.execute(insert(subjects), {"customer_id": customer_id, "subject": fresh})
    return known or fresh


def forget_subject(connection: Connection, customer_id: str) -> None:
    """Erase the way from a customer to their pseudonym."""
    connection.execute(delete(subjects).where(subjects.c.customer_id == customer_id))
