"""``bank360 export`` on a generated bank: files that a database takes with every reference held, and nobody's name."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime

import duckdb
import psycopg
import pytest

from bank360.bank.tables_star import DIM_CUSTOMER, RISK_ALERTS, STAR
from bank360.features.behaviour_tables import BEHAVIOUR_TABLES
from bank360.features.families.spending import CATEGORY_MAP
from bank360.features.place_tables import PLACE_TABLES
from bank360.pipeline.export import file_name
from bank360.storage.schema_sql import schema_sql
from bank360.storage.warehouse import open_warehouse

PLACES = ("merchant", "terminal")


@pytest.fixture(scope="module", params=["csv", "parquet"])
def written(request, bank360, built, tmp_path_factory):
    """The built bank's export as files of one kind, and which."""
    folder = tmp_path_factory.mktemp("tables") / "export"
    ran = bank360("export", "--format", request.param, "--out", folder, "--home", built)
    assert ran.code == 0, ran.err
    return folder, ran.out, request.param


@pytest.fixture(scope="module")
def exported(bank360, built, tmp_path_factory):
    """The built bank's export as Parquet, and what the command said."""
    folder = tmp_path_factory.mktemp("tables") / "export"
    ran = bank360("export", "--format", "parquet", "--out", folder, "--home", built)
    assert ran.code == 0, ran.err
    return folder, ran.out


def loaded(connection, folder, kind):
    """Load every file into the tables of ``sql/schema.sql``, which hold keys and references."""
    connection.execute(schema_sql()).fetchall()
    for table in (*STAR, *BEHAVIOUR_TABLES, *PLACE_TABLES):
        name = file_name(table)
        read = f"read_{kind}('{folder / name}.{kind}')"
        connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM {read}")


def test_every_reference_resolves_in_a_database_of_the_schema(written, built):
    folder, _, kind = written
    with duckdb.connect() as connection:
        loaded(connection, folder, kind)
        count = connection.execute(
            "SELECT count(*), count(customer_key), sum(amount) FROM fact_transactions"
        ).fetchone()
        joint = connection.execute("SELECT count(*) FROM dim_account WHERE holders > 1").fetchone()
        without = connection.execute("SELECT count(*) FROM dim_account WHERE owner_customer_key IS NULL").fetchone()
        holidays = connection.execute(
            "SELECT count(*) FROM dim_date WHERE year = 2022 AND uk_bank_holiday > ''"
        ).fetchone()
        months = connection.execute(
            """
            SELECT count(*), count(DISTINCT month), bool_and(d.valid_from < f.as_of),
                bool_and(f.as_of > f.month + INTERVAL 1 MONTH)
            FROM customer_monthly_features f JOIN dim_customer d USING (customer_key)
            """
        ).fetchone()
        described = connection.execute("SELECT count(*), sum(purchases_lifetime) FROM customer_features").fetchone()
        places = [connection.execute(f"SELECT * FROM {one}_features ORDER BY ALL").fetchall() for one in PLACES]
        bought = connection.execute("SELECT sum(purchases_month) FROM customer_monthly_features").fetchone()
    assert months[1:] == (23, True, True)  # of 24, the last is not described yet
    with open_warehouse(built / "warehouse.duckdb", 1, read_only=True) as warehouse:
        stored = [warehouse.query(f"SELECT * FROM {one}_features ORDER BY ALL").to_pylist() for one in PLACES]
    assert places == [[tuple(row.values()) for row in rows] for rows in stored]  # what the build stored, to the bit
    assert all(stored)
    assert 0 < bought[0] < described[1]
    with open_warehouse(built / "warehouse.duckdb", 1, read_only=True) as warehouse:
        rows = warehouse.row("SELECT count(*), sum(amount) FROM transactions WHERE superseded_time IS NULL")
    assert (count[0], count[2]) == rows  # to the minor unit
    assert count[1] == count[0], "every transaction is somebody's"
    assert joint[0] > 0
    assert without == (0,), "an account belongs to at least one customer"
    assert holidays == (10,)


def test_postgresql_takes_the_files_with_every_reference_held(bank360, built, tmp_path, postgres_url):
    folder = tmp_path / "export"
    assert bank360("export", "--out", folder, "--home", built).code == 0
    with psycopg.connect(postgres_url) as connection:
        connection.execute(schema_sql())
        for table in (*STAR, *BEHAVIOUR_TABLES, *PLACE_TABLES):
            file = folder / f"{file_name(table)}.csv"
            header = file.read_text(encoding="utf-8").splitlines()[0]
            with connection.cursor().copy(f"COPY {table.name} ({header}) FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(file.read_bytes())
        count = connection.execute("SELECT count(*), sum(amount) FROM fact_transactions").fetchone()
    with open_warehouse(built / "warehouse.duckdb", 1, read_only=True) as warehouse:
        rows = warehouse.row("SELECT count(*), sum(amount) FROM transactions WHERE superseded_time IS NULL")
    assert count == rows


def test_every_alert_that_is_printed_is_in_the_file_with_what_was_found_when_and_nothing_else(bank360, built, written):
    folder, _, kind = written
    printed = json.loads(bank360("alerts", "--limit", "9999", "--json", "--home", built).out)
    assert printed
    with duckdb.connect() as connection:
        connection.execute(schema_sql())
        for table in (DIM_CUSTOMER, RISK_ALERTS):
            read = f"read_{kind}('{folder / file_name(table)}.{kind}')"
            connection.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM {read}")
        rows = connection.execute(
            "SELECT a.customer_id, rule, severity, evidence, found_at::VARCHAR FROM risk_alerts a"
            " JOIN dim_customer d USING (customer_key) WHERE d.is_current AND d.customer_id = a.customer_id"
        ).fetchall()
        ((held,),) = connection.execute("SELECT count(*) FROM risk_alerts").fetchall()
    as_of = json.loads((folder / "export.json").read_text(encoding="utf-8"))["as_of"]
    assert {one["found_at"] for one in printed} == {datetime.fromisoformat(as_of).isoformat()}
    at = datetime.fromisoformat(as_of).replace(tzinfo=None).isoformat(" ")
    named = ("customer_id", "rule", "severity", "evidence")
    assert sorted(rows) == sorted((*(one[name] for name in named), at) for one in printed)
    assert held == len(rows)


def test_the_files_have_the_names_that_analysts_know(written):
    folder, said, kind = written
    names = {path.name for path in folder.iterdir()}
    tables = (
        "FactTransactions", "DimCustomer", "DimAccount", "DimMerchant", "DimDate", "BridgeAccountHolder", "RiskAlerts",
        "CustomerFeatures", "CustomerMonthlyFeatures", "MerchantFeatures", "TerminalFeatures",
    )  # fmt: skip
    assert names == {f"{table}.{kind}" for table in tables} | {"export.json"}
    assert all(name in said for name in names - {"export.json"})
    manifest = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    assert manifest["category_map"] == CATEGORY_MAP
    assert manifest["reveals"] == []
    assert manifest["as_of"].endswith("Z")


def test_nothing_that_says_who_somebody_is_comes_unasked(exported):
    folder, said = exported
    with duckdb.connect() as connection:
        columns = connection.execute(f"DESCRIBE SELECT * FROM '{folder}/DimCustomer.parquet'").fetchall()
        facts = connection.execute(f"DESCRIBE SELECT * FROM '{folder}/FactTransactions.parquet'").fetchall()
    assert {name for name, *_ in columns} & {"birth_date", "given_name", "sex", "marital_status", "email"} == set()
    assert "raw_text" not in {name for name, *_ in facts}
    assert "without sex, marital_status, birth_date" in said
    assert "SHOWS" not in said


def test_what_is_revealed_is_asked_for_by_kind_told_and_sealed(bank360, refused, built, tmp_path):
    home = shutil.copytree(built, tmp_path / "bank", ignore=shutil.ignore_patterns("export", "raw"))
    identity = ("export", "--format", "parquet", "--replace", "--home", home, "--reveal", "identity")
    assert "No audit key" in refused(*identity)  # nothing is revealed that could not be sealed
    assert not (home / "export").exists()
    with (home / "bank360.yaml").open("a", encoding="utf-8") as settings:
        settings.write("audit_key: 0123456789abcdef0123456789abcdef\n")

    def columns(*words):
        ran = bank360(*words)
        assert ran.code == 0, ran.err
        with duckdb.connect() as connection:
            found = connection.execute(f"DESCRIBE SELECT * FROM '{home}/export/DimCustomer.parquet'").fetchall()
        return {name for name, *_ in found}, ran.out

    names, said = columns(*identity)
    assert {"given_name", "email", "deceased_on"} <= names
    assert {"birth_date", "sex"} & names == set()  # a birth date is protected too
    assert "THIS EXPORT SHOWS IDENTITY COLUMNS" in said
    names, said = columns(*identity, "--reveal", "protected")
    assert names == {column.name for column in DIM_CUSTOMER.columns}
    assert "SHOWS IDENTITY AND PROTECTED COLUMNS" in said
    with closing(sqlite3.connect(home / "store.sqlite3")) as store:
        sealed = store.execute("SELECT kind, record FROM decisions ORDER BY sequence").fetchall()
    assert sealed == [
        ("customers.exported", b'{"reveals":"identity"}'),
        ("customers.exported", b'{"reveals":"identity protected"}'),
    ]


def test_the_summary_the_manifest_and_the_file_agree_on_how_many_customers_its_versions_are_of(exported):
    folder, said = exported
    with duckdb.connect() as connection:
        ((rows, people, current),) = connection.execute(
            "SELECT count(*), count(DISTINCT customer_id), count(*) FILTER (is_current)"
            f" FROM read_parquet('{folder / 'DimCustomer.parquet'}')"
        ).fetchall()
    assert rows > people == current
    assert f"DimCustomer has {rows:,} versions of {people:,} customers: a row for each time" in said
    manifest = json.loads((folder / "export.json").read_text("utf-8"))
    assert manifest["customers"] == people
    (table,) = [one for one in manifest["tables"] if one["table"] == "dim_customer"]
    assert (table["rows"], table["a_row_is"]) == (rows, DIM_CUSTOMER.row)


def test_a_second_export_asks_to_replace_the_first_and_another_folder_is_left_alone(bank360, refused, built, tmp_path):
    assert bank360("export", "--home", built).code == 0
    assert "holds an export already. Add --replace" in refused("export", "--home", built)
    first = (built / "export" / "FactTransactions.csv").read_bytes()
    ran = bank360("export", "--replace", "--json", "--home", built)
    assert json.loads(ran.out)["tables"][0]["file"] == "DimDate.csv"
    assert (built / "export" / "FactTransactions.csv").read_bytes() == first  # the same bank, the same bytes
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    assert "no export of ours" in refused("export", "--out", tmp_path, "--replace", "--home", built)
