"""JSON read strictly: plain JSON as Python reads it; what two readers could take differently is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.api.strict_json import DEEPEST, NotStrict, strict_json

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def deep(value):
    if isinstance(value, dict):
        return 1 + max(map(deep, value.values()), default=0)
    return 1 + max(map(deep, value), default=0) if isinstance(value, list) else 0


@given(PLAIN.filter(lambda value: deep(value) <= DEEPEST and "\x00" not in json.dumps(value)), st.booleans())
def test_plain_json_reads_as_python_reads_it(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    if "\\u0000" not in text:
        assert strict_json(text.encode()) == value


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a": 1, "a": 1}', "key_twice"),
        (b'{"b": {"a": 1, "\\u0061": 2}}', "key_twice"),
        (b'{"a": NaN}', "not_a_number"),
        (b"[-Infinity]", "not_a_number"),
        (b"1e999", "not_a_number"),
        (b"-1e999", "not_a_number"),
        (b"9" * 33, "number_too_long"),
        (b"0." + b"1" * 40, "number_too_long"),
        (b'"\\ud800"', "not_text"),
        (b'{"\\udc00": 1}', "not_text"),
        (b'["a\\u0000b"]', "not_text"),
        (b"\xff\xfe{}", "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "too_deep"),
        (b'{"a":' * 60_000, "too_deep"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b"", "not_json"),
        (b"{} {}", "not_json"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"01", "not_json"),
        (b'"\x07"', "not_json"),
        (b"]" * 50, "not_json"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_with_a_code_only(body, why):
    with pytest.raises(NotStrict) as caught:
        strict_json(body)
    assert str(caught.value) == why


def test_nesting_as_deep_as_allowed_and_brackets_in_texts_are_read():
    assert strict_json(b"[" * DEEPEST + b"]" * DEEPEST)
    assert strict_json(b'"' + b"[{" * 99 + b'\\"[["') == "[{" * 99 + '"[['
    assert strict_json(b'"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body):
    try:
        found = strict_json(body)
    except NotStrict:
        return
    assert found == json.loads(body)
