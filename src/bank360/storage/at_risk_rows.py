"""What tells who is up to date and who came to be at risk: month ends of credit, balances of current accounts.

Everything is as known before one instant: who was up to date by the instant at which a customer is described, what
became of them by that at which the label is taken. An account counts for each obligor of it, as the bank knows at that
instant who owed it on which day. A balance is beyond the arranged limit by what is available, or else by the limit of
the terms; where the bank delivers neither, nobody knows, and it is not counted. Whether an account is a current one is
what its product was on the balance's own day; before its first day a product has its first line.
Neighbours: `labels/at_risk.py`, which is taken from these; `customer_spine.py`, whose customers they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import to_date
from bank360.bank.vocabulary import ProductLine
from bank360.labels.at_risk import LABEL, Balances, CreditMonths
from bank360.storage.as_submitted import sql_instant, standing
from bank360.storage.columns import bools, customers, ints
from bank360.storage.crosswalk import PEOPLE
from bank360.storage.ledger import prepare
from bank360.storage.outcomes import charged_off
from bank360.storage.reads_credit import OBLIGED
from bank360.storage.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# An account is on the book while a row of it is no older: that of one of the last two month ends.
FRESH_DAYS = 62


@dataclass(frozen=True, eq=False)
class AtRiskRows:
    """What became of customers, as known when a label is taken; ``told_to`` is of the rows that it is taken of."""

    months: CreditMonths
    balances: Balances
    told_to: Ints


def standing_of_customers(warehouse: Warehouse, as_of: int, day: int) -> tuple[npt.NDArray[np.int32], Bools]:
    """Return the customers who have credit or a current account on the book, ascending, and who is up to date with all.

    Parameters
    ----------
    as_of
        Instant, microseconds UTC: what came to be known later is not seen.
    day
        Its local day (days since 1970-01-01): rows before it count, obligors of it.
    """
    prepare(warehouse)
    rows = warehouse.query(_STANDING, [sql_instant(as_of), *_days(day, day - FRESH_DAYS)])
    return customers(rows), bools(rows, "up_to_date")


def at_risk_rows(warehouse: Warehouse, customer: npt.NDArray[np.int32], day: Ints, until: int) -> AtRiskRows:
    """Return what the label of customers on days is taken from, as known before ``until`` (microseconds UTC).

    Parameters
    ----------
    customer, day
        Of each row the dense index, and the local day described; at least one row.
    """
    first = int(day.min()) - FRESH_DAYS
    values = [sql_instant(until), *_days(first)]
    months, balances = (warehouse.query(sql, values) for sql in (_MONTHS, _BALANCES))
    places = pa.table(
        {
            "position": pa.array(np.arange(len(day))),
            "customer": pa.array(customer),
            "day": _dates(day),
            "complete": _dates(LABEL.matures(day)),
        }
    )
    told_to = np.full(len(day), -1, dtype=np.int64)
    with warehouse.registered(places) as positions:
        told = warehouse.query(_TOLD.replace("$positions", positions), values)
    told_to[ints(told, "position")] = ints(told, "told_to")
    return AtRiskRows(
        CreditMonths(
            customers(months).astype(np.int64),
            ints(months, "day"),
            ints(months, "days_past_due"),
            bools(months, "eased"),
            bools(months, "lost"),
        ),
        Balances(
            customers(balances).astype(np.int64),
            ints(balances, "account"),
            ints(balances, "day"),
            bools(balances, "beyond"),
        ),
        told_to,
    )


def _dates(days: Ints) -> "pa.Array[Any]":
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def _days(*days: int) -> Sequence[str]:
    return [to_date(day).isoformat() for day in days]


_EPOCH = "DATE '1970-01-01'"
_LOST = charged_off("m")


def _known(table: str, key: str) -> str:
    return standing(table, key).replace("?", "$1")


_OBLIGORS = f"""{PEOPLE},
obligors AS (
    SELECT DISTINCT people.customer, h.account_id, h.valid_from, coalesce(h.valid_to, DATE '9999-12-31') AS valid_to
    FROM {_known("account_parties", "account_id, customer_id, role, valid_from")} h
    JOIN people ON people.source_key = h.customer_id WHERE h.role IN ({OBLIGED})
)"""
_ROWS = f"""
months AS (
    SELECT m.account_id, m.month_end AS day, m.days_past_due, m.forbearance AS eased, {_LOST} AS lost
    FROM {_known("credit_months", "account_id, month_end")} m WHERE m.month_end >= CAST($first AS DATE)
),
lines AS (
    SELECT product_id, line,
        CASE WHEN row_number() OVER versions = 1 THEN DATE '0001-01-01' ELSE valid_from END AS valid_from,
        lead(valid_from, 1, DATE '9999-12-31') OVER versions AS valid_to
    FROM {_known("products", "product_id, valid_from")}
    WINDOW versions AS (PARTITION BY product_id ORDER BY valid_from)
),
current_accounts AS (
    SELECT a.account_id, lines.valid_from, lines.valid_to
    FROM {_known("accounts", "account_id")} a JOIN lines USING (product_id)
    WHERE lines.line = '{ProductLine.CURRENT_ACCOUNT}'
),
limits AS (
    SELECT account_id, credit_limit, valid_from,
        lead(valid_from, 1, DATE '9999-12-31') OVER (PARTITION BY account_id ORDER BY valid_from) AS valid_to
    FROM {_known("account_terms", "account_id, valid_from")}
),
current_balances AS (
    SELECT b.account_id, b.date AS day,
        coalesce(b.available < 0, b.booked + l.credit_limit < 0, FALSE) AS beyond
    FROM {_known("balances", "account_id, date")} b
    JOIN current_accounts c ON c.account_id = b.account_id AND b.date >= c.valid_from AND b.date < c.valid_to
    LEFT JOIN limits l ON l.account_id = b.account_id AND b.date >= l.valid_from AND b.date < l.valid_to
    WHERE b.date >= CAST($first AS DATE)
)"""
_STANDING = f"""
WITH {_OBLIGORS}, {_ROWS.replace("$first", "$3")},
accounts_now AS (
    SELECT account_id, arg_max(days_past_due = 0 AND NOT eased AND NOT lost, day) AS fine FROM months
    WHERE day < CAST($2 AS DATE) GROUP BY account_id
    UNION ALL
    SELECT account_id, arg_max(NOT beyond, day) FROM current_balances WHERE day < CAST($2 AS DATE) GROUP BY account_id
)
SELECT o.customer, bool_and(a.fine) AS up_to_date
FROM obligors o JOIN accounts_now a USING (account_id)
WHERE o.valid_from <= CAST($2 AS DATE) AND o.valid_to > CAST($2 AS DATE)
GROUP BY o.customer ORDER BY o.customer
"""
_AFTER = f"WITH {_OBLIGORS}, {_ROWS.replace('$first', '$2')}"
_MONTHS = f"""{_AFTER}
SELECT o.customer, CAST(m.day - {_EPOCH} AS BIGINT) AS day, m.days_past_due, m.eased, m.lost
FROM months m JOIN obligors o ON o.account_id = m.account_id AND m.day >= o.valid_from AND m.day < o.valid_to
WHERE m.days_past_due > 0 OR m.eased OR m.lost ORDER BY o.customer, m.account_id, m.day
"""
_BALANCES = f"""{_AFTER},
ever AS (
    SELECT account_id, row_number() OVER (ORDER BY account_id) AS account
    FROM (SELECT DISTINCT account_id FROM current_balances WHERE beyond)
)
SELECT DISTINCT o.customer, ever.account, CAST(b.day - {_EPOCH} AS BIGINT) AS day, b.beyond
FROM current_balances b JOIN ever USING (account_id)
JOIN obligors o ON o.account_id = b.account_id AND b.day >= o.valid_from AND b.day < o.valid_to
ORDER BY o.customer, ever.account, day
"""
# What closed before the window was complete, or was lost on its last day, is told of for good. What closed later was on
# the book all through the window: months of it that lack are not told.
_TOLD = f"""{_AFTER},
told AS (
    SELECT account_id, min(day) AS first, max(day) AS last, arg_max(lost, day) AS gone FROM (
        SELECT account_id, day, bool_or(lost) AS lost FROM (
            SELECT account_id, day, lost FROM months UNION ALL SELECT account_id, day, FALSE FROM current_balances
        ) GROUP BY account_id, day
    ) GROUP BY account_id
),
closed AS (SELECT account_id, closed_on FROM {_known("accounts", "account_id")} WHERE closed_on IS NOT NULL)
SELECT p.position, min(CAST(CASE WHEN t.gone OR c.closed_on < p.complete THEN DATE '9999-12-31' ELSE t.last END
    - {_EPOCH} AS BIGINT)) AS told_to
FROM $positions p
JOIN obligors o ON o.customer = p.customer AND p.day >= o.valid_from AND p.day < o.valid_to
JOIN told t ON t.account_id = o.account_id AND t.first < p.day AND t.last >= p.day - INTERVAL {FRESH_DAYS} DAY
LEFT JOIN closed c ON c.account_id = o.account_id
GROUP BY p.position ORDER BY p.position
"""
