"""Who holds what with the bank, as known before one instant: today and a year before. SQL only.

A customer holds a product where they own or jointly hold an open account of its line; a joint account's money counts
once. Neighbour: `pipeline/holdings.py`, which names the figures; `reads_portfolio.py` is about lending.
"""

from datetime import date, datetime

import pyarrow as pa

from bank360.storage.rows_at import LINES, STANDS, RowsAt
from bank360.storage.tables import Tables

_HELD = f"""{LINES}
days AS (SELECT 'now' AS day, $2 AS on_day UNION ALL SELECT 'before', CAST($2 - INTERVAL 1 YEAR AS DATE)),
held AS (
    SELECT DISTINCT days.day, days.on_day, k.customer_id, a.account_id, a.currency = $3 AS home,
        coalesce(l.line, 'unknown') AS line
    FROM days JOIN (SELECT * FROM accounts WHERE {STANDS}) a
        ON a.opened_on <= days.on_day AND (a.closed_on IS NULL OR a.closed_on > days.on_day)
    JOIN (SELECT * FROM account_parties WHERE {STANDS} AND role IN ('owner', 'joint_holder')) h
        ON h.account_id = a.account_id AND (h.valid_from IS NULL OR h.valid_from <= days.on_day)
        AND (h.valid_to IS NULL OR h.valid_to > days.on_day)
    JOIN source_keys k ON k.source_key = h.customer_id AND k.valid_to IS NULL
    LEFT JOIN lines l ON l.product_id = a.product_id
)"""

MAIN_BANK_FEATURES = ("salaries_90d", "pension_90d", "benefits_90d")
_MAIN_BANK = f"({' OR '.join(f'f.{name} > 0' for name in MAIN_BANK_FEATURES)})"


class HoldingRows:
    """Reads who holds what at one instant.

    Parameters
    ----------
    as_of, day
        The instant (aware) and the bank's local day of it.
    currency
        Money in another one is left out.
    """

    def __init__(self, tables: Tables, as_of: datetime, day: date, currency: str) -> None:
        self._at = RowsAt(_HELD, tables, as_of, day, currency)

    def by_line(self) -> pa.Table:
        """Return by product line how many customers hold it today, and a year before."""
        return self._at.rows(
            """
            counted AS (SELECT line, day, count(DISTINCT customer_id) AS customers FROM held GROUP BY line, day)
            SELECT line, CAST(coalesce(sum(customers) FILTER (day = 'now'), 0) AS BIGINT) AS customers,
                CAST(coalesce(sum(customers) FILTER (day = 'before'), 0) AS BIGINT) AS customers_before
            FROM counted GROUP BY line ORDER BY customers DESC, line
            """
        )

    def counted(self) -> pa.Table:
        """Return whom the numbers count: ``figure`` and customer_id, ordered.

        A figure is "customers", "main_bank", "left", or a product line after "line:", each as of today.
        """
        return self._at.rows(
            f"""
            stays AS (SELECT DISTINCT customer_id FROM held WHERE day = 'now'),
            counted AS (
                SELECT DISTINCT 'line:' || line AS figure, customer_id FROM held WHERE day = 'now'
                UNION ALL SELECT 'customers', customer_id FROM stays
                UNION ALL SELECT 'main_bank', customer_id FROM stays JOIN customer_features f USING (customer_id)
                    WHERE {_MAIN_BANK}
                UNION ALL SELECT DISTINCT 'left', customer_id FROM held ANTI JOIN stays USING (customer_id)
            )
            SELECT figure, customer_id FROM counted ORDER BY figure, customer_id
            """
        )

    def totals(self) -> pa.Table:
        """Return one row: customers today and a year before, whose main bank we are, and who left with how much.

        ``main_bank`` has a salary, pension or benefit paid in within 90 days; ``left`` held something a year before and
        holds nothing today; ``left_with`` is what was booked then on the accounts that only they held, ``booked`` on
        all (minor units, credit balances only).
        """
        return self._at.rows(
            f"""
            stays AS (SELECT DISTINCT customer_id FROM held WHERE day = 'now'),
            was AS (SELECT DISTINCT customer_id FROM held WHERE day = 'before'),
            gone AS (SELECT customer_id FROM was ANTI JOIN stays USING (customer_id)),
            then_open AS (
                SELECT h.account_id, min(h.on_day) AS on_day, count(g.customer_id) = count(*) AS gone
                FROM held h LEFT JOIN gone g USING (customer_id) WHERE h.day = 'before' AND h.home GROUP BY h.account_id
            ),
            money AS (
                SELECT o.account_id, o.gone, greatest(arg_max(b.booked, b.date), 0) AS booked
                FROM then_open o JOIN balances b ON b.account_id = o.account_id AND b.date <= o.on_day
                WHERE b.known_time < $1 AND (b.superseded_time IS NULL OR b.superseded_time >= $1)
                GROUP BY o.account_id, o.gone
            )
            SELECT (SELECT count(*) FROM stays) AS customers, (SELECT count(*) FROM was) AS customers_before,
                (SELECT count(*) FROM stays JOIN customer_features f USING (customer_id)
                    WHERE {_MAIN_BANK}) AS main_bank,
                (SELECT count(*) FROM gone) AS "left",
                CAST(coalesce((SELECT sum(booked) FROM money WHERE gone), 0) AS BIGINT) AS left_with,
                CAST(coalesce((SELECT sum(booked) FROM money), 0) AS BIGINT) AS booked
            """
        )
