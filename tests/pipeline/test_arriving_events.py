"""Events that arrive now: refused or taken in once, in features at the next request, drained into the warehouse.

The machine at the end runs arrivals, deliveries, drains (some killed half way), publishes and rollbacks in any order
against a naive oracle: the set of transactions that have arrived, or that the current version was published with.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import psycopg
import pyarrow as pa
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

from bank360.bank.calendar import instant, to_datetime
from bank360.bank.errors import EventConflict, EventRefused
from bank360.bank.table import PROVENANCE
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.compute import compute
from bank360.features.families import ALL_FEATURES
from bank360.features.one_customer import describing_one
from bank360.features.place_tables import TABLE_OF
from bank360.features.spine import Spine
from bank360.pipeline.arrivals import Taken
from bank360.pipeline.arrived import history_now
from bank360.pipeline.build import packed_histories
from bank360.pipeline.desk import packing
from bank360.pipeline.drain_events import canonical_rows, drain_events
from bank360.pipeline.ingest import ingest
from bank360.pipeline.publish import OwnBank, ToPublish, publish
from bank360.pipeline.requests import StandardRequest
from bank360.pipeline.take_events import ArrivedEvent, take_events
from bank360.sources.arrived_events import ARRIVED_EVENTS, NAME
from bank360.storage.delivered import store_known_from
from bank360.storage.deliveries import begin, write_rows
from bank360.storage.ledger import prepare
from bank360.storage.new_events import NewEvent, arrived_ids, events_of, undrained
from bank360.storage.place_features import store_place_features
from bank360.storage.policy_files import policy_text
from bank360.storage.possible_pairs import write_possible_pairs
from bank360.storage.publications import roll_back, standing_publications
from bank360.storage.published import Published
from bank360.storage.registry import Registry
from bank360.storage.store.engine import open_store
from bank360.storage.version_place import place_of
from bank360.storage.warehouse import open_warehouse

_RUNS = count()
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
EARLY = datetime(2020, 1, 1)  # noqa: DTZ001  # stored without a zone, in UTC
_EMPTY = {"string": "-", "int64": 0, "float64": 0.0, "bool": False, "date": date(2020, 1, 1), "timestamp": EARLY}
SETTINGS = {"kind": NAME, "mapping": {}, "zone": "Europe/London", "currency": "GBP"}
NUMERIC = tuple(ALL_FEATURES)


def fill(warehouse, table, *rows):
    columns = (*TABLE_BY_NAME[table].columns, *PROVENANCE)
    arrays = {
        c.name: pa.array([row.get(c.name, None if c.nullable else _EMPTY[c.type]) for row in rows], c.arrow_type)
        for c in columns
    }
    warehouse.append(table, pa.table(arrays))


class MicroBank:
    """Ann and Bob, a current account each; its warehouse, store, landing zone and versions in one folder."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.now = instant(NOON)
        with ExitStack() as stack:
            self.warehouse = stack.enter_context(open_warehouse(folder / "w.duckdb", 1, "500MB"))
            self.store = stack.enter_context(open_store(address))
            self.place = place_of(self.store.address, folder / "published")
            self.published = stack.enter_context(Published(self.store, self.place))
            self.close = stack.pop_all().close
        w = self.warehouse
        prepare(w)
        fill(w, "products", {"product_id": "CUR", "line": "current_account", "family": "deposits"})
        people = (("a", "CA"), ("b", "CB"))
        fill(w, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in people))
        fill(w, "customers", *({"customer_id": k, "type": "person"} for k, _ in people))
        fill(w, "accounts", *({"account_id": f"acc-{k}", "product_id": "CUR", "currency": "GBP"} for k, _ in people))
        fill(w, "account_parties", *({"account_id": f"acc-{k}", "customer_id": k, "role": "owner"} for k, _ in people))
        for entity, table in TABLE_OF.items():
            store_place_features(w, entity, table.arrow_schema.empty_table())
        store_known_from(w, {})
        write_possible_pairs(w, ())
        w.execute("CREATE TABLE customer_index AS SELECT 'CA' AS customer_id, CAST(0 AS INTEGER) AS customer"
                  " UNION ALL SELECT 'CB', 1")  # fmt: skip

    def histories(self):
        return packed_histories(self.warehouse, "Europe/London", "GBP", "GB", threads=1)

    def publish(self):
        at = to_datetime(self.now).replace(tzinfo=None)
        scores = {"customer_id": ["CA", "CB"], "model": ["m"] * 2, "as_of": pa.array([at] * 2, pa.timestamp("us")),
                  "probability": [0.1, 0.2], "tier": ["low", "high"], "thin_file": [False] * 2}  # fmt: skip
        self.warehouse.replace_table("scores", pa.table(scores))
        matrix = {"customer_id": pa.array(["CA", "CB"]), "as_of": pa.array([at] * 2, pa.timestamp("us"))}
        nothing = {f.name: pa.array([None, None], pa.float64()) for f in NUMERIC}
        self.warehouse.replace_table("customer_features", pa.table(matrix | nothing))
        wanted = ToPublish(
            self.warehouse, self.histories(), Registry(self.folder / "registry"), policy_text(None),
            StandardRequest("CUR", 1, 1), OwnBank("Europe/London", "GBP", "GB"), self.now, self.now,
        )  # fmt: skip
        return publish(self.store, self.place, wanted)

    def take(self, *events):
        with self.published.current() as version:
            return take_events(self.store, version, events, self.now)

    def drain(self):
        where = (self.folder / "landing", self.folder / "arrived")
        return drain_events(self.store, self.warehouse, *where, to_datetime(self.now), SETTINGS)

    def bring(self, one, name):
        """Ingest a file of the bank's own that has a transaction."""
        folder = self.folder / name
        begin(folder)
        fields = {"booked_on": str(to_datetime(one.event_us).date())} | {
            name: getattr(one, name) for name in NewEventFields if hasattr(one, name)
        }
        row = NewEvent(one.transaction_id, one.account_id, one.actor_customer_id, one.event_us, self.now, fields)
        write_rows(folder / "transactions" / "transactions-0.parquet", canonical_rows([row]))
        ingest(ARRIVED_EVENTS, folder, self.folder / "landing", self.warehouse, to_datetime(self.now))

    def history(self, customer_id, at):
        with self.published.current() as version:
            inputs = version.decision_inputs(customer_id)
            assert inputs is not None
            with self.store.reading() as connection:
                arrived = events_of(connection, inputs.facts["keys"], inputs.facts["accounts"], at)
            return history_now(version, packing(), customer_id, inputs.history, arrived)

    def features(self, customer_id, at):
        described = describing_one(NUMERIC, packing(), "Europe/London", {})
        return described(self.history(customer_id, at), at, {})


@pytest.fixture
def bank(tmp_path):
    made = MicroBank(tmp_path, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield made
    made.close()


def event(number=1, who="a", at=NOON - timedelta(minutes=5), amount=-1_000, **more):
    said = {"channel": "pos", "scheme": "card", "category": "groceries", "country": "GB", "merchant_id": "M1"} | more
    return ArrivedEvent(f"E{number}", f"acc-{who}", instant(at), amount, "GBP", **said)


def test_an_event_counts_in_rolling_features_at_the_next_request_and_in_calendar_ones_from_the_next_day(bank):
    bank.publish()
    before = bank.features("CA", bank.now)
    assert bank.take(event()) == Taken(1, 0)
    soon = bank.features("CA", bank.now + 1)
    next_day = bank.features("CA", bank.now + 86_400_000_000)
    assert (before["payments_1h"], soon["payments_1h"], next_day["payments_1h"]) == (0, 1, 0)
    assert (before["transactions_90d"], soon["transactions_90d"], next_day["transactions_90d"]) == (0, 0, 1)
    assert bank.features("CB", bank.now + 1)["payments_1h"] == 0


def test_it_is_seen_only_after_it_arrived(bank):
    bank.publish()
    bank.take(event())
    assert bank.features("CA", bank.now)["payments_1h"] == 0  # known at the very instant: not yet known


def test_online_features_are_those_of_the_warehouse_once_drained(bank):
    """Salaries, a reversal, abroad, another actor and a late event: every feature, at four moments, to the last bit."""
    bank.publish()
    pay = [
        event(n, at=NOON - timedelta(days=7 * k, hours=3), amount=50_000, category="salary", scheme="transfer",
              channel="online", counterparty_token="boss", merchant_id=None)
        for n, k in ((1, 0), (2, 1), (3, 2))
    ]  # fmt: skip
    more = [
        event(4, at=NOON - timedelta(days=3), amount=-2_000, category="gambling"),
        event(5, amount=2_000, reverses_id="E4", category="unknown"),
        event(6, amount=-900, country="FR", channel="online"),
        event(7, who="b", actor_customer_id="a", amount=-100, category="cash", channel="atm", scheme="cash"),
        event(8, who="b", at=NOON - timedelta(days=20), amount=-77),
    ]
    bank.take(*pay, *more)
    moments = [bank.now + 1, bank.now + 86_400_000_000, bank.now + 9 * 86_400_000_000, bank.now + 40 * 86_400_000_000]
    online = {(c, at): bank.features(c, at) for c in ("CA", "CB") for at in moments}
    assert online["CA", moments[1]]["salary_90d"] == 150_000
    assert bank.drain().events == 8
    histories = replace(bank.histories(), known_from=None)  # as if every kind of row had been delivered
    for place, customer_id in enumerate(("CA", "CB")):
        ids, places = np.arange(4), np.full(4, place, dtype=np.int32)
        matrix = compute(histories, Spine(ids, places, np.array(moments)), NUMERIC)
        for row, at in enumerate(moments):
            expected = dict(zip(matrix.names, matrix.values[row].tolist(), strict=True))
            np.testing.assert_equal(online[customer_id, at], expected)
    bank.publish()
    for (customer_id, at), expected in online.items():
        np.testing.assert_equal(bank.features(customer_id, at), expected)


def test_the_same_event_again_changes_nothing_and_another_under_its_id_is_refused(bank):
    bank.publish()
    assert bank.take(event(), event()) == Taken(1, 1)
    bank.now += 1_000_000
    assert bank.take(event()) == Taken(0, 1)
    with pytest.raises(EventConflict, match="arrived before with other content"):
        bank.take(event(2), event(amount=-1_001))
    with bank.store.reading() as connection:
        assert [one.event_id for one in undrained(connection, 9)] == ["E1"]  # E2 came with it, and neither was taken


def test_what_a_file_brought_and_was_published_is_known_and_another_under_its_id_is_refused(bank):
    """Each part of it counts; neither call adds or supersedes a row of the file's."""
    one = event(1, who="b", actor_customer_id="a", original_amount=-1_100, original_currency="EUR", balance_after=3)
    bank.bring(one, "file")
    bank.publish()
    assert bank.take(one, one) == Taken(0, 2)
    others = [
        {"account_id": "acc-a"}, {"actor_customer_id": None}, {"actor_customer_id": "b"},
        {"event_us": one.event_us - 1}, {"amount": -1_001}, {"channel": "online"}, {"scheme": "transfer"},
        {"category": "gambling"}, {"country": "FR"}, {"merchant_id": None}, {"merchant_id": "M2"},
        {"original_amount": -1_101}, {"original_currency": "USD"},
        {"balance_after": None}, {"reverses_id": "E0"}, {"card_token": ""}, {"terminal_id": "T"}, {"mandate_id": "D"},
        {"counterparty_token": "P"},
    ]  # fmt: skip
    for other in others:
        with pytest.raises(EventConflict, match="The bank has this id with other content"):
            bank.take(event(2), replace(one, **other))
    assert bank.drain().events == 0
    rows = bank.warehouse.query("SELECT transaction_id, superseded_time FROM transactions").to_pylist()
    assert rows == [{"transaction_id": "E1", "superseded_time": None}]


@pytest.mark.parametrize("amount", [-1_000, -1_500])
def test_an_event_between_a_file_and_its_publish_is_a_later_version_of_the_files_row_and_counts_once(bank, amount):
    """The version cannot know of the file: what the event says counts at once, and stands after the drain."""
    bank.publish()
    bank.bring(event(1), "file")
    bank.now += 1_000_000
    assert bank.take(replace(event(1), amount=amount)) == Taken(1, 0)
    assert bank.drain().events == 1
    rows = bank.warehouse.query("SELECT amount, superseded_time FROM transactions ORDER BY known_time").to_pylist()
    assert [row["amount"] for row in rows] == ([-1_000] if amount == -1_000 else [-1_000, -1_500])
    assert [row["superseded_time"] is None for row in rows] == [False] * (len(rows) - 1) + [True]
    tomorrow = bank.now + 86_400_000_000
    online = bank.features("CA", tomorrow)
    assert (online["transactions_90d"], online["spend_90d"]) == (1, -amount)
    bank.publish()
    np.testing.assert_equal(bank.features("CA", tomorrow), online)
    with pytest.raises(EventConflict):  # now it is known, and a correction takes a delivery
        bank.take(replace(event(1), amount=-1_700))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (event(who="nobody"), "names an account that the bank does not have"),
        (event(actor_customer_id="zed"), "names an actor whom the bank does not know"),
        (event(at=NOON + timedelta(microseconds=1)), "happens later than it arrives"),
        (event(at=NOON - timedelta(days=30, microseconds=1)), "more than 30 days ago"),
        (event(category="yachts"), "has a category that is none of the codes"),
        (event(amount=2**60), "has an amount that no account can have"),
    ],
)
def test_an_event_that_cannot_be_is_refused_with_all_of_its_call_and_not_repeated(bank, wrong, said):
    bank.publish()
    with pytest.raises(EventRefused, match=said) as refused:
        bank.take(event(9), wrong)
    assert "yachts" not in str(refused.value)
    with bank.store.reading() as connection:
        assert undrained(connection, 9) == ()


def test_a_drain_that_was_killed_after_its_load_is_done_again_and_doubles_nothing(bank, monkeypatch):
    bank.publish()
    bank.take(event(1), event(2))
    with monkeypatch.context() as patch:
        patch.setattr("bank360.pipeline.drain_events.mark_drained", _killed)
        with pytest.raises(KeyboardInterrupt):
            bank.drain()
    bank.take(event(3))
    bank.drain()
    assert bank.warehouse.number("SELECT count(*) FROM transactions") == 3
    assert bank.drain().events == 0


def test_an_event_is_forgotten_once_every_version_has_it_and_it_is_too_old_to_arrive_again(bank):
    bank.publish()
    bank.take(event(1, at=NOON - timedelta(days=2)), event(2))
    bank.drain()
    for days, kept in ((0, ["E1", "E2"]), (29, ["E1", "E2"]), (1, ["E2"])):
        bank.now += days * 86_400_000_000
        bank.publish()
        bank.publish()
        bank.publish()
        with bank.store.reading() as connection:
            assert arrived_ids(connection) == kept
        history = bank.history("CA", bank.now + 1)
        assert len(history["transactions"].records) == 2


def _killed(*_):
    raise KeyboardInterrupt


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
                patch.setattr("bank360.pipeline.drain_events.mark_drained", _killed)
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
            standing = len(history["transactions"].records) - int((history["transactions"].superseded < 2**62).sum())
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


NewEventFields = (
    "amount", "currency", "channel", "scheme", "category", "country", "card_token", "terminal_id", "merchant_id",
    "counterparty_token", "mandate_id", "reverses_id", "original_amount", "original_currency", "balance_after",
)  # fmt: skip


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
