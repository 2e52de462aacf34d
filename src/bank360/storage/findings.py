"""Quality findings as the warehouse keeps them: of each load, and of the last check and the last build.

Invariant: a load's findings are committed with its rows and stay; those of a check or a build are replaced by the next
one's. Neighbour: `ledger.py` makes the table.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

import pyarrow as pa

from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity
from bank360.storage.ledger import FINDINGS, naive_utc
from bank360.storage.warehouse import Warehouse

BUILD = "build"  # in place of a load's id; a check has none


def record_findings(
    warehouse: Warehouse, findings: Iterable[Finding], found_at: datetime, batch_id: str | None = None
) -> None:
    """Add findings of a load, or put those of a check (no ``batch_id``) or a build in place of those of the one before.

    Parameters
    ----------
    batch_id
        The load; None for a check, `BUILD` for a build.
    """
    rows = pa.Table.from_pylist(
        [
            {
                "batch_id": batch_id,
                "found_at": naive_utc(found_at),
                "table_name": finding.table,
                "column_name": finding.column,
                "rule": finding.rule,
                "severity": finding.severity.value,
                "row_count": finding.rows,
                "example": finding.example,
                "message": finding.message,
            }
            for finding in findings
        ],
        schema=FINDINGS,
    )
    if batch_id in (None, BUILD):
        warehouse.execute("DELETE FROM quality_findings WHERE batch_id IS NOT DISTINCT FROM ?", [batch_id])
    warehouse.append("quality_findings", rows)


def stored_findings(warehouse: Warehouse, of_loads: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Return every finding that the warehouse holds, worst first, then by table and rule.

    Parameters
    ----------
    of_loads
        Rules: only what loads found by these.
    """
    warehouse.require("quality_findings", "ingest")
    rules = sorted(of_loads or ())
    where = "" if of_loads is None else f"WHERE batch_id IS NOT NULL AND rule IN ({', '.join('?' * len(rules))}) "
    rows = warehouse.query(
        f"SELECT * FROM quality_findings {where}ORDER BY"
        " CASE severity WHEN 'error' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, table_name, rule, column_name, message",
        rules,
    ).to_pylist()
    return tuple(
        Finding(
            row["table_name"],
            row["column_name"],
            row["rule"],
            Severity(row["severity"]),
            row["row_count"],
            row["example"],
            row["message"],
        )
        for row in rows
    )
