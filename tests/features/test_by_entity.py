"""A row about a customer at a terminal gets the customer's features, the terminal's, and what is derived from both."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.features.by_entity import compute_by_entity
from bank360.features.compute import compute
from bank360.features.feature import Calendar, Derived, Feature, Measure, Rolling, SpineColumn
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.ops import Op
from bank360.features.scan import Entity
from bank360.features.spine import Spine
from tests.features import naive, untidy
from tests.features.bits import assert_same_bits
from tests.features.untidy import N_CUSTOMERS, ZONE

OWN = Measure("own", "transactions", "amount", "amount", "minor units", limit=50)
THERE = replace(OWN, name="there", table="terminal_payments")
FRAUD = Measure("fraud", "terminal_frauds", None, "fraud", "count", where=(("channel", "in", ("atm", "pos")),))
FEATURES: tuple[Feature | Derived | SpineColumn, ...] = (
    Derived("against_there", "ratio", ("own_mean", "there_mean"), "1", "the customer's average over the terminal's"),
    Feature("there_mean", THERE, Op.MEAN, Rolling(2 * 86_400), "minor units", "m"),
    SpineColumn("amount", "minor units", "amount of the row"),
    Feature("own_mean", OWN, Op.MEAN, Calendar(3), "minor units", "m"),
    Feature("there_days", THERE, Op.ACTIVE_DAYS, Calendar(3, ago=1), "days", "m"),
    Feature("frauds", FRAUD, Op.COUNT, Calendar(3, ago=1), "count", "m"),
    Derived("amount_to_own", "difference", ("amount", "own_mean"), "minor units", "m"),
    Derived("amount_to_there", "ratio", ("amount", "there_mean"), "1", "m"),
)
EVENTS = st.lists(untidy.events(), max_size=12)
ROWS = st.lists(st.tuples(st.integers(-1, N_CUSTOMERS), st.integers(-1, N_CUSTOMERS), untidy.times()), max_size=8)


def histories(streams):
    packed = layouts(FEATURES)
    return Histories(
        N_CUSTOMERS,
        ZONE,
        {
            name: packed_stream([untidy.batch_of(rows)] if rows else [], packed[name], N_CUSTOMERS, ZONE)
            for name, rows in streams.items()
        },
    )


def spine_of(rows, **changes):
    own, there, at = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    told = {"columns": {"amount": np.arange(len(rows)) - 2.0}, "places": {Entity.TERMINAL: there.astype(np.int32)}}
    return Spine(np.arange(len(rows)), own.astype(np.int32), at, **(told | changes))


@settings(max_examples=25, deadline=None)
@given(EVENTS, EVENTS, EVENTS, ROWS)
def test_each_feature_is_that_of_its_own_entity_and_what_is_derived_from_two_is_of_both(own, there, frauds, rows):
    streams = {"transactions": own, "terminal_payments": there, "terminal_frauds": frauds}
    of = {
        Entity.CUSTOMER: histories({"transactions": own}),
        Entity.TERMINAL: histories({"terminal_payments": there, "terminal_frauds": frauds}),
    }
    matrix = compute_by_entity(of, spine_of(rows), FEATURES)
    assert matrix.names == tuple(feature.name for feature in FEATURES)
    ordered = sorted(FEATURES, key=lambda feature: isinstance(feature, Derived))
    for found, (customer, terminal, at), number in zip(matrix.values, rows, range(len(rows)), strict=True):
        keyed = {  # the definition knows customers only: of a terminal's stream its events are theirs
            name: [{**event, "customer": 0} for event in events if event["customer"] == key and key >= 0]
            for name, events in streams.items()
            for key in (customer if name == "transactions" else terminal,)
        }
        wanted = naive.row(keyed, ordered, 0, at, ZONE, {"amount": number - 2.0})
        assert_same_bits(found, [wanted[name] for name in matrix.names])


def test_a_row_that_names_no_terminal_is_refused_and_so_are_histories_of_somebody_else():
    of = {entity: histories({"transactions": []}) for entity in Entity}
    with pytest.raises(ValueError, match="does not say which terminal"):
        compute_by_entity(of, spine_of([(0, 0, untidy.START)], places={}), FEATURES)
    with pytest.raises(ValueError, match="no history of 'terminal_payments'"):
        compute(of[Entity.CUSTOMER], spine_of([(0, 0, untidy.START)]), FEATURES)
    with pytest.raises(ValueError, match="different lengths"):
        spine_of([(0, 0, untidy.START)], places={Entity.MERCHANT: np.zeros(2, dtype=np.int32)})
