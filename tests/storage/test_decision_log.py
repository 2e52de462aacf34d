"""Appending to the log on both databases: one transaction, one answer per key, nothing cut off unnoticed."""

import hashlib
import multiprocessing
import sqlite3

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from bank360.bank.errors import ChainBroken, RequestReused
from bank360.storage.anchor import Anchor
from bank360.storage.chain import Entry, Link
from bank360.storage.decision_log import DecisionLog, Message, Request, appending, record_decision
from bank360.storage.decision_verify import verify_log
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import decision_head, decisions, idempotency, outbox

PROCESSES, EACH = 4, 25


def entry(number, **changed):
    values = {"decision_id": f"D{number}", "principal": "P", "subject": "S", "kind": "loan", "at_us": number}
    return Entry.of(**values | {"record": b"{}"} | changed)


def request(key="K", payload=b"one"):
    return Request("P", "/v1/decisions", key, hashlib.sha256(payload).digest())


def count(log, table):
    with log.store.reading() as connection:
        return len(connection.execute(select(table)).all())


def problems(log):
    return [(fault.sequence, fault.problem) for fault in verify_log(log).faults]


def test_records_follow_each_other_and_verify(log):
    for number in range(1, 6):
        assert record_decision(log, entry(number), b"yes").sequence == number
    verdict = verify_log(log)
    assert (verdict.records, verdict.end.sequence, verdict.faults) == (5, 5, ())
    assert log.anchor.read() == verdict.end


def test_an_empty_log_verifies(log):
    assert verify_log(log).faults == ()


def test_decision_key_and_messages_stand_together_or_not_at_all(log):
    messages = (Message("crm", b"a"), Message("crm", b"b"))
    record_decision(log, entry(1), b"yes", request(), messages)
    assert [count(log, table) for table in (decisions, idempotency, outbox)] == [1, 1, 2]
    with pytest.raises(DBAPIError):  # the same decision_id again, under another key
        record_decision(log, entry(1), b"yes", request("other"), messages)
    assert [count(log, table) for table in (decisions, idempotency, outbox)] == [1, 1, 2]
    assert problems(log) == []


def test_a_retry_gets_the_first_answer_and_writes_nothing(log):
    first = record_decision(log, entry(1), b"first", request(), (Message("crm", b"a"),))
    again = record_decision(log, entry(2), b"second", request(), (Message("crm", b"a"),))
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.sequence, again.response) == (1, b"first")
    assert [count(log, table) for table in (decisions, idempotency, outbox)] == [1, 1, 1]


def test_a_key_used_for_another_request_is_refused_and_another_scope_is_free(log):
    record_decision(log, entry(1), b"first", request())
    with pytest.raises(RequestReused):
        record_decision(log, entry(2), b"second", request(payload=b"two"))
    assert record_decision(log, entry(2), b"second", request("K2")).sequence == 2


def test_what_raises_inside_leaves_no_record_and_no_gap(log):
    with pytest.raises(KeyError), appending(log) as page:  # noqa: PT012 - the block is what is tested
        page.append(entry(1))
        raise KeyError
    assert record_decision(log, entry(1), b"").sequence == 1
    assert problems(log) == []


@pytest.mark.parametrize("missing", ["decision_id", "principal", "subject", "kind"])
def test_a_record_without_a_principal_is_no_record(missing):
    with pytest.raises(ValueError, match=missing):
        entry(1, **{missing: ""})


@pytest.mark.parametrize("statement", [update(decisions).values(kind="x"), delete(decisions)])
def test_the_database_refuses_to_change_or_delete_a_record(log, statement):
    record_decision(log, entry(1), b"")
    with pytest.raises(DBAPIError, match="append-only"), log.store.writing() as connection:
        connection.execute(statement)
    assert problems(log) == []


def test_the_database_refuses_to_replace_or_empty(log):
    record_decision(log, entry(1), b"")
    replace = {
        "sqlite": "INSERT OR REPLACE INTO decisions SELECT * FROM decisions",
        "postgresql": "TRUNCATE decisions CASCADE",
    }
    with pytest.raises(DBAPIError, match="append-only"), log.store.writing() as connection:
        connection.execute(text(replace[log.store.dialect]))


def tamper(log, *statements):
    """Change the store as somebody who may drop its triggers can."""
    drop = {
        "sqlite": ["DROP TRIGGER decisions_refuse_update", "DROP TRIGGER decisions_refuse_delete"],
        "postgresql": ["DROP TRIGGER decisions_refuse_change ON decisions"],
    }
    with log.store.writing() as connection:
        for statement in (*map(text, drop[log.store.dialect]), *statements):
            connection.execute(statement)


@pytest.mark.parametrize(
    "column", ["decision_id", "principal", "subject", "kind", "at_us", "record", "mac", "prev_mac"]
)
def test_a_changed_column_is_found(log, column):
    for number in range(1, 4):
        record_decision(log, entry(number), b"")
    value = 9 if column == "at_us" else bytes(32) if "mac" in column else b"{ }" if column == "record" else "x"
    tamper(log, update(decisions).where(decisions.c.sequence == 2).values({column: value}))
    assert problems(log)[0][0] in (2, 3)


def test_a_deleted_record_is_found(log):
    for number in range(1, 4):
        record_decision(log, entry(number), b"")
    tamper(log, delete(decisions).where(decisions.c.sequence == 2))
    assert problems(log)[0] == (3, "comes where record 2 is missing")


def test_an_end_cut_off_with_its_head_is_found_and_nothing_is_added_to_the_rest(log):
    macs = []
    for number in range(1, 4):
        record_decision(log, entry(number), b"")
        macs.append(log.anchor.read().mac)
    tamper(
        log,
        delete(decisions).where(decisions.c.sequence == 3),
        update(decision_head).values(sequence=2, mac=macs[1]),
    )
    assert problems(log) == [(2, "is the last record, 3 were anchored: the end is missing")]
    with pytest.raises(ChainBroken, match=r"ends at record 2, the anchor .* at 3"):
        record_decision(log, entry(4), b"")


def test_without_its_anchor_the_log_takes_nothing(log):
    record_decision(log, entry(1), b"")
    log.anchor.path.unlink()
    assert "no anchor" in problems(log)[0][1]
    with pytest.raises(ChainBroken, match="no anchor"):
        record_decision(log, entry(2), b"")


def test_another_key_finds_fault_with_everything(log):
    record_decision(log, entry(1), b"")
    other = DecisionLog(log.store, Anchor(log.anchor.path, b"another key of at least thirty-two bytes"))
    assert {fault.sequence for fault in verify_log(other).faults} == {0, 1}


def test_a_store_ahead_of_its_anchor_is_as_a_killed_process_leaves_it(log):
    record_decision(log, entry(1), b"")
    first = log.anchor.read()
    record_decision(log, entry(2), b"")
    log.anchor.set_to(first)  # killed after the commit, before the anchor moved
    assert problems(log) == []
    assert record_decision(log, entry(3), b"").sequence == 3
    assert log.anchor.read().sequence == 3


def test_the_anchor_survives_a_torn_write_and_never_goes_back(tmp_path):
    anchor = Anchor(tmp_path / "anchor", bytes(32))
    links = [Link(number, bytes([number]) * 32) for number in range(4)]
    for link in links:
        anchor.move_to(link)
    anchor.move_to(links[1])
    assert anchor.read() == links[3]
    data = anchor.path.read_bytes()
    found = set()
    for place in range(len(data)):
        anchor.path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        torn = anchor.read()
        assert torn is not None
        found.add(torn.sequence)
    assert found == {2, 3}
    anchor.path.write_bytes(bytes(len(data)))
    with pytest.raises(ChainBroken, match="no line signed"):
        anchor.read()


def append_many(url, path, key, process):
    with open_store(url) as store:
        log = DecisionLog(store, Anchor(path, key))
        for number in range(EACH):
            record_decision(log, entry(f"{process}-{number}", at_us=number), b"", request(f"{process}-{number}"))
            record_decision(log, entry(f"{process}-{number}-again", at_us=number), b"", request(f"{process}-{number}"))


def test_processes_that_append_at_once_lose_and_double_nothing(log, store_url):
    context = multiprocessing.get_context("spawn")
    arguments = (store_url, log.anchor.path, log.key)
    processes = [context.Process(target=append_many, args=(*arguments, number)) for number in range(PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0] * PROCESSES
    verdict = verify_log(log)
    assert (verdict.records, verdict.end.sequence, verdict.faults) == (PROCESSES * EACH, PROCESSES * EACH, ())
    assert log.anchor.read() == verdict.end
    with log.store.reading() as connection:
        ids = {row.decision_id for row in connection.execute(select(decisions.c.decision_id))}
    assert ids == {f"D{process}-{number}" for process in range(PROCESSES) for number in range(EACH)}


def test_text_that_is_not_utf8_and_a_column_of_another_type_are_faults_and_not_the_end(tmp_path):
    path = tmp_path / "store.sqlite3"
    with open_store(f"sqlite:///{path}") as store:
        log = DecisionLog(store, Anchor(tmp_path / "anchor", bytes(32)))
        for number in range(1, 5):
            record_decision(log, entry(number), b"")
        tamper(log)
        with sqlite3.connect(path) as raw:
            raw.execute("UPDATE decisions SET principal = CAST(x'ff' AS TEXT) WHERE sequence = 2")
            raw.execute("UPDATE decisions SET at_us = 'soon' WHERE sequence = 3")
        raw.close()
        assert [fault.sequence for fault in verify_log(log).faults] == [2, 3, 4]
