"""``dim_customer``: every customer as the bank knew them, version by version, from known times. SQL only.

A version begins where something the bank came to know changed an attribute, and ends where the next begins; a record
that says nothing new makes none. A customer of several source keys is one: each attribute is that of the record known
last that has one, the relationship began with the first and has ended once every record has left. Who is who is read
as it stands (``docs/decisions/0015``). While rows name a customer and no customer master does, all attributes are null.
"""

from datetime import datetime

import pyarrow as pa

from bank360.bank.tables_star import DIM_CUSTOMER
from bank360.storage.crosswalk import PEOPLE_BY_ID
from bank360.storage.dangling import referring_columns
from bank360.storage.ledger import naive_utc
from bank360.storage.rows_at import STANDS
from bank360.storage.warehouse import Warehouse, quoted

_LATEST = ("type", "region", "sex", "marital_status", "birth_date", "deceased_on")
_PERSONAL = ("given_name", "family_name", "address_line", "city", "postcode", "email", "phone")
_HISTORY: dict[str, str] = {
    **{name: f"arg_max(r.{name}, (r.known_time, r.source_key)) FILTER (r.{name} IS NOT NULL)" for name in _LATEST},
    "onboarded_on": "min(r.onboarded_on)",
    "left_on": "CASE WHEN count(r.left_on) = count(r.source_key) THEN max(r.left_on) END",
    "leave_reason": "CASE WHEN count(r.left_on) = count(r.source_key)"
    " THEN arg_max(r.leave_reason, (r.left_on, r.source_key)) FILTER (r.leave_reason IS NOT NULL) END",
}


def dim_customer(warehouse: Warehouse, as_of: datetime, columns: frozenset[str]) -> pa.Table:
    """Return the versions of every customer known before ``as_of``, by customer and ``valid_from``.

    Parameters
    ----------
    as_of
        The instant (aware).
    columns
        Which of `DIM_CUSTOMER` are wanted; a change of one that is not makes no version. Keys are the same either way.
    """
    kept = {name: sql for name, sql in _HISTORY.items() if name in columns}
    attributes = ", ".join(f"{sql} AS {name}" for name, sql in kept.items())
    said = ", ".join(kept)
    personal = [name for name in _PERSONAL if name in columns]
    shown = "".join(f", CASE WHEN valid_to IS NULL THEN p.{name} END AS {name}" for name in personal)
    names = ", ".join(quoted(column.name) for column in DIM_CUSTOMER.columns if column.name in columns)
    return warehouse.query(
        f"""
        WITH {PEOPLE_BY_ID},
        records AS (
            SELECT people.customer_id AS owner, m.customer_id AS source_key, m.* EXCLUDE (customer_id)
            FROM customers m JOIN people ON people.source_key = m.customer_id WHERE m.known_time < {_AT}
        ),
        cuts AS (
            SELECT owner, known_time AS cut FROM records
            UNION SELECT owner, superseded_time FROM records WHERE superseded_time < {_AT}
            UNION SELECT people.customer_id, min(m.known_time) FROM ({_mentions()}) m
            JOIN people ON people.source_key = m.source_key GROUP BY 1
        ),
        cells AS (
            SELECT c.owner, c.cut, {attributes}
            FROM cuts c LEFT JOIN records r ON r.owner = c.owner AND r.known_time <= c.cut
                AND (r.superseded_time IS NULL OR r.superseded_time > c.cut)
            GROUP BY c.owner, c.cut
        ),
        compared AS (SELECT *, lag(row({said})) OVER (PARTITION BY owner ORDER BY cut) AS before FROM cells),
        versions AS (
            SELECT *, owner || '-' || epoch_us(cut) AS customer_key, owner AS customer_id, cut AS valid_from,
                lead(cut) OVER (PARTITION BY owner ORDER BY cut) AS valid_to
            FROM compared WHERE row({said}) IS DISTINCT FROM before
        ),
        personal AS (
            SELECT people.customer_id AS owner,
                {", ".join(_last(name) for name in _PERSONAL)}
            FROM customer_personal t JOIN people ON people.source_key = t.customer_id
            WHERE {STANDS.replace("$1", _AT)} GROUP BY 1
        ),
        whole AS (
            SELECT v.* , v.valid_to IS NULL AS is_current{shown} FROM versions v LEFT JOIN personal p USING (owner)
        )
        SELECT {names} FROM whole ORDER BY customer_id, valid_from
        """,
        [naive_utc(as_of).isoformat(sep=" ")],
    )


_AT = "CAST(?1 AS TIMESTAMP)"


def _last(name: str) -> str:
    """Return the personal column as the record that began last, and was known last, has it."""
    order = "(t.valid_from, t.known_time, t.customer_id)"
    return f"arg_max(t.{name}, {order}) FILTER (t.{name} IS NOT NULL) AS {name}"


def _mentions() -> str:
    """Return the statement of every source key that a row known before the instant names, with when that was known."""
    return " UNION ALL ".join(
        f"SELECT {quoted(column.name)} AS source_key, min(known_time) AS known_time FROM {quoted(table.name)}"
        f" WHERE {quoted(column.name)} IS NOT NULL AND known_time < {_AT} GROUP BY 1"
        for table, column in referring_columns("customers")
    )
