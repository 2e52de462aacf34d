"""What a chain of reversals was for, as known when, against a walk back at every instant."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.storage.ledger import prepare
from bank360.storage.reversals import reversals
from bank360.storage.warehouse import open_warehouse
from tests.storage.test_events import fill, transaction

FIRST = datetime.fromisoformat("2024-01-01T00:00:00")
INSTANTS = range(7)
NAMES = range(5)


@st.composite
def chains(draw):
    """Return versions of transactions by number: known from, until (None: stands), category, what it reverses.

    None reverses a later number, so that nothing goes in a circle; -1 is one that nobody delivered.
    """
    bank = {}
    for number in NAMES:
        known = sorted(draw(st.sets(st.sampled_from(INSTANTS[1:]), min_size=1, max_size=3)))
        bank[number] = [
            (start, end, draw(st.sampled_from(("rent", "fuel"))), draw(st.sampled_from((None, -1, *range(number)))))
            for start, end in pairwise([*known, None])
        ]
    return bank


def naive(bank, number, now):
    """Return category and whether it gives back as known at an instant; nothing is known of it: None and False."""
    for start, end, category, reverses in bank.get(number, ()):
        if start <= now and (end is None or now < end):
            if reverses is None:
                return category, False
            before, gave_back = naive(bank, reverses, now)
            return before or category, not gave_back
    return None, False


@pytest.fixture(scope="module")
def warehouse():
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as opened:
        prepare(opened)
        yield opened


def at(instant):
    return None if instant is None else FIRST + timedelta(days=instant)


@settings(max_examples=60, deadline=None)
@given(chains())
def test_it_is_what_a_walk_back_says_at_every_instant(warehouse, bank):
    warehouse.execute("DELETE FROM transactions")
    rows = [
        transaction(number, known_time=at(start), superseded_time=at(end), category=category,
                    reverses_id=None if reverses is None else f"T{reverses}")
        for number, versions in bank.items()
        for start, end, category, reverses in versions
    ]  # fmt: skip
    fill(warehouse, "transactions", *rows)
    asked = {number for number, versions in bank.items() if any(reverses is not None for *_, reverses in versions)}
    spans = reversals(warehouse, "SELECT transaction_id FROM transactions WHERE reverses_id IS NOT NULL").to_pylist()
    assert {span["transaction_id"] for span in spans} == {f"T{number}" for number in asked}
    for number in asked:
        own = [span for span in spans if span["transaction_id"] == f"T{number}"]
        for instant in INSTANTS:
            stand = [
                (span["category"], span["gives_back"])
                for span in own
                if span["known_from"] <= at(instant) and (span["known_to"] is None or at(instant) < span["known_to"])
            ]
            assert stand == [naive(bank, number, instant)]


def test_a_chain_of_thousands_of_links_is_followed_link_by_link(warehouse):
    """Rounds over all that wait, a link a round, took 13 seconds for 2,000 of them."""
    n = 5_000
    warehouse.execute("DELETE FROM transactions")
    links = [transaction(k, category="unknown", reverses_id=f"T{k - 1}") for k in range(1, n)]
    fill(warehouse, "transactions", transaction(0, category="rent"), *links)
    stand = [span for span in reversals(warehouse).to_pylist() if span["known_to"] is None]
    assert {span["category"] for span in stand} == {"rent"}
    assert {span["transaction_id"]: span["gives_back"] for span in stand} == {
        f"T{k}": k % 2 == 1 for k in range(1, n - 1)
    }
