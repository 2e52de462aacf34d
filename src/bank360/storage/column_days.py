"""First and last day of a column of a whole delivered file, read once: for those who have seen its first rows only.

Cells that are no dates are passed over, and so are days after today: one that somebody mistyped would hide how old all
others are. Used by `bank360 init`, which says how old a bank's newest row is.
"""

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute

from bank360.bank.errors import DataRefused
from bank360.storage.files import OpenFile

pc: Any = pyarrow.compute

_FIRST = date(1900, 1, 1)


def first_and_last_day(file: OpenFile, column: str, pattern: str | None, today: date) -> tuple[date, date] | None:
    """Return the first and the last day up to today that a column holds; None where it holds none.

    Parameters
    ----------
    pattern
        Of strptime, or ``epoch_seconds``; None for ISO 8601, of which the first ten letters are the day.
    today
        The last day that counts, in the bank's zone.
    """
    found: list[date] = []
    batches = file.batches()
    while True:
        try:
            batch, _ = next(batches)
        except (StopIteration, DataRefused):  # a load will refuse the file, and say why
            return (min(found), max(found)) if found else None
        days = _days(batch.column(column), pattern)
        within = pc.and_(pc.greater_equal(days, pa.scalar(_FIRST)), pc.less_equal(days, pa.scalar(today)))
        ends = pc.min_max(days.filter(within)).as_py()
        if ends["min"] is not None:
            found += [ends["min"], ends["max"]]


def _days(cells: Any, pattern: str | None) -> Any:
    if pa.types.is_temporal(cells.type):
        return cells.cast(pa.date32())
    texts = pc.utf8_trim_whitespace(cells.cast(pa.string()))
    if pattern == "epoch_seconds":
        digits = pc.if_else(pc.match_substring_regex(texts, r"^[0-9]{9,10}$"), texts, pa.scalar(None, pa.string()))
        return digits.cast(pa.int64()).cast(pa.timestamp("s")).cast(pa.date32())
    if pattern is None:
        texts, pattern = pc.utf8_slice_codeunits(texts, 0, 10), "%Y-%m-%d"
    return pc.strptime(texts, format=pattern, unit="s", error_is_null=True).cast(pa.date32())
