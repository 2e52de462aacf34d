"""All that is wrong with a delivery that is refused: files, columns and cells, and what only its keys show.

Keys that stand twice and references that lead nowhere are asked of the rows whose keys read, in a second pass over the
files: the first has handed out nothing since its first fault. A reference into a table of which not every row could
be read is not told, for nobody knows. Called by `ingest` inside a transaction that is rolled back.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from bank360.bank.errors import DataRefused
from bank360.bank.fault import Fault
from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.pipeline.delivery_rows import DeliveryRows
from bank360.sources.source import RowsRefused, Source, SourceFile
from bank360.storage.dangling import staged_dangling
from bank360.storage.files import OpenFile, lacking_columns, open_file
from bank360.storage.landing import Delivery, LandedFile
from bank360.storage.refused_keys import key_columns, stage_keys
from bank360.storage.repeated_keys import doubled_keys
from bank360.storage.warehouse import Warehouse


def refusal_of_unfit(
    source: Source,
    delivery: Delivery,
    paths: Sequence[Path],
    missing: Sequence[Fault],
    warehouse: Warehouse,
    filled: frozenset[str],
) -> DataRefused | None:
    """Return the refusal of a delivery of which a file is not there or not as declared; None where all are.

    That is cheap to see. Where it is so, the rows of what can be read are read too, for their faults are told with it.

    Parameters
    ----------
    delivery, paths
        The files as they would be received, and where each lies.
    missing
        What the folder lacks.
    filled
        Tables that the source fills.
    """
    parts = {part.name: part for part in source.files}
    files: list[LandedFile] = []
    opened: list[OpenFile] = []
    unfit = list(missing)
    there = {file.part for file in delivery.files}
    lacking = [part for part in source.files if missing and not part.optional and part.name not in there]
    hidden = {table for part in lacking for table in part.fills}
    for landed, path in zip(delivery.files, paths, strict=True):
        part = parts[landed.part]
        try:
            opened.append(open_file(path, landed.name, part))
        except DataRefused as refused:
            unfit += refused.faults
            file = _open_all_the_same(path, landed.name, part)
            if file is None:
                hidden |= {*part.fills}
                continue
            opened.append(file)
        files.append(landed)
    if not unfit:
        return None
    reading = DeliveryRows(source, files, opened, unfit)
    if source.lookup is not None:  # rows cannot be read without what another delivery holds
        return DataRefused.of(reading.faults())
    for part in source.files:
        for _ in reading.canonical(part):
            pass
    whole = whole_faults(source, delivery, files, opened, warehouse, filled, frozenset(hidden))
    return DataRefused.of(reading.faults(whole))


def whole_faults(
    source: Source,
    delivery: Delivery,
    files: Sequence[LandedFile],
    opened: Sequence[OpenFile],
    warehouse: Warehouse,
    filled: frozenset[str],
    hidden: frozenset[str] = frozenset(),
    *,
    may_await: bool = False,
) -> tuple[Fault, ...]:
    """Return the keys that stand twice and the references that lead nowhere among the rows whose keys read.

    Parameters
    ----------
    hidden
        Tables of which a file could not be opened.
    may_await
        Whether a later delivery may hold what rows refer to: references are not asked then.

    Returns
    -------
    tuple
        Faults whose rows are as the readers count them.
    """
    stages: dict[str, str] = {}
    unknown = set(hidden)
    for landed, file in zip(files, opened, strict=True):
        for table, rows in _keys(source, file, unknown):
            stages[table.name] = stage_keys(warehouse, table, [(rows, landed)])
    staged = {table.name: stages[table.name] for table in TABLES if table.name in stages}
    spelling = source.spelling
    found = list(doubled_keys(warehouse, staged, delivery, source.versioned, spelling))
    if not may_await:
        found += staged_dangling(warehouse, staged, delivery, filled, spelling, frozenset(unknown))
    return tuple(found)


def _open_all_the_same(path: Path, name: str, part: SourceFile) -> OpenFile | None:
    """Return the file without the columns that it lacks; None where it cannot be read so."""
    if not part.reads_on:
        return None
    try:
        return open_file(path, name, part, lacking_columns(path, name, part))
    except DataRefused:  # told already
        return None


def _keys(source: Source, file: OpenFile, unknown: set[str]) -> Iterator[tuple[Table, pa.RecordBatch]]:
    """Yield the keys of a file's rows; adds the tables of which it does not tell every row to ``unknown``."""
    part = file.part
    for filled in part.fills:
        if {part.spelled.get(name) for name in TABLE_BY_NAME[filled].key} & {*file.lacking}:
            unknown.add(filled)
    batches = file.batches()
    while True:
        try:
            batch, row = next(batches)
        except StopIteration:
            return
        except DataRefused:
            unknown.update(part.fills)
            return
        try:
            converted = source.convert[part.name](batch, row)
        except RowsRefused as refused:
            converted = refused.converted
        except DataRefused:
            unknown.update(part.fills)
            continue
        for name, rows in converted.rows.items():
            table = TABLE_BY_NAME[name]
            yield table, rows.select(list(key_columns(table)))
