"""Files of an export: whole or not there, nobody's folder but an export's replaced, no formula, the same rows back."""

import csv
from datetime import date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bank360.bank.errors import NotReady
from bank360.bank.vocabulary import ExportFormat
from bank360.storage.csv_output import neutral
from bank360.storage.export_files import MANIFEST, exported_folder, write_manifest, write_table

SCHEMA = pa.schema([("name", pa.string()), ("amount", pa.int64()), ("share", pa.float64()), ("on", pa.date32())])
ROWS = pa.table(
    {
        "name": ["=1+1", 'a "quoted", one', None, "", "-5", "two\nlines"],
        "amount": [-5, None, 2**62, 0, 1, 1],
        "share": [0.1, None, 1e-9, 3.0, 0.0, 1.0],
        "on": [date(2024, 2, 29), None, date(1999, 12, 31), None, None, None],
    },
    schema=SCHEMA,
)


def written(folder, text="first", replace=False):
    with exported_folder(folder, replace) as spare:
        (spare / "T.csv").write_text(text)
        write_manifest(spare, {"said": text})


def test_rows_come_back_from_csv_with_formulas_made_harmless(tmp_path):
    assert write_table(tmp_path, "T", ExportFormat.CSV, SCHEMA, ROWS.to_batches(max_chunksize=2)) == 6
    text = (tmp_path / "T.csv").read_text(encoding="utf-8")
    header, *rows = csv.reader(text.splitlines(keepends=True))
    assert header == SCHEMA.names
    assert [row[0] for row in rows] == ["'=1+1", 'a "quoted", one', "", "", "'-5", "two\nlines"]
    assert rows[0][1:] == ["-5", "0.1", "2024-02-29"]  # a number may be negative
    assert rows[2][1:3] == [str(2**62), "1e-9"]
    assert text.splitlines()[3].startswith(",")  # null; an empty text is quoted
    assert text.splitlines()[4].startswith('"",')


def test_both_ways_to_write_csv_make_the_same_texts_harmless(tmp_path):
    texts = [f"{chr(code)}1" for code in range(1, 256)]
    rows = pa.table({"text": pa.array(texts)})
    write_table(tmp_path, "T", ExportFormat.CSV, rows.schema, rows.to_batches())
    with (tmp_path / "T.csv").open(encoding="utf-8", newline="") as file:
        (_, *found) = csv.reader(file)
    assert [cell for (cell,) in found] == [neutral(text) for text in texts]
    assert {text[0] for text in texts if neutral(text) != text} == {"=", "+", "-", "@", "\t", "\r"}


def test_rows_come_back_from_parquet_as_they_were(tmp_path):
    write_table(tmp_path, "T", ExportFormat.PARQUET, SCHEMA, ROWS.to_batches())
    assert pq.read_table(tmp_path / "T.parquet").equals(ROWS)


def test_a_table_without_rows_has_its_header(tmp_path):
    assert write_table(tmp_path, "T", ExportFormat.CSV, SCHEMA, []) == 0
    assert (tmp_path / "T.csv").read_text() == '"name","amount","share","on"\n'


def test_an_instant_is_written_to_the_microsecond(tmp_path):
    at = pa.table({"at": pa.array([datetime(2024, 5, 1, 9, 30, 0, 7)], pa.timestamp("us"))})  # noqa: DTZ001
    write_table(tmp_path, "T", ExportFormat.CSV, at.schema, at.to_batches())
    assert (tmp_path / "T.csv").read_text() == '"at"\n2024-05-01 09:30:00.000007\n'


def test_other_columns_than_promised_are_our_mistake(tmp_path):
    with pytest.raises(ValueError, match="has the columns"):
        write_table(tmp_path, "T", ExportFormat.CSV, SCHEMA, ROWS.select(["name"]).to_batches())


def test_an_export_is_replaced_only_when_asked_and_by_a_whole_one(tmp_path):
    folder = tmp_path / "below" / "export"
    written(folder)
    with pytest.raises(NotReady, match="holds an export already"):
        written(folder, "second")
    with pytest.raises(RuntimeError), exported_folder(folder, replace=True) as spare:  # noqa: PT012
        (spare / "T.csv").write_text("half")
        raise RuntimeError
    assert (folder / "T.csv").read_text() == "first"
    written(folder, "second", replace=True)
    assert (folder / "T.csv").read_text() == "second"
    assert [path.name for path in folder.parent.iterdir()] == ["export"]
    assert folder.stat().st_mode & 0o077 == 0


def test_what_is_no_export_is_never_replaced(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(NotReady, match="no export of ours"):
        written(tmp_path / "mine", replace=True)
    (tmp_path / "file").write_text("dear")
    with pytest.raises(NotReady, match="no export of ours"):
        written(tmp_path / "file", replace=True)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "dear"
    (tmp_path / "empty").mkdir()
    written(tmp_path / "empty")


def test_what_a_killed_export_left_is_taken_away_or_put_back(tmp_path):
    folder = tmp_path / "export"
    written(folder)
    (tmp_path / ".export.new").mkdir()
    (tmp_path / ".export.new" / "half.csv").write_text("half")
    folder.rename(tmp_path / ".export.before")  # killed between the two renames
    with pytest.raises(NotReady, match="Add --replace"):
        written(folder, "second")
    assert (folder / MANIFEST).is_file()
    written(folder, "second", replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["export"]
