"""The record of how deliveries are read: appended, never changed; the last word on a delivery counts."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.errors import Bank360Error
from bank360.storage.landing import Landing
from bank360.storage.readings import Decided, Reading, decided, differing_keys, reading_id, record

AT = datetime(2024, 7, 1, 12, tzinfo=UTC)
BEFORE = {"kind": "mapped", "zone": "UTC", "mapping": {"files": {"rows": {"sign": "credit_positive", "decimal": "."}}}}
AFTER = {"kind": "mapped", "zone": "UTC", "mapping": {"files": {"rows": {"sign": "debit_positive"}}}}
# Of one delivery: its own source reads one part of it, another source the other.
TWO = (Reading(AFTER, (("rows", "b.csv"),)), Reading(BEFORE, (("more", "b.csv"),), "cards"))
# As YAML reads them, and no two that are one key in JSON: settings refuse what is none.
KEYS = st.text("abc", max_size=2) | st.none() | st.booleans() | st.integers(2, 9) | st.sampled_from([0.5, 1e300])
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2) | st.dates(),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=8,
)


def test_the_last_decision_on_each_delivery_counts(tmp_path):
    assert decided(tmp_path) == Decided()
    record(tmp_path, Decided({1: (Reading(BEFORE, (("rows", "a.csv"),)),), 2: (Reading(BEFORE, ()),)}), AT)
    record(tmp_path, Decided({2: TWO}), AT)
    record(tmp_path, Decided(kept={1: reading_id(AFTER), 2: reading_id(BEFORE)}), AT)
    record(tmp_path, Decided({1: (Reading(AFTER, (("rows", "a.csv"),)),)}), AT)
    assert decided(tmp_path) == Decided(
        {1: (Reading(AFTER, (("rows", "a.csv"),)),), 2: TWO},
        {2: reading_id(BEFORE)},  # rereading delivery 1 took back that it is kept
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"00000{number}.json" for number in (1, 2, 3, 4)]


def test_a_decision_about_nothing_is_not_recorded(tmp_path):
    record(tmp_path / "readings", Decided(), AT)
    assert not (tmp_path / "readings").exists()


def test_a_record_whose_settings_were_changed_is_refused(tmp_path):
    record(tmp_path, Decided({1: (Reading(BEFORE, ()),)}), AT)
    path = tmp_path / "000001.json"
    path.write_text(path.read_text().replace("credit_positive", "debit_positive"))
    with pytest.raises(Bank360Error, match=r"000001\.json cannot be read .*delivery 1"):
        decided(tmp_path)


def test_a_delivery_is_shown_as_it_is_read_now_and_named_as_it_was_received(tmp_path):
    zone = Landing(tmp_path / "landing")
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(name)
    received = zone.receive("core", [("rows", name, tmp_path / name) for name in ("a.csv", "b.csv")], AT, BEFORE)
    zone.decide(Decided({1: (Reading(AFTER, (("lines", "b.csv"), ("totals", "b.csv"))),)}), AT)
    (now,) = zone.deliveries()
    assert zone.received() == (received,)
    assert [(file.part, file.name) for file in now.files] == [("lines", "b.csv"), ("totals", "b.csv")]
    assert {file.sha256 for file in now.files} == {received.files[1].sha256}
    assert (now.settings, now.batch_id, now.received_at) == (AFTER, received.batch_id, received.received_at)
    tried = Landing(zone.root, {1: (Reading(BEFORE, (("rows", "a.csv"),)),)})
    assert [file.name for file in tried.deliveries()[0].files] == ["a.csv"]
    assert zone.deliveries() == (now,)


def test_what_another_source_reads_of_a_delivery_is_shown_as_a_load_of_its_own(tmp_path):
    zone = Landing(tmp_path / "landing")
    (tmp_path / "b.csv").write_text("b")
    received = zone.receive("core", [("rows", "b.csv", tmp_path / "b.csv")], AT, BEFORE, tmp_path / "in")
    assert received.folder == "in"
    zone.decide(Decided({1: TWO}), AT)
    own, other = zone.deliveries()
    assert [(one.source, one.files[0].part, one.settings) for one in (own, other)] == [
        ("core", "rows", AFTER), ("cards", "more", BEFORE),
    ]  # fmt: skip
    assert own.batch_id == received.batch_id != other.batch_id
    zone.accept(other)
    assert zone.was_accepted(own)
    assert zone.was_accepted(received)


def test_what_differs_is_told_by_path():
    assert differing_keys(BEFORE, AFTER) == ("mapping.files.rows.decimal", "mapping.files.rows.sign")
    assert differing_keys({"a": [1, 2]}, {"a": [2, 1]}) == ("a",)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_a_reading_keeps_its_name_through_the_file_it_is_kept_in(settings):
    kept = json.loads(json.dumps(settings, default=str))
    shuffled = dict(reversed(settings.items()))
    assert reading_id(settings) == reading_id(kept) == reading_id(shuffled)
    assert differing_keys(settings, kept) == ()


@given(*(st.dictionaries(st.text("ab", max_size=1), TREES, max_size=3),) * 2)
def test_readings_that_differ_somewhere_have_different_names(one, other):
    if differing_keys(one, other):
        assert reading_id(one) != reading_id(other)
