"""Recent rows that the alert rules read, of every customer or one, as known before an instant. SQL only.

Rows are of accounts that a customer owns, alone or jointly, in one currency. Neighbour: `pipeline/find_alerts.py`.
"""

from datetime import date, datetime, timedelta

import pyarrow as pa

from bank360.bank.vocabulary import Category, FraudKind, FraudOutcome, PartyRole, Scheme, TokenKind
from bank360.storage.crosswalk import PEOPLE_BY_ID
from bank360.storage.ledger import naive_utc
from bank360.storage.warehouse import Warehouse

_OWN = ", ".join(f"'{role}'" for role in (PartyRole.OWNER, PartyRole.JOINT_HOLDER))


class AlertRows:
    """Reads rows for alerts, all at the same instant.

    Parameters
    ----------
    as_of, day
        The instant (aware) and its local day.
    currency
        Rows of accounts in another one are left out.
    customer_id
        The one customer wanted; None: everybody.
    """

    def __init__(
        self, warehouse: Warehouse, as_of: datetime, day: date, currency: str, customer_id: str | None
    ) -> None:
        self._warehouse, self._day = warehouse, day
        self._values = [naive_utc(as_of).isoformat(sep=" "), day.isoformat(), currency, customer_id]

    def debits(self, days: int) -> pa.Table:
        """Return direct debits presented in the last days, and whether each came back: customer, day, amount."""
        return self._rows(
            f"""
            SELECT held.customer_id, t.booked_on AS day, -t.amount AS amount,
                   bool_or(r.transaction_id IS NOT NULL) AS returned
            FROM transactions t JOIN held USING (account_id)
            LEFT JOIN transactions r ON r.reverses_id = t.transaction_id
                AND r.category = '{Category.RETURNED_PAYMENT}' AND {_stands("r")}
            WHERE {_stands("t")} AND t.scheme = '{Scheme.DIRECT_DEBIT}' AND t.amount < 0
                AND t.category <> '{Category.RETURNED_PAYMENT}' AND t.booked_on BETWEEN $5 AND $2
            GROUP BY held.customer_id, t.transaction_id, t.booked_on, t.amount
            ORDER BY held.customer_id, day, t.transaction_id
            """,
            days,
        )

    def limit_months(self, days: int) -> pa.Table:
        """Return month ends of the last days, all accounts with a limit together: customer, drawn, limit."""
        return self._rows(
            f"""
            SELECT held.customer_id, m.month_end, CAST(sum(m.balance) AS BIGINT) AS drawn,
                   CAST(sum(m.credit_limit) AS BIGINT) AS total_limit
            FROM credit_months m JOIN held USING (account_id)
            WHERE {_stands("m")} AND m.credit_limit > 0 AND m.month_end BETWEEN $5 AND $2
            GROUP BY held.customer_id, m.month_end ORDER BY held.customer_id, m.month_end
            """,
            days,
        )

    def young_loans(self, days: int) -> pa.Table:
        """Return instalment loans opened in the last days: customer, account, due and paid so far, days past due."""
        return self._rows(
            f"""
            SELECT held.customer_id, m.account_id, held.opened_on, CAST(sum(m.amount_due) AS BIGINT) AS due,
                   CAST(sum(m.paid) AS BIGINT) AS paid, arg_max(m.days_past_due, m.month_end) AS days_past_due
            FROM credit_months m JOIN held USING (account_id)
            WHERE {_stands("m")} AND m.credit_limit IS NULL AND m.month_end <= $2 AND held.opened_on BETWEEN $5 AND $2
            GROUP BY held.customer_id, m.account_id, held.opened_on ORDER BY held.customer_id, held.opened_on, 2
            """,
            days,
        )

    def fraud_links(self, days: int) -> pa.Table:
        """Return confirmed application frauds of the last days in which a device of somebody else's was used.

        A device is a customer's if they or one of their applications used it; a card fraud's customer is its victim, so
        only frauds of applications count.
        """
        return self._rows(
            f"""
            , own AS (
                SELECT source_key AS subject, customer_id FROM people
                UNION SELECT p.application_id, people.customer_id FROM application_parties p
                JOIN people ON people.source_key = p.customer_id WHERE {_stands("p")}
            ),
            devices AS (SELECT * FROM identifier_tokens t WHERE t.kind = '{TokenKind.DEVICE}' AND {_stands("t")})
            SELECT own.customer_id, c.case_id, max(CAST(c.closed_at AS DATE)) AS confirmed_on
            FROM fraud_cases c
            JOIN devices theirs ON theirs.subject = c.subject
            JOIN devices mine ON mine.token = theirs.token
            JOIN own ON own.subject = mine.subject
            WHERE {_stands("c")} AND c.kind = '{FraudKind.APPLICATION}' AND c.outcome = '{FraudOutcome.CONFIRMED}'
                AND CAST(c.closed_at AS DATE) BETWEEN $5 AND $2 AND ($4 IS NULL OR own.customer_id = $4)
                AND NOT EXISTS (
                    SELECT 1 FROM own self WHERE self.subject = c.subject AND self.customer_id = own.customer_id)
            GROUP BY own.customer_id, c.case_id ORDER BY own.customer_id, confirmed_on, c.case_id
            """,
            days,
        )

    def _rows(self, sql: str, days: int) -> pa.Table:
        values = [*self._values, (self._day - timedelta(days=days)).isoformat()]
        return self._warehouse.query(_typed(_HELD + sql), values)


def _stands(alias: str) -> str:
    """Return the condition that a row was known before the instant and stood then."""
    return f"{alias}.known_time < $1 AND ({alias}.superseded_time IS NULL OR {alias}.superseded_time >= $1)"


def _typed(sql: str) -> str:
    types = {"$1": "TIMESTAMP", "$2": "DATE", "$3": "VARCHAR", "$4": "VARCHAR", "$5": "DATE"}
    for name, kind in types.items():
        sql = sql.replace(name, f"CAST(?{name[1]} AS {kind})")
    return sql


_HELD = f"""
WITH {PEOPLE_BY_ID},
held AS (
    SELECT DISTINCT people.customer_id, h.account_id, a.opened_on
    FROM account_parties h JOIN people ON people.source_key = h.customer_id
    JOIN accounts a ON a.account_id = h.account_id AND {_stands("a")} AND a.currency = $3
        AND (a.closed_on IS NULL OR a.closed_on > $2)
    WHERE {_stands("h")} AND h.role IN ({_OWN}) AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2)
        AND ($4 IS NULL OR people.customer_id = $4) AND $5 IS NOT NULL
)
"""
