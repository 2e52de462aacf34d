"""Numbers and money in a bank's own files, read strictly with the marks that the mapping states.

A cell that does not read under the stated marks and does under others is told with the line that states those; one
that reads under none is told as that, for no other mark mends it. Neighbours: `mapped_cells`,
`mapped_remedies`.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from bank360.sources.mapped_cells import Cells, Values, pc, text
from bank360.sources.mapped_remedies import NULLS_LINE, marks_line, other_marks

_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"
_AMOUNT = r"^(?P<sign>[+-]?)(?P<whole>[0-9]*)\.?(?P<cents>[0-9]*)$"
# Of one decimal mark at most, and a digit at least: "-" and "€" are words for nothing, which no marks mend.
_AMOUNT_WITH_DIGITS = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$"
_UNDER_NONE = ", whether a comma or a point marks the decimals"
_OTHER_MARKS = "Correct it, or state decimal and thousands as the file has them."
# Beyond this a double no longer holds every whole number, and no measured quantity of a bank lies there.
LARGEST_NUMBER = 1e15

Excess = Literal["refuse", "round"]


@dataclass(frozen=True)
class NumberStyle:
    """How numbers are written: decimal mark, thousands separator ("": none), whether they are percentages."""

    decimal: str = "."
    thousands: str = ""
    percent: bool = False


@dataclass(frozen=True)
class _Shape:
    """What a cell must look like without its marks, and what is said of one that does not under any.

    ``remedy`` is for a cell with digits, ``without_digits`` for one that has none.
    """

    what: str
    pattern: str
    remedy: str
    without_digits: str


_A_NUMBER = _Shape("is not a number", _NUMBER, *(["Correct it, name it in nulls, or read the column as text."] * 2))
_AN_AMOUNT = _Shape("is not an amount", _AMOUNT_WITH_DIGITS, "Correct it.", "Correct it, or name it in nulls.")


def numbers(cells: Cells, style: NumberStyle = NumberStyle()) -> Values:
    """Return the cells as finite doubles; a percentage as its hundredth.

    Raises
    ------
    DataRefused
        For a cell that is not a number, is NaN or infinite, or lies beyond ``LARGEST_NUMBER``.
    """
    kind = cells.values.type
    if pa.types.is_null(kind):
        return pa.nulls(len(cells.values), pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        found = cells.values.cast(pa.float64(), safe=False)
    else:
        cleaned = _cleaned_numbers(cells, style)
        readable = pc.match_substring_regex(cleaned, _NUMBER)
        cleaned = _held(cells, cleaned, pc.invert(readable), style, _A_NUMBER)
        found = cleaned.cast(pa.float64())
    beyond = pc.or_(pc.invert(pc.is_finite(found)), pc.greater(pc.abs(found), LARGEST_NUMBER))
    found = cells.held(found, beyond, "is not a finite number below 10^15", "Correct it or leave it empty.")
    return pc.divide(found, 100.0) if style.percent else found


def is_number(cells: Cells, style: NumberStyle = NumberStyle()) -> Values:
    """Return which cells are shaped like numbers; null where the cell is."""
    if not pa.types.is_string(cells.values.type):
        kind = cells.values.type
        numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        return pc.if_else(pc.is_valid(cells.values), pa.scalar(numeric), pa.scalar(None, pa.bool_()))
    return pc.match_substring_regex(_cleaned_numbers(cells, style), _NUMBER)


def are_codes(cells: Cells) -> bool:
    """Return whether a column of digits names something and measures nothing: a cell has leading zeros, as 00123."""
    return pa.types.is_string(cells.values.type) and bool(
        pc.any(pc.match_substring_regex(text(cells), r"^0[0-9]+$")).as_py()
    )


def whole_numbers(cells: Cells, style: NumberStyle = NumberStyle()) -> Values:
    """Return the cells as int64; a cell with a fraction refuses the load."""
    kind = cells.values.type
    if pa.types.is_uint64(kind):
        beyond = pc.greater(cells.values, pa.scalar(2**63 - 1, kind))
        return cells.held(cells.values, beyond, "is too large for a whole number", "Correct it.").cast(pa.int64())
    if pa.types.is_integer(kind):
        return cells.values.cast(pa.int64())
    found = numbers(cells, style)
    found = cells.held(found, pc.not_equal(found, pc.floor(found)), "is not a whole number", "Correct it.")
    return found.cast(pa.int64())


def amounts(
    cells: Cells,
    exponents: Values,
    style: NumberStyle = NumberStyle(),
    excess: Excess = "refuse",
) -> Values:
    """Return decimal amounts of major units as int64 minor units, exactly.

    Parameters
    ----------
    exponents
        int64, decimal digits of each row's currency (`bank.money.exponent`).
    excess
        What to do with digits beyond the minor unit: refuse, or round halves to even. Zeros are never excess.

    Notes
    -----
    Text is taken digit by digit, never through a double. A stored double is accepted exactly when it is the double
    nearest to some whole number of minor units.
    """
    kind = cells.values.type
    if pa.types.is_floating(kind):
        return _amounts_of_doubles(cells, exponents, excess)
    if pa.types.is_null(kind):
        return pa.nulls(len(cells.values), pa.int64())
    cleaned = _cleaned_numbers(cells, style)
    parts = pc.extract_regex(cleaned, _AMOUNT)
    whole, cents = pc.struct_field(parts, "whole"), pc.struct_field(parts, "cents")
    empty = pc.and_(pc.equal(whole, ""), pc.equal(cents, ""))
    unreadable = pc.and_(pc.is_valid(cells.values), pc.or_kleene(pc.is_null(whole), empty))
    unreadable = pc.and_(pc.fill_null(unreadable, True), pc.is_valid(cleaned))
    cleaned = _held(cells, cleaned, unreadable, style, _AN_AMOUNT)
    cents = pc.utf8_rtrim(cents, "0")
    result = pa.nulls(len(cleaned), pa.int64())
    for exponent in pc.unique(exponents.drop_null()).to_pylist():
        here = pc.and_(pc.equal(exponents, exponent), pc.is_valid(cleaned))
        beyond = pc.and_(here, pc.greater(pc.utf8_length(cents), exponent))
        if excess == "refuse":
            cleaned = cells.held(
                cleaned,
                beyond,
                f"has more than the {exponent} decimals of its currency",
                "Correct it, or state 'amounts: major_rounded'.",
            )
        kept = pc.utf8_rpad(pc.utf8_slice_codeunits(cents, 0, exponent), exponent, "0")
        digits = pc.utf8_ltrim(pc.binary_join_element_wise(whole, kept, ""), "0")
        digits = pc.if_else(pc.equal(digits, ""), "0", digits)
        too_long = pc.and_(here, pc.greater(pc.utf8_length(digits), 18))
        digits = cells.held(digits, too_long, "is too large for an amount", "Correct it.")
        minor = pc.if_else(here, digits, None).cast(pa.int64())
        if excess == "round":
            tail = pc.if_else(beyond, pc.utf8_slice_codeunits(cents, exponent, 64), "")
            odd = pc.equal(pc.bit_wise_and(minor, 1), 1)
            up = pc.or_(pc.greater(tail, "5"), pc.and_(pc.equal(tail, "5"), odd))
            minor = pc.add(minor, up.cast(pa.int64()))
        result = pc.if_else(here, minor, result)
    return pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(result), result)


def _amounts_of_doubles(cells: Cells, exponents: Values, excess: Excess) -> Values:
    # Without a currency, which is told of the currency's cell, an amount cannot be held to its decimals.
    present = np.asarray(pc.and_(pc.is_valid(cells.values), pc.is_valid(exponents)))
    major = np.asarray(pc.fill_null(cells.values.cast(pa.float64()), 0.0))
    scale = 10.0 ** np.asarray(pc.fill_null(exponents, 0), dtype=np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        minor = np.rint(major * scale)
        bad = ~np.isfinite(major) | (np.abs(minor) > 2.0**53)
        inexact = ~bad & (minor / scale != major)
    read = pa.array(np.where(present & ~bad, minor, 0).astype(np.int64), mask=~present)
    read = cells.held(read, pa.array(bad & present), "is not a finite amount that fits", "Correct it.")
    if excess == "refuse":
        what, remedy = "has more decimals than its currency", "Correct it, or state 'amounts: major_rounded'."
        read = cells.held(read, pa.array(inexact & present), what, remedy)
    return read


def _held(cells: Cells, read: Values, bad: Values, style: NumberStyle, shape: _Shape) -> Values:
    """Return what was read as `Cells.held` does; of a cell that reads under other marks the remedy states those."""
    first = pc.index(bad, True).as_py()
    if first < 0:
        return read
    if cells.faults is None:  # the first bad cell of any kind is the one that is told
        bad = pa.array(np.arange(len(bad)) == first)
    for decimal, thousands in other_marks(style.decimal, style.thousands):
        shaped = _cleaned_numbers(cells, NumberStyle(decimal, thousands, style.percent))
        mended = pc.and_(bad, pc.fill_null(pc.match_substring_regex(shaped, shape.pattern), False))
        read = cells.held(read, mended, shape.what, _OTHER_MARKS, marks_line(decimal, thousands))
        bad = pc.and_not(bad, mended)
    misplaced = pc.and_(bad, _separated(cells, style))
    read = cells.held(read, misplaced, "has its thousands separator in the wrong place", "Correct it.")
    bad = pc.and_not(bad, misplaced)
    neither = pc.and_(bad, pc.fill_null(pc.match_substring_regex(text(cells), "[0-9]"), False))
    read = cells.held(read, neither, shape.what + _UNDER_NONE, shape.remedy)
    return cells.held(read, pc.and_not(bad, neither), shape.what, shape.without_digits, NULLS_LINE)


def _cleaned_numbers(cells: Cells, style: NumberStyle) -> Values:
    """Return number texts with a point for decimals, a leading sign, and neither separators nor currency signs.

    A cell whose separators do not set thousands apart keeps them, and so does not read.
    """
    found = _bare(cells, style)
    if style.thousands:
        mark, point = _mark(style), re.escape(style.decimal)
        grouped = rf"^[+-]?[0-9]{{1,3}}({mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}({point}[0-9]*)?$"
        misplaced = pc.invert(pc.match_substring_regex(found, grouped))
        found = pc.if_else(misplaced, found, pc.replace_substring_regex(found, mark, ""))
    if style.decimal != ".":
        # A point in a file of decimal commas is no decimal mark: make it unreadable rather than read 1.234 as 1.2.
        found = pc.replace_substring(pc.replace_substring(found, ".", "?"), style.decimal, ".")
    return found


def _separated(cells: Cells, style: NumberStyle) -> Values:
    """Return which cells are digits and marks with the stated thousands separator among them."""
    if not style.thousands:
        return pa.array(np.zeros(len(cells.values), dtype=np.bool_))
    found = _bare(cells, style)
    shaped = pc.match_substring_regex(found, r"^[+-]?[0-9.,' \x{a0}\x{202f}]*[0-9][0-9.,' \x{a0}\x{202f}]*$")
    return pc.fill_null(pc.and_(shaped, pc.match_substring_regex(found, _mark(style))), False)


def _mark(style: NumberStyle) -> str:
    return r"[ \x{a0}\x{202f}]" if style.thousands == " " else re.escape(style.thousands)


def _bare(cells: Cells, style: NumberStyle) -> Values:
    """Return number texts with a leading sign and no sign of a currency; marks as they stand."""
    found = text(cells)
    found = pc.replace_substring(found, "\u2212", "-")
    found = pc.replace_substring_regex(found, r"^\((.+)\)$", r"-\1")  # accountants' brackets
    found = pc.replace_substring_regex(found, r"^([^+-].*)-$", r"-\1")  # a trailing minus, as mainframes print it
    found = pc.replace_substring_regex(found, r"^([+-]?)\s*[£$€¥]\s*", r"\1")
    found = pc.replace_substring_regex(found, r"\s*[£$€¥]$", "")
    return pc.replace_substring_regex(found, r"\s*%$", "") if style.percent else found
