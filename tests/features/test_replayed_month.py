"""A month of events put in one by one, as they became known, gives what the night computes from all of them at once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import day_starts, local_days
from bank360.features.chunks import Room
from bank360.features.compute import compute
from bank360.features.history_bytes import with_events
from bank360.features.layout import layouts
from bank360.features.one_customer import describing_one
from bank360.features.one_history import no_events, one_history
from bank360.features.packing import pack
from bank360.features.spine import Snapshots
from tests.features import untidy
from tests.features.bits import assert_same_bits
from tests.features.untidy import START, ZONE

FEATURES = untidy.all_features(True)
LAYOUT = layouts(FEATURES)["transactions"]
PACKED = {"transactions": LAYOUT}
DESCRIBE = describing_one(FEATURES, PACKED, ZONE, {})
NIGHTS = day_starts(local_days(START, ZONE) + np.arange(1, 32), ZONE)
MICROS = 1_000_000


def replayed(rows, known_before, instants):
    """Return the online values at each instant: a history of what was known at first, then event by event."""
    first = [row for row in rows if row["known_time"] < known_before]
    rest = sorted((row for row in rows if row["known_time"] >= known_before), key=lambda row: row["known_time"])
    history = no_events(LAYOUT)
    if first:
        history = untidy.histories_of([untidy.batch_of(first)], FEATURES).streams["transactions"].partition(0, Room())
        history = history._replace(
            starts=history.starts[:2], late_starts=history.late_starts[:2], stands_from=history.stands_from[:1]
        )
    found = []
    for as_of in instants:
        while rest and rest[0]["known_time"] < as_of:
            history = with_events(history, LAYOUT, pack(untidy.batch_of([rest.pop(0)]), LAYOUT, ZONE))
        found.append(list(DESCRIBE(one_history({"transactions": history}, PACKED), int(as_of), {}).values()))
    return np.array(found)


def by_night(rows, instants):
    """Return the night's values at each instant, from a history packed of all events, those of the future included."""
    histories = untidy.histories_of([untidy.batch_of(rows)] if rows else [], FEATURES)
    names = list(DESCRIBE(one_history({}, PACKED), int(instants[0]), {}))
    matrix = compute(histories, Snapshots(1, np.array(instants)), FEATURES, names)
    return np.array(matrix.values)


def same(rows, known_before, instants):
    found, wanted = replayed(rows, known_before, instants), by_night(rows, instants)
    assert_same_bits(found, wanted)


@pytest.fixture(scope="module")
def month():
    """400 events of one customer in 31 days: bursts, one moment for several, late arrivals, dates without a time."""
    draw = np.random.default_rng(5)
    rows = []
    for _ in range(400):
        at = START + int(draw.integers(0, 31 * 86_400 // 60)) * 60 * MICROS
        dated = bool(draw.random() < 0.1)
        if dated:
            at = int(day_starts(local_days(at, ZONE), ZONE))
        late = int(draw.choice([0, 2, 3_600, 86_400, 6 * 86_400])) * MICROS
        rows.append(
            {
                "customer": 0, "event_time": at, "known_time": at + late + 1, "superseded_time": None,
                "date_only": dated, "amount": int(draw.integers(-50_000, 20_000)),
                "channel": [None, "atm", "pos", "online"][draw.integers(4)], "country": ["GB", "FR"][draw.integers(2)],
                "merchant_id": [None, "m1", "m2", "m3"][draw.integers(4)],
            }
        )  # fmt: skip
    return rows


def test_every_night_of_a_month_is_what_its_events_one_by_one_came_to(month):
    same(month, int(NIGHTS[0]), [int(night) for night in NIGHTS])


def test_so_is_every_moment_in_between(month):
    moments = np.sort(np.random.default_rng(9).integers(START, START + 31 * 86_400 * MICROS, 40))
    same(month, START, [int(moment) for moment in moments])


@settings(max_examples=20, deadline=None)
@given(
    rows=st.lists(untidy.events().map(lambda row: {**row, "customer": 0, "superseded_time": None}), max_size=12),
    instants=st.lists(untidy.times(), min_size=1, max_size=4),
    known_before=untidy.times(),
)
def test_so_is_any_moment_of_events_as_untidy_as_they_come(rows, instants, known_before):
    same(rows, known_before, sorted(set(instants)))
