"""What every call that brings rows of today is held to: how many it may bring, when they happened, and their codes.

What is wrong is a field, a code, and words that repeat nothing of what was sent. Neighbours: `take_events.py` and
`take_interactions.py`, which know what each row may name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.bank.table import Table
from bank360.storage.reads_publish import DAYS_OF_ARRIVAL

MOST_OF_A_CALL = 1_000  # rows
Wrong = tuple[str, str, str]


@dataclass(frozen=True)
class Taken:
    """How many rows of a call were new, and how many had arrived before."""

    accepted: int
    known: int


def wrong_time(field: str, happened: int, at: int) -> Wrong | None:
    """Return what is wrong with when a row that arrives at an instant happened (microseconds UTC); None: nothing is."""
    if happened > at:
        return field, "later_than_now", "happens later than it arrives"
    if happened < at - DAYS_OF_ARRIVAL * MICROS_PER_DAY:
        return field, "too_old", f"happened more than {DAYS_OF_ARRIVAL} days ago: what is older comes in a delivery"
    return None


def wrong_code(table: Table, said: Mapping[str, Any]) -> Wrong | None:
    """Return the first column of a row that holds none of its table's codes; None: each does, or is absent."""
    for column in table.columns:
        value = said.get(column.name)
        if column.codes is None or value is None:
            continue
        codes = sorted(column.codes)
        if value not in codes:
            return column.name, "no_code", f"has a {column.name} that is none of the codes: {', '.join(codes)}"
    return None
