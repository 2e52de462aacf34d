"""A bank of two customers and three applications by hand, for what is read of applications."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa

from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse, open_warehouse
from tests.rows import fill, stored


@contextmanager
def applied(folder: Path) -> Iterator[Warehouse]:
    """Open a bank of two customers (0: Ann, of two keys; 1: Bob); Ann, Bob and a stranger have each applied once."""
    with open_warehouse(folder / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        fill(warehouse, "products", {"product_id": "LOAN", "valid_from": date(2020, 1, 1), "line": "personal_loan"})
        keys = (("a1", "CA"), ("a2", "CA"), ("b1", "CB"))
        fill(warehouse, "source_keys", *({"source": "s", "source_key": k, "customer_id": c} for k, c in keys))
        index = pa.table({"customer_id": ["CA", "CB"], "customer": pa.array([0, 1], pa.int32())})
        warehouse.replace_table("customer_index", index)
        request = {"product_id": "LOAN", "channel": "online", "requested_amount": 500_000, "term_months": 36}
        declared = {"seq": 1, "declared_income": 200_000, "housing_cost": 50_000, "outgoings": 20_000}
        for application, when, key in (
            ("p1", "2024-03-10 09:30", "a2"),
            ("p2", "2024-03-01 23:30", "b1"),
            ("p3", "2024-03-09 12:00", None),
        ):
            own = {"application_id": application, "known_time": stored(when)}
            fill(warehouse, "applications", own | request | {"submitted_at": stored(when), "outcome": "pending",
                                                          "event_precision": "second"})  # fmt: skip
            fill(warehouse, "application_parties", own | declared | {"customer_id": key})
        yield warehouse
