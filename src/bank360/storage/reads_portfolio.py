"""What the whole bank has lent, as known before one instant: by product line, by month end, by vintage. SQL only.

An account counts once, whoever owes on it. Amounts are of accounts in one currency, in its minor units. Neighbour:
`pipeline/portfolio.py`, which names the figures and what they rest on.
"""

from datetime import date, datetime

import pyarrow as pa

from bank360.storage.credit_accounts import LENT
from bank360.storage.rows_at import RowsAt
from bank360.storage.tables import Tables

MONTHS_SHOWN = 24
_RISK = """
    SELECT h.account_id, avg(s.probability) AS probability
    FROM account_parties h JOIN source_keys k ON k.source_key = h.customer_id AND k.valid_to IS NULL
    JOIN scores s ON s.customer_id = k.customer_id
    WHERE h.superseded_time IS NULL AND h.role IN ('owner', 'joint_holder') GROUP BY h.account_id
"""
_NO_RISK = "SELECT account_id, CAST(NULL AS DOUBLE) AS probability FROM account_parties WHERE FALSE"


class PortfolioRows:
    """Reads the bank's lending at one instant.

    Parameters
    ----------
    as_of, day
        The instant (aware) and the bank's local day of it.
    currency
        Accounts in another one are left out.
    scored
        Whether there are scores; where nobody was scored, nothing is at risk by a probability and there are no tiers.
    """

    def __init__(self, tables: Tables, as_of: datetime, day: date, currency: str, scored: bool = True) -> None:
        self._tables, self._scored = tables, scored
        self._at = RowsAt(LENT, tables, as_of, day, currency)

    def by_line(self) -> pa.Table:
        """Return by product line the open credit at its latest month end: how much, how many, how late; and risk.

        ``drawn_at_risk`` and ``undrawn_at_risk`` are sums over accounts not in default of what is drawn and left to
        draw × the owner's probability of default (the mean over owners; what nobody was scored for is ``unscored``);
        ``in_default`` is over 90 days past due or charged off; ``written_off`` and ``defaulted`` are of the last twelve
        month ends.
        """
        return self._at.rows(
            f"""
            risk AS ({_RISK if self._scored else _NO_RISK}),
            lost AS (
                SELECT account_id, sum(written_off) AS written_off, bool_or(first_default) AS defaulted FROM (
                    SELECT account_id, month_end, written_off, (days_past_due > 90 OR charged_off)
                        AND NOT coalesce(bool_or(days_past_due > 90 OR charged_off) OVER (
                            PARTITION BY account_id ORDER BY month_end ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                        ), FALSE) AS first_default
                    FROM months
                ) WHERE month_end > $2 - INTERVAL 12 MONTH GROUP BY account_id
            )
            SELECT line, count(*) FILTER (open) AS accounts,
                CAST(coalesce(sum(balance) FILTER (open), 0) AS BIGINT) AS exposure,
                count(*) FILTER (open AND days_past_due >= 30) AS accounts_30,
                CAST(coalesce(sum(balance) FILTER (open AND days_past_due >= 30), 0) AS BIGINT) AS past_due_30,
                count(*) FILTER (open AND days_past_due >= 90) AS accounts_90,
                CAST(coalesce(sum(balance) FILTER (open AND days_past_due >= 90), 0) AS BIGINT) AS past_due_90,
                CAST(coalesce(sum(drawn) FILTER (open AND bad), 0) AS BIGINT) AS in_default,
                coalesce(sum(drawn * probability) FILTER (open AND NOT bad), 0.0) AS drawn_at_risk,
                coalesce(sum(undrawn * probability) FILTER (open AND NOT bad), 0.0) AS undrawn_at_risk,
                CAST(coalesce(sum(drawn) FILTER (open AND NOT bad AND probability IS NULL), 0) AS BIGINT) AS unscored,
                CAST(coalesce(sum(written_off), 0) AS BIGINT) AS written_off,
                count(*) FILTER (defaulted) AS defaulted
            FROM owed LEFT JOIN risk USING (account_id) LEFT JOIN lost USING (account_id) GROUP BY line ORDER BY line
            """
        )

    def by_month(self) -> pa.Table:
        """Return by month end, the last `MONTHS_SHOWN`: exposure, 30+ and 90+ days past due, written off."""
        return self._at.rows(
            f"""
            ends AS (SELECT DISTINCT month_end FROM months ORDER BY month_end DESC LIMIT {MONTHS_SHOWN})
            SELECT m.month_end, count(*) FILTER (m.balance > 0) AS accounts, CAST(sum(m.balance) AS BIGINT) AS exposure,
                CAST(coalesce(sum(m.balance) FILTER (m.days_past_due >= 30), 0) AS BIGINT) AS past_due_30,
                CAST(coalesce(sum(m.balance) FILTER (m.days_past_due >= 90), 0) AS BIGINT) AS past_due_90,
                CAST(sum(m.written_off) AS BIGINT) AS written_off
            FROM months m JOIN ends USING (month_end) JOIN lent USING (account_id)
            GROUP BY m.month_end ORDER BY m.month_end
            """
        )

    def vintages(self, steps: int, longest: int) -> pa.Table:
        """Return by quarter of opening and months on book: accounts opened, and how many were ever 90+ by then.

        Parameters
        ----------
        steps, longest
            Months on book looked at: every ``steps`` up to ``longest``. A point is there once every account of the
            quarter has been on book so long.
        """
        return self._at.rows(
            f"""
            bad AS (
                SELECT account_id, min(month_end) AS bad_on FROM months
                WHERE days_past_due >= 90 OR charged_off GROUP BY account_id
            ),
            opened AS (
                SELECT date_trunc('quarter', opened_on)::DATE AS quarter, lent.opened_on, bad.bad_on
                FROM lent SEMI JOIN months ON months.account_id = lent.account_id LEFT JOIN bad USING (account_id)
            ),
            points AS (SELECT unnest(generate_series({steps}, {longest}, {steps})) AS months_on_book)
            SELECT quarter, CAST(months_on_book AS INTEGER) AS months_on_book, count(*) AS accounts,
                count(*) FILTER (bad_on <= opened_on + to_months(CAST(months_on_book AS INTEGER))) AS bad
            FROM opened, points
            WHERE quarter + INTERVAL 3 MONTH + to_months(CAST(months_on_book AS INTEGER)) <= $2
                AND quarter >= $2 - INTERVAL 48 MONTH
            GROUP BY quarter, months_on_book ORDER BY quarter, months_on_book
            """
        )

    def tiers(self) -> pa.Table:
        """Return by tier: customers, and their mean probability of default for the standard request."""
        if not self._scored:
            return pa.table({"tier": pa.array([], pa.string())})
        return self._tables.query(
            "SELECT tier, count(*) AS customers, avg(probability) AS probability FROM scores"
            " GROUP BY tier ORDER BY tier"
        )
