"""What became of the applications of a spine, as known before a cut-off: accounts, their month ends, fraud cases.

Labels are taken from these; no spine reads them (`spines.py`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.vocabulary import CloseReason, CreditStatus, FraudKind, FraudOutcome
from bank360.labels.application_default import Repayment
from bank360.labels.application_fraud import Cases
from bank360.storage.as_submitted import sql_instant, standing
from bank360.storage.columns import bools, currencies, ints
from bank360.storage.spines import ApplicationSpine
from bank360.storage.warehouse import Warehouse

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Booked:
    """What became of the applications of a spine, in its order; days are local, 0 where ``booked`` is False."""

    booked: Bools
    opened_on: Ints
    closed_on: Ints
    closed_bad: Bools
    repayment: Repayment


def application_outcomes(warehouse: Warehouse, spine: ApplicationSpine, until: int) -> Booked:
    """Return the accounts that the spine's applications became, and their month ends, as known before ``until``."""
    with warehouse.registered(_positions(spine)) as positions:
        accounts = warehouse.query(_ACCOUNTS.replace("$positions", positions), [sql_instant(until)] * 2)
        months = warehouse.query(_MONTHS.replace("$positions", positions), [sql_instant(until)] * 4)
    n = len(spine.application_id)
    at = ints(accounts, "position")
    booked, bad = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    opened, closed = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    booked[at], opened[at] = True, ints(accounts, "opened_on")
    closed[at], bad[at] = ints(accounts, "closed_on"), bools(accounts, "closed_bad")
    repayment = Repayment(
        ints(months, "position"),
        ints(months, "month_end"),
        ints(months, "days_past_due"),
        ints(months, "arrears"),
        ints(months, "balance"),
        bools(months, "charged_off"),
        bools(months, "forbearance"),
        *currencies(months),
    )
    return Booked(booked, opened, closed, bad, repayment)


def application_cases(warehouse: Warehouse, spine: ApplicationSpine, until: int) -> Cases:
    """Return the fraud cases about the spine's applications as known before ``until``; first-payment alerts are not."""
    with warehouse.registered(_positions(spine)) as positions:
        rows = warehouse.query(_CASES.replace("$positions", positions), [sql_instant(until)] * 2)
    return Cases(
        ints(rows, "position"),
        ints(rows, "opened_at"),
        ints(rows, "closed_at"),
        bools(rows, "closed"),
        bools(rows, "confirmed"),
    )


def charged_off(alias: str) -> str:
    """Return SQL for: a row of credit months shows the account written off, or in the bank's own default status."""
    statuses = ", ".join(f"'{status}'" for status in (CreditStatus.CHARGED_OFF, CreditStatus.DEFAULT))
    return f"({alias}.written_off > 0 OR {alias}.status IN ({statuses}))"


def written_off(alias: str) -> str:
    """Return SQL for: a row of credit months shows the account charged off as a loss."""
    return f"({alias}.written_off > 0 OR {alias}.status = '{CreditStatus.CHARGED_OFF}')"


def losses(months: str) -> str:
    """Return SQL for the accounts whose latest month end shows a loss: ``account_id`` and ``lost_on``, the first such.

    Parameters
    ----------
    months
        ``credit_months t``, what it is joined with, and which of its rows count.
    """
    return (
        f"SELECT t.account_id, min(t.month_end) FILTER ({written_off('t')}) AS lost_on FROM {months}"
        f" GROUP BY t.account_id HAVING arg_max({written_off('t')}, t.month_end)"
    )


def _positions(spine: ApplicationSpine) -> pa.Table:
    ids = pa.array(spine.application_id.tolist(), pa.string())
    return pa.table({"application_id": ids, "position": pa.array(np.arange(len(ids)))})


_EPOCH = "DATE '1970-01-01'"

_ACCOUNTS = f"""
SELECT p.position, CAST(a.opened_on - {_EPOCH} AS BIGINT) AS opened_on,
    CAST(coalesce(a.closed_on - {_EPOCH}, 0) AS BIGINT) AS closed_on,
    coalesce(a.close_reason = '{CloseReason.CHARGED_OFF}' AND a.closed_on IS NOT NULL, FALSE) AS closed_bad
FROM $positions p
JOIN {standing("applications", "application_id")} r ON r.application_id = p.application_id
JOIN {standing("accounts", "account_id")} a ON a.account_id = r.account_id
ORDER BY p.position
"""

_MONTHS = f"""
SELECT p.position, CAST(m.month_end - {_EPOCH} AS BIGINT) AS month_end, m.days_past_due, m.arrears, m.balance,
    {charged_off("m")} AS charged_off, m.forbearance, a.currency
FROM $positions p
JOIN {standing("applications", "application_id")} r ON r.application_id = p.application_id
JOIN {standing("credit_months", "account_id, month_end")} m ON m.account_id = r.account_id
JOIN {standing("accounts", "account_id")} a ON a.account_id = r.account_id
WHERE m.known_time < CAST(? AS TIMESTAMP)
ORDER BY p.position, m.month_end
"""

_CASES = f"""
SELECT p.position, epoch_us(c.opened_at) AS opened_at, coalesce(epoch_us(c.closed_at), 0) AS closed_at,
    c.closed_at IS NOT NULL AS closed, coalesce(c.outcome = '{FraudOutcome.CONFIRMED}', FALSE) AS confirmed
FROM $positions p
JOIN {standing("fraud_cases", "case_id")} c ON c.subject = p.application_id
WHERE c.kind = '{FraudKind.APPLICATION}' AND c.opened_at < CAST(? AS TIMESTAMP)
ORDER BY p.position, c.case_id
"""
