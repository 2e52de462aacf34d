"""Ids and tokens: the digits are right, equal numbers are equal, different ones differ."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.sources.synthetic.names import typed
from bank360.sources.synthetic.tokens import coded, numbered, tokens


@given(st.lists(st.integers(0, 10**11 - 1), min_size=1, max_size=20), st.integers(11, 15))
def test_numbered_ids_are_the_prefix_and_the_digits(values: list[int], width: int) -> None:
    assert numbered("AB", values, width).to_pylist() == [f"AB{value:0{width}d}" for value in values]


def test_a_number_too_long_for_its_id_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit 3 digits"):
        numbered("C", [1, 1_000], 3)


def test_tokens_differ_by_number_and_kind() -> None:
    device, phone = tokens("device", np.arange(50_000)), tokens("phone", np.arange(50_000))
    assert len(set(device.to_pylist()) | set(phone.to_pylist())) == 100_000
    assert tokens("device", [7]).to_pylist() == [device[7].as_py()]
    assert all(len(token) == 16 for token in device.to_pylist()[:10])


def test_a_negative_code_and_a_null_are_no_value() -> None:
    words = pa.array(["x", "y"])
    assert coded(np.array([1, -1, 0]), words, null=np.array([False, False, True])).to_pylist() == ["y", None, None]


@given(st.text("abcdefghijklmnop", min_size=1, max_size=12), st.integers(0, 1_000))
def test_a_slip_of_the_fingers_changes_a_name_a_little(name: str, seed: int) -> None:
    slipped = typed(np.random.default_rng(seed), name)
    assert slipped != name or len(set(name)) < len(name)  # swapping equal letters or doubling may look the same
    assert abs(len(slipped) - len(name)) <= 1
