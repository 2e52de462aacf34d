"""A customer's history as bytes: one form for equal events, however they arrived, and nothing lost in it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.features.chunks import Room
from bank360.features.history_bytes import customer_bytes, history_of
from bank360.features.layout import LATE, layouts
from bank360.features.one_history import partitions_in
from tests.features.untidy import N_CUSTOMERS, all_features, batch_of, events, histories_of


def untidy() -> st.SearchStrategy[list[dict[str, object]]]:
    """Events of which many share their instant: the second half are the first's again, changed in amount or times."""
    changed = st.sampled_from(["amount", "known_time", "superseded_time", "merchant_id", "date_only"])

    @st.composite
    def doubled(draw: st.DrawFn) -> list[dict[str, object]]:
        rows = draw(st.lists(events(), min_size=1, max_size=12))
        names = draw(st.lists(changed, min_size=len(rows), max_size=len(rows)))
        others = draw(st.lists(events(), min_size=len(rows), max_size=len(rows)))
        return rows + [row | {name: other[name]} for row, name, other in zip(rows, names, others, strict=True)]

    return doubled()


@settings(max_examples=50, deadline=None)
@given(untidy(), st.booleans(), st.integers(0, 24), st.data())
def test_equal_events_are_equal_bytes_in_whatever_order_and_parts_they_arrived(rows, timed, cut, data):
    features = all_features(timed)
    arrived = data.draw(st.permutations(rows))
    once = list(customer_bytes(histories_of([batch_of(rows)], features)))
    again = list(customer_bytes(histories_of([batch_of(arrived[:cut]), batch_of(arrived[cut:])], features)))
    assert again == once


@settings(max_examples=30, deadline=None)
@given(untidy(), st.booleans())
def test_what_is_read_back_is_every_event_with_its_own_times(rows, timed):
    features = all_features(timed)
    layout = layouts(features)["transactions"]
    histories = histories_of([batch_of(rows)], features)
    for customer, data in zip(range(N_CUSTOMERS), customer_bytes(histories), strict=True):
        packed = {"transactions": layout}
        got = partitions_in(history_of(data, packed), packed)["transactions"]
        had = histories.customer(customer).streams["transactions"].partition(0, Room())
        assert _lines(got, layout) == _lines(had, layout)
        assert (np.diff(got.records[:, 0]) >= 0).all()
        assert got.stands_from.tolist() == had.stands_from.tolist()


def _lines(part, layout):
    """Return every event as a tuple with its known and superseded times where it carries them, sorted."""
    late = iter(zip(part.known.tolist(), part.superseded.tolist(), part.date_only.tolist(), strict=True))
    lines = []
    for record in part.records.tolist():
        marked = record[layout.flag_field] >> LATE & 1
        lines.append((*record, *(next(late) if marked else ())))
    assert next(late, None) is None
    return sorted(lines)
