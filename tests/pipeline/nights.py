"""A small bank whose days bring anything: events, corrections, accounts, holders, reversals, new people, merges."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories
from bank360.features.history_bytes import customer_bytes
from bank360.identity.customer_ids import KeyMapping, founding_id
from bank360.pipeline.build import packed_histories
from bank360.pipeline.kept import kept_histories
from bank360.storage.crosswalk import write_crosswalk
from bank360.storage.kept_histories import open_kept
from bank360.storage.landing import Delivery, LandedFile
from bank360.storage.ledger import prepare
from bank360.storage.load import Load
from bank360.storage.warehouse import Warehouse, open_warehouse

OWN = ("Europe/London", "GBP", "GB")
FIRST = datetime(2024, 3, 1, 8, tzinfo=UTC)
Row = dict[str, Any]
_USUAL: Row = {
    "event_precision": "second", "booked_on": date(2024, 3, 1), "channel": "pos", "scheme": "card", "country": "GB",
    "currency": "GBP", "family": "deposits", "line": "current_account", "name": "x", "secured": False,
    "revolving": False, "rate_type": "none", "fee": 0, "transfer_rate": 0.0, "product_id": "CUR",
    "opened_on": date(2023, 1, 1), "valid_from": date(2023, 1, 1), "role": "owner", "liability_share": 1.0,
    "category": "groceries", "seq": 1, "requested_amount": 100, "term_months": 12, "outcome": "pending", "kind": "call",
}  # fmt: skip


@dataclass
class Bank:
    """The bank so far: its warehouse, the number of its last load, and which customer each key leads to."""

    warehouse: Warehouse
    day: int = 0
    customer_of: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return FIRST + timedelta(days=self.day)

    def receive(self, **rows: Sequence[Row]) -> None:
        """Load rows by table, all in one delivery; what they leave out is usual, and known as they are received."""
        self.day += 1
        file = LandedFile("part", "file", f"{self.day:064x}", 1)
        delivery = Delivery(self.day, "test", self.now, (file,), {}, f"load {self.day}")
        with self.warehouse.transaction():
            load = Load(self.warehouse, delivery, frozenset(table.name for table in TABLES), True, may_await=True)
            for table in TABLES:
                if rows.get(table.name):
                    load.add(table, [(self._batch(table.name, rows[table.name]), file)])
            load.finish([sum(map(len, rows.values()))])

    def identify(self, *keys: str, **merged: str) -> None:
        """Give new keys customers of their own, and lead others (``key="customer of this key"``) elsewhere."""
        before = dict(self.customer_of)
        self.customer_of |= {key: founding_id(("s", key)) for key in keys if key not in before}
        self.customer_of |= {key: self.customer_of[other] for key, other in merged.items()}
        since = self.now.date()
        mappings = [KeyMapping("s", key, date(2024, 1, 1), one) for key, one in self.customer_of.items()]
        mappings += [
            KeyMapping("s", key, date(2023, 1, 1), one, since)
            for key, one in before.items()
            if self.customer_of[key] != one
        ]
        write_crosswalk(self.warehouse, mappings, self.now)

    def _batch(self, table: str, rows: Sequence[Row]) -> pa.RecordBatch:
        schema = TABLE_BY_NAME[table].arrow_schema
        now = self.now.replace(tzinfo=None)
        blank = {"string": "x", "int64": 0, "bool": False, "double": 0.0, "date32[day]": date(2024, 1, 1)}
        filled = [
            {f.name: None if f.nullable else blank.get(str(f.type), now) for f in schema}
            | {name: value for name, value in _USUAL.items() if name in schema.names}
            | {"known_time": now, "source_line": line}
            | row
            for line, row in enumerate(rows, start=1)
        ]
        return pa.RecordBatch.from_pylist(filled, schema=schema)


def opened(warehouse: Warehouse) -> Bank:
    """Return a bank of two customers with an account each, and a third account that nobody holds yet."""
    bank = Bank(warehouse)
    accounts = [{"account_id": one} for one in ("a1", "a2", "a3")]
    parties = [{"account_id": "a1", "customer_id": "k1"}, {"account_id": "a2", "customer_id": "k2"}]
    bank.receive(
        products=[{"product_id": "CUR"}], accounts=accounts, account_parties=parties,
        transactions=[paid("t1", "a1"), paid("t2", "a2"), paid("t3", "a3")],
    )  # fmt: skip
    bank.identify("k1", "k2")
    return bank


def paid(name: str, account: str, amount: int = -100, hour: int = 0, **more: Any) -> Row:
    at = (FIRST + timedelta(hours=hour)).replace(tzinfo=None)
    return {"transaction_id": name, "account_id": account, "amount": amount, "event_time": at, **more}


NAMES, ACCOUNTS, KEYS = ("t1", "t2", "t4", "t5", "t6"), ("a1", "a2", "a3", "n1"), ("k1", "k2", "k3", "k4")
EVENTS = st.builds(
    paid,
    st.sampled_from((*NAMES, *(f"u{n}" for n in range(40)))),
    st.sampled_from(ACCOUNTS),
    st.sampled_from((-100, 250_000)),
    st.integers(-60, 60),
    reverses_id=st.sampled_from((None, None, None, *NAMES)),
    actor_customer_id=st.sampled_from((None, None, *KEYS)),
    event_precision=st.sampled_from(("second", "second", "day")),
    counterparty_token=st.sampled_from((None, "firm")),
    category=st.sampled_from(("groceries", "salary", "cash")),
)
PARTIES = st.builds(
    lambda account, key, role: {"account_id": account, "customer_id": key, "role": role},
    st.sampled_from(ACCOUNTS), st.sampled_from(KEYS), st.sampled_from(("owner", "joint_holder")),
)  # fmt: skip
NIGHTS = st.tuples(
    st.lists(EVENTS, max_size=5, unique_by=lambda row: row["transaction_id"]),
    st.one_of(st.just([]), st.just([]), st.lists(PARTIES, max_size=1)),
    st.lists(st.sampled_from(("n1", "a2")), max_size=1),
    st.frozensets(st.sampled_from(KEYS), max_size=1),
    st.sampled_from(({}, {}, {}, {"k2": "k1"})),
)


def told(histories: Histories) -> tuple[object, ...]:
    """Return all that histories say, in one form for equal ones."""
    events = [(name, one.events, one.noticed) for name, one in histories.streams.items()]
    return histories.n_customers, events, histories.known_from, tuple(customer_bytes(histories))


def night(bank: Bank, folder: Path, features: Sequence[AnyFeature], compare: bool = True) -> int:
    """Bring kept histories up to date, hold them to those packed anew, and return how many layers there are."""
    found = kept_histories(bank.warehouse, folder, *OWN, features, 1)
    if compare:
        assert told(found) == told(packed_histories(bank.warehouse, *OWN, features, 1))
    kept = open_kept(folder)
    assert kept is not None
    return len(kept.streams["transactions"])


def after_any(nights: Sequence[Any], folder: Path, features: Sequence[AnyFeature]) -> list[int]:
    """Let nights of `NIGHTS` follow each other, hold each to packing anew, and return how many layers there were."""
    with open_warehouse(folder / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        bank = opened(warehouse)
        found = [night(bank, folder / "h", features, compare=False)]
        for events, parties, accounts, keys, merged in nights:
            bank.receive(
                transactions=events, account_parties=parties, accounts=[{"account_id": one} for one in accounts]
            )
            bank.identify(*keys, **{one: other for one, other in merged.items() if one in bank.customer_of})
            found.append(night(bank, folder / "h", features))
    return found
