"""The bank's calendar: local days and months, the instants that bound them, working days.

Instants are int64 microseconds since 1970-01-01 UTC; days are int32 counts since 1970-01-01 **local**. A bank has one
zone. Conversions go through a table of the zone's offset changes, so an array of ten million takes a binary search
each and no Python.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

MICROS_PER_SECOND = 1_000_000
MICROS_PER_DAY = 86_400 * MICROS_PER_SECOND
EPOCH = date(1970, 1, 1)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]


@lru_cache(maxsize=8)
def offset_changes(zone: str) -> tuple[Int64s, Int64s]:
    """Return the instants at which the zone's UTC offset changes, and the offset from each on.

    Returns
    -------
    tuple
        ``(instants, offsets)``, both int64 microseconds, shape ``(n,)``, ascending; the first instant is the far past.
    """
    tz = ZoneInfo(zone)
    instants: list[int] = [-(2**62)]
    first = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
    offset = _offset(first, tz)
    offsets: list[int] = [offset]
    step = timedelta(days=7)  # no zone changed its offset and back within a week
    at = first
    while at.year < _LAST_YEAR:
        after = at + step
        if _offset(after, tz) != offset:
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
                low, high = (middle, high) if _offset(middle, tz) == offset else (low, middle)
            offset = _offset(high, tz)
            instants.append(instant(high))
            offsets.append(offset)
        at = after
    changes = np.array(instants, dtype=np.int64), np.array(offsets, dtype=np.int64)
    for array in changes:
        array.flags.writeable = False
    return changes


def _offset(at: datetime, tz: ZoneInfo) -> int:
    shift = at.astimezone(tz).utcoffset()
    assert shift is not None
    return int(shift.total_seconds()) * MICROS_PER_SECOND


def instant(at: datetime) -> int:
    """Return an aware datetime as microseconds since 1970-01-01 UTC; a naive one raises ValueError."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone. Give it the bank's zone first.")
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))


def to_datetime(micros: int) -> datetime:
    """Return an instant in microseconds as an aware UTC datetime."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)


def local_micros(instants: npt.ArrayLike, zone: str) -> Int64s:
    """Return instants as wall-clock microseconds of the zone (for hours and days; not instants any more)."""
    at = np.asarray(instants, dtype=np.int64)
    changes, offsets = offset_changes(zone)
    return at + offsets[np.searchsorted(changes, at, side="right") - 1]


def local_days(instants: npt.ArrayLike, zone: str) -> Int32s:
    """Return the local day of each instant, in days since 1970-01-01."""
    return np.floor_divide(local_micros(instants, zone), MICROS_PER_DAY).astype(np.int32)


def within_day(at: int, zone: str) -> tuple[int, int]:
    """Return the span of time ``[since, until)`` around an instant that lies in its local day; no offset changes in it.

    Where clocks go back over midnight a day has two such spans.
    """
    changes, offsets = offset_changes(zone)
    i = int(np.searchsorted(changes, at, side="right")) - 1
    offset = int(offsets[i])
    began = (at + offset) // MICROS_PER_DAY * MICROS_PER_DAY - offset
    ends = began + MICROS_PER_DAY
    return max(began, int(changes[i])), min(ends, int(changes[i + 1])) if i + 1 < len(changes) else ends


def local_hours(instants: npt.ArrayLike, zone: str) -> Int32s:
    """Return the local hour (0-23) of each instant."""
    of_day = np.mod(local_micros(instants, zone), MICROS_PER_DAY)
    return np.floor_divide(of_day, 3600 * MICROS_PER_SECOND).astype(np.int32)


def day_starts(days: npt.ArrayLike, zone: str) -> Int64s:
    """Return the instant at which each local day begins.

    Where a zone skips midnight the day begins at the first instant that belongs to it.
    """
    wall = np.asarray(days, dtype=np.int64) * MICROS_PER_DAY
    changes, offsets = offset_changes(zone)
    # The first instant t with t + offset(t) >= wall: try the offset in force around the day, earlier one first.
    before = offsets[np.maximum(np.searchsorted(changes, wall - MICROS_PER_DAY, side="right") - 1, 0)]
    after = offsets[np.searchsorted(changes, wall + MICROS_PER_DAY, side="right") - 1]
    early = wall - np.maximum(before, after)
    late = wall - np.minimum(before, after)
    index = np.searchsorted(changes, early, side="right") - 1
    fits_early = early + offsets[index] >= wall
    change = changes[np.searchsorted(changes, late, side="right") - 1]
    return np.where(fits_early, early, np.where((change > early) & (change < late), change, late)).astype(np.int64)


def day_number(day: date) -> int:
    """Return a date as days since 1970-01-01."""
    return (day - EPOCH).days


def to_date(days: int) -> date:
    """Return days since 1970-01-01 as a date."""
    return EPOCH + timedelta(days=int(days))


def months(days: npt.ArrayLike) -> Int32s:
    """Return the month of each day, in months since 1970-01."""
    return np.asarray(days, dtype="datetime64[D]").astype("datetime64[M]").astype(np.int64).astype(np.int32)


def month_starts(month_numbers: npt.ArrayLike) -> Int32s:
    """Return the first day of each month number, in days since 1970-01-01."""
    as_months = np.asarray(month_numbers, dtype=np.int64).astype("datetime64[M]")
    return as_months.astype("datetime64[D]").astype(np.int64).astype(np.int32)


def easter(year: int) -> date:
    """Return Easter Sunday (Butcher's algorithm; Nature, 1876)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=256)
def bank_holidays(year: int) -> frozenset[date]:
    """Return the bank holidays of England and Wales by their standing rules (one-off days are not among them)."""
    return frozenset(standing_holidays(year))


def standing_holidays(year: int) -> dict[date, str]:
    """Return the name of each bank holiday of England and Wales by the rules that stand since 1978.

    A fixed holiday on a weekend moves to the next day that is neither weekend nor holiday, after those on weekdays have
    taken their own: a Christmas Day on Sunday moves past Boxing Day. `holidays.py` adds the days of single years.
    """
    sunday = easter(year)
    days = {
        sunday - timedelta(days=2): "Good Friday",
        sunday + timedelta(days=1): "Easter Monday",
        _first_monday(year, 5): "Early May bank holiday",
        _last_monday(year, 5): "Spring bank holiday",
        _last_monday(year, 8): "Summer bank holiday",
    }
    fixed = ((date(year, 1, 1), "New Year's Day"), (date(year, 12, 25), "Christmas Day"),
             (date(year, 12, 26), "Boxing Day"))  # fmt: skip
    for day, name in sorted(fixed, key=lambda one: (one[0].weekday() >= 5, one[0])):
        observed = day
        while observed.weekday() >= 5 or observed in days:
            observed += timedelta(days=1)
        days[observed] = name if observed == day else f"{name} (substitute day)"
    return days


def _first_monday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7)


def _last_monday(year: int, month: int) -> date:
    """Return the last Monday of a month of 31 days."""
    last = date(year, month, 31)
    return last - timedelta(days=last.weekday())


def wall_instants(wall: npt.ArrayLike, zone: str) -> Int64s:
    """Return the instants of wall-clock microseconds of the zone, the inverse of `local_micros`.

    A wall time that occurs twice (clocks going back) is taken as the earlier one; one that never occurs (clocks going
    forward) is moved forward by the gap.
    """
    at = np.asarray(wall, dtype=np.int64)
    changes, offsets = offset_changes(zone)
    before = offsets[np.maximum(np.searchsorted(changes, at - MICROS_PER_DAY, side="right") - 1, 0)]
    after = offsets[np.searchsorted(changes, at + MICROS_PER_DAY, side="right") - 1]
    early, late = at - before, at - after
    fits_early = local_micros(early, zone) == at
    fits_late = local_micros(late, zone) == at
    return np.where(fits_early | ~fits_late, early, late).astype(np.int64)
