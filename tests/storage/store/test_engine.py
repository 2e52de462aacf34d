"""Opening, reading and writing a store: what is committed stays, what raises leaves nothing, and how SQLite is set."""

import sqlite3
import threading

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from bank360.bank.errors import NotReady, StoreFailed
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import subjects

ONE, TWO = {"customer_id": "C1", "subject": "S1"}, {"customer_id": "C2", "subject": "S2"}


def rows(store):
    with store.reading() as connection:
        return [row.customer_id for row in connection.execute(select(subjects).order_by(subjects.c.customer_id))]


def test_a_block_that_ends_is_committed_and_one_that_raises_leaves_nothing(store):
    with store.writing() as connection:
        connection.execute(insert(subjects), ONE)
    with pytest.raises(KeyError), store.writing() as connection:  # noqa: PT012 - the block is what is tested
        connection.execute(insert(subjects), TWO)
        raise KeyError
    assert rows(store) == ["C1"]


def test_what_is_committed_is_there_for_the_next_to_open_it(store, store_url):
    with store.writing() as connection:
        connection.execute(insert(subjects), ONE)
    with open_store(store_url, new=False) as again:
        assert rows(again) == ["C1"]


def test_a_reader_sees_one_moment_and_cannot_write(store):
    with store.reading() as reader:
        assert reader.execute(select(subjects)).all() == []
        with store.writing() as writer:
            writer.execute(insert(subjects), ONE)
        assert reader.execute(select(subjects)).all() == []
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), store.reading() as reader:
        reader.execute(insert(subjects), TWO)


def test_an_error_of_the_database_does_not_print_what_was_put_in(store):
    """Neither the writer's nor the reader's nor the counter's, for a log or a terminal may get to see its text."""
    wrong = text("INSERT INTO no_such_table VALUES (:value)")
    for opened in (store.writing, store.reading, store.counting):
        with pytest.raises(DBAPIError) as failed, opened() as connection:
            connection.execute(wrong, {"value": "canary-of-a-customer"})
        assert "no_such_table" in str(failed.value)
        assert "canary-of-a-customer" not in str(failed.value)


def test_threads_write_one_after_the_other(store):
    def add(number):
        with store.writing() as connection:
            before = len(connection.execute(select(subjects)).all())
            connection.execute(insert(subjects), {"customer_id": f"C{number}", "subject": f"{before}-{number}"})

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows(store)) == 8


def test_after_a_commit_that_failed_nothing_more_is_written(store, monkeypatch):
    @event.listens_for(store._writer, "commit")
    def _fail(connection):
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

    with pytest.raises(StoreFailed, match="could not commit: disk I/O error"), store.writing() as connection:
        connection.execute(insert(subjects), ONE)
    event.remove(store._writer, "commit", _fail)
    with pytest.raises(StoreFailed, match="takes no more writes"), store.writing():
        pass
    assert rows(store) == []


def test_sqlite_is_set_as_the_record_needs_it(tmp_path):
    path = tmp_path / "store.sqlite3"
    with open_store(f"sqlite:///{path}") as store:
        for block in (store.writing(), store.reading()):
            with block as connection:
                found = {
                    name: connection.execute(text(f"PRAGMA {name}")).scalar()
                    for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "trusted_schema")
                }
            assert found == {
                "journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1, "trusted_schema": 0,
            }  # fmt: skip


def test_nobody_writes_or_checkpoints_sqlite_while_another_holds_the_lock(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    other = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    done = threading.Event()

    def write_and_close():
        with other.writing() as connection:
            connection.execute(insert(subjects), ONE)
        other.close()
        done.set()

    assert store._lock is not None
    with store._lock.held():
        thread = threading.Thread(target=write_and_close)
        thread.start()
        assert not done.wait(0.3)
    assert done.wait(10)
    thread.join()
    assert rows(store) == ["C1"]
    store.close()


@pytest.mark.parametrize("url", ["mysql://a/b", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_is_no_store_is_refused_with_what_to_write(url):
    with pytest.raises(NotReady, match="sqlite:///FILE"):
        open_store(url)


def test_an_error_shows_no_password():
    with pytest.raises(NotReady) as caught:
        open_store("postgresql://bank:s3cret-w0rd@127.0.0.1:1/none")
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_file_that_is_no_store_is_refused(tmp_path):
    (tmp_path / "store.sqlite3").write_bytes(b"no database at all" * 99)
    with pytest.raises(NotReady, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")


def test_a_store_that_must_be_there_is_not_made(tmp_path):
    with pytest.raises(
        NotReady, match=r"There is no store at .*none\.sqlite3 yet\. Run 'bank360 nightly', which makes it"
    ):
        open_store(f"sqlite:///{tmp_path / 'none.sqlite3'}", new=False)
    assert list(tmp_path.iterdir()) == []


def test_a_write_waits_for_the_lock(tmp_path):
    """Apart from closing: SQLite's own lock is free here, so only ours can hold the write back."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    with open_store(url) as store, open_store(url) as other:
        written = threading.Event()

        def write():
            with other.writing() as connection:
                connection.execute(insert(subjects), ONE)
            written.set()

        assert store._lock is not None
        thread = threading.Thread(target=write)
        with store._lock.held():
            thread.start()
            assert not written.wait(0.3)
        thread.join(10)
        assert written.is_set()
