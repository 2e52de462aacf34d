"""The step that lets data in: delivery -> landing zone -> canonical rows -> contract -> warehouse. All or nothing.

::

    delivered files ──copy, hash──> landing zone ──read, parse──> raw batches ──source.convert──> canonical rows
        ──quality.contract──> staged ──key twice? dangling?──> merged, with its ledger rows, in one commit

A refused delivery leaves the warehouse as it was and counts nowhere; the reason is kept in the landing zone. A run
that is killed anywhere leaves either nothing or a manifest in the landing zone that the ledger does not know
(`pending`): `complete_pending` finishes it. The same bytes a second time are recognised by their hash and change
nothing, though a changed mapping would read them otherwise: that is for `rebuild`.
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
from bank360.pipeline.delivery_rows import DeliveryRows
from bank360.pipeline.pending import pending
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.refused_delivery import refusal_of_unfit, whole_faults
from bank360.sources.source import Source, SourceFile
from bank360.storage.ahead import ahead
from bank360.storage.dangling import dangling_references
from bank360.storage.files import open_file, there_and_lacking
from bank360.storage.findings import record_findings
from bank360.storage.landing import Delivery, LandedFile, Landing, sha256_of
from bank360.storage.ledger import TableLoad, loaded_files, prepare
from bank360.storage.load import Load, LoadResult
from bank360.storage.readings import Reading
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
    left_to_rebuild: frozenset[tuple[str, str]] = frozenset(),
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
    left_to_rebuild
        ``(part, SHA-256)`` of received files that were read otherwise, of which `rebuild` decides whether they are read
        as that part (`readings.left_to_rebuild`): known already.

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
    delivered, lacking = there_and_lacking(source, delivery_dir)
    new: list[tuple[str, str, Path]] = []
    known: list[tuple[str, str, Path]] = []
    seen = loaded_files(warehouse, source.name) | left_to_rebuild
    hashes: list[str] = []
    for part, name, path in delivered:
        progress("read what is new", 0, 0)
        identity = (part, sha256_of(path))
        if identity not in seen:
            hashes.append(identity[1])
        (known if identity in seen else new).append((part, name, path))
        seen |= {identity}
    if not new and not lacking:
        return IngestReport(None, (), (), tuple(name for _, name, _ in known), ())
    files = tuple(LandedFile(part, name, sha, 0) for (part, name, _), sha in zip(new, hashes, strict=True))
    unreceived = Delivery(0, source.name, received_at, files, {}, "")
    with warehouse.transaction():
        unfit = refusal_of_unfit(source, unreceived, [path for _, _, path in new], lacking, warehouse, _filled(source))
        if unfit is not None:
            raise unfit
    delivery = zone.receive(source.name, new, received_at, settings, delivery_dir)
    return _load_or_refuse(zone, delivery, source, warehouse, progress, tuple(name for _, name, _ in known))[0]


def complete_pending(
    landing: Path,
    warehouse: Warehouse,
    source_of: SourceOf,
    progress: Progress = silent,
    planned: Mapping[int, tuple[Reading, ...]] | None = None,
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
    awaiting: list[tuple[Delivery, Callable[[], None]]] = []
    for delivery in pending(zone, warehouse):
        for file in delivery.files:
            zone.verify(file)
        try:
            report, check = _load_or_refuse(zone, delivery, source_of(delivery), warehouse, progress, ())
            done.append(report)
            awaiting.append((delivery, check))
        except DataRefused as refused:
            if zone.was_accepted(delivery):
                raise _refused_now(zone, delivery, refused) from refused
            done.append(Refusal(delivery, refused))
    for delivery, check in awaiting:  # what a row refers to may have come later than the row
        try:
            check()
        except DataRefused as refused:
            raise _refused_now(zone, delivery, refused) from refused
    return tuple(done)


def _refused_now(zone: Landing, delivery: Delivery, refused: DataRefused) -> Bank360Error:
    reread = delivery.number in zone.planned
    remedy = (
        "Correct its mapping, or load what it lacks with 'bank360 ingest' and rebuild then, or keep what was loaded as "
        "it was read: 'bank360 rebuild --as-loaded'."
        if reread
        else "Undo the change of the source."
    )
    return Bank360Error(
        f"Delivery {delivery.number} of source '{delivery.source}' was accepted before and is refused"
        f"{' by the mapping as it is' if reread else ''} now: {refused} It stays in the landing zone. {remedy}"
    )


def _load_or_refuse(
    zone: Landing,
    delivery: Delivery,
    source: Source,
    warehouse: Warehouse,
    progress: Progress,
    known: tuple[str, ...],
) -> tuple[IngestReport, Callable[[], None]]:
    """Load a delivery; return the report, and the check of what it still awaits of later ones, for a replay."""
    try:
        result, check = _load(zone, delivery, source, warehouse, progress)
    except DataRefused as refused:
        if not zone.was_accepted(delivery):
            zone.refuse(delivery, str(refused))
        raise
    zone.accept(delivery)
    files = tuple(file.name for file in delivery.files)
    return IngestReport(delivery.batch_id, result.tables, files, known, result.findings), check


def _load(
    zone: Landing, delivery: Delivery, source: Source, warehouse: Warehouse, progress: Progress
) -> tuple[LoadResult, Callable[[], None]]:
    source = _looked_up(zone, delivery, source)
    opened = [open_file(zone.path_of(file), file.name, _part(source, file.part)) for file in delivery.files]
    reading = DeliveryRows(source, delivery.files, opened)
    rows = [file.rows() for file in opened]
    total = float(sum(rows)) if all(rows) else 0.0  # of a text file it is not known before it was read
    filled, may_await = _filled(source), zone.was_accepted(delivery)
    with warehouse.transaction():
        load = Load(
            warehouse, delivery, filled, source.versioned, may_await, source.spelling, as_it_stands=source.as_it_stands
        )
        for part in source.files:
            for table, batches in _by_table(part, ahead(reading.canonical(part))):
                load.add(table, _told(batches, progress, f"load {table.name}", reading.rows_read, total))
        if reading.faulty:
            whole = whole_faults(source, delivery, delivery.files, opened, warehouse, filled, may_await=may_await)
            raise DataRefused.of(reading.faults(whole))
        progress("check and merge the load", 0, 0)
        try:
            result = load.finish(reading.rows_read, reading.findings())
        except DataRefused as refused:
            raise reading.located(refused) from refused
    warehouse.checkpoint()

    def check() -> None:
        with warehouse.transaction():
            for table in result.awaiting:
                try:
                    found = dangling_references(warehouse, table, delivery, filled, source.spelling)
                except DataRefused as refused:
                    raise reading.located(refused) from refused
                record_findings(warehouse, found, delivery.received_at, delivery.batch_id)

    return result, check


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


def _filled(source: Source) -> frozenset[str]:
    return frozenset(table for part in source.files for table in part.fills)


def _part(source: Source, name: str) -> SourceFile:
    return next(part for part in source.files if part.name == name)
