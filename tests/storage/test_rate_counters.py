"""Counters over the store, on both databases: exact within a window, anew after it, whoever asks."""

import threading

from sqlalchemy import select

from bank360.storage.rate_counters import Counted, Limit, count, drop_ended, uncount
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import rate_counters

SECOND = 1_000_000
MINUTE = Limit(10, 60)


def test_each_count_is_one_more_until_the_window_ends(store):
    assert [count(store, "a", MINUTE, 5 * SECOND + n) for n in range(3)] == [
        Counted(1, 65 * SECOND), Counted(2, 65 * SECOND), Counted(3, 65 * SECOND),
    ]  # fmt: skip
    assert count(store, "a", MINUTE, 65 * SECOND - 1).used == 4
    assert count(store, "a", MINUTE, 65 * SECOND) == Counted(1, 125 * SECOND)


def test_counters_do_not_know_each_other(store):
    count(store, "a", MINUTE, 0)
    assert count(store, "b", MINUTE, 0).used == 1


def test_a_clock_set_back_begins_anew_and_never_locks_out_for_longer(store):
    count(store, "a", MINUTE, 1_000 * SECOND)
    assert count(store, "a", MINUTE, 0) == Counted(1, 60 * SECOND)


def test_a_count_taken_back_is_free_again_and_never_less_than_none(store):
    count(store, "a", MINUTE, 0)
    uncount(store, "a")
    uncount(store, "a")
    assert count(store, "a", MINUTE, 0).used == 1


def test_counters_whose_window_has_ended_are_dropped(store):
    count(store, "old", Limit(1, 10), 0)
    count(store, "new", Limit(1, 30), 0)
    drop_ended(store, 10 * SECOND)
    with store.reading() as connection:
        assert connection.execute(select(rate_counters.c.counter)).scalars().all() == ["new"]


def test_many_at_once_over_several_connections_are_each_counted_once(store, store_url):
    seen = []

    def ask(own):
        seen.extend(count(own, "a", MINUTE, 0).used for _ in range(25))

    with open_store(store_url) as other:
        threads = [threading.Thread(target=ask, args=(own,)) for own in (store, other, store, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(seen) == list(range(1, 101))
