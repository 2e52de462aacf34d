"""The share of purchases at night is one of purchases that could have been at night: timed ones."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import instant
from bank360.features.compute import compute
from bank360.features.families import digital
from bank360.features.history import Histories, packed_stream
from bank360.features.layout import layouts
from bank360.features.spine import Spine

NAMES = ("night_purchases_90d", "timed_purchases_90d", "night_share_90d")
FEATURES = tuple(feature for feature in digital.FEATURES if feature.name in NAMES)


def test_bills_that_carry_a_date_only_do_not_dilute_the_share_of_purchases_at_night():
    """Card purchases at 02:00 and 14:00 and two bills by direct debit: one of two timed purchases is at night."""
    at = [instant(datetime(2024, 1, day, hour, tzinfo=UTC)) for day, hour in ((2, 2), (3, 14), (4, 0), (5, 0))]
    rows = pa.record_batch(
        {
            "customer": pa.array([0, 0, 0, 0], pa.int32()),
            "event_time": pa.array(at, pa.timestamp("us")),
            "known_time": pa.array(at, pa.timestamp("us")),
            "date_only": pa.array([False, False, True, True]),
            "amount": pa.array([-500, -700, -4000, -3000]),
            "category": pa.array(["restaurants", "groceries", "utilities", "telecom"]),
            "reverses_id": pa.array([None, None, None, None], pa.string()),
        }
    )
    history = packed_stream([rows], layouts(FEATURES)["transactions"], 1, "UTC")
    as_of = np.array([instant(datetime(2024, 1, 10, tzinfo=UTC))])
    spine = Spine(np.zeros(1), np.zeros(1, dtype=np.int32), as_of)
    matrix = compute(Histories(1, "UTC", {"transactions": history}), spine, FEATURES)
    assert [matrix.column(name)[0] for name in NAMES] == [1, 2, 0.5]
