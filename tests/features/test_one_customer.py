"""The online route answers what the definition says, at one instant after another of the same day and of others."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.features.history_bytes import customer_bytes, history_of
from bank360.features.layout import layouts
from bank360.features.one_customer import describing_one
from tests.features import naive, untidy
from tests.features.untidy import N_CUSTOMERS, ZONE

FEATURES = untidy.all_features(True)
LAYOUT = layouts(FEATURES)["transactions"]
DESCRIBE = describing_one(FEATURES, {"transactions": LAYOUT}, ZONE, {})


@settings(max_examples=20, deadline=None)
@given(
    rows=st.lists(untidy.events(), max_size=12),
    instants=st.lists(untidy.times(), min_size=1, max_size=3),
    later=st.integers(0, 3_600_000_000),
)
def test_every_op_and_window_online_is_what_the_definition_says(rows, instants, later):
    histories = untidy.histories_of([untidy.batch_of(rows)] if rows else [], FEATURES)
    for customer, data in zip(range(N_CUSTOMERS), customer_bytes(histories), strict=True):
        history = history_of(data, {"transactions": LAYOUT})
        for as_of in [at + more for at in instants for more in (0, later)]:  # edges of a day are kept between the two
            found = DESCRIBE(history, as_of, {})
            wanted = naive.row({"transactions": rows}, FEATURES, customer, as_of, ZONE)
            different = [
                (name, found[name], value)
                for name, value in wanted.items()
                if found[name] != value and not (math.isnan(found[name]) and math.isnan(value))
            ]
            assert not different
