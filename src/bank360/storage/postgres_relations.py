"""Tables and views of a bank's PostgreSQL as Parquet files: one read-only snapshot of all of them, by COPY.

It only reads: the transaction is READ ONLY, and REPEATABLE READ, so that the relations of one load fit each other
whatever is written meanwhile. psycopg is the extra ``postgres``, imported only where a source names a database.
Neighbours: `copied_rows` writes what COPY sends, `pipeline.unload` says what is asked for.
"""

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bank360.bank.errors import DataRefused, NotFound, NotReady
from bank360.storage.copied_rows import CopiedColumn, copied_column, write_copied

_SETTINGS = {
    "datestyle": "ISO, YMD", "client_encoding": "UTF8", "extra_float_digits": "1",
    "synchronize_seqscans": "off",  # the same rows come in the same order, and so as the same bytes
    "statement_timeout": "0", "idle_in_transaction_session_timeout": "0",
}  # fmt: skip
_READABLE = (
    "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " AND has_schema_privilege(n.oid, 'USAGE') ORDER BY 1"
)


@dataclass(frozen=True)
class From:
    """The rows to take: those whose ``column`` is ``lowest`` or more, or says nothing; without ``lowest`` all."""

    column: str
    lowest: Any = None


@contextmanager
def snapshot(address: str, source: str) -> Iterator["Snapshot"]:
    """Open a snapshot of a database for one load.

    Parameters
    ----------
    address
        ``postgresql://USER@HOST/DATABASE``, as libpq reads it: what it lacks, the password above all, comes from
        PGPASSWORD, ``~/.pgpass`` or a service file.
    source
        Name of the source; messages say it.

    Raises
    ------
    NotReady
        If psycopg is not installed.
    NotFound
        If the database cannot be opened.
    """
    try:
        import psycopg
    except ImportError as error:
        raise NotReady(
            f"Source '{source}' reads a PostgreSQL, but psycopg is not installed. Install it with: "
            "pip install 'bank360[postgres]'"
        ) from error
    try:
        connection = psycopg.connect(address, application_name="bank360")
    except psycopg.Error as error:
        raise NotFound(
            f"Source '{source}': its database cannot be opened: {_first_line(error)}. Correct "
            f"'database' of that source in bank360.yaml, or start the server."
        ) from error
    try:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        for name, value in _SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, false)", (name, value))
        yield Snapshot(connection, source)
    finally:
        connection.close()


class Snapshot:
    """A database as it was at one moment; `snapshot` opens it."""

    def __init__(self, connection: Any, source: str) -> None:
        self._connection, self._source = connection, source

    def columns(self, relation: str) -> tuple[str, ...]:
        """Return the names of a table's or view's columns; DataRefused as `unload`."""
        from psycopg import Error, sql

        try:
            return tuple(one.name for one in self._columns(relation, sql.Identifier(*relation.split("."))))
        except Error as error:
            raise self._refusal(relation, error) from error

    def unload(
        self, relation: str, path: Path, rows_from: From | None, before: Path | None, told: Callable[[int], None]
    ) -> None:
        """Write a table or view as the Parquet file ``path`` (`copied_rows.write_copied`).

        Parameters
        ----------
        relation
            ``TABLE`` or ``SCHEMA.TABLE``, each name as PostgreSQL stores it.
        rows_from
            Which rows; None: all.
        before
            The file that was received of it last; None at first.
        told
            Called with the rows written so far.

        Raises
        ------
        DataRefused
            If the relation or the column is not there, may not be read, or holds a value that no file of ours can.
        NotReady
            If the server ends the statement or the connection.
        """
        from psycopg import Error, sql

        of = sql.Identifier(*relation.split("."))
        try:
            columns = self._columns(relation, of)
            said = sql.SQL(", ").join(column.sql for column in columns)
            which = self._which(relation, columns, rows_from)
            statement = sql.SQL("COPY (SELECT {} FROM {}{}) TO STDOUT (FORMAT csv)").format(said, of, which)
            with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
                write_copied(relation, columns, copy, path, before, told)
        except Error as error:
            raise self._refusal(relation, error) from error

    def _columns(self, relation: str, of: Any) -> list[CopiedColumn]:
        from psycopg import sql

        described = self._connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(of)).description
        if not described:
            raise DataRefused(relation, "it has no columns", "Name another table or view.")
        return [copied_column(one.name, one.type_code, one.precision, one.scale) for one in described]

    def _which(self, relation: str, columns: list[CopiedColumn], rows_from: From | None) -> Any:
        from psycopg import sql

        if rows_from is None:
            return sql.SQL("")
        if rows_from.column not in {column.name for column in columns}:
            there = ", ".join(column.name for column in columns[:30])
            remedy = f"Correct 'since' of source '{self._source}' in bank360.yaml."
            raise DataRefused(relation, f"it has no such column; it has {there}", remedy, rows_from.column)
        if rows_from.lowest is None:
            return sql.SQL("")
        name = sql.Identifier(rows_from.column)
        return sql.SQL(" WHERE {} >= {} OR {} IS NULL").format(name, sql.Literal(rows_from.lowest), name)

    def _refusal(self, relation: str, error: Any) -> Exception:
        from psycopg import errors

        if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
            problem = f"there is no such table or view in the database{self._near(relation)}"
            remedy = (
                f"Correct 'relation' in the mapping of source '{self._source}': names are taken as they are stored."
            )
            return DataRefused(relation, problem, remedy)
        if isinstance(error, errors.InsufficientPrivilege):
            remedy = f"GRANT SELECT ON {relation}, and USAGE on its schema, to that user."
            return DataRefused(relation, "the database's user may not read it", remedy)
        return NotReady(
            f"Source '{self._source}': reading {relation} ended: {_first_line(error)}. Nothing was loaded; run "
            "'bank360 ingest' again."
        )

    def _near(self, relation: str) -> str:
        """Return which relations of nearly this name there are."""
        self._connection.rollback()
        readable = [str(row[0]) for row in self._connection.execute(_READABLE).fetchall()]
        named = {name.lower(): name for name in readable} | {name.lower().split(".", 1)[1]: name for name in readable}
        near = dict.fromkeys(named[one] for one in difflib.get_close_matches(relation.lower(), named, 3, 0.6))
        return f"; there is {', '.join(map(repr, near))}" if near else ""


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".")
