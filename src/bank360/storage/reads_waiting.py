"""Applications that the bank received and has not decided, as known before an instant. SQL only."""

from typing import Any

from bank360.bank.vocabulary import Outcome
from bank360.storage.as_submitted import sql_instant, standing
from bank360.storage.warehouse import Warehouse

# Of the first applicant, who must be a customer already: of anybody else nothing is published to decide from.
_WAITING = f"""
SELECT a.application_id, a.product_id, a.requested_amount, a.term_months, a.purpose, a.channel,
       p.customer_id, p.declared_income, p.housing_cost, p.outgoings, p.employment, p.employed_months
FROM {standing("applications", "application_id")} a
JOIN {standing("application_parties", "application_id, seq")} p ON p.application_id = a.application_id AND p.seq = 1
WHERE a.outcome = '{Outcome.PENDING}' AND p.customer_id IS NOT NULL AND a.term_months IS NOT NULL
      AND a.requested_amount > 0
ORDER BY a.submitted_at, a.application_id
"""


def waiting_applications(warehouse: Warehouse, as_of: int) -> list[dict[str, Any]]:
    """Return the undecided applications of customers for an amount over a term, the earliest first.

    A row has the request (amount in minor units, term in months) and what its first applicant declared, by the names of
    the canonical columns; ``customer_id`` is as the source names them.

    Parameters
    ----------
    as_of
        Microseconds UTC: what was known before counts.
    """
    at = sql_instant(as_of)
    found: list[dict[str, Any]] = warehouse.query(_WAITING, [at, at]).to_pylist()
    return found
