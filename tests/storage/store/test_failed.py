"""A store whose disk fills up or whose database is killed: told as StoreFailed, nothing half written, opened anew."""

import signal
import sqlite3
import time

import psycopg
import pytest
from sqlalchemy import insert, select, text

from bank360.bank.errors import StoreFailed
from bank360.storage.anchor import Anchor
from bank360.storage.chain import Entry
from bank360.storage.decision_log import DecisionLog, Made, Request, appending, record_on
from bank360.storage.decision_verify import verify_log
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import subjects
from tests.conftest import AUDIT_KEY


def named(store, customer, then=lambda _: None):
    """Write a row, do something with the connection, and commit."""
    with store.writing() as connection:
        connection.execute(insert(subjects), {"customer_id": customer, "subject": customer * 2})
        then(connection)


def known(store):
    with store.reading() as connection:
        return set(connection.execute(select(subjects.c.customer_id)).scalars())


def broken(store):
    return store.broken


def limited(store):
    """Let the store's file grow by no page more: what a full disk does to it, at the commit or before."""
    with store._writer.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_a_full_disk_in_the_middle_of_a_transaction_undoes_it_and_the_store_goes_on(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}") as store:
        named(store, "C1")
        limited(store)
        with pytest.raises(StoreFailed, match="database or disk is full"):
            named(store, "C2", lambda own: own.execute(text("CREATE TABLE big AS SELECT randomblob(2000000) AS one")))
        assert known(store) == {"C1"}
        assert not broken(store)
        named(store, "C3")  # what fits is written
        assert known(store) == {"C1", "C3"}


def test_a_wrong_statement_is_our_mistake_and_told_as_it_is(store):
    with pytest.raises(Exception, match="no_such_table") as told, store.writing() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))
    assert not isinstance(told.value, StoreFailed)
    assert not broken(store)


def test_a_commit_that_the_disk_refuses_ends_writing_until_the_store_is_opened_anew(tmp_path):
    path = tmp_path / "store.sqlite3"
    with open_store(f"sqlite:///{path}") as store:
        named(store, "C1")
        resource_limit(path.with_name(path.name + "-wal").stat().st_size)
        try:
            with pytest.raises(
                StoreFailed, match=r"could not commit: disk I/O error|could not commit: database or disk"
            ):
                named(store, "C2")
            assert broken(store)
        finally:
            resource_limit(None)
        with pytest.raises(StoreFailed, match="takes no more writes"):  # though the disk has room again
            named(store, "C3")
        assert known(store) == {"C1"}
    with open_store(f"sqlite:///{path}") as again:
        named(again, "C3")
        assert known(again) == {"C1", "C3"}
    with sqlite3.connect(path) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()


def resource_limit(most):
    """Let this process' files grow to so many bytes: a write past that fails as on a full disk; None: no limit."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard if most is None else most, hard))


def test_an_anchor_that_cannot_be_written_ends_writing_and_a_retry_finds_what_was_committed(tmp_path):
    url, path = f"sqlite:///{tmp_path / 'store.sqlite3'}", tmp_path / "store.anchor"
    keyed = Request("u", "POST /x", "k", bytes(32))

    def recorded(log, decision, response, meanwhile=lambda: None):
        def make(_):
            meanwhile()
            return Made(Entry.of(decision, "u", "s", "k", 1, b"{}"), response)

        with appending(log) as page:
            return record_on(page, make, keyed)

    with open_store(url) as store:
        log = DecisionLog(store, Anchor(path, AUDIT_KEY))
        with appending(log) as page:
            page.append(Entry.of("d-0", "u", "s", "k", 1, b"{}"))
        kept = path.read_bytes()

        def take_the_anchors_place():
            path.unlink()
            path.mkdir()

        with pytest.raises(StoreFailed, match=r"could not commit: the anchor .*directory"):
            recorded(log, "d-1", b"first", take_the_anchors_place)
        assert broken(store)
    path.rmdir()
    path.write_bytes(kept)
    with open_store(url) as store:
        log = DecisionLog(store, Anchor(path, AUDIT_KEY))
        again = recorded(log, "d-2", b"second")
        assert (again.response, again.repeated) == (b"first", True)
        assert (verify_log(log).records, verify_log(log).faults) == (2, ())


def test_a_database_killed_before_and_at_the_commit_is_told_and_nothing_is_half_written(postgres_url):
    with open_store(postgres_url) as store:
        named(store, "C1")
        with pytest.raises(StoreFailed, match="did not answer"):
            named(store, "C2", lambda own: (end_backends(postgres_url), own.execute(select(subjects))))
        assert not broken(store)  # undone by the database itself: the next transaction has a connection of its own
        named(store, "C4")
        with pytest.raises(StoreFailed, match="could not commit"):
            named(store, "C5", lambda _: end_backends(postgres_url))
        assert broken(store)
        assert known(store) == {"C1", "C4"}
        with pytest.raises(StoreFailed, match="takes no more writes"):
            named(store, "C6")
    with open_store(postgres_url) as again:
        named(again, "C6")
        assert known(again) == {"C1", "C4", "C6"}


def end_backends(url):
    """End every other connection to the database, as its operator or its death would."""
    with psycopg.connect(url, autocommit=True) as own:
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    time.sleep(0.1)
