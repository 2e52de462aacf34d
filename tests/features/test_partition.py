"""Chunks give back what was put in, sorted; days and hours by division of doubles are those of integers."""

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY, offset_changes
from bank360.features import partition
from bank360.features.chunks import Room, chunk, chunks_of, halves_of, partitions_of, sorted_partition

INT32 = 2**31


@pytest.mark.parametrize("width", [1, 2, 4, 5, 7, 9])
def test_a_partition_is_the_records_of_its_customers_by_customer_time_and_arrival(width):
    """Three chunks of fields of one word up to four, at the lower end of 64 bits, and one that spans them all."""
    rng = np.random.default_rng(width)
    n_customers, parts, reach = 600, [], [5, 2**16 - 1, INT32, 1, 2**16, 2**40, 2**63 - 1, 1, 2**20]
    for number in range(3):
        customer = rng.integers(0, n_customers, 2_000).astype(np.int32)
        low = -(2**63) if number == 1 else number * 2**33
        fields = np.stack([np.int64(low) + rng.integers(0, reach[f], 2_000) for f in range(width)])
        if number == 2 and width > 3:
            fields[3, :2] = -(2**63), 2**63 - 1
        parts.append((customer, fields))
    chunks = chunks_of([chunk(customer, fields, n_customers) for customer, fields in parts])
    assert chunks.halves[0].tolist() == [1, 1, 2, 1, 1, 3, 4, 1, 2][:width]
    assert chunks.halves[2].tolist() == [1, 1, 2, 4, 1, 3, 4, 1, 2][:width]
    customer = np.concatenate([part[0] for part in parts])
    records = np.concatenate([part[1].T for part in parts])
    order = np.lexsort((np.arange(len(customer)), records[:, 0], customer))
    found = [sorted_partition(chunks, p, n_customers, width, Room(), "x") for p in range(partitions_of(n_customers))]
    np.testing.assert_array_equal(np.concatenate([records for records, _ in found]), records[order])
    counts = np.concatenate([np.diff(starts) for _, starts in found])
    np.testing.assert_array_equal(counts, np.bincount(customer, minlength=n_customers))


@pytest.mark.parametrize("late", [None, 150, 1_999, 2_000, 3_999])
def test_of_equal_times_the_first_to_arrive_stands_first_whether_all_came_in_order_or_one_did_not(late):
    """Two chunks in order of time, a hundred events a day; then one, at their edge or within, two days too early."""
    when = np.repeat(np.arange(40, dtype=np.int64), 100)
    if late is not None:
        when[late] -= 2
    fields, customer = np.stack([when, np.arange(4_000)]), np.arange(4_000, dtype=np.int32) % 7
    halves = [(customer[part], np.ascontiguousarray(fields[:, part])) for part in (slice(2_000), slice(2_000, None))]
    chunks = chunks_of([chunk(customer, fields, 7) for customer, fields in halves])
    records, starts = sorted_partition(chunks, 0, 7, 2, Room(), "x")
    order = np.lexsort((np.arange(4_000), when, customer))
    assert records.tolist() == fields.T[order].tolist()
    assert np.diff(starts).tolist() == np.bincount(customer).tolist()


@pytest.mark.parametrize(
    ("span", "words"),
    [(0, 1), (2**16 - 1, 1), (2**16, 2), (2**32 - 1, 2), (2**32, 3), (2**48 - 1, 3), (2**48, 4), (2**64 - 1, 4)],
)
@pytest.mark.parametrize("from_below", [True, False])
def test_a_field_takes_the_words_that_its_span_needs(span, words, from_below):
    lowest, highest = (-(2**63), -(2**63) + span) if from_below else (2**63 - 1 - span, 2**63 - 1)
    assert halves_of(np.array([lowest]), np.array([highest])).tolist() == [words]


@pytest.mark.parametrize("days", [-104_000, -1, 0, 19_000, 104_000, 200_000])
def test_the_last_microsecond_of_an_hour_is_of_that_hour_and_of_its_day(days):
    """In UTC, on days at both ends of what doubles hold exactly, and beyond, where integers are divided."""
    at = np.array([days * MICROS_PER_DAY + hour * 3_600_000_000 + off for hour in range(24) for off in (0, -1)])
    fields, hour = np.empty((1, at.size), dtype=np.int64), np.empty(at.size, dtype=np.int8)
    nothing, dated, late = at[:0], np.zeros(at.size, dtype=np.bool_), np.empty(at.size, dtype=np.bool_)
    partition.place_in_time(at, nothing, nothing, dated, *offset_changes("UTC"), False, fields, hour, late)
    assert fields[0].tolist() == [int(one) // MICROS_PER_DAY for one in at]
    assert hour.tolist() == [int(one) % MICROS_PER_DAY // 3_600_000_000 for one in at]
    assert not late.any()


@pytest.mark.parametrize("superseded", [0.0, 0.2])
def test_who_stands_from_when_is_the_earliest_in_any_order_of_batches(superseded):
    rng = np.random.default_rng(3)
    first, noted, latest = np.full((9, 2), partition.FAR), np.zeros(9, dtype=np.uint8), -partition.FAR
    expected = np.full((9, 2), partition.FAR)
    for low, in_order in ((100, True), (0, True), (50, True), (40, False), (190, True), (10, False), (300, True)):
        customer = rng.integers(0, 9, 12).astype(np.int32)
        dated = rng.random(12) < 0.3
        known = low + rng.integers(0, 60, 12)
        known = np.sort(known) if in_order else known
        known[rng.random(12) < superseded] = partition.FAR
        stands = known[known != partition.FAR]
        newest = max(latest, int(stands.max(initial=-partition.FAR)))
        latest = partition.note_standing(customer, dated, known, first, noted, latest)
        assert latest == newest
        np.minimum.at(expected, (customer, dated.astype(int)), known)
        np.testing.assert_array_equal(first, expected)
