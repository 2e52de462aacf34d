"""Delivered files: which of a folder a source declares, and their rows as strictly parsed Arrow batches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused
from bank360.bank.fault import Fault
from bank360.bank.finding import Finding
from bank360.bank.table import ARROW_TYPES
from bank360.bank.vocabulary import Severity
from bank360.sources.source import LACKING, CsvDialect, RawColumn, Source, SourceFile
from bank360.storage import csv_faults
from bank360.storage.csv_files import csv_batches, csv_columns
from bank360.storage.parquet_files import parquet_batches, parquet_columns, parquet_rows


def delivered_files(source: Source, folder: Path) -> tuple[tuple[str, str, Path], ...]:
    """Return ``(part, name, path)`` of every file in ``folder`` that the source declares, in reading order.

    Raises
    ------
    DataRefused
        If the folder is not there, or for all files that it lacks and that are not optional.
    """
    found, lacking = there_and_lacking(source, folder)
    if lacking:
        raise DataRefused.of(lacking)
    return found


def there_and_lacking(source: Source, folder: Path) -> tuple[tuple[tuple[str, str, Path], ...], tuple[Fault, ...]]:
    """Return the files as `delivered_files`, and a fault, named by its part, for each that the folder lacks.

    Raises
    ------
    DataRefused
        If the folder is not there.
    """
    if not folder.is_dir():
        raise DataRefused(str(folder), "there is no such folder", f"Put the files of source '{source.name}' there.")
    found: list[tuple[str, str, Path]] = []
    lacking: dict[str, Fault] = {}
    for part in source.files:
        paths = sorted(path for path in folder.glob(part.pattern) if path.is_file())
        if not paths and not part.optional:  # a file that fills two tables lacks once
            problem = f"no file in {folder} matches '{part.pattern}'"
            lacking.setdefault(part.pattern, Fault(part.name, None, problem, part.absent))
        found += [(part.name, path.relative_to(folder).as_posix(), path) for path in paths]
    return tuple(found), tuple(lacking.values())


def files_read_as(source: Source, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return ``(part, name)`` of every file that the source declares among received ones, as `delivered_files` would.

    Parameters
    ----------
    names
        Paths below the delivered folder. No file is required: a delivery may have brought what was new only.
    """
    ordered = sorted(set(names), key=lambda name: PurePosixPath(name).parts)
    return tuple((part.name, name) for part in source.files for name in ordered if _matches(name, part.pattern))


def _matches(name: str, pattern: str) -> bool:
    """Return whether a path below a folder is one that the folder's ``glob(pattern)`` finds."""
    return _segments_match(PurePosixPath(name).parts, PurePosixPath(pattern).parts)


def _segments_match(name: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "**":
        return any(_segments_match(name[skipped:], pattern[1:]) for skipped in range(len(name) + 1))
    return bool(name) and fnmatchcase(name[0], pattern[0]) and _segments_match(name[1:], pattern[1:])


@dataclass(frozen=True)
class OpenFile:
    """One delivered file whose columns were checked, ready to be read.

    Parameters
    ----------
    path, name
        Where its bytes are, and what messages call it.
    part
        What it was declared as.
    columns
        Names of all its columns, in order.
    wanted
        The declared columns that it has.
    """

    path: Path
    name: str
    part: SourceFile
    columns: tuple[str, ...]
    wanted: tuple[RawColumn, ...]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The required columns that it lacks: none, unless it is refused for them and read for its other faults."""
        return tuple(_missing(self.part, self.columns))

    def batches(self) -> Iterator[tuple[pa.RecordBatch, int]]:
        """Yield ``(batch of the declared columns, row of its first row)``; absent optional columns are null.

        Raises
        ------
        DataRefused
            At the first thing that is not as declared, naming file, column, row and remedy.
        """
        if self.part.dialect is None:
            read = parquet_batches(self.path, self.name, self.wanted)
        else:
            read = csv_batches(self.path, self.name, self.part.dialect, self.wanted, self.columns)
        for batch, row in read:
            yield self._completed(batch), row

    def rows(self) -> int:
        """Return how many rows it has; 0 where that is not known before reading."""
        return parquet_rows(self.path, self.name) if self.part.dialect is None else 0

    def line(self, row: int) -> int:
        """Return the line of the file on which row ``row`` of `batches` starts (for Parquet the row itself)."""
        dialect: CsvDialect | None = self.part.dialect
        return row if dialect is None else csv_faults.line_of(self.path, self.name, dialect, row)

    def lines(self, rows: Iterable[int]) -> dict[int, int]:
        """Return by row of `batches` the line of the file, as `line`, in one pass over it."""
        dialect: CsvDialect | None = self.part.dialect
        if dialect is None:
            return {row: row for row in rows}
        return csv_faults.lines_of(self.path, self.name, dialect, rows)

    def findings(self, read_elsewhere: frozenset[str] = frozenset()) -> tuple[Finding, ...]:
        """Return what the header shows: columns that nobody reads, another part of the same file neither."""
        read = {column.name for column in self.wanted} | read_elsewhere
        ignored = [name for name in self.columns if name not in read]
        if not ignored:
            return ()
        unread = counted(len(ignored), "column is", "columns are")
        message = f"file '{self.name}': {unread} not read: {', '.join(ignored[:10])}"
        return (
            Finding(self.part.fills[0], None, "columns_not_read", Severity.INFO, len(ignored), ignored[0], message),
        )

    def _completed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        present = {column.name for column in self.wanted}
        absent = [column for column in self.part.columns if column.name not in present]
        for column in absent:
            kind = _arrow_type(column)
            told = pa.field(column.name, kind, metadata=LACKING if column.required else None)
            batch = batch.append_column(told, _nulls(len(batch), kind))
        return batch


def open_file(path: Path, name: str, part: SourceFile, lacking: tuple[str, ...] = ()) -> OpenFile:
    """Open a delivered file and hold its columns to the declaration.

    Parameters
    ----------
    lacking
        Required columns that it may lack, for the file is refused for them already (`lacking_columns`).

    Raises
    ------
    DataRefused
        If it is not there, is a folder, is empty, cut, not of its format, or lacks a required column.
    """
    columns = _columns(path, name, part)
    missing = [one for one in _missing(part, columns) if one not in lacking]
    if missing:
        raise DataRefused(
            name,
            f"the column is missing{_and_more(missing)}; the file has {', '.join(columns[:30])}",
            "Add it to the file, or correct its name in the mapping.",
            missing[0],
            part.dialect.header_rows if part.dialect else None,
        )
    wanted = tuple(column for column in part.columns if column.name in columns)
    if part.others == "any":
        named = {column.name for column in wanted}
        wanted += tuple(RawColumn(column, "any", required=False) for column in columns if column not in named)
    return OpenFile(path, name, part, columns, wanted)


def lacking_columns(path: Path, name: str, part: SourceFile) -> tuple[str, ...]:
    """Return the required columns that a delivered file lacks.

    Raises
    ------
    DataRefused
        If it cannot be read at all, as `open_file`.
    """
    return tuple(_missing(part, _columns(path, name, part)))


def _missing(part: SourceFile, columns: tuple[str, ...]) -> list[str]:
    return [column.name for column in part.columns if column.required and column.name not in columns]


def _columns(path: Path, name: str, part: SourceFile) -> tuple[str, ...]:
    require_file(path, name)
    if part.dialect is None:
        return parquet_columns(path, name)
    return csv_columns(path, name, part.dialect, part.columns, part.others)


def require_file(path: Path, name: str) -> None:
    """Refuse a path, called ``name``, that is a folder or not there.

    Raises
    ------
    DataRefused
        Naming it, and where it was looked for.
    """
    if path.is_dir():
        raise DataRefused(str(path), "it is a folder, not a file", "Name the file in it.")
    if not path.is_file():
        raise DataRefused(name, f"there is no such file in '{path.parent}'", "Correct the path.")


def _and_more(missing: list[str]) -> str:
    return "" if len(missing) == 1 else f" (and so are {', '.join(missing[1:])})"


def _nulls(rows: int, kind: pa.DataType) -> Any:
    nulls: Any = pa.nulls  # the stubs have an overload per element type, and none for any of them
    return nulls(rows, kind)


def _arrow_type(column: RawColumn) -> pa.DataType:
    return pa.string() if column.type == "any" else ARROW_TYPES[column.type]
