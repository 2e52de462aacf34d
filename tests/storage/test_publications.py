"""Versions: readers never see a mix, a kill leaves the version before, old ones go only when nobody reads them."""

import os
import random
import signal
import string
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bank360.bank.errors import NotFound, NotReady
from bank360.storage import version_schema as v
from bank360.storage.known import TOLD, Known, as_words
from bank360.storage.publications import (
    KEPT,
    Described,
    current_number,
    publish_version,
    roll_back,
    standing_publications,
)
from bank360.storage.published import Published, VersionMeta
from bank360.storage.store.engine import open_store
from bank360.storage.version_place import place_of
from bank360.storage.version_places import place_values

ROWS = 40


def meta(number):
    return VersionMeta(
        as_of=number, published_at=number, known_through=number, clock_starts=number, zone="UTC", currency="GBP",
        country="GB", customers=ROWS, models={"m": (str(number), "h")}, policy="p", policy_hash="h",
        standard_request=("LOAN", 1, 1), product_lines={}, layout_stamp="s", category_map="1", data_from={},
        known=Known(as_words(TOLD), frozenset()), sections={},
    )  # fmt: skip


def fill(new):
    """Fill a version in which every row says its number."""
    said = str(new.number)
    new.about("meta", meta(new.number).to_json())
    new.rows(v.keys, ({"source_key": f"k{n}", "customer_id": said} for n in range(ROWS)))
    new.rows(v.accounts, ({"account_id": f"a{n}", "customer_id": said, "line": said, "currency": "GBP"}
                          for n in range(ROWS)))  # fmt: skip
    return Described(new.number, ROWS)


def said(version):
    """Return all numbers that a version says anywhere."""
    with version.reading() as connection:
        keys = connection.execute(v.keys.select()).all()
        accounts = connection.execute(v.accounts.select()).all()
    assert (len(keys), len(accounts)) == (ROWS, ROWS)
    return {int(row.customer_id) for row in (*keys, *accounts)} | {version.meta.as_of, version.number}


@pytest.fixture
def place(store, tmp_path):
    return place_of(store.address, tmp_path / "published")


def test_merchants_and_numbers_are_published_however_long_their_source_made_them(store, place):
    """5,000 characters that do not shrink are more than an ordered index of PostgreSQL takes: a third of 8 kB."""
    draw = random.Random(1)
    letters = string.ascii_letters + string.digits + " /%'éß漢字"
    ids = ["".join(draw.choices(letters, k=length)) for length in (1, 128, 300, 5_000)]
    kinds = ("merchant", "terminal")  # which may have one id

    def write(new):
        new.rows(v.places, ({"entity": kind, "place_id": one, "features": f"[{len(one)}]"}
                            for kind in kinds for one in ids))  # fmt: skip
        new.rows(v.numbers, ({"number": one, "token": False, "customer_id": str(len(one))} for one in ids))
        return fill(new)

    publish_version(store, place, write, 1)
    with Published(store, place) as published, published.current() as version:
        for kind in kinds:
            assert [place_values(version, kind, one) for one in ids] == [f"[{len(one)}]" for one in ids]
        assert place_values(version, "merchant", ids[2][:-1]) is None
        with version.reading() as connection:
            found = connection.execute(v.numbers.select().where(v.numbers.c.number.in_(ids))).all()
    assert sorted(int(row.customer_id) for row in found) == [1, 128, 300, 5_000]


def test_a_reader_in_a_loop_during_twenty_publishes_never_sees_a_mix(store, place):
    publish_version(store, place, fill, 1)
    seen, failed, over = set(), [], threading.Event()

    def read(published):
        try:
            while not over.is_set():
                with published.current() as version:
                    first = said(version)
                    assert len(first) == 1
                    assert said(version) == first  # the same version for the whole block
                    seen.update(first)
        except BaseException as error:
            failed.append(error)
            raise

    with Published(store, place) as published:
        readers = [threading.Thread(target=read, args=(published,)) for _ in range(3)]
        for reader in readers:
            reader.start()
        for at in range(2, 22):
            publish_version(store, place, fill, at)
        with published.current() as version:
            assert said(version) == {21}
        over.set()
        for reader in readers:
            reader.join()
    assert failed == []
    assert len(seen) > 1


def test_nothing_is_published_before_the_first_publish(store, place):
    with Published(store, place) as published, pytest.raises(NotReady, match="Nothing is published yet"):
        published.current().__enter__()


def test_the_last_three_are_kept_and_can_be_rolled_back_to(store, place):
    for at in range(5):
        publish_version(store, place, fill, at)
    with store.reading() as connection:
        assert [one.number for one in standing_publications(connection)] == [5, 4, 3]
    with Published(store, place) as published:
        roll_back(store, 3)
        with published.current() as version:
            assert said(version) == {3}
        with pytest.raises(NotFound, match="Version 2 is not kept: there are 3, 4, 5"):
            roll_back(store, 2)
        assert publish_version(store, place, fill, 9).number == 6
        with published.current() as version:
            assert said(version) == {6}
    assert KEPT == 3


def test_what_somebody_reads_is_not_removed_and_goes_when_nobody_does(store, place):
    publish_version(store, place, fill, 0)
    with Published(store, place) as published:
        with published.current() as held:
            for at in range(1, 5):
                publish_version(store, place, fill, at)
            assert said(held) == {1}
            with store.reading() as connection:
                assert [one.number for one in standing_publications(connection)] == [5, 4, 3, 1]
        with published.current():  # lets go of what nobody reads any more
            publish_version(store, place, fill, 5)
    with store.reading() as connection:
        assert 1 not in [one.number for one in standing_publications(connection)]
    assert place.open(1) is None


@pytest.mark.parametrize("where", ["while it is filled", "before the pointer moves"])
def test_a_publish_that_fails_leaves_the_version_before_and_the_next_cleans_up(store, place, tmp_path, where):
    publish_version(store, place, fill, 0)

    def broken(new):
        fill(new)
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        if where == "before the pointer moves":
            patch.setattr("bank360.storage.publications.Publication", _killed)
        with pytest.raises(KeyboardInterrupt):
            publish_version(store, place, broken if where == "while it is filled" else fill, 1)
    with Published(store, place) as published, published.current() as version:
        assert said(version) == {1}
    assert publish_version(store, place, fill, 2).number == 2
    left = {path.name for path in (tmp_path / "published").glob("*sqlite3*")} if store.dialect == "sqlite" else set()
    assert left <= {"000001.sqlite3", "000002.sqlite3"}
    with Published(store, place) as published, published.current() as version:
        assert said(version) == {2}


def _killed(*_):
    raise KeyboardInterrupt


KILLED = """
import sys
from pathlib import Path
from bank360.storage.publications import publish_version
from bank360.storage.store.engine import open_store
from bank360.storage.version_place import place_of
from tests.storage.test_publications import fill
with open_store(sys.argv[1]) as store:
    def stall(new):
        fill(new)
        print("filled", flush=True)
        sys.stdin.read()
    publish_version(store, place_of(store.address, Path(sys.argv[2])), stall, 1)
"""


def test_a_publish_that_is_killed_locks_nobody_out_and_leaves_the_version_before(store_url, tmp_path):
    with open_store(store_url) as store:
        place = place_of(store.address, tmp_path / "published")
        publish_version(store, place, fill, 0)
    root = Path(__file__).parents[2]
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, store_url, str(tmp_path / "published")], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == b"filled\n"
    with open_store(store_url) as store:
        with Published(store, place) as published, published.current() as version:
            assert said(version) == {1}  # while the other publishes
        child.send_signal(signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            pipe.close()
        assert publish_version(store, place, fill, 2).number == 2
        with store.reading() as connection:
            assert current_number(connection) == 2
