"""Statements that read the whole bank as known before one instant, in one currency. What `reads_*` of a bank share.

A statement writes ``$1`` for the instant, ``$2`` for the bank's local day of it, ``$3`` for the currency.
"""

from datetime import date, datetime

import pyarrow as pa

from bank360.storage.ledger import naive_utc
from bank360.storage.tables import Tables

STANDS = "known_time < $1 AND (superseded_time IS NULL OR superseded_time >= $1)"
# Product lines as then known; the first relation of what a subject's statements have in common.
LINES = f"""
lines AS (
    SELECT product_id, arg_max(line, valid_from) AS line FROM products WHERE {STANDS} GROUP BY product_id
),"""


class RowsAt:
    """A warehouse at one instant.

    Parameters
    ----------
    common
        The relations that every statement may read, as they stand between ``WITH`` and the statement's own.
    as_of, day
        The instant (aware) and the bank's local day of it.
    currency
        Money in another one is left out.
    """

    def __init__(self, common: str, tables: Tables, as_of: datetime, day: date, currency: str) -> None:
        self._common = common
        self._tables = tables
        self._values = [naive_utc(as_of).isoformat(sep=" "), day.isoformat(), currency]

    def rows(self, sql: str) -> pa.Table:
        """Return what a statement says; it begins with the relations of its own, or with SELECT after a comma."""
        text = f"WITH {self._common}, {sql}".replace("$1", "CAST($1 AS TIMESTAMP)").replace("$2", "CAST($2 AS DATE)")
        return self._tables.query(text, self._values)
