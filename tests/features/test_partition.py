"""Chunks give back what was put in, sorted; days and hours by division of doubles are those of integers."""

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY, offset_changes
from bank360.features import partition
from bank360.features.chunks import Room, chunk, chunks_of, partitions_of, sorted_partition

INT32 = 2**31


@pytest.mark.parametrize("width", [1, 2, 4, 5, 7])
def test_a_partition_is_the_records_of_its_customers_by_customer_time_and_arrival(width):
    """Three chunks: all numbers of the first fit 32 bits, in the others fields 0 and 3 (where there is one) do not."""
    rng = np.random.default_rng(width)
    n_customers, parts = 600, []
    for number in range(3):
        customer = rng.integers(0, n_customers, 2_000).astype(np.int32)
        fields = rng.integers(-INT32, INT32, (width, 2_000))
        fields[0] = rng.integers(0, 5, 2_000) + (number > 0) * 2**40
        if width > 3 and number:
            fields[3] *= 2**30
        parts.append((customer, fields))
    chunks = chunks_of([chunk(customer, fields, n_customers) for customer, fields in parts])
    assert chunks.wide.sum(axis=1).tolist() == [0, *[1 + (width > 3)] * 2]
    customer = np.concatenate([part[0] for part in parts])
    records = np.concatenate([part[1].T for part in parts])
    order = np.lexsort((np.arange(len(customer)), records[:, 0], customer))
    found = [sorted_partition(chunks, p, n_customers, width, Room(), "x") for p in range(partitions_of(n_customers))]
    np.testing.assert_array_equal(np.concatenate([records for records, _ in found]), records[order])
    counts = np.concatenate([np.diff(starts) for _, starts in found])
    np.testing.assert_array_equal(counts, np.bincount(customer, minlength=n_customers))


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


def test_who_stands_from_when_is_the_earliest_in_any_order_of_batches():
    rng = np.random.default_rng(3)
    first, noted, latest = np.full((9, 2), partition.FAR), np.zeros(9, dtype=np.uint8), -partition.FAR
    expected = np.full((9, 2), partition.FAR)
    for low, in_order in ((0, True), (50, True), (40, False), (90, True), (10, False), (200, True)):
        customer = rng.integers(0, 9, 12).astype(np.int32)
        dated = rng.random(12) < 0.3
        known = low + rng.integers(0, 60, 12)
        known = np.sort(known) if in_order else known
        known[rng.random(12) < 0.2] = partition.FAR
        latest = partition.note_standing(customer, dated, known, first, noted, latest)
        np.minimum.at(expected, (customer, dated.astype(int)), known)
        np.testing.assert_array_equal(first, expected)
