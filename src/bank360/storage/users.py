"""Rows of the store's users. Hashes come and go as text; what makes and checks them is `pipeline.users`."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from bank360.bank.vocabulary import Role
from bank360.storage.store.schema import users


@dataclass(frozen=True)
class User:
    """Who may log in: a random id, which the log knows, the name to log in with, and the one role."""

    user_id: str
    name: str
    role: Role


def user_named(connection: Connection, name: str) -> User | None:
    """Return the user of a name; None if there is none."""
    row = connection.execute(select(users.c.user_id, users.c.role).where(users.c.name == name)).one_or_none()
    return None if row is None else User(row.user_id, name, Role(row.role))


def user_names(connection: Connection, user_ids: Iterable[str]) -> dict[str, str]:
    """Return names by user id; ids that are nobody's (any more) are left out."""
    rows = connection.execute(select(users.c.user_id, users.c.name).where(users.c.user_id.in_(set(user_ids))))
    return {row.user_id: row.name for row in rows}


def all_users(connection: Connection) -> list[User]:
    """Return every user, by name."""
    rows = connection.execute(select(users.c.user_id, users.c.name, users.c.role).order_by(users.c.name))
    return [User(row.user_id, row.name, Role(row.role)) for row in rows]


def insert_user(connection: Connection, user: User, password_hash: str, at_us: int) -> None:
    """Add a user's row."""
    row = {"user_id": user.user_id, "name": user.name, "role": user.role.value}
    connection.execute(insert(users), row | {"password_hash": password_hash, "password_at_us": at_us})


def set_password_hash(connection: Connection, user_id: str, password_hash: str, at_us: int) -> None:
    """Replace a user's hash."""
    changed = {"password_hash": password_hash, "password_at_us": at_us}
    connection.execute(update(users).where(users.c.user_id == user_id).values(changed))


def password_hash_of(connection: Connection, user_id: str) -> str:
    """Return a user's hash."""
    found: str = connection.execute(select(users.c.password_hash).where(users.c.user_id == user_id)).scalar_one()
    return found


def user_by_id(connection: Connection, user_id: str) -> User:
    """Return the user of an id, who must be there."""
    row = connection.execute(select(users.c.name, users.c.role).where(users.c.user_id == user_id)).one()
    return User(user_id, row.name, Role(row.role))
