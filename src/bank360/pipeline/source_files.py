"""What a file of a known kind of source has to hold: its files, their columns, and what each column says.

Declarations only; nothing is opened. `sources/registry.py` has the kinds, ``bank360 sources`` prints them.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from bank360.bank.errors import NotFound
from bank360.sources.registry import SOURCE_KINDS, SourceKind, Told

_MAPPED = "mapped"  # by somebody's own mapping
_OURS = ("arrived_events", "arrived_interactions")  # never named in bank360.yaml


@dataclass(frozen=True)
class ColumnTold:
    """A column as its file spells it; ``meaning`` is empty where its kind says nothing of it."""

    name: str
    type: str
    required: bool
    meaning: str


@dataclass(frozen=True)
class FileTold:
    """A file of a delivery: its name, the pattern it is found by, the tables it fills, and the columns it needs."""

    name: str
    pattern: str
    fills: tuple[str, ...]
    optional: bool
    columns: tuple[ColumnTold, ...]


def kinds_told() -> dict[str, str]:
    """Return every kind that ``bank360.yaml`` may name, and what it is."""
    return {kind.kind: kind.meaning for kind in SOURCE_KINDS if kind.kind not in _OURS}


def files_told(kind: str, zone: str, currency: str) -> tuple[FileTold, ...]:
    """Return the files of a kind of source; none of kind 'mapped', whose mapping says which.

    Parameters
    ----------
    zone, currency
        The bank's: a source may need them to be told, and no column depends on them.

    Raises
    ------
    NotFound
        If there is no such kind.
    """
    if kind == _MAPPED:
        return ()
    known = _known(kind)
    source = known.build(Told(kind, zone, currency, date(2000, 1, 1)))
    return tuple(
        FileTold(
            file.name,
            file.pattern,
            file.fills,
            file.optional,
            tuple(
                ColumnTold(column.name, str(column.type), column.required, known.columns.get(column.name, ""))
                for column in _in_order(known, file.columns)
            ),
        )
        for file in source.files
    )


def _in_order(known: SourceKind, columns: tuple[Any, ...]) -> list[Any]:
    """Return a file's columns as the file has them, where its kind says so; else as they are declared."""
    place = {name: number for number, name in enumerate(known.columns)}
    return sorted(columns, key=lambda column: place.get(column.name, len(place)))


def _known(kind: str) -> SourceKind:
    for known in SOURCE_KINDS:
        if known.kind == kind and kind not in _OURS:
            return known
    raise NotFound(f"There is no kind of source '{kind}'. There are: {', '.join(kinds_told())}.")
