"""Applications as submitted: what models of applications are trained on and score.

A spine's columns hold only what was known at the moment of the row: an application's own rows by `as_submitted.py`,
the bureau's report and everything about others as known before submission. Nothing known at or after the reading is
read at all. What became of them is in `outcomes.py`, the customers of a night in `customer_spine.py`.

Everything comes back as arrays, sorted by id, so that the same warehouse gives the same bytes. The arithmetic of
identifiers is in `features/shared_identifiers.py`; the spine's names are those of `models/application_columns.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import local_days, local_hours
from bank360.bank.vocabulary import EventPrecision, TokenKind
from bank360.features.applicants import Applicants
from bank360.features.shared_identifiers import NEVER, Tokens, known_contacts, others_sharing
from bank360.models.application_columns import without_age
from bank360.storage.as_submitted import OWN_UNTIL, REPORTS, REQUESTS, first, in_time, sql_instant
from bank360.storage.columns import bools, column, customers, ints, objects
from bank360.storage.crosswalk import PEOPLE
from bank360.storage.ledger import prepare
from bank360.storage.product_lines import LINES
from bank360.storage.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Columns = Mapping[str, npt.NDArray[Any]]

KINDS = (TokenKind.DEVICE, TokenKind.ADDRESS, TokenKind.PHONE, TokenKind.EMAIL)
_FORM_FACTS = ("email_age_days", "form_seconds", "ip_distance_km")


@dataclass(frozen=True, eq=False)
class ApplicationSpine:
    """Applications, sorted by id.

    Parameters
    ----------
    application_id
        Their ids.
    customer
        Dense index of the first applicant, int32; -1 for somebody who was no customer yet.
    submitted_at
        Microseconds UTC: each row's as_of.
    columns
        Spine columns by name: float64 with NaN, or text (object) with None.
    """

    application_id: npt.NDArray[np.object_]
    customer: npt.NDArray[np.int32]
    submitted_at: Ints
    columns: Columns


def application_spine(warehouse: Warehouse, until: int, zone: str) -> ApplicationSpine:
    """Return all applications known before ``until``, with what was known when each was submitted.

    Parameters
    ----------
    until
        Instant, microseconds UTC.
    zone
        The bank's zone, for the local day and hour.
    """
    prepare(warehouse)
    rows = warehouse.query(_APPLICATIONS, [sql_instant(until)] * 3)
    submitted = ints(rows, "submitted_at")
    keys = ("application_id", "product_id", "own_until")
    technical = {*keys, "customer", "submitted_at", "outgoings", "by_date"}
    columns: dict[str, npt.NDArray[Any]] = {
        name: column(rows, name) for name in rows.column_names if name not in technical
    }
    columns["employment"] = without_age(columns["employment"])
    columns["commitments"] = columns["housing_cost"] + column(rows, "outgoings")
    # The moment that stands for a day is no hour at which anybody applied.
    hours = local_hours(submitted, zone).astype(np.float64)
    columns["submitted_hour"] = np.where(ints(rows, "by_date") == 1, np.nan, hours)
    days = pa.array(np.asarray(local_days(submitted, zone)), pa.int32()).cast(pa.date32())
    places = rows.select(keys).append_column("position", pa.array(range(len(submitted))))
    places = places.append_column("at", pa.array(submitted).cast(pa.timestamp("us"))).append_column("day", days)
    with warehouse.registered(places) as positions:
        lines = warehouse.query(LINES.replace("$positions", positions), [sql_instant(until)])
        tokens = warehouse.query(_TOKENS.replace("$positions", positions), [sql_instant(until)])
        parties = warehouse.query(_APPLICANTS.replace("$positions", positions), [sql_instant(until)])
    columns["product_line"] = objects(lines, "line")
    numbers = [ints(parties, name) for name in ("position", "customer", "known")]
    applicants = Applicants(numbers[0], numbers[1], numbers[2], bools(parties, "own"))
    columns |= _identifiers(submitted, applicants, tokens)
    return ApplicationSpine(objects(rows, "application_id"), customers(rows), submitted, columns)


def _identifiers(at: Ints, applicants: Applicants, rows: pa.Table) -> Columns:
    """Return what identifiers tell, missing where the application came without any, or is a stranger's.

    Of several applicants all count: what a partner shares with an earlier application of their own is not shared.
    """
    own, used, held = (
        Tokens(*(ints(part, name) for name in (subject, "identifier", "kind", "known", "superseded")))
        for subject, which in (("position", "own"), ("position", "of_application"), ("customer", "of_customer"))
        for part in (rows.filter(rows[which]),)
    )
    shared = others_sharing(at, applicants, own, used, len(KINDS)).astype(np.float64)
    contacts = known_contacts(at, applicants, own, held).astype(np.float64)
    without, of_strangers = np.ones((2, len(at)), dtype=np.bool_)
    without[own.subject] = False
    of_strangers[applicants.application[applicants.own]] = False
    shared[without] = np.nan
    contacts[without | of_strangers] = np.nan
    return {f"shared_{kind}": shared[:, k] for k, kind in enumerate(KINDS)} | {"contact_matches": contacts}


_KIND = "CASE t.kind " + " ".join(f"WHEN '{kind}' THEN {k}" for k, kind in enumerate(KINDS)) + " END"
_TOKENS = f"""
WITH {PEOPLE}
SELECT p.position, people.customer, {_KIND} AS kind, dense_rank() OVER (ORDER BY t.kind, t.token) - 1 AS identifier,
    p.position IS NOT NULL AS of_application, people.customer IS NOT NULL AS of_customer,
    coalesce(t.known_time <= p.own_until, FALSE) AS own, epoch_us(t.known_time) AS known,
    coalesce(epoch_us(t.superseded_time), {NEVER}) AS superseded
FROM identifier_tokens t
LEFT JOIN $positions p ON p.application_id = t.subject
LEFT JOIN people ON people.source_key = t.subject
WHERE t.known_time < CAST(? AS TIMESTAMP) AND t.kind IN ({", ".join(f"'{kind}'" for kind in KINDS)})
    AND (p.position IS NOT NULL OR people.customer IS NOT NULL)
"""
_APPLICANTS = f"""
WITH {PEOPLE}
SELECT p.position, people.customer, epoch_us(a.known_time) AS known, a.known_time <= p.own_until AS own
FROM {first("application_parties", "application_id, seq")} a
JOIN $positions p ON p.application_id = a.application_id
JOIN people ON people.source_key = a.customer_id
"""
_APPLICATIONS = f"""
WITH {PEOPLE},
requests AS {REQUESTS},
party AS (
    SELECT p.*, people.customer FROM {first("application_parties", "application_id, seq")} p
    JOIN requests r ON {in_time("p")}
    LEFT JOIN people ON people.source_key = p.customer_id WHERE p.seq = 1
),
facts AS (
    SELECT f.application_id, {", ".join(f"max(CASE WHEN fact = '{f}' THEN number END) AS {f}" for f in _FORM_FACTS)}
    FROM {first("application_facts", "application_id, fact")} f
    JOIN requests r ON {in_time("f")} GROUP BY f.application_id
)
SELECT r.application_id, r.product_id, coalesce(party.customer, -1) AS customer,
    epoch_us(r.submitted_at) AS submitted_at, {OWN_UNTIL} AS own_until,
    CAST(r.event_precision = '{EventPrecision.DAY}' AS BIGINT) AS by_date,
    r.channel, r.purpose, party.employment, r.requested_amount, r.term_months,
    party.declared_income, party.housing_cost, party.outgoings,
    party.employed_months, b.score AS bureau_score, b.searches_6m, b.external_debt, b.worst_status,
    {", ".join(f"facts.{f}" for f in _FORM_FACTS)}
FROM requests r
LEFT JOIN party ON party.application_id = r.application_id
LEFT JOIN {REPORTS} b ON b.application_id = r.application_id
LEFT JOIN facts ON facts.application_id = r.application_id
ORDER BY r.application_id
"""
