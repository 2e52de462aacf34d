"""Checks that only a whole load can answer: a key twice, references to rows that do not exist."""

from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused
from bank360.bank.fault import EXAMPLES, Fault
from bank360.bank.finding import Finding
from bank360.bank.personal_numbers import masked_key
from bank360.bank.table import Column, Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.storage.landing import Delivery, LandedFile
from bank360.storage.provenance import HASH_DIGITS
from bank360.storage.warehouse import Warehouse, quoted


def keys_twice(
    warehouse: Warehouse, table: Table, stage: str, delivery: Delivery, versioned: bool
) -> tuple[Fault, ...]:
    """Return by file the rows of a load whose key stands in an earlier row.

    For a versioned source a key is one with its known time. Distinct hashes prove distinct keys, and cost a tenth of
    grouping by the keys; only where two hashes agree are the keys themselves compared.
    """
    columns = (*table.key, "known_time") if versioned else table.key
    keys = ", ".join(quoted(column) for column in columns)
    rows, hashes = warehouse.row(f"SELECT count(*), count(DISTINCT hash({keys})) FROM {quoted(stage)}")
    if rows == hashes:
        return ()
    order = _file_order(delivery)
    again = warehouse.query(
        f"SELECT source_file_hash, count(*) AS rows, min(source_line, {EXAMPLES}) AS first"
        f" FROM (SELECT source_file_hash, source_line, {order} AS nth,"
        f" row_number() OVER (PARTITION BY {keys} ORDER BY {order}, source_line) AS occurrence"
        f" FROM {quoted(stage)}) WHERE occurrence > 1 GROUP BY nth, source_file_hash ORDER BY nth"
    ).to_pylist()
    return tuple(
        Fault(
            _file(delivery, found["source_file_hash"]).name,
            table.key[0],
            f"the key ({', '.join(table.key)}) of table '{table.name}' stands twice in one load",
            "Remove one of the two rows; a correction of a row belongs in a later delivery.",
            tuple(found["first"]),
            found["rows"],
        )
        for found in again
    )


def dangling_references(
    warehouse: Warehouse, table: Table, delivery: Delivery, filled: frozenset[str]
) -> tuple[Finding, ...]:
    """Return findings about references of this load's rows to rows that do not exist.

    Parameters
    ----------
    table
        Canonical table, already merged.
    filled
        Tables that the source fills. A reference into a table that it does not fill and that is empty cannot be
        checked: a finding says so, whatever the table's contract, but for a table that stands alone.

    Raises
    ------
    DataRefused
        If the table's contract refuses dangling references and there are some; it tells all of them.
    """
    findings: list[Finding] = []
    faults: list[Fault] = []
    for column in table.columns:
        if column.references is not None:
            try:
                findings += _dangling(warehouse, table, column, column.references, delivery, filled)
            except DataRefused as refused:
                faults += refused.faults
    if faults:
        raise DataRefused.of(faults)
    return tuple(findings)


def _dangling(
    warehouse: Warehouse, table: Table, column: Column, references: str, delivery: Delivery, filled: frozenset[str]
) -> list[Finding]:
    target, target_column = references.split(".")
    name, mine = quoted(column.name), quoted(table.name)
    # The distinct values first: 15 million lines name some ten thousand accounts.
    missing = (
        f"SELECT DISTINCT {name} AS value FROM {mine} WHERE batch_id = ? AND {name} IS NOT NULL"
        f" EXCEPT SELECT {quoted(target_column)} FROM {quoted(target)}"
    )
    count = warehouse.number(f"SELECT count(*) FROM ({missing})", [delivery.batch_id])
    if count == 0:
        return []
    supplied = target in filled or warehouse.number(f"SELECT count(*) FROM (SELECT 1 FROM {quoted(target)} LIMIT 1)")
    if not supplied and table.alone:
        return []
    if not supplied:
        message = f"{counted(count, 'value')} of table '{target}', which no source has filled: not checked"
        return [Finding(table.name, column.name, "reference_not_checked", Severity.WARNING, count, None, message)]
    rows = warehouse.query(
        f"SELECT source_file_hash, source_line, {name} AS value, count(*) OVER () AS rows,"
        f" {_file_order(delivery)} AS nth FROM {mine}"
        f" WHERE batch_id = ? AND {name} IN (SELECT value FROM ({missing})) ORDER BY nth, source_line LIMIT 1",
        [delivery.batch_id, delivery.batch_id],
    ).to_pylist()[0]
    value = masked_key(rows["value"])  # the row is named, and has it whole
    problem = f"'{value}' is not in table '{target}' ({counted(count, 'value')} in {counted(rows['rows'], 'row')})"
    file = _file(delivery, rows["source_file_hash"])
    if table.on_dangling == "refuse":
        remedy = f"Deliver the missing rows of '{target}' in the same load or before it."
        raise DataRefused(file.name, problem, remedy, column.name, rows["source_line"])
    message = f"file '{file.name}': {problem}; first in row {rows['source_line']}"
    return [Finding(table.name, column.name, "dangling_reference", Severity.WARNING, rows["rows"], value, message)]


def referring_columns(target: str) -> tuple[tuple[Table, Column], ...]:
    """Return the columns of all tables that refer to ``target``."""
    return tuple(
        (table, column)
        for table in TABLE_BY_NAME.values()
        for column in table.columns
        if column.references is not None and column.references.split(".")[0] == target
    )


def _file_order(delivery: Delivery) -> str:
    """Return SQL for the position of a row's file in the delivery; hashes are hexadecimal digits of our own making."""
    cases = " ".join(f"WHEN '{file.sha256[:HASH_DIGITS]}' THEN {n}" for n, file in enumerate(delivery.files))
    return f"CASE source_file_hash {cases} END"


def _file(delivery: Delivery, short_hash: str) -> LandedFile:
    return next(file for file in delivery.files if file.sha256.startswith(short_hash))
