"""The slow, obvious definition of every op, window and visibility rule: plain Python over rows, one row at a time.

Events are dictionaries with ``customer``, ``event_time``, ``known_time``, ``superseded_time`` (microseconds or None),
``date_only`` and the columns of their table. Nothing here is shared with the engine but the declarations and
the list of bank holidays.
"""

import math
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bank360.bank.holidays import uk_bank_holidays
from bank360.features.feature import AnyFeature, Calendar, Condition, Derived, Feature, Months, SpineColumn
from bank360.features.ops import Op

Event = Mapping[str, Any]


def local(micros: int, zone: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).astimezone(ZoneInfo(zone))


def day_of(micros: int, zone: str) -> int:
    return local(micros, zone).date().toordinal()


def add_months(day: date, count: int) -> date:
    """The same day of the month ``count`` months later, or that month's last day."""
    month = day.year * 12 + day.month - 1 + count
    return date(month // 12, month % 12 + 1, min(day.day, monthrange(month // 12, month % 12 + 1)[1]))


def previous_working_day(day: date, country: str = "GB") -> date:
    """``day`` if it is a working day, else the working day before it."""
    while day.weekday() >= 5 or (country == "GB" and day in uk_bank_holidays(day.year)):
        day -= timedelta(days=1)
    return day


def visible(event: Event, as_of: int) -> bool:
    superseded = event["superseded_time"]
    return event["known_time"] < as_of and (superseded is None or superseded >= as_of)


def in_window(event: Event, feature: Feature, as_of: int, zone: str) -> bool:
    if isinstance(feature.window, Calendar):
        end, day = day_of(as_of, zone) - feature.window.ago, day_of(event["event_time"], zone)
        return day < end and (feature.window.days is None or day >= end - feature.window.days)
    if isinstance(feature.window, Months):
        # Walk back from the month described, one month at a time.
        happened, last = date.fromordinal(day_of(event["event_time"], zone)), date.fromordinal(day_of(as_of, zone))
        before = [add_months(last, -count) for count in range(1, feature.window.months + 1)]
        return any((happened.year, happened.month) == (month.year, month.month) for month in before)
    end = as_of - feature.window.ago * 1_000_000
    return end - feature.window.seconds * 1_000_000 <= event["event_time"] < end


def condition_holds(event: Event, condition: Condition, zone: str) -> bool:
    column, comparison, values = condition
    if column == "local_hour":
        value = None if event["date_only"] else local(event["event_time"], zone).hour
    else:
        value = event[column]
    if comparison == "is null":
        return value is None
    if value is None:
        return False
    return {
        "not null": lambda: True,
        "in": lambda: value in values,
        "not in": lambda: value not in values,
        "<": lambda: value < values[0],
        "<=": lambda: value <= values[0],
        ">": lambda: value > values[0],
        ">=": lambda: value >= values[0],
    }[comparison]()


def is_event_of(event: Event, feature: Feature, zone: str) -> bool:
    measure = feature.measure
    if feature.needs_time_of_day and event["date_only"]:
        return False
    if measure.column is not None and event[measure.column] is None:
        return False
    return all(condition_holds(event, condition, zone) for condition in measure.where)


def number(event: Event, feature: Feature) -> int:
    measure = feature.measure
    if measure.column is None:
        return 1
    return measure.sign * max(-measure.limit, min(measure.limit, event[measure.column]))


def feature_value(events: Sequence[Event], feature: Feature, as_of: int, zone: str) -> float:
    """Value of one feature for one customer (whose events these are, in any order) at one instant."""
    seen = [event for event in events if visible(event, as_of)]
    if feature.needs_time_of_day and seen and all(event["date_only"] for event in seen):
        return math.nan
    chosen = [event for event in seen if in_window(event, feature, as_of, zone) and is_event_of(event, feature, zone)]
    n = len(chosen)
    match feature.op:
        case Op.COUNT:
            return float(n)
        case Op.SUM:
            return float(sum(number(event, feature) for event in chosen))
        case Op.DISTINCT:
            return float(len({event[feature.measure.column] for event in chosen}))
        case Op.MODE_COUNT:
            keys = [event[feature.measure.column] for event in chosen]
            return float(max((keys.count(key) for key in keys), default=0))
        case Op.ACTIVE_DAYS:
            return float(len({day_of(event["event_time"], zone) for event in chosen}))
    if n == 0:
        return math.nan
    today = day_of(as_of, zone)
    match feature.op:
        case Op.DAYS_SINCE_LAST:
            return float(today - max(day_of(event["event_time"], zone) for event in chosen))
        case Op.DAYS_SINCE_FIRST:
            return float(today - min(day_of(event["event_time"], zone) for event in chosen))
        case Op.LAST:
            latest = max(event["event_time"] for event in chosen)
            return float(max(number(event, feature) for event in chosen if event["event_time"] == latest))
    values = [number(event, feature) for event in chosen]
    match feature.op:
        case Op.MIN:
            return float(min(values))
        case Op.MAX:
            return float(max(values))
        case Op.MEAN:
            return float(sum(values)) / float(n)
        case Op.STD:
            return math.sqrt(float(n * sum(v * v for v in values) - sum(values) ** 2)) / float(n)
    raise AssertionError(feature.op)


def derived_value(feature: Derived, a: float, b: float) -> float:
    if math.isnan(a) or math.isnan(b):
        return math.nan
    if feature.kind == "difference":
        return feature.factor * a - b
    if feature.kind == "reciprocal":
        return feature.factor / (a + 0.000001)
    if feature.kind == "volatility":
        b = abs(b)
    if b == 0 or (b < 0 and feature.kind in ("share", "growth")):
        return math.nan
    value = feature.factor * a / b
    return value - 1.0 if feature.kind == "growth" else value


def row(
    events: Mapping[str, Sequence[Event]],
    features: Sequence[AnyFeature],
    customer: int,
    as_of: int,
    zone: str,
    attributes: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Values of all features of one spine row; ``events`` are all customers' events by stream."""
    values: dict[str, float] = {}
    for feature in features:
        if isinstance(feature, Feature):
            own = [e for e in events[feature.measure.table] if customer >= 0 and e["customer"] == customer]
            values[feature.name] = feature_value(own, feature, as_of, zone)
        elif isinstance(feature, SpineColumn):
            values[feature.name] = (attributes or {})[feature.name]
        else:
            values[feature.name] = derived_value(feature, values[feature.inputs[0]], values[feature.inputs[1]])
    return values
