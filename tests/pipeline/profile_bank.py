"""Ann and John, hand-made: what a profile tells of them can be worked out by reading."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from bank360.pipeline.identify import identify
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse, open_warehouse
from tests.rows import ANN, putting

ZONE = "Europe/London"
OWN = (ZONE, "GBP", "GB")
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
NOTHING_DUE: dict[str, Any] = {
    "amount_due": 0, "paid": 0, "arrears": 0, "days_past_due": 0, "status": "performing", "forbearance": False,
    "written_off": 0,
}  # fmt: skip
Put = Callable[..., None]


def at(*parts: int) -> datetime:
    return datetime(*parts)  # noqa: DTZ001 - naive UTC, as stored


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse(Path(":memory:")) as opened:
        prepare(opened)
        yield opened


@pytest.fixture
def put(warehouse: Warehouse) -> Put:
    return putting(warehouse)


@pytest.fixture
def bank(warehouse: Warehouse, put: Put) -> Warehouse:
    """Ann, known twice; John, with whom she holds an account; a card line of each and one that is not known yet."""
    put("products")
    put("customers", customer_id="c1", onboarded_on=date(2015, 5, 5), sex="female")
    put("customers", customer_id="k1", onboarded_on=date(2020, 2, 2), left_on=date(2025, 1, 1), leave_reason="closed")
    put("customers", customer_id="c2", onboarded_on=date(2016, 1, 1))
    put("customer_personal", customer_id="c1", **ANN)
    put("customer_personal", customer_id="k1", source="cards", **(ANN | {"given_name": "Anne", "email": None}))
    put("customer_personal", customer_id="c2", **(ANN | {"given_name": "John", "birth_date": date(1979, 1, 1)}))
    put("customer_facts", customer_id="c1", fact="income", number=1000.0)
    put("customer_facts", customer_id="c1", fact="income", number=2000.0, valid_from=date(2023, 1, 1))
    put("customer_facts", customer_id="c1", fact="income", number=9000.0, valid_from=date(2026, 7, 2))
    put("accounts", account_id="own")
    put("accounts", account_id="joint", opened_on=date(2019, 1, 1))
    put("account_parties", account_id="own", customer_id="k1")
    put("account_parties", account_id="joint", customer_id="c1", role="joint_holder", liability_share=0.5)
    put("account_parties", account_id="joint", customer_id="c2", liability_share=0.5)
    for day, booked in ((date(2026, 4, 30), 5), (date(2026, 5, 31), 777)):
        put("balances", account_id="own", date=day, booked=booked)
    put("balances", account_id="own", date=date(2026, 6, 30), booked=888, known_time=at(2026, 7, 2))

    def line(name: str, **row: Any) -> None:
        put("transactions", transaction_id=name, **({"account_id": "own", "event_time": at(2026, 6, 20)} | row))

    line("t1", amount=-500, category="groceries")
    line("t2", amount=-700, category="groceries", account_id="joint", actor_customer_id="c1")
    line("t3", amount=-900, category="groceries", account_id="joint", actor_customer_id="c2")
    line("t4", amount=2000, category="salary", event_time=at(2026, 6, 29, 23), event_precision="day")
    line("t5", amount=-1, category="fuel", event_time=at(2025, 6, 1))
    line("t6", amount=-2, category="fuel", known_time=at(2026, 7, 2))
    line("t8", amount=-8, category="fuel", known_time=NOW.replace(tzinfo=None))
    line("t7", amount=-4, category="fuel", superseded_time=at(2026, 6, 1))
    put("applications", application_id="a1", requested_amount=100, submitted_at=at(2026, 3, 1), outcome="approved")
    put("application_parties", application_id="a1", seq=1, customer_id="k1")
    put("interactions", interaction_id="i1", customer_id="k1", at=at(2026, 6, 1), channel="branch", kind="visit")
    talked = (
        ("i2", "c1", at(2026, 5, 20)),
        ("i3", "k1", at(2026, 5, 31, 23)),
        ("i4", "c1", at(2025, 6, 1)),
        ("i5", "c2", at(2026, 6, 9)),
    )
    for name, whose, when in talked:  # i3 on 1 June in London; i4 more than a year ago; i5 somebody else's
        put("interactions", interaction_id=name, customer_id=whose, at=when, channel="phone", kind="call",
            topic="complaint")  # fmt: skip
    put("interactions", interaction_id="i6", customer_id="c1", at=at(2026, 6, 20), known_time=at(2026, 7, 2),
        channel="phone", kind="call", topic="complaint")  # fmt: skip
    identify(warehouse, ZONE, NOW)
    return warehouse


def scored(bank: Warehouse, *rows: tuple[str, float, bool], in_default: tuple[str, ...] = ()) -> None:
    n = len(rows)
    bank.replace_table("scores", pa.table({
        "customer_id": [row[0] for row in rows], "model": ["application_pd"] * n, "version": ["1"] * n,
        "as_of": [at(2026, 7, 1)] * n, "product_id": ["LOAN"] * n, "requested_amount": [500_000] * n,
        "term_months": [36] * n, "margin": [0.0] * n, "probability": [row[1] for row in rows],
        "tier": ["in_default" if row[0] in in_default else "high" for row in rows],
        "thin_file": [row[2] for row in rows], "outside_training": [False] * n, "reasons": [1] * n,
    }))  # fmt: skip
