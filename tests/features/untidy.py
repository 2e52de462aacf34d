"""Inputs as untidy as production's, for property tests: events, features over every op and window, dirty spines."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from bank360.bank.calendar import MICROS_PER_DAY, day_starts, instant, local_days
from bank360.features.feature import LIFETIME, MONTH, AnyFeature, Calendar, Derived, Feature, Measure, Months, Rolling
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.ops import OF_KEYS, Op

ZONE = "Europe/London"
N_CUSTOMERS = 3
# Around the day on which London's clocks go back: that local day has 25 hours.
START = instant(datetime(2024, 10, 25, tzinfo=UTC))
INT64 = 2**63 - 1

ALL = Measure("amount", "transactions", "amount", "any amount", "minor units")
SPENT = Measure("spent", "transactions", "amount", "money out", "minor units", sign=-1, where=(("amount", "<", (0,)),))
SMALL = Measure("small", "transactions", "amount", "clipped low", "minor units", limit=500)
CASH = Measure("cash", "transactions", None, "at a machine", "count", where=(("channel", "in", ("atm",)),))
DATED = Measure("dated", "transactions", None, "no hour", "count", where=(("local_hour", "is null", ()),))
NIGHT = Measure("night", "transactions", None, "at night", "count", where=(("local_hour", "in", (23, 0, 1, 2)),))
ABROAD_WHERE = (("country", "not in", ("GB",)), ("channel", "not null", ()), ("amount", "<=", (10,)))
ABROAD = Measure("abroad", "transactions", None, "abroad", "count", where=ABROAD_WHERE)
MERCHANT = Measure("merchant", "transactions", "merchant_id", "merchant seen", "id")
UNKNOWN = Measure("unknown", "transactions", None, "no merchant", "count", where=(("merchant_id", "is null", ()),))
FROM = Measure("from", "transactions", "amount", "at least 3", "minor units", where=(("amount", ">=", (3,)),))
OVER = Measure("over", "transactions", "amount", "over 3", "minor units", where=(("amount", ">", (3,)),))

# Some end a while before the moment described, as windows of what is reported late do, or with the month before it.
DAY_WINDOWS = (Calendar(1), Calendar(2), Calendar(30), LIFETIME)
LONG_WINDOWS = (Calendar(7), Calendar(90), Calendar(180), Calendar(365), Calendar(275, ago=90))
LATER_WINDOWS = (MONTH, Months(3), *LONG_WINDOWS)
WINDOWS = (
    *(*DAY_WINDOWS, Rolling(3600), Rolling(86_400), Calendar(2, ago=1), Rolling(7200, ago=86_400)),
    *LATER_WINDOWS,
)
NUMERIC = (Op.SUM, Op.MEAN, Op.STD, Op.MIN, Op.MAX, Op.LAST)


def all_features(timed: bool) -> tuple[AnyFeature, ...]:
    """Every op over every window (rolling ones only where ``timed``) and every kind of condition."""
    windows = WINDOWS if timed else (*DAY_WINDOWS, Calendar(2, ago=1), *LATER_WINDOWS)
    features: list[AnyFeature] = []
    for w, window in enumerate(windows):
        for measure in (ALL, SPENT, SMALL, FROM, OVER):
            features += [
                Feature(f"{measure.name}_{op}_{w}", measure, op, window, "u", "m")
                for op in NUMERIC
                if timed or op is not Op.LAST
            ]
        for measure in (ALL, CASH, ABROAD, UNKNOWN, NIGHT, DATED, MERCHANT):
            features += [
                Feature(f"{measure.name}_{op}_{w}", measure, op, window, "u", "m")
                for op in (Op.COUNT, Op.DAYS_SINCE_LAST, Op.DAYS_SINCE_FIRST, Op.ACTIVE_DAYS)
            ]
        features += [
            Feature(f"{measure.name}_{op}_{w}", measure, op, window, "u", "m")
            for measure in (MERCHANT, ALL)
            for op in sorted(OF_KEYS)
        ]
    kinds = ("ratio", "share", "difference", "growth", "volatility")
    features += [Derived(f"d_{kind}", kind, ("amount_sum_0", "amount_sum_2"), "u", "m", factor=1.5) for kind in kinds]
    features.append(Derived("d_reciprocal", "reciprocal", ("amount_count_2", "amount_count_2"), "u", "m", factor=1.5))
    features.append(Derived("d_night", "share", ("night_count_2", "amount_count_2"), "u", "m"))
    return tuple(features)


def times() -> st.SearchStrategy[int]:
    """Instants of nine days, often the same ones, often on a local midnight."""
    midnights = day_starts(local_days(START, ZONE) + np.arange(9), ZONE).tolist()
    return st.one_of(
        st.sampled_from(midnights),
        st.integers(0, 8 * 24).map(lambda hour: START + hour * 3_600_000_000),
        st.integers(START, START + 8 * MICROS_PER_DAY),
    )


def long_ago() -> st.SearchStrategy[int]:
    """Instants a week, a quarter, half a year or a year before those, where windows of so many days begin and end."""

    def before(at: int, days: int, whole: bool) -> int:
        earlier = at - days * MICROS_PER_DAY
        return int(day_starts(local_days(earlier, ZONE), ZONE)) if whole else earlier

    return st.builds(before, times(), st.sampled_from((7, 90, 180, 365)), st.booleans())


@st.composite
def events(draw: st.DrawFn, dates: int = 1) -> dict[str, Any]:
    """One event; of ten some ``dates`` carry a date only."""
    date_only = draw(st.integers(0, 9)) < dates
    at = draw(st.one_of(times(), times(), long_ago()))
    if date_only:
        at = int(day_starts(local_days(at, ZONE), ZONE))
    known = draw(st.one_of(st.just(at), st.integers(0, 3 * MICROS_PER_DAY).map(lambda d: at + d), times()))
    superseded = draw(st.one_of(st.none(), st.none(), st.none(), times()))
    return {
        "customer": draw(st.integers(-1, N_CUSTOMERS - 1)),
        "event_time": at,
        "known_time": known,
        "superseded_time": superseded,
        "date_only": date_only,
        "amount": draw(st.one_of(st.none(), st.integers(-12, 12), st.integers(-INT64, INT64), st.just(-INT64 - 1))),
        "channel": draw(st.sampled_from([None, "atm", "pos", "online"])),
        "country": draw(st.sampled_from(["GB", "FR", ""])),
        "merchant_id": draw(st.sampled_from([None, "", "m1", "m2", "merchant three"])),
    }


def spines() -> st.SearchStrategy[list[tuple[int, int]]]:
    """Rows (customer, as_of): duplicates, nobody's, unknown customers, before and after everything, unsorted.

    Some lie in the two months after the events: those described by windows of whole months.
    """
    far = st.sampled_from([START + days * MICROS_PER_DAY for days in (-400, 20, 40, 62, 500)])
    return st.lists(st.tuples(st.integers(-1, N_CUSTOMERS), st.one_of(times(), far)), max_size=8)


def batch_of(rows: list[dict[str, Any]], encoded: bool = False) -> pa.RecordBatch:
    """Return events as an Arrow batch; ``encoded`` gives strings as dictionaries."""
    text = pa.dictionary(pa.int32(), pa.string()) if encoded else pa.string()
    types = {
        "customer": pa.int32(),
        "event_time": pa.timestamp("us"),
        "known_time": pa.timestamp("us"),
        "superseded_time": pa.timestamp("us"),
        "date_only": pa.bool_(),
        "amount": pa.int64(),
        "channel": text,
        "country": text,
        "merchant_id": text,
    }
    return pa.record_batch({name: pa.array([row[name] for row in rows], of) for name, of in types.items()})


def histories_of(batches: list[pa.RecordBatch], features: tuple[AnyFeature, ...]) -> Histories:
    layout = layouts(features)["transactions"]
    return Histories(N_CUSTOMERS, ZONE, {"transactions": packed_stream(batches, layout, N_CUSTOMERS, ZONE)})
