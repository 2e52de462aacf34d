"""Notebook 1 run from its first cell to its last: from a card file to the star tables, as Power BI reads them."""

import contextlib
import csv
import io
import sys
from pathlib import Path

import pytest

from bank360.sources.card_file.layout import CardRows
from bank360.storage.card_rows import write_card_file
from tests.sources.card_file.test_card_file import drawn

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "1_data_preparation.py"
PUBLISHED = 'KIND = "creditcard_csv" '
STAR = ("FactTransactions", "DimCustomer", "DimAccount", "DimMerchant", "DimDate")


def run(monkeypatch, folder: Path, rows: CardRows | None) -> str:
    """Run the notebook in a folder whose card file is a part; return what its cells print."""
    (folder / "data_raw").mkdir()
    if rows is not None:
        write_card_file(folder / "data_raw" / "creditcard.csv", rows)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", sys.argv)
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert PUBLISHED in text
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text.replace(PUBLISHED, 'KIND = "creditcard_csv_part" '), NOTEBOOK, "exec"), {})
    return printed.getvalue()


def test_it_runs_to_its_end_and_writes_the_five_star_tables_with_every_reference_held(monkeypatch, tmp_path):
    printed = run(monkeypatch, tmp_path, drawn(rows=300, frauds=10))
    assert "FactTransactions: 300 rows" in printed
    held = [line for line in printed.splitlines() if " are in Dim" in line]
    assert len(held) == 4
    for line in held:
        there, of = line.split(": ")[1].split(" are in ")[0].split(" of ")
        assert there == of != "0"
    for name in STAR:
        with (tmp_path / "data_processed" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert sum(1 for _ in csv.reader(file)) > 1, name


def test_without_the_file_it_says_what_to_fetch(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match=r"data_raw/creditcard.csv is not there: fetch it from Kaggle"):
        run(monkeypatch, tmp_path, None)
