"""The columns of somebody's file, or the bank's features of its customers, read for `learning.exploration`."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from bank360.bank.counted import counted
from bank360.bank.errors import DataRefused, NotFound
from bank360.features.families import ALL_FEATURES
from bank360.learning.exploration import Exploration, Floats, explored
from bank360.sources.file_look import HEAD_BYTES, Look, PassedOver, look_at
from bank360.sources.mapped_cells import Cells, Values, nothing_as_null, pc, text
from bank360.sources.mapped_flat import FLAT_NULLS
from bank360.sources.mapped_numbers import NumberStyle, are_codes, is_number, numbers
from bank360.sources.naming_columns import names_people
from bank360.sources.source import CsvDialect, SourceFile
from bank360.storage.customer_features import all_values
from bank360.storage.file_head import file_head
from bank360.storage.files import open_file
from bank360.storage.warehouse import Warehouse

_MOST_NAMED = 20
_NEARLY = 0.5  # share of a column's cells from which it was meant to be of numbers
_NUMBERS_OF = {".": "1,234.56", ",": "1.234,56"}  # by the decimal mark


@dataclass(frozen=True)
class ExploredFile:
    """A file explored, and what to know of how its numbers were read: marks, percentages, columns that are nearly."""

    found: Exploration
    notes: tuple[str, ...]


def explore_file(path: Path, columns: Sequence[str] = ()) -> ExploredFile:
    """Return what a CSV or Parquet file looks like, in any of the common ways to write one.

    A column is of numbers where every cell is one, with thousands separators or per cent signs perhaps (5.5 % is
    0.055), in the marks of the file or in the other ones, and none has leading zeros (00123 is a code); else it is of
    texts, and where most of its cells are numbers a note says so. Of one that names people or accounts
    (`naming_columns`), number or not, no cell is shown, and a note names it.

    Parameters
    ----------
    columns
        Only these; none: all.

    Raises
    ------
    DataRefused
        If it is not there, is no table, or has no rows.
    NotFound
        If it has no column of one of these names.
    """
    look = look_at(file_head(path, HEAD_BYTES))
    if isinstance(look, PassedOver):
        problem, _, remedy = look.why.partition(". ")
        raise DataRefused(path.name, problem, remedy or "Name another file.")
    dialect = CsvDialect(look.delimiter, '"', look.encoding, look.header_rows) if look.format == "csv" else None
    opened = open_file(
        path, path.name, SourceFile(path.name, path.name, (), ("customer_facts",), dialect, others="any")
    )
    batches = [batch for batch, _ in opened.batches()]
    if not sum(batch.num_rows for batch in batches):
        raise DataRefused(path.name, "the file has no rows", "Name another file.")
    table = pa.Table.from_batches(batches).combine_chunks()
    measured: dict[str, Floats] = {}
    said: dict[str, Sequence[str | None]] = {}
    naming: list[str] = []
    notes: list[str] = []
    names = look.header if look.format == "csv" and len(look.header) == table.num_columns else table.column_names
    wanted = _wanted(columns, names)
    for name, column in zip(names, table.columns, strict=True):
        if name not in wanted:
            continue
        cells = Cells(nothing_as_null(column.combine_chunks(), FLAT_NULLS), path.name, name, 1)
        texts = text(cells)
        if names_people(name, texts.drop_null().to_pylist()):
            said[name] = texts.to_pylist()
            naming.append(name)
            continue
        found = None if are_codes(cells) else _numbers(cells, look)
        if found is not None:
            measured[name], style = found
            notes += _of_style(name, style, look.decimal)
        else:
            said[name] = texts.to_pylist()
            notes += _codes(name, cells, look) or _nearly(name, cells, look)
    if look.decimal != "." and measured:
        notes.insert(0, f"numbers are read as the file writes them: {_NUMBERS_OF[look.decimal]}")
    if naming:
        these = ", ".join(f"'{name}'" for name in naming)
        one = len(naming) == 1
        notes.append(f"{these} {'names' if one else 'name'} people or accounts: counted, and no cell is shown")
    return ExploredFile(explored(table.num_rows, measured, said, naming), tuple(notes))


def explore_features(warehouse: Warehouse, columns: Sequence[str] = ()) -> Exploration:
    """Return what the bank's customers look like by their features as last built, each named with its unit.

    Parameters
    ----------
    columns
        Only these features; none: all.

    Raises
    ------
    NotReady
        If no features are built.
    NotFound
        If there is no feature of one of these names.
    """
    rows, values = all_values(warehouse)
    units = {feature.name: feature.unit for feature in ALL_FEATURES}
    wanted = _wanted(columns, list(values))
    return explored(rows, {f"{name} ({units[name]})": values[name] for name in values if name in wanted}, {})


def _wanted(columns: Sequence[str], there: Sequence[str]) -> frozenset[str]:
    """Return the columns asked for, all where none is; NotFound names what comes close to one that is not there."""
    for name in columns:
        if name not in there:
            near = difflib.get_close_matches(name, there, 3)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(there[:_MOST_NAMED])}."
            raise NotFound(f"There is no column '{name}'. {hint}")
    return frozenset(columns or there)


def _numbers(cells: Cells, look: Look) -> tuple[Floats, NumberStyle] | None:
    """Return a column as doubles, NaN where a cell is empty, and how it is written.

    None where some cell is no number, or all are empty.
    """
    kind = cells.values.type
    if pa.types.is_boolean(kind) or pa.types.is_temporal(kind) or cells.values.null_count == len(cells.values):
        return None
    for style in _styles(cells, look):
        if pc.all(pc.fill_null(is_number(cells, style), True)).as_py():
            try:
                found: Values = numbers(cells, style)
            except DataRefused:  # more digits than a quantity has: they name something, as a text does
                return None
            return np.asarray(pc.fill_null(found, float("nan")), dtype=np.float64), style
    return None


def _styles(cells: Cells, look: Look) -> Iterator[NumberStyle]:
    """Yield how a column's numbers may be written, the file's own marks first.

    The other marks count only where a cell has a fraction by them: dots between groups of digits are addresses, too.
    """
    other = "," if look.decimal == "." else "."
    marks = [(look.decimal, ""), (look.decimal, other)]
    if pa.types.is_string(cells.values.type):
        fraction = pc.match_substring_regex(text(cells), rf"[0-9]{'[.]' if other == '.' else other}[0-9]+\s*%?$")
        marks += [(other, ""), (other, look.decimal)] if pc.any(fraction).as_py() else []
    for percent in (False, True):
        yield from (NumberStyle(decimal, thousands, percent) for decimal, thousands in marks)


def _of_style(name: str, style: NumberStyle, decimal: str) -> list[str]:
    notes = []
    if style.decimal != decimal:
        notes.append(f"'{name}' is read as {_NUMBERS_OF[style.decimal]}, not as the file's other numbers")
    if style.percent:
        notes.append(f"'{name}' is of percentages: 5 % is 0.05")
    return notes


def _codes(name: str, cells: Cells, look: Look) -> list[str]:
    """Return that a column that could be read as numbers is of codes, for leading zeros would be lost."""
    if not are_codes(cells) or _numbers(cells, look) is None:
        return []
    return [f"'{name}' is shown as texts: it has leading zeros, as codes have and amounts have not"]


def _nearly(name: str, cells: Cells, look: Look) -> list[str]:
    """Return that a column shown as texts is mostly of numbers, and where the first is that is none; never the cell."""
    there = len(cells.values) - cells.values.null_count
    if there == 0 or not pa.types.is_string(cells.values.type):
        return []
    shaped = [pc.fill_null(is_number(cells, style), True) for style in _styles(cells, look)]
    wrong = min((pc.invert(each) for each in shaped), key=lambda each: pc.sum(each).as_py())
    count = int(pc.sum(wrong).as_py())
    if count == 0 or count > _NEARLY * there:
        return []
    row = pc.index(wrong, True).as_py() + 1
    one = count == 1
    which = f"{counted(count, 'cell')} of {there:,} {'is' if one else 'are'} no number"
    where = f"the first in row {row:,} below the header"
    return [f"'{name}' is shown as texts, for {which} ({where}): correct or empty {'it' if one else 'them'}"]
