"""What leaves memory comes back to the last bit, in the same order, whatever the budget; and it does leave it."""

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.features.chunks import (
    CUSTOMERS_PER_PARTITION,
    LET_GO_AFTER,
    Chunks,
    Room,
    chunk,
    partitions_of,
    sorted_partition,
)
from bank360.features.compute import compute
from bank360.features.history import Histories, packed_stream
from bank360.features.layers import layer_parts
from bank360.features.layout import layouts
from bank360.features.spilling import Gathered
from bank360.features.spine import Snapshots
from bank360.storage.unnamed_files import UnnamedFiles
from tests.features.bits import assert_same_bits
from tests.features.layered import layer_of
from tests.features.test_layers import same
from tests.features.untidy import N_CUSTOMERS, START, ZONE, all_features, batch_of
from tests.features.untidy import events as untidy_events

BATCHES = st.lists(st.lists(untidy_events(dates=2), max_size=7), max_size=7)
CUSTOMERS, WIDTH, BATCH = 700, 6, 3_000
REACH = (5, 2**16 - 1, 2**31, 2**40, 2**62, 1)


class Elsewhere:
    """An outside that is no disk, and counts what it was given."""

    def __init__(self, budget: int) -> None:
        self.budget, self.given, self.times_let_go = budget, [], 0

    def keep(self, pieces: Iterator[npt.NDArray[np.uint8]]) -> tuple[npt.NDArray[np.uint8], Callable[[], None]]:
        whole = np.concatenate([piece.copy() for piece in pieces])
        self.given.append(whole.nbytes)
        return whole, self.let_go

    def let_go(self) -> None:
        self.times_let_go += 1


def gathered(outside: Elsewhere | None) -> tuple[Chunks, Chunks]:
    """Return six batches, each of other extents (the second at the lower end of 64 bits), a few of each late."""
    rng, found = np.random.default_rng(3), Gathered(outside)
    for number in range(6):
        customer = rng.integers(0, CUSTOMERS, BATCH).astype(np.int32)
        low = -(2**63) if number == 1 else number * 2**20
        fields = np.stack([np.int64(low) + rng.integers(0, reach, BATCH) for reach in REACH])
        if number == 4:
            fields[3, :2] = -(2**63), 2**63 - 1
        late = 40 * number  # of the first batch none
        found.add(chunk(customer, fields, CUSTOMERS), chunk(customer[:late], fields[:4, :late], CUSTOMERS))
    return found.chunks()


@pytest.mark.parametrize(("budget", "times"), [(0, 6), (150_000, 3), (10**9, 0)])
def test_records_that_left_memory_are_read_as_those_that_stayed(budget, times):
    elsewhere = Elsewhere(budget)
    for kept, stayed, width in zip(gathered(elsewhere), gathered(None), (WIDTH, 4), strict=True):
        assert len(kept) == len(stayed)
        for p in range(partitions_of(CUSTOMERS)):
            mine, starts = sorted_partition(kept, p, CUSTOMERS, width, Room(), "x")
            theirs, ends = sorted_partition(stayed, p, CUSTOMERS, width, Room(), "x")
            np.testing.assert_array_equal(mine, theirs)
            np.testing.assert_array_equal(starts, ends)
    assert len(elsewhere.given) == times


def test_what_stays_in_memory_is_never_more_than_the_budget_and_a_batch():
    budget, one = 200_000, 120_000  # of a batch: 3,000 records of at most 16 words and an owner
    outside = Elsewhere(budget)
    gathering, rng = Gathered(outside), np.random.default_rng(1)
    for _ in range(12):
        customer = rng.integers(0, CUSTOMERS, BATCH).astype(np.int32)
        events = chunk(customer, np.stack([rng.integers(0, reach, BATCH) for reach in REACH]), CUSTOMERS)
        assert events.nbytes < one
        gathering.add(events, chunk(customer[:0], np.empty((4, 0), dtype=np.int64), CUSTOMERS))
        assert gathering.in_memory <= budget
    whole, late = gathering.chunks()
    assert len(outside.given) == len(whole.parts) == 4
    assert late.parts == ()


def test_while_partitions_are_read_one_after_the_other_memory_is_let_go_of_again_and_again():
    outside, n = Elsewhere(0), CUSTOMERS_PER_PARTITION * LET_GO_AFTER * 3
    gathering = Gathered(outside)
    events = chunk(np.arange(0, n, 90, dtype=np.int32), np.arange(0, n, 90).reshape(1, -1), n)
    gathering.add(events, chunk(np.empty(0, dtype=np.int32), np.empty((4, 0), dtype=np.int64), n))
    whole, _ = gathering.chunks()
    for p in range(partitions_of(n)):
        sorted_partition(whole, p, n, 1, Room(), "x")
    assert outside.times_let_go == 3


@settings(max_examples=40, deadline=None)
@given(BATCHES, st.integers(0, 400), st.booleans())
def test_features_of_untidy_events_are_the_same_to_the_last_bit_whatever_the_budget(batches, budget, timed):
    features = all_features(timed)
    layout, spine = layouts(features)["transactions"], Snapshots(N_CUSTOMERS, START + np.arange(9) * 86_400_000_000)
    plain, spilled = (
        packed_stream([batch_of(rows) for rows in batches], layout, N_CUSTOMERS, ZONE, 1, outside)
        for outside in (None, Elsewhere(budget))
    )
    assert (spilled.noticed, spilled.events) == (plain.noticed, plain.events)
    same(spilled.partition(0, Room()), plain.partition(0, Room()))
    one, other = (
        compute(Histories(N_CUSTOMERS, ZONE, {"transactions": stream}), spine, features) for stream in (plain, spilled)
    )
    assert_same_bits(one.values, other.values)
    for mine, theirs in zip(vars_of(plain), vars_of(spilled), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def vars_of(stream) -> Iterator[npt.NDArray[np.generic]]:
    """Yield the arrays of the layer that would be kept of a stream."""
    layer = layer_of(layer_parts(stream))
    for run in (layer.events, layer.late):
        yield from (run.customers, run.starts, run.words, run.wide)
    yield from (layer.standing, layer.stands_from)


def test_a_bank_of_many_partitions_by_two_threads_and_a_disk_is_the_same(tmp_path):
    n = 3 * CUSTOMERS_PER_PARTITION + 5
    rng = np.random.default_rng(9)
    row = {"date_only": False, "channel": "atm", "country": "GB", "merchant_id": "m1", "superseded_time": None}
    batches = [
        batch_of([
            row | {"customer": int(c), "event_time": START + int(t), "known_time": START + int(t) * 2, "amount": int(a)}
            for c, t, a in zip(*(rng.integers(0, reach, 400) for reach in (n, 10**11, 10**6)), strict=True)
        ])
        for _ in range(9)
    ]  # fmt: skip
    layout = layouts(all_features(True))["transactions"]
    plain = packed_stream(batches, layout, n, ZONE)
    spilled = packed_stream(batches, layout, n, ZONE, 2, UnnamedFiles(tmp_path / "new", 40_000))
    assert 1 < len(spilled.chunks.parts) < len(plain.chunks.parts)
    assert not spilled.chunks.parts[0].words.flags.writeable
    assert list((tmp_path / "new").iterdir()) == []
    for p in range(partitions_of(n)):
        same(spilled.partition(p, Room()), plain.partition(p, Room()))
