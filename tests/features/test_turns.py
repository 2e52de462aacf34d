"""Parts by a few threads: every result, in order, by no more threads than asked for, the reader's among them."""

import threading
import time
from collections.abc import Generator

import numpy as np
import pytest

from bank360.features.turns import in_turn


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("parts", [0, 1, 4, 60])
def test_results_come_in_the_order_of_the_parts_whatever_each_costs(threads, parts):
    costs = np.random.default_rng(parts).random(parts) / 500

    def work(part, room):
        time.sleep(costs[part])
        return part, room

    done = list(in_turn(work, range(parts), threads))
    assert [part for part, _ in done] == list(range(parts))
    assert len({id(room) for _, room in done}) <= threads


def test_the_reader_works_while_the_next_result_is_not_there():
    """Nobody else gets on until the reader has begun a part."""
    reader, helped = threading.get_ident(), threading.Event()

    def work(part, room):
        if threading.get_ident() == reader:
            helped.set()
        assert helped.wait(60), "the reader only waits"
        return part

    assert list(in_turn(work, range(5), 2)) == [0, 1, 2, 3, 4]


def test_no_more_than_two_parts_a_thread_are_ahead_of_the_reader():
    taken = []

    def parts():
        for part in range(40):
            taken.append(part)
            yield part

    for at, done in enumerate(in_turn(lambda part, room: part, parts(), 3)):
        assert done == at
        assert len(taken) <= at + 1 + 2 * 3


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("wrong", [0, 1, 7])
def test_what_a_part_raises_is_raised_after_the_results_before_it(threads, wrong):
    def work(part, room):
        if part >= wrong:
            raise ValueError(f"part {part}")
        return part

    done = []
    with pytest.raises(ValueError, match=f"part {wrong}"):
        done.extend(in_turn(work, range(9), threads))
    assert done == list(range(wrong))


def test_of_two_errors_the_first_part_s_is_raised_whichever_came_first():
    """The reader's comes while the other thread is still at the part before it."""
    reader, failed = threading.get_ident(), threading.Event()

    def work(part, room):
        if threading.get_ident() == reader:
            failed.set()
        assert failed.wait(60), "the reader only waits"
        raise ValueError(f"part {part}")

    with pytest.raises(ValueError, match="part 0"):
        list(in_turn(work, range(9), 2))


def test_who_reads_no_further_does_not_wait_for_parts_that_nobody_has_begun():
    reader, first, closing, begun = threading.get_ident(), threading.Event(), threading.Event(), []

    def work(part, room):
        begun.append(part)
        if part == 0:
            first.set()
        elif threading.get_ident() == reader:
            assert first.wait(60)
            time.sleep(0.05)  # until the other thread has handed it over
        else:
            assert closing.wait(60)

    turns = in_turn(work, range(1000), 2)
    assert isinstance(turns, Generator)
    next(turns)
    threading.Timer(0.2, closing.set).start()
    turns.close()
    assert len(begun) < 1 + 2 * 2, "all that were ahead have been done"
