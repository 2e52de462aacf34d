"""Observes the magnitudes of a generated bank from its delivered files and its truth, by SQL on a locked connection.

The files are read as Arrow data sets; the connection itself may open nothing. One pass over the transactions reduces
them to account-months, on which most quantities rest. Each observation is one row ``(name, value, count, error)`` of a
query below; the standard error is that of a share or mean unless said otherwise.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset

from bank360.labels.application_default import DefaultDefinition, Repayment, default_rows
from bank360.storage import synth_sql
from bank360.storage.columns import currencies
from bank360.storage.warehouse import quoted, scratch_connection

_dataset: Any = pyarrow.dataset.dataset  # the stubs want a literal format
_MEMORY = "3GB"


@contextmanager
def generated_bank(first: Path, second: Path, truth: Path, threads: int = 1) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a locked connection on which both waves and the truth are views.

    Tables with a second wave appear as they finally stand; truth tables are called ``truth_<name>``.
    """
    with scratch_connection(threads, _MEMORY) as connection:
        for folder in sorted(path for path in first.iterdir() if path.is_dir()):
            name = folder.name
            _register(connection, f"{name}_1" if (second / name).is_dir() else name, folder)
            if (second / name).is_dir():
                _register(connection, f"{name}_2", second / name)
                key = synth_sql.KEYS[name]
                connection.execute(
                    f"CREATE VIEW {quoted(name)} AS SELECT * FROM {quoted(name + '_2')} UNION ALL BY NAME "
                    f"SELECT * FROM {quoted(name + '_1')} WHERE {key} NOT IN (SELECT {key} FROM {quoted(name + '_2')})"
                )
        for file in sorted(truth.glob("*.parquet")):
            _register(connection, f"truth_{file.stem}", file)
        yield connection


def _register(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    connection.register(name, _dataset(str(path), format="parquet"))


def observations(
    connection: duckdb.DuckDBPyConnection,
    first_month: str,
    months: int,
    stress: tuple[int, int],
    definition: DefaultDefinition | None = None,
) -> Iterator[tuple[str, float, int, float]]:
    """Yield ``(name, value, count, standard error)`` of every magnitude.

    Parameters
    ----------
    first_month
        First day of the history, ISO.
    months
        Length of the history.
    stress
        First month of the stress period and the month after its last, counted from 0.
    definition
        What counts as default.
    """
    connection.execute(synth_sql.PERIOD, [first_month, months, first_month, months, *stress])
    find_defaults(connection, definition)
    for statement in synth_sql.PREPARE:
        connection.execute(statement)
    for statement in synth_sql.OBSERVE:
        for name, value, count, error in connection.execute(statement).fetchall():
            if value is not None and count:
                yield str(name), float(value), int(count), float(error or 0.0)


def find_defaults(connection: duckdb.DuckDBPyConnection, definition: DefaultDefinition | None = None) -> None:
    """Make the table ``defaults``: the day of each account's first default, and the month end that first shows one.

    By the definition that the labels have, so that the targets are about what models are trained on.
    """
    rows = connection.sql(synth_sql.CREDIT_MONTHS).to_arrow_table()
    columns = {name: rows[name].to_numpy() for name in rows.column_names if name not in ("account_id", "currency")}
    currency, names = currencies(rows)
    repayment = Repayment(columns.pop("number"), **columns, currency=currency, currencies=names)
    shows, day = default_rows(repayment, definition)
    days = {"day": pa.array(day), "month_end": pa.array(repayment.month_end)}
    found = pa.table({"account_id": rows["account_id"].combine_chunks(), **days}).filter(pa.array(shows))
    connection.register("default_rows", found)
    connection.execute(synth_sql.DEFAULTS)
    connection.unregister("default_rows")


def steps() -> int:
    """Return how many statements there are, for a progress bar."""
    return len(synth_sql.PREPARE) + len(synth_sql.OBSERVE)
