"""Pairs of records that may be one person, as identity last left them for somebody to look at. Derived.

::

    identity_pairs   left_key, right_key, match_weight, and how far each attribute agrees, in words

A run of identity replaces them all. Neighbours: `crosswalk.py` has what identity decided by itself,
`pipeline/possible_pairs.py` shows these.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from bank360.identity.comparisons import COMPARISONS
from bank360.identity.resolution import PossiblePair
from bank360.storage.ledger import naive_utc
from bank360.storage.warehouse import Warehouse

TABLE = "identity_pairs"
_COLUMNS: dict[str, pa.DataType] = {
    "left_key": pa.string(),
    "right_key": pa.string(),
    "match_weight": pa.float64(),
    **{one.name: pa.string() for one in COMPARISONS},
}
_SCHEMA = pa.schema(_COLUMNS)
# By key the names last known before the instant ?1, and begun by the local day ?2: as a version's lists have them.
_NAMED = (
    "SELECT customer_id AS source_key,"
    " last(given_name ORDER BY valid_from, known_time) FILTER (given_name IS NOT NULL) AS given,"
    " last(family_name ORDER BY valid_from, known_time) FILTER (family_name IS NOT NULL) AS family"
    " FROM customer_personal WHERE known_time < CAST(?1 AS TIMESTAMP) AND valid_from <= CAST(?2 AS DATE)"
    " AND (superseded_time IS NULL OR superseded_time >= CAST(?1 AS TIMESTAMP)) GROUP BY 1"
)


def write_possible_pairs(warehouse: Warehouse, pairs: Iterable[PossiblePair]) -> int:
    """Replace the pairs, and return how many there are."""
    rows = [
        {"left_key": one.left, "right_key": one.right, "match_weight": one.match_weight, **one.agreement}
        for one in pairs
    ]
    return warehouse.replace_table(TABLE, pa.Table.from_pylist(rows, schema=_SCHEMA))


def count_possible_pairs(warehouse: Warehouse) -> int:
    """Return how many pairs there are.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    warehouse.require(TABLE, "build")
    return warehouse.number(f"SELECT count(*) FROM {TABLE}")


def possible_pairs(warehouse: Warehouse, as_of: datetime, day: date, most: int) -> list[dict[str, Any]]:
    """Return the surest of the pairs, with whose each key is and the names last known; names are direct identifiers.

    Parameters
    ----------
    as_of
        The instant (aware) before which a name was known.
    day
        The local day of that instant, by which it had begun.
    most
        How many at most.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    warehouse.require(TABLE, "build")
    sides = ", ".join(
        f"{side}.customer_id AS {name}_customer, {side}.source AS {name}_source,"
        f" {side}_name.given AS {name}_given, {side}_name.family AS {name}_family"
        for side, name in (("l", "left"), ("r", "right"))
    )
    return warehouse.query(
        f"WITH named AS ({_NAMED}), mine AS (SELECT * FROM source_keys WHERE valid_to IS NULL)"
        f" SELECT p.*, {sides} FROM {TABLE} p"
        " JOIN mine l ON l.source_key = p.left_key JOIN mine r ON r.source_key = p.right_key"
        " LEFT JOIN named l_name ON l_name.source_key = p.left_key"
        " LEFT JOIN named r_name ON r_name.source_key = p.right_key"
        " ORDER BY p.match_weight DESC, p.left_key, p.right_key LIMIT ?3",
        [naive_utc(as_of).isoformat(sep=" "), day.isoformat(), most],
    ).to_pylist()
