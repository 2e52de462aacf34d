"""The step that lets data in: delivery -> landing zone -> canonical rows -> contract -> warehouse. All or nothing.

::

    delivered files ──copy, hash──> landing zone ──read, parse──> raw batches ──source.convert──> canonical rows
        ──quality.contract──> staged ──key twice? dangling?──> merged, with its ledger rows, in one commit

A refused delivery leaves the warehouse as it was and counts nowhere; the reason is kept in the landing zone. A run
that is killed anywhere leaves either nothing or a manifest in the landing zone that the ledger does not know:
`complete_pending` finishes it. The same bytes a second time are recognised by their hash and change nothing,
though a changed mapping would read them otherwise: that is for `rebuild`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from bank360.bank.errors import Bank360Error, DataRefused, NotReady
from bank360.bank.finding import Finding
from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.pipeline.progress import Progress, silent
from bank360.quality.contract import contract_columns, first_violation
from bank360.sources.source import Source, SourceFile
from bank360.storage.ahead import ahead
from bank360.storage.files import OpenFile, delivered_files, files_read_as, open_file
from bank360.storage.landing import Delivery, LandedFile, Landing, sha256_of
from bank360.storage.ledger import TableLoad, loaded_files, loaded_readings, prepare
from bank360.storage.load import Load, LoadResult
from bank360.storage.readings import Reading, reading_id
from bank360.storage.warehouse import Warehouse

# Rows of one table gathered from a part that fills several, before they are written together.
_ROWS_TOGETHER = 500_000

SourceOf = Callable[[Delivery], Source]


@dataclass(frozen=True)
class IngestReport:
    """What an ingest did.

    Parameters
    ----------
    batch_id
        The load; None where every delivered file was known already.
    tables
        Rows delivered, accepted, corrected and unchanged, by table, in loading order.
    files, known_files
        Names of the files loaded, and of those whose bytes had been loaded before.
    findings
        What was noticed about accepted rows.
    """

    batch_id: str | None
    tables: tuple[TableLoad, ...]
    files: tuple[str, ...]
    known_files: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def rows(self) -> int:
        """Rows accepted, over all tables."""
        return sum(load.accepted for load in self.tables)


@dataclass(frozen=True)
class Refusal:
    """A pending delivery that was refused when it was taken up again."""

    delivery: Delivery
    reason: DataRefused


def ingest(
    source: Source,
    delivery_dir: Path,
    landing: Path,
    warehouse: Warehouse,
    received_at: datetime,
    progress: Progress = silent,
    settings: Mapping[str, Any] | None = None,
) -> IngestReport:
    """Load what is new in a folder of delivered files.

    Parameters
    ----------
    source
        Declares the files and converts their rows.
    delivery_dir
        Folder with the files; they are only read.
    landing
        The landing zone's folder.
    warehouse
        Open for writing.
    received_at
        The instant that counts as now (aware); dates corrections that carry no new known time.
    settings
        JSON values to keep with the delivery, from which the caller can make the source again.

    Raises
    ------
    DataRefused
        If anything about the delivery may not be accepted. Nothing was written.
    NotReady
        If an earlier delivery is unfinished: call `complete_pending` first, so that loads keep their order.
    """
    prepare(warehouse)
    zone = Landing(landing)
    if pending(zone, warehouse):
        raise NotReady("An earlier delivery is received and not loaded yet. Run 'bank360 ingest' to finish it first.")
    delivered = delivered_files(source, delivery_dir)
    new: list[tuple[str, str, Path]] = []
    known: list[tuple[str, str, Path]] = []
    seen = loaded_files(warehouse, source.name) | _left_to_rebuild(zone, warehouse, source, settings or {})
    for part, name, path in delivered:
        progress("read what is new", 0, 0)
        identity = (part, sha256_of(path))
        (known if identity in seen else new).append((part, name, path))
        seen |= {identity}
    if not new:
        return IngestReport(None, (), (), tuple(name for _, name, _ in known), ())
    for part, name, path in new:  # the cheap refusals first: before anything is copied
        open_file(path, name, _part(source, part))
    delivery = zone.receive(source.name, new, received_at, settings)
    return _load_or_refuse(zone, delivery, source, warehouse, progress, tuple(name for _, name, _ in known))


def _left_to_rebuild(
    zone: Landing, warehouse: Warehouse, source: Source, settings: Mapping[str, Any]
) -> frozenset[tuple[str, str]]:
    """Return ``(part, SHA-256)`` of what the source would read of its loaded files that were read otherwise.

    A corrected mapping may give a file another part. Loaded again its rows would be corrections known from today;
    whether they are read again, as known from when they came, is decided by `rebuild`.
    """
    read_by, now = loaded_readings(warehouse), reading_id(settings)
    return frozenset(
        (part, file.sha256)
        for delivery in zone.deliveries()
        if delivery.source == source.name and read_by.get(delivery.batch_id, now) != now
        for file in delivery.files
        for part, _ in files_read_as(source, (file.name,))
    )


def pending(zone: Landing, warehouse: Warehouse) -> tuple[Delivery, ...]:
    """Return the deliveries that the landing zone has and the ledger lacks, in order of receipt."""
    prepare(warehouse)
    loaded = loaded_readings(warehouse)
    for delivery in zone.deliveries():
        if delivery.batch_id in loaded:
            zone.accept(delivery)  # a run may have been killed between the commit and its note
    return not_loaded(zone, warehouse)


def not_loaded(zone: Landing, warehouse: Warehouse) -> tuple[Delivery, ...]:
    """Return as `pending`, without a note of what is loaded: for those who only look.

    A delivery none of whose files its mapping reads any more is not waited for.
    """
    loaded = loaded_readings(warehouse)
    return tuple(one for one in zone.deliveries() if one.files and one.batch_id not in loaded)


def complete_pending(
    landing: Path,
    warehouse: Warehouse,
    source_of: SourceOf,
    progress: Progress = silent,
    planned: Mapping[int, Reading] | None = None,
) -> tuple[IngestReport | Refusal, ...]:
    """Load every delivery that a killed run left behind (in a new warehouse: every delivery there ever was).

    Parameters
    ----------
    source_of
        Returns the source of a delivery, by its name and settings.
    planned
        Readings, by delivery, that count instead of the recorded ones.

    Returns
    -------
    tuple
        What became of each, in order of receipt.

    Raises
    ------
    Bank360Error
        If a delivery that an earlier warehouse held is refused now (a mapping was changed), or a copy is damaged.
    """
    zone = Landing(landing, planned or {})
    done: list[IngestReport | Refusal] = []
    for delivery in pending(zone, warehouse):
        for file in delivery.files:
            zone.verify(file)
        try:
            done.append(_load_or_refuse(zone, delivery, source_of(delivery), warehouse, progress, ()))
        except DataRefused as refused:
            if zone.was_accepted(delivery):
                reread = delivery.number in zone.planned
                remedy = (
                    "Correct its mapping, or keep what was loaded as it was read: 'bank360 rebuild --as-loaded'."
                    if reread
                    else "Undo the change of the source."
                )
                raise Bank360Error(
                    f"Delivery {delivery.number} of source '{delivery.source}' was accepted before and is refused"
                    f"{' by the mapping as it is' if reread else ''} now: {refused} It stays in the landing zone."
                    f" {remedy}"
                ) from refused
            done.append(Refusal(delivery, refused))
    return tuple(done)


def _load_or_refuse(
    zone: Landing,
    delivery: Delivery,
    source: Source,
    warehouse: Warehouse,
    progress: Progress,
    known: tuple[str, ...],
) -> IngestReport:
    try:
        result = _load(zone, delivery, source, warehouse, progress)
    except DataRefused as refused:
        if not zone.was_accepted(delivery):
            zone.refuse(delivery, str(refused))
        raise
    zone.accept(delivery)
    files = tuple(file.name for file in delivery.files)
    return IngestReport(delivery.batch_id, result.tables, files, known, result.findings)


def _load(zone: Landing, delivery: Delivery, source: Source, warehouse: Warehouse, progress: Progress) -> LoadResult:
    source = _looked_up(zone, delivery, source)
    opened = [open_file(zone.path_of(file), file.name, _part(source, file.part)) for file in delivery.files]
    reading = _Reading(source, delivery, opened)
    rows = [file.rows() for file in opened]
    total = float(sum(rows)) if all(rows) else 0.0  # of a text file it is not known before it was read
    filled = frozenset(table for part in source.files for table in part.fills)
    with warehouse.transaction():
        load = Load(warehouse, delivery, filled, source.versioned)
        for part in source.files:
            for table, batches in _by_table(part, ahead(reading.canonical(part))):
                load.add(table, _told(batches, progress, f"load {table.name}", reading.rows_read, total))
        progress("check and merge the load", 0, 0)
        try:
            result = load.finish(reading.rows_read, reading.findings())
        except DataRefused as refused:
            raise reading.located(refused) from refused
    warehouse.checkpoint()
    return result


def _looked_up(zone: Landing, delivery: Delivery, source: Source) -> Source:
    """Return the source with what other parts' rows need looked up in this delivery, or in the last that had it."""
    if source.lookup is None:
        return source
    part = source.lookup.file
    known = [one for one in zone.deliveries() if one.source == delivery.source and one.number <= delivery.number]
    holding = [[file for file in one.files if file.part == part.name] for one in known]
    files = next((found for found in reversed(holding) if found), [])
    batches = (batch for file in files for batch, _ in open_file(zone.path_of(file), file.name, part).batches())
    return replace(source, convert={**source.convert, **source.lookup.converts(batches)})


Rows = tuple[pa.RecordBatch, LandedFile]


def _by_table(
    part: SourceFile, batches: Iterator[tuple[Table, pa.RecordBatch, LandedFile]]
) -> Iterator[tuple[Table, Iterable[Rows]]]:
    """Yield runs of batches of one table: the whole part at once where it fills one table, else some at a time."""
    if len(part.fills) == 1:
        yield TABLE_BY_NAME[part.fills[0]], ((rows, file) for _, rows, file in batches)
        return
    waiting: dict[str, list[Rows]] = {}
    for table, rows, file in batches:
        of_table = waiting.setdefault(table.name, [])
        of_table.append((rows, file))
        if sum(len(batch) for batch, _ in of_table) >= _ROWS_TOGETHER:
            yield table, waiting.pop(table.name)
    for name, of_table in waiting.items():
        yield TABLE_BY_NAME[name], of_table


def _told(
    batches: Iterable[Rows], progress: Progress, what: str, rows_read: Sequence[int], total: float
) -> Iterator[Rows]:
    for rows, file in batches:
        progress(what, float(sum(rows_read)), total)
        yield rows, file


class _Reading:
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


def _part(source: Source, name: str) -> SourceFile:
    return next(part for part in source.files if part.name == name)
