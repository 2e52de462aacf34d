"""Cells of a bank's own files, read strictly: text, yes and no, codes.

Each function takes a column of one Arrow batch with its place in the file (`Cells`) and returns an array of the
canonical type, whole columns at a time; a cell that does not read refuses the load and is named by file, column and
row: at once, or, where the cells carry `CellFaults`, together with all others when the batch is read. Blanks around a
cell never matter, a null stays null, and a cell's meaning never depends on its neighbours, so a file may be cut into
batches anywhere. Used by every source that reads somebody else's files. Neighbours: `mapped_numbers`,
`mapped_times` for dates.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute

from bank360.bank.errors import DataRefused
from bank360.bank.fault import EXAMPLES, HIDDEN_VALUE, VALUES, Fault, shown_values
from bank360.sources.cell_faults import CellFaults, Flags
from bank360.sources.mapped_remedies import AS_WRITTEN, CODE_LINE, NULLS_LINE, line_of
from bank360.sources.personal_columns import may_be_personal

# An Arrow array of any element type, and Arrow's kernels over it: the stubs' overloads cannot say "any of these".
Values = Any
pc: Any = pyarrow.compute


def empty_values(rows: int, kind: pa.DataType) -> Values:
    """Return an array of ``rows`` nulls of an Arrow type known only when it runs."""
    nulls: Any = pa.nulls
    return nulls(rows, kind)


def constant_values(value: object, rows: int, kind: pa.DataType) -> Values:
    """Return an array that holds one value ``rows`` times, of an Arrow type known only when it runs."""
    repeat: Any = pa.repeat
    return repeat(pa.scalar(value, kind), rows)


@dataclass(frozen=True)
class Cells:
    """One column of a batch and its place in the file.

    Parameters
    ----------
    values
        The cells as delivered: text, or the type stored in a Parquet file.
    file, column
        As messages name them.
    first_line
        Line of the first cell.
    faults
        Where faults are gathered; None: the first one refuses the load at once.
    personal
        Whether the cells are known to say who somebody is: a message never repeats one, as where the name says so.
    key
        The key of the mapping that reads the column, as messages name it.
    """

    values: Values
    file: str
    column: str
    first_line: int
    faults: CellFaults | None = None
    personal: bool = False
    key: str = ""

    @property
    def hidden(self) -> bool:
        """Whether no message may repeat a cell."""
        return self.personal or may_be_personal(self.column)

    def line(self, index: int) -> int:
        """Return the line of the cell at ``index`` of the batch."""
        return self.first_line + index

    def refuse(self, index: int, problem: str, remedy: str) -> NoReturn:
        """Refuse the load because of the cell at ``index`` of the batch."""
        raise DataRefused(self.file, problem, remedy, self.column, self.line(index))

    def held(
        self, values: Values, bad: Values, what: str, remedy: str, line: str = "", besides: Sequence[str] = ()
    ) -> Values:
        """Return the values if no cell is ``bad``; else refuse the load, or gather the fault and empty those cells.

        Parameters
        ----------
        values
            What was read of the cells so far.
        what, remedy
            The end of the sentence on a bad cell, and what to do.
        line
            What to write in the mapping at ``key`` (`mapped_remedies`).
        besides
            Other columns of the file: a cell is bad because of them where they have a fault, and is not told.
        """
        index = pc.index(bad, True).as_py()
        if index < 0:
            return values
        if self.faults is None:
            value = HIDDEN_VALUE if self.hidden else shown(self.values[index].as_py())
            self.refuse(index, f"{value} {what}", remedy)
        flagged = np.asarray(pc.fill_null(bad, False), dtype=np.bool_)
        untold = self.faults.untold(self.column, flagged, besides)
        if line in AS_WRITTEN:
            words = untold & ~np.asarray(pc.fill_null(pc.match_substring_regex(text(self), "[0-9]"), False))
            self._gather(self.faults, words, what, "Correct it, or name it in nulls.", NULLS_LINE, valued=True)
            untold = untold & ~words
        self._gather(self.faults, untold, what, remedy, line, valued=True)
        return pc.if_else(pa.array(flagged), pa.scalar(None, values.type), values)

    def filled(self, empty: Values, what: str, remedy: str, line: str = "", besides: Sequence[str] = ()) -> None:
        """Refuse the load, or gather the fault, where a cell is ``empty`` that must not be; as `held`."""
        index = pc.index(empty, True).as_py()
        if index < 0:
            return
        if self.faults is None:
            self.refuse(index, what, remedy)
        flagged = np.asarray(pc.fill_null(empty, False), dtype=np.bool_)
        self._gather(self.faults, self.faults.untold(self.column, flagged, besides), what, remedy, line, valued=False)

    def refuse_where(self, bad: Values, what: str, remedy: str) -> None:
        """Refuse the load because of cells that are ``bad``; as `held`, for who does not read on."""
        self.held(self.values, bad, what, remedy)

    def _gather(self, faults: CellFaults, bad: Flags, what: str, remedy: str, line: str, *, valued: bool) -> None:
        rows = np.flatnonzero(bad)
        if not len(rows):
            return
        values: tuple[str, ...] = ()
        if valued:
            different = () if self.hidden else pc.unique(self.values.filter(pa.array(bad)))[: 2 * VALUES].to_pylist()
            values = (HIDDEN_VALUE,) if self.hidden else shown_values(different)
        first = tuple(self.line(int(row)) for row in rows[:EXAMPLES])
        line = line_of(self.key, self.column, line)
        faults.add(Fault(self.file, self.column, what, remedy, first, len(rows), values, line), bad)


def shown(value: object) -> str:
    """Return a cell as a message shows it: quoted, and cut after 40 characters."""
    text = str(value)
    return f"'{text[:40]}…'" if len(text) > 40 else f"'{text}'"


def without_nulls(values: Values, nulls: tuple[str, ...]) -> Values:
    """Return cells where a text that means "no value" is null, whatever blanks stand around it."""
    if not pa.types.is_string(values.type) or not nulls:
        return values
    trimmed = pc.utf8_trim_whitespace(values)
    return pc.if_else(pc.is_in(trimmed, pa.array(nulls)), pa.scalar(None, pa.string()), values)


def nothing_as_null(values: Values, nulls: tuple[str, ...]) -> Values:
    """Return a flat file's cells where nothing is null: as `without_nulls`, and NaN where a column stores doubles."""
    if pa.types.is_floating(values.type):
        return pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    return without_nulls(values, nulls)


def text(cells: Cells) -> Values:
    """Return the cells as text without blanks around it; what is blank is null.

    A whole number stored as a double (an id in a file written through pandas) reads as the whole number.
    """
    values = cells.values
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if pa.types.is_floating(kind):
        doubles = values.cast(pa.float64())
        whole = pc.and_(pc.equal(doubles, pc.floor(doubles)), pc.less(pc.abs(doubles), 2.0**53))
        as_whole = pc.if_else(whole, doubles, None).cast(pa.int64()).cast(pa.string())
        return pc.if_else(whole, as_whole, doubles.cast(pa.string()))
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        values = values.cast(pa.string())
    trimmed = pc.utf8_trim_whitespace(values.cast(pa.string()))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


def booleans(cells: Cells) -> Values:
    """Return the cells as booleans: stored ones, or true, false, 1, 0 in any case; others need codes."""
    if pa.types.is_boolean(cells.values.type):
        return cells.values
    lower = pc.utf8_lower(text(cells))
    true, false = pc.is_in(lower, pa.array(["true", "1"])), pc.is_in(lower, pa.array(["false", "0"]))
    neither = pc.and_(pc.is_valid(lower), pc.invert(pc.or_(true, false)))
    lower = cells.held(lower, neither, "is not true or false", "State codes for it.", CODE_LINE)
    return pc.if_else(pc.is_valid(lower), true, pa.scalar(None, pa.bool_()))


def coded(
    cells: Cells, codes: Mapping[str, Any], other: str | None, kind: pa.DataType, remedy: str | None = None
) -> Values:
    """Return our codes for theirs.

    Parameters
    ----------
    codes
        Theirs (as `code_text` writes them) to ours.
    other
        Our code for any value that ``codes`` does not list; None: such a value refuses the load.
    kind
        Arrow type of our codes.
    remedy
        What to do about a code that is not listed, where another key of the mapping than ``codes`` lists them.
    """
    theirs = normal_codes(text(cells))
    index = pc.index_in(theirs, pa.array(list(codes), pa.string()))
    ours = pa.array(list(codes.values()), kind).take(index)
    unknown = pc.and_(pc.is_valid(theirs), pc.is_null(index))
    if other is not None:
        return pc.if_else(unknown, pa.scalar(other, kind), ours)
    if remedy is not None:
        return cells.held(ours, unknown, "is not a known code", remedy)
    listed = ", ".join(shown(code) for code in list(codes)[:12])
    remedy = f"The mapping knows {listed}: add it there, or correct the cell."
    return cells.held(ours, unknown, "is not a known code", remedy, CODE_LINE)


def normal_codes(values: Values) -> Values:
    """Return texts with a fraction of zeros cut off: a code 1 may be written 1 or 1.0, and 01 stays another code."""
    return pc.replace_substring_regex(values, r"^(-?[0-9]+)\.0+$", r"\1")


def code_text(code: object) -> tuple[str, ...]:
    """Return how a code written in YAML may stand in a cell.

    YAML reads an unquoted ``yes`` as true: all spellings that it reads so are meant.

    >>> code_text(1), code_text("B")
    (('1',), ('B',))
    """
    if isinstance(code, bool):
        words = ("true", "yes", "on") if code else ("false", "no", "off")
        return tuple(spelling for word in words for spelling in (word, word.capitalize(), word.upper()))
    return (re.sub(r"^(-?[0-9]+)\.0+$", r"\1", str(code).strip()),)
