"""The bank's timeline as arrays: months, days, working days and paydays, and local wall time to UTC instants.

Days are int32 counts since 1970-01-01 (local); month ``t`` runs from ``starts[t]`` to ``starts[t + 1] - 1``.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bank360.bank.calendar import (
    MICROS_PER_DAY,
    MICROS_PER_SECOND,
    Int32s,
    Int64s,
    bank_holidays,
    day_number,
    day_starts,
    month_starts,
    months,
    to_date,
    wall_instants,
)
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.draws import Bools, Ints

MARGIN_DAYS = 400  # days after the history for which instants are known (outcomes that come later)


@dataclass(frozen=True)
class Clock:
    """``count`` months from `parameters.START` on."""

    count: int

    @cached_property
    def first_month(self) -> int:
        """Month number (since 1970-01) of month 0."""
        return int(months([day_number(p.START)])[0])

    @cached_property
    def starts(self) -> Int32s:
        """First day of each month and of the month after the last, shape ``(count + 1,)``."""
        return month_starts(np.arange(self.first_month, self.first_month + self.count + 1))

    @property
    def first_day(self) -> int:
        """First day of the history."""
        return int(self.starts[0])

    @property
    def end_day(self) -> int:
        """Day after the last day of the history."""
        return int(self.starts[-1])

    @cached_property
    def lengths(self) -> Int32s:
        """Days in each month."""
        return np.diff(self.starts)

    @cached_property
    def ends(self) -> Int32s:
        """Last day of each month."""
        return self.starts[1:] - 1

    @cached_property
    def month_of_year(self) -> Int64s:
        """Calendar month (1-12) of each month."""
        return (self.first_month + np.arange(self.count)) % 12 + 1

    def month_index(self, days: Ints) -> Int64s:
        """Return the month of each day, counted from the start (negative before it)."""
        return months(days).astype(np.int64) - self.first_month

    @cached_property
    def stress(self) -> tuple[int, int]:
        """First month of the stress period and the month after its last."""
        first = round(self.count * p.STRESS_FIRST)
        return first, min(self.count, first + max(1, round(self.count * p.STRESS_LENGTH)))

    @cached_property
    def _origin(self) -> int:
        return self.first_day - 40

    @cached_property
    def _working(self) -> Bools:
        days = np.arange(self._origin, self.end_day + MARGIN_DAYS)
        years = range(to_date(int(days[0])).year, to_date(int(days[-1])).year + 1)
        holidays = [day_number(day) for year in years for day in bank_holidays(year)]
        return ((days + 3) % 7 < 5) & ~np.isin(days, holidays)

    @cached_property
    def _previous_working(self) -> Int32s:
        days = np.arange(self._origin, self.end_day + MARGIN_DAYS, dtype=np.int32)
        return np.maximum.accumulate(np.where(self._working, days, days[0])).astype(np.int32)

    @cached_property
    def _next_working(self) -> Int32s:
        days = np.arange(self._origin, self.end_day + MARGIN_DAYS, dtype=np.int32)
        return np.minimum.accumulate(np.where(self._working, days, days[-1])[::-1])[::-1].astype(np.int32)

    def previous_working(self, days: Ints) -> Int32s:
        """Return each day, or the working day before it (how salaries shift)."""
        return self._previous_working[np.asarray(days) - self._origin]

    def next_working(self, days: Ints) -> Int32s:
        """Return each day, or the working day after it (how direct debits shift)."""
        return self._next_working[np.asarray(days) - self._origin]

    def paydays(self, pattern: str) -> Int32s:
        """Return the days of the history on which a salary of ``pattern`` is paid."""
        if pattern == "weekly":
            fridays = np.arange(self.first_day, self.end_day, dtype=np.int32)
            days = fridays[(fridays + 3) % 7 == 4]
        elif pattern == "monthly_last":
            days = self.ends
        else:
            days = self.starts[:-1] + {"monthly_25": 24, "monthly_28": 27}[pattern]
        return self.previous_working(days)

    @cached_property
    def _day_starts(self) -> tuple[Int64s, Int64s]:
        starts = day_starts(np.arange(self._origin, self.end_day + MARGIN_DAYS + 1), p.ZONE)
        return starts[:-1], MICROS_PER_DAY - np.diff(starts)

    def instants(self, days: Ints, seconds: Ints | int) -> Int64s:
        """Return the UTC instants (microseconds) of wall-clock ``seconds`` after local midnight of ``days``.

        On the two days a year on which the clocks change, times after 02:00 are shifted by the change.
        """
        starts, shifts = self._day_starts
        index = np.asarray(days, dtype=np.int64) - self._origin
        at = np.asarray(seconds, dtype=np.int64)
        changed = np.where(at >= 7200, shifts[index], 0)
        return starts[index] + at * MICROS_PER_SECOND - changed

    def started(self, days: Ints) -> Int64s:
        """Return the instant at which each local day began; any day, also decades before the history."""
        return day_starts(days, p.ZONE)

    @cached_property
    def cutoff(self) -> int:
        """Instant at which the delivery was taken: noon after the last day; nothing known later is in it."""
        return int(self.instants(np.array([self.end_day], dtype=np.int32), 12 * 3600)[0])

    def known(self, days: Ints) -> Int64s:
        """Return the instant at which a file about ``days`` has been processed: 06:00 of the next day.

        Any day may be asked for: accounts were opened and people were known decades before the history.
        """
        after = np.asarray(days, dtype=np.int64) + 1
        return wall_instants(after * MICROS_PER_DAY + 6 * 3600 * MICROS_PER_SECOND, p.ZONE)
