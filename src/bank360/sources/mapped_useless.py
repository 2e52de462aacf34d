"""What in a flat file's columns cannot help a model, and what in them may not mean what it says.

Empty, constant and running columns, texts that name rows, moments written as digits; and among numbers what is no
number: NaN, and values such as -999 that files write for "missing". Pure functions of whole columns, called by
`mapped_inputs`, which leaves out or says what they find.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from bank360.sources.mapped_cells import Cells, Values, pc, text
from bank360.sources.mapped_protected import name_words

# A text column with more levels than this, most of them seen once or twice, names rows rather than kinds of rows.
FEW_LEVELS = 50
_CLOCK_WORDS = frozenset({
    "at", "time", "date", "datetime", "timestamp", "ts", "created", "updated", "epoch", "unix", "utc", "day", "datum",
    "fecha", "on",
})  # fmt: skip
_EPOCHS = tuple((946_684_800 * unit, 2_208_988_800 * unit) for unit in (1, 1_000, 1_000_000))  # 2000 to 2040
_LEAST_TO_TELL = 10  # rows
# Numbers that files write for "missing": far from all others, and more than once.
_BELOW = (-1.0, *(-float(10**digits - 1) for digits in range(1, 10)))
_ABOVE = (*(float(10**digits - 1) for digits in range(3, 10)), 365_243.0)
_LEAST_TIMES = 3
_FAR = 0.1  # of the range of the others


def is_clock_name(name: str) -> bool:
    """Return whether a column is named for a moment.

    >>> is_clock_name("created_at"), is_clock_name("amount")
    (True, False)
    """
    return bool({*name_words(name)} & _CLOCK_WORDS)


def counts_time(cells: Cells) -> bool:
    """Return whether whole numbers are days such as 20240131, or, in a column named for a moment, an epoch's ticks."""
    whole = text(cells).drop_null()
    if len(whole) < _LEAST_TO_TELL:
        return False
    days = r"^(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$"
    if pc.all(pc.match_substring_regex(whole, days)).as_py():
        return True
    if not is_clock_name(cells.column) or not pc.all(pc.match_substring_regex(whole, r"^[0-9]{9,18}$")).as_py():
        return False
    extremes = pc.min_max(whole.cast(pa.int64())).as_py()
    return any(low <= extremes["min"] and extremes["max"] < high for low, high in _EPOCHS)


def useless_numbers(values: Values, *, stated: bool) -> str | None:
    """Return why a column of numbers cannot help, None where it may; one that is ``stated`` may number the rows."""
    present = values.drop_null()
    if len(present) == 0:
        return "it is empty"
    if values.null_count == 0 and pc.equal(pc.min(values), pc.max(values)).as_py():
        return "it is constant"
    steps = np.diff(np.asarray(values.drop_null()))
    if not stated and values.null_count == 0 and len(values) >= 20 and bool(np.all(steps == 1)):
        return "it numbers the rows"
    return None


def useless_texts(values: Values, *, stated: bool) -> str | None:
    """Return why a column of texts cannot help, None where it may; one that is ``stated`` may name rows."""
    levels, present = pc.count_distinct(values, mode="only_valid").as_py(), len(values) - values.null_count
    if present == 0:
        return "it is empty"
    if levels == 1 and values.null_count == 0:
        return "it is constant"
    if not stated and levels > FEW_LEVELS and 2 * levels > present:
        return f"it has {levels} different texts in {present} rows, which name rows rather than kinds of rows"
    return None


def odd_numbers(columns: Mapping[str, tuple[Values, Values]]) -> tuple[str, ...]:
    """Return a sentence on the NaN among numbers, and one on numbers that likely stand for "missing".

    Parameters
    ----------
    columns
        By name: the cells as delivered, and the doubles read from them, null where missing.
    """
    empty = {name: count for name, (cells, _) in columns.items() if (count := _nan(cells))}
    stands = {name: told for name, (_, values) in columns.items() if (told := _stand_in(values)) is not None}
    said = []
    if empty:
        each = ", ".join(f"{name} ({count})" for name, count in empty.items())
        said.append(f"cells that say NaN are taken for missing, by column: {each}")
    if stands:
        each = ", ".join(f"{name} {value:g} ({count})" for name, (value, count) in stands.items())
        said.append(
            f"numbers that likely stand for 'missing' are scored as numbers, by column: {each}. Empty these cells, or "
            "name the numbers in csv.nulls"
        )
    return tuple(said)


def _nan(cells: Values) -> int:
    if pa.types.is_floating(cells.type):
        return pc.sum(pc.is_nan(cells)).as_py() or 0
    if not pa.types.is_string(cells.type):
        return 0
    return pc.sum(pc.equal(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), "nan")).as_py() or 0


def _stand_in(values: Values) -> tuple[float, int] | None:
    """Return the number that likely stands for "missing" and how often; None for none.

    It is the least or the largest, and stands alone by a tenth of the others' range or is the only negative.
    """
    found, times = np.unique(np.asarray(values.drop_null(), dtype=np.float64), return_counts=True)
    if len(found) < _LEAST_TO_TELL:
        return None
    for at, next_to, rest, listed in ((0, 1, found[1:], _BELOW), (-1, -2, found[:-1], _ABOVE)):
        alone = abs(float(found[at] - found[next_to])) > _FAR * float(rest[-1] - rest[0])
        only_negative = bool(found[at] < 0 <= rest[0])
        if found[at] in listed and times[at] >= _LEAST_TIMES and (alone or only_negative):
            return float(found[at]), int(times[at])
    return None
