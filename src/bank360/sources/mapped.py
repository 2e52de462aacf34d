"""A bank's own CSV or Parquet files, or relations of its PostgreSQL, as a source, by a mapping in ``bank360.yaml``.

`mapped_grammar` says what a mapping may hold (names, codes, choices; no expressions), `mapped_cells` and `mapped_times`
read cells strictly, and here each mapped file becomes one pure function from raw batch to canonical rows. Invariants:
a row either becomes exactly one canonical row with its known time, or the load is refused naming file, column and row;
amounts become int64 minor units exactly, positive where money comes into the account.

Flat files, one row per customer or application with a label, are `mapped_flat`'s.
"""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from bank360.bank.errors import SettingsError
from bank360.sources.mapped_dialect import WRONG_PATTERN
from bank360.sources.mapped_facts import flat_rows
from bank360.sources.mapped_flat import flat_mapping, flat_source_file
from bank360.sources.mapped_grammar import FileMap, file_map, read_columns
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_rows import check_constants, ledger_rows
from bank360.sources.source import Convert, Source, SourceFile

NO_HISTORY = "no point-in-time before the load date"


def mapped_source(
    name: str,
    mapping: Mapping[str, Any],
    zone: str,
    currency: str,
    received_on: date | None = None,
    received_at: datetime | None = None,
    country: str | None = None,
) -> Source:
    """Return the source that a mapping describes.

    Parameters
    ----------
    name
        The source's name in ``bank360.yaml``; messages call a key ``sources.<name>.mapping.…``.
    mapping
        The parsed ``mapping:`` of the source: ``files`` (ledger files by table) and ``flat`` (one flat file), one or
        both.
    zone, currency
        The bank's, which a file's own ``zone`` and ``currency`` override.
    received_on, received_at
        Local day and instant at which the delivery came. Rows that the mapping gives no other time are known from that
        instant on; without one, from the end of the day.
    country
        The bank's: where payments were of which the mapping says nothing. None: the mapping has to say it.

    Raises
    ------
    SettingsError
        If a key is unknown, missing or holds something it may not; the message names the key, and of several files
        the first fault of each.
    """
    node = Node(f"sources.{name}.mapping", mapping)
    keys = node.keys(("files", "flat"))
    if not keys:
        node.fail("is empty: state 'files' (tables of a ledger) or 'flat' (one row per customer or application)")
    files: list[SourceFile] = []
    convert: dict[str, Convert] = {}
    notes: list[str] = []
    faults: list[SettingsError] = []
    for entry_name, entry in keys["files"].entries().items() if "files" in keys else ():
        try:
            mapped = file_map(entry_name, entry, zone, currency, received_on, received_at, country)
        except SettingsError as fault:
            faults.append(fault)
            continue
        files.append(_source_file(mapped))
        convert[entry_name] = _converter(mapped)
        if not mapped.history_kept:
            notes.append(f"{entry_name}: {NO_HISTORY}")
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise SettingsError(" ".join(str(fault) for fault in faults)) from faults[0]
    if "flat" in keys:
        flat = flat_mapping(name, keys["flat"], zone, received_on, received_at)
        if flat.name in convert:
            keys["files"].fail(f"a file is called '{flat.name}', as the source and its flat file are. Rename it.")
        # Without an id or a known time its rows can be no facts of the warehouse; the file still trains a model.
        if flat.has_facts:
            files.append(flat_source_file(flat))
            convert[flat.name] = partial(flat_rows, flat)
        notes.extend(flat.notes)
    as_it_stands = any(file.relation is not None for file in files)
    return Source(name, tuple(files), convert, tuple(notes), as_it_stands=as_it_stands)


def _source_file(mapped: FileMap) -> SourceFile:
    return SourceFile(
        name=mapped.name,
        pattern=mapped.written.pattern,
        columns=mapped.written.raw_columns(read_columns(mapped)),
        fills=(mapped.table.name,),
        dialect=mapped.written.dialect,
        optional=mapped.optional,
        spelled={name: one.column for name, one in mapped.columns.items() if one.column is not None},
        reads_on=True,
        relation=mapped.written.relation,
        absent=WRONG_PATTERN,
    )


def _converter(mapped: FileMap) -> Convert:
    check_constants(mapped)
    return partial(ledger_rows, mapped)
