"""What is lent, as known before one instant: each credit account at its latest month end, and what a customer owes.

``owed`` is the one relation that both the bank's lending and a customer's exposure are added up from, so that an
account is drawn, left to draw and in default alike in both. An account counts once in it; debt counts in full for each
obligor of it. SQL only. Neighbours: `reads_portfolio.py`, `policies/expected_loss.py`.
"""

from datetime import date, datetime

import pyarrow as pa

from bank360.storage.outcomes import charged_off
from bank360.storage.reads_credit import OBLIGED
from bank360.storage.rows_at import LINES, STANDS, RowsAt
from bank360.storage.warehouse import Warehouse

LENT = f"""{LINES}
lent AS (
    SELECT a.account_id, a.opened_on, coalesce(lines.line, 'unknown') AS line,
        a.closed_on IS NULL OR a.closed_on > $2 AS open
    FROM (SELECT * FROM accounts WHERE {STANDS} AND currency = $3 AND opened_on <= $2) a
    LEFT JOIN lines USING (product_id)
),
months AS (
    SELECT m.account_id, m.month_end, m.balance, m.credit_limit, m.days_past_due, m.written_off,
        {charged_off("m")} AS charged_off
    FROM credit_months m WHERE {STANDS} AND month_end <= $2
),
owed AS (
    SELECT l.account_id, l.line, l.open, m.balance, m.days_past_due,
        coalesce(m.days_past_due > 90 OR m.charged_off, FALSE) AS bad,
        greatest(m.balance, 0) AS drawn, greatest(coalesce(m.credit_limit, 0) - greatest(m.balance, 0), 0) AS undrawn
    FROM lent l JOIN (
        SELECT *, row_number() OVER (PARTITION BY account_id ORDER BY month_end DESC) AS place FROM months
    ) m ON m.account_id = l.account_id AND m.place = 1
)"""


def exposures(warehouse: Warehouse, as_of: datetime, day: date, currency: str) -> pa.Table:
    """Return what each customer owes on open credit, alone or with others: a row per customer and product line.

    Columns: customer_id, line, ``drawn`` and ``undrawn`` on accounts not in default, owed ``in_default``; minor units.

    Parameters
    ----------
    as_of, day
        The instant (aware) and the bank's local day of it.
    currency
        Accounts in another one are left out.
    """
    return RowsAt(LENT, warehouse, as_of, day, currency).rows(_BY_CUSTOMER)


_BY_CUSTOMER = f"""
obliged AS (
    SELECT DISTINCT k.customer_id, h.account_id FROM (SELECT * FROM account_parties WHERE {STANDS}) h
    JOIN source_keys k ON k.source_key = h.customer_id AND k.valid_to IS NULL
    WHERE h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2) AND h.role IN ({OBLIGED})
)
SELECT customer_id, line, CAST(coalesce(sum(drawn) FILTER (NOT bad), 0) AS BIGINT) AS drawn,
    CAST(coalesce(sum(undrawn) FILTER (NOT bad), 0) AS BIGINT) AS undrawn,
    CAST(coalesce(sum(drawn) FILTER (bad), 0) AS BIGINT) AS in_default
FROM owed JOIN obliged USING (account_id) WHERE open GROUP BY customer_id, line ORDER BY customer_id, line
"""
