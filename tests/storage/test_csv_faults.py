"""What is refused before a file is read: quotes that do not match, found by their neighbours; the oracle is `csv`."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.bank.errors import DataRefused
from bank360.sources.source import CsvDialect
from bank360.storage import csv_faults

SEMICOLON = CsvDialect(";")


def refused(path, text, dialect=SEMICOLON):
    path.write_bytes(text.encode(dialect.encoding))
    try:
        csv_faults.refuse_torn(path, path.name, dialect)
    except DataRefused as error:
        return error
    return None


@pytest.mark.parametrize("chunk", [1, 2, 3, 4096])
@given(text=st.text(st.sampled_from('a;"\r\n'), min_size=1, max_size=24))
def test_quotes_are_refused_where_a_strict_reader_refuses_them_however_the_bytes_come(tmp_path_factory, chunk, text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_faults, "_CHUNK", chunk)
        found = refused(tmp_path_factory.getbasetemp() / "quotes.csv", text)
    try:
        list(csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True))
        wrong = False
    except csv.Error:
        wrong = True
    assert (found is not None) == wrong


def test_a_value_that_goes_on_after_its_closing_quote_is_refused_with_its_row(tmp_path):
    found = refused(tmp_path / "u.csv", 'nr;text\n1;"a;b"\n2;"Fritz"Laden\n')
    assert found is not None
    assert "a value goes on after its closing quote" in str(found)
    assert "3" in str(found)
    assert "Write a quote inside a value twice" in str(found)
    assert refused(tmp_path / "u.csv", 'nr;text\n1;5" pipe\n2;"say ""hi"" now"\n') is None
