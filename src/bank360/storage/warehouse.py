"""The warehouse: the bank's tables in one DuckDB file. The one factory of connections, and the face others use.

Invariants: the file is derived data (the landing zone can always rebuild it), one process has it open for writing at a
time, and no SQL run here can reach a file, the network or a Python variable: the connection is locked before anybody
gets it. Neighbours: `load.py` writes deliveries into it, `events.py` streams from it, `landing.py` keeps what it is
rebuilt from. SQL stays in `storage`, by subject; `pipeline` calls named functions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Literal

import duckdb
import pyarrow as pa

from bank360.bank.errors import Bank360Error, NotReady, WarehouseDamaged
from bank360.storage.durable import move_into_place
from bank360.storage.scratch import remove_folder

Rows = pa.Table | pa.RecordBatchReader
Param = str | int | float | bool | None

_UNDONE = {
    "ingest": "Nothing has been ingested", "build": "Nothing has been built", "score": "Nobody has been scored",
}  # fmt: skip
_IN_MEMORY = Path(":memory:")
_LOCKED_OUT = "Could not set lock"
# Troubles of the machine, not of the bytes: a file is never set aside for one of these.
_NOT_DAMAGE = ("No space left", "Permission denied", "Too many open files", "Read-only file system", "Cannot allocate")
_names = count(1)


def open_warehouse(path: Path, threads: int = 2, memory_limit: str = "2GB", *, read_only: bool = False) -> "Warehouse":
    """Open the warehouse file, or make an empty one.

    Damage inside a file that opens is found by the statement that reads it: see `warehouse_damage.py`.

    Parameters
    ----------
    path
        The file, ``warehouse.duckdb`` in the bank's home folder; its folder must exist. ``:memory:`` is no file.
    threads, memory_limit
        Most threads, and most memory ("2GB") that queries may use before they spill to ``<path>.spill``; in memory
        there is nowhere to spill to, and nothing beside it to clean up.
    read_only
        Several processes may read at once, while none writes. The file must exist.

    Raises
    ------
    NotReady
        If another process has the file open, or it is not there to read, or may not be read.
    WarehouseDamaged
        If it is no file that DuckDB can open (torn by a power cut, overwritten).
    Bank360Error
        If the machine cannot open it.
    """
    if read_only and not path.exists():
        raise NotReady(f"There is no warehouse at {path} yet. Run 'bank360 ingest' first.")
    try:
        connection = _connect(path, threads, memory_limit, read_only)
    except duckdb.Error as error:
        if isinstance(error, duckdb.ConnectionException):
            raise NotReady(f"The warehouse {path} is open in this process already. Close it first.") from error
        if _LOCKED_OUT in str(error):
            held = re.search(r"PID (\d+)", str(error))
            who = f"process {held.group(1)}" if held else "another process"
            raise NotReady(
                f"The warehouse {path} is in use by {who}. Wait until it has finished, then run again."
            ) from error
        if isinstance(error, duckdb.OutOfMemoryException) or any(sign in str(error) for sign in _NOT_DAMAGE):
            raise Bank360Error(
                f"The warehouse {path} cannot be opened: {_one_line(error)}. Mend that, then run again."
            ) from error
        raise WarehouseDamaged(str(path), _one_line(error)) from error
    if not read_only and path != _IN_MEMORY:
        # Nobody else has it open: what lies beside it was left by a process that was killed.
        _remove(_being_rebuilt(path))
        remove_folder(_spill_of(path))
    return Warehouse(connection, path)


@contextmanager
def being_rebuilt(path: Path) -> Iterator[Path]:
    """Lend the path of a new warehouse file that shall replace ``path``; what is there after the block is removed.

    What a killed process leaves there is removed by the next one that opens ``path`` for writing.
    """
    fresh = _being_rebuilt(path)
    try:
        yield fresh
    finally:
        _remove(fresh)


def replace_warehouse(fresh: Path, path: Path) -> None:
    """Put a closed warehouse file in the place of another: the whole new one or the whole old one, never a mixture."""
    _log_of(path).unlink(missing_ok=True)
    move_into_place(fresh, path)


@contextmanager
def scratch_connection(threads: int = 1, memory_limit: str = "1GB") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a locked connection on an empty database in memory, for a library that brings its own SQL (Splink)."""
    connection = _locked(duckdb.connect(":memory:", config=_config(threads, memory_limit)))
    try:
        yield connection
    finally:
        connection.close()


def quoted(identifier: str) -> str:
    """Return an identifier quoted for SQL; the only way a name enters a statement.

    >>> quoted('date')
    '"date"'
    """
    return '"' + identifier.replace('"', '""') + '"'


class Warehouse:
    """An open warehouse. Close it, or use it in a ``with`` statement.

    Attributes
    ----------
    path
        Its file.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._in_transaction = False
        self._abandoned: list[str] = []
        self.path = path

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was committed stays."""
        self._connection.close()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The locked connection itself, for libraries that speak DuckDB (Splink); everybody else uses the methods."""
        return self._connection

    def query(self, sql: str, params: Sequence[Param] = (), beside: Mapping[str, pa.Table] | None = None) -> pa.Table:
        """Return the rows of one SELECT as an Arrow table; ``?`` in it stand for ``params``.

        Arrow tables ``beside`` are read under their names, before a table of such a name.
        """
        with ExitStack() as names:
            for name, own in (beside or {}).items():
                names.enter_context(self._named(name, own))
            rows: pa.Table = self._connection.sql(sql, params=list(params)).to_arrow_table()
        return rows

    def row(self, sql: str, params: Sequence[Param] = ()) -> tuple[object, ...]:
        """Return the first row of a SELECT that has one, as Python values."""
        found = self._connection.execute(sql, list(params)).fetchall()
        if not found:
            raise LookupError(f"no row: {sql}")
        return tuple(found[0])

    def number(self, sql: str, params: Sequence[Param] = ()) -> int:
        """Return the one integer a SELECT gives (a count); null counts as 0."""
        value = self.row(sql, params)[0]
        if value is None:
            return 0
        if not isinstance(value, int):
            raise TypeError(f"not an integer but {value!r}: {sql}")
        return value

    def stream(
        self,
        sql: str,
        params: Sequence[Param] = (),
        rows_per_batch: int = 122_880,
        beside: Mapping[str, pa.Table] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows of one SELECT as Arrow batches of at most ``rows_per_batch`` rows.

        Reads what is committed, also while a transaction of this warehouse is open, and other statements may run
        meanwhile. Registered rows and temporary tables are not seen; Arrow tables ``beside`` are, under their names.
        """
        cursor = self._connection.cursor()
        try:
            for name, rows in (beside or {}).items():
                cursor.register(name, rows)
            reader = cursor.sql(sql, params=list(params)).to_arrow_reader(rows_per_batch)
            try:
                yield from reader
            finally:
                reader.close()  # closing the connection over an open reader would wait for ever
        finally:
            cursor.close()

    def execute(self, sql: str, params: Sequence[Param] = ()) -> None:
        """Run one statement that returns nothing."""
        self._connection.execute(sql, list(params)).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: commit at the end of the block, undo everything where it raises. Does not nest."""
        if self._in_transaction:
            raise RuntimeError("a transaction is open already: run the steps inside it")
        self._connection.begin()
        self._in_transaction = True
        try:
            yield
        except BaseException:  # raised again: a Ctrl-C, too, undoes everything
            self._in_transaction = False
            self._connection.rollback()
            while self._abandoned:
                self._connection.unregister(self._abandoned.pop())
            raise
        self._in_transaction = False
        self._connection.commit()

    @contextmanager
    def registered(self, rows: Rows) -> Iterator[str]:
        """Let statements of the block read Arrow rows under the (quoted) name it yields; a reader only once."""
        name = f"arrow_{next(_names)}"
        with self._named(name, rows):
            yield quoted(name)

    @contextmanager
    def _named(self, name: str, rows: Rows) -> Iterator[None]:
        self._connection.register(name, rows)
        try:
            yield
        except BaseException:  # raised again: the name must be given back whatever happened
            if self._in_transaction:  # which may be aborted, and would hide the error behind its own
                self._abandoned.append(name)
            else:
                self._connection.unregister(name)
            raise
        self._connection.unregister(name)

    def replace_table(self, name: str, rows: Rows) -> int:
        """Make ``rows`` the table ``name``, in place of one that may be there; return how many there are.

        Inside a transaction part of it, otherwise atomic by itself: a reader that fails leaves the old table.
        """
        with self.registered(rows) as source, self._joined():
            self.execute(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM {source}")
            return self.number(f"SELECT count(*) FROM {quoted(name)}")

    def append(self, name: str, rows: Rows) -> None:
        """Add rows to a table, columns matched by name; a reader that fails adds none."""
        with self.registered(rows) as source, self._joined():
            self.execute(f"INSERT INTO {quoted(name)} BY NAME SELECT * FROM {source}")

    def append_stream(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        """Add batches to a table as they come, columns matched by name; what ``batches`` raises is raised here.

        One statement for the whole stream: the database compresses and writes full row groups once, on all threads,
        while the next batches are made.
        """
        failure: list[Exception] = []

        def rows() -> Iterator[pa.RecordBatch]:
            try:
                yield from batches
            except Exception as error:  # kept whole: the database would hand on its text only
                failure.append(error)
                raise

        try:
            self.append(name, pa.RecordBatchReader.from_batches(schema, rows()))
        except duckdb.Error:
            if failure:
                raise failure[0] from None
            raise

    def tables(self) -> frozenset[str]:
        """Return the names of the tables and views there are."""
        names = self.query("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'")
        return frozenset(str(name) for name in names.column(0).to_pylist())

    def require(self, table: str, made_by: Literal["ingest", "build", "score"]) -> None:
        """Raise NotReady unless ``table`` exists; ``made_by`` names the command that makes it."""
        if table not in self.tables():
            raise NotReady(
                f"{_UNDONE[made_by]} yet: the warehouse {self.path} has no table '{table}'. Run 'bank360 {made_by}'"
                " first."
            )

    def checkpoint(self) -> None:
        """Write what is only in the write-ahead log into the file, so that the next opening is fast."""
        self.execute("CHECKPOINT")

    @contextmanager
    def _joined(self) -> Iterator[None]:
        if self._in_transaction:
            yield
        else:
            with self.transaction():
                yield


def _connect(path: Path, threads: int, memory_limit: str, read_only: bool) -> duckdb.DuckDBPyConnection:
    config = _config(threads, memory_limit)
    spill = "" if path == _IN_MEMORY else str(_spill_of(path))
    config |= {"temp_directory": spill, "preserve_insertion_order": False}
    return _locked(duckdb.connect(str(path), read_only=read_only, config=config))


def _config(threads: int, memory_limit: str) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "threads": threads,
        "memory_limit": memory_limit,
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }


def _locked(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    # Only after connecting: with external access off from the start DuckDB could not open its own file.
    connection.execute("SET allow_community_extensions = false")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")  # ours is on the error output; this would be among results
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _remove(path: Path) -> None:
    """Remove a warehouse file that nobody has open and all that belongs to it; no file is no error."""
    for part in (path, _log_of(path)):
        part.unlink(missing_ok=True)
    remove_folder(_spill_of(path))


def _being_rebuilt(path: Path) -> Path:
    return path.with_name(path.name + ".rebuilding")


def _spill_of(path: Path) -> Path:
    return path.with_name(path.name + ".spill")


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _one_line(error: Exception) -> str:
    return str(error).splitlines()[0]
