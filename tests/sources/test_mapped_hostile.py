"""Whatever stands in a mapping, it is accepted or refused by name: never another error, never something executed."""

import contextlib
import copy
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.errors import DataRefused, SettingsError
from bank360.bank.tables import TABLE_BY_NAME
from bank360.quality.contract import violations
from bank360.sources.mapped import mapped_source
from bank360.sources.mapped_facts import flat_rows
from bank360.sources.mapped_flat import flat_mapping
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_supplied import supplied
from bank360.sources.mapping_examples import FLAT_EXAMPLE, LEDGER_EXAMPLE

EXAMPLES = [yaml.safe_load(text)[0]["mapping"] for text in (LEDGER_EXAMPLE, FLAT_EXAMPLE)]
TEXTS = (
    "", " ", "{{7*7}}", "${HOME}", "__import__('os').system('id')", "'; DROP TABLE accounts; --", "\x00", "%n%n%n",
    "../../x", "/x/y", "C:\\x", "*" * 100, "read_csv('x')", "!!python/object:os.system", "1d; 2d", ".inf", "1e308",
    "Europe/../../x", "utf-8\x00", "zlib_codec", "rot13", "base64", "\n", "é",
)  # fmt: skip
HOSTILE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.dates(),
    st.binary(max_size=4),
    st.sampled_from(TEXTS),
    st.lists(st.one_of(st.none(), st.text(max_size=3), st.integers(), st.lists(st.integers(), max_size=1)), max_size=3),
    st.dictionaries(st.one_of(st.text(max_size=5), st.integers(), st.none(), st.booleans()), st.integers(), max_size=2),
)


def places(value, path=()):
    """Return the path of every value in nested mappings."""
    found = [path]
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*path, key))
    return found


def planted(mapping, path, value):
    changed = copy.deepcopy(mapping)
    if not path:
        return value
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(EXAMPLES), HOSTILE)
def test_a_hostile_value_anywhere_is_accepted_or_refused_by_its_path(data, mapping, value):
    path = data.draw(st.sampled_from(places(mapping)))
    try:
        mapped_source("own", planted(mapping, path, value), "Europe/London", "GBP", date(2024, 1, 1))
    except SettingsError as refused:
        if not str(refused).startswith("sources.own.mapping"):
            raise AssertionError(f"{refused} does not say where") from refused


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(EXAMPLES), st.text(min_size=1, max_size=8), HOSTILE)
def test_an_unknown_key_anywhere_is_refused(data, mapping, key, value):
    path = data.draw(st.sampled_from([one for one in places(mapping) if one[-1:] not in (("codes",), ("files",))]))
    inner = mapping
    for step in path:
        inner = inner[step]
    if not isinstance(inner, dict) or "codes" in path or "ranges" in path or "reasons" in path:
        return
    changed = planted(mapping, (*path, "x_" + key), value)
    with pytest.raises(SettingsError, match=r"^sources\.own\.mapping"):
        mapped_source("own", changed, "Europe/London", "GBP", date(2024, 1, 1))


@pytest.mark.parametrize("pattern", ["/x/y", "../x.csv", "a/../../x.csv", "~/x.csv", "C:/x.csv", "\\\\host\\x.csv"])
def test_a_pattern_cannot_leave_the_folder(pattern):
    with pytest.raises(SettingsError, match="must stay below"):
        mapped_source("own", {"flat": {"pattern": pattern}}, "UTC", "GBP")


@pytest.mark.parametrize("encoding", ["rot13", "base64", "zlib_codec", "utf-9", "idna\x00"])
def test_only_encodings_of_text_are_encodings(encoding):
    with pytest.raises(SettingsError, match=r"flat\.csv\.encoding"):
        mapped_source("own", {"flat": {"pattern": "a.csv", "csv": {"encoding": encoding}}}, "UTC", "GBP")


def test_any_accepted_pattern_can_be_looked_for(tmp_path):
    for pattern in ("*.csv", "**/*.csv", "a?[0-9].csv", "[", "a[b"):
        mapped_source("own", {"flat": {"pattern": pattern}}, "UTC", "GBP")
        assert list(tmp_path.glob(pattern)) == []
    for pattern in ("***", "a**b.csv", "x\x00.csv"):
        with pytest.raises(SettingsError, match="is not a file name"):
            mapped_source("own", {"flat": {"pattern": pattern}}, "UTC", "GBP")


NUMBERS = ("NaN", "-inf", "1e999", "9" * 400, "0x10", "٣", "１２", "1,2,3", "(((1)))", "--1", "+-1", "1-", "%", "£")
DAYS = ("0000-00-00", "9999-99-99", "2024-02-30", "31/12/9999", "00/00/0000", "24:00", "01.02.2024 10:00", "1/2/2024")
CELL = st.one_of(st.none(), st.text(max_size=12), st.sampled_from((*TEXTS, *NUMBERS, *DAYS, "A", "P")))


@settings(max_examples=250, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(
    ("TXN_ID", "ACCOUNT", "POSTED", "AMOUNT", "CHANNEL"), CELL)), min_size=1, max_size=4))  # fmt: skip
def test_a_hostile_cell_is_read_or_refuses_the_load_by_name(rows):
    source = mapped_source("own", EXAMPLES[0], "Europe/London", "GBP")
    batch = pa.RecordBatch.from_pylist(rows, pa.schema([(name, pa.string()) for name in rows[0]]))
    try:
        found = source.convert["transactions"](batch, 2).rows["transactions"]
    except DataRefused as refused:
        if refused.column not in batch.schema.names or not 2 <= (refused.row or 0) < 2 + len(rows):
            raise AssertionError(f"{refused} does not say where") from refused
        return
    assert violations(TABLE_BY_NAME["transactions"], found) == ()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(("APP_ID", "APPLIED", "BAD", "income", "other"), CELL)),
                min_size=1, max_size=4))  # fmt: skip
def test_a_hostile_flat_cell_is_read_or_refuses_the_file_by_name(rows):
    keys = {
        "pattern": "x.csv",
        "id": "APP_ID",
        "date": {"column": "APPLIED", "format": "%d/%m/%Y"},
        "numeric": ["income"],
        "label": {"column": "BAD", "bad": ["A"], "good": ["P"]},
    }
    flat = flat_mapping("own", Node("own", keys), "UTC")
    batch = pa.RecordBatch.from_pylist(rows, pa.schema([(name, pa.string()) for name in rows[0]]))
    with contextlib.suppress(DataRefused):
        supplied(flat, batch, np.arange(2, 2 + len(rows)))
    with contextlib.suppress(DataRefused):
        flat_rows(flat, batch, 2)
