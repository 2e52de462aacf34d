"""Flat files by mapping: facts for the profile, arrays for a model, and what refuses the file."""

# ruff: noqa: DTZ001 - canonical instants are naive and UTC
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.errors import DataRefused, SettingsError
from bank360.sources.mapped import mapped_source
from bank360.sources.mapped_flat import flat_mapping, flat_source_file
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_supplied import supplied, with_inputs

FLAT = {
    "pattern": "clients.csv",
    "id": "ID",
    "label": {"column": "Y", "bad": [1], "good": [0]},
    "protected": ["SEX"],
}
ROWS = {
    "ID": ["a", "b", "c", "d"],
    "SEX": ["1", "2", "2", None],
    "DUE": ["24", "26.5", None, "1e2"],
    "JOB": ["x", "y", "x", None],
    "Y": ["1", "0", "0.0", "1"],
}


def mapping(**keys: object):
    return flat_mapping("clients", Node("sources.clients.mapping.flat", {**FLAT, **keys}), "Europe/London")


def read(flat, rows, **options):
    raw = pa.RecordBatch.from_pydict(
        {
            name: values if isinstance(values, pa.Array) else pa.array(values, pa.string())
            for name, values in rows.items()
        }
    )
    return supplied(flat, raw, np.arange(2, 2 + raw.num_rows), **options)


def test_unnamed_columns_are_inputs_of_the_kind_that_their_cells_have():
    found = read(mapping(), ROWS)
    assert list(found.numeric) == ["DUE"]
    np.testing.assert_array_equal(found.numeric["DUE"], [24, 26.5, np.nan, 100])
    assert {name: list(values) for name, values in found.categorical.items()} == {"JOB": ["x", "y", "x", None]}
    assert list(found.protected["SEX"]) == ["1", "2", "2", None]
    assert found.bad is not None
    assert found.bad.tolist() == [1, 0, 0, 1]
    assert found.as_of is None
    assert found.remarks == ()


def test_a_protected_column_is_never_an_input_and_may_not_be_named_as_one():
    assert "SEX" not in {*read(mapping(), ROWS).numeric, *read(mapping(), ROWS).categorical}
    with pytest.raises(SettingsError, match=r"flat\.categorical: 'SEX' has another part"):
        mapping(categorical=["SEX"])


@pytest.mark.parametrize(
    ("name", "scored"),
    [
        ("GENDER", False), ("maritalStatus", False), ("personal_status_and_sex", False), ("foreign worker", False),
        ("essex_branch", True), ("branch", True), ("raceway spend", True), ("age", False), ("account_age", True),
    ],
)  # fmt: skip
def test_a_column_protected_by_its_name_is_not_scored_unless_the_mapping_says_so(name, scored):
    rows = {**ROWS, name: ["1", "2", "1", "2"]}
    found = read(mapping(), rows)
    assert (name in found.numeric) is scored
    assert (name in found.protected) is (not scored and name != "age")  # a number, no group to compare
    assert any("protected by its name" in remark for remark in found.remarks) is not scored
    if scored or name == "age":
        assert name in read(mapping(numeric=[name]), rows).numeric
        return
    with pytest.raises(SettingsError, match=rf"flat\.numeric: '{name}' speaks of .* write 'not_protected: \[{name}\]'"):
        mapping(numeric=[name])
    overruled = mapping(numeric=[name], not_protected=[name])
    found = read(overruled, rows)
    assert name in found.numeric
    assert name not in found.protected
    assert overruled.stamps_of(found.numeric) == (f"scored as not protected, by the mapping's word: {name}",)
    assert name in read(mapping(not_protected=[name]), rows).numeric  # its kind found as of any other
    assert flat_source_file(overruled, scoring=True).columns[-1].name == name


def test_a_scored_age_or_day_of_birth_is_stamped():
    flat = mapping(numeric=["age", "birth_year"])
    assert flat.stamps_of(["age", "birth_year", "DUE"]) == ("age is scored: age, birth_year",)
    assert flat.stamps_of(["DUE", "account_age"]) == ()


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("x7", ["Male", "female", None, "unknown"]), ("gdr", ["M", "F", "F", "X"]), ("state", ["S", "F", "S", "F"]),
        ("x8", ["single", "Married", "divorced", None]), ("x9", ["male : single", "female : divorced or married"] * 2),
        ("état", ["célibataire", "marié", "veuf", "marié"]), ("account", ["single", "joint", "single", "joint"]),
    ],
)  # fmt: skip
def test_sexes_and_marital_states_are_known_by_their_values_under_any_name(name, cells):
    rows, plain = {**ROWS, name: cells}, name in ("state", "account")
    found = read(mapping(), rows)
    assert (name in found.categorical) is plain
    assert (name in found.protected) is not plain
    assert any(f"column '{name}' is taken for protected by its values" in one for one in found.remarks) is not plain
    assert name in read(mapping(not_protected=[name]), rows).categorical
    if plain:
        assert name in read(mapping(categorical=[name]), rows).categorical
        return
    with pytest.raises(DataRefused, match=rf"column '{name}', row 2: .* write 'not_protected: \[{name}\]'"):
        read(mapping(categorical=[name]), rows)
    assert name in read(mapping(categorical=[name], not_protected=[name]), rows).categorical


def test_letters_that_may_mean_a_sex_are_scored_and_said():
    found = read(mapping(), {**ROWS, "plan": ["m", "f", "m", "f"]})
    assert "plan" in found.categorical
    assert found.remarks == (
        "column 'plan' is scored, and its letters may mean a sex: if so, list it under 'protected'",
    )


def test_an_age_left_out_says_how_to_score_it():
    (remark,) = read(mapping(), {**ROWS, "alter": ["30", "40", "50", "60"]}).remarks
    assert remark.endswith("not scored: list it under 'numeric' to score it where your jurisdiction allows")


def test_a_label_of_another_value_is_refused_by_row_and_value():
    with pytest.raises(DataRefused, match="row 4: '2' is none of the label's values '1', '0'"):
        read(mapping(), {**ROWS, "Y": ["1", "0", "2", "1"]})


def test_rows_without_an_outcome_are_refused_or_left_out_as_stated():
    rows = {**ROWS, "Y": ["1", "0", "withdrawn", None]}
    label = {"column": "Y", "bad": [1], "good": [0], "leave_out": ["withdrawn"]}
    with pytest.raises(DataRefused, match="row 5: is empty, so the row has no outcome"):
        read(mapping(label=label), rows)
    found = read(mapping(label={**label, "unlabelled": "leave_out"}), rows)
    assert found.ids is not None
    assert list(found.ids) == ["a", "b"]
    assert found.lines.tolist() == [2, 3]
    assert found.remarks[-1] == "2 rows without a known outcome or date are left out"


def test_yes_and_no_without_quotes_mean_what_the_file_says():
    label = {"column": "Y", "bad": [True], "good": [False]}  # what YAML makes of yes and no
    found = read(mapping(label=label), {**ROWS, "Y": ["Yes", "no", "NO", "true"]})
    assert found.bad is not None
    assert found.bad.tolist() == [1, 0, 0, 1]


def test_an_id_that_stands_twice_is_refused_by_name():
    with pytest.raises(DataRefused, match=r"column 'ID', row 5: 'a' stands twice \(first in row 2\)"):
        read(mapping(), {**ROWS, "ID": ["a", "b", "c", "a"]})


def test_a_stray_word_among_numbers_is_refused_rather_than_made_a_category():
    with pytest.raises(DataRefused, match="column 'DUE', row 4: 'unknown' is not a number, and most"):
        read(mapping(), {**ROWS, "DUE": ["24", "26", "unknown", "30"]})
    assert "DUE" in read(mapping(categorical=["DUE"]), {**ROWS, "DUE": ["24", "26", "unknown", "30"]}).categorical


@pytest.mark.parametrize("cell", ["inf", "nan!", "1e308", "1e999"])
def test_a_number_that_is_none_is_refused(cell):
    with pytest.raises(DataRefused, match="column 'DUE', row 5"):
        read(mapping(), {**ROWS, "DUE": ["24", "26", "28", cell]})


def test_what_cannot_help_is_left_out_and_said():
    n = 200
    rows = {
        "Y": [str(i % 2) for i in range(n)],
        "row": [str(i) for i in range(7, n + 7)],
        "empty": [None] * n,
        "same": ["k"] * n,
        "same number": ["3"] * n,
        "account": [f"{10**17 + 7 * i}" for i in range(n)],
        "name": [f"name {i}" for i in range(n)],
        "postcode": [f"P{i % 40}" for i in range(n)],
        "income": [str(i * i % 97) for i in range(n)],
        "day": pa.array([date(2024, 1, 1)] * n),
    }
    flat = flat_mapping("f", Node("f", {"pattern": "f.csv", "label": FLAT["label"]}), "UTC")
    found = read(flat, rows)
    assert list(found.numeric) == ["income"]
    assert list(found.categorical) == ["postcode"]
    assert [remark.split("'")[1] for remark in found.remarks] == [
        "row", "empty", "same", "same number", "account", "name", "day",
    ]  # fmt: skip


def test_numbers_in_another_style_and_percentages():
    flat = mapping(decimal=",", thousands=".", percent=["RATE"], csv={"delimiter": ";"})
    rows = {**ROWS, "DUE": ["1.234,5", "7", None, "-2"], "RATE": ["5,5%", "10 %", None, "0"]}
    found = read(flat, rows)
    np.testing.assert_allclose(found.numeric["DUE"], [1234.5, 7, np.nan, -2])
    np.testing.assert_allclose(found.numeric["RATE"], [0.055, 0.1, np.nan, 0])


def test_a_dated_file_has_the_local_midnight_of_each_row_as_its_as_of():
    flat = mapping(date={"column": "D", "format": "%m/%d/%Y"})
    rows = {**ROWS, "D": ["7/1/2024", "12/31/2023", "1/1/2024", "2/29/2024"]}
    found = read(flat, rows)
    assert found.as_of is not None
    assert found.as_of[0] == np.datetime64("2024-06-30T23:00:00", "us").astype(np.int64)
    assert "D" not in found.numeric
    assert flat.notes == ()
    assert mapping().notes == ("not out of time",)
    with pytest.raises(DataRefused, match="column 'D', row 3"):
        read(flat, {**rows, "D": ["7/1/2024", "31/12/2023", "1/1/2024", "2/29/2024"]})


def test_rows_without_a_date_are_refused_or_left_out_as_stated():
    rows = {**ROWS, "D": ["2024-07-01", None, "2024-07-02", "2024-07-03"]}
    with pytest.raises(DataRefused, match="column 'D', row 3: is empty"):
        read(mapping(date={"column": "D"}), rows)
    found = read(mapping(date={"column": "D"}, undated="leave_out"), rows)
    assert found.lines.tolist() == [2, 4, 5]


def test_a_number_outside_its_stated_range_is_refused():
    with pytest.raises(DataRefused, match="column 'DUE', row 5: '1e2' lies outside 0 to 99"):
        read(mapping(ranges={"DUE": [0, 99]}), ROWS)


def test_scoring_needs_the_settled_inputs_and_neither_label_nor_anything_else():
    settled = with_inputs(mapping(), ("DUE",), ("JOB",))
    file = flat_source_file(settled, scoring=True)
    assert [column.name for column in file.columns] == ["ID", "SEX", "DUE", "JOB"]
    assert file.others == "ignore"
    rows = {name: values[:1] for name, values in ROWS.items() if name != "Y"}
    found = read(settled, rows, labelled=False)
    assert found.bad is None
    assert found.numeric["DUE"].tolist() == [24]


def test_a_file_with_id_and_known_time_becomes_facts_without_label_and_protected_columns():
    flat = {
        **FLAT,
        "known_time": {"constant": "2024-01-31"},
        "profile": {"sex": {"column": "SEX", "codes": {1: "male", 2: "female"}}},
    }
    flat["protected"] = []
    source = mapped_source("clients", {"flat": flat}, "Europe/London", "GBP")
    raw = pa.RecordBatch.from_pydict({name: pa.array(values, pa.string()) for name, values in ROWS.items()})
    rows = source.convert["clients"](raw, 2).rows
    facts = rows["customer_facts"].to_pylist()
    assert [(f["customer_id"], f["fact"], f["value"], f["number"], f["source_line"]) for f in facts] == [
        ("a", "DUE", "24", 24.0, 2), ("a", "JOB", "x", None, 2),
        ("b", "DUE", "26.5", 26.5, 3), ("b", "JOB", "y", None, 3),
        ("c", "JOB", "x", None, 4), ("d", "DUE", "1e2", 100.0, 5),
    ]  # fmt: skip
    assert facts[0]["valid_from"] == date(2024, 1, 31)
    assert facts[0]["known_time"] == datetime(2024, 2, 1)
    assert facts[0]["origin"] == "supplied"
    assert [row["sex"] for row in rows["customers"].to_pylist()] == ["male", "female", "female", None]
    halves = [
        row
        for start in (0, 2)
        for row in source.convert["clients"](raw.slice(start, 2), 2 + start).rows["customer_facts"].to_pylist()
    ]
    assert halves == facts


def test_without_id_or_known_time_the_file_trains_a_model_but_makes_no_facts():
    assert mapped_source("clients", {"flat": FLAT}, "UTC", "GBP").files == ()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"lable": 1}, r"unknown key 'lable'. Did you mean 'label'\?"),
        ({"label": {"column": "Y", "bad": [1], "good": [1]}}, "'1' is both bad and good"),
        ({"label": {"column": "Y", "bad": [1]}}, "the key 'good' is missing"),
        ({"label": {"column": "Y", "bad": [None], "good": [0]}}, "must list the label's values"),
        ({"label": {"column": "ID", "bad": [1], "good": [0]}}, "'ID' has another part"),
        ({"numeric": ["A"], "categorical": ["A"]}, "'A' is numeric too"),
        ({"known_after": "30d"}, "counts from 'date'"),
        ({"known_time": {"constant": "31.1.2024"}}, "is not a date like 2024-01-31"),
        ({"not_protected": ["SEX"]}, "not_protected: 'SEX' has another part"),
        ({"numeric": ["A", "A"]}, "'A' stands twice"),
        ({"csv": {"header_rows": 0}}, "the file has no header"),
        ({"csv": {"header_rows": 0, "names": ["ID", "Y"]}}, "'SEX' is not among csv.names"),
        ({"subject": "person"}, "'person' is not one of customer, application"),
    ],
)
def test_a_wrong_mapping_names_the_key_at_fault(keys, words):
    with pytest.raises(SettingsError, match=words) as raised:
        mapping(**keys)
    assert str(raised.value).startswith("sources.clients.mapping.flat")


def test_an_unscored_column_is_a_fact_and_no_input():
    flat = mapping(unscored=["DUE"], known_time={"constant": "2024-01-31"})
    assert "DUE" not in read(flat, ROWS).numeric
    source = mapped_source(
        "c", {"flat": {**FLAT, "unscored": ["DUE"], "known_time": {"constant": "2024-01-31"}}}, "UTC", "GBP"
    )
    raw = pa.RecordBatch.from_pydict({name: pa.array(values, pa.string()) for name, values in ROWS.items()})
    facts = source.convert["c"](raw, 2).rows["customer_facts"].to_pylist()
    assert {fact["fact"] for fact in facts} == {"DUE", "JOB"}


def test_blanks_around_a_null_do_not_matter():
    found = read(mapping(), {**ROWS, "DUE": [" 24", " ?", " NA ", "30 "]})
    np.testing.assert_array_equal(found.numeric["DUE"], [24, np.nan, np.nan, 30])


@pytest.mark.parametrize(
    "texts", [["1,5", "2,5", "x", "3,25"], ["5 %", "7%", "9.5 %", "1%"], ["1.234,50", "2.000,00", "7,1", "8,5"]]
)
def test_numbers_in_a_style_that_nobody_stated_are_not_taken_for_texts(texts):
    with pytest.raises(DataRefused, match=r"column 'JOB', row 2: .* looks like a number"):
        read(mapping(), {**ROWS, "JOB": texts})
    assert "JOB" in read(mapping(categorical=["JOB"]), {**ROWS, "JOB": texts}).categorical


@pytest.mark.parametrize(
    "texts", [["2024-01-31", None, "2024-02-01", "2024-02-01"], ["1/2/24", "31.12.2024 10:00"] * 2]
)
def test_a_further_date_is_left_out_and_said(texts):
    found = read(mapping(), {**ROWS, "JOB": texts})
    assert found.remarks == (
        "column 'JOB' is left out: it holds dates; state it as 'date' or work out a number of days",
    )
