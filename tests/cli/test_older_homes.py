"""A home that an earlier version of bank360 made: one clear line says what brings it up to date, and then it works."""

import json
import shutil
import sqlite3

import duckdb
import pyarrow.parquet as pq
import pytest


@pytest.fixture
def older(client_home, bank360, tmp_path):
    """Return how to make a loaded home whose warehouse was made before two of the tables were thought of."""
    home = client_home(tmp_path / "bank", north="id,since\n1,2024-01-05\n")
    assert bank360("ingest", "--home", home).code == 0

    def without_tables():
        with duckdb.connect(home / "warehouse.duckdb") as warehouse:
            for name in ("transaction_facts", "application_facts"):
                warehouse.execute(f"DROP TABLE {name}")
        return home

    return without_tables


def test_a_command_that_only_reads_says_which_table_is_lacking_and_what_adds_it(older, bank360, refused):
    home = older()
    said = refused("decide", "--customer", "1", "--home", home)
    assert "was made by an earlier version of bank360: it has no table 'transaction_facts' yet" in said
    assert f"Run 'bank360 ingest --home {home}'" in said
    assert bank360("ingest", "--home", home).code == 0
    assert "earlier version" not in refused("decide", "--customer", "1", "--home", home)


def test_a_load_lets_be_empty_what_an_earlier_version_needed(client_home, bank360, tmp_path):
    home = client_home(tmp_path / "bank", north="id,since\n1,2024-01-05\n")
    assert bank360("ingest", "--home", home).code == 0
    with duckdb.connect(home / "warehouse.duckdb") as warehouse:
        warehouse.execute("ALTER TABLE products ALTER COLUMN fee SET NOT NULL")
    (home / "north" / "clients.csv").write_text("id,since\n2,2024-01-06\n", encoding="utf-8")
    assert bank360("ingest", "--home", home).code == 0
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as warehouse:
        needed = warehouse.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'products' AND is_nullable = 'NO'"
        ).fetchall()
    assert ("fee",) not in needed
    assert ("line",) in needed


@pytest.mark.parametrize(
    "words", [("profile", "show", "1"), ("check",), ("build",), ("ingest",), ("explain", "1"), ("alerts",)]
)
def test_a_column_that_a_table_lacks_is_named_with_what_adds_it(client_home, bank360, refused, tmp_path, words):
    """Whatever reads it: the database's own error would tell nobody what to do."""
    home = client_home(tmp_path / "bank", north="id,since\n1,2024-01-05\n")
    assert bank360("ingest", "--home", home).code == 0
    with duckdb.connect(home / "warehouse.duckdb") as warehouse:
        warehouse.execute("ALTER TABLE applications DROP COLUMN event_precision")
    said = refused(*words, "--home", home)
    assert "was made by an earlier version of bank360: its table 'applications' lacks event_precision." in said
    assert f"Run 'bank360 rebuild --home {home}'" in said
    assert bank360("rebuild", "--home", home).code == 0
    assert "earlier version" not in bank360(*words, "--home", home).err


def test_a_synthetic_bank_that_an_earlier_version_drew_is_read_as_before(bank360, generated, tmp_path):
    """Its files do not say whether the time of day of an application is known: it always was."""
    home = tmp_path / "bank"
    shutil.copytree(generated / "raw", home / "raw")
    shutil.copy(generated / "bank360.yaml", home)
    files = sorted(home.glob("raw/**/applications-*.parquet"))
    assert files
    for path in files:
        rows = pq.read_table(path)
        assert set(rows["event_precision"].to_pylist()) == {"second"}
        pq.write_table(rows.drop_columns(["event_precision"]), path)
    assert bank360("ingest", "--home", home).code == 0
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as warehouse:
        said = warehouse.execute("SELECT DISTINCT event_precision FROM applications").fetchall()
    assert said == [("second",)]


@pytest.mark.parametrize("verb", ["check", "build", "doctor"])
def test_a_command_that_writes_adds_what_is_lacking(older, bank360, verb):
    ran = bank360(verb, "--home", older())
    assert (ran.code, ran.err) == (0, "")


def test_what_an_earlier_version_published_is_published_once_more_and_not_again(scored, bank360, tmp_path):
    """As `nightly` and `score` end: nothing else has changed, and yet what is published cannot be read."""
    home = shutil.copytree(scored, tmp_path / "bank")

    def versions():
        return [one["number"] for one in json.loads(bank360("publish", "list", "--json", "--home", home).out)]

    first = versions()[0]
    assert "Published" not in bank360("score", "--home", home).out
    with sqlite3.connect(home / "published" / f"{first:06}.sqlite3") as version:
        (said,) = version.execute("SELECT value FROM about WHERE name = 'meta'").fetchone()
        version.execute(
            "UPDATE about SET value = ? WHERE name = 'meta'", [json.dumps(json.loads(said) | {"format": 1})]
        )
    version.close()
    assert f"Published as version {first + 1}." in bank360("score", "--home", home).out
    assert "Published" not in bank360("score", "--home", home).out
    assert versions()[0] == first + 1
