"""From warehouse tables to stored features: whose event it is, which day it is on, what is joined."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.calendar import instant
from bank360.bank.errors import NotReady
from bank360.bank.finding import Finding
from bank360.bank.tables import TABLE_BY_NAME
from bank360.bank.vocabulary import Severity
from bank360.features.families import ALL_FEATURES
from bank360.features.spine import Spine
from bank360.pipeline.build import build
from bank360.storage.findings import record_findings, stored_findings
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return an instant as columns hold it: UTC without a zone."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC).replace(tzinfo=None)


KNOWN = utc(2024, 1, 1)
SNAPSHOT = "SELECT * FROM customer_features ORDER BY customer_id"
AS_OF = instant(datetime(2024, 4, 1, tzinfo=UTC))
OWN = ("Europe/London", "GBP", "GB")


def rows(name: str, *changes: dict) -> pa.Table:
    """Return rows of a canonical table: what is not given is null or something harmless."""
    schema = TABLE_BY_NAME[name].arrow_schema
    harmless = {
        "string": "x", "int64": 0, "bool": False, "double": 0.0, "date32[day]": date(2024, 1, 1),
        "timestamp[us]": KNOWN,
    }  # fmt: skip
    filled = [
        {f.name: None if f.nullable else harmless[str(f.type)] for f in schema} | {"known_time": KNOWN} | change
        for change in changes
    ]
    return pa.Table.from_pylist(filled, schema=schema)


@pytest.fixture
def warehouse(tmp_path):
    with open_warehouse(tmp_path / "warehouse.duckdb") as opened:
        prepare(opened)
        yield opened


def fill(warehouse) -> None:
    put: dict[str, list[dict[str, Any]]] = {
        "source_keys": [
            {"source": "core", "source_key": "a", "customer_id": "C1"},
            {"source": "cards", "source_key": "a2", "customer_id": "C1"},
            {"source": "core", "source_key": "b", "customer_id": "C2"},
        ],
        "products": [
            {"product_id": "CUR", "line": "current_account", "family": "deposits"},
            {"product_id": "SAV", "line": "savings", "family": "deposits"},
        ],
        "accounts": [
            {"account_id": "joint", "product_id": "CUR", "opened_on": date(2023, 5, 1), "currency": "GBP"},
            {"account_id": "saved", "product_id": "SAV", "opened_on": date(2023, 6, 1), "currency": "GBP"},
        ],
        "account_parties": [
            {"account_id": "joint", "customer_id": "a", "role": "owner", "liability_share": 0.5},
            {"account_id": "joint", "customer_id": "b", "role": "joint_holder", "liability_share": 0.5},
            {"account_id": "saved", "customer_id": "a", "role": "owner", "liability_share": 1.0},
        ],
        "transactions": [
            # On the owner's account, one by the joint holder, one by the owner under another key.
            {"transaction_id": "1", "account_id": "joint", "amount": -1000, "category": "groceries"},
            {"transaction_id": "2", "account_id": "joint", "amount": -70, "category": "groceries",
             "actor_customer_id": "b"},
            {"transaction_id": "3", "account_id": "joint", "amount": -500, "category": "rent",
             "actor_customer_id": "a2"},
            {"transaction_id": "4", "account_id": "joint", "amount": 200, "category": "groceries"},
            {"transaction_id": "5", "account_id": "joint", "amount": -9, "category": "own_transfer"},
        ],
        "balances": [
            {"account_id": "joint", "date": date(2024, 2, 29), "booked": 901},
            {"account_id": "saved", "date": date(2024, 2, 29), "booked": 40_000},
        ],
        "credit_months": [
            {"account_id": "joint", "month_end": date(2024, 2, 29), "days_past_due": 12, "status": "arrears"},
        ],
    }  # fmt: skip
    put["account_parties"] = [{"valid_from": date(2023, 1, 1)} | row for row in put["account_parties"]]
    put["transactions"] = [
        {"event_time": utc(2024, 3, 10, 12), "known_time": utc(2024, 3, 10, 13), "event_precision": "second",
         "channel": "pos", "scheme": "card", "country": "GB", "currency": "GBP"} | row
        for row in put["transactions"]
    ]  # fmt: skip
    for name, changes in put.items():
        warehouse.append(name, rows(name, *changes))
    warehouse.execute("CREATE TABLE customer_index (customer_id VARCHAR, customer INTEGER)")
    warehouse.execute("INSERT INTO customer_index VALUES ('C1', 0), ('C2', 1)")


def test_features_before_identity_are_refused_by_name(warehouse):
    with pytest.raises(NotReady, match="customer_index"):
        build(warehouse, AS_OF, *OWN)


def test_a_build_describes_each_customer_by_their_own_events(warehouse, open_on):
    fill(warehouse)
    with open_on(warehouse, *OWN) as engine:
        built = build(warehouse, AS_OF, *OWN, engine=engine)
    assert (built.customers, built.events["transactions"]) == (2, 5)
    first, second = warehouse.query(SNAPSHOT).to_pylist()
    assert (first["customer_id"], second["customer_id"]) == ("C1", "C2")
    assert first["as_of"] == utc(2024, 4, 1)
    assert set(first) - {"customer_id", "as_of"} == {feature.name for feature in ALL_FEATURES}
    # 1000 + 500 less the refund of 200; the transfer is not spent; the joint holder's 70 are theirs.
    assert (first["spend_90d"], second["spend_90d"]) == (1300, 70)
    # Half of 901 each, halves away from zero as SQL rounds; savings are the owner's alone.
    assert (first["balance_last"], second["balance_last"]) == (451, 451)
    assert (first["savings_mean_90d"], second["savings_mean_90d"]) == (40_000, None)
    # The debt counts for each obligor in full.
    assert (first["past_due_last"], second["past_due_last"]) == (12, 12)
    assert (first["product_lines"], second["product_lines"]) == (2, 1)
    # 2023-05-01 to 2024-04-01.
    assert first["days_since_first_account"] == 336
    # 2024-04-01T00:00Z is 01:00 in London: the rolling day has seen nothing since 10 March.
    assert (first["payments_24h"], first["largest_24h"]) == (0, None)


def test_accounts_in_another_currency_are_told_of_and_their_money_is_left_out(warehouse, open_on):
    fill(warehouse)
    czech = (OWN[0], "CZK", "CZ")
    with open_on(warehouse, *czech) as engine:
        (finding,) = build(warehouse, AS_OF, *czech, engine=engine).findings
    assert (finding.rule, finding.severity, finding.rows) == ("other_currency", Severity.WARNING, 2)
    assert (
        finding.message == "no account is in CZK, so no feature has money in it (2 accounts in GBP). Set bank.currency"
    )
    first = warehouse.query(SNAPSHOT).to_pylist()[0]
    assert (first["spend_90d"], first["balance_last"], first["purchases_90d"]) == (None, None, 2)
    warehouse.append("accounts", rows("accounts", {"account_id": "new", "product_id": "CUR", "currency": "EUR"}))
    (finding,) = build(warehouse, AS_OF, *OWN).findings
    assert (finding.severity, finding.rows) == (Severity.INFO, 1)
    assert finding.message == "1 account in EUR: counted, but features add up money in GBP only"


def test_a_spine_of_its_own_gets_the_same_values_and_what_was_known_later_is_not_seen(warehouse, open_on):
    fill(warehouse)
    at = instant(datetime(2024, 3, 10, 13, tzinfo=UTC))  # known_time itself: not yet visible
    spine = Spine(np.arange(3), np.array([0, 0, -1], dtype=np.int32), np.array([AS_OF, at, AS_OF]))
    with open_on(warehouse, *OWN) as engine:
        matrix = engine.describe(spine, ALL_FEATURES).matrix
        build(warehouse, AS_OF, *OWN, engine=engine)
    stored = warehouse.query(SNAPSHOT).to_pylist()[0]
    for name, value in zip(matrix.names, matrix.values[0], strict=True):
        assert stored[name] == (None if np.isnan(value) else value), name
    # At the second instant the bank has seen no transaction of anybody: no data. Nobody's count of what it has is 0.
    np.testing.assert_array_equal(matrix.column("payments_24h"), [0, np.nan, 0])
    np.testing.assert_array_equal(matrix.column("spend_90d"), [1300, np.nan, 0])


def test_what_a_build_notices_is_stored_in_place_of_the_build_before(warehouse):
    fill(warehouse)
    checked = Finding("accounts", None, "of_a_check", Severity.INFO, 1, None, "stays")
    record_findings(warehouse, [checked], datetime(2024, 3, 1, tzinfo=UTC))
    for _ in range(2):
        built = build(warehouse, AS_OF, OWN[0], "CZK", "CZ")
        assert built.findings
        assert {*stored_findings(warehouse)} == {checked, *built.findings}
    assert not build(warehouse, AS_OF, *OWN).findings
    assert stored_findings(warehouse) == (checked,)
