"""The step that looks at the data that was accepted, and stores what it finds in ``quality_findings``."""

from datetime import datetime

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.finding import Finding
from bank360.bank.tables import TABLES
from bank360.bank.vocabulary import Severity
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.unlisted_codes import RULE as UNLISTED_CODES
from bank360.quality.impossible import impossible_findings
from bank360.quality.reconciliation import difference_findings, loads_reconciled
from bank360.quality.rules import control_totals, table_findings
from bank360.storage import reads_quality
from bank360.storage.findings import record_findings, stored_findings
from bank360.storage.reads_impossible import impossible_rows
from bank360.storage.reconciliation import reconciled, store_reconciliation
from bank360.storage.warehouse import Warehouse

# What is found of a column that says nothing: no news of one that nobody takes from a file.
_OF_SILENT_COLUMNS = frozenset({"empty_column", "constant_column"})
# What loads found and no look at the rows shows any more; told again where it is worth a warning.
_OF_LOADS = (UNLISTED_CODES, "corrected_rows", "two_sources")


def check(
    warehouse: Warehouse,
    zone: str,
    checked_at: datetime,
    progress: Progress = silent,
    told: frozenset[tuple[str, str]] | None = None,
) -> tuple[Finding, ...]:
    """Return findings about every table, load and balance, and put them in place of those of the check before.

    With them those of loads that no look at the rows shows any more: codes that became *unknown*, keys that were used
    again for what has happened, or by two sources.

    Parameters
    ----------
    warehouse
        Open for writing.
    zone
        The bank's time zone: a balance is of the end of a local day.
    checked_at
        The instant that counts as now (aware).
    told
        Table and column of each that the sources take from their files; only of these it is found that they say
        nothing. None: of all.
    """
    profiles = {}
    for number, table in enumerate(TABLES):
        progress(f"check {table.name}", number, len(TABLES))
        profiles[table.name] = reads_quality.table_profile(warehouse, table)
    progress("check balances against movements", 0, 0)
    accounts, loads = reconciled(warehouse, zone), reads_quality.control_totals(warehouse)
    differences = [finding for one in accounts for finding in difference_findings(one)]
    today = to_date(int(local_days([instant(checked_at)], zone)[0]))
    impossible = impossible_findings(impossible_rows(warehouse, checked_at, today))
    found = (*control_totals(loads), *differences, *impossible, *table_findings(profiles))
    if told is not None:
        found = tuple(one for one in found if one.rule not in _OF_SILENT_COLUMNS or (one.table, one.column) in told)
    with warehouse.transaction():
        record_findings(warehouse, found, checked_at)
        store_reconciliation(warehouse, (loads_reconciled(loads), *accounts))
    progress("check", len(TABLES), len(TABLES))
    of_loads = stored_findings(warehouse, _OF_LOADS)
    return (*found, *(one for one in of_loads if one.rule == UNLISTED_CODES or one.severity is not Severity.INFO))
