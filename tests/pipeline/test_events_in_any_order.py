"""Events that arrive, in any order of all that may happen to them.

Arrivals, deliveries, drains (some killed half way), publishes and rollbacks, against a naive oracle: the set of
transactions that have arrived, or that the current version was published with.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.engine import make_url

from bank360.bank.calendar import to_datetime
from bank360.bank.errors import EventConflict
from bank360.features.one_history import partitions_in
from bank360.pipeline.arrivals import Taken
from bank360.pipeline.desk import packing
from bank360.storage.new_events import undrained
from bank360.storage.publications import roll_back, standing_publications
from tests.pipeline.micro_bank import MicroBank, event, process_ends

_RUNS = count()


class EventsMachine(RuleBasedStateMachine):
    """Any order of arrival, delivery, drain, publish and rollback; see the top of the file."""

    arrived = Bundle("arrived")
    address_of = staticmethod(lambda folder: f"sqlite:///{folder / 'store.sqlite3'}")

    def __init__(self):
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.bank = MicroBank(folder, self.address_of(folder))
        self.next, self.files, self.last = 0, 0, None
        self.taken, self.delivered, self.brought = {}, {}, {}
        self.amounts = {}  # as whoever told last said: of a transaction one amount stands
        self.versions = {self.bank.publish().number: set()}
        self.current = 1

    @rule(target=arrived, who=st.sampled_from("ab"), minutes=st.integers(0, 29 * 24 * 60))
    def arrive(self, who, minutes):
        self.next += 1
        one = event(self.next, who, at=to_datetime(self.bank.now) - timedelta(minutes=minutes))
        self.bank.take(one)
        self.taken[one.transaction_id] = who
        self.amounts[one.transaction_id] = one.amount
        self.last = one
        return one

    @rule(one=arrived)
    def arrive_again(self, one):
        if one.event_us >= self.bank.now - 29 * 86_400_000_000:
            assert self.bank.take(one).known == 1

    @rule(one=arrived, fresh=st.booleans())
    def deliver_by_file(self, one, fresh):
        """The bank's own file brings a transaction that has arrived, or one that arrives later or never."""
        if fresh:
            self.next += 1
            one = event(self.next, "a", at=to_datetime(self.bank.now) - timedelta(hours=1))
            self.brought[one.transaction_id] = one
            self.amounts[one.transaction_id] = one.amount
        self.files += 1
        self.bank.bring(one, f"file{self.files}")
        self.delivered[one.transaction_id] = one.account_id[-1]

    @initialize(order=st.permutations(range(11)))
    def one_of_each(self, order):
        """Each act once or twice, in any order: few examples alone would try few of the orders that matter."""
        acts = (
            lambda: self.arrive("a", 5), lambda: self.deliver_by_file(None, fresh=True),
            lambda: self.unpublished_from_files() and self.arrive_between_the_file_and_its_publish(other=True),
            lambda: self.drain(killed=False), self.publish,
            lambda: self.last and self.arrive_again(self.last), lambda: self.arrive("b", 50),
            lambda: self.drain(killed=True), self.publish, self.roll_back,
            lambda: self.known_from_files() and self.arrive_after_the_file(other=True),
        )  # fmt: skip
        for place in order:
            acts[place]()
            self.everything_counts_once()

    def known_from_files(self):
        return sorted((self.versions[self.current] & set(self.brought)) - set(self.taken))

    @precondition(lambda self: self.known_from_files())
    @rule(other=st.booleans())
    def arrive_after_the_file(self, other):
        one = self.brought[self.known_from_files()[-1]]
        if other:
            with pytest.raises(EventConflict):
                self.bank.take(replace(one, amount=one.amount - 1))
        else:
            assert self.bank.take(one) == Taken(0, 1)

    def unpublished_from_files(self):
        return sorted(set(self.brought) - self.versions[self.current] - set(self.taken))

    @precondition(lambda self: self.unpublished_from_files())
    @rule(other=st.booleans())
    def arrive_between_the_file_and_its_publish(self, other):
        """The version cannot know of the file yet; the event is taken in, and is a later version of the same row."""
        one = self.brought[self.unpublished_from_files()[-1]]
        self.bank.now += 60_000_000
        told = replace(one, amount=one.amount - 1) if other else one
        assert self.bank.take(told) == Taken(1, 0)
        self.taken[one.transaction_id] = one.account_id[-1]
        self.amounts[one.transaction_id] = told.amount

    @rule(killed=st.booleans())
    def drain(self, killed):
        if killed:
            with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
                patch.setattr("bank360.pipeline.drain_events.mark_drained", process_ends)
                if set(self.taken) - set(self.drained_ids()):
                    stack.enter_context(pytest.raises(KeyboardInterrupt))
                self.bank.drain()
        else:
            self.bank.drain()

    @rule()
    def publish(self):
        held = {
            row["transaction_id"]
            for row in self.bank.warehouse.query("SELECT transaction_id FROM transactions").to_pylist()
        }
        self.bank.now += 60_000_000
        self.current = self.bank.publish().number
        self.versions[self.current] = held

    @rule()
    def roll_back(self):
        with self.bank.store.reading() as connection:
            oldest = standing_publications(connection)[-1].number
        roll_back(self.bank.store, oldest)
        self.current = oldest

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes):
        self.bank.now += minutes * 60_000_000

    @invariant()
    def everything_counts_once(self):
        whose = self.delivered | self.taken
        for who, customer_id in (("a", "CA"), ("b", "CB")):
            expected = {one for one in self.versions[self.current] | set(self.taken) if whose[one] == who}
            history = self.bank.history(customer_id, self.bank.now + 1)
            part = partitions_in(history, packing())["transactions"]
            standing = len(part.records) - int((part.superseded < 2**62).sum())
            assert standing == len(expected), (who, expected)

    def drained_ids(self):
        with self.bank.store.reading() as connection:
            waiting = {one.event_id for one in undrained(connection, 10_000)}
        return set(self.taken) - waiting

    def teardown(self):
        self.bank.drain()
        standing = "SELECT transaction_id, amount FROM transactions WHERE superseded_time IS NULL"
        rows = [tuple(row.values()) for row in self.bank.warehouse.query(standing).to_pylist()]
        assert sorted(self.amounts) == sorted({*self.taken, *self.delivered})
        assert sorted(rows) == sorted(self.amounts.items())
        self.bank.close()
        self._folder.cleanup()


def _new_database(server, _folder):
    """Return the address of an empty database of one run of the machine."""
    name = f"events_{next(_RUNS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.mark.parametrize(("database", "examples"), [("sqlite", 4), ("postgresql", 3)])
def test_none_is_lost_and_none_doubled_in_any_order_of_publish_arrival_and_drain(request, database, examples):
    class OnDatabase(EventsMachine):
        address_of = staticmethod(
            EventsMachine.address_of
            if database == "sqlite"
            else partial(_new_database, request.getfixturevalue("postgres"))
        )

    run_state_machine_as_test(
        OnDatabase,
        settings=settings(max_examples=examples, stateful_step_count=4, deadline=None, derandomize=True,
                          phases=[Phase.generate],  # a shorter order would be found in minutes, each step publishing
                          suppress_health_check=list(HealthCheck)),
    )  # fmt: skip
