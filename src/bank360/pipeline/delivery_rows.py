"""The rows of one delivery: its files read through their source, counted, and held to the contract of their table.

Called by `ingest` inside the transaction of a load. From the first fault on no row is handed out any more, and reading
goes on, a batch at a time, so that one refusal names every fault: the file as it was received, column and lines.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from bank360.bank.errors import DataRefused
from bank360.bank.fault import Fault, Faults
from bank360.bank.finding import Finding
from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.pipeline.unlisted_codes import UnlistedCodes
from bank360.quality.contract import Violation, contract_columns, violations
from bank360.sources.source import Source, SourceFile
from bank360.storage.files import OpenFile
from bank360.storage.landing import LandedFile


class DeliveryRows:
    """Reads a delivery's files through its source, counting rows and collecting findings on the way."""

    def __init__(
        self, source: Source, files: Sequence[LandedFile], opened: Sequence[OpenFile], unfit: Iterable[Fault] = ()
    ) -> None:
        self._source = source
        self._files = list(zip(files, opened, strict=True))
        self._faults = [Faults() for _ in opened]  # by row as the reader counts
        self._unread = list(dict.fromkeys(unfit))  # of files that are not there, or cannot be read on
        self._unlisted = UnlistedCodes()
        self._noticed: dict[tuple[str, str | None, str], Finding] = {}
        self.rows_read = [0] * len(opened)

    def canonical(self, part: SourceFile) -> Iterator[tuple[Table, pa.RecordBatch, LandedFile]]:
        """Yield rows of one part's files that satisfy their table's contract, with the file that they came from.

        What may not be accepted is gathered for `faults`; after the first of it nothing is yielded.
        """
        for position, (landed, file) in enumerate(self._files):
            if landed.part == part.name:
                for table, rows in self._rows(part, position, file):
                    yield table, rows, landed

    @property
    def faulty(self) -> bool:
        """Whether anything was found wrong so far."""
        return bool(self._unread) or any(self._faults)

    def _rows(self, part: SourceFile, position: int, file: OpenFile) -> Iterator[tuple[Table, pa.RecordBatch]]:
        convert = self._source.convert[part.name]
        batches = file.batches()
        while True:
            try:
                batch, row = next(batches)
            except StopIteration:
                return
            except DataRefused as refused:  # the file itself cannot be read on; its rows are lines already
                self._unread += refused.faults
                return
            try:
                converted = convert(batch, row)
            except DataRefused as refused:
                self._faults[position].add(replace(fault, file=file.name) for fault in refused.faults)
                continue
            for name, rows in converted.rows.items():
                if name not in part.fills:
                    raise ValueError(f"'{part.name}' does not declare that it fills '{name}'")
                table = TABLE_BY_NAME[name]
                held = _with_dictionaries(table, rows)
                if not file.lacking:  # a column that is not there was told as that
                    self._faults[position].add(_fault(file, rows, violation) for violation in violations(table, held))
                if len(rows) and not self.faulty:
                    yield table, held
            self.rows_read[position] += len(batch)
            for finding in converted.findings:
                self._notice(finding)
            for one in converted.unlisted:
                self._unlisted.add(position, one)

    def findings(self) -> tuple[Finding, ...]:
        """Return what was noticed: by the sources, counted over all batches, and by file."""
        found = [*self._noticed.values(), *self._unlisted.findings([file for _, file in self._files])]
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

    def faults(self, of_keys: Iterable[Fault] = ()) -> tuple[Fault, ...]:
        """Return all that was found wrong, by file and column, then by row; rows are lines of their file.

        Parameters
        ----------
        of_keys
            Faults that only the whole delivery shows, with rows as the readers count them.
        """
        found: dict[tuple[object, ...], Fault] = {}
        for faults in self._faults:
            for fault in faults.found():  # a file that fills two tables has its faults once
                found.setdefault((fault.file, fault.column, fault.what, fault.remedy, fault.line), fault)
        files = list(dict.fromkeys(file.name for _, file in self._files))
        columns = {file.name: {name: place for place, name in enumerate(file.columns)} for _, file in self._files}

        def place(fault: Fault) -> tuple[int, int, tuple[int, ...]]:
            known = columns.get(fault.file, {})
            column = -1 if fault.column is None else known.get(fault.column, len(known))
            return files.index(fault.file) if fault.file in files else -1, column, fault.rows

        return tuple(sorted((*self._unread, *self._placed((*found.values(), *of_keys))), key=place))

    def located(self, refused: DataRefused) -> DataRefused:
        """Return a refusal of rows as the readers count them with the lines of their files."""
        return DataRefused.of(self._placed(refused.faults))

    def _placed(self, faults: Iterable[Fault]) -> list[Fault]:
        opened = {file.name: file for _, file in self._files}
        faults = list(faults)
        wanted: dict[str, set[int]] = {}
        for fault in faults:
            wanted.setdefault(fault.file, set()).update(fault.rows)
        lines = {name: opened[name].lines(rows) for name, rows in wanted.items() if name in opened and rows}
        return [
            replace(fault, rows=tuple(lines[fault.file][row] for row in fault.rows)) if fault.file in lines else fault
            for fault in faults
        ]

    def _notice(self, finding: Finding) -> None:
        identity = (finding.table, finding.column, finding.rule)
        before = self._noticed.get(identity)
        rows = finding.rows + (before.rows if before else 0)
        first = before or finding
        self._noticed[identity] = Finding(
            first.table, first.column, first.rule, first.severity, rows, first.example, first.message
        )


def _fault(file: OpenFile, rows: pa.RecordBatch, found: Violation) -> Fault:
    """Return a violation of the contract as a fault of the file whose rows these are."""
    lines = rows.column("source_line")
    places = tuple(lines[index].as_py() for index in found.indices)
    column = file.part.spelled.get(found.column, found.column)
    return Fault(file.name, column, found.what, found.remedy, places, found.count, found.values)


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
