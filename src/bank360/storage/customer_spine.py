"""The customers whom a night scores: adults who are customers then, with what they declared last.

Their latest application is read as it was submitted (`as_submitted.py`), everything else as known before the night.

Whose birth date nobody knows counts as an adult: a bank that delivers none must still be scorable, and a person without
a score would be a risk that nobody sees. They are counted (``unknown_age``), and `quality.rules` finds them where
others have a birth date. A decision on credit is stricter: its gate of eligibility sends an unknown age to review.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.bank.vocabulary import PartyType
from bank360.models.application_columns import without_age
from bank360.storage.as_submitted import REPORTS, REQUESTS, first, in_time, sql_instant, standing
from bank360.storage.columns import column, customers, objects
from bank360.storage.crosswalk import PEOPLE
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True, eq=False)
class CustomerSpine:
    """Adult customers on a night, sorted by customer.

    Parameters
    ----------
    customer_id, customer
        Stable id and dense index.
    columns
        Spine columns of a request: what a customer declared in their latest application, missing where there is none;
        and whether (``has_applied``) and when (``applied_at``, microseconds UTC) that was.
    unknown_age
        Who counts as an adult because nobody knows their birth date.
    """

    customer_id: npt.NDArray[np.object_]
    customer: npt.NDArray[np.int32]
    columns: Mapping[str, npt.NDArray[Any]]
    unknown_age: npt.NDArray[np.bool_]


def customer_spine(warehouse: Warehouse, as_of: int, day: str) -> CustomerSpine:
    """Return every adult person who is a customer at ``as_of``, with what they declared last.

    Parameters
    ----------
    as_of
        Instant, microseconds UTC.
    day
        Its local day, ISO 8601: who is 18 by then, or of unknown age, is adult; who left or died by then is none.
    """
    prepare(warehouse)
    rows = warehouse.query(_CUSTOMERS, [sql_instant(as_of)] * 4 + [day] * 4)
    names = [name for name in rows.column_names if name not in ("customer_id", "customer", "outgoings", "unknown_age")]
    columns = {name: column(rows, name) for name in names}
    columns["employment"] = without_age(columns["employment"])
    columns["commitments"] = columns["housing_cost"] + column(rows, "outgoings")
    unknown_age = column(rows, "unknown_age") == 1
    return CustomerSpine(objects(rows, "customer_id"), customers(rows), columns, unknown_age)


def adult_customers(warehouse: Warehouse, as_of: int, day: str) -> npt.NDArray[np.int32]:
    """Return the dense indices of the same people, ascending; parameters as of `customer_spine`."""
    prepare(warehouse)
    return customers(warehouse.query(_ADULTS, [sql_instant(as_of)] + [day] * 3))


# Whoever has several records has left with the last of them. A person's record as it stood, then who of them was an
# adult and a customer on a day: one parameter, the instant; then the day, three times.
_MASTERS = f"""
masters AS (
    SELECT people.customer_id, people.customer, max(m.birth_date) AS birth_date, count(m.birth_date) = 0 AS unknown_age,
        max(m.left_on) AS left_on,
        count(*) AS records, count(m.left_on) AS records_left, max(m.deceased_on) AS deceased_on
    FROM {standing("customers", "customer_id")} m JOIN people ON people.source_key = m.customer_id
    WHERE m.type = '{PartyType.PERSON}' GROUP BY ALL
)"""
_ADULT_CUSTOMER = """(m.deceased_on IS NULL OR m.deceased_on > CAST(? AS DATE))
    AND (m.records_left < m.records OR m.left_on > CAST(? AS DATE))
    AND (m.birth_date IS NULL OR m.birth_date <= CAST(? AS DATE) - INTERVAL 18 YEAR)"""
_ADULTS = f"WITH {PEOPLE}, {_MASTERS} SELECT m.customer FROM masters m WHERE {_ADULT_CUSTOMER} ORDER BY m.customer"
# What somebody declared is taken from their latest application; older than two years it is not.
_CUSTOMERS = f"""
WITH {PEOPLE}, {_MASTERS},
requests AS (
    SELECT r.*, people.customer, party.employment, party.employed_months, party.declared_income, party.housing_cost,
        party.outgoings
    FROM {REQUESTS} r JOIN {first("application_parties", "application_id, seq")} party ON {in_time("party")}
    JOIN people ON people.source_key = party.customer_id
    WHERE r.submitted_at < CAST(? AS TIMESTAMP) AND party.seq = 1
),
latest AS (
    SELECT * FROM (
        SELECT *, row_number() OVER (PARTITION BY customer ORDER BY submitted_at DESC, application_id) AS place
        FROM requests WHERE submitted_at >= CAST(? AS DATE) - INTERVAL 730 DAY
    ) WHERE place = 1
)
SELECT m.customer_id, m.customer, l.employment, l.employed_months, l.declared_income, l.housing_cost, l.outgoings,
    b.score AS bureau_score, b.searches_6m, b.external_debt, b.worst_status,
    CASE WHEN l.application_id IS NOT NULL THEN 1 ELSE 0 END AS has_applied,
    CASE WHEN b.report_id IS NOT NULL THEN 1 ELSE 0 END AS has_report, epoch_us(l.submitted_at) AS applied_at,
    CASE WHEN m.unknown_age THEN 1 ELSE 0 END AS unknown_age
FROM masters m LEFT JOIN latest l ON l.customer = m.customer
LEFT JOIN {REPORTS} b ON b.application_id = l.application_id
WHERE {_ADULT_CUSTOMER}
ORDER BY m.customer
"""
