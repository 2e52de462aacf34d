"""Open the store: reading and writing transactions, on a SQLite file by default or on PostgreSQL by URL.

Invariant on SQLite: whatever may write a page or move pages from the write-ahead log into the file (a write, its
automatic checkpoint, a migration, the checkpoint when the last connection closes) happens under one lock across
processes (`write_lock`). SQLite before 3.51.3 can lose a committed transaction when a checkpoint meets a write that
resets the log; under the lock they cannot meet (docs/decisions/0017-which-sqlite.md).

A failed commit is fatal: the store then refuses to write until it is opened anew, for nobody can know what reached the
disk. A disk that is full or a database that is gone in the middle of a transaction undoes it; that is told as
`StoreFailed` too, and the store goes on.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import QueuePool

from bank360.bank.errors import NotReady, StoreFailed
from bank360.storage.durable import make_folder
from bank360.storage.store.upgrade import revision_of, upgrade_store
from bank360.storage.store.write_lock import WriteLock

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA busy_timeout=30000",  # of readers against recovery after a crash; writers queue at the lock
)
_HOW_MADE = "Run 'bank360 nightly', which makes it with what it publishes, or 'bank360 user add NAME --role viewer'."
_READERS = 8  # connections; a request holds one for one query


class Store:
    """An open store; made by `open_store`, closed by its context.

    Parameters
    ----------
    writer, reader, counter
        Engines; of SQLite, writer and counter have one connection each, and the reader's refuse to write.
    lock
        The lock of everything that writes; None on PostgreSQL, which has its own.
    """

    def __init__(self, writer: Engine, reader: Engine, counter: Engine, lock: WriteLock | None) -> None:
        self._writer, self._reader, self._counter, self._lock = writer, reader, counter, lock
        self._broken: str | None = None

    @property
    def dialect(self) -> str:
        """Return ``sqlite`` or ``postgresql``."""
        return self._writer.dialect.name

    @property
    def address(self) -> URL:
        """Return where the store is; of PostgreSQL with the password."""
        return self._writer.url

    @property
    def broken(self) -> bool:
        """Return whether a commit failed, so that nothing more is written."""
        return self._broken is not None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a connection inside one transaction: committed when the block ends, rolled back if it raises.

        Raises
        ------
        StoreFailed
            If the commit fails, or an earlier one did.
        """
        with self._transaction(self._writer) as connection:
            yield connection

    @contextmanager
    def counting(self) -> Iterator[Connection]:
        """Lend a connection as `writing` does, for counts: committed without waiting for the disk.

        Others see a count at once; a power cut may lose the last of them. Nothing that anybody was told may rest on it.
        """
        with self._transaction(self._counter) as connection:
            yield connection

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        if self._broken is not None:
            raise StoreFailed(f"The store failed to commit ({self._broken}) and takes no more writes. Start anew.")
        with self._locked(), told_as_ours(), engine.connect() as connection:
            transaction = connection.begin()
            try:
                yield connection
            except BaseException:  # raised again: a Ctrl-C, too, must not leave the transaction open
                transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                raise self.failed(str(error.orig)) from error

    def failed(self, why: str) -> StoreFailed:
        """Take no more writes, because something may not have reached the disk; return the error that says so."""
        self._broken = why
        return StoreFailed(
            f"The store could not commit: {why}. Nothing was acknowledged; see to the disk, then start anew."
        )

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a connection that sees one moment of the store for the whole block and cannot write."""
        with told_as_ours(), self._reader.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every connection; the last to close a SQLite file checkpoints it, under the lock like any write."""
        with self._locked():
            self._reader.dispose()
            self._counter.dispose()
            self._writer.dispose()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if self._lock is None:
            yield
        else:
            with self._lock.held():
                yield

    def __enter__(self) -> "Store":
        """Return the store; it closes with the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


@contextmanager
def told_as_ours() -> Iterator[None]:
    """Tell of a database that is gone, or of its full disk, as `StoreFailed`; of a wrong statement as it is."""
    try:
        yield
    except DBAPIError as error:
        if not _is_the_machines(error):
            raise
        raise StoreFailed(f"The store did not answer: {_first_line(error)}. Nothing was written.") from error


def _is_the_machines(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):  # which SQLite says of wrong statements too
        return error.orig.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_READONLY)
    return isinstance(error, OperationalError | InterfaceError)


def open_store(url: str, *, new: bool = True) -> Store:
    """Open a store and bring it up to this version's tables.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/DATABASE``.
    new
        Whether an empty store may be made where there is none.

    Raises
    ------
    NotReady
        If it cannot be reached, is not there, or was written by a newer bank360.
    """
    try:
        parsed = make_url(url)
        store = _sqlite_store(parsed, new=new) if parsed.get_backend_name() == "sqlite" else _postgres_store(parsed)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise NotReady(
            "The store's address is not one that bank360 opens. Write sqlite:///FILE or postgresql://… in "
            "'store.url' (PostgreSQL needs: pip install 'bank360[postgres]')."
        ) from error
    shown = parsed.render_as_string(hide_password=True)
    try:
        with store.writing() as connection:
            if not new and revision_of(connection) is None:
                raise _not_there(shown)
            upgrade_store(connection)
    except StoreFailed as error:
        store.close()
        raise NotReady(f"The store at {shown} cannot be opened. {error} {_MEND}") from error
    except DatabaseError as error:
        store.close()
        raise NotReady(f"The store at {shown} cannot be opened: {_first_line(error)}. {_MEND}") from error
    except BaseException:  # raised again: whatever it is, the files and the lock are given back
        store.close()
        raise
    return store


_MEND = "Start its database, or correct 'store.url' in bank360.yaml; a file that is no store comes from a backup."


def _not_there(place: str) -> NotReady:
    return NotReady(f"There is no store at {place} yet. {_HOW_MADE}")


def _sqlite_store(url: URL, *, new: bool) -> Store:
    if not url.database or url.database == ":memory:":
        raise NotReady("The store must be a file: a store in memory keeps nothing. Write sqlite:///FILE.")
    path = Path(url.database)
    if not new and not path.exists():
        raise _not_there(str(path))
    make_folder(path.parent)
    lock = WriteLock(path.with_name(path.name + "-lock"))
    with lock.held():  # a connection's first act sets the journal mode, which writes
        writer = _sqlite_engine(url, "BEGIN IMMEDIATE", connections=1)
        reader = _sqlite_engine(url, "BEGIN", connections=_READERS)
        counter = _sqlite_engine(url, "BEGIN IMMEDIATE", connections=1, unsynced=True)
        try:
            writer.connect().close()
        except DatabaseError as error:
            raise NotReady(
                f"The store at {path} cannot be opened: {_first_line(error)}. Restore its backup."
            ) from error
    return Store(writer, reader, counter, lock)


def _sqlite_engine(url: URL, begin: str, connections: int, *, unsynced: bool = False) -> Engine:
    engine = sa.create_engine(
        url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        connect_args={"isolation_level": None, "check_same_thread": False},  # we say BEGIN ourselves
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma).fetchall()
        if begin == "BEGIN":
            connection.execute("PRAGMA query_only=ON")
        if unsynced:  # a checkpoint still syncs the log first, so that the others' commits are as safe as before
            connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgres_store(url: URL) -> Store:
    if url.get_backend_name() != "postgresql":
        raise ArgumentError(f"no dialect of ours: {url.get_backend_name()}")
    address = url.set(drivername="postgresql+psycopg")
    # Whatever the server's default, an acknowledged commit is on its disk.
    writer = _postgres_engine(address, synced=True)
    reader = sa.create_engine(
        address,
        execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
        pool_pre_ping=True,
        hide_parameters=True,
    )
    counter = _postgres_engine(address, synced=False)
    return Store(writer, reader, counter, None)


def _postgres_engine(address: URL, *, synced: bool) -> Engine:
    said = {"options": f"-c synchronous_commit={'on' if synced else 'off'}"}
    return sa.create_engine(address, connect_args=said, pool_pre_ping=True, hide_parameters=True)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0].rstrip(".")
