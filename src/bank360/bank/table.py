"""What a canonical table is: columns with meaning, unit, nullability and tags. `bank/tables.py` lists them all.

Instants are UTC in columns of type ``timestamp`` (no zone stored); dates are the bank's local days; money is int64
minor units (tag `MONEY`). Every stored row also carries the `PROVENANCE` columns.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import pyarrow as pa

ColumnType = Literal["string", "int64", "float64", "bool", "date", "timestamp"]

ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


class Tag(StrEnum):
    """What a column may be used for. A column without a tag fails the build."""

    KEY = "key"  # names a row; pseudonymous, but where it is a personal number (`personal_numbers.py`)
    PLAIN = "plain"  # ordinary business data
    MONEY = "money"  # int64 minor units of the row's currency
    PII = "pii"  # identifies a person; masked unless asked for; never a feature
    PROTECTED = "protected"  # protected attribute; profile and fairness report only, never decides
    RESTRICTED = "restricted"  # special care: vulnerability, health
    TOKEN = "token"  # keyed hash of an identifier; only equality means anything
    PROVENANCE = "provenance"  # where the row came from


OnBad = Literal["refuse", "finding"]
Codes = type[StrEnum]  # named here: inside `Column`, "type" is its field


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name, type, meaning
        The spelling used everywhere, its type, and what a value says, in one line.
    tags
        At least one `Tag`.
    unit
        Unit of a number ("minor units", "months", "1/year"); None for the rest.
    nullable
        Whether a row may lack it.
    codes
        The closed list of codes of a coded column.
    references
        ``"table.column"`` that every non-null value must exist in.
    low, high
        Closed range of a number; outside it the row is refused.
    """

    name: str
    type: ColumnType
    meaning: str
    tags: tuple[Tag, ...]
    unit: str | None = None
    nullable: bool = False
    codes: Codes | None = None
    references: str | None = None
    low: float | None = None
    high: float | None = None

    @property
    def said(self) -> str:
        """What a value says, with the codes that it may be."""
        return self.meaning if self.codes is None else f"{self.meaning}: {', '.join(one.value for one in self.codes)}"

    @property
    def arrow_type(self) -> pa.DataType:
        """Arrow type of the column."""
        return ARROW_TYPES[self.type]

    @property
    def target(self) -> tuple[str, str] | None:
        """Table and column to which the column refers."""
        if self.references is None:
            return None
        table, name = self.references.split(".")
        return table, name


@dataclass(frozen=True)
class Table:
    """One canonical table.

    Parameters
    ----------
    name, row
        The table, and what one row says.
    key
        Columns that name a row; with ``known_time`` they are the physical key.
    columns
        Without the provenance columns.
    on_dangling
        What a reference to a row that does not exist does: refuse the load, or keep the row and write a finding.
    alone
        Whether its rows say something though nothing has filled what they refer to, as columns of a flat file do.
    stored
        Whether loads fill it, version by version, with provenance; the tables of the star schema are made from those.
    """

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    on_dangling: OnBad = "refuse"
    alone: bool = False
    stored: bool = True
    _by_name: dict[str, Column] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._by_name.update({column.name: column for column in self.stored_columns})

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError if the table has none."""
        return self._by_name[name]

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """All columns of a row: its own, then provenance where loads fill it."""
        return (*self.columns, *(PROVENANCE if self.stored else ()))

    @property
    def arrow_schema(self) -> pa.Schema:
        """Arrow schema of a row, in the order of `stored_columns`."""
        return pa.schema([pa.field(c.name, c.arrow_type, c.nullable) for c in self.stored_columns])


PROVENANCE: tuple[Column, ...] = (
    Column("source_system", "string", "name of the source that delivered the row", (Tag.PROVENANCE,)),
    Column("batch_id", "string", "the load that brought the row", (Tag.PROVENANCE,)),
    Column("source_file_hash", "string", "SHA-256 of the delivered file, first 16 hex digits", (Tag.PROVENANCE,)),
    Column("source_line", "int64", "line in that file, from 1, header included", (Tag.PROVENANCE,)),
    Column("known_time", "timestamp", "when the bank could first have used the row (UTC)", (Tag.PROVENANCE,)),
    Column(
        "superseded_time",
        "timestamp",
        "when a correction replaced the row (UTC); null while it stands",
        (Tag.PROVENANCE,),
        nullable=True,
    ),
)
