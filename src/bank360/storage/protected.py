"""What is on record of applicants' protected attributes: for the fairness report alone; nothing that decides reads it.

An attribute recorded nowhere is unknown. Where a person's records differ, that of the first key that says one stands.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.vocabulary import MaritalStatus, Sex
from bank360.storage.as_submitted import sql_instant, standing
from bank360.storage.columns import ints, objects
from bank360.storage.crosswalk import PEOPLE
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse

Objects = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]
NO_DAY = np.iinfo(np.int64).min  # of a birth that is not known


def protected_of(warehouse: Warehouse, application_ids: Objects, until: int) -> tuple[Objects, Objects, Ints]:
    """Return sex, marital status and day of birth (days since 1970, `NO_DAY`: not known) of first applicants.

    Whoever became a customer after applying is known by what is on record since.

    Parameters
    ----------
    application_ids
        The rows wanted, in this order.
    until
        Instant, microseconds UTC: what was known before it.
    """
    prepare(warehouse)
    places = pa.table({"application_id": list(application_ids), "position": range(len(application_ids))})
    with warehouse.registered(places) as wanted:
        rows = warehouse.query(_APPLICANTS.replace("$wanted", wanted), [sql_instant(until)] * 2)
    return objects(rows, "sex"), objects(rows, "marital_status"), ints(rows, "born")


def _first(column: str, unknown: str) -> str:
    said = f"m.{column} IS NOT NULL AND m.{column} <> '{unknown}'"
    return f"coalesce(arg_min(m.{column}, people.source_key) FILTER ({said}), '{unknown}') AS {column}"


_APPLICANTS = f"""
WITH {PEOPLE},
attributes AS (
    SELECT people.customer_id, {_first("sex", Sex.UNKNOWN)}, {_first("marital_status", MaritalStatus.UNKNOWN)},
        arg_min(m.birth_date, people.source_key) FILTER (m.birth_date IS NOT NULL) AS birth_date
    FROM {standing("customers", "customer_id")} m JOIN people ON people.source_key = m.customer_id
    GROUP BY people.customer_id
)
SELECT coalesce(a.sex, '{Sex.UNKNOWN}') AS sex, coalesce(a.marital_status, '{MaritalStatus.UNKNOWN}') AS marital_status,
    coalesce(date_diff('day', DATE '1970-01-01', a.birth_date), {NO_DAY}) AS born
FROM $wanted w
LEFT JOIN {standing("application_parties", "application_id, seq")} party
    ON party.application_id = w.application_id AND party.seq = 1
LEFT JOIN people ON people.source_key = party.customer_id
LEFT JOIN attributes a ON a.customer_id = people.customer_id
ORDER BY w.position
"""
