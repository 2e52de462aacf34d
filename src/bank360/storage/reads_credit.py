"""What credit a customer holds with us, as known before an instant: for eligibility and affordability. SQL only."""

from dataclasses import dataclass
from datetime import date, datetime

from bank360.bank.vocabulary import CloseReason, PartyRole
from bank360.storage.ledger import naive_utc
from bank360.storage.outcomes import charged_off, written_off
from bank360.storage.warehouse import Warehouse

OBLIGED = ", ".join(f"'{role}'" for role in (PartyRole.OWNER, PartyRole.JOINT_HOLDER, PartyRole.GUARANTOR))
_STANDS = "known_time < ?2 AND (superseded_time IS NULL OR superseded_time >= ?2)"
# Debt counts in full for each obligor. The latest month end of each open account; a closed one has been settled, unless
# it was closed as a loss: its last month says so, or its closing, and who was a party of it until then lost it too.
_LOST = f"(a.lost_on IS NOT NULL OR coalesce({written_off('l')}, FALSE))"
_IN_DEFAULT = f"coalesce({charged_off('l')} OR (open AND l.days_past_due > 90), FALSE)"
_STANDING = f"""
WITH mine AS (
    SELECT source_key, customer_id FROM source_keys
    WHERE valid_to IS NULL AND (CAST(?1 AS VARCHAR) IS NULL OR customer_id = ?1)
),
known AS (
    SELECT account_id, currency, closed_on IS NULL OR closed_on > ?3 AS open,
        CASE WHEN close_reason = '{CloseReason.CHARGED_OFF}' AND closed_on <= ?3 THEN closed_on END AS lost_on
    FROM accounts WHERE {_STANDS}
),
held AS (
    SELECT DISTINCT mine.customer_id, account_id FROM account_parties h JOIN mine ON mine.source_key = h.customer_id
    LEFT JOIN known USING (account_id)
    WHERE {_STANDS} AND h.valid_from <= ?3 AND h.role IN ({OBLIGED})
        AND (h.valid_to IS NULL OR h.valid_to > ?3 OR h.valid_to >= known.lost_on)
),
latest AS (
    SELECT m.*, row_number() OVER (PARTITION BY account_id ORDER BY month_end DESC) AS place,
        min(month_end) FILTER ({written_off("m")}) OVER (PARTITION BY account_id) AS lost_on
    FROM credit_months m SEMI JOIN held USING (account_id) WHERE {_STANDS} AND month_end <= ?3
)
SELECT held.customer_id,
    CAST(coalesce(sum(l.amount_due) FILTER (open AND a.currency = ?4), 0) AS BIGINT) AS due,
    count(l.account_id) FILTER (open AND a.currency <> ?4) AS foreign_accounts,
    max(l.days_past_due) FILTER (open) AS days_past_due,
    coalesce(bool_or({_IN_DEFAULT} OR {_LOST}), FALSE) AS in_default,
    CAST(coalesce(sum(greatest(l.balance, 0)) FILTER (open AND a.currency = ?4), 0) AS BIGINT) AS exposure,
    CASE WHEN NOT coalesce(bool_or({_IN_DEFAULT} AND NOT {_LOST}), FALSE)
        THEN max(coalesce(a.lost_on, l.lost_on)) FILTER ({_LOST}) END AS charged_off_on
FROM held JOIN known a USING (account_id) LEFT JOIN latest l ON l.account_id = held.account_id AND l.place = 1
WHERE l.account_id IS NOT NULL OR a.lost_on IS NOT NULL
GROUP BY held.customer_id
"""


@dataclass(frozen=True)
class CreditStanding:
    """Credit held with us at its latest month end.

    Parameters
    ----------
    due
        Due a month on open credit in the currency asked for, minor units.
    foreign_accounts
        Open credit accounts in another currency, which ``due`` leaves out.
    days_past_due
        Most of any open account; None without one.
    in_default
        Whether an open one is over 90 days past due, or one was written off, closed as a loss, or is in the bank's
        default status.
    exposure
        Owed on open credit in the currency asked for, in full for each obligor, minor units.
    charged_off_on
        Where ``in_default`` is of nothing but credit charged off as a loss: the local day of the last one, of its
        closing or else of the first month end that shows it. None while any other credit is in default.
    """

    due: int
    foreign_accounts: int
    days_past_due: int | None
    in_default: bool
    exposure: int = 0
    charged_off_on: date | None = None


NO_CREDIT = CreditStanding(0, 0, None, False)


def credit_standing(
    warehouse: Warehouse, customer_id: str, as_of: datetime, day: date, currency: str
) -> CreditStanding:
    """Return the credit that a customer owes with us, alone or with others.

    Parameters
    ----------
    customer_id
        The stable id.
    as_of
        The instant (aware): what came to be known later is not seen.
    day
        Its local day: what begins later is not seen.
    """
    return _standings(warehouse, customer_id, as_of, day, currency).get(customer_id, NO_CREDIT)


def credit_standings(warehouse: Warehouse, as_of: datetime, day: date, currency: str) -> dict[str, CreditStanding]:
    """Return the same of every customer who has or had credit with us, by stable id; others are `NO_CREDIT`."""
    return _standings(warehouse, None, as_of, day, currency)


def _standings(
    warehouse: Warehouse, customer_id: str | None, as_of: datetime, day: date, currency: str
) -> dict[str, CreditStanding]:
    at = naive_utc(as_of).isoformat(sep=" ")
    sql = _STANDING.replace("?2", "CAST(?2 AS TIMESTAMP)").replace("?3", "CAST(?3 AS DATE)")
    rows = warehouse.query(sql, [customer_id, at, day.isoformat(), currency]).to_pylist()
    return {row.pop("customer_id"): CreditStanding(**row) for row in rows}
