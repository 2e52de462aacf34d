"""S-9: every bit flip of 20 full-size records, every delete, swap, insert, truncate and rewrite of 500, is found.

The changes are made to the rows as they come out of a store, anchored at their end. A change at one place leaves every
record before it as it was, and the check goes record by record; so it starts at the first one changed, which a sample
of whole readings is held to.
"""

import json
import random
import time
from statistics import median

import pytest

from bank360.storage.anchor import Anchor
from bank360.storage.chain import START, Entry, Link, sealing
from bank360.storage.decision_log import DecisionLog, appending
from bank360.storage.decision_verify import ChainCheck, _rows, verify_log
from bank360.storage.store.engine import open_store

pytestmark = pytest.mark.proof

KEY, RECORDS, FLIPPED = b"the key of a proof, thirty-two bytes or more", 500, 20
VERIFIED_PER_SECOND, TIMED, READINGS = 100_000, 200_000, 5
COLUMNS = 9


def record(rng, features):
    """Return bytes like those of a real record: a name and a double with all its digits per feature."""
    return json.dumps({f"feature_number_{n}": rng.gauss(0, 1e3) for n in range(features)}).encode()


def filled(folder, records, features, seed=1):
    rng = random.Random(seed)
    store = open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    log = DecisionLog(store, Anchor(folder / "anchor", KEY))
    with appending(log) as page:
        for n in range(records):
            page.append(Entry.of(f"D{n:08d}", "U" * 32, "S" * 32, "loan", 10**15 + n, record(rng, features)))
    return log


def rows_of(log):
    with log.store.reading() as connection:
        return list(_rows(connection))


def link(rows, place):
    return START if place == 0 else Link(rows[place - 1][0], rows[place - 1][8])


def found(rows, changed, first):
    """Tell whether rows of which those before ``first`` are as they were are told from the log as anchored."""
    anchored = link(rows, len(rows))
    check = ChainCheck(KEY, after=link(rows, first), anchored=anchored)
    return next(check.faults(changed[first:]), None) is not None or check.end != anchored


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    log = filled(tmp_path_factory.mktemp("log"), RECORDS, features=12)
    assert verify_log(log).faults == ()
    found = rows_of(log)
    log.store.close()
    return found


def flips(value):
    """Yield a stored value with each of its bits flipped."""
    if isinstance(value, int):
        for bit in range(63):
            yield value ^ (1 << bit)
    else:
        for place in range(len(value)):
            for bit in range(8):
                yield value[:place] + bytes([value[place] ^ (1 << bit)]) + value[place + 1 :]


def test_every_bit_of_twenty_full_size_records(tmp_path):
    log = filled(tmp_path, FLIPPED, features=114)
    rows = rows_of(log)
    log.store.close()
    assert min(len(row[6]) for row in rows) > 4_000
    tried = 0
    for place, row in enumerate(rows):
        for column in range(COLUMNS):
            for value in flips(row[column]):
                changed = [*rows[:place], (*row[:column], value, *row[column + 1 :]), *rows[place + 1 :]]
                tried += 1
                assert found(rows, changed, place), (place, column)
    assert tried > FLIPPED * 4_000 * 8


def test_every_delete_and_truncate(rows):
    for place in range(RECORDS):
        assert found(rows, rows[:place] + rows[place + 1 :], place)
        assert found(rows, rows[:place], place)


def renumbered(rows):
    return [(place, *row[1:]) for place, row in enumerate(rows, start=1)]


def test_every_delete_with_the_rest_numbered_anew(rows):
    for place in range(RECORDS - 1):
        assert found(rows, renumbered(rows[:place] + rows[place + 1 :]), place)


def test_every_swap(rows):
    for one in range(RECORDS):
        for other in range(one + 1, RECORDS):
            changed = [*rows[:other], rows[one], *rows[other + 1 :]]
            changed[one] = rows[other]
            assert found(rows, changed, one)
            for place in (one, other):
                changed[place] = (place + 1, *changed[place][1:])
            assert found(rows, changed, one)


def test_every_insert_of_a_copy(rows):
    rng = random.Random(2)
    for place in range(RECORDS + 1):
        for copied in rng.sample(range(RECORDS), 20):
            changed = [*rows[:place], rows[copied], *rows[place:]]
            assert found(rows, changed, place)
            assert found(rows, renumbered(changed), place)


def test_every_rewrite_by_somebody_without_the_key(rows):
    seal = sealing(b"not the key, though as long as the key")
    for place, row in enumerate(rows):
        before = link(rows, place)
        other = Entry(row[1], row[2], row[3], row[4], row[5], b'{"outcome":"approve"}')
        for mac in (row[8], seal(before, other), bytes(32)):
            changed = [*rows[:place], (*row[:6], other.record, row[7], mac), *rows[place + 1 :]]
            assert found(rows, changed, place)


def test_checks_from_the_first_changed_record_agree_with_whole_readings(rows):
    rng = random.Random(3)
    for _ in range(100):
        one, other = sorted(rng.sample(range(RECORDS), 2))
        changed = [*rows[:other], rows[one], *rows[other + 1 :]]
        changed[one] = rows[other]
        assert found(rows, changed, 0) == found(rows, changed, one) is True
    assert not found(rows, rows, 0)


def test_a_hundred_thousand_records_a_second(tmp_path):
    log = filled(tmp_path, TIMED, features=12)
    seconds = []
    for _ in range(READINGS):
        began = time.process_time()
        verdict = verify_log(log)
        seconds.append(time.process_time() - began)
        assert (verdict.records, verdict.faults) == (TIMED, ())
    log.store.close()
    # Code at the limit passes half the time, as with one reading; code clear of it is not failed by one slow second.
    assert TIMED / median(seconds) >= VERIFIED_PER_SECOND, [round(TIMED / one) for one in seconds]
