"""The kernel answers what the slow, obvious definition answers, bit for bit, by every route."""

import itertools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

import naive
import untidy
from untidy import N_CUSTOMERS, ZONE

from bank360.features.compute import compute
from bank360.features.spine import Snapshots, Spine

FEATURES = {timed: untidy.all_features(timed) for timed in (True, False)}
SETTINGS = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def spine_of(rows: list[tuple[int, int]]) -> Spine:
    return Spine(
        np.arange(len(rows)),
        np.array([customer for customer, _ in rows], dtype=np.int32),
        np.array([as_of for _, as_of in rows], dtype=np.int64),
    )


def expected(rows: list[dict[str, Any]], spine: list[tuple[int, int]], timed: bool) -> np.ndarray:
    values = [naive.row({"transactions": rows}, FEATURES[timed], customer, as_of, ZONE) for customer, as_of in spine]
    return np.array([list(row.values()) for row in values]).reshape(len(spine), len(FEATURES[timed]))


def assert_same(actual: np.ndarray, wanted: np.ndarray, timed: bool) -> None:
    different = ~((actual == wanted) | (np.isnan(actual) & np.isnan(wanted)))
    if different.any():
        row, column = np.argwhere(different)[0]
        name = FEATURES[timed][column].name
        raise AssertionError(f"row {row}, {name}: {actual[row, column]!r} instead of {wanted[row, column]!r}")


@SETTINGS
@given(rows=st.lists(untidy.events(), max_size=25), spine=untidy.spines(), timed=st.booleans())
def test_any_spine_gets_what_the_definition_says(rows, spine, timed):
    histories = untidy.histories_of([untidy.batch_of(rows)] if rows else [], FEATURES[timed])
    actual = compute(histories, spine_of(spine), FEATURES[timed]).values
    assert_same(actual, expected(rows, spine, timed), timed)


@SETTINGS
@given(
    rows=st.lists(untidy.events(), max_size=25),
    instants=st.sets(untidy.times(), min_size=1, max_size=5),
    timed=st.booleans(),
)
def test_snapshots_of_everyone_and_one_customer_alone_get_the_same_bits(rows, instants, timed):
    histories = untidy.histories_of([untidy.batch_of(rows)] if rows else [], FEATURES[timed])
    snapshots = Snapshots(N_CUSTOMERS, np.array(sorted(instants)))
    together = compute(histories, snapshots, FEATURES[timed], threads=2).values
    spine = snapshots.spine()
    wanted = expected(rows, list(zip(spine.customer.tolist(), spine.as_of.tolist(), strict=True)), timed)
    assert_same(together, wanted, timed)
    for row in range(len(spine)):
        alone = histories.customer(int(spine.customer[row]))
        one = Spine(np.zeros(1), np.zeros(1, dtype=np.int32), spine.as_of[row : row + 1])
        assert_same(compute(alone, one, FEATURES[timed]).values, wanted[row : row + 1], timed)


@SETTINGS
@given(
    rows=st.lists(untidy.events(), min_size=1, max_size=25),
    spine=untidy.spines(),
    cuts=st.lists(st.integers(0, 25), max_size=4),
    data=st.data(),
)
def test_order_of_arrival_split_and_encoding_do_not_matter(rows, spine, cuts, data):
    arrived = data.draw(st.permutations(rows))
    bounds = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})
    batches = [untidy.batch_of(arrived[low:high], encoded=low % 2 == 0) for low, high in itertools.pairwise(bounds)]
    features = FEATURES[True]
    at_once = compute(untidy.histories_of([untidy.batch_of(rows)], features), spine_of(spine), features)
    in_parts = compute(untidy.histories_of(batches, features), spine_of(spine), features)
    np.testing.assert_array_equal(at_once.values, in_parts.values)


def test_a_customer_with_more_rows_than_a_group_gets_every_row_answered():
    rows = [dict(untidy_event(), event_time=untidy.START, known_time=untidy.START)]
    histories = untidy.histories_of([untidy.batch_of(rows)], FEATURES[False])
    as_of = untidy.START + np.arange(600, dtype=np.int64)[::-1] * 3_600_000_000
    matrix = compute(histories, Spine(np.arange(600), np.zeros(600, dtype=np.int32), as_of), FEATURES[False])
    wanted = expected(rows, [(0, int(at)) for at in as_of], False)
    assert_same(matrix.values, wanted, False)


def untidy_event() -> dict[str, Any]:
    return {
        "customer": 0, "event_time": 0, "known_time": 0, "superseded_time": None, "date_only": False, "amount": -5,
        "channel": "atm", "country": "FR", "merchant_id": "m1",
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 1000])
def test_standard_deviation_of_the_largest_amounts_is_exact(count):
    """10**12 and -10**12 in turn: S2 = n * 10**24 needs 128 bits; half of each gives exactly 10**12."""
    rows = [
        dict(untidy_event(), event_time=untidy.START, known_time=untidy.START, amount=10**12 * (-1) ** i)
        for i in range(count)
    ]
    histories = untidy.histories_of([untidy.batch_of(rows)], FEATURES[False])
    at = untidy.START + 5 * 86_400_000_000
    matrix = compute(histories, spine_of([(0, at)]), FEATURES[False])
    assert matrix.column("amount_std_2")[0] == (0.0 if count == 1 else 1e12)
