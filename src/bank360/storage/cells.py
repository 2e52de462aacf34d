"""Cell texts of delimited files to typed values, strictly: a text either is a value of the type or refuses the file.

Whole columns are parsed at once by Arrow; only when that fails is the first bad row looked for, by halving. Arrow is
lenient where a bank must not be (31 February becomes 2 March, ``nan`` is a number, ``0x10`` an integer): each such case
is closed here.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute

from bank360.bank.fault import HIDDEN_VALUE
from bank360.bank.personal_numbers import masked_key
from bank360.quality.contract import LARGEST_NUMBER
from bank360.sources.personal_columns import may_be_personal
from bank360.sources.source import RawColumn

# An Arrow array of any element type, and Arrow's kernels over it: the stubs' overloads cannot say "any of these".
Values = Any
pc: Any = pyarrow.compute

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")

_MEANT = {
    "int64": "a whole number of at most 18 digits",
    "float64": "a finite number",
    "bool": "true or false",
    "date": "a date",
    "timestamp": "an instant",
    "string": "a text",
}


class BadCell(ValueError):
    """A cell is not a value of its column's type.

    Parameters
    ----------
    index
        Which of the texts, from 0.
    problem
        What is wrong with it.
    """

    def __init__(self, index: int, problem: str) -> None:
        self.index, self.problem = index, problem
        super().__init__(f"row {index}: {problem}")


def parsed(texts: Values, column: RawColumn, nulls: tuple[str, ...], decimal: Literal[".", ","]) -> Values:
    """Return the values of a column of texts.

    Parameters
    ----------
    texts
        One text per row; a text among ``nulls``, blanks around it aside, has no value.
    column
        Its type, and the strptime pattern of dates and instants that are not ISO 8601. An instant without an offset is
        taken as written; one with an offset becomes UTC.
    decimal
        The decimal mark of numbers.

    Raises
    ------
    BadCell
        For the first text that is not a value, which it repeats unless the column may be personal; blanks around
        numbers, dates and truth values do not matter.
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    if nulls:
        empty = pc.is_in(trimmed, value_set=pa.array(nulls, pa.string()))
        texts, trimmed = (pc.if_else(empty, pa.scalar(None, pa.string()), either) for either in (texts, trimmed))
    if column.type in ("string", "any"):
        return texts

    def read(part: Values) -> Values:
        return _PARSERS[column.type](part, column.format, decimal)

    try:
        return read(trimmed)
    except pa.ArrowInvalid:
        index = _first_bad(trimmed, read)
        hint = f" written as {column.format}" if column.format else ""
        value = HIDDEN_VALUE if may_be_personal(column.name) else shown(texts[index].as_py())
        problem = f"{value} is not {_MEANT[column.type]}{hint}"
        raise BadCell(index, problem) from None


def shown(text: str | None) -> str:
    """Return a cell's text for a message: quoted, on one line, cut to 40 characters, masked if personal."""
    if text is None:
        return "an empty cell"
    line = " ".join(masked_key(text).split()) if text.strip() else text
    return f"'{line}'" if len(line) <= 40 else f"'{line[:37]}...'"


def _first_bad(texts: Values, read: Callable[[Values], Values]) -> int:
    """Return the index of the first text that ``read`` refuses; some text is known to be refused."""
    good, bad = 0, len(texts)  # texts[:good] is read, texts[:bad] is refused
    while bad - good > 1:
        middle = (good + bad) // 2
        try:
            read(texts.slice(good, middle - good))
            good = middle
        except pa.ArrowInvalid:
            bad = middle
    return good


def _int64(texts: Values, _format: str | None, _decimal: str) -> Values:
    if pc.any(pc.match_substring(texts, "x", ignore_case=True)).as_py():
        raise pa.ArrowInvalid("hexadecimal")
    plus = pc.replace_substring_regex(texts, r"^\+([0-9])", r"\1")
    return pc.cast(plus, pa.int64())


def _float64(texts: Values, _format: str | None, decimal: str) -> Values:
    if decimal == ",":
        # A point would be a thousands separator here; reading 1.234 as 1.234 would be wrong by a factor of 1000.
        if pc.any(pc.match_substring(texts, ".")).as_py():
            raise pa.ArrowInvalid("a point where the decimal mark is a comma")
        texts = pc.replace_substring(texts, ",", ".")
    numbers = pc.cast(texts, pa.float64())
    if pc.any(pc.invert(pc.less_equal(pc.abs(numbers), LARGEST_NUMBER))).as_py():  # also catches NaN
        raise pa.ArrowInvalid("not finite, or out of any range")
    return numbers


def _bool(texts: Values, _format: str | None, _decimal: str) -> Values:
    lower = pc.utf8_lower(texts)
    yes = pc.is_in(lower, value_set=pa.array(_TRUE))
    no = pc.is_in(lower, value_set=pa.array(_FALSE))
    if not pc.all(pc.or_(pc.or_(yes, no), pc.is_null(texts))).as_py() and len(texts):
        raise pa.ArrowInvalid("neither true nor false")
    return pc.if_else(pc.is_null(texts), pa.scalar(None, pa.bool_()), yes)


def _date(texts: Values, pattern: str | None, _decimal: str) -> Values:
    if pattern is None:
        return pc.cast(texts, pa.date32())
    return pc.cast(_by_pattern(texts, pattern), pa.date32())


def _timestamp(texts: Values, pattern: str | None, _decimal: str) -> Values:
    if pattern is not None:
        return _by_pattern(texts, pattern)
    try:
        return pc.cast(texts, pa.timestamp("us"))
    except pa.ArrowInvalid:
        return pc.cast(pc.cast(texts, pa.timestamp("us", "UTC")), pa.timestamp("us"))


def _by_pattern(texts: Values, pattern: str) -> Values:
    """Parse by strptime pattern; what Arrow does not write back alike is parsed again by Python, which is strict."""
    try:
        fast = pc.strptime(texts, format=pattern, unit="us")
        doubtful = pc.fill_null(pc.not_equal(pc.strftime(fast, format=pattern), texts), False)
        if not pc.any(doubtful).as_py():
            return fast
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        pass
    distinct = texts.dictionary_encode()
    values = pa.array([_strict(text, pattern) for text in distinct.dictionary.to_pylist()], pa.timestamp("us"))
    return values.take(distinct.indices)


def _strict(text: str, pattern: str) -> datetime:
    try:
        value = datetime.strptime(text, pattern)  # noqa: DTZ007 (a local day or wall time, as written)
    except ValueError as error:
        raise pa.ArrowInvalid(str(error)) from error
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


_PARSERS: dict[str, Callable[[Values, str | None, str], Values]] = {
    "int64": _int64,
    "float64": _float64,
    "bool": _bool,
    "date": _date,
    "timestamp": _timestamp,
}
