"""Backup and restore: every row and the chain come back, from either database to either, while others write."""

import json
import threading

import psycopg
import pytest
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from bank360.bank.errors import ArtefactRefused, NotReady
from bank360.storage.anchor import Anchor
from bank360.storage.chain import Entry
from bank360.storage.decision_log import DecisionLog, Message, Request, record_decision
from bank360.storage.decision_verify import verify_log
from bank360.storage.new_events import NewEvent, take_in
from bank360.storage.store.backup import backup_store, content_hash, restore_store
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import users
from tests.conftest import AUDIT_KEY


def write(log, number):
    entry = Entry.of(f"D{number}", "U1", "S1", "test", number, bytes(range(256)))
    request = Request("U1", "/v1/x", f"k{number}", bytes(32))
    record_decision(log, entry, b"answer", request, (Message("t", b"\x00\xff"),))


def filled(log):
    for number in range(1, 30):
        write(log, number)
    with log.store.writing() as connection:
        row = {"user_id": "U1", "name": "ann", "role": "viewer", "password_hash": "ä", "password_at_us": 1}
        connection.execute(insert(users), row)
        take_in(connection, [NewEvent("E1", "a", None, 1, 2, {"amount": 3})], {})


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """Where to restore to, on each database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'restored' / 'store.sqlite3'}"
    server = request.getfixturevalue("postgres")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored")
        connection.execute("CREATE DATABASE restored")
    return make_url(server).set(database="restored").render_as_string(hide_password=False)


def test_every_row_comes_back_and_the_chain_goes_on(log, empty_url, tmp_path):
    filled(log)
    made = backup_store(log.store, log.anchor.path, tmp_path / "copy")
    assert made.rows["decisions"] == 29
    anchor = Anchor(tmp_path / "restored.anchor", AUDIT_KEY)
    assert restore_store(tmp_path / "copy", empty_url, anchor.path) == made
    with open_store(empty_url) as store:
        with store.reading() as there, log.store.reading() as here:
            assert content_hash(there) == content_hash(here) == made.sha256
        again = DecisionLog(store, anchor)
        assert verify_log(again).faults == ()
        write(again, 30)  # numbers go on after those that were restored
        with store.writing() as connection:
            assert take_in(connection, [NewEvent("E2", "a", None, 1, 2, {})], {}) == 0
        assert verify_log(again).records == 30


def test_a_backup_while_others_write_is_of_one_moment(log, tmp_path):
    over = threading.Event()

    def writing():
        number = 100
        while not over.is_set():
            write(log, number)
            number += 1

    writer = threading.Thread(target=writing)
    writer.start()
    try:
        for n in range(5):
            backup_store(log.store, log.anchor.path, tmp_path / f"copy{n}")
    finally:
        over.set()
        writer.join()
    for n in range(5):
        url, anchor = f"sqlite:///{tmp_path / f'r{n}.sqlite3'}", Anchor(tmp_path / f"r{n}.anchor", AUDIT_KEY)
        restore_store(tmp_path / f"copy{n}", url, anchor.path)
        with open_store(url) as store:
            faults = [fault.problem for fault in verify_log(DecisionLog(store, anchor)).faults]
            assert faults in ([], ["no anchor"]) or "anchor" in faults[0]
            rows = store.reading()
            with rows as connection:
                counts = [
                    connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
                    for name in ("decisions", "idempotency", "outbox")
                ]
            assert len(set(counts)) == 1


def test_a_changed_copy_is_refused_and_nothing_is_put_in_place(log, tmp_path):
    filled(log)
    backup_store(log.store, log.anchor.path, tmp_path / "copy")
    place = tmp_path / "new" / "store.sqlite3"
    manifest = tmp_path / "copy" / "manifest.json"
    said = json.loads(manifest.read_bytes())
    manifest.write_text(json.dumps(said | {"sha256": "0" * 64}))
    with pytest.raises(ArtefactRefused, match="not what was written"):
        restore_store(tmp_path / "copy", f"sqlite:///{place}", tmp_path / "new.anchor")
    assert not place.exists()
    manifest.unlink()
    with pytest.raises(NotReady, match=r"holds no finished backup: .* Name one that 'bank360 backup' made"):
        restore_store(tmp_path / "copy", f"sqlite:///{place}", tmp_path / "new.anchor")


def test_a_restore_replaces_nothing_and_a_backup_overwrites_nothing(log, store_url, tmp_path):
    filled(log)
    backup_store(log.store, log.anchor.path, tmp_path / "copy")
    with pytest.raises(NotReady, match="already"):
        restore_store(tmp_path / "copy", store_url, tmp_path / "other.anchor")
    with pytest.raises(NotReady, match="is not empty"):
        backup_store(log.store, log.anchor.path, tmp_path / "copy")
