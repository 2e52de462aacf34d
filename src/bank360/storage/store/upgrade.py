"""Bring a store up to the revision that this code knows; one that is there already costs one small query.

All migrations that are missing run in one transaction: a kill leaves the store as it was.
"""

from sqlalchemy import Connection, inspect, text

from bank360.bank.errors import NotReady
from bank360.storage.store.schema import HEAD_REVISION

_SCRIPTS = "bank360.storage.store:migrations"
_ADVISORY_LOCK = 360_360  # PostgreSQL: two processes that start at once migrate one after the other


def revision_of(connection: Connection) -> str | None:
    """Return the revision at which a store stands; None where it holds nothing yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade_store(connection: Connection, to: str = "head") -> None:
    """Run the migrations that a store lacks, in the open writing transaction of ``connection``.

    Parameters
    ----------
    to
        A revision; ``head`` is the last.

    Raises
    ------
    NotReady
        If the store was written by a newer version of bank360.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    at = revision_of(connection)
    if at == HEAD_REVISION:
        return
    if at is not None and at > HEAD_REVISION:
        raise NotReady(f"The store is at revision {at}, newer than {HEAD_REVISION}. Run a newer bank360.")
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", _SCRIPTS)
    command.upgrade(config, to)
