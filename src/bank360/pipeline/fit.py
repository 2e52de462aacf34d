"""Whether the files that lie in a source's folder have the columns that its mapping names.

A file that is known already is not read again, so a column that a corrected mapping misspells would wait there for the
next new file, or for a rebuild. Only headers are read.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from bank360.bank.errors import DataRefused
from bank360.sources.mapped_facts import flat_rows
from bank360.sources.mapped_flat import FlatMap, flat_mapping, flat_source_file
from bank360.sources.mapped_node import Node
from bank360.sources.source import Source
from bank360.storage.files import delivered_files, open_file
from bank360.storage.landing import sha256_of


def unfit_files(
    source: Source, mapping: Mapping[str, Any], zone: str, folders: Iterable[Path], kept: frozenset[str] = frozenset()
) -> tuple[DataRefused, ...]:
    """Return why files in a source's folders, or folders themselves, do not fit its mapping; none where all do.

    Parameters
    ----------
    mapping
        The source's; empty for a kind that has none.
    zone
        The bank's.
    folders
        Its deliveries.
    kept
        SHA-256 of files that are meant to be read by an earlier mapping: they need not fit this one.

    Raises
    ------
    SettingsError
        If the mapping is wrong in itself.
    """
    flat = (
        flat_mapping(source.name, Node(f"sources.{source.name}.mapping.flat", mapping["flat"]), zone)
        if ("flat" in mapping)
        else None
    )
    found: list[DataRefused] = []
    for folder in folders:
        found += _unfit(source, folder, kept)
        if flat is not None:
            found += _unfit_flat(flat, folder, kept, known=any(part.name == flat.name for part in source.files))
    return tuple(found)


def _unfit(source: Source, folder: Path, kept: frozenset[str]) -> list[DataRefused]:
    try:
        delivered = delivered_files(source, folder)
    except DataRefused as lacking:
        return [lacking]
    parts = {part.name: part for part in source.files}
    found = []
    for part, name, path in delivered:
        try:
            open_file(path, name, parts[part])
        except DataRefused as refused:
            if not (kept and sha256_of(path) in kept):
                found.append(refused)
    return found


def _unfit_flat(flat: FlatMap, folder: Path, kept: frozenset[str], *, known: bool) -> list[DataRefused]:
    """Return what does not fit of a flat file: what it is trained by, and names that are only left out or reworded."""
    part = flat_source_file(flat)
    alone = Source(flat.name, (part,), {part.name: partial(flat_rows, flat)})
    try:
        delivered = delivered_files(alone, folder)
    except DataRefused as lacking:
        return [] if known else [lacking]
    named = dict.fromkeys((*flat.exclude, *flat.reasons, *flat.ranges, *flat.percent))
    found = []
    for _, name, path in delivered:
        try:
            columns = open_file(path, name, part).columns
        except DataRefused as refused:
            if not known and not (kept and sha256_of(path) in kept):  # else said of the source's facts
                found.append(refused)
            continue
        missing = [one for one in named if one not in columns]
        if missing:
            problem = f"the mapping names {', '.join(missing)}, and the file has {', '.join(columns[:30])}"
            found.append(DataRefused(name, problem, "Correct the name in the mapping.", missing[0]))
    return found
