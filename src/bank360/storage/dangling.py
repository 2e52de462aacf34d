"""References of a load's rows to rows that do not exist.

Asked of the rows that a load has staged, or has merged; of a delivery that is refused for its cells, of the keys that
read all the same (`refused_keys`). Neighbours: `repeated_keys`, what else only a whole load shows; `told_rows`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused
from bank360.bank.fault import HIDDEN_VALUE, Fault
from bank360.bank.finding import Finding
from bank360.bank.personal_numbers import masked_key
from bank360.bank.table import Column, Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.storage.landing import Delivery
from bank360.storage.told_rows import LOOKED, Spelling, ToldRows, first_lines
from bank360.storage.warehouse import Param, Warehouse, quoted


@dataclass(frozen=True)
class _Reference:
    """A column of some rows that must lead to rows of another table.

    Parameters
    ----------
    rows, bound
        SQL of the rows that are asked, and its parameters.
    target
        The table to which the column refers.
    known
        SQL of the keys that it may hold.
    """

    table: Table
    column: Column
    rows: str
    bound: tuple[Param, ...]
    target: str
    known: str

    @property
    def nowhere(self) -> str:
        """SQL of the different values that lead nowhere; it takes ``bound``."""
        # The distinct values first: 15 million lines name some ten thousand accounts.
        name = quoted(self.column.name)
        return f"SELECT DISTINCT {name} AS value FROM {self.rows} WHERE {name} IS NOT NULL EXCEPT {self.known}"

    @property
    def asked(self) -> str:
        """SQL of what follows FROM: the rows whose value leads nowhere; it takes ``bound`` twice."""
        return f"FROM {self.rows} WHERE {quoted(self.column.name)} IN (SELECT value FROM ({self.nowhere}))"


def dangling_references(
    warehouse: Warehouse, table: Table, delivery: Delivery, filled: frozenset[str], spelling: Spelling
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
    told = ToldRows(delivery, spelling)
    findings: list[Finding] = []
    faults: list[Fault] = []
    for column in table.columns:
        target = column.target
        if target is None:
            continue
        rows = f"(SELECT * FROM {quoted(table.name)} WHERE batch_id = ?)"
        reference = _Reference(table, column, rows, (delivery.batch_id,), target[0], _keys_of(target))
        count = warehouse.number(f"SELECT count(*) FROM ({reference.nowhere})", reference.bound)
        supplied = _supplied(warehouse, target[0], filled)
        if count == 0 or (not supplied and table.alone):
            continue
        if not supplied:
            message = f"{counted(count, 'value')} of table '{target[0]}', which no source has filled: not checked"
            findings.append(
                Finding(table.name, column.name, "reference_not_checked", Severity.WARNING, count, None, message)
            )
        elif table.on_dangling == "refuse":
            faults += _faults(warehouse, reference, told)
        else:
            findings.append(_finding(warehouse, reference, told, count))
    if faults:
        raise DataRefused.of(faults)
    return tuple(findings)


def staged_dangling(
    warehouse: Warehouse,
    stages: Mapping[str, str],
    delivery: Delivery,
    filled: frozenset[str],
    spelling: Spelling,
    hidden: frozenset[str] = frozenset(),
) -> tuple[Fault, ...]:
    """Return the references of staged rows that lead nowhere and may not; nothing of the load is merged.

    Parameters
    ----------
    stages
        By table, where its rows are staged.
    filled
        Tables that the source fills.
    hidden
        Tables of which not all rows of the delivery could be read: nobody knows what leads there.
    """
    told = ToldRows(delivery, spelling)
    faults: list[Fault] = []
    for name, stage in stages.items():
        table = TABLE_BY_NAME[name]
        for column in table.columns if table.on_dangling == "refuse" else ():
            target = column.target
            if target is None or target[0] in hidden:
                continue
            if target[0] not in stages and not _supplied(warehouse, target[0], filled):
                continue
            known = _keys_of(target)
            if target[0] in stages:
                known = f"({known} UNION ALL SELECT {quoted(target[1])} FROM {quoted(stages[target[0]])})"
            faults += _faults(warehouse, _Reference(table, column, quoted(stage), (), target[0], known), told)
    return tuple(faults)


def referring_columns(target: str) -> tuple[tuple[Table, Column], ...]:
    """Return the columns of all tables that refer to ``target``."""
    return tuple(
        (table, column)
        for table in TABLE_BY_NAME.values()
        for column in table.columns
        if column.target is not None and column.target[0] == target
    )


def _keys_of(target: tuple[str, str]) -> str:
    return f"SELECT {quoted(target[1])} FROM {quoted(target[0])}"


def _supplied(warehouse: Warehouse, target: str, filled: frozenset[str]) -> bool:
    return target in filled or bool(warehouse.number(f"SELECT count(*) FROM (SELECT 1 FROM {quoted(target)} LIMIT 1)"))


def _faults(warehouse: Warehouse, reference: _Reference, told: ToldRows) -> list[Fault]:
    """Return by file the rows whose reference leads nowhere."""
    table, column, order = reference.table, reference.column, told.file_order
    found = warehouse.query(
        f"SELECT source_file_hash, count(DISTINCT source_line) AS rows,"
        f" arg_min(source_line, source_line, {LOOKED}) AS first,"
        f" arg_min({quoted(column.name)}, source_line, {LOOKED}) AS keys"
        f" {reference.asked} GROUP BY {order}, source_file_hash ORDER BY {order}",
        [*reference.bound, *reference.bound],
    ).to_pylist()
    faults = []
    for one in found:
        file = told.file(one["source_file_hash"], table)
        faults.append(
            Fault(
                file.name,
                told.spelled(file, table, column.name),
                f"is not in table '{reference.target}'",
                f"Deliver the missing rows of '{reference.target}' in the same load or before it.",
                first_lines(one["first"]),
                one["rows"],
                told.shown(table, [column], one["keys"]),
            )
        )
    return faults


def _finding(warehouse: Warehouse, reference: _Reference, told: ToldRows, count: int) -> Finding:
    """Return what is told of a reference of which ``count`` different values lead nowhere."""
    table, column = reference.table, reference.column
    first = warehouse.query(
        f"SELECT source_file_hash, source_line, {quoted(column.name)} AS value, count(*) OVER () AS rows,"
        f" {told.file_order} AS nth {reference.asked} ORDER BY nth, source_line LIMIT 1",
        [*reference.bound, *reference.bound],
    ).to_pylist()[0]
    if told.hidden(table, column):
        value, example = HIDDEN_VALUE, f"row {first['source_line']}"
    else:
        example = masked_key(first["value"])  # the row is named, and has it whole
        value = f"'{example}'"
    file = told.file(first["source_file_hash"], table)
    message = (
        f"file '{file.name}': {value} is not in table '{reference.target}' ({counted(count, 'value')} in"
        f" {counted(first['rows'], 'row')}); first in row {first['source_line']}"
    )
    return Finding(table.name, column.name, "dangling_reference", Severity.WARNING, first["rows"], example, message)
