"""CDNOW's purchases: hand-made lines, with their canonical values derived in the open."""

# ruff: noqa: DTZ001 - canonical instants are naive and UTC
from datetime import UTC, date, datetime

import pytest

from bank360.bank.errors import DataRefused
from bank360.pipeline.ingest import ingest
from bank360.sources.cdnow import cdnow_source
from bank360.storage.warehouse import open_warehouse

NOW = datetime(1999, 1, 2, tzinfo=UTC)
LINES = (
    " 00021 0002 19970113  1   11.77\r\n",
    " 00004 0001 19970101  2   29.33\r\n",
    " 00021 0002 19970101  3   63.34\r\n",
    " 00021 0002 19970113  1   11.77\r\n",
)


@pytest.fixture
def load(tmp_path):
    def loaded(*lines, name="CDNOW_sample.txt"):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("".join(lines), encoding="utf-8", newline="")
        with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as warehouse:
            report = ingest(cdnow_source(), folder, tmp_path / "landing", warehouse, NOW)
            tables = {
                load.table: warehouse.query(f"SELECT * FROM {load.table} ORDER BY source_line").to_pylist()
                for load in report.tables
            }
        return report, tables

    return loaded


def test_each_line_is_one_purchase_even_where_two_say_the_same(load):
    _, tables = load(*LINES)
    assert [row["amount"] for row in tables["transactions"]] == [-1177, -2933, -6334, -1177]
    assert [row["transaction_id"] for row in tables["transactions"]] == [f"CDNOW-{line:06d}" for line in (1, 2, 3, 4)]
    assert [row["number"] for row in tables["transaction_facts"]] == [1.0, 2.0, 3.0, 1.0]


def test_a_purchase_has_a_day_and_is_known_when_it_is_over(load):
    _, tables = load(*LINES)
    row = tables["transactions"][0]
    assert (row["booked_on"], row["event_precision"]) == (date(1997, 1, 13), "day")
    assert (row["event_time"], row["known_time"]) == (datetime(1997, 1, 13, 5), datetime(1997, 1, 14, 5))  # UTC - 5 h
    assert (row["currency"], row["merchant_id"], row["account_id"]) == ("USD", "CDNOW", "00021")


def test_a_customer_stands_once_from_the_first_purchase_on_in_whatever_order_lines_come(load):
    _, tables = load(*LINES)
    people = [(row["customer_id"], row["onboarded_on"], row["source_line"]) for row in tables["customers"]]
    assert people == [("00021", date(1997, 1, 1), 1), ("00004", date(1997, 1, 1), 2)]
    assert [row["account_id"] for row in tables["accounts"]] == ["00021", "00004"]
    assert [row["customer_id"] for row in tables["account_parties"]] == ["00021", "00004"]
    assert len(tables["products"]) == len(tables["merchants"]) == 1


def test_the_master_file_has_no_number_in_the_sample(load):
    _, tables = load(" 00001 19970101  1   11.77\n", name="CDNOW_master.txt")
    assert tables["transactions"][0]["account_id"] == "00001"


@pytest.mark.parametrize("line", ["00021 0002 19970113  1", "customer date cds dollars", "00021 0002 19970231 1 11.77"])
def test_a_line_that_is_cut_or_says_something_else_refuses_the_file(load, line):
    with pytest.raises(DataRefused, match=r"column 'line', row 2: '.*Nothing was loaded"):
        load(LINES[0], line)
