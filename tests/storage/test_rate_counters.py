"""Counters over the store, on both databases: no window of their length, wherever it begins, lets through more."""

import threading
from itertools import accumulate
from itertools import count as counting

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bank360.storage.rate_counters import Counted, Limit, count, drop_ended, uncount
from bank360.storage.store.engine import open_store
from bank360.storage.store.schema import rate_counters

SECOND = 1_000_000
MINUTE = Limit(10, 60)
_NAMES = counting()


def let_through(store, counter, times, limit=MINUTE):
    """Return those of the times at which once more was within the limit."""
    return [at for at in times if count(store, counter, limit, at).within]


def test_as_many_as_the_limit_at_once_and_again_when_the_first_leaves_the_window(store):
    assert let_through(store, "a", [5 * SECOND] * 25) == [5 * SECOND] * 10
    assert count(store, "a", MINUTE, 65 * SECOND - 1) == Counted(False, 65 * SECOND)
    assert let_through(store, "a", [65 * SECOND] * 25) == [65 * SECOND] * 10


def test_a_burst_over_the_end_of_a_minute_is_let_through_once(store):
    before, after = [59 * SECOND] * 10, [61 * SECOND] * 10
    assert let_through(store, "a", [0, *before, *after]) == [0, *before[:9], after[0]]  # the first has left by then


def test_who_goes_on_asking_is_let_in_as_soon_as_who_stopped(store):
    asked = [n * 4 * SECOND for n in range(20)]
    assert let_through(store, "a", asked) == asked[:10] + asked[15:]


@pytest.fixture(scope="module")
def one_store(tmp_path_factory):
    """A store on SQLite for many examples, each with a counter of its own."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('counters') / 'store.sqlite3'}") as opened:
        yield opened


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9 * SECOND) | st.just(0), min_size=1, max_size=60), st.integers(1, 4))
def test_no_window_lets_through_more_and_none_much_less(one_store, steps, times):
    limit = Limit(times, 20)
    asked = list(accumulate(steps))
    through = let_through(one_store, f"c{next(_NAMES)}", asked, limit)
    window, part = 20 * SECOND, 20 * SECOND // 30
    for at in through:
        assert sum(at <= one < at + window for one in through) <= times
    for at in set(asked) - set(through):  # refused: so many in the window, or a thirtieth of it before
        assert sum(at - window - part < one <= at for one in through) >= times


def test_counters_do_not_know_each_other(store):
    let_through(store, "a", [0] * 10)
    assert count(store, "b", MINUTE, 0).within


def test_a_clock_set_back_forgets_nothing_and_locks_out_for_hardly_longer(store):
    let_through(store, "a", [1_000 * SECOND] * 10)
    assert count(store, "a", MINUTE, 0) == Counted(False, 65 * SECOND)
    assert not count(store, "a", MINUTE, SECOND).within


def test_the_clocks_of_two_machines_may_differ_and_the_limit_stands(store):
    assert let_through(store, "a", [at for n in range(20) for at in (n * 1_000 + 900_000, n * 1_000)])[10:] == []


def test_a_count_taken_back_is_free_again_and_never_less_than_none(store):
    let_through(store, "a", [0] * 10)
    uncount(store, "a", MINUTE)
    assert let_through(store, "a", [0] * 3) == [0]
    for _ in range(12):
        uncount(store, "a", MINUTE)
    assert len(let_through(store, "a", [0] * 12)) == 10


def test_counters_whose_window_has_ended_are_dropped(store):
    count(store, "old", Limit(1, 10), 0)
    count(store, "new", Limit(1, 30), 0)
    drop_ended(store, 10 * SECOND)
    with store.reading() as connection:
        assert connection.execute(select(rate_counters.c.counter)).scalars().all() == ["new"]


def test_a_row_stays_small_however_often_it_is_counted(store):
    asked = [n * SECOND // 10 for n in range(1_200)]
    assert len(let_through(store, "a", asked, Limit(60_000, 60))) == 1_200
    with store.reading() as connection:
        assert len(connection.execute(select(rate_counters.c.hits)).scalar_one()) < 800


def test_many_at_once_over_several_connections_are_let_through_as_often_as_the_limit_says(store, store_url):
    through = []

    def ask(own):
        through.extend(let_through(own, "a", [0] * 25))

    with open_store(store_url) as other:
        threads = [threading.Thread(target=ask, args=(own,)) for own in (store, other, store, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert through == [0] * 10
