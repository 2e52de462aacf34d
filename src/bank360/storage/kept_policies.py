"""The texts of the policies that decided, kept in the store by their SHA-256: a replay needs the very text."""

from sqlalchemy import Connection, insert, select

from bank360.bank.errors import NotFound
from bank360.storage.store.engine import Store
from bank360.storage.store.schema import policies


def keep_policy(store: Store, digest: str, name: str, version: str, text: str, at_us: int) -> None:
    """Keep the text of a policy; one that is kept already changes nothing.

    Parameters
    ----------
    digest
        SHA-256 of the text in UTF-8, hex.
    """
    with store.reading() as connection:
        if _text(connection, digest) is not None:
            return
    with store.writing() as connection:
        if _text(connection, digest) is None:  # another process may have been first
            row = {"hash": digest, "name": name, "version": version, "text": text, "kept_us": at_us}
            connection.execute(insert(policies), row)


def kept_policy(connection: Connection, digest: str) -> str:
    """Return the text of a policy that decided.

    Raises
    ------
    NotFound
        If it was never kept.
    """
    text = _text(connection, digest)
    if text is None:
        raise NotFound(f"No policy with SHA-256 {digest[:16]}… is kept in this store. Restore the store's backup.")
    return text


def _text(connection: Connection, digest: str) -> str | None:
    text: str | None = connection.execute(select(policies.c.text).where(policies.c.hash == digest)).scalar_one_or_none()
    return text
