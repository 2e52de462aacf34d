"""Histories put together from layers are those packed at once, to the last bit; and of them the latest snapshot."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import MICROS_PER_DAY, day_starts, local_days
from bank360.features.chunks import Room
from bank360.features.compute import compute
from bank360.features.feature import LIFETIME, AnyFeature, Calendar, Derived, Feature, Rolling
from bank360.features.history import Histories, Partition, packed_stream, refuse_long
from bank360.features.latest import latest
from bank360.features.layers import Layer, LayeredStream, day_parts, layer_parts
from bank360.features.layout import Layout, layouts
from bank360.features.ops import Op
from bank360.features.packing import NEVER
from bank360.features.spine import Snapshots
from tests.features.bits import assert_same_bits
from tests.features.layered import layer_of
from tests.features.untidy import ALL, CASH, MERCHANT, N_CUSTOMERS, NIGHT, SPENT, START, ZONE, all_features, batch_of
from tests.features.untidy import events as untidy_events

Rows = list[dict[str, Any]]
DAYS = st.lists(st.lists(untidy_events(dates=2), max_size=7), max_size=6)


def packed(days: list[Rows], layout: Layout, n: int = N_CUSTOMERS):
    return packed_stream([batch_of(rows) for rows in days], layout, n, ZONE)


def layered(days: list[Rows], layout: Layout, compact: frozenset[int] = frozenset()) -> LayeredStream:
    """Return the days as layers; after each of some of them all so far become a base."""
    wanted = np.arange(N_CUSTOMERS, dtype=np.int32)
    layers: tuple[Layer, ...] = ()
    for number, rows in enumerate(days):
        known = max(1, 1 + max((row["customer"] for row in rows), default=0))  # who comes later is not counted yet
        parts = day_parts([batch_of(rows)], layout, known, ZONE)[0] if number else layer_parts(packed([rows], layout))
        layers = (*layers, layer_of(parts))
        if number in compact:
            layers = (layer_of(layer_parts(LayeredStream(layout, layers, wanted))),)
    return LayeredStream(layout, layers, wanted)


def same(one: Partition, other: Partition) -> None:
    for name, mine, theirs in zip(Partition._fields, one, other, strict=True):
        np.testing.assert_array_equal(mine, theirs, name)


def test_a_stream_of_which_no_feature_asks_the_hour_holds_nothing_per_customer_packed_or_kept():
    layout = layouts([Feature("sum", ALL, Op.SUM, Calendar(2), "u", "m")])["transactions"]
    assert not layout.needs_hour
    stream = packed([[]], layout, 1_000_000)
    kept = LayeredStream(layout, (layer_of(layer_parts(stream)),), np.arange(1_000_000, dtype=np.int32))
    for one in (stream, kept):
        assert one.stands_from.strides == (0, 0)
        part = one.partition(3, Room())
        assert part.stands_from.flags.c_contiguous
        assert np.all(part.stands_from == NEVER)
        assert part.stands_from.shape == (256, 2)


@settings(max_examples=60, deadline=None)
@given(DAYS, st.frozensets(st.integers(0, 5)), st.booleans())
def test_layers_of_any_days_compacted_at_any_time_are_what_packing_at_once_gives(days, compact, timed):
    layout = layouts(all_features(timed))["transactions"]
    at_once, kept = packed(days, layout), layered(days, layout, compact)
    assert kept.events == at_once.events
    same(kept.partition(0, Room()), at_once.partition(0, Room()))
    for customer in range(N_CUSTOMERS):
        same(kept.customer(customer).partition(0, Room()), at_once.customer(customer).partition(0, Room()))


@settings(max_examples=30, deadline=None)
@given(DAYS, st.permutations(range(N_CUSTOMERS)), st.booleans())
def test_customers_are_read_in_the_order_asked_for(days, order, timed):
    layout = layouts(all_features(timed))["transactions"]
    place = {customer: number for number, customer in enumerate(order)}
    moved = [[row | {"customer": place.get(row["customer"], -1)} for row in rows] for rows in days]
    same(layered(days, layout).of(np.array(order)).partition(0, Room()), packed(moved, layout).partition(0, Room()))


def test_layers_of_many_customers_are_what_packing_at_once_gives():
    """Two thousand customers in eight partitions, a base and three days, fields of which some take two words."""
    rng, n = np.random.default_rng(5), 2_000
    layout = layouts(all_features(timed=True))["transactions"]
    example = {"superseded_time": None, "date_only": False, "channel": "atm", "country": "GB", "merchant_id": "m1"}

    def rows(count: int) -> Rows:
        at = START + rng.integers(0, 8, count) * MICROS_PER_DAY
        return [
            example
            | {"customer": int(c), "event_time": int(t), "known_time": int(t + d), "amount": int(a)}
            for c, t, d, a in zip(
                rng.integers(0, n, count), at, rng.integers(0, 2, count), rng.integers(-(2**40), 2**40, count),
                strict=True,
            )
        ]  # fmt: skip

    days = [rows(6_000), rows(300), rows(1), rows(500)]
    layers = tuple(layer_of(layer_parts(packed([day], layout, n))) for day in days)
    kept, at_once = LayeredStream(layout, layers, np.arange(n, dtype=np.int32)), packed(days, layout, n)
    again = LayeredStream(layout, (layer_of(layer_parts(kept)),), kept.wanted)
    for p in range(8):
        same(kept.partition(p, Room()), at_once.partition(p, Room()))
        same(again.partition(p, Room()), at_once.partition(p, Room()))


# What looks back without an end only for the last event leaves the rest of the history unread.
RECENT: tuple[AnyFeature, ...] = (
    *(Feature(f"{m.name}_{op}", m, op, Calendar(2), "u", "m") for m in (ALL, SPENT) for op in (Op.SUM, Op.STD, Op.MAX)),
    Feature("night", NIGHT, Op.COUNT, Calendar(2), "u", "m"),
    Feature("merchants", MERCHANT, Op.DISTINCT, Calendar(2), "u", "m"),
    *(Feature(f"{m.name}_since", m, Op.DAYS_SINCE_LAST, LIFETIME, "u", "m") for m in (ALL, CASH, NIGHT)),
    Feature("last", SPENT, Op.LAST, LIFETIME, "u", "m"),
    Derived("since_share", "share", ("cash_since", "amount_since"), "u", "m"),
)
TIMED: tuple[AnyFeature, ...] = (*RECENT, Feature("hour", ALL, Op.SUM, Rolling(3600), "u", "m"))


@settings(max_examples=60, deadline=None)
@given(
    DAYS, st.lists(st.integers(0, N_CUSTOMERS - 1), max_size=5), st.integers(0, 9 * 24),
    st.sampled_from([RECENT, TIMED, all_features(timed=True)]), st.booleans(),
)  # fmt: skip
def test_the_latest_snapshot_of_some_is_their_rows_of_everybodys(days, some, hour, features, hidden):
    layout, at = layouts(features)["transactions"], START + hour * MICROS_PER_DAY // 24
    names = [f.name for f in features if not (hidden and f.name.endswith("_since"))]
    everybody = compute(
        Histories(N_CUSTOMERS, ZONE, {"transactions": packed(days, layout)}),
        Snapshots(N_CUSTOMERS, np.array([at])), features, names,
    )  # fmt: skip
    kept = Histories(N_CUSTOMERS, ZONE, {"transactions": layered(days, layout)})
    found = latest(kept, np.array(some, dtype=np.int32), at, features, names)
    assert found.names == everybody.names
    assert_same_bits(found.values, everybody.values[some])


def test_an_old_event_with_a_time_of_day_that_still_stood_says_that_not_only_dates_are_seen():
    """The old event is out of every window's reach, and superseded only after the moment described."""
    features = (
        Feature("night", NIGHT, Op.COUNT, Calendar(2), "u", "m"),
        Feature("since", ALL, Op.DAYS_SINCE_LAST, LIFETIME, "u", "m"),
    )
    layout, at = layouts(features)["transactions"], START + 8 * MICROS_PER_DAY
    blank = {"customer": 0, "amount": 1, "channel": None, "country": "GB", "merchant_id": None}
    old = {"event_time": START, "known_time": START, "superseded_time": at + 1, "date_only": False}
    midnight = int(day_starts(local_days(at, ZONE) - 1, ZONE))
    dated = {"event_time": midnight, "known_time": midnight, "superseded_time": None, "date_only": True}
    kept = Histories(N_CUSTOMERS, ZONE, {"transactions": layered([[blank | old, blank | dated]], layout)})
    found = latest(kept, np.array([0], dtype=np.int32), at, features)
    assert found.values.tolist() == [[0.0, 1.0]]


def test_who_has_no_event_at_all_is_not_read_a_second_time(monkeypatch):
    """Most of a bank never applied for credit: that they have no time of day is no reason to read all they did."""
    features = (Feature("hour", ALL, Op.COUNT, Rolling(3600), "u", "m"),)
    layout, at = layouts(features)["transactions"], START + 8 * MICROS_PER_DAY
    blank = {"customer": 0, "amount": 1, "channel": None, "country": "GB", "merchant_id": None, "superseded_time": None}
    moment = {"event_time": START, "known_time": START, "date_only": False}
    dated = {"customer": 1, "event_time": START, "known_time": START, "date_only": True}
    kept = Histories(N_CUSTOMERS, ZONE, {"transactions": layered([[blank | moment, blank | dated]], layout)})
    asked = []

    def counting(histories, *others):
        asked.append(histories.n_customers)
        return compute(histories, *others)

    monkeypatch.setattr("bank360.features.latest.compute", counting)
    found = latest(kept, np.arange(N_CUSTOMERS, dtype=np.int32), at, features)
    assert asked == [N_CUSTOMERS, 1]  # everybody, and again whom only a date is known of
    assert_same_bits(found.values[:, 0], np.array([0.0, np.nan, *[0.0] * (N_CUSTOMERS - 2)]))


def test_a_customer_of_too_many_events_is_refused_by_name():
    with pytest.raises(ValueError, match="4194305 events in 'transactions'"):
        refuse_long(np.array([0, 7, 2**22 + 8]), layouts(RECENT)["transactions"])
