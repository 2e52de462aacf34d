"""Where published versions lie: a file each beside a SQLite store, a schema each in PostgreSQL.

Invariants of both: a version is there whole or not at all; while somebody reads it, it is not removed; who is killed
lets go of everything by dying. A version that is there and not in the list of publications is left over from a publish
that did not end, and the next one removes it (`sweep`).

Readers of a file take a shared lock on ``000012.lease``, readers of a schema a shared advisory lock; removing takes the
same lock alone, or leaves the version for another time. The bytes of a version never change, so readers of a file need
no lock of SQLite's own.
"""

import fcntl
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.pool import NullPool, QueuePool

from bank360.storage.durable import flush_folder, make_folder, move_into_place
from bank360.storage.version_schema import version_metadata

_READERS = 8  # connections to one version, for one query each
_LOCKS = 360_361  # PostgreSQL: first key of the advisory locks; the second is the version, 0 is publishing itself
_FILE = re.compile(r"([0-9]{6,})\.sqlite3")
_SCHEMA = re.compile(r"published_([0-9]{6,})")


class VersionPlace(Protocol):
    """Where the versions of one store are; of `FilePlace` and `SchemaPlace`, the one that belongs to its database."""

    def publishing(self) -> AbstractContextManager[None]:
        """Return the lock that one publish holds at a time."""
        ...

    def build(self, number: int) -> AbstractContextManager[Connection]:
        """Lend a connection to an empty version; whole and safe on disk when the block ends, gone if it raises."""
        ...

    def open(self, number: int) -> tuple[Engine, ExitStack] | None:
        """Return an engine that reads a version, and what lets go of it; None where it is not there."""
        ...

    def alone(self, number: int) -> AbstractContextManager[Callable[[], None] | None]:
        """Keep readers out of a version for a block and lend what removes it; None while somebody reads it."""
        ...

    def sweep(self, known: frozenset[int]) -> None:
        """Remove whatever is left of versions that are not in ``known``; called under `publishing`."""
        ...


@dataclass(frozen=True)
class FilePlace:
    """Versions as files of one folder."""

    folder: Path

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """See `VersionPlace`."""
        make_folder(self.folder)
        with _flock(self.folder / "publish.lock", fcntl.LOCK_EX):
            yield

    @contextmanager
    def build(self, number: int) -> Iterator[Connection]:
        """See `VersionPlace`."""
        spare = self.folder / f".{number:06d}.sqlite3.new"
        spare.unlink(missing_ok=True)
        engine = sa.create_engine(f"sqlite:///{spare}", poolclass=NullPool, hide_parameters=True)
        try:
            with engine.connect() as connection:
                for pragma in ("journal_mode=OFF", "synchronous=OFF", "page_size=8192"):  # whole, or thrown away
                    connection.exec_driver_sql(f"PRAGMA {pragma}")
                version_metadata.create_all(connection)
                yield connection
                connection.commit()
            move_into_place(spare, self._file(number))
        finally:
            engine.dispose()
            spare.unlink(missing_ok=True)

    def open(self, number: int) -> tuple[Engine, ExitStack] | None:
        """See `VersionPlace`."""
        with ExitStack() as stack:
            if not self._file(number).exists():
                return None
            stack.enter_context(_flock(self._lease(number), fcntl.LOCK_SH))
            if not self._file(number).exists():  # removed meanwhile
                return None
            address = f"{self._file(number).resolve().as_uri()}?mode=ro&immutable=1"
            engine = sa.create_engine(
                "sqlite://",
                creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
                poolclass=QueuePool,
                pool_size=_READERS,
                max_overflow=0,
                hide_parameters=True,
            )
            stack.callback(engine.dispose)
            return engine, stack.pop_all()
        raise AssertionError("unreachable")

    @contextmanager
    def alone(self, number: int) -> Iterator[Callable[[], None] | None]:
        """See `VersionPlace`."""

        def erase() -> None:
            self._file(number).unlink(missing_ok=True)
            self._lease(number).unlink(missing_ok=True)
            flush_folder(self.folder)

        with _flock(self._lease(number), fcntl.LOCK_EX | fcntl.LOCK_NB) as got:
            yield erase if got else None

    def sweep(self, known: frozenset[int]) -> None:
        """See `VersionPlace`."""
        for path in self.folder.iterdir():
            found = _FILE.fullmatch(path.name)
            if path.name.endswith(".sqlite3.new") or (found and int(found[1]) not in known):
                path.unlink()

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:06d}.sqlite3"

    def _lease(self, number: int) -> Path:
        return self.folder / f"{number:06d}.lease"


@contextmanager
def _flock(path: Path, how: int) -> Iterator[bool]:
    """Hold a lock on a file for a block; yields False where it was not to be had at once and waiting was not asked."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)


@dataclass(frozen=True)
class SchemaPlace:
    """Versions as schemas of the store's own PostgreSQL database."""

    address: URL

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """See `VersionPlace`."""
        with self._connected() as connection:
            connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCKS}, 0)"))
            yield

    @contextmanager
    def build(self, number: int) -> Iterator[Connection]:
        """See `VersionPlace`."""
        with self._connected() as connection:
            connection.execute(sa.schema.CreateSchema(_schema(number)))
            own = connection.execution_options(schema_translate_map={None: _schema(number)})
            version_metadata.create_all(own)
            yield own
            connection.commit()

    def open(self, number: int) -> tuple[Engine, ExitStack] | None:
        """See `VersionPlace`."""
        with ExitStack() as stack:
            holder = stack.enter_context(self._connected("AUTOCOMMIT"))
            holder.execute(sa.text(f"SELECT pg_advisory_lock_shared({_LOCKS}, :number)"), {"number": number})
            if not sa.inspect(holder).has_schema(_schema(number)):
                return None
            engine = sa.create_engine(
                self.address,
                pool_size=_READERS,
                max_overflow=0,
                hide_parameters=True,
                pool_pre_ping=True,
                execution_options={
                    "schema_translate_map": {None: _schema(number)},
                    "isolation_level": "REPEATABLE READ",
                    "postgresql_readonly": True,
                },
            )
            stack.callback(engine.dispose)
            return engine, stack.pop_all()
        raise AssertionError("unreachable")

    @contextmanager
    def alone(self, number: int) -> Iterator[Callable[[], None] | None]:
        """See `VersionPlace`."""
        with self._connected() as connection:

            def erase() -> None:
                connection.execute(sa.schema.DropSchema(_schema(number), cascade=True, if_exists=True))
                connection.commit()

            wanted = sa.text(f"SELECT pg_try_advisory_xact_lock({_LOCKS}, :number)")
            yield erase if connection.execute(wanted, {"number": number}).scalar_one() else None

    def sweep(self, known: frozenset[int]) -> None:
        """See `VersionPlace`."""
        with self._connected() as connection:
            for name in sa.inspect(connection).get_schema_names():
                found = _SCHEMA.fullmatch(name)
                if found and int(found[1]) not in known:
                    connection.execute(sa.schema.DropSchema(name, cascade=True))
            connection.commit()

    @contextmanager
    def _connected(self, isolation: IsolationLevel = "READ COMMITTED") -> Iterator[Connection]:
        engine = sa.create_engine(self.address, poolclass=NullPool, isolation_level=isolation, hide_parameters=True)
        with engine.connect() as connection:
            yield connection


def _schema(number: int) -> str:
    return f"published_{number:06d}"


def place_of(address: URL, folder: Path) -> VersionPlace:
    """Return where the versions of the store at ``address`` lie; of a SQLite store below ``folder``."""
    return FilePlace(folder) if address.get_backend_name() == "sqlite" else SchemaPlace(address)
