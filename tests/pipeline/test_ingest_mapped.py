"""A bank's own files and the ten-column file through the whole door: files, landing zone, contract, warehouse."""

from datetime import UTC, date, datetime

import pytest

from bank360.bank.errors import DataRefused
from bank360.pipeline.check import check
from bank360.pipeline.ingest import ingest
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.warehouse import open_warehouse

NOW = datetime(2024, 6, 30, 12, tzinfo=UTC)
CODES = {"C": "current_account"}
MAPPING = {
    "files": {
        "customers": {
            "pattern": "clients.csv",
            "history": "none",
            "csv": {"delimiter": ";", "encoding": "latin-1"},
            "columns": {"customer_id": "no", "type": {"constant": "person"}, "region": "région"},
        },
        "products": {
            "pattern": "products.csv",
            "known_time": {"constant": "2000-01-01"},
            "columns": {
                "product_id": "code", "valid_from": {"constant": "2000-01-01"}, "family": {"constant": "deposits"},
                "line": {"column": "kind", "codes": CODES}, "name": "name", "secured": {"constant": False},
                "revolving": {"constant": False}, "rate_type": {"constant": "none"}, "fee": {"constant": 0},
                "transfer_rate": {"column": "ftp", "percent": True},
            },
        },
        "accounts": {
            "pattern": "accounts.csv",
            "known_after": "0d",
            "columns": {
                "account_id": "acc", "product_id": "prod", "opened_on": {"column": "open", "format": "%d/%m/%Y"},
            },
        },
        "account_parties": {
            "pattern": "accounts.csv",
            "known_after": "0d",
            "columns": {
                "account_id": "acc", "customer_id": "owner", "role": {"constant": "owner"},
                "valid_from": {"column": "open", "format": "%d/%m/%Y"}, "liability_share": {"constant": 1},
            },
        },
        "transactions": {
            "pattern": "ledger/*.csv",
            "known_after": "1d",
            "sign": {"debit": "out", "credit": "in"},
            "columns": {
                "transaction_id": "id", "account_id": "acc",
                "event_time": {"column": "at", "format": "%d/%m/%Y %H:%M"}, "country": {"constant": "GB"},
            },
        },
    }
}  # fmt: skip
FILES = {
    "clients.csv": "no;région\r\n1;Évry\r\n2;\r\n".encode("latin-1"),
    "products.csv": b"code,kind,name,ftp\nCUR,C,Current,0.5%\n",
    "accounts.csv": b"acc,prod,open,owner\nA1,CUR,01/02/2020,1\nA2,CUR,02/02/2020,2\n",
    "ledger/1.csv": b"id,acc,at,out,in\nt1,A1,05/01/2024 10:00,12.30,\nt2,A2,06/01/2024 23:59,,1000\n",
    "ledger/2.csv": b"id,acc,at,out,in\nt3,A1,07/07/2024 00:30,0.01,\n",
}


@pytest.fixture
def warehouse(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb", 1, "500MB") as opened:
        yield opened


def deliver(folder, **changed):
    for name, body in {**FILES, **changed}.items():
        path = folder / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder / "in"


def load(tmp_path, warehouse, kind="mapped", **changed):
    told = Told("own", "Europe/London", "GBP", date(2024, 6, 30), MAPPING)
    return ingest(source_of_kind(kind, told), deliver(tmp_path, **changed), tmp_path / "landing", warehouse, NOW)


def rows(warehouse, sql):
    return warehouse.query(sql).to_pylist()


def test_a_bank_of_its_own_files_enters_the_warehouse(tmp_path, warehouse):
    report = load(tmp_path, warehouse)
    assert report.rows == 2 + 1 + 2 + 2 + 3
    assert rows(warehouse, "SELECT transaction_id AS id, amount, source_line AS line FROM transactions ORDER BY 1") == [
        {"id": "t1", "amount": -1230, "line": 2},
        {"id": "t2", "amount": 100000, "line": 3},
        {"id": "t3", "amount": -1, "line": 2},
    ]
    (known,) = rows(warehouse, "SELECT DISTINCT known_time AS at FROM customers")
    assert known["at"] == datetime(2024, 6, 30, 23)  # noqa: DTZ001 - the end of the day on which it came
    assert rows(warehouse, "SELECT transfer_rate AS r FROM products") == [{"r": 0.005}]
    assert load(tmp_path, warehouse).batch_id is None


def test_a_bad_cell_in_one_file_keeps_every_file_out(tmp_path, warehouse):
    bad = b"id,acc,at,out,in\n\nt9,A1,31/02/2024 10:00,1,\n"
    with pytest.raises(DataRefused, match=r"ledger/2\.csv.*column 'at', row 3"):
        load(tmp_path, warehouse, **{"ledger/2.csv": bad})
    assert rows(warehouse, "SELECT count(*) AS n FROM customers") == [{"n": 0}]


def test_the_ten_column_file_becomes_customers_and_facts(tmp_path, warehouse):
    from pathlib import Path

    told = Told("applications", "Europe/London", "GBP", date(2024, 6, 30))
    folder = tmp_path / "in"
    folder.mkdir()
    sample = Path(__file__).parents[2] / "data" / "sample_input.csv"
    (folder / "a.csv").write_bytes(sample.read_bytes())
    report = ingest(source_of_kind("loan_applications_csv", told), folder, tmp_path / "landing", warehouse, NOW)
    by_table = {load.table: load.accepted for load in report.tables}
    assert by_table["customers"] == 500
    (facts,) = rows(warehouse, "SELECT count(DISTINCT fact) AS kinds, min(origin) AS origin FROM customer_facts")
    assert facts == {"kinds": 6, "origin": "supplied"}  # age and the five that are scored; no outcome, no sex
    sexes = rows(warehouse, "SELECT DISTINCT sex FROM customers ORDER BY 1")
    assert {row["sex"] for row in sexes} <= {"female", "male", "other", "unknown"}


def test_a_flat_file_alone_is_not_told_of_tables_that_it_never_was_to_have(tmp_path):
    """Its facts refer to applications of a ledger, if there is one; of these alone nothing is missing."""
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "f.csv").write_bytes(b"id,applied,income,bad\nA1,2024-01-05,100,0\nA2,2024-01-06,200,1\n")
    flat = {"pattern": "f.csv", "subject": "application", "id": "id", "date": "applied",
            "label": {"column": "bad", "bad": [1], "good": [0]}}  # fmt: skip
    source = source_of_kind("mapped", Told("f", "Europe/London", "GBP", NOW.date(), {"flat": flat}, NOW))
    with open_warehouse(tmp_path / "w.duckdb") as warehouse:
        report = ingest(source, folder, tmp_path / "landing", warehouse, NOW)
        assert [(load.table, load.accepted) for load in report.tables] == [("application_facts", 2)]
        assert report.findings == ()
        assert check(warehouse, "Europe/London", NOW) == ()
