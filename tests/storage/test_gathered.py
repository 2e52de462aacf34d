"""Rows of several statements in one relation come back as they were, whatever order and batches they come in."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.storage.gathered import Gathered, slots, unpacked

TYPES = {
    "": [("customer", "int"), ("row", "bigint")],
    "payments": [("customer", "int"), ("text", "string"), ("amount", "bigint"), ("more", "bigint")],
    "visits": [("customer", "int"), ("kind", "string")],
}
ARROW = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}
GATHERED = Gathered(tuple(TYPES), slots(TYPES.values()))


def test_statements_share_slots_of_a_type() -> None:
    assert GATHERED.slots[1] == {"text": "string_0", "amount": "bigint_0", "more": "bigint_1"}
    assert {slot for own in GATHERED.slots for slot in own.values()} == {"bigint_0", "bigint_1", "string_0"}


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 3), st.integers(0, 9) | st.none()), max_size=20),
       st.integers(1, 7))  # fmt: skip
def test_each_row_comes_back_with_the_columns_of_its_statement(rows, size) -> None:
    relation = pa.table(
        {
            "stream": pa.array([stream for stream, _, _ in rows], pa.int8()),
            "customer": pa.array([customer for _, customer, _ in rows], pa.int32()),
            "bigint_0": pa.array([value for _, _, value in rows], pa.int64()),
            "bigint_1": pa.array([None if s != 1 else v for s, _, v in rows], pa.int64()),
            "string_0": pa.array([None if s == 0 or v is None else str(v) for s, _, v in rows], pa.string()),
        }
    )
    spine, events = unpacked(iter(relation.to_batches(max_chunksize=size)), GATHERED)
    assert list(zip(spine["customer"].to_pylist(), spine["row"].to_pylist() if len(rows) and spine.num_rows else [],
                    strict=True)) == [(c, v) for s, c, v in rows if s == 0]  # fmt: skip
    payments = [row for batch in events["payments"] for row in batch.to_pylist()]
    assert payments == [
        {"customer": c, "text": None if v is None else str(v), "amount": v, "more": v} for s, c, v in rows if s == 1
    ]
    visits = [row for batch in events["visits"] for row in batch.to_pylist()]
    assert visits == [{"customer": c, "kind": None if v is None else str(v)} for s, c, v in rows if s == 2]
