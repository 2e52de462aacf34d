"""A table's contract: what each row must satisfy before it may enter the warehouse.

Pure, a batch at a time, vectorised: types, missing values, closed lists of codes, ranges, numbers that are numbers,
instants inside the calendar. The answer is every violation, by column, each with its first rows; whether that refuses
the load is the caller's. What no single row shows, `storage.repeated_keys` and `storage.dangling` ask of the whole
load.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute

from bank360.bank.fault import EXAMPLES, HIDDEN_VALUE, VALUES, shown_values
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
    """One way in which rows of a batch break their table's contract.

    Parameters
    ----------
    column
        Canonical column.
    indices
        The first rows in the batch that do, from 0, up to `bank.fault.EXAMPLES`.
    count
        How many rows do.
    what, remedy
        What is wrong, and what can be done, in plain words.
    values
        Different values that are wrong, where a value is: the end of ``what`` speaks of it. Those of personal columns
        are never told.
    """

    column: str
    indices: tuple[int, ...]
    count: int
    what: str
    remedy: str
    values: tuple[str, ...] = ()


def contract_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns a converted batch is held to: the table's own and ``known_time``."""
    return (*table.columns, table.column("known_time"))


def violations(table: Table, batch: pa.RecordBatch) -> tuple[Violation, ...]:
    """Return all violations, by column in the table's order; none where every row satisfies the contract.

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
    return tuple(
        violation
        for column in contract_columns(table)
        for violation in _column_violations(column, _values(table, column, batch))
    )


def _values(table: Table, column: Column, batch: pa.RecordBatch) -> Values:
    position = batch.schema.get_field_index(column.name)
    if position < 0:
        raise ValueError(f"converted rows of '{table.name}' lack the column '{column.name}'")
    values = batch.column(position)
    plain = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if plain != column.arrow_type:
        raise ValueError(f"'{table.name}.{column.name}' is {values.type} after conversion, not {column.arrow_type}")
    return values


def _column_violations(column: Column, values: Values) -> Iterator[Violation]:
    for check in (_null, _code, _text, _number, _time):
        yield from check(column, values)


def _null(column: Column, values: Values) -> Iterator[Violation]:
    if not column.nullable and values.null_count:
        yield from _where(column, values, pc.is_null(values), "has no value", "Every row needs one.", valued=False)


def _code(column: Column, values: Values) -> Iterator[Violation]:
    if column.codes is None:
        return
    known = [code.value for code in column.codes]
    coded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    unknown = pc.invert(pc.is_in(coded.dictionary, value_set=pa.array(known, pa.string())))
    if pc.any(unknown).as_py():  # perhaps a word of the dictionary that no row uses
        bad = pc.take(unknown, coded.indices)
        yield from _where(column, coded, bad, "is an unknown code", f"Known codes: {', '.join(known)}.")


def _text(column: Column, values: Values) -> Iterator[Violation]:
    """Find keys that are an empty text: they name nothing."""
    if column.type == "string" and Tag.KEY in column.tags and column.codes is None:
        bad = pc.equal(pc.binary_length(values), 0)
        yield from _where(column, values, bad, "is an empty text", "A key must name something.", valued=False)


def _number(column: Column, values: Values) -> Iterator[Violation]:
    if column.type not in ("int64", "float64"):
        return
    no_number: Violation | None = None
    outside = None
    if column.type == "float64":
        outside = pc.invert(pc.less_equal(pc.abs(values), LARGEST_NUMBER))
        what = "is not a finite, plausible number"
        no_number = next(_where(column, values, outside, what, "Correct or empty the cell."), None)
        if no_number is not None:
            yield no_number
    for edge, beyond, word in ((column.low, pc.less, "below"), (column.high, pc.greater, "above")):
        if edge is not None:
            bad = beyond(values, pa.scalar(edge, pa.float64()).cast(values.type))
            if no_number is not None:  # infinity lies above every edge, and was told as what it is
                bad = pc.and_not(bad, outside)
            remedy = f"The column is {column.meaning}, in {column.unit or 'plain numbers'}: correct it, or its mapping."
            yield from _where(column, values, bad, f"is {word} {edge:g}", remedy)


def _time(column: Column, values: Values) -> Iterator[Violation]:
    if column.type == "timestamp":
        integers, first, last, years = values.cast(pa.int64()), _FIRST_INSTANT, _END_INSTANT - 1, "1900 to 2099"
    elif column.type == "date":
        integers, first, last, years = values.cast(pa.int32()), _FIRST_DAY, _LAST_DAY, "1900 to 9999"
    else:
        return
    extremes = pc.min_max(integers).as_py()
    if extremes["min"] is None or (extremes["min"] >= first and extremes["max"] <= last):
        return
    bad = pc.or_(pc.less(integers, first), pc.greater(integers, last))
    yield from _where(column, values, bad, f"is out of the years {years}", "Correct the value.")


def _where(
    column: Column, values: Values, bad: Values, what: str, remedy: str, *, valued: bool = True
) -> Iterator[Violation]:
    """Yield the violation of the rows where ``bad`` is true, if there are any; null flags do not count."""
    if pc.index(bad, True).as_py() < 0:
        return
    indices = np.flatnonzero(np.asarray(pc.fill_null(bad, False), dtype=np.bool_))
    told: tuple[str, ...] = ()
    if valued:
        told = (HIDDEN_VALUE,) if _personal(column) else shown_values(_different(values, indices))
    yield Violation(column.name, tuple(indices[:EXAMPLES].tolist()), len(indices), what, remedy, told)


def _different(values: Values, indices: npt.NDArray[np.int64]) -> list[object]:
    found = pc.unique(values.take(pa.array(indices)))
    plain = found.dictionary_decode() if pa.types.is_dictionary(found.type) else found
    if pa.types.is_integer(plain.type) or pa.types.is_floating(plain.type):
        return [str(one) for one in plain[: 2 * VALUES]]
    return [str(one) for one in plain[: 2 * VALUES].cast(pa.string()).to_pylist()]


def _personal(column: Column) -> bool:
    return bool({Tag.PII, Tag.PROTECTED, Tag.RESTRICTED, Tag.TOKEN} & set(column.tags))
