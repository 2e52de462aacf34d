"""Puts one delivery's canonical rows into the warehouse: staged, held to whole-load checks, merged. All or nothing.

How a row meets what the warehouse knows of its key (`load_merge` has the algorithm):

* the key is new: the row is added;
* a stored version has the same known time and the same values: nothing changes;
* it says something new: a correction. The version before it is closed (``superseded_time``), the row is added; what
  was knowable before stays knowable.

Everything happens inside the one transaction that the caller opens; until it commits, no reader sees any of it.
Neighbours: `landing` holds the bytes, `ledger` the counts, `repeated_keys` and `dangling` what only the whole
load shows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.errors import DataRefused
from bank360.bank.finding import Finding
from bank360.bank.personal_numbers import masked_key
from bank360.bank.table import Table
from bank360.bank.tables import TABLES
from bank360.bank.vocabulary import Severity
from bank360.storage.dangling import dangling_references, staged_dangling
from bank360.storage.findings import record_findings
from bank360.storage.landing import Delivery, LandedFile
from bank360.storage.ledger import AMOUNTS, FileLoad, TableLoad, create_table_sql, record_load
from bank360.storage.load_merge import Merged, merge
from bank360.storage.provenance import HASH_DIGITS, with_provenance
from bank360.storage.repeated_keys import doubled_keys
from bank360.storage.told_rows import Spelling
from bank360.storage.warehouse import Warehouse, quoted

# Rows of these tell what happened once, so a second version is seldom meant.
_HAPPEN_ONCE = ("transactions", "payments")


@dataclass(frozen=True)
class LoadResult:
    """What a load did: counts by table and by file (in the delivery's order), and what was noticed.

    ``awaiting`` are the tables whose references a later delivery has to hold up.
    """

    tables: tuple[TableLoad, ...]
    files: tuple[FileLoad, ...]
    findings: tuple[Finding, ...]
    awaiting: tuple[Table, ...] = ()


@dataclass
class Load:
    """One delivery on its way in; use it inside ``warehouse.transaction()``.

    Parameters
    ----------
    warehouse, delivery
        Where to, and what.
    filled
        Names of the tables that the source fills at all; a reference into any other, empty table is a finding.
    versioned
        Whether a delivery may hold several versions of a key.
    spelling
        What the files call our columns, by part and table.
    as_it_stands
        Whether the source says how things stand (`load_merge.merge`).
    may_await
        Whether rows may refer to rows of a later delivery: of one that was accepted before and is replayed. Its
        references are then still to be checked when all are loaded (`LoadResult.awaiting`).
    """

    warehouse: Warehouse
    delivery: Delivery
    filled: frozenset[str]
    versioned: bool = False
    may_await: bool = False
    spelling: Spelling = field(default_factory=dict)
    as_it_stands: bool = False
    _staged: dict[str, int] = field(default_factory=dict)
    _by_file: dict[str, int] = field(default_factory=dict)
    _amounts: dict[str, int] = field(default_factory=dict)

    def add(self, table: Table, batches: Iterable[tuple[pa.RecordBatch, LandedFile]]) -> None:
        """Stage rows that satisfy their table's contract: its columns, ``known_time`` and ``source_line``.

        Parameters
        ----------
        table
            Canonical table of all the rows.
        batches
            Rows and the file they came from; read once, while the database writes. What it raises is raised here.
        """
        counted = self._counted(table, batches)
        first = next(counted, None)
        if first is None:
            return
        self.warehouse.execute(create_table_sql(table, stage_name(table)))
        self.warehouse.append_stream(stage_name(table), first.schema, chain((first,), counted))

    def finish(self, rows_read: Sequence[int], findings: Sequence[Finding] = ()) -> LoadResult:
        """Check what only the whole load shows, merge it, and write the ledger.

        Parameters
        ----------
        rows_read
            Records read from each file, in the delivery's order.
        findings
            What was noticed on the way in, to be stored with the load.

        Raises
        ------
        DataRefused
            If keys stand twice in the load, or references dangle that may not. Rows are as the files' readers count
            them.
        """
        staged = [table for table in TABLES if table.name in self._staged]
        stages = {table.name: stage_name(table) for table in staged}
        faults = list(doubled_keys(self.warehouse, stages, self.delivery, self.versioned, self.spelling))
        if faults:
            if not self.may_await:
                faults += staged_dangling(self.warehouse, stages, self.delivery, self.filled, self.spelling)
            raise DataRefused.of(faults)
        loads, found = [], list(findings)
        for table in staged:
            merged = merge(self.warehouse, table, stage_name(table), self.delivery, as_it_stands=self.as_it_stands)
            counts = (self._staged[table.name], merged.accepted, merged.corrections)
            loads.append(TableLoad(table.name, *counts, self._amounts_of(table)))
            found += merged.findings
            if merged.corrections and not self.versioned:  # a source that keeps its history delivers nothing but those
                found.append(_corrected(self.warehouse, table, self.delivery, merged))
        awaiting = []
        for table in staged:
            try:
                found += dangling_references(self.warehouse, table, self.delivery, self.filled, self.spelling)
            except DataRefused as refused:
                faults += refused.faults
                awaiting.append(table)
        if faults and not self.may_await:
            raise DataRefused.of(faults)
        files = self._file_loads(staged, rows_read)
        record_load(self.warehouse, self.delivery, files, loads)
        record_findings(self.warehouse, found, self.delivery.received_at, self.delivery.batch_id)
        return LoadResult(tuple(loads), files, tuple(found), tuple(awaiting))

    def _counted(self, table: Table, batches: Iterable[tuple[pa.RecordBatch, LandedFile]]) -> Iterator[pa.RecordBatch]:
        for rows, file in batches:
            self._staged[table.name] = self._staged.get(table.name, 0) + len(rows)
            self._by_file[file.sha256] = self._by_file.get(file.sha256, 0) + len(rows)
            if table.name in AMOUNTS:
                self._amounts[table.name] = self._amounts.get(table.name, 0) + _sum(rows.column(AMOUNTS[table.name]))
            yield with_provenance(table, rows, self.delivery, file)

    def _amounts_of(self, table: Table) -> tuple[int, int] | None:
        """Return what a table's money added up to on its way in, and adds up to among the rows that are in."""
        if table.name not in AMOUNTS:
            return None
        there = self.warehouse.row(
            f"SELECT coalesce(sum({quoted(AMOUNTS[table.name])}), 0) FROM {quoted(table.name)} WHERE batch_id = ?",
            [self.delivery.batch_id],
        )[0]
        return self._amounts[table.name], int(str(there))

    def _file_loads(self, staged: Sequence[Table], rows_read: Sequence[int]) -> tuple[FileLoad, ...]:
        accepted: dict[str, int] = {}
        for table in staged:
            counts = self.warehouse.query(
                f"SELECT source_file_hash, count(*) FROM {quoted(table.name)} WHERE batch_id = ? GROUP BY 1",
                [self.delivery.batch_id],
            )
            for short, count in zip(*(column.to_pylist() for column in counts.columns), strict=True):
                accepted[short] = accepted.get(short, 0) + count
        return tuple(
            FileLoad(rows, self._by_file.get(file.sha256, 0), accepted.get(file.sha256[:HASH_DIGITS], 0))
            for file, rows in zip(self.delivery.files, rows_read, strict=True)
        )


def _corrected(warehouse: Warehouse, table: Table, delivery: Delivery, merged: Merged) -> Finding:
    """Return the finding that rows which were known came again with other content.

    Events that arrived by our own API come again in files, with what the API does not ask: they are no keys used again.
    """
    rows = merged.corrections
    key = quoted(table.key[0])
    keys = ", ".join(map(quoted, table.key))
    name = quoted(table.name)
    example = warehouse.row(
        f"SELECT min({key}) FROM {name} t WHERE batch_id = ?"
        f" AND ({keys}) IN (SELECT ({keys}) FROM {name} WHERE superseded_time IS NOT NULL)",
        [delivery.batch_id],
    )[0]
    happened = table.name in _HAPPEN_ONCE and merged.used_again is not None
    again = (
        " What has happened does not change: if these are other rows, their keys were used again; give each a key of "
        "its own and deliver them anew."
        if happened
        else ""
    )
    example = merged.used_again if happened else example
    such = masked_key(str(example))
    message = (
        f"corrected rows of '{table.name}': {rows:,}; such as {table.key[0]} '{such}', which was known with other "
        f"content. Both versions are kept, and the later one counts from when it was known.{again}"
    )
    severity = Severity.WARNING if happened else Severity.INFO
    return Finding(table.name, table.key[0], "corrected_rows", severity, rows, str(example), message)


def _sum(amounts: "pa.Array[Any]") -> int:
    """Return the sum of 64-bit amounts, however large; nulls add nothing."""
    return int(pc.sum(amounts.cast(pa.decimal128(38, 0))).as_py() or 0)


def stage_name(table: Table) -> str:
    """Return the name of the table in which a load gathers its rows."""
    return f"stage_{table.name}"
