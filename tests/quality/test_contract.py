"""The contract names every way in which rows are bad, held to a cell-by-cell definition on untidy batches."""

from datetime import date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.tables_accounts import ACCOUNT_PARTIES
from bank360.bank.tables_customers import CUSTOMERS
from bank360.bank.vocabulary import PartyRole
from bank360.quality.contract import LARGEST_NUMBER, violations

KNOWN = datetime.fromisoformat("2020-01-01")


def parties(roles, shares, keys):
    """Return a batch of account parties."""
    rows = len(roles)
    return pa.RecordBatch.from_arrays(
        [
            pa.array(keys, pa.string()),
            pa.array(["C1"] * rows),
            pa.array(roles, pa.string()),
            pa.array([date(2020, 1, 1)] * rows, pa.date32()),
            pa.nulls(rows, pa.date32()),
            pa.array(shares, pa.float64()),
            pa.array([KNOWN] * rows, pa.timestamp("us")),
        ],
        names=["account_id", "customer_id", "role", "valid_from", "valid_to", "liability_share", "known_time"],
    )


def bad_columns(role, share, key):
    """Say by definition which cells of a row break the contract, each told once."""
    roles = {code.value for code in PartyRole}
    finite = share is not None and share == share and abs(share) <= LARGEST_NUMBER
    broken = (("role", role in roles), ("liability_share", finite and 0 <= share <= 1), ("account_id", bool(key)))
    return [column for column, good in broken if not good]


CELLS = st.lists(
    st.tuples(
        st.sampled_from(["owner", "guarantor", "thief", "", None]),
        st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0, -0.1, 1.1]), st.floats()),
        st.sampled_from(["A1", "A2", "", None]),
    ),
    min_size=1,
    max_size=12,
)


@given(CELLS)
def test_every_bad_cell_is_found_as_a_row_by_row_reading_finds_it(cells):
    expected = {}
    for index, cell in enumerate(cells):
        for column in bad_columns(*cell):
            expected.setdefault(column, []).append(index)
    found = violations(ACCOUNT_PARTIES, parties(*zip(*cells, strict=True)))
    counted = {column: sum(one.count for one in found if one.column == column) for column in expected}
    assert counted == {column: len(rows) for column, rows in expected.items()}
    assert {one.column for one in found} == set(expected)
    for one in found:
        assert set(one.indices) <= set(expected[one.column])
        assert len(one.indices) == min(one.count, 3)
        assert one.indices == tuple(sorted(one.indices))


@given(CELLS)
def test_dictionary_encoded_codes_are_read_alike(cells):
    batch = parties(*zip(*cells, strict=True))
    encoded = batch.set_column(2, "role", batch.column("role").dictionary_encode())
    assert violations(ACCOUNT_PARTIES, batch) == violations(ACCOUNT_PARTIES, encoded)


def test_a_missing_column_is_a_mistake_in_the_source():
    batch = parties(["owner"], [1.0], ["A1"]).drop_columns(["valid_to"])
    with pytest.raises(ValueError, match="lack the column 'valid_to'"):
        violations(ACCOUNT_PARTIES, batch)


def test_a_column_of_another_type_is_a_mistake_in_the_source():
    batch = parties(["owner"], [1.0], ["A1"]).set_column(5, "liability_share", pa.array([1]))
    with pytest.raises(ValueError, match="is int64 after conversion, not double"):
        violations(ACCOUNT_PARTIES, batch)


def test_a_personal_value_is_never_quoted():
    schema = pa.schema([pa.field(c.name, c.arrow_type) for c in (*CUSTOMERS.columns, CUSTOMERS.column("known_time"))])
    row = {"customer_id": "C1", "type": "person", "birth_date": date(1066, 10, 14), "known_time": KNOWN}
    (found,) = violations(CUSTOMERS, pa.RecordBatch.from_pylist([row], schema=schema))
    assert found.column == "birth_date"
    assert found.values == ("the value",)
    assert "1066" not in found.what
