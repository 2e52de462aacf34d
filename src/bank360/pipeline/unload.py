"""Unloads what a source's mapping names of a PostgreSQL into a folder, as a delivery that is then ingested like any.

A relation lands whole, or, where ``since`` names a column that grows, from its highest value in the landing zone, less
what is read again: rows that are committed late have lower values than others that were read before. What did not
change since the last load lies there with the bytes of then, so that it is known for what it is. A table that changed
and changed back has bytes that lay there once too, and is no file known already: each file names the one it follows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bank360.bank.errors import DataRefused
from bank360.pipeline.progress import Progress
from bank360.sources.source import Source
from bank360.storage.landing import Landing
from bank360.storage.parquet_files import highest
from bank360.storage.postgres_relations import From, snapshot

_END = date(9999, 12, 31)  # infinity, from which on nothing is new


@dataclass(frozen=True)
class Since:
    """The column of a relation by which new rows are told, and how far below its highest value they are read again."""

    column: str
    again: timedelta | int


def unload(
    source: Source, database: str, since: Mapping[str, Since], landing: Path, folder: Path, progress: Progress
) -> None:
    """Write each relation that a source reads as ``folder/RELATION.parquet``.

    Parameters
    ----------
    source
        Its files name relations (`SourceFile.relation`).
    database
        The address (`storage.postgres_relations.snapshot`).
    since
        By relation; of one that is not named all rows are read.
    landing
        The landing zone: its last files say what was read before.
    folder
        Empty.

    Raises
    ------
    DataRefused, NotReady
        As `storage.postgres_relations`; DataRefused also where ``since`` names a column of another type than it reads.
    """
    relations = dict.fromkeys(part.relation for part in source.files if part.relation is not None)
    with snapshot(database, source.name) as opened:
        for relation in relations:
            path = folder / f"{relation}.parquet"
            before = _landed(Landing(landing), source.name, path.name)
            rows_from = _from(relation, since.get(relation), before, source.name)
            opened.unload(relation, path, rows_from, before[-1] if before else None, _telling(progress, relation))


def unfit_relations(source: Source, database: str, since: Mapping[str, str]) -> tuple[DataRefused, ...]:
    """Return why relations do not fit the mapping: one that is not there or lacks a column that is named.

    Parameters
    ----------
    since
        By relation the column by which new rows are told.

    Raises
    ------
    NotFound, NotReady
        If the database does not answer.
    """
    found = []
    with snapshot(database, source.name) as opened:
        for part in source.files:
            assert part.relation is not None
            try:
                there = opened.columns(part.relation)
            except DataRefused as refused:
                found.append(refused)
                continue
            named = [column.name for column in part.columns if column.required]
            named += [since[part.relation]] if part.relation in since else []
            lacking = [name for name in dict.fromkeys(named) if name not in there]
            told = f"the relation has no such column; it has {', '.join(there[:30])}"
            found += [DataRefused(part.relation, told, "Correct its name in bank360.yaml.", name) for name in lacking]
    return tuple(found)


def _telling(progress: Progress, relation: str) -> Callable[[int], None]:
    return lambda rows: progress(f"read {relation}", float(rows), 0)


def _landed(zone: Landing, source: str, name: str) -> tuple[Path, ...]:
    """Return what was received of a relation, in order of receipt."""
    of_source = [delivery for delivery in zone.received() if delivery.source == source]
    return tuple(
        dict.fromkeys(zone.path_of(file) for delivery in of_source for file in delivery.files if file.name == name)
    )


def _from(relation: str, since: Since | None, before: tuple[Path, ...], source: str) -> From | None:
    if since is None:
        return None
    found: list[Any] = [value for path in before if (value := highest(path, since.column, _END)) is not None]
    if not found:
        return From(since.column)
    top = max(found)
    try:
        return From(since.column, top - since.again)
    except (TypeError, OverflowError) as error:
        problem = f"its values cannot be counted back by {since.again}"
        remedy = f"Write 'again' below 'since' of source '{source}' as a time, such as 2d or 12h."
        if isinstance(top, int):
            remedy = f"Write 'again' below 'since' of source '{source}' as a number, such as 10000."
        if isinstance(top, str | Decimal | float | bool):
            remedy = f"Name a column of whole numbers, days or times below 'since' of source '{source}'."
        raise DataRefused(relation, problem, remedy, since.column) from error
