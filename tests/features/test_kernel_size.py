"""Histories longer than the kernel's tables and more customers than it takes at once, against the definition."""

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.features.columnar import BLOCK
from bank360.features.compute import compute
from bank360.features.extremes import TOP
from bank360.features.feature import Feature
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.ops import Op
from bank360.features.spine import Snapshots, Spine
from tests.features import naive, untidy

FEATURES = untidy.all_features(False)


def ledger(rng: np.random.Generator, events: int, customers: int, largest: int) -> list[dict]:
    days = rng.integers(0, 40, events)
    return [
        {
            "customer": int(rng.integers(0, customers)),
            "event_time": untidy.START + int(day) * MICROS_PER_DAY,
            "known_time": untidy.START + int(day + (rng.random() < 0.01) * 3) * MICROS_PER_DAY,
            "superseded_time": None,
            "date_only": False,
            "amount": int(rng.integers(-largest, largest)),
            "channel": str(rng.choice(["atm", "pos"])),
            "country": str(rng.choice(["GB", "FR"])),
            "merchant_id": f"m{rng.integers(0, 300)}",
        }
        for day in days
    ]


def histories_of(rows: list[dict], customers: int) -> Histories:
    layout = layouts(FEATURES)["transactions"]
    packed = packed_stream([untidy.batch_of(rows)], layout, customers, untidy.ZONE)
    return Histories(customers, untidy.ZONE, {"transactions": packed})


def assert_as_defined(values: np.ndarray, rows: list[dict], spine: list[tuple[int, int]], features=FEATURES) -> None:
    for row, (customer, as_of) in enumerate(spine):
        mine = [event for event in rows if event["customer"] == customer]
        wanted = list(naive.row({"transactions": mine}, features, customer, as_of, untidy.ZONE).values())
        np.testing.assert_array_equal(values[row], wanted, err_msg=f"customer {customer} at {as_of}")


@pytest.mark.parametrize(
    "largest", [50_000, 2**24, 10**12], ids=["in 64 bits", "n times the squares are not", "nor are the squares"]
)
def test_sums_over_a_history_of_thousands_of_events_are_exact(largest):
    rows = ledger(np.random.default_rng(5), 3 * (1 << TOP) + 7, 1, largest)
    spine = [(0, untidy.START + day * MICROS_PER_DAY) for day in (17, 60)]
    as_of = np.array([at for _, at in spine])
    values = compute(histories_of(rows, 1), Spine(np.arange(2), np.zeros(2, dtype=np.int32), as_of), FEATURES).values
    assert_as_defined(values, rows, spine)


def test_a_history_longer_than_the_table_of_largest_values():
    """Rows enough that largest values are tabulated, which lie where neither the first nor the last range reaches."""
    rows = ledger(np.random.default_rng(5), 3 * (1 << TOP) + 7, 1, 50_000)
    middle = range(untidy.START + 17 * MICROS_PER_DAY, untidy.START + 23 * MICROS_PER_DAY)
    rows = [row | {"amount": row["amount"] * (3 if row["event_time"] in middle else 1)} for row in rows]
    features = [one for one in FEATURES if isinstance(one, Feature) and one.op in (Op.MAX, Op.MIN)]
    spine = [(0, untidy.START + day * MICROS_PER_DAY) for day in (17, *range(60, 69))]
    as_of, whose = np.array([at for _, at in spine]), np.zeros(len(spine), dtype=np.int32)
    values = compute(histories_of(rows, 1), Spine(np.arange(len(spine)), whose, as_of), features).values
    assert_as_defined(values, rows, spine, features)


@pytest.mark.parametrize("asked", [1, 3], ids=["everyone", "every third"])
@pytest.mark.parametrize(("events", "days"), [(12, [9, 30]), (30, [30])], ids=["largest tabulated", "looked through"])
def test_more_customers_than_are_taken_at_once(asked, events, days):
    customers = BLOCK + 5
    rows = ledger(np.random.default_rng(6), events * customers, customers, 10**6)
    instants = untidy.START + np.array(days) * MICROS_PER_DAY
    histories = histories_of(rows, customers)
    spine = [(c, int(at)) for c in range(0, customers, asked) for at in instants]
    if asked == 1:
        values = compute(histories, Snapshots(customers, instants), FEATURES).values
    else:
        who, when = (np.array(column) for column in zip(*spine, strict=True))
        values = compute(histories, Spine(np.arange(len(spine)), who.astype(np.int32), when), FEATURES).values
    assert_as_defined(values, rows, spine)
