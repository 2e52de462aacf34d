"""A bank of two people, small enough to be built, published and asked anew by each test of arriving events."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from bank360.bank.calendar import instant, to_datetime
from bank360.features.families import ALL_FEATURES
from bank360.features.one_customer import describing_one
from bank360.features.place_tables import TABLE_OF
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
from bank360.storage.new_events import NewEvent, events_of
from bank360.storage.place_features import store_place_features
from bank360.storage.policy_files import policy_text
from bank360.storage.possible_pairs import write_possible_pairs
from bank360.storage.published import Published
from bank360.storage.registry import Registry
from bank360.storage.store.engine import open_store
from bank360.storage.version_place import place_of
from bank360.storage.warehouse import open_warehouse
from tests.rows import fill

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
NewEventFields = (
    "amount", "currency", "channel", "scheme", "category", "country", "card_token", "terminal_id", "merchant_id",
    "counterparty_token", "mandate_id", "reverses_id", "original_amount", "original_currency", "balance_after",
)  # fmt: skip
SETTINGS = {"kind": NAME, "mapping": {}, "zone": "Europe/London", "currency": "GBP"}
NUMERIC = tuple(ALL_FEATURES)


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


def event(number=1, who="a", at=NOON - timedelta(minutes=5), amount=-1_000, **more):
    said = {"channel": "pos", "scheme": "card", "category": "groceries", "country": "GB", "merchant_id": "M1"} | more
    return ArrivedEvent(f"E{number}", f"acc-{who}", instant(at), amount, "GBP", **said)


def process_ends(*_):
    """Stand for the process that ends here."""
    raise KeyboardInterrupt
