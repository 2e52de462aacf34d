"""From the keys by which sources know people to customers, and from customers to dense numbers. SQL by subject.

::

    source_keys      (source, source_key, valid_from) -> customer_id    as identity found it, closed mappings included
    customer_index   customer_id -> customer, 0 … n-1 in order of id    what the feature engine counts by

Invariants: both are written in one transaction, so they agree; every source key known by the time of the run has one
open mapping. Facts are never rewritten: readers resolve through these tables, by ``PEOPLE`` (`events.py`).
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import duckdb
import pyarrow as pa

from bank360.bank.calendar import instant
from bank360.bank.table import Column, Table
from bank360.bank.tables_customers import CUSTOMERS, SOURCE_KEYS
from bank360.identity.customer_ids import KeyMapping
from bank360.storage.dangling import referring_columns
from bank360.storage.ledger import naive_utc, prepare
from bank360.storage.warehouse import Warehouse, quoted, scratch_connection

# Whom each source key stands for now, for the head of a statement; one key belongs to one customer.
PEOPLE_BY_ID = "people AS (SELECT source_key, customer_id FROM source_keys WHERE valid_to IS NULL)"
# The same with their numbers in the index, which are there once identity has run.
PEOPLE = """
people AS (
    SELECT k.source_key, i.customer_id, i.customer
    FROM source_keys k JOIN customer_index i USING (customer_id) WHERE k.valid_to IS NULL
)"""


def known_keys(warehouse: Warehouse, as_of: datetime) -> list[tuple[str, str, int]]:
    """Return every source key known by ``as_of`` (inclusive), sorted.

    Returns
    -------
    list
        ``(source_key, source, first known)``: the source is the customer system named with the key's personal data,
        else the one that delivered its first row; the instant is in microseconds, UTC.
    """
    prepare(warehouse)
    mentions = " UNION ALL ".join(
        f"SELECT {quoted(column.name)} AS source_key, min(known_time) AS at, min(source_system) AS source"
        f" FROM {quoted(table.name)} WHERE {quoted(column.name)} IS NOT NULL AND known_time <= ? GROUP BY 1"
        for table, column in _key_columns()
    )
    rows = warehouse.query(
        "SELECT source_key, coalesce(min(p.source), min(m.source)) AS source, epoch_us(min(m.at)) AS at"
        f" FROM ({mentions}) m LEFT JOIN (SELECT customer_id AS source_key, min(source) AS source"
        " FROM customer_personal WHERE known_time <= ? GROUP BY 1) p USING (source_key)"
        " GROUP BY source_key ORDER BY source_key",
        [_text(as_of)] * (len(_key_columns()) + 1),
    ).to_pylist()
    return [(row["source_key"], row["source"], row["at"]) for row in rows]


def identifiers(warehouse: Warehouse, as_of: datetime, day: date) -> pa.Table:
    """Return the rows of people's direct identifiers that stood at ``as_of`` and had begun by the local ``day``.

    Companies are left out. Columns as `identity.records.PERSONAL_SCHEMA`; sorted by source key and time.
    """
    prepare(warehouse)
    return warehouse.query(
        "WITH companies AS (SELECT customer_id FROM customers WHERE known_time <= ?"
        " GROUP BY 1 HAVING arg_max(type, known_time) = 'company')"
        " SELECT customer_id AS source_key, valid_from, known_time, given_name, family_name, birth_date, address_line,"
        " city, postcode, email, phone FROM customer_personal ANTI JOIN companies USING (customer_id)"
        " WHERE known_time <= ? AND (superseded_time IS NULL OR superseded_time > ?) AND valid_from <= CAST(? AS DATE)"
        " ORDER BY source_key, valid_from, known_time",
        [_text(as_of)] * 3 + [day.isoformat()],
    )


@contextmanager
def linkage_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the connection that linkage runs on: in memory, locked, one thread, so that a run repeats exactly."""
    with scratch_connection(threads=1) as connection:
        yield connection


def read_crosswalk(warehouse: Warehouse) -> tuple[KeyMapping, ...]:
    """Return the crosswalk as identity left it, closed mappings included, sorted; empty before its first run."""
    prepare(warehouse)
    rows = warehouse.query("SELECT source, source_key, valid_from, customer_id, valid_to FROM source_keys").to_pylist()
    return tuple(sorted((KeyMapping(**row) for row in rows), key=lambda row: (row.key, row.valid_from)))


def write_crosswalk(warehouse: Warehouse, mappings: Iterable[KeyMapping], known_at: datetime) -> None:
    """Put identity's crosswalk in place of the one before, and number the customers anew. All or nothing.

    Parameters
    ----------
    mappings
        All of them, closed ones included.
    known_at
        The instant of the run (aware): when the crosswalk became known. A mapping that stood before keeps its time.
    """
    prepare(warehouse)
    before = warehouse.query(
        "SELECT source, source_key, valid_from, customer_id, valid_to, known_time FROM source_keys"
    ).to_pylist()
    known = {KeyMapping(*list(row.values())[:5]): row["known_time"] for row in before}
    ordered = sorted(mappings, key=lambda row: (row.key, row.valid_from))
    rows = [
        {
            "source": row.source,
            "source_key": row.source_key,
            "valid_from": row.valid_from,
            "customer_id": row.customer_id,
            "valid_to": row.valid_to,
            "source_system": "identity",
            "batch_id": "identity",
            "source_file_hash": "",
            "source_line": number,
            "known_time": known.get(row, naive_utc(known_at)),
            "superseded_time": None,
        }
        for number, row in enumerate(ordered, start=1)
    ]
    with warehouse.transaction():
        warehouse.execute("DELETE FROM source_keys")
        warehouse.append("source_keys", pa.Table.from_pylist(rows, schema=SOURCE_KEYS.arrow_schema))
        warehouse.execute(
            "CREATE OR REPLACE TABLE customer_index AS SELECT customer_id,"
            " CAST(row_number() OVER (ORDER BY customer_id) - 1 AS INTEGER) AS customer"
            " FROM (SELECT DISTINCT customer_id FROM source_keys WHERE valid_to IS NULL) ORDER BY customer_id"
        )


def _key_columns() -> tuple[tuple[Table, Column], ...]:
    """Return the columns that hold source keys of people: that of the customer master, and all that refer to it."""
    return ((CUSTOMERS, CUSTOMERS.column("customer_id")), *referring_columns("customers"))


def _text(at: datetime) -> str:
    instant(at)  # refuses a naive one
    return naive_utc(at).isoformat(sep=" ")
