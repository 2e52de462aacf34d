"""What models are trained on and score: applications as submitted, what became of them, and customers on a night.

A spine's columns hold only what was known at the moment of the row. An application's own rows (request, parties, form,
tokens) are read in their **first** version: a later correction is not what was submitted. They may arrive after it,
parties and form at the latest with the decision (`_in_time`); nothing known at or after the reading is read at all.
Everything about others, and the bureau's report, counts as it was known before submission. Outcomes are read as known
before a stated cut-off. Source keys are resolved as the crosswalk stands (``docs/decisions/0015``).

Everything comes back as arrays, sorted by key, so that the same warehouse gives the same bytes. The arithmetic of
identifiers is in `features/shared_identifiers.py`; the spine's names are those of `models/application_columns.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import local_days, local_hours, to_datetime
from bank360.bank.vocabulary import CloseReason, CreditStatus, FraudKind, FraudOutcome, PartyType, TokenKind
from bank360.features.shared_identifiers import NEVER, STRANGER, Submitted, Tokens, known_contacts, others_sharing
from bank360.labels.application_default import Repayment
from bank360.labels.application_fraud import Cases
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Columns = Mapping[str, npt.NDArray[Any]]

# How long what belongs to an application without decision may take to arrive.
UNDECIDED_DAYS = 30

_KINDS = (TokenKind.DEVICE, TokenKind.ADDRESS, TokenKind.PHONE, TokenKind.EMAIL)
_FORM_FACTS = ("email_age_days", "form_seconds", "ip_distance_km")
_TEXT = frozenset({"product_line", "channel", "purpose", "employment"})


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


@dataclass(frozen=True, eq=False)
class Booked:
    """What became of the applications of a spine, in its order; days are local, 0 where ``booked`` is False."""

    booked: Bools
    opened_on: Ints
    closed_on: Ints
    closed_bad: Bools
    repayment: Repayment


@dataclass(frozen=True, eq=False)
class CustomerSpine:
    """Adult customers on a night, sorted by customer.

    Parameters
    ----------
    customer_id, customer
        Stable id and dense index.
    columns
        Spine columns of a request: what a customer declared in their latest application, missing where there is none.
    """

    customer_id: npt.NDArray[np.object_]
    customer: npt.NDArray[np.int32]
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
    rows = warehouse.query(_APPLICATIONS, [_text(until)] * 3)
    submitted = _ints(rows, "submitted_at")
    technical = ("application_id", "product_id", "customer", "customer_known", "submitted_at", "outgoings")
    columns: dict[str, npt.NDArray[Any]] = {
        name: _column(rows, name) for name in rows.column_names if name not in technical
    }
    columns["commitments"] = columns["housing_cost"] + _column(rows, "outgoings")
    columns["submitted_hour"] = local_hours(submitted, zone).astype(np.float64)
    made = Submitted(submitted, _customers(rows).astype(np.int64), _ints(rows, "customer_known"))
    days = pa.array(np.asarray(local_days(submitted, zone)), pa.int32()).cast(pa.date32())
    places = rows.select(["application_id", "product_id"]).append_column("position", pa.array(range(len(submitted))))
    places = places.append_column("at", pa.array(submitted).cast(pa.timestamp("us"))).append_column("day", days)
    with warehouse.registered(places) as positions:
        lines = warehouse.query(_LINES.replace("$positions", positions), [_text(until)])
        tokens = warehouse.query(_TOKENS.replace("$positions", positions), [_text(until)])
    columns["product_line"] = _objects(lines, "line")
    columns |= _identifiers(made, tokens)
    return ApplicationSpine(_objects(rows, "application_id"), _customers(rows), submitted, columns)


def _identifiers(made: Submitted, rows: pa.Table) -> Columns:
    """Return what identifiers tell, missing where the application came without any, or is a stranger's."""
    used, held = (
        Tokens(*(_ints(part, name) for name in (subject, "identifier", "kind", "known", "superseded")))
        for subject in ("position", "customer")
        for part in (rows.filter(pa.compute.is_valid(rows[subject])),)
    )
    shared = others_sharing(made, used, len(_KINDS)).astype(np.float64)
    contacts = known_contacts(made, used, held).astype(np.float64)
    without = np.ones(len(made.at), dtype=np.bool_)
    without[used.subject] = False
    shared[without] = np.nan
    contacts[without | (made.customer == STRANGER)] = np.nan
    return {f"shared_{kind}": shared[:, k] for k, kind in enumerate(_KINDS)} | {"contact_matches": contacts}


def application_outcomes(warehouse: Warehouse, spine: ApplicationSpine, until: int) -> Booked:
    """Return the accounts that the spine's applications became, and their month ends, as known before ``until``."""
    with warehouse.registered(_positions(spine)) as positions:
        accounts = warehouse.query(_ACCOUNTS.replace("$positions", positions), [_text(until)] * 2)
        months = warehouse.query(_MONTHS.replace("$positions", positions), [_text(until)] * 3)
    n = len(spine.application_id)
    at = _ints(accounts, "position")
    booked, bad = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    opened, closed = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    booked[at], opened[at] = True, _ints(accounts, "opened_on")
    closed[at], bad[at] = _ints(accounts, "closed_on"), _bools(accounts, "closed_bad")
    repayment = Repayment(
        _ints(months, "position"),
        _ints(months, "month_end"),
        _ints(months, "days_past_due"),
        _ints(months, "arrears"),
        _ints(months, "balance"),
        _bools(months, "charged_off"),
        _bools(months, "forbearance"),
    )
    return Booked(booked, opened, closed, bad, repayment)


def application_cases(warehouse: Warehouse, spine: ApplicationSpine, until: int) -> Cases:
    """Return the fraud cases about the spine's applications as known before ``until``; first-payment alerts are not."""
    with warehouse.registered(_positions(spine)) as positions:
        rows = warehouse.query(_CASES.replace("$positions", positions), [_text(until)] * 2)
    return Cases(
        _ints(rows, "position"),
        _ints(rows, "opened_at"),
        _ints(rows, "closed_at"),
        _bools(rows, "closed"),
        _bools(rows, "confirmed"),
    )


def customer_spine(warehouse: Warehouse, as_of: int, day: str) -> CustomerSpine:
    """Return every adult person who is a customer at ``as_of``, with what they declared last.

    Parameters
    ----------
    as_of
        Instant, microseconds UTC.
    day
        Its local day, ISO 8601: who is 18 by then is adult; who left or died by then is no customer.
    """
    prepare(warehouse)
    rows = warehouse.query(_CUSTOMERS, [_text(as_of)] * 4 + [day] * 4)
    names = [name for name in rows.column_names if name not in ("customer_id", "customer", "outgoings")]
    columns = {name: _column(rows, name) for name in names}
    columns["commitments"] = columns["housing_cost"] + _column(rows, "outgoings")
    return CustomerSpine(_objects(rows, "customer_id"), _customers(rows), columns)


def product_line(warehouse: Warehouse, product_id: str, as_of: int, day: str) -> str | None:
    """Return the line of a product on a local ``day`` as known at ``as_of``, None where the bank has no such product.

    Before its first day a product has its first line.
    """
    rows = warehouse.query(
        f"SELECT line FROM {_standing('products', 'product_id, valid_from')} WHERE product_id = ?"
        " ORDER BY valid_from > CAST(? AS DATE), CASE WHEN valid_from <= CAST(? AS DATE) THEN valid_from END DESC,"
        " valid_from LIMIT 1",
        [_text(as_of), product_id, day, day],
    )
    return None if rows.num_rows == 0 else str(rows["line"][0].as_py())


def charged_off(alias: str) -> str:
    """Return SQL for: a row of credit months shows the account written off, or in the bank's own default status."""
    statuses = ", ".join(f"'{status}'" for status in (CreditStatus.CHARGED_OFF, CreditStatus.DEFAULT))
    return f"({alias}.written_off > 0 OR {alias}.status IN ({statuses}))"


def _text(micros: int) -> str:
    return to_datetime(micros).replace(tzinfo=None).isoformat(sep=" ")


def _positions(spine: ApplicationSpine) -> pa.Table:
    ids = pa.array(spine.application_id.tolist(), pa.string())
    return pa.table({"application_id": ids, "position": pa.array(np.arange(len(ids)))})


def _ints(rows: pa.Table, name: str) -> Ints:
    return np.asarray(rows[name].cast(pa.int64()).to_numpy(), dtype=np.int64)


def _bools(rows: pa.Table, name: str) -> Bools:
    return np.asarray(rows[name].to_numpy(zero_copy_only=False), dtype=np.bool_)


def _customers(rows: pa.Table) -> npt.NDArray[np.int32]:
    return np.asarray(rows["customer"].to_numpy(zero_copy_only=False), dtype=np.int32)


def _objects(rows: pa.Table, name: str) -> npt.NDArray[np.object_]:
    answer = np.empty(rows.num_rows, dtype=np.object_)
    answer[:] = rows[name].to_pylist()
    return answer


def _column(rows: pa.Table, name: str) -> npt.NDArray[Any]:
    if name in _TEXT:
        return _objects(rows, name)
    return np.asarray(rows[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


# A standing source key belongs to one customer; `crosswalk.py` keeps it so.
_PEOPLE = (
    "SELECT k.source_key, i.customer_id, i.customer"
    " FROM source_keys k JOIN customer_index i USING (customer_id) WHERE k.valid_to IS NULL"
)


def _first(table: str, key: str, more: str = "") -> str:
    """Return SQL for the first version of each key of a table, if known before an instant, the one parameter."""
    return (
        f"(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY known_time) AS version{more}"
        f" FROM {table} WHERE known_time < CAST(? AS TIMESTAMP)) WHERE version = 1)"
    )


def _in_time(own: str) -> str:
    """Return SQL for: a row of the request ``r`` came before its decision was over, or no later than the request."""
    decided = f"coalesce(r.decided, r.submitted_at + INTERVAL {UNDECIDED_DAYS} DAY)"
    return f"{own}.application_id = r.application_id AND {own}.known_time <= greatest({decided}, r.known_time)"


def _standing(table: str, key: str) -> str:
    """Return SQL for the version of each key that stood just before an instant, the one parameter."""
    return (
        f"(SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY known_time DESC) AS version"
        f" FROM {table} WHERE known_time < CAST(? AS TIMESTAMP)) WHERE version = 1)"
    )


# A product is known by what the bank knew of it when it took the application; told of only later, by its first version.
_LINES = """
SELECT arg.position, p.line
FROM $positions arg
LEFT JOIN (
    SELECT a.position, p.line, row_number() OVER (
        PARTITION BY a.position
        ORDER BY p.valid_from <= a.day AND p.known_time < a.at DESC,
            CASE WHEN p.valid_from <= a.day AND p.known_time < a.at THEN p.valid_from END DESC,
            CASE WHEN p.valid_from <= a.day AND p.known_time < a.at THEN p.known_time END DESC,
            p.valid_from, p.known_time
    ) AS place
    FROM $positions a JOIN products p ON p.product_id = a.product_id AND p.known_time < CAST(? AS TIMESTAMP)
) p ON p.position = arg.position AND p.place = 1
ORDER BY arg.position
"""
_KIND = "CASE t.kind " + " ".join(f"WHEN '{kind}' THEN {k}" for k, kind in enumerate(_KINDS)) + " END"
_TOKENS = f"""
WITH people AS ({_PEOPLE})
SELECT p.position, people.customer, {_KIND} AS kind, dense_rank() OVER (ORDER BY t.kind, t.token) - 1 AS identifier,
    epoch_us(t.known_time) AS known, coalesce(epoch_us(t.superseded_time), {NEVER}) AS superseded
FROM identifier_tokens t
LEFT JOIN $positions p ON p.application_id = t.subject
LEFT JOIN people ON people.source_key = t.subject
WHERE t.known_time < CAST(? AS TIMESTAMP) AND t.kind IN ({", ".join(f"'{kind}'" for kind in _KINDS)})
    AND (p.position IS NOT NULL OR people.customer IS NOT NULL)
"""
# A report is pulled for the application before it is submitted; one known at the very instant is not yet known.
_REPORTS = (
    "(SELECT * FROM (SELECT a.application_id, b.*, row_number() OVER (PARTITION BY a.application_id"
    " ORDER BY b.pulled_at DESC, b.known_time DESC, b.report_id) AS place FROM requests a"
    " JOIN bureau_reports b ON b.subject = a.application_id AND b.known_time < a.submitted_at) WHERE place = 1)"
)
_DECIDED = ", min(decided_at) OVER (PARTITION BY application_id) AS decided"
_REQUESTS = _first("applications", "application_id", _DECIDED)

_APPLICATIONS = f"""
WITH people AS ({_PEOPLE}),
requests AS {_REQUESTS},
party AS (
    SELECT p.*, people.customer FROM {_first("application_parties", "application_id, seq")} p
    JOIN requests r ON {_in_time("p")}
    LEFT JOIN people ON people.source_key = p.customer_id WHERE p.seq = 1
),
facts AS (
    SELECT f.application_id, {", ".join(f"max(CASE WHEN fact = '{f}' THEN number END) AS {f}" for f in _FORM_FACTS)}
    FROM {_first("application_facts", "application_id, fact")} f
    JOIN requests r ON {_in_time("f")} GROUP BY f.application_id
)
SELECT r.application_id, r.product_id, coalesce(party.customer, -1) AS customer,
    coalesce(epoch_us(party.known_time), 0) AS customer_known, epoch_us(r.submitted_at) AS submitted_at,
    r.channel, r.purpose, party.employment, r.requested_amount, r.term_months,
    party.declared_income, party.housing_cost, party.outgoings,
    party.employed_months, b.score AS bureau_score, b.searches_6m, b.external_debt, b.worst_status,
    {", ".join(f"facts.{f}" for f in _FORM_FACTS)}
FROM requests r
LEFT JOIN party ON party.application_id = r.application_id
LEFT JOIN {_REPORTS} b ON b.application_id = r.application_id
LEFT JOIN facts ON facts.application_id = r.application_id
ORDER BY r.application_id
"""

_EPOCH = "DATE '1970-01-01'"

_ACCOUNTS = f"""
SELECT p.position, CAST(a.opened_on - {_EPOCH} AS BIGINT) AS opened_on,
    CAST(coalesce(a.closed_on - {_EPOCH}, 0) AS BIGINT) AS closed_on,
    coalesce(a.close_reason = '{CloseReason.CHARGED_OFF}' AND a.closed_on IS NOT NULL, FALSE) AS closed_bad
FROM $positions p
JOIN {_standing("applications", "application_id")} r ON r.application_id = p.application_id
JOIN {_standing("accounts", "account_id")} a ON a.account_id = r.account_id
ORDER BY p.position
"""

_MONTHS = f"""
SELECT p.position, CAST(m.month_end - {_EPOCH} AS BIGINT) AS month_end, m.days_past_due, m.arrears, m.balance,
    {charged_off("m")} AS charged_off, m.forbearance
FROM $positions p
JOIN {_standing("applications", "application_id")} r ON r.application_id = p.application_id
JOIN {_standing("credit_months", "account_id, month_end")} m ON m.account_id = r.account_id
WHERE m.known_time < CAST(? AS TIMESTAMP)
ORDER BY p.position, m.month_end
"""

_CASES = f"""
SELECT p.position, epoch_us(c.opened_at) AS opened_at, coalesce(epoch_us(c.closed_at), 0) AS closed_at,
    c.closed_at IS NOT NULL AS closed, coalesce(c.outcome = '{FraudOutcome.CONFIRMED}', FALSE) AS confirmed
FROM $positions p
JOIN {_standing("fraud_cases", "case_id")} c ON c.subject = p.application_id
WHERE c.kind = '{FraudKind.APPLICATION}' AND c.opened_at < CAST(? AS TIMESTAMP)
ORDER BY p.position, c.case_id
"""

# What somebody declared is taken from their latest application; older than two years it is not.
_CUSTOMERS = f"""
WITH people AS ({_PEOPLE}),
masters AS (
    SELECT people.customer_id, people.customer, max(m.birth_date) AS birth_date, min(m.left_on) AS left_on,
        count(*) AS records, count(m.left_on) AS records_left, max(m.deceased_on) AS deceased_on
    FROM {_standing("customers", "customer_id")} m JOIN people ON people.source_key = m.customer_id
    WHERE m.type = '{PartyType.PERSON}' GROUP BY ALL
),
requests AS (
    SELECT r.*, people.customer, party.employment, party.employed_months, party.declared_income, party.housing_cost,
        party.outgoings
    FROM {_REQUESTS} r JOIN {_first("application_parties", "application_id, seq")} party ON {_in_time("party")}
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
    CASE WHEN b.report_id IS NOT NULL THEN 1 ELSE 0 END AS has_report
FROM masters m LEFT JOIN latest l ON l.customer = m.customer
LEFT JOIN {_REPORTS} b ON b.application_id = l.application_id
WHERE (m.deceased_on IS NULL OR m.deceased_on > CAST(? AS DATE))
    AND (m.records_left < m.records OR m.left_on > CAST(? AS DATE))
    AND (m.birth_date IS NULL OR m.birth_date <= CAST(? AS DATE) - INTERVAL 18 YEAR)
ORDER BY m.customer
"""
