"""Copy a store while it is at work, and put a copy in an empty place; held equal by a hash of every row.

::

    backup/store.sqlite3    every table as of one moment: of SQLite by its online backup API, of PostgreSQL row by row
    backup/store.anchor     where the log ended, if anybody anchored it
    backup/manifest.json    revision, rows by table, hash of all rows; written last: without it there is no backup

The copy is a SQLite file whichever database it came from, and can be restored to either. What is derived is not in it:
warehouse, published versions. Nor is the landing zone, which only grows and is copied as files are.
"""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table, func, insert, select

from bank360.bank.errors import ArtefactRefused, NotReady
from bank360.storage.durable import make_folder, move_into_place, whole_file, write_whole
from bank360.storage.store.engine import Store, open_store
from bank360.storage.store.schema import HEAD_REVISION, metadata

_STORE, _ANCHOR, _MANIFEST = "store.sqlite3", "store.anchor", "manifest.json"
_ROWS = 1_000
_ONE_ROW = frozenset({"decision_head", "publication_pointer"})  # migrations fill these


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Parameters
    ----------
    revision
        Of the store's tables.
    rows
        By table.
    sha256
        Of every row of every table; see `content_hash`.
    """

    revision: str
    rows: dict[str, int]
    sha256: str


def backup_store(store: Store, anchor: Path, folder: Path) -> Manifest:
    """Copy a store and its anchor to a new folder; writers and readers go on meanwhile.

    The anchor is copied before the store, so that it is never ahead of the copy.

    Raises
    ------
    NotReady
        If the folder holds something already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotReady(f"{folder} is not empty. Name a new folder for each backup.")
    make_folder(folder)
    if anchor.exists():
        with whole_file(folder / _ANCHOR) as spare:
            shutil.copyfile(anchor, spare)
    spare = folder / f".{_STORE}.new"
    if store.dialect == "sqlite":
        assert store.address.database is not None
        with closing(sqlite3.connect(store.address.database)) as source, closing(sqlite3.connect(spare)) as copy:
            source.backup(copy, pages=4096)
            copy.execute("PRAGMA journal_mode=DELETE").fetchall()
    else:
        open_store(f"sqlite:///{spare}").close()
        with store.reading() as source_rows, _opened(spare).begin() as target:
            _copy(source_rows, target)
        _settled(spare)
    move_into_place(spare, folder / _STORE)
    with _opened(folder / _STORE).connect() as connection:
        manifest = Manifest(HEAD_REVISION, _counts(connection), content_hash(connection))
    write_whole(folder / _MANIFEST, json.dumps(asdict(manifest), indent=2, sort_keys=True).encode())
    return manifest


def restore_store(folder: Path, url: str, anchor: Path) -> Manifest:
    """Put a backup in the place of a store that is not there, and hold every row to the backup's hash.

    Parameters
    ----------
    url
        Of the store to be: a SQLite file that does not exist, or an empty PostgreSQL database.
    anchor
        Where its anchor goes.

    Raises
    ------
    NotReady
        If there is no finished backup, or there is a store already.
    ArtefactRefused
        If the copy is not what was backed up.
    """
    if not (folder / _MANIFEST).exists():
        raise NotReady(
            f"{folder} holds no finished backup: it has no {_MANIFEST}. Name one that 'bank360 backup' made."
        )
    manifest = Manifest(**json.loads((folder / _MANIFEST).read_bytes()))
    with closing(sqlite3.connect(f"{(folder / _STORE).resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
        _held(manifest, _of_file(copy), "The backup is not what was written: keep it from use.")
    target = sa.engine.make_url(url)
    if (target.get_backend_name() == "sqlite" and Path(str(target.database)).exists()) or anchor.exists():
        raise NotReady("There is a store, or an anchor, already. Move both away first: a restore replaces nothing.")
    with open_store(url) as store:
        with store.reading() as connection:
            if any(count for name, count in _counts(connection).items() if name not in _ONE_ROW):
                raise NotReady("The database holds a store already. Restore into an empty one.")
        with store.writing() as rows, _opened(folder / _STORE).connect() as from_rows:
            _copy(from_rows, rows)
            _continue_counting(rows)
        with store.reading() as connection:
            _held(manifest, content_hash(connection), "What was restored is not what was backed up: do not use it.")
    if (folder / _ANCHOR).exists():
        with whole_file(anchor) as spare:
            shutil.copyfile(folder / _ANCHOR, spare)
    return manifest


def content_hash(connection: Connection) -> str:
    """Return a hash of every row of every table, whichever database they are in: SHA-256, hex."""
    digest = hashlib.sha256()
    for table in metadata.sorted_tables:
        digest.update(f"{table.name}\n".encode())
        for row in _rows(connection, table):
            said = [value.hex() if isinstance(value, bytes) else value for value in row.values()]
            digest.update(json.dumps(said, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()


def _of_file(copy: sqlite3.Connection) -> str:
    engine = sa.create_engine("sqlite://", creator=lambda: copy, poolclass=sa.pool.StaticPool, hide_parameters=True)
    with engine.connect() as connection:
        return content_hash(connection)


def _held(manifest: Manifest, found: str, otherwise: str) -> None:
    if found != manifest.sha256:
        raise ArtefactRefused(otherwise)


def _copy(source: Connection, target: Connection) -> None:
    for table in metadata.sorted_tables:
        if table.name in _ONE_ROW:
            target.execute(table.delete())
        some: list[dict[str, Any]] = []
        for row in _rows(source, table):
            some.append(row)
            if len(some) == _ROWS:
                target.execute(insert(table), some)
                some = []
        if some:
            target.execute(insert(table), some)


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, Any]]:
    result = connection.execution_options(yield_per=_ROWS).execute(select(table).order_by(*table.primary_key))
    for row in result.mappings():
        yield {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}


def _counts(connection: Connection) -> dict[str, int]:
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }


def _continue_counting(connection: Connection) -> None:
    """Let PostgreSQL's counters go on after the rows that were put in with their numbers."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            if column.autoincrement is True:
                sequence = func.pg_get_serial_sequence(table.name, column.name)
                last = select(func.max(column)).scalar_subquery()
                connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def _opened(path: Path) -> sa.Engine:
    return sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool, hide_parameters=True)


def _settled(path: Path) -> None:
    """Leave one file: nothing in a write-ahead log beside it."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchall()
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
