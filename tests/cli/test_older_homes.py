"""A home that an earlier version of bank360 made: one clear line says what brings it up to date, and then it works."""

import duckdb
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


@pytest.mark.parametrize("verb", ["check", "build", "doctor"])
def test_a_command_that_writes_adds_what_is_lacking(older, bank360, verb):
    ran = bank360(verb, "--home", older())
    assert (ran.code, ran.err) == (0, "")
