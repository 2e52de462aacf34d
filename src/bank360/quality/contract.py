"""A table's contract: what each row must satisfy before it may enter the warehouse.

Pure, a batch at a time, vectorised: types, missing values, closed lists of codes, ranges, numbers that are numbers,
instants inside the calendar. The answer is the first violation in row order, or none; whether that refuses the load is
the caller's. What no single row shows (a key twice, a dangling reference) `storage.load_checks` asks of the whole load.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute

from bank360.bank.table import Column, Table, Tag

# An Arrow array of any element type, and Arrow's kernels over it: the stubs' overloads cannot say "any of these".
Values = Any
pc: Any = pyarrow.compute

# No quantity of a bank is larger; squares of it still fit a double. 1e308 is a typing error or an attack.
LARGEST_NUMBER = 1e30

# The calendar's zone table covers 1900-2100 (`bank.calendar`); an instant outside cannot be given a local day.
_FIRST_INSTANT, _END_INSTANT = -2_208_988_800_000_000, 4_102_444_800_000_000  # 1900-01-01, 2100-01-01
_FIRST_DAY, _LAST_DAY = -25_567, 2_932_896  # 1900-01-01; 9999-12-31, which files write for "until further notice"


@dataclass(frozen=True)
class Violation:
    """The first row of a batch that breaks its table's contract.

    Parameters
    ----------
    column
        Canonical column.
    index
        Row in the batch, from 0.
    problem, remedy
        What is wrong, and what can be done, in plain words. Values of personal columns are never quoted.
    """

    column: str
    index: int
    problem: str
    remedy: str


def contract_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns a converted batch is held to: the table's own and ``known_time``."""
    return (*table.columns, table.column("known_time"))


def first_violation(table: Table, batch: pa.RecordBatch) -> Violation | None:
    """Return the violation of the earliest row, or None where every row satisfies the contract.

    Parameters
    ----------
    table
        The canonical table.
    batch
        Rows with all of `contract_columns`, of their Arrow types; coded columns may be dictionary-encoded.

    Raises
    ------
    ValueError
        If a column is missing or of another type: a mistake in the source's code, not in the data.
    """
    found = [
        violation
        for column in contract_columns(table)
        if (violation := _column_violation(column, _values(table, column, batch))) is not None
    ]
    return min(found, key=lambda violation: violation.index, default=None)


def _values(table: Table, column: Column, batch: pa.RecordBatch) -> Values:
    position = batch.schema.get_field_index(column.name)
    if position < 0:
        raise ValueError(f"converted rows of '{table.name}' lack the column '{column.name}'")
    values = batch.column(position)
    plain = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if plain != column.arrow_type:
        raise ValueError(f"'{table.name}.{column.name}' is {values.type} after conversion, not {column.arrow_type}")
    return values


def _column_violation(column: Column, values: Values) -> Violation | None:
    checks = (_null(column, values), _code(column, values), _text(column, values), _number(column, values))
    found = [violation for violation in (*checks, _time(column, values)) if violation is not None]
    return min(found, key=lambda violation: violation.index, default=None)


def _null(column: Column, values: Values) -> Violation | None:
    if column.nullable or values.null_count == 0:
        return None
    index = _first(pc.is_null(values))
    assert index is not None
    return Violation(column.name, index, "has no value", "Every row needs one.")


def _code(column: Column, values: Values) -> Violation | None:
    if column.codes is None:
        return None
    known = [code.value for code in column.codes]
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    unknown = pc.invert(pc.is_in(coded.dictionary, value_set=pa.array(known, pa.string())))
    if not pc.any(unknown).as_py():
        return None
    index = _first(pc.take(unknown, coded.indices))
    if index is None:  # a word of the dictionary that no row uses
        return None
    return Violation(
        column.name, index, f"unknown code {_quoted(column, values[index])}", f"Known codes: {', '.join(known)}."
    )


def _text(column: Column, values: Values) -> Violation | None:
    """Find a key that is an empty text: it names nothing."""
    if column.type != "string" or Tag.KEY not in column.tags or pa.types.is_dictionary(values.type):
        return None
    index = _first(pc.equal(pc.binary_length(values), 0))
    return None if index is None else Violation(column.name, index, "is an empty text", "A key must name something.")


def _number(column: Column, values: Values) -> Violation | None:
    if column.type not in ("int64", "float64"):
        return None
    found = []
    if column.type == "float64":
        index = _first(pc.invert(pc.less_equal(pc.abs(values), LARGEST_NUMBER)))
        if index is not None:
            problem = f"{values[index]} is not a finite, plausible number"
            found.append(Violation(column.name, index, problem, "Correct or empty the cell."))
    for edge, outside, word in ((column.low, pc.less, "below"), (column.high, pc.greater, "above")):
        index = None if edge is None else _first(outside(values, pa.scalar(edge, pa.float64()).cast(values.type)))
        if index is not None:
            problem = f"{_quoted(column, values[index])} is {word} {edge:g}"
            remedy = f"The column is {column.meaning}, in {column.unit or 'plain numbers'}: correct it, or its mapping."
            found.append(Violation(column.name, index, problem, remedy))
    return min(found, key=lambda violation: violation.index, default=None)


def _time(column: Column, values: Values) -> Violation | None:
    if column.type == "timestamp":
        integers, first, last, years = values.cast(pa.int64()), _FIRST_INSTANT, _END_INSTANT - 1, "1900 to 2099"
    elif column.type == "date":
        integers, first, last, years = values.cast(pa.int32()), _FIRST_DAY, _LAST_DAY, "1900 to 9999"
    else:
        return None
    extremes = pc.min_max(integers).as_py()
    if extremes["min"] is None or (extremes["min"] >= first and extremes["max"] <= last):
        return None
    index = _first(pc.or_(pc.less(integers, first), pc.greater(integers, last)))
    assert index is not None
    return Violation(
        column.name, index, f"{_quoted(column, values[index])} is out of the years {years}", "Correct the value."
    )


def _first(flags: Values) -> int | None:
    """Return the index of the first true flag; null flags do not count."""
    index = pc.index(flags, True).as_py()
    return None if index < 0 else int(index)


def _quoted(column: Column, value: object) -> str:
    if {Tag.PII, Tag.PROTECTED, Tag.RESTRICTED} & set(column.tags) and column.codes is None:
        return "the value"
    text = str(value)
    return f"'{text}'" if len(text) <= 40 else f"'{text[:37]}...'"
