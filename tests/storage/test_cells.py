"""Cells are read strictly: whole columns at once, and the first bad one found exactly."""

from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.errors import DataRefused
from bank360.sources.source import RawColumn
from bank360.storage.cells import BadCell, parsed, shown
from bank360.storage.parquet_files import parquet_batches

instant = datetime.fromisoformat


def read(cells, kind, pattern=None, nulls=("", "NA"), decimal="."):
    """Parse a column of texts."""
    return parsed(pa.array(cells, pa.string()), RawColumn("c", kind, pattern), nulls, decimal).to_pylist()


@pytest.mark.parametrize(
    ("kind", "pattern", "cells", "values"),
    [
        ("int64", None, ["1", " -7 ", "+5", "NA", "007"], [1, -7, 5, None, 7]),
        ("float64", None, ["1.5", "1e3", ""], [1.5, 1000.0, None]),
        ("bool", None, ["Yes", "n", "TRUE", "0", "NA"], [True, False, True, False, None]),
        ("date", None, ["2020-02-29", ""], [date(2020, 2, 29), None]),
        ("date", "%d/%m/%Y", ["1/2/2020", "29/02/2020"], [date(2020, 2, 1), date(2020, 2, 29)]),
        ("date", "%y%m%d", ["930131", "701231"], [date(1993, 1, 31), date(1970, 12, 31)]),
        ("timestamp", None, ["2020-01-01T10:00:00"], [instant("2020-01-01T10:00:00")]),
        ("timestamp", None, ["2020-07-01T10:00:00+01:00"], [instant("2020-07-01T09:00:00")]),
        ("timestamp", "%d.%m.%Y %H:%M", ["01.02.2020 10:30"], [instant("2020-02-01T10:30:00")]),
        ("string", None, [" kept ", "NA", " NA "], [" kept ", None, None]),
        ("any", None, ["31/2/x"], ["31/2/x"]),
    ],
)
def test_cells_become_values(kind, pattern, cells, values):
    assert read(cells, kind, pattern) == values


@pytest.mark.parametrize(
    ("kind", "pattern", "cell"),
    [
        ("int64", None, "1.0"),
        ("int64", None, "1e3"),
        ("int64", None, "0x10"),
        ("int64", None, "9223372036854775808"),
        ("float64", None, "nan"),
        ("float64", None, "inf"),
        ("float64", None, "1e309"),
        ("float64", None, "1e308"),
        ("float64", None, "1,5"),
        ("bool", None, "maybe"),
        ("date", None, "2020-02-30"),
        ("date", "%d/%m/%Y", "31/02/2020"),
        ("date", "%y%m%d", "930231"),
        ("timestamp", None, "2020-01-01T25:00:00"),
        ("timestamp", "%d.%m.%Y %H:%M", "31.04.2020 10:30"),
    ],
)
def test_a_cell_that_is_no_value_is_found(kind, pattern, cell):
    good = {"int64": "1", "float64": "1", "bool": "yes", "date": "2020-01-01", "timestamp": "2020-01-01T00:00:00"}[kind]
    if pattern:
        good = date(2020, 1, 1).strftime(pattern) if kind == "date" else "01.01.2020 00:00"
    with pytest.raises(BadCell) as caught:
        read([good, "NA", good, cell, good, cell], kind, pattern)
    assert caught.value.index == 3


def test_a_decimal_comma_is_read_and_a_point_beside_it_refused():
    assert read(["1,5", "-2"], "float64", decimal=",") == [1.5, -2.0]
    with pytest.raises(BadCell, match=r"'1\.234,5'"):
        read(["1.234,5"], "float64", decimal=",")


@given(st.lists(st.text(alphabet="0123456789+-. exXn", max_size=5), min_size=1, max_size=20))
def test_the_first_bad_integer_is_the_one_python_refuses_too(cells):
    def is_integer(cell):
        text = cell.strip()
        return text == "" or (text.lstrip("+-").isdigit() and text[:2] not in ("++", "--", "+-", "-+"))

    bad = [index for index, cell in enumerate(cells) if not is_integer(cell)]
    if bad:
        with pytest.raises(BadCell) as caught:
            read(cells, "int64")
        assert caught.value.index == bad[0]
    else:
        assert read(cells, "int64") == [int(cell) if cell.strip() else None for cell in cells]


@pytest.mark.parametrize("name", ["birth_number", "Geburtsdatum", "phone", "IBAN", "Age", "KundenNr"])
def test_a_bad_cell_of_a_column_that_may_be_personal_is_not_repeated(name, tmp_path):
    cells = pa.array(["1", "Ann Lee 1980"], pa.string())
    with pytest.raises(BadCell) as caught:
        parsed(cells, RawColumn(name, "int64"), (), ".")
    assert (caught.value.index, caught.value.problem) == (1, "the value is not a whole number of at most 18 digits")
    pq.write_table(pa.table({name: cells}), tmp_path / "a.parquet")
    with pytest.raises(DataRefused) as refused:
        list(parquet_batches(tmp_path / "a.parquet", "a.parquet", (RawColumn(name, "int64"),)))
    assert (refused.value.row, refused.value.problem) == (2, "the value is not of type int64")


@pytest.mark.parametrize(
    ("stored", "kind", "said"),
    [
        (pa.array(["1", "DE89370400440532013000"]), "int64", "'•••3000' is not of type int64"),
        (pa.array(["1", "DE89370400440532013000"]).dictionary_encode(), "int64", "'•••3000' is not of type int64"),
        (pa.array(["1", "ten"]), "float64", "'ten' is not of type float64"),
        (pa.array([1.0, float("nan")]), "float64", "'nan' is not of type float64"),
        (pa.array([b"1", b"\xff"]), "string", "the value is not of type string"),
        (pa.array([[1], [2]]), "date", "the value is not of type date"),
    ],
)
def test_a_stored_value_that_is_not_of_its_type_is_told_as_a_cell_is(stored, kind, said, tmp_path):
    pq.write_table(pa.table({"amount": stored}), tmp_path / "a.parquet")
    with pytest.raises(DataRefused) as refused:
        list(parquet_batches(tmp_path / "a.parquet", "a.parquet", (RawColumn("amount", kind),)))
    assert refused.value.problem == said


def test_a_bad_cell_of_another_column_is_told_a_personal_number_in_it_masked():
    with pytest.raises(BadCell, match="'ten' is not"):
        read(["ten"], "int64")
    assert shown("DE89370400440532013000") == "'•••3000'"


def test_a_long_cell_is_shown_short_and_on_one_line():
    assert shown("a\nb" + "x" * 50) == "'a b" + "x" * 34 + "...'"
