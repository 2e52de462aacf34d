"""Rows of access tokens: the SHA-256 of each, whose it is, and until when. The token itself is nowhere."""

from sqlalchemy import Connection, bindparam, delete, insert, select

from bank360.bank.vocabulary import Role
from bank360.storage.store.schema import tokens, users
from bank360.storage.users import User

# Built once: each request asks it.
_OWNER = (
    select(users.c.user_id, users.c.name, users.c.role)
    .join(tokens, tokens.c.user_id == users.c.user_id)
    .where(tokens.c.token_hash == bindparam("of_hash"), tokens.c.expires_at_us > bindparam("at_us"))
)


def insert_token(connection: Connection, token_hash: bytes, user_id: str, at_us: int, expires_at_us: int) -> None:
    """Add a token and remove those that have expired."""
    connection.execute(delete(tokens).where(tokens.c.expires_at_us <= at_us))
    row = {"token_hash": token_hash, "user_id": user_id, "issued_at_us": at_us, "expires_at_us": expires_at_us}
    connection.execute(insert(tokens), row)


def token_owner(connection: Connection, token_hash: bytes, at_us: int) -> User | None:
    """Return whose token this is, with the role they have now; None if there is none or it has expired."""
    row = connection.execute(_OWNER, {"of_hash": token_hash, "at_us": at_us}).one_or_none()
    return None if row is None else User(row.user_id, row.name, Role(row.role))


def drop_token(connection: Connection, token_hash: bytes) -> None:
    """Remove one token: its owner logs out."""
    connection.execute(delete(tokens).where(tokens.c.token_hash == token_hash))


def drop_tokens_of(connection: Connection, user_id: str) -> None:
    """Remove every token of a user: who had the old password is out."""
    connection.execute(delete(tokens).where(tokens.c.user_id == user_id))
