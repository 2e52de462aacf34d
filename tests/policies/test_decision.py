"""The sealed record: the same bytes always, everything back as it was, and nobody's identity in it."""

import json
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.errors import ArtefactRefused
from bank360.bank.table import Tag
from bank360.bank.tables import TABLES
from bank360.policies.codec import encoded
from bank360.policies.credit_record import Asked, decision_record
from bank360.policies.decision import WITHHELD, ModelUse, parse, reason_in_words, sealed_bytes
from bank360.policies.gates import Number
from tests.policies.policy_cases import APPLICANT, FINANCES, POLICY, REQUEST

USE = ModelUse(
    "application_pd", "a" * 16, "a" * 64, False,
    (("bureau_score", 612.5), ("employment", None), ("purpose", "car"), ("spend_90d", math.nan)),
    ("form_seconds",), -3.25, 0.02, ("R01",),
)  # fmt: skip
ASKED = Asked("decision", "D-1", "C00a5a8961c04", "P0001", "u-17", 1_782_882_000_000_000)


def made(*uses):
    return decision_record(ASKED, POLICY, REQUEST, APPLICANT, FINANCES, uses or (USE,))


def test_a_record_reads_back_as_it_was():
    record = made()
    assert parse(sealed_bytes(record)) == record
    assert parse(sealed_bytes(record)) is not record


def test_the_three_kinds_of_no_value_stay_apart():
    values = json.loads(sealed_bytes(made()))["models"][0]
    assert values["features"] == [
        ["bureau_score", 612.5], ["employment", None], ["purpose", "car"], ["spend_90d", {"double": "nan"}],
    ]  # fmt: skip
    assert values["unasked"] == ["form_seconds"]
    (use,) = parse(sealed_bytes(made())).models
    kept = dict(use.features)
    assert kept["employment"] is None
    assert isinstance(kept["spend_90d"], float)
    assert math.isnan(kept["spend_90d"])


DOUBLES = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
VALUES = st.dictionaries(NAMES, DOUBLES | NAMES | st.none(), max_size=8).map(lambda d: tuple(sorted(d.items())))


@given(VALUES, DOUBLES, st.lists(NAMES, unique=True, max_size=4).map(sorted).map(tuple))
def test_any_doubles_and_texts_read_back_to_the_same_bits_and_bytes(features, margin, unasked):
    features = tuple((name, value) for name, value in features if name not in WITHHELD)
    use = replace(USE, features=features, margin=margin, unasked=unasked)
    data = sealed_bytes(made(use))
    again = parse(data)
    assert sealed_bytes(again) == data == sealed_bytes(made(replace(use)))
    (read,) = again.models
    for (name, value), (other, kept) in zip(features, read.features, strict=True):
        assert name == other
        assert type(value) is type(kept)
        same = value.hex() == kept.hex() if isinstance(value, float) and isinstance(kept, float) else value == kept
        assert same
    if not math.isnan(margin):
        assert again == made(use)
        assert read.margin.hex() == margin.hex()


@given(st.integers(0, 10**6), st.integers(0, 255))
def test_a_byte_that_is_changed_is_refused_or_reads_as_another_record(place, byte):
    data = bytearray(sealed_bytes(made()))
    place %= len(data)
    if data[place] == byte:
        return
    data[place] = byte
    try:
        found = parse(bytes(data))
    except ArtefactRefused:
        return
    assert found != made()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d + b" ", lambda d: b" " + d, lambda d: d[:-1], lambda d: b"[]", lambda d: b"null", lambda d: b"",
        lambda d: d.replace(b'"as_of":', b'"as_of": '),
        lambda d: d.replace(b'"adult":true', b'"adult":1'),
        lambda d: d.replace(b'{"double":"nan"}', b"NaN"),
        lambda d: d.replace(b'{"double":"nan"}', b'{"double":"-nan"}'),
        lambda d: d.replace(b'"probability":0.02', b'"probability":0.020'),
        lambda d: d.replace(b'"adult":true', b'"adult":true,"adult":true'),
        lambda d: d.replace(b'"application_id":"P0001",', b""),
        lambda d: d.replace(b'"bank360-decision-1"', b'"bank360-decision-2"'),
        lambda d: d.replace(b'"car"', b'"\\ud800"'),
        lambda d: d.replace(b'"outcome":"approve"', b'"outcome":"perhaps"'),
    ],
)  # fmt: skip
def test_bytes_that_this_format_does_not_write_are_refused(spoil):
    data = sealed_bytes(made())
    assert spoil(data) != data
    with pytest.raises(ArtefactRefused):
        parse(spoil(data))


def test_what_came_later_stands_in_a_record_where_it_is_said_and_older_records_keep_their_bytes():
    # As records of this format were sealed before a charge-off was told apart.
    older = b'"applicant":{"adult":true,"barred":false,"days_past_due":0,"in_default":false,"region":"Wales"}'
    assert older in sealed_bytes(made())
    lost = replace(APPLICANT, in_default=True, charged_off_on="2024-06-12")
    record = decision_record(ASKED, POLICY, REQUEST, lost, FINANCES, (USE,))
    data = sealed_bytes(record)
    assert b'"charged_off_on":"2024-06-12"' in data
    assert parse(data) == record
    for said in (b"null", b"20240612"):
        with pytest.raises(ArtefactRefused):
            parse(data.replace(b'"charged_off_on":"2024-06-12"', b'"charged_off_on":' + said))
    assert reason_in_words(record, "P18") == "Credit held with us was charged off as a loss on 12 June 2024"
    assert reason_in_words(record, "P07") == "Credit held with us is in default"


def test_a_record_of_other_types_than_declared_is_not_sealed():
    with pytest.raises(TypeError):
        sealed_bytes(replace(made(), as_of=1.5))
    with pytest.raises(TypeError):
        encoded(Number, Number("x", [1], ""))


def test_the_names_withheld_are_those_that_the_tables_tag():
    tagged = {c.name for t in TABLES for c in t.columns if {Tag.PII, Tag.PROTECTED, Tag.RESTRICTED} & set(c.tags)}
    assert tagged == WITHHELD
    assert {"given_name", "family_name", "birth_date", "postcode", "email", "sex", "marital_status"} <= WITHHELD


@pytest.mark.parametrize("name", sorted(WITHHELD))
def test_no_identifying_or_protected_column_can_be_named_in_a_record(name):
    with pytest.raises(ValueError, match="identifying or protected"):
        replace(USE, features=((name, 1.0),))


def names_in(value):
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in names_in(one)}
    if isinstance(value, list):
        return {name for one in value for name in names_in(one)}
    return set()


def test_no_key_of_a_record_is_a_direct_identifier():
    assert not names_in(json.loads(sealed_bytes(made()))) & WITHHELD


@pytest.mark.parametrize("field", ["subject", "decision_id", "principal", "application_id"])
@pytest.mark.parametrize("value", ["Ann Smith", "ann@example.com", "", "x" * 65, "é"])
def test_ids_are_pseudonymous_and_what_is_not_is_refused_unseen(field, value):
    with pytest.raises(ValueError, match=field) as refused:
        replace(made(), **{field: value})
    assert not value or value not in str(refused.value)


def test_features_and_models_stand_in_one_order():
    with pytest.raises(ValueError, match="sorted"):
        replace(USE, features=(("b", 1.0), ("a", 1.0)))
    with pytest.raises(ValueError, match="sorted"):
        replace(made(), models=(USE, USE))


def test_keys_are_sorted_at_every_level():
    data = sealed_bytes(made())
    written = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    assert data == written


def test_records_that_differ_only_in_which_nan_are_equal():
    one, other = (replace(USE, features=(("spend_90d", nan),)) for nan in (float("nan"), -float("nan")))
    assert one == other
    assert sealed_bytes(made(one)) == sealed_bytes(made(other))
