"""The operations a feature may apply to its measure over its window. Nulls and the empty window per op below.

An event whose column is null is not an event of the measure. Over an empty window ``COUNT``, ``SUM``, ``DISTINCT``,
``ACTIVE_DAYS`` and ``MODE_COUNT`` are 0; every other op has no value (NaN). `tests/features/naive.py` holds each op's
obvious definition.
"""

from enum import StrEnum


class Op(StrEnum):
    """One operation over the events of a window."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"  # double(sum) / double(count), sum exact
    STD = "std"  # population: sqrt(double(n * sum(x^2) - sum(x)^2)) / n, the difference an exact integer
    MIN = "min"
    MAX = "max"
    LAST = "last"  # of the latest event_time; ties: the largest value, so that order of arrival cannot matter
    DAYS_SINCE_LAST = "days_since_last"  # whole local days from the last event's day to as_of's day
    DAYS_SINCE_FIRST = "days_since_first"
    DISTINCT = "distinct"  # exact number of distinct values
    ACTIVE_DAYS = "active_days"  # local days with at least one event
    MODE_COUNT = "mode_count"  # events with the value that most events have: of 3 at one shop and 2 at another 3


# Of a value these ask only which others are the same: they take any column.
OF_KEYS = frozenset({Op.DISTINCT, Op.MODE_COUNT})
