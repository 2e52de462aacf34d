"""Merchants and terminals as the feature engine counts them, and which payments are known to be fraud since when.

A place is whatever a transaction names: the number is dense, in order of id, and says nothing of when the place was
first seen. A payment is fraud while some case about it stands as confirmed, and never before that case was closed: a
file of cases as they stand today may say that each row was known when it was opened. Several cases and their corrected
versions are one rectangle of instants where they follow each other (`holders.py` tells of rectangles), so that a
payment counts once. Neighbour: `events.py` joins both to the transactions.
"""

import pyarrow as pa

from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import EventPrecision
from bank360.features.scan import FRAUD_ROWS, PLACE_ROWS, Entity
from bank360.storage.as_submitted import sql_instant
from bank360.storage.rows_at import STANDS
from bank360.storage.warehouse import Warehouse, quoted

_LAST = "TIMESTAMP '9999-12-31 00:00:00'"
_BY_CARD = " AND ".join(f"{column} IN ({', '.join(map(repr, map(str, values)))})" for column, _, values in PLACE_ROWS)
_DATED = f"event_precision = '{EventPrecision.DAY}'"
_CONFIRMED = " AND ".join(f"{quoted(column)} = '{values[0]}'" for column, _, values in FRAUD_ROWS)
_REPORTS = f"""
WITH confirmed AS (
    SELECT subject AS transaction_id, greatest(known_time, closed_at) AS known_from,
           coalesce(superseded_time, {_LAST}) AS known_to
    FROM fraud_cases
    WHERE {_CONFIRMED} AND (superseded_time IS NULL OR closed_at IS NULL OR closed_at < superseded_time)
),
runs AS (
    SELECT *, sum(CASE WHEN known_from <= before THEN 0 ELSE 1 END) OVER (
        PARTITION BY transaction_id ORDER BY known_from, known_to ROWS UNBOUNDED PRECEDING) AS run
    FROM (
        SELECT *, max(known_to) OVER (
            PARTITION BY transaction_id ORDER BY known_from, known_to
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM confirmed
    )
)
SELECT transaction_id, min(known_from) AS known_from, nullif(max(known_to), {_LAST}) AS known_to
FROM runs GROUP BY transaction_id, run"""


def place_index(warehouse: Warehouse, entity: Entity, as_of: int | None = None) -> pa.Table:
    """Return merchants, or terminals: ``place_id``, sorted, and its number ``customer``.

    Parameters
    ----------
    as_of
        Those that some transaction names which stood then (microseconds UTC): known before, and not yet superseded.
        None: those that any names.
    """
    key = quoted(entity.key)
    stood = "" if as_of is None else " AND " + STANDS.replace("$1", "CAST($1 AS TIMESTAMP)")
    return warehouse.query(
        f"SELECT place_id, CAST(row_number() OVER (ORDER BY place_id) - 1 AS INTEGER) AS customer"
        f" FROM (SELECT DISTINCT {key} AS place_id FROM transactions WHERE {key} IS NOT NULL{stood}) ORDER BY place_id",
        () if as_of is None else (sql_instant(as_of),),
    )


def names_by_date(warehouse: Warehouse, entity: Entity) -> bool:
    """Return whether some payment by card at a merchant, or at a terminal, carries a date only."""
    key = quoted(entity.key)
    return (
        warehouse.number(f"SELECT count(*) FROM transactions WHERE {key} IS NOT NULL AND {_BY_CARD} AND {_DATED}") > 0
    )


def one_place(place_id: str) -> pa.Table:
    """Return the index of one merchant or terminal alone, as number 0: what reads its events reads no others."""
    return pa.table({"place_id": pa.array([place_id], pa.string()), "customer": pa.array([0], pa.int32())})


def known_place(warehouse: Warehouse, entity: Entity, place_id: str) -> None:
    """Raise NotFound if no transaction names this merchant or terminal; it says which ids come close."""
    key = quoted(entity.key)
    if warehouse.number(f"SELECT count(*) FROM transactions WHERE {key} = ?", [place_id]):
        return
    near = warehouse.query(
        f"SELECT {key} AS id FROM transactions WHERE {key} IS NOT NULL GROUP BY 1"
        f" ORDER BY levenshtein({key}, ?), 1 LIMIT 3",
        [place_id],
    )["id"].to_pylist()
    hint = f"Did you mean {' or '.join(map(str, near))}?" if near else f"Deliver '{entity.key}' with the transactions."
    raise NotFound(f"No transaction names {entity} '{place_id}'. {hint}")


def fraud_reports(warehouse: Warehouse) -> pa.Table:
    """Return the payments known to be fraud: ``transaction_id``, ``known_from``, ``known_to`` (null: it stands)."""
    return warehouse.query(_REPORTS)
