"""The committed script is what the tables say, and loads in DuckDB and in a real PostgreSQL."""

from pathlib import Path

import duckdb
import psycopg
import pytest

from bank360.bank.tables import TABLES
from bank360.bank.tables_star import STAR
from bank360.features.behaviour_tables import BEHAVIOUR_TABLES
from bank360.features.families import ALL_FEATURES
from bank360.features.place_tables import PLACE_TABLES
from bank360.storage.schema_sql import schema_sql

COMMITTED = Path(__file__).parents[2] / "sql" / "schema.sql"


def test_the_committed_script_is_the_generated_text():
    assert COMMITTED.read_text(encoding="utf-8") == schema_sql(), "run 'make schema'"


def test_the_script_says_that_the_warehouse_has_another_table_of_a_name():
    """A build stores its own features under the name that the lifetime table has in an export."""
    exported = {column.name for table in BEHAVIOUR_TABLES for column in table.columns}
    assert exported.isdisjoint(feature.name for feature in ALL_FEATURES)
    head = schema_sql().split("CREATE TABLE")[0]
    assert "-- customer_features is the exported table" in head
    assert "In a warehouse the table of this name is what" in head


def test_the_script_loads_in_duckdb():
    connection = duckdb.connect()
    connection.execute(schema_sql()).fetchall()
    found = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    connection.close()
    assert {name for (name,) in found} == {table.name for table in (*TABLES, *STAR, *BEHAVIOUR_TABLES, *PLACE_TABLES)}


def test_a_star_table_refuses_a_fact_of_nobody():
    with duckdb.connect() as connection:
        connection.execute(schema_sql()).fetchall()
        with pytest.raises(duckdb.ConstraintException, match="foreign key constraint because key"):
            connection.execute("INSERT INTO bridge_account_holder VALUES ('A', 'C-1', 'owner', '2020-01-01', NULL, 1)")


def test_the_script_loads_in_postgresql_with_keys_and_comments(postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute(schema_sql())
        found = connection.execute(
            "SELECT c.table_name, count(*) FROM information_schema.columns c WHERE table_schema = 'public' GROUP BY 1"
        ).fetchall()
        assert dict(found) == {
            table.name: len(table.arrow_schema) for table in (*TABLES, *STAR, *BEHAVIOUR_TABLES, *PLACE_TABLES)
        }
        key = connection.execute(
            "SELECT column_name FROM information_schema.key_column_usage WHERE table_name = 'balances' ORDER BY 1"
        ).fetchall()
        assert [name for (name,) in key] == ["account_id", "date", "known_time"]
        comment = connection.execute("SELECT col_description('transactions'::regclass, 2)").fetchone()
        assert comment == ("the account; refers to accounts.account_id; tags: key",)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [({"role": "'thief'"}, "role"), ({"liability_share": "1.5"}, "liability_share"), ({"role": "NULL"}, "role")],
)
def test_postgresql_refuses_what_the_contract_refuses(postgres, change, constraint):
    values = {
        "account_id": "'A1'",
        "customer_id": "'C1'",
        "role": "'owner'",
        "valid_from": "'2020-01-01'",
        "liability_share": "0.5",
        "source_system": "'s'",
        "batch_id": "'b'",
        "source_file_hash": "'h'",
        "source_line": "1",
        "known_time": "'2020-01-01'",
    }
    with psycopg.connect(postgres) as connection:
        if connection.execute("SELECT to_regclass('account_parties')").fetchone() == (None,):
            connection.execute(schema_sql())
        sql = "INSERT INTO account_parties ({}) VALUES ({})"
        connection.execute(sql.format(", ".join(values), ", ".join(values.values())))
        bad = values | change
        with pytest.raises(psycopg.errors.IntegrityError, match=constraint):
            connection.execute(sql.format(", ".join(bad), ", ".join(bad.values())))
        connection.rollback()
