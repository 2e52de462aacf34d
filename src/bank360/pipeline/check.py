"""The step that looks at the data that was accepted, and stores what it finds in ``quality_findings``."""

from datetime import datetime

from bank360.bank.finding import Finding
from bank360.bank.tables import TABLES
from bank360.pipeline.progress import Progress, silent
from bank360.quality.rules import control_totals, table_findings
from bank360.storage import reads_quality
from bank360.storage.ledger import record_findings
from bank360.storage.warehouse import Warehouse


def check(warehouse: Warehouse, checked_at: datetime, progress: Progress = silent) -> tuple[Finding, ...]:
    """Return findings about every table and load, and put them in place of those of the check before.

    Parameters
    ----------
    warehouse
        Open for writing.
    checked_at
        The instant that counts as now (aware).
    """
    profiles = {}
    for number, table in enumerate(TABLES):
        progress(f"check {table.name}", number, len(TABLES))
        profiles[table.name] = reads_quality.table_profile(warehouse, table)
    found = (*control_totals(reads_quality.control_totals(warehouse)), *table_findings(profiles))
    with warehouse.transaction():
        record_findings(warehouse, found, checked_at)
    progress("check", len(TABLES), len(TABLES))
    return found
