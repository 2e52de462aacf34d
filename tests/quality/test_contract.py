"""The contract names the first bad row of a batch, held to a cell-by-cell definition on untidy batches."""

from datetime import date, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.tables_accounts import ACCOUNT_PARTIES
from bank360.bank.tables_customers import CUSTOMERS
from bank360.bank.vocabulary import PartyRole
from bank360.quality.contract import LARGEST_NUMBER, first_violation

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


def is_bad(role, share, key):
    """Say by definition whether a row breaks the contract."""
    roles = {code.value for code in PartyRole}
    finite = share is not None and share == share and abs(share) <= LARGEST_NUMBER
    return role not in roles or not finite or not 0 <= share <= 1 or not key


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
def test_the_first_bad_row_is_found_as_a_row_by_row_reading_finds_it(cells):
    bad = [index for index, cell in enumerate(cells) if is_bad(*cell)]
    found = first_violation(ACCOUNT_PARTIES, parties(*zip(*cells, strict=True)))
    assert (None if found is None else found.index) == (bad[0] if bad else None)


@given(CELLS)
def test_dictionary_encoded_codes_are_read_alike(cells):
    batch = parties(*zip(*cells, strict=True))
    encoded = batch.set_column(2, "role", batch.column("role").dictionary_encode())
    assert first_violation(ACCOUNT_PARTIES, batch) == first_violation(ACCOUNT_PARTIES, encoded)


def test_a_missing_column_is_a_mistake_in_the_source():
    batch = parties(["owner"], [1.0], ["A1"]).drop_columns(["valid_to"])
    with pytest.raises(ValueError, match="lack the column 'valid_to'"):
        first_violation(ACCOUNT_PARTIES, batch)


def test_a_column_of_another_type_is_a_mistake_in_the_source():
    batch = parties(["owner"], [1.0], ["A1"]).set_column(5, "liability_share", pa.array([1]))
    with pytest.raises(ValueError, match="is int64 after conversion, not double"):
        first_violation(ACCOUNT_PARTIES, batch)


def test_a_personal_value_is_never_quoted():
    schema = pa.schema([pa.field(c.name, c.arrow_type) for c in (*CUSTOMERS.columns, CUSTOMERS.column("known_time"))])
    row = {"customer_id": "C1", "type": "person", "birth_date": date(1066, 10, 14), "known_time": KNOWN}
    found = first_violation(CUSTOMERS, pa.RecordBatch.from_pylist([row], schema=schema))
    assert found is not None
    assert found.column == "birth_date"
    assert "1066" not in found.problem
