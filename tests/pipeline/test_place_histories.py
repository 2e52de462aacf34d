"""Merchants and terminals on untidy rows: warehouse, streams and kernel say what loops say; later reports move nothing.

A fraud is a payment of which some case stands confirmed, as known: versions of payments and cases come and go.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import MICROS_PER_DAY, day_starts, local_days
from bank360.features.compute import compute
from bank360.features.families import FAMILIES_OF
from bank360.features.feature import Calendar, Derived, Feature, Rolling
from bank360.features.ops import Op
from bank360.features.scan import FRAUD_STREAMS, Entity
from bank360.features.spine import Spine
from bank360.pipeline.place_histories import place_histories
from bank360.storage.ledger import prepare
from bank360.storage.places import place_index
from bank360.storage.warehouse import open_warehouse
from tests.features import naive, untidy
from tests.features.families.on_paper import filled
from tests.features.untidy import START, ZONE

PLACES = ("p1", "p2")
ENTITY = st.sampled_from([Entity.MERCHANT, Entity.TERMINAL])
HOUR = 3_600_000_000
AS_OFS = [START + hours * HOUR for hours in (40, 72, 120, 150, 200)]
SETTINGS = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shortened(feature, days=7):
    """Nine days hold no 30 and no year: the same declarations over windows and delays of a few days and hours."""
    if isinstance(feature, Derived):
        return feature
    window = feature.window
    if isinstance(window, Rolling):
        return replace(feature, window=Rolling(7200, ago=window.ago // 7))
    return replace(feature, window=Calendar(min(window.days, days), ago=window.ago // 7))


TERMINAL = [one for one in FAMILIES_OF[Entity.TERMINAL]["terminal"] if isinstance(one, Feature)]
FRAUD = next(one.measure for one in TERMINAL if one.measure.table in FRAUD_STREAMS)
FEATURES = {
    entity: tuple(shortened(feature) for family in FAMILIES_OF[entity].values() for feature in family)
    for entity in (Entity.MERCHANT, Entity.TERMINAL)
}


def instant(micros):
    return None if micros is None else datetime(1970, 1, 1) + timedelta(microseconds=micros)  # noqa: DTZ001


def mostly(usual, *others):
    """Four times in five the usual value: rows that count for something are the rule, as in a bank."""
    return st.integers(0, 4).flatmap(lambda n: st.just(usual) if n else st.sampled_from(others))


@st.composite
def versions(draw, content, first):
    """One to three versions of a row: each stands until the next is known, the last perhaps withdrawn."""
    times = sorted({draw(first), *draw(st.lists(untidy.times(), max_size=draw(mostly(0, 1, 2))))})
    ends = [*times[1:], draw(mostly(None, times[-1] + 1, times[-1] + MICROS_PER_DAY))]
    return [draw(content) | {"known": known, "superseded": end} for known, end in zip(times, ends, strict=True)]


@st.composite
def payments(draw):
    at, precision = START + draw(st.integers(0, 100)) * HOUR, draw(mostly("second", "day"))
    if precision == "day":
        at = int(day_starts(local_days(at, ZONE), ZONE))
    return {
        "at": at,
        "event_precision": precision,
        "amount": draw(mostly(-5, -9, 0, 3)),
        "account_id": draw(st.sampled_from("ab")),
        "merchant_id": draw(mostly("p1", "p2", None)),
        "terminal_id": draw(mostly("p1", "p2", None)),
        "scheme": draw(mostly("card", "cash", "fee")),
        "currency": draw(mostly("GBP", "EUR")),
        "reverses_id": draw(mostly(None, "x")),
    }


def cases():
    return st.fixed_dictionaries(
        {
            "subject": st.sampled_from(["t0", "t0", "t1", "t2", "nothing"]),
            "kind": mostly("card", "application"),
            "outcome": mostly("confirmed", "cleared", None),
            "closed": mostly(None, *(START + hours * HOUR for hours in (50, 110, 160))),
        }
    )


BANKS = st.tuples(
    st.lists(versions(payments(), st.integers(0, 30).map(lambda hours: START + hours * HOUR)), min_size=2, max_size=5),
    st.lists(versions(cases(), untidy.times()), max_size=4),
).map(
    lambda bank: (
        [row | {"transaction_id": f"t{n}"} for n, rows in enumerate(bank[0]) for row in rows],
        [row | {"case_id": f"c{n}"} for n, rows in enumerate(bank[1]) for row in rows],
    )
)


def stored(row: dict[str, Any]) -> dict[str, Any]:
    times = {"known_time": instant(row["known"]), "superseded_time": instant(row["superseded"])}
    if "at" in row:
        event = {"event_time": instant(row["at"])}
    else:
        event = {"opened_at": instant(row["known"]), "closed_at": instant(row["closed"])}
    own = {name: value for name, value in row.items() if name not in ("at", "known", "superseded", "closed")}
    return own | times | event


@cache
def empty_warehouse():
    warehouse = open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB")
    prepare(warehouse)
    return warehouse


def holding(bank):
    """Return a warehouse that holds the rows of a bank and no others."""
    warehouse = empty_warehouse()
    for table, rows in zip(("transactions", "fraud_cases"), bank, strict=True):
        warehouse.execute(f"DELETE FROM {table}")
        if rows:
            warehouse.append(table, filled(table, [stored(row) for row in rows]))
    return warehouse


def values(bank, entity, as_ofs, delivered=False, features=None, since=None) -> dict[tuple[str, int], dict[str, float]]:
    """By place and instant the values of its features; ``delivered``: none before what they need was.

    ``since``: what no instant from then on needs is not read.
    """
    features = features or FEATURES[entity]
    warehouse = holding(bank)
    index = place_index(warehouse, entity)
    histories = place_histories(warehouse, index, ZONE, "GBP", "GB", features, 1, since)
    if not delivered:
        histories = replace(histories, known_from=None)
    ids = index["place_id"].to_pylist()
    rows = [(place, at) for place in PLACES for at in as_ofs]
    owner = np.array([ids.index(place) if place in ids else -1 for place, _ in rows], dtype=np.int32)
    spine = Spine(np.arange(len(rows)), owner, np.array([at for _, at in rows]))
    matrix = compute(histories, spine, features)
    return {
        row: dict(zip(matrix.names, found, strict=True))
        for row, found in zip(rows, matrix.values.tolist(), strict=True)
    }


def stands(row, as_of):
    return row["known"] < as_of and (row["superseded"] is None or row["superseded"] >= as_of)


def by_loops(bank, entity: Entity, place: str, as_of: int, features=None) -> dict[str, float]:
    frauds = {
        case["subject"]
        for case in bank[1]
        if stands(case, as_of)
        and case["kind"] == "card"
        and case["outcome"] == "confirmed"
        and (case["closed"] is None or case["closed"] < as_of)
    }
    seen = [
        payment | {
            "event_time": payment["at"], "known_time": payment["known"], "superseded_time": payment["superseded"],
            "date_only": payment["event_precision"] == "day", "home_currency": payment["currency"] == "GBP",
        }
        for payment in bank[0]
        if stands(payment, as_of) and payment[entity.key] == place and payment["scheme"] in ("card", "cash")
    ]  # fmt: skip
    found: dict[str, float] = {}
    for feature in features or FEATURES[entity]:
        if isinstance(feature, Feature):
            of_frauds = feature.measure.table in FRAUD_STREAMS
            events = [event for event in seen if not of_frauds or event["transaction_id"] in frauds]
            found[feature.name] = naive.feature_value(events, feature, as_of, ZONE)
        elif isinstance(feature, Derived):
            found[feature.name] = naive.derived_value(feature, *(found[name] for name in feature.inputs))
    return found


@SETTINGS
@given(bank=BANKS, entity=ENTITY)
def test_untidy_payments_and_cases_give_what_loops_over_the_rows_give(bank, entity):
    for (place, as_of), found in values(bank, entity, AS_OFS).items():
        np.testing.assert_equal(found, by_loops(bank, entity, place, as_of))


@SETTINGS
@given(bank=BANKS, entity=ENTITY, first=st.sampled_from(AS_OFS))
def test_reading_no_more_than_the_windows_reach_gives_the_same(bank, entity, first):
    as_ofs = [as_of for as_of in AS_OFS if as_of >= first]
    brief = tuple(shortened(feature, 2) for family in FAMILIES_OF[entity].values() for feature in family)
    for (place, as_of), found in values(bank, entity, as_ofs, features=brief, since=first).items():
        np.testing.assert_equal(found, by_loops(bank, entity, place, as_of, brief))


def test_the_first_instant_of_the_longest_window_is_read_and_of_a_place_of_dates_everything():
    as_of = START + 400 * MICROS_PER_DAY + 5 * HOUR
    day = int(local_days([as_of], ZONE)[0])
    first = int(day_starts([day - 37], ZONE)[0])

    def paid(*times):
        return [
            {"at": at, "event_precision": precision, "amount": -5, "account_id": "a", "merchant_id": "p1",
             "terminal_id": None, "scheme": "card", "currency": "GBP", "reverses_id": None, "known": at,
             "superseded": None, "transaction_id": f"t{n}"}
            for n, (at, precision) in enumerate(times)
        ]  # fmt: skip

    def at_p1(*times):
        features = FAMILIES_OF[Entity.MERCHANT]["merchant"]
        return values((paid(*times), []), Entity.MERCHANT, [as_of], features=features, since=as_of)["p1", as_of]

    assert at_p1((first - 1, "second"), (first, "second"))["merchant_aged_payments_30d"] == 1
    dated, long_ago = (int(day_starts([day - 3], ZONE)[0]), "day"), (first - 1, "second")
    assert np.isnan(at_p1(dated)["merchant_payments_24h"]), "all that is known of the place is dates"
    assert at_p1(dated, long_ago)["merchant_payments_24h"] == 0


@SETTINGS
@given(bank=BANKS, entity=ENTITY, as_of=st.one_of(st.sampled_from(AS_OFS), untidy.times()))
def test_nothing_known_at_or_after_an_instant_moves_a_value_there(bank, entity, as_of):
    """Whatever is added, changed or withdrawn from as_of on: the bank of that instant answers the same."""
    then = tuple(
        [
            row | {"superseded": row["superseded"] if row["superseded"] and row["superseded"] < as_of else None}
            for row in rows
            if row["known"] < as_of
        ]
        for rows in bank
    )
    np.testing.assert_equal(values(bank, entity, [as_of], True), values(then, entity, [as_of], True))


def test_a_report_of_seven_days_later_counts_from_the_instant_after_it_and_not_before():
    at = START + HOUR
    known = at + 7 * MICROS_PER_DAY
    payment = {"at": at, "event_precision": "second", "amount": -5, "account_id": "a", "merchant_id": "p1",
               "terminal_id": "p1", "scheme": "card", "currency": "GBP", "reverses_id": None, "known": at,
               "superseded": None, "transaction_id": "t0"}  # fmt: skip
    case = {
        "subject": "t0",
        "kind": "card",
        "outcome": "confirmed",
        "closed": None,
        "known": known,
        "superseded": None,
        "case_id": "c0",
    }
    since = Feature("since", FRAUD, Op.DAYS_SINCE_LAST, Calendar(30), "days", "days since a fraud")
    count = Feature("count", FRAUD, Op.COUNT, Rolling(86_400, ago=7 * 86_400), "count", "frauds of the day a week ago")
    instants = [known - 1, known, known + 1]
    found = values(([payment], [case]), Entity.TERMINAL, instants, features=(since, count))
    assert [found["p1", as_of]["count"] for as_of in instants] == [0, 0, 1]
    np.testing.assert_equal([found["p1", as_of]["since"] for as_of in instants], [np.nan, np.nan, 7])
