"""``bank360 eda``: one page that needs nothing else, the same charts as images, nobody named, clear refusals."""

import re
import sys
from base64 import b64decode
from unittest.mock import ANY

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from bank360.bank.errors import DataRefused, NotFound, NotReady
from bank360.cli.main import app
from bank360.pipeline.explore import explore_file
from bank360.settings import load_settings
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse

IMAGE = re.compile(r'<img alt="([^"]+)" src="data:image/png;base64,([^"]+)">')


def run(*words):
    return CliRunner().invoke(app, ["eda", *map(str, words)])


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(1)
    rows = ['who;income;"limit";region;"<b>"']
    for at in range(60):
        income = "" if at % 6 == 0 else f"{rng.lognormal(7, 1):.2f}".replace(".", ",")
        rows.append(f"Person {at};{income};{at % 7}.000,50;{'N' if at % 3 else 'S'};{at % 2}")
    path = tmp_path / "table.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def test_the_page_holds_every_image_and_names_no_other_place(table, tmp_path):
    said = run(table, "--out", tmp_path / "out")
    assert said.exit_code == 0, said.output
    text = (tmp_path / "out" / "eda.html").read_text(encoding="utf-8")
    within = [b64decode(data) for _, data in IMAGE.findall(text)]
    beside = {path.stem: path.read_bytes() for path in (tmp_path / "out").glob("*.png")}
    assert set(beside) == {"distributions", "boxplots", "correlations", "missing"}
    assert set(within) == set(beside.values())
    assert all(data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) > 3_000 for data in within)
    assert not re.search(r"https?:|<script|<link|url\(|@import", text)


def test_numbers_are_read_as_the_file_writes_them_and_nobody_is_named(table, tmp_path):
    run(table, "--out", tmp_path / "out")
    text = (tmp_path / "out" / "eda.html").read_text(encoding="utf-8")
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in text.partition("Missing together")[0].split("</tr>")]
    rows = {row[0]: row for row in cells if row}
    assert rows["income"][1:3] == ["50", "16.7%"]  # ten of sixty are empty
    assert rows["limit"][6] == "0.5"  # 0.000,50, which the file means as a half; the largest is 6.000,50
    assert rows["limit"][12] == "6,000"
    assert rows["region"][4] == "N 40, S 20"
    assert rows["who"][3:] == ["60", "none that five rows have"]
    assert "Person" not in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text


def test_only_the_columns_that_are_asked_for_are_drawn(table, tmp_path):
    said = run(table, "--column", "income", "--column", "limit", "--out", tmp_path / "out")
    assert "60 rows, 2 columns" in said.output
    assert "boxplots.png  Boxplots of 2 columns" in said.output
    assert "correlations.png  Rank correlations (Spearman) of 2 columns" in said.output
    text = (tmp_path / "out" / "eda.html").read_text(encoding="utf-8")
    assert "region" not in text
    with pytest.raises(NotFound, match=r"There is no column 'incom'\. Did you mean income\?"):
        CliRunner().invoke(app, ["eda", str(table), "--column", "incom"], catch_exceptions=False)


def test_the_same_file_gives_the_same_bytes(table, tmp_path):
    run(table, "--out", tmp_path / "one")
    run(table, "--out", tmp_path / "two")
    names = [path.name for path in sorted((tmp_path / "one").iterdir())]
    assert len(names) == 5
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_empty_column_and_one_value_everywhere_are_drawn_or_left_out(tmp_path):
    path = tmp_path / "odd.parquet"
    odd = {"empty": pa.nulls(6, pa.float64()), "same": [2.0] * 6, "flag": [True] * 6, "id": [10**18 + 1] * 6}
    pq.write_table(pa.table(odd), path)
    said = run(path, "--out", tmp_path / "out")
    assert said.exit_code == 0, said.output
    assert "6 rows, 4 columns" in said.output


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.csv", b"", "it is empty"),
        ("a.csv", b"x,y\n", "one line and no rows"),
        ("a.xlsx", b"PK\x03\x04", "Save each sheet as a CSV file"),
        ("b.csv", None, "there is no such file"),
    ],
)
def test_what_is_no_table_is_refused_with_a_remedy(tmp_path, name, data, said):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(DataRefused, match=said):
        raise run(tmp_path / name, "--out", tmp_path / "out").exception
    assert not (tmp_path / "out").exists()


def test_a_folder_is_no_file_and_where_a_file_is_missing_is_named(tmp_path):
    with pytest.raises(DataRefused, match=r"it is a folder, not a file\. Name the file in it"):
        raise run(tmp_path, "--out", tmp_path / "out").exception
    with pytest.raises(DataRefused, match=f"there is no such file in '{re.escape(str(tmp_path))}'"):
        raise run(tmp_path / "b.csv", "--out", tmp_path / "out").exception


def test_a_report_in_the_place_of_an_earlier_one_keeps_none_of_its_images(table, tmp_path):
    wide, out = tmp_path / "wide.csv", tmp_path / "out"
    rows = [",".join(f"{at * (column + 1)}" for column in range(30)) for at in range(40)]
    wide.write_text("\n".join([",".join(f"c{column}" for column in range(30)), *rows]) + "\n", encoding="utf-8")
    out.mkdir()
    for name in ("missing-link.png", "correlations.txt"):
        (out / name).write_bytes(b"not of a report")
    first = run(wide, "--out", out).output
    assert "removed" not in first
    of_wide = ["boxplots-1.png", "boxplots-2.png", "correlations.png", "distributions-1.png", "distributions-2.png"]
    assert {path.name for path in out.glob("*.png")} == {*of_wide, "missing.png", "missing-link.png"}
    said = run(table, "--column", "region", "--out", out).output
    assert f"note: removed from {out}, where an earlier report was: {', '.join(of_wide)}" in said
    left = {"distributions.png", "missing.png", "missing-link.png", "correlations.txt", "eda.html"}
    assert {path.name for path in out.iterdir()} == left


def test_images_that_no_report_made_are_left_alone(table, tmp_path):
    (tmp_path / "boxplots-7.png").write_bytes(b"of somebody else")
    said = run(table, "--column", "region", "--out", tmp_path).output
    assert "removed" not in said
    assert (tmp_path / "boxplots-7.png").read_bytes() == b"of somebody else"


def test_without_matplotlib_it_says_what_to_install(table, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "bank360.cli.eda_charts", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    with pytest.raises(NotReady, match=r"pip install 'bank360\[plots\]'"):
        raise run(table, "--out", tmp_path / "out").exception


def test_without_a_file_the_banks_customers_are_drawn_by_their_features_as_built_and_by_nothing_that_names_them(
    bank360, built, tmp_path
):
    with open_warehouse(built / "warehouse.duckdb", 1, "500MB", read_only=True) as warehouse:
        features = warehouse.query("SELECT * FROM customer_features").to_pylist()
    said = bank360("eda", "--home", built, "--out", tmp_path / "all")
    assert said.code == 0, said.err
    drawn = len(features[0]) - 2  # but for the customer's id and the instant
    assert f"eda.html: {len(features)} rows, {drawn} columns; and as images:" in said.out
    text = IMAGE.sub("", (tmp_path / "all" / "eda.html").read_text(encoding="utf-8"))
    assert f"Customers of {load_settings(built).bank.name}" in text
    assert not [row["customer_id"] for row in features if row["customer_id"] in text]

    wanted = ("--column", "spend_90d", "--column", "days_since_transaction")
    said = bank360("eda", *wanted, "--home", built, "--out", tmp_path / "two")
    assert f"{len(features)} rows, 2 columns" in said.out
    text = (tmp_path / "two" / "eda.html").read_text(encoding="utf-8")
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in text.partition("Missing together")[0].split("</tr>")]
    rows = {row[0]: row for row in cells if row}
    spent = [row["spend_90d"] for row in features if row["spend_90d"] is not None]
    lacking = f"{1 - len(spent) / len(features):.1%}"
    assert rows["spend_90d (minor units)"][1:3] == [f"{len(spent):,}", lacking]
    assert set(rows) == {"spend_90d (minor units)", "days_since_transaction (days)"}


def test_a_bank_without_features_is_told_what_to_run(refused, tmp_path):
    (tmp_path / "bank360.yaml").write_text("bank: {name: New}\n", encoding="utf-8")
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
    assert "bank360 build" in refused("eda", "--home", tmp_path, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


GERMAN = """Kunde;Betrag;Saldo;Zins;Limit
A;1.234,56;12,5;3,5 %;1.000,00
B;-2.000,00;13;4,25 %;k. A.
C;99,90;1.000.000,01;;500,00
D;0,00;7,25;1 %;700,00
"""


def test_numbers_as_germans_write_them_are_numbers_and_how_they_were_read_is_said(tmp_path):
    path = tmp_path / "konten.csv"
    path.write_text(GERMAN, encoding="latin-1")
    read = explore_file(path)
    means = {column.name: column.mean for column in read.found.numbers}
    assert means["Betrag"] == pytest.approx((1234.56 - 2000 + 99.9 + 0) / 4)
    assert means["Saldo"] == pytest.approx((12.5 + 13 + 1_000_000.01 + 7.25) / 4)
    assert means["Zins"] == pytest.approx((0.035 + 0.0425 + 0.01) / 3)
    assert {column.name for column in read.found.texts} == {"Kunde", "Limit"}
    nearly = "'Limit' is shown as texts, for 1 cell of 4 is no number (the first in row 2 below the header): "
    assert read.notes == (
        "numbers are read as the file writes them: 1.234,56",
        "'Zins' is of percentages: 5 % is 0.05",
        nearly + "correct or empty it",
    )
    said = run(path, "--out", tmp_path / "out").output
    assert all(f"note: {note}" in said for note in read.notes)
    assert "k. A." not in said


def test_digits_with_leading_zeros_are_codes_and_no_numbers(tmp_path):
    path = tmp_path / "branches.csv"
    rows = ["branch,share,zero,mixed", "00123,0.5,0,007", "45,0.25,10,x", "01789,12,0,"]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    read = explore_file(path)
    assert {column.name for column in read.found.numbers} == {"share", "zero"}
    assert {column.name for column in read.found.texts} == {"branch", "mixed"}
    assert read.notes == ("'branch' is shown as texts: it has leading zeros, as codes have and amounts have not", ANY)
    assert read.notes[1].startswith("'mixed' is shown as texts, for 1 cell of 2 is no number")


def test_a_column_in_other_marks_than_the_file_is_of_numbers_and_told(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text("a;b;c\n1,5;1.25;192.168.100.123\n2.000,5;1,234.5;x\n", encoding="utf-8")
    read = explore_file(path)
    assert {column.name: column.mean for column in read.found.numbers} == {"a": 1001.0, "b": (1.25 + 1234.5) / 2}
    assert read.notes == ("'a' is read as 1.234,56, not as the file's other numbers",)


def test_a_column_of_two_values_has_bars_and_no_box_and_is_named(tmp_path):
    path = tmp_path / "flags.csv"
    path.write_text("income,flag\n" + "".join(f"{1000 + at},{at % 2}\n" for at in range(40)), encoding="utf-8")
    said = run(path, "--out", tmp_path / "out").output
    assert "distributions.png  Distributions of 2 columns" in said
    assert "boxplots.png  Boxplots of 1 column, each on its own scale; without those of two values, which the" in said
    assert said.partition("boxplots.png")[2].splitlines()[0].endswith(" show: flag")
    only = run(path, "--column", "flag", "--out", tmp_path / "alone").output
    assert "boxplots" not in only
    assert not (tmp_path / "alone" / "boxplots.png").exists()


def test_a_ledger_of_few_people_with_many_rows_each_names_none_of_them(tmp_path):
    people = [
        ("Erika Mustermann", "erika@mustermann.example", "DE89370400440532013000", "4111111111111111", "1000817"),
        ("Uwe Klein", "uwe.klein@post.example", "DE02120300000000202051", "5500005555555559", "1000932"),
    ]
    heads = "Kontoinhaber;E-Mail;IBAN;Ref1;KdNr;Verwendungszweck;Notiz;geboren am;Betrag"
    rows = [heads]
    for at in range(16):
        name, mail, iban, card, number = people[at % 2]
        rows.append(f"{name};{mail};{iban};{card};{number};Einkauf;{mail} bittet um Anruf;02.03.1971;{at},50")
    path = tmp_path / "ledger.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    said = run(path, "--out", tmp_path / "out")
    assert said.exit_code == 0, said.output
    text = IMAGE.sub("", (tmp_path / "out" / "eda.html").read_text(encoding="utf-8"))
    for each in ("Mustermann", "mustermann", "Klein", "DE89", "DE02", "4111", "5,500,0", "10008", "1971", "Anruf"):
        assert each not in text, each
    assert "Einkauf 16" in text
    cells = [re.findall(r"<td>(.*?)</td>", row) for row in text.split("</tr>")]
    shown = {row[0]: row[1:] for row in cells if row}
    assert shown["Kontoinhaber"] == ["16", "0.0%", "2", "not shown: names people or accounts"]
    assert (
        "note: 'Kontoinhaber', 'E-Mail', 'IBAN', 'Ref1', 'KdNr', 'Notiz', 'geboren am' name people or accounts: "
        "counted, and no cell is shown"
    ) in said.output
    # What is drawn is what is shown: none of them has levels, a histogram or a box.
    found = explore_file(path).found
    assert [one.name for one in found.numbers] == ["Betrag"]
    assert {one.name for one in found.texts if one.levels} == {"Verwendungszweck"}
