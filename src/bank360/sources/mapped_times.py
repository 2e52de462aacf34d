"""Dates and instants of a bank's own files, read strictly into local days and UTC instants.

A date is the bank's local day as written. An instant without a zone is wall-clock time of the zone that the mapping
states; an ambiguous one (clocks going back) is the earlier, one that never was is moved forward. A cell that holds a
date only has precision 'day' and stands for the local midnight that starts it.

What a text means is what Python's `strptime` says. Arrow's compiled one is used where its answer, written out again,
gives the cell back: alone it would read 30 February as 1 March.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY, MICROS_PER_SECOND, day_starts, local_days, wall_instants
from bank360.sources.mapped_cells import Cells, Values, pc, text
from bank360.sources.mapped_numbers import whole_numbers
from bank360.sources.mapped_remedies import DATE_LINE, NULLS_LINE, OTHER_DATE_LINE, date_line

_ISO_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_ISO_ZONE = r"[0-9](Z|z|[+-][0-9]{2}:?[0-9]{2})$"
# An instant with a zone, and a time of day that is not just the midnight with which a day was exported.
_ISO_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T].*[0-9](Z|z|[+-][0-9]{2}:?[0-9]{2})$"
_MIDNIGHT = r"[ T]00:00(:00(\.0+)?)?(Z|z|[+-][0-9]{2}:?[0-9]{2})$"
_HOURS = ("%H", "%I", "%T", "%R", "%c", "%X", "%r")
# What Arrow's strptime and strftime both know and Python reads alike; any other directive goes to Python.
_ARROW_DIRECTIVES = frozenset("YymdHMSbB%")
_ONLY_DIGITS = re.compile(r"(%[YymdHMS]){2,}")
EPOCH_FORMATS = {"epoch_seconds": MICROS_PER_SECOND, "epoch_millis": 1000, "epoch_micros": 1}
_FIRST, _LAST = -2_208_988_800_000_000, 4_102_444_800_000_000  # 1900-01-01 and 2100-01-01, as micros
_LAST_DAY = 2_932_896  # 9999-12-31, which files write for "until further notice"


@dataclass(frozen=True)
class Moments:
    """Instants read off a column.

    Parameters
    ----------
    instants
        ``timestamp[us]``, UTC, null where the cell is.
    days
        ``date32``, the local day as written, for cells of precision day; null for the others.
    """

    instants: Values
    days: Values


def has_time(pattern: str) -> bool:
    """Return whether a strptime pattern reads a time of day.

    >>> has_time("%d/%m/%Y"), has_time("%d/%m/%Y %H:%M")
    (False, True)
    """
    return pattern in EPOCH_FORMATS or any(directive in pattern for directive in _HOURS)


def dates(cells: Cells, pattern: str | None = None, zone: str | None = None) -> Values:
    """Return the cells as local days (``date32``).

    Parameters
    ----------
    pattern
        strptime pattern; None: ISO 8601, a time of day cut off. A time of day that the pattern reads is cut off too.
        One of ``EPOCH_FORMATS``: the local day of that instant in ``zone``.
    zone
        The bank's. A text with a zone of its own and a time of day other than midnight is an instant: its day is the
        local one in ``zone``; without ``zone`` every day is the one written.
    """
    kind = cells.values.type
    if pa.types.is_date(kind):
        found = cells.values.cast(pa.date32())
    elif pa.types.is_timestamp(kind):
        instants = cells.values.cast(pa.timestamp("us", kind.tz))
        found = instants.cast(pa.date32()) if kind.tz is None or zone is None else _days_of_stored(instants, zone)
    elif pa.types.is_null(kind):
        return pa.nulls(len(cells.values), pa.date32())
    elif pattern in EPOCH_FORMATS:
        assert pattern is not None
        found = _local_days(_of_epoch(cells, EPOCH_FORMATS[pattern]), zone or "UTC")
    elif pattern is None:
        heads = pc.utf8_slice_codeunits(text(cells), 0, 10)
        iso = pc.match_substring_regex(text(cells), r"^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[ T])")
        remedy = "Correct it, or state the column's format."
        heads = cells.held(heads, pc.invert(iso), "is not a date like 2024-01-31", remedy, DATE_LINE)
        found = _iso(cells, heads, "2024-01-31").cast(pa.date32())
        if zone is not None:
            found = _days_of_instants(cells, found, zone)
    else:
        found = _floor_days(_parsed(cells, pattern))
    found = _with_whole_years(cells, found, _beyond_days(found), pattern)
    return cells.held(
        found, _beyond_days(found), "does not lie between 1900 and 9999", "Correct it, or name it in nulls.", NULLS_LINE
    )


def _beyond_days(days: Values) -> Values:
    numbers = days.cast(pa.int32())
    return pc.or_(pc.less(numbers, _FIRST // MICROS_PER_DAY), pc.greater(numbers, _LAST_DAY))


def moments(cells: Cells, zone: str, bank_zone: str, pattern: str | None = None, *, day_only: bool = False) -> Moments:
    """Return the cells as instants, and which of them are dates only.

    Parameters
    ----------
    zone
        Zone of cells that state none.
    bank_zone
        The bank's zone, whose midnight a date stands for.
    pattern
        strptime pattern, one of ``EPOCH_FORMATS``, or None for ISO 8601 (with or without time, zone, fraction).
    day_only
        Whether the time of day in the file means nothing (a date column exported with 00:00:00).
    """
    kind = cells.values.type
    if day_only or pa.types.is_date(kind) or (pattern is not None and not has_time(pattern)):
        days = dates(cells, pattern)
        days = _in_range(cells, days.cast(pa.timestamp("us"))).cast(pa.date32())
        return Moments(_midnights(days, bank_zone), days)
    none = pa.nulls(len(cells.values), pa.date32())
    if pa.types.is_null(kind):
        return Moments(pa.nulls(len(cells.values), pa.timestamp("us")), none)
    if pa.types.is_timestamp(kind):
        instants = cells.values.cast(pa.timestamp("us", kind.tz), safe=False)
        found = instants.cast(pa.timestamp("us")) if kind.tz else _of_wall(instants, zone)
        result = Moments(found, none)
    elif pattern in EPOCH_FORMATS:
        assert pattern is not None
        result = Moments(_of_epoch(cells, EPOCH_FORMATS[pattern]), none)
    elif pattern is not None:
        aware = "%z" in pattern
        parsed = _parsed(cells, pattern)
        result = Moments(parsed if aware else _of_wall(parsed, zone), none)
    else:
        result = _iso_moments(cells, zone, bank_zone)
    instants = _in_range(cells, result.instants, pattern)
    if instants is result.instants:
        return result
    return Moments(instants, pc.if_else(pc.is_valid(instants), result.days, pa.scalar(None, pa.date32())))


def _days_of_stored(instants: Values, zone: str) -> Values:
    """Return the local days in ``zone`` of stored instants; a midnight of their own zone is an exported day."""
    wall = pc.local_timestamp(instants)
    own = wall.cast(pa.date32())
    midnight = pc.equal(wall, own.cast(pa.timestamp("us")))
    return pc.if_else(midnight, own, _local_days(instants.cast(pa.timestamp("us")), zone))


def _days_of_instants(cells: Cells, written: Values, zone: str) -> Values:
    """Return the days as written, and of texts that are instants the local day in ``zone``."""
    texts = text(cells)
    zoned = pc.and_(pc.match_substring_regex(texts, _ISO_MOMENT), pc.invert(pc.match_substring_regex(texts, _MIDNIGHT)))
    if not pc.any(zoned).as_py():
        return written
    held = _machine_form(pc.if_else(zoned, texts, None))
    instants = _iso(cells, held, "2024-01-31T10:00:00Z", tz="UTC").cast(pa.timestamp("us"))
    return pc.if_else(pc.fill_null(zoned, False), _local_days(instants, zone), written)


def _machine_form(texts: Values) -> Values:
    """Return ISO instants as Arrow reads them: a capital Z, and no digits below the microsecond."""
    shortened = pc.replace_substring_regex(texts, r"(\.[0-9]{6})[0-9]+", r"\1")
    return pc.replace_substring_regex(shortened, r"z$", "Z")


def _iso_moments(cells: Cells, zone: str, bank_zone: str) -> Moments:
    found = _machine_form(text(cells))
    wanted = "2024-01-31 or 2024-01-31T10:00:00"
    day_only = pc.fill_null(pc.match_substring_regex(found, _ISO_DAY), False)
    zoned = pc.fill_null(pc.match_substring_regex(found, _ISO_ZONE), False)
    zoned = pc.and_(zoned, pc.invert(day_only))
    days = _iso(cells, pc.if_else(day_only, found, None), "2024-01-31").cast(pa.date32())
    naive = _iso(cells, pc.if_else(pc.or_(day_only, zoned), None, found), wanted)
    aware = _iso(cells, pc.if_else(zoned, found, None), wanted, tz="UTC").cast(pa.timestamp("us"))
    instants = pc.coalesce(_midnights(days, bank_zone), _of_wall(naive, zone), aware)
    return Moments(instants, days)


def _iso(cells: Cells, texts: Values, example: str, tz: str | None = None) -> Values:
    kind = pa.timestamp("us", tz)
    try:
        return pc.cast(texts, kind)
    except pa.ArrowInvalid:
        pass  # Arrow does not say which cells: look for them among the different texts
    coded = texts.dictionary_encode()
    reads = pa.array([_casts(value, kind) for value in coded.dictionary.to_pylist()], pa.bool_())
    bad = pc.invert(reads.take(coded.indices))
    remedy = "Correct it, or state the column's format."
    return pc.cast(cells.held(texts, bad, f"is not a date or time like {example}", remedy, DATE_LINE), kind)


def _casts(value: str, kind: pa.DataType) -> bool:
    try:
        pc.cast(pa.array([value], pa.string()), kind)
    except pa.ArrowInvalid:
        return False
    return True


def _parsed(cells: Cells, pattern: str) -> Values:
    """Return naive micros as written (UTC instants where the pattern reads a zone)."""
    found = text(cells)
    directives = {pattern[i + 1] for i in range(len(pattern) - 1) if pattern[i] == "%"}
    if directives <= _ARROW_DIRECTIVES and len(found):
        fast = pc.strptime(found, format=pattern, unit="us", error_is_null=True)
        # As seconds, for Arrow writes %S with the fraction of the unit. A year out of range would write as garbage.
        again = pc.strftime(fast.cast(pa.timestamp("s"), safe=False), format=pattern)
        same = pc.equal(_comparable(found), _comparable(again))
        sure = pc.fill_null(same, False)
    else:
        fast, sure = pa.nulls(len(found), pa.timestamp("us")), pa.array(np.zeros(len(found), dtype=bool))
    left = pc.and_(pc.is_valid(found), pc.invert(sure))
    if not pc.any(left).as_py():
        return fast
    coded = pc.if_else(left, found, None).dictionary_encode()
    length = _digits_of(pattern)
    read: list[int | None] = []
    for value in coded.dictionary.to_pylist():
        if length is not None and len(value) != length:
            read.append(None)
            continue
        try:
            at = datetime.strptime(value, pattern)  # noqa: DTZ007 - naive times get the mapping's zone
            read.append(_micros(at))
        except ValueError:
            read.append(None)
    slow = pa.array(read, pa.int64()).take(coded.indices).cast(pa.timestamp("us"))
    bad = pc.and_(left, pc.is_null(slow))
    what = f"is not a date or time like '{pattern}'"
    found = _with_whole_years(cells, pc.if_else(left, slow, fast), bad, pattern)
    return cells.held(found, bad, what, "Correct it, or the format.", OTHER_DATE_LINE)


def _with_whole_years(cells: Cells, found: Values, bad: Values, pattern: str | None) -> Values:
    """Return what was read, without the ``bad`` cells that ``pattern`` would read were their years of two digits.

    Told apart from other cells that do not read, for a date must not be proposed as a text that means nothing.
    """
    if pattern is None or "%Y" not in pattern or "%y" in pattern or not pc.any(bad).as_py():
        return found
    short = pattern.replace("%Y", "%y")
    coded = pc.if_else(bad, text(cells), None).dictionary_encode()
    reads = pa.array([_reads(value, short) for value in coded.dictionary.to_pylist()], pa.bool_())
    two_digits = pc.fill_null(reads.take(coded.indices), False)
    what = f"has a year of two digits, and '{pattern}' reads four"
    if pc.any(pc.and_(pc.is_valid(found), pc.invert(pc.fill_null(bad, False)))).as_py():
        return cells.held(found, two_digits, what, "Others of the column have four: write it with four.")
    remedy = f"State the format '{short}': 00 to 68 are then years from 2000, 69 to 99 from 1969."
    return cells.held(found, two_digits, what, remedy, date_line(short))


def _digits_of(pattern: str) -> int | None:
    """Return how many digits dates without marks between have: strptime reads 991231 as 1 March 9912 else."""
    if _ONLY_DIGITS.fullmatch(pattern) is None:
        return None
    return 2 * (pattern.count("%") + pattern.count("%Y"))


def _reads(value: str, pattern: str) -> bool:
    try:
        datetime.strptime(value, pattern)  # noqa: DTZ007 - whether it reads, not when it was
    except ValueError:
        return False
    return True


def _comparable(texts: Values) -> Values:
    """Return texts without leading zeros of numbers and in lower case: 1/2/2019 and 01/02/2019 are one date."""
    return pc.utf8_lower(pc.replace_substring_regex(texts, r"\b0+([0-9])", r"\1"))


def _micros(at: datetime) -> int:
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    elapsed = aware - datetime(1970, 1, 1, tzinfo=UTC)
    return elapsed.days * MICROS_PER_DAY + elapsed.seconds * MICROS_PER_SECOND + elapsed.microseconds


def _of_epoch(cells: Cells, micros: int) -> Values:
    counts = whole_numbers(cells)
    beyond = pc.greater(pc.abs(counts), _LAST // micros)
    counts = cells.held(counts, beyond, "is no instant between 1900 and 2100", "Correct it, or the format.")
    return pc.multiply(counts, micros).cast(pa.timestamp("us"))


def _of_wall(wall: Values, zone: str) -> Values:
    present = np.asarray(pc.is_valid(wall))
    micros = np.asarray(pc.fill_null(wall.cast(pa.int64()), 0))
    return pa.array(wall_instants(micros, zone), mask=~present).cast(pa.timestamp("us"))


def _midnights(days: Values, zone: str) -> Values:
    present = np.asarray(pc.is_valid(days))
    numbers = np.asarray(pc.fill_null(days.cast(pa.int32()), 0))
    return pa.array(day_starts(numbers, zone), mask=~present).cast(pa.timestamp("us"))


def _local_days(instants: Values, zone: str) -> Values:
    present = np.asarray(pc.is_valid(instants))
    micros = np.asarray(pc.fill_null(instants.cast(pa.int64()), 0))
    return pa.array(local_days(micros, zone), mask=~present).cast(pa.date32())


def _floor_days(micros: Values) -> Values:
    present = np.asarray(pc.is_valid(micros))
    days = np.floor_divide(np.asarray(pc.fill_null(micros.cast(pa.int64()), 0)), MICROS_PER_DAY)
    return pa.array(days.astype(np.int32), mask=~present).cast(pa.date32())


def _in_range(cells: Cells, instants: Values, pattern: str | None = None) -> Values:
    instants = _with_whole_years(cells, instants, _beyond(instants), pattern)
    remedy = "Correct it, or name it in nulls."
    return cells.held(instants, _beyond(instants), "does not lie between 1900 and 2100", remedy, NULLS_LINE)


def _beyond(instants: Values) -> Values:
    micros = instants.cast(pa.int64())
    return pc.or_(pc.less(micros, _FIRST), pc.greater_equal(micros, _LAST))
