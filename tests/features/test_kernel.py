"""The kernel answers what the slow, obvious definition answers, bit for bit, by every route."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.bank.calendar import day_starts, local_days
from bank360.features.compute import compute
from bank360.features.spine import Snapshots, Spine
from tests.features import naive, untidy
from tests.features.bits import assert_same_bits, bits
from tests.features.untidy import N_CUSTOMERS, ZONE

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
    different = bits(actual) != bits(wanted)
    if different.any():
        row, column = np.argwhere(different)[0]
        name = FEATURES[timed][column].name
        raise AssertionError(f"row {row}, {name}: {actual[row, column]!r} instead of {wanted[row, column]!r}")


def untidy_event() -> dict[str, Any]:
    return {
        "customer": 0, "event_time": 0, "known_time": 0, "superseded_time": None, "date_only": False, "amount": -5,
        "channel": "atm", "country": "FR", "merchant_id": "m1",
    }  # fmt: skip


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
    assert_same_bits(at_once.values, in_parts.values)


def test_a_customer_with_more_rows_than_a_group_gets_every_row_answered():
    rows = [dict(untidy_event(), event_time=untidy.START, known_time=untidy.START)]
    histories = untidy.histories_of([untidy.batch_of(rows)], FEATURES[False])
    as_of = untidy.START + np.arange(600, dtype=np.int64)[::-1] * 3_600_000_000
    matrix = compute(histories, Spine(np.arange(600), np.zeros(600, dtype=np.int32), as_of), FEATURES[False])
    wanted = expected(rows, [(0, int(at)) for at in as_of], False)
    assert_same(matrix.values, wanted, False)


@SETTINGS
@given(
    rows=st.lists(st.integers(1, 9).flatmap(untidy.events), max_size=10),
    spine=untidy.spines(),
    instants=st.sets(untidy.times(), min_size=1, max_size=5),
)
def test_dates_and_times_in_one_ledger_get_what_the_definition_says_by_every_route(rows, spine, instants):
    histories = untidy.histories_of([untidy.batch_of([row]) for row in rows], FEATURES[True])
    everyone = Snapshots(N_CUSTOMERS, np.array(sorted(instants)))
    assert_same(compute(histories, spine_of(spine), FEATURES[True]).values, expected(rows, spine, True), True)
    together = compute(histories, everyone, FEATURES[True]).values
    spine = list(itertools.product(range(N_CUSTOMERS), sorted(instants)))
    assert_same(together, expected(rows, spine, True), True)
    for row, (customer, as_of) in enumerate(spine):
        alone = compute(histories.customer(customer), spine_of([(0, as_of)]), FEATURES[True]).values
        assert_same_bits(alone, together[row : row + 1])


def velocity(rows: list[dict[str, Any]], as_of: int) -> dict[str, float]:
    """Amounts and counts over the last hour (window 4) and at night over 30 days (window 2) of customer 0."""
    histories = untidy.histories_of([untidy.batch_of(rows)] if rows else [], FEATURES[True])
    matrix = compute(histories, spine_of([(0, as_of)]), FEATURES[True])
    names = ("amount_count_4", "amount_sum_4", "amount_max_4", "night_count_2", "dated_count_2", "amount_count_2")
    return {name: matrix.column(name)[0] for name in names}


HOUR = 3_600_000_000
MIDNIGHT = int(day_starts(local_days(untidy.START, ZONE) + 1, ZONE))  # of the local day 2024-10-26


def debit(**changes: Any) -> dict[str, Any]:
    return dict(untidy_event(), event_time=MIDNIGHT, known_time=MIDNIGHT, date_only=True, amount=-900) | changes


def card(at: int, **changes: Any) -> dict[str, Any]:
    return dict(untidy_event(), event_time=at, known_time=at, amount=-5) | changes


def test_a_direct_debit_of_today_does_not_hide_the_card_payment_of_half_an_hour_ago():
    """The debit's midnight lies an hour back and is no moment; the card payment of 00:30 is the one payment seen."""
    found = velocity([debit(), card(MIDNIGHT + HOUR // 2)], MIDNIGHT + HOUR)
    assert (found["amount_count_4"], found["amount_sum_4"], found["amount_max_4"]) == (1, -5, -5)


def test_a_direct_debit_is_not_at_night_and_a_day_window_counts_it_all_the_same():
    """Two days later: a card payment at 00:30 is at night, the debit is not, and both are payments of 30 days."""
    found = velocity([debit(), card(MIDNIGHT + HOUR // 2)], MIDNIGHT + 48 * HOUR)
    assert (found["night_count_2"], found["dated_count_2"], found["amount_count_2"]) == (1, 0, 2)
    assert found["amount_count_4"] == 0


def test_a_ledger_of_dates_has_no_value_and_an_empty_one_that_of_the_empty_window():
    dates = velocity([debit()], MIDNIGHT + HOUR)
    assert np.isnan([dates["amount_count_4"], dates["amount_sum_4"], dates["night_count_2"]]).all()
    nothing = velocity([], MIDNIGHT + HOUR)
    assert (nothing["amount_count_4"], nothing["amount_sum_4"], nothing["night_count_2"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("rows", "value"),
    [
        # A timed event counts from when it was known, even if it lies before every window.
        ([debit(), card(MIDNIGHT - 9 * HOUR, known_time=MIDNIGHT + HOUR - 1)], 0.0),
        ([debit(), card(MIDNIGHT - 9 * HOUR, known_time=MIDNIGHT + HOUR)], np.nan),
        # A timed event that was corrected is seen until then: superseded at as_of it still is, before it no more.
        ([debit(), card(MIDNIGHT - 9 * HOUR, superseded_time=MIDNIGHT + HOUR)], 0.0),
        ([debit(), card(MIDNIGHT - 9 * HOUR, superseded_time=MIDNIGHT + HOUR - 1)], np.nan),
        # So is a date: gone or not yet known, nothing is seen, and the window is empty.
        ([debit(superseded_time=MIDNIGHT + HOUR)], np.nan),
        ([debit(superseded_time=MIDNIGHT + HOUR - 1)], 0.0),
        ([debit(known_time=MIDNIGHT + HOUR)], 0.0),
        # A card payment still to come says nothing about now.
        ([debit(), card(MIDNIGHT + 2 * HOUR)], np.nan),
    ],
)
def test_only_what_is_visible_decides_whether_a_ledger_is_of_dates(rows, value):
    np.testing.assert_equal(velocity(rows, MIDNIGHT + HOUR)["amount_count_4"], value)


def test_events_that_carry_dates_only_are_counted_in_a_finding():
    histories = untidy.histories_of([untidy.batch_of([debit(), debit(), card(MIDNIGHT)])], FEATURES[True])
    assert ("no_time_of_day", 2) in [(found.rule, found.rows) for found in histories.findings]


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
