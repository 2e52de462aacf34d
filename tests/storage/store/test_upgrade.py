"""Migrations from the first version on, on SQLite and on PostgreSQL; what they build is what `schema` says."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text

from bank360.bank.errors import NotReady
from bank360.storage.store import engine, schema, upgrade
from bank360.storage.store.engine import open_store
from bank360.storage.store.upgrade import revision_of, upgrade_store

MIGRATIONS = Path(upgrade.__file__).parent / "migrations"
REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


def test_the_code_knows_the_last_revision_and_they_stand_in_order():
    assert REVISIONS[-1] == schema.HEAD_REVISION
    assert sorted(REVISIONS) == REVISIONS


@pytest.mark.parametrize("first", REVISIONS)
def test_a_store_of_any_version_comes_up_to_the_tables_of_today_with_its_rows(store_url, monkeypatch, first):
    monkeypatch.setattr(engine, "upgrade_store", lambda connection: upgrade_store(connection, first))
    with open_store(store_url) as old, old.writing() as connection:
        assert revision_of(connection) == first
        connection.execute(insert(schema.subjects), {"customer_id": "C1", "subject": "S1"})
    monkeypatch.undo()
    with open_store(store_url) as new, new.reading() as connection:
        assert revision_of(connection) == schema.HEAD_REVISION
        assert connection.execute(select(schema.subjects)).all() == [("C1", "S1")]
        assert connection.execute(select(schema.decision_head)).all() == [(1, 0, bytes(32))]
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []


def test_a_migration_that_fails_leaves_the_store_as_it_was(store_url, monkeypatch):
    def half_way(connection):
        upgrade_store(connection, REVISIONS[0])
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "upgrade_store", half_way)
    with pytest.raises(KeyboardInterrupt):
        open_store(store_url)
    monkeypatch.undo()
    with pytest.raises(NotReady, match="There is no store at"):
        open_store(store_url, new=False)


def test_a_store_of_a_newer_bank360_is_refused(store_url):
    with open_store(store_url) as store, store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotReady, match="revision 9999, newer than"):
        open_store(store_url)
