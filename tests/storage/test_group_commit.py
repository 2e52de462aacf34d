"""Group commit: threads share transactions, each is recorded once, and one that fails takes no other with it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from bank360.bank.errors import NotFound, RequestReused, StoreFailed
from bank360.storage.chain import Entry
from bank360.storage.decision_log import Made, Request
from bank360.storage.decision_verify import verify_log
from bank360.storage.group_commit import GroupCommit
from bank360.storage.kept_policies import keep_policy, kept_policy
from bank360.storage.store.schema import decisions, subjects
from bank360.storage.subjects import name_subject


def made(number):
    return lambda _: Made(Entry.of(f"D{number}", "U1", "S1", "test", number, b"r"), b"%d" % number)


def test_threads_at_once_are_each_recorded_once_in_a_chain_that_holds(log):
    commits = GroupCommit(log)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: commits.record(made(n), Request("U1", "/x", f"k{n}", bytes(32))), range(60)))
    assert sorted(one.sequence for one in found) == list(range(1, 61))
    assert [one.response for one in found] == [b"%d" % n for n in range(60)]
    assert verify_log(log).faults == ()


def test_one_that_fails_is_told_so_and_the_others_of_its_group_are_recorded(log):
    commits = GroupCommit(log)
    commits.record(made(0), Request("U1", "/x", "used", bytes(32)))

    def one(n):
        def refuse(page):
            name_subject(page.connection, f"C{n}", f"S{n}")
            raise NotFound("nobody")

        if n % 3 == 1:
            return commits.record(refuse)
        if n % 3 == 2:
            return commits.record(made(1000 + n), Request("U1", "/x", "used", bytes([1]) * 32))
        return commits.record(made(1 + n))

    with ThreadPoolExecutor(12) as pool:
        waiting = [pool.submit(one, n) for n in range(30)]
    errors = [type(each.exception()) for each in waiting]
    assert errors == [(type(None), NotFound, RequestReused)[n % 3] for n in range(30)]
    with log.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(decisions)).scalar_one() == 11
        assert connection.execute(select(subjects)).all() == []  # what it had written is undone
    assert verify_log(log).faults == ()


def test_when_the_commit_fails_nobody_of_the_group_is_told_that_it_stands(log, monkeypatch):
    commits = GroupCommit(log)

    def failing(*_):
        raise StoreFailed("the disk is gone")

    monkeypatch.setattr(type(log.anchor), "move_to", failing)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(commits.record, made(n)) for n in range(8)]
    assert {type(each.exception()) for each in waiting} == {StoreFailed}


def test_a_policy_is_kept_once_by_its_hash(store):
    keep_policy(store, "h1", "loan", "1", "text", 1)
    keep_policy(store, "h1", "loan", "1", "text", 2)
    with store.reading() as connection:
        assert kept_policy(connection, "h1") == "text"
        with pytest.raises(NotFound, match="No policy with SHA-256 h2"):
            kept_policy(connection, "h2")
