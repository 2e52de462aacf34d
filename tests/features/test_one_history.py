"""One customer's history in one array: what goes in comes out, and what is not of these layouts is refused."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.features.chunks import Room
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import Feature
from bank360.features.history_bytes import customer_bytes, history_of
from bank360.features.layout import layouts
from bank360.features.one_customer import describing_one
from bank360.features.one_history import no_events, one_history, partitions_in
from bank360.features.scan import Entity, entity_of
from tests.features import untidy

FEATURES = untidy.all_features(True)
PACKED = {"before": layouts(FEATURES)["transactions"], "transactions": layouts(FEATURES)["transactions"]}


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(untidy.events(), min_size=1, max_size=12))
def test_partitions_come_back_as_they_went_in_beside_a_stream_without_events(rows):
    histories = untidy.histories_of([untidy.batch_of(rows)], FEATURES)
    for customer in range(untidy.N_CUSTOMERS):
        own = histories.customer(customer).streams["transactions"].partition(0, Room())
        back = partitions_in(one_history({"transactions": own}, PACKED), PACKED)
        for wanted, found in zip(own, back["transactions"], strict=True):
            assert found.shape == wanted.shape
            assert (found == wanted).all()
        assert [part.tolist() for part in back["before"]] == [part.tolist() for part in no_events(PACKED["before"])]


def test_a_stream_that_is_packed_otherwise_is_refused():
    timed, dated = PACKED["transactions"], layouts(untidy.all_features(False))["transactions"]
    assert timed.width != dated.width
    with pytest.raises(ValueError, match="'transactions' is not packed as these layouts say"):
        one_history({"transactions": no_events(dated)}, PACKED)
    with pytest.raises(ValueError, match="'income' is not packed"):
        one_history({"income": no_events(timed)}, PACKED)


def test_a_history_of_other_streams_is_refused_and_never_read_beyond_its_end():
    describe = describing_one(FEATURES, {"transactions": PACKED["transactions"]}, untidy.ZONE, {})
    with pytest.raises(ValueError, match="a history of 2 streams, where 1 are packed"):
        describe(one_history({}, PACKED), untidy.START, {})


# One event of 7 fields and three times of a late one, 10 numbers: so say 4 events and -6 late ones, and -2 and 8.
# A record's flags are its third field; those without the mark of a late one say that no times belong to it.
@pytest.mark.parametrize(
    "changes",
    [{0: 2}, {0: -1}, {1: 3}, {1: -1}, {0: 2**62}, {0: 4, 1: -6}, {0: -2, 1: 8}, {4 + 2: 0}],
)
def test_bytes_that_do_not_hold_what_their_heads_say_are_refused(changes):
    packed = {"transactions": PACKED["transactions"]}
    (data, *_) = customer_bytes(untidy.histories_of([untidy.batch_of([EVENT])], FEATURES))
    size = int.from_bytes(data[:4], "little")
    numbers = np.frombuffer(pa.decompress(data[4:], decompressed_size=size * 8, codec="zstd", asbytes=True), np.int64)
    assert history_of(data, packed).heads[0, 1:3].tolist() == [1, 1]
    changed = numbers.copy()
    for place, number in changes.items():
        changed[place] = number
    wrong = data[:4] + pa.compress(changed.tobytes(), codec="zstd", asbytes=True)
    with pytest.raises(ValueError, match="are no history of these layouts"):
        history_of(wrong, packed)


@pytest.mark.parametrize("wrong", ["", "length", "cut", "more", "huge", "heads"])
def test_damaged_bytes_are_refused(wrong):
    packed = {"transactions": PACKED["transactions"]}
    (data, *_) = customer_bytes(untidy.histories_of([untidy.batch_of([EVENT])], FEATURES))
    size = int.from_bytes(data[:4], "little")
    damaged = {
        "": b"",
        "length": data[:3],
        "cut": data[:-1],
        "more": (size + 1).to_bytes(4, "little") + data[4:],
        "huge": b"\xff\xff\xff\xff" + data[4:],
        "heads": (3).to_bytes(4, "little") + pa.compress(bytes(24), codec="zstd", asbytes=True),
    }
    with pytest.raises(ValueError, match="no history of"):
        history_of(damaged[wrong], packed)


EVENT = {
    "customer": 0, "event_time": untidy.START, "known_time": untidy.START + 1, "superseded_time": None,
    "date_only": False, "amount": -5, "channel": "atm", "country": "FR", "merchant_id": "m1",
}  # fmt: skip


def test_a_customer_without_any_event_is_described_as_one_with_events_before_they_are_known():
    features = [f for f in ALL_FEATURES if isinstance(f, Feature) and entity_of(f) is Entity.CUSTOMER]
    packed = layouts(features)
    found = describing_one(features, packed, untidy.ZONE, {})(one_history({}, packed), untidy.START, {})
    assert len(found) == len(features)
    assert {value for value in found.values() if value == value} == {0.0}
    packed = {"transactions": PACKED["transactions"]}
    describe = describing_one(FEATURES, packed, untidy.ZONE, {})
    (data, *_) = customer_bytes(untidy.histories_of([untidy.batch_of([EVENT])], FEATURES))
    of_nobody, of_one = one_history({}, packed), history_of(data, packed)
    known = EVENT["known_time"]
    before, unlike = ([*describe(of_one, at, {}).values()] for at in (known, known + 1))
    assert np.array_equal(before, [*describe(of_nobody, known, {}).values()], equal_nan=True)
    assert not np.array_equal(unlike, before, equal_nan=True)
