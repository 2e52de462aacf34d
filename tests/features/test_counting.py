"""The events that a feature is said to count are those that its value is made of."""

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import day_starts, local_days
from bank360.features.counting import counted_events, edges, income_named
from bank360.features.feature import LIFETIME, Calendar, Feature, Measure, Rolling
from bank360.features.ops import Op
from bank360.features.packing import tokens
from bank360.features.spine import FIRST
from tests.features import naive, untidy
from tests.features.untidy import ZONE

HOUR = 3_600_000_000
FEATURES = [one for one in untidy.all_features(True) if isinstance(one, Feature)]
PAID = Measure("paid", "transactions", "amount", "paid", "minor units", -1, (("channel", "in", ("atm",)),))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.integers(1, 9).flatmap(untidy.events), max_size=20), as_of=untidy.times())
def test_untidy_events_count_exactly_where_the_definition_counts_them(rows, as_of):
    theirs = [row for row in rows if row["customer"] == 0]
    for feature in FEATURES:
        wanted = [
            row for row in theirs
            if naive.visible(row, as_of)
            and naive.in_window(row, feature, as_of, ZONE)
            and naive.is_event_of(row, feature, ZONE)
        ]  # fmt: skip
        found = counted_events(theirs, feature, as_of, ZONE)
        assert [id(one.event) for one in found] == [id(row) for row in sorted(wanted, key=lambda r: r["event_time"])]
        if feature.op in (Op.SUM, Op.MEAN):
            assert [one.number for one in found] == [naive.number(one.event, feature) for one in found]


def event(at: int, **changes):
    plain = {"event_time": at, "known_time": at, "superseded_time": None, "date_only": False, "channel": "atm"}
    return plain | {"amount": -700} | changes


def test_the_edges_of_a_window_are_the_local_midnights_and_what_lies_on_the_last_is_out():
    midnight = int(day_starts(local_days(untidy.START, ZONE) + 1, ZONE))
    day = Feature("paid_1d", PAID, Op.SUM, Calendar(1), "minor units", "paid on the day before")
    low, high = edges(day, midnight + 5 * HOUR, ZONE)
    assert high == midnight
    assert low == int(day_starts(local_days(untidy.START, ZONE), ZONE))
    found = counted_events([event(low), event(low - 1), event(high), event(high - 1)], day, midnight + 5 * HOUR, ZONE)
    assert [one.event["event_time"] for one in found] == [low, high - 1]
    assert [one.number for one in found] == [700, 700]


def test_a_lifetime_has_no_first_edge_and_an_hour_ends_with_the_moment():
    ever = Feature("paid_ever", PAID, Op.SUM, LIFETIME, "minor units", "paid ever")
    hour = Feature("paid_1h", PAID, Op.SUM, Rolling(3600), "minor units", "paid in the last hour")
    assert edges(ever, untidy.START, ZONE)[0] == FIRST
    assert edges(hour, untidy.START, ZONE) == (untidy.START - HOUR, untidy.START)


def test_a_limit_cuts_the_number_and_a_name_has_none():
    small = Measure("paid", "transactions", "amount", "paid", "minor units", -1, limit=500)
    ever = Feature("paid_ever", small, Op.SUM, LIFETIME, "minor units", "paid ever")
    shops = Measure("shop", "transactions", "merchant_id", "shop", "merchant")
    named = Feature("shops", shops, Op.DISTINCT, LIFETIME, "count", "shops ever")
    rows = [event(untidy.START, merchant_id="m1"), event(untidy.START, merchant_id=None)]
    later = untidy.START + 48 * HOUR
    assert [one.number for one in counted_events(rows, ever, later, ZONE)] == [500, 500]
    assert [one.number for one in counted_events(rows, named, later, ZONE)] == [None]


def test_what_came_in_names_its_row_though_another_is_alike_in_all_but_its_id():
    rows = [{"transaction_id": name} for name in ("T1", "T2", "T2", "T3")]
    credit = dict(zip(("T1", "T2", "T3"), tokens(pa.array(["T1", "T2", "T3"])).tolist(), strict=True))
    income = [{"customer": 0, "event_time": 1, "amount": 900, "credit": credit[name]} for name in ("T2", "T1")]
    assert [one["transaction_id"] for one in income_named(income, rows)] == ["T2", "T1"]
