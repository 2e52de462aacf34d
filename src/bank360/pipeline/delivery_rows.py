"""The rows of one delivery: its files read through their source, counted, and held to the contract of their table.

Called by `ingest` inside the transaction of a load; what it raises names the file as it was received, column and line.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from bank360.bank.errors import DataRefused
from bank360.bank.finding import Finding
from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.quality.contract import contract_columns, first_violation
from bank360.sources.source import Source, SourceFile
from bank360.storage.files import OpenFile
from bank360.storage.landing import Delivery, LandedFile


class DeliveryRows:
    """Reads a delivery's files through its source, counting rows and collecting findings on the way."""

    def __init__(self, source: Source, delivery: Delivery, opened: list[OpenFile]) -> None:
        self._source = source
        self._files = list(zip(delivery.files, opened, strict=True))
        self._noticed: dict[tuple[str, str | None, str], Finding] = {}
        self.rows_read = [0] * len(opened)

    def canonical(self, part: SourceFile) -> Iterator[tuple[Table, pa.RecordBatch, LandedFile]]:
        """Yield rows of one part's files that satisfy their table's contract, with the file that they came from."""
        for position, (landed, file) in enumerate(self._files):
            if landed.part != part.name:
                continue
            convert = self._source.convert[landed.part]
            for batch, row in file.batches():
                try:
                    converted = convert(batch, row)
                    for name, rows in converted.rows.items():
                        if name not in part.fills:
                            raise ValueError(f"'{part.name}' does not declare that it fills '{name}'")
                        if len(rows):
                            yield TABLE_BY_NAME[name], _held(TABLE_BY_NAME[name], rows, file), landed
                except DataRefused as refused:
                    raise self.located(refused, file) from refused
                self.rows_read[position] += len(batch)
                for finding in converted.findings:
                    self._notice(finding)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was noticed: by the sources, counted over all batches, and by file."""
        found = [*self._noticed.values()]
        told: set[str] = set()
        for (landed, file), rows in zip(self._files, self.rows_read, strict=True):
            if landed.name not in told:  # a file that fills several tables has one line on what none of them reads
                told.add(landed.name)
                parts = [one for other, one in self._files if other.name == landed.name]
                found += file.findings(frozenset(column.name for one in parts for column in one.wanted))
            if rows == 0:
                message = f"file '{file.name}' has columns and no rows"
                found.append(Finding(file.part.fills[0], None, "no_rows", Severity.WARNING, 1, None, message))
        return tuple(found)

    def located(self, refused: DataRefused, file: OpenFile | None = None) -> DataRefused:
        """Return a refusal with the row as a line of the file, and the file's own name."""
        if file is None:
            file = next((file for _, file in self._files if file.name == refused.file), None)
        if file is None:
            return refused
        line = None if refused.row is None else file.line(refused.row)
        return DataRefused(file.name, refused.problem, refused.remedy, refused.column, line)

    def _notice(self, finding: Finding) -> None:
        identity = (finding.table, finding.column, finding.rule)
        before = self._noticed.get(identity)
        rows = finding.rows + (before.rows if before else 0)
        first = before or finding
        self._noticed[identity] = Finding(
            first.table, first.column, first.rule, first.severity, rows, first.example, first.message
        )


def _held(table: Table, rows: pa.RecordBatch, file: OpenFile) -> pa.RecordBatch:
    """Return the rows if they satisfy the contract; else refuse, naming file, column and row."""
    rows = _with_dictionaries(table, rows)
    violation = first_violation(table, rows)
    if violation is not None:
        row = rows.column("source_line")[violation.index].as_py()
        raise DataRefused(file.name, violation.problem, violation.remedy, violation.column, row)
    return rows


def _with_dictionaries(table: Table, rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return the contract's columns and ``source_line``, coded texts as dictionaries: cheaper to check and to store."""
    arrays: list[Any] = []
    names = []
    for column in contract_columns(table):
        position = rows.schema.get_field_index(column.name)
        if position < 0:
            raise ValueError(f"converted rows of '{table.name}' lack the column '{column.name}'")
        values: Any = rows.column(position)
        if column.codes is not None and pa.types.is_string(values.type):
            values = values.dictionary_encode()
        arrays.append(values)
        names.append(column.name)
    return pa.RecordBatch.from_arrays([*arrays, rows.column("source_line")], names=[*names, "source_line"])
