"""How a mapped file is written, read from its mapping: format, delimiter, encoding, header, nulls, marks of numbers."""

import glob
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bank360.sources.mapped_node import Node
from bank360.sources.mapped_numbers import NumberStyle
from bank360.sources.source import CsvDialect, RawColumn

DIALECT_KEYS = ("pattern", "format", "csv", "decimal", "thousands")


WRONG_PATTERN = "Deliver it, or correct the pattern."


@dataclass(frozen=True)
class Written:
    """How a file is written: dialect (None for Parquet), numbers, and the names of a file without a header.

    ``relation`` is the table or view that it is unloaded from, as Parquet; None of a delivered file.
    """

    pattern: str
    dialect: CsvDialect | None
    style: NumberStyle
    names: tuple[str, ...] = ()
    relation: str | None = None

    @property
    def nulls(self) -> tuple[str, ...]:
        """Texts that mean "no value"; none in Parquet, which has its own nulls."""
        return () if self.dialect is None else self.dialect.nulls

    def raw_columns(self, needed: Iterable[str]) -> tuple[RawColumn, ...]:
        """Return what the file must have so that the ``needed`` columns are there, in an order storage can read.

        Without a header the order counts: all names that the mapping gives, else column_1, column_2, … up to the last
        one needed.
        """
        wanted = list(dict.fromkeys(needed))
        if self.dialect is not None and self.dialect.header_rows == 0:
            wanted = list(self.names) or [f"column_{n}" for n in range(1, max(map(_position, wanted), default=0) + 1)]
        return tuple(RawColumn(name, "any") for name in wanted)


def _position(name: str) -> int:
    found = re.fullmatch(r"column_([1-9][0-9]{0,3})", name)
    return int(found.group(1)) if found else 0


def written(keys: Mapping[str, Node], nulls: tuple[str, ...] = ("",)) -> Written:
    """Return how a file is written; ``nulls`` mean "no value" where the mapping states none."""
    if "relation" in keys:
        return _unloaded(keys)
    pattern = keys["pattern"]
    suffix = pattern.text().lower()
    guessed = "parquet" if suffix.endswith((".parquet", ".pq")) else "csv"
    kind = keys["format"].choice(("csv", "parquet")) if "format" in keys else guessed
    style = _style(keys)
    if kind == "parquet":
        if "csv" in keys:
            keys["csv"].fail("a Parquet file has no such settings. Remove it, or state 'format: csv'.")
        return Written(pattern_of(pattern), None, style)
    csv = keys["csv"].keys(("delimiter", "quote", "encoding", "header_rows", "names", "nulls")) if "csv" in keys else {}
    delimiter = "\t" if suffix.endswith(".tsv") else ","
    if "delimiter" in csv:
        value = csv["delimiter"].value
        if not isinstance(value, str):
            csv["delimiter"].fail(f"{value!r} is not one character; write ';', '|' or tab")
        delimiter = {"tab": "\t", "\\t": "\t", "semicolon": ";", "pipe": "|", "space": " "}.get(value, value)
        if len(delimiter) != 1 or delimiter in "\r\n" or not delimiter.isascii():
            csv["delimiter"].fail(f"{value!r} is not one character; write ';', '|' or tab")
    quote = csv["quote"].value if "quote" in csv else '"'
    if quote is None or quote == "none":
        quote = ""
    if not isinstance(quote, str) or len(quote) > 1 or quote == delimiter:
        csv["quote"].fail(
            f"{quote!r} is not one character other than the delimiter; write none where nothing is quoted"
        )
    header_rows = csv["header_rows"].count(0, 100) if "header_rows" in csv else 1
    names = csv["names"].texts() if "names" in csv else ()
    if names and header_rows:
        csv["names"].fail("is for a file without a header: state header_rows: 0, or remove it")
    dialect = CsvDialect(
        delimiter=delimiter,
        quote=quote,
        encoding=csv["encoding"].encoding() if "encoding" in csv else "utf-8",
        header_rows=header_rows,
        nulls=csv["nulls"].texts() if "nulls" in csv else nulls,
        decimal="," if style.decimal == "," else ".",
    )
    return Written(pattern_of(pattern), dialect, style, names)


def _unloaded(keys: Mapping[str, Node]) -> Written:
    """Return how a relation is written: types are its own, and only texts that hold numbers have marks."""
    for key in ("pattern", "format", "csv"):
        if key in keys:
            keys[key].fail("a relation has no such settings. Remove it, or 'relation'.")
    relation = keys["relation"].text()
    parts = relation.split(".")
    if len(parts) > 2 or not all(part.strip() for part in parts) or re.search(r'["/\\]|^\s|\s$', relation):
        keys["relation"].fail(f"'{relation}' is not TABLE or SCHEMA.TABLE, each name as PostgreSQL stores it, unquoted")
    return Written(glob.escape(f"{relation}.parquet"), None, _style(keys), relation=relation)


def _style(keys: Mapping[str, Node]) -> NumberStyle:
    decimal = keys["decimal"].choice((".", ",")) if "decimal" in keys else "."
    thousands = keys["thousands"].choice((",", ".", " ", "'", "_")) if "thousands" in keys else ""
    if thousands == decimal:
        keys["thousands"].fail(f"'{thousands}' is the decimal mark already")
    return NumberStyle(decimal, thousands)


def named(result: Written, columns: Iterable[str], node: Node) -> None:
    """Refuse a column that a file without a header cannot have."""
    if result.dialect is None or result.dialect.header_rows > 0:
        return
    for name in columns:
        if result.names and name not in result.names:
            node.fail(f"column '{name}' is not among csv.names")
        if not result.names and not _position(name):
            node.fail(f"the file has no header: give csv.names, or write column_1, column_2, … instead of '{name}'")


def pattern_of(node: Node) -> str:
    """Return a glob below the source's folder; a way out of the folder is refused."""
    pattern = node.text()
    if pattern.startswith(("/", "\\", "~")) or ".." in re.split(r"[/\\]", pattern) or re.match(r"^[A-Za-z]:", pattern):
        node.fail(f"'{pattern}' must stay below the source's folder; state the source's folder instead")
    if any("**" in part and part != "**" for part in re.split(r"[/\\]", pattern)) or not pattern.isprintable():
        node.fail(f"'{pattern}' is not a file name with * and ? in it")
    return pattern
