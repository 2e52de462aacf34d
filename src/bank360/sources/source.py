"""What a source is: the files it expects, how they are written, and a pure function from raw to canonical rows.

`storage` opens and parses the files as declared here (encoding, delimiter, header rows, column types); the source's
`Convert` function only ever sees Arrow batches and returns Arrow batches. Neither opens anything.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pyarrow as pa

from bank360.bank.errors import DataRefused
from bank360.bank.fault import Fault
from bank360.bank.finding import Finding
from bank360.bank.table import ColumnType

# "any": text as written in a delimited file, the stored type in Parquet; the convert function parses it.
RawType = ColumnType | Literal["any"]

# Of a column that the file lacks, in the field's metadata of a batch: the file is refused for it, and what else is
# wrong with its rows is told with that. Only parts that `SourceFile.reads_on` are given such a batch.
LACKING = {b"lacking": b"1"}


@dataclass(frozen=True)
class CsvDialect:
    """How a delimited file is written. A byte-order mark and empty lines are skipped.

    Parameters
    ----------
    delimiter, quote, encoding
        As in the file; a byte that is not of the encoding refuses the file. An empty ``quote``: nothing is quoted.
    header_rows
        Lines before the data; the column names stand in the last of them. 0: no header, names from `RawColumn` order.
    nulls
        Cell texts that mean "no value".
    decimal
        Decimal mark of numbers.
    """

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    header_rows: int = 1
    nulls: tuple[str, ...] = ("",)
    decimal: Literal[".", ","] = "."


@dataclass(frozen=True)
class RawColumn:
    """A column that a file must have, as it is spelled there (blanks around it trimmed); parsed strictly to ``type``.

    ``format`` is a strptime pattern for dates and timestamps that are not ISO 8601.
    """

    name: str
    type: RawType = "string"
    format: str | None = None
    required: bool = True


@dataclass(frozen=True)
class SourceFile:
    """One file of a delivery.

    Parameters
    ----------
    name
        What messages call it.
    pattern
        Glob below the delivery's folder; several matches are read in name order as one table of rows.
    columns
        The columns needed.
    others
        What becomes of further columns: ignored and counted in a finding, or handed on as type "any" (a flat file whose
        mapping does not name every column). Without a header they are called column_1, column_2, … by position.
    fills
        Names of the canonical tables its rows go to.
    dialect
        How it is written; None for Parquet.
    optional
        Whether a delivery may lack it.
    spelled
        By canonical column the column of the file that fills it, for messages; a column that is not here is named as
        it is.
    relation
        The table or view of the source's database that it is unloaded from; None of a delivered file.
    reads_on
        Whether its convert function tells all faults of a batch by `RowsRefused`, and takes one that lacks columns.
    absent
        What to do where a delivery lacks it: of a public data set where it is had.
    """

    name: str
    pattern: str
    columns: tuple[RawColumn, ...]
    fills: tuple[str, ...]
    dialect: CsvDialect | None = field(default_factory=CsvDialect)
    optional: bool = False
    others: Literal["ignore", "any"] = "ignore"
    spelled: Mapping[str, str] = field(default_factory=dict)
    reads_on: bool = False
    relation: str | None = None
    absent: str = "Deliver it."


@dataclass(frozen=True)
class Unlisted:
    """Codes of a batch that a mapping does not list and reads as one of ours (``other``).

    Parameters
    ----------
    table, column, spelled, key
        Which column of ours, what the file calls it, and the key of the mapping that reads it.
    other
        What they became.
    codes
        Rows by code; under an empty one where no message may repeat them.
    row
        The first row that has one, as the reader counts.
    """

    table: str
    column: str
    spelled: str
    key: str
    other: str
    codes: Mapping[str, int]
    row: int


@dataclass(frozen=True)
class Converted:
    """What a batch of raw rows became.

    Parameters
    ----------
    rows
        Canonical rows by table name: the table's columns, ``known_time`` and ``source_line``, in any order, without
        the other provenance columns, which ingest adds.
    findings
        What was noticed about accepted rows.
    unlisted
        Codes that became something only because the mapping has a word for all others.
    """

    rows: Mapping[str, pa.RecordBatch]
    findings: tuple[Finding, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()


class RowsRefused(DataRefused):
    """A batch was refused; ``converted`` has its rows, faulty cells empty, to be looked at and never loaded."""

    converted: Converted

    @classmethod
    def with_rows(cls, faults: Iterable[Fault], converted: Converted) -> "RowsRefused":
        """Return the refusal of a batch for its faults."""
        refused = cls.__new__(cls)
        refused._tell(tuple(faults))
        refused.converted = converted
        return refused


# (batch with the declared columns, line of its first row in the file) -> canonical rows.
# Raises bank.errors.DataRefused where a row cannot be accepted at all.
Convert = Callable[[pa.RecordBatch, int], Converted]


@dataclass(frozen=True)
class Lookup:
    """Rows of one part without which other parts' rows cannot be converted (a card names a disposition, no account).

    Parameters
    ----------
    file
        The part as it is read for this; its ``name`` is that of the part whose delivered files are read.
    converts
        From all of the part's raw batches to the convert functions of the parts that need them, by name.
    """

    file: SourceFile
    converts: Callable[[Iterable[pa.RecordBatch]], Mapping[str, Convert]]


@dataclass(frozen=True)
class Source:
    """A source: its name, its files, and how each becomes canonical rows (``convert`` is keyed by file name).

    ``versioned`` says that one delivery may hold several versions of a row, the same key with different known times, as
    a system delivers that keeps its history; in any other source a key twice in one load refuses the load.
    ``as_it_stands`` says that a delivery is read off the bank's own records as they are then: a row with values of
    before was changed back, where in a file it may be an old one delivered again.
    ``notes`` are sentences that every metric computed from its rows is stamped with. Ingest reads a ``lookup`` first:
    in the delivery itself, or, where it brings that part unchanged, in the last delivery that had it.
    """

    name: str
    files: tuple[SourceFile, ...]
    convert: Mapping[str, Convert]
    notes: tuple[str, ...] = ()
    versioned: bool = False
    as_it_stands: bool = False
    lookup: Lookup | None = None

    @property
    def spelling(self) -> dict[tuple[str, str], Mapping[str, str]]:
        """By part and the table that it fills: by canonical column, what its file calls it."""
        return {(file.name, table): file.spelled for file in self.files for table in file.fills}

    def without(self, part: str) -> "Source":
        """Return the source without one of its files; as it is where it has none of that name."""
        files = tuple(file for file in self.files if file.name != part)
        return replace(self, files=files, convert={file.name: self.convert[file.name] for file in files})

    def __post_init__(self) -> None:
        missing = {file.name for file in self.files} ^ set(self.convert)
        if missing:
            raise ValueError(f"source '{self.name}': files and convert functions differ in {sorted(missing)}")
