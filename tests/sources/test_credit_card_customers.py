"""The file of credit card customers: hand-made rows in both spellings; repeated keys are told, no row is dropped."""

from datetime import UTC, datetime

import pytest

from bank360.bank.errors import DataRefused
from bank360.pipeline.ingest import ingest
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.warehouse import open_warehouse

NOW = datetime(2024, 6, 30, 12, tzinfo=UTC)
TOLD = Told("cards", "Europe/London", "GBP", NOW.date(), received_at=NOW)
HEADER = "Sl_No,Customer Key,Avg_Credit_Limit,Total_Credit_Cards,Total_visits_bank,Total_visits_online,Total_calls_made"
PLAIN = (HEADER, "1,87073,100000,2,1,1,0", "2,38414,50000,3,0,10,9", "3,87073,7000,7,1,3,4")
DIRTY = (
    HEADER.replace("Avg_Credit_Limit", " Avg_Credit_Limit "),
    '1,87073," 100,000.00 ",2,1,1,0',
    '2,38414," 50,000.00 ",3,0,10,9',
    '3,87073," 7,000.00 ",7,1,3,4',
)


@pytest.fixture
def load(tmp_path):
    def loaded(lines, name="in"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "Credit Card Customer Data.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with open_warehouse(tmp_path / f"{name}.duckdb", 1, "500MB") as warehouse:
            source = source_of_kind("credit_card_customers_csv", TOLD)
            report = ingest(source, folder, tmp_path / f"{name}-landing", warehouse, NOW)
            facts = warehouse.query("SELECT customer_id, fact, number, value FROM customer_facts").to_pylist()
        return report, {(row["customer_id"], row["fact"]): row for row in facts}

    return loaded


def test_separators_and_a_padded_header_change_no_number(load):
    (_, plain), (_, dirty) = load(PLAIN, "plain"), load(DIRTY, "dirty")
    assert {key: row["number"] for key, row in plain.items()} == {key: row["number"] for key, row in dirty.items()}
    assert dirty["1", "Avg_Credit_Limit"]["number"] == 100_000.0
    assert (plain["1", "Customer Key"]["value"], plain["1", "Customer Key"]["number"]) == ("87073", None)


def test_a_repeated_key_is_a_finding_and_each_row_stays_a_customer(load):
    report, facts = load(PLAIN)
    assert {load.table: load.accepted for load in report.tables}["customers"] == 3
    assert [facts[row, "Avg_Credit_Limit"]["number"] for row in "123"] == [100_000.0, 50_000.0, 7_000.0]
    told = {one.rule: one for one in report.findings}
    assert (told["repeated_key"].rows, told["repeated_key"].example) == (2, "1")  # rows 1 and 3
    assert told["repeated_key"].message.startswith("1 customer key on several rows")
    assert told["not_the_published_rows"].message.startswith("the file has 3 rows, the published one 660")


def test_a_running_number_twice_refuses_the_file(load):
    with pytest.raises(DataRefused, match="Nothing was loaded"):
        load((*PLAIN, "3,11111,7000,7,1,3,4"))


def test_a_missing_column_and_a_cut_line_are_named(load):
    with pytest.raises(DataRefused, match="column 'Total_calls_made', row 1: the column is missing"):
        load([line.rpartition(",")[0] for line in PLAIN], "missing")
    with pytest.raises(DataRefused, match="row 5"):
        load((*PLAIN, "4,11111,70"), "cut")
