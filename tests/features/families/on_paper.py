"""One customer on paper: rows of the canonical tables go through warehouse, streams and kernel; features come out.

Ann is described at 10:00 in London on Monday 1 July 2024, an hour ahead of UTC. Calendar windows end at the midnight
before, so the first minute of each is::

    30 days   1 June 2024           90 days   2 April 2024
    180 days  3 January 2024        365 days  2 July 2023 (29 February lies between)

She holds these accounts: current ``CUR``, savings ``SAV``, current in euros ``EUR``, half of current ``JOINT`` (the
other half is Bob's), credit card ``CARD``, credit card in euros ``ECARD``, personal ``LOAN``. Amounts are in pence or
cents. What is in a row's dictionary stands; the rest is null, or harmless where it may not be null.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import instant
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.compute import compute
from bank360.features.families import CATALOGUE, FAMILIES_OF
from bank360.features.feature import Derived
from bank360.features.scan import Entity
from bank360.features.spine import Spine
from bank360.pipeline.build import packed_histories
from bank360.pipeline.place_histories import place_histories
from bank360.storage.ledger import prepare
from bank360.storage.places import place_index
from bank360.storage.warehouse import open_warehouse

Row = dict[str, Any]
ZONE = "Europe/London"
AS_OF = "2024-07-01 10:00"
LONG_AGO = date(2019, 1, 1)
LINES = {"CUR": "current_account", "SAV": "savings", "CARD": "credit_card", "LOAN": "personal_loan"}
ACCOUNTS = {  # product and currency
    "CUR": ("CUR", "GBP"), "SAV": ("SAV", "GBP"), "EUR": ("CUR", "EUR"), "JOINT": ("CUR", "GBP"),
    "CARD": ("CARD", "GBP"), "ECARD": ("CARD", "EUR"), "LOAN": ("LOAN", "GBP"),
}  # fmt: skip


def utc(local: str) -> datetime:
    """Return a London time as columns hold it: UTC without a zone. A date alone is the midnight that starts it."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC).replace(tzinfo=None)


def known_after(when: str) -> datetime:
    """Return when the bank knew: a minute later; of what carries a date only, when that local day ended."""
    if len(when) > 10:
        return utc(when) + timedelta(minutes=1)
    return utc(str(date.fromisoformat(when) + timedelta(days=1)))


def movement(name: str, when: str, amount: int, category: str, account: str = "CUR", **changes: Any) -> Row:
    """Return a transaction by card at a shop at home; ``when`` is a London time, or a date whose hour is not known."""
    return {
        "transaction_id": name, "account_id": account, "event_time": utc(when), "booked_on": utc(when).date(),
        "event_precision": "second" if len(when) > 10 else "day", "amount": amount,
        "currency": ACCOUNTS[account][1], "category": category, "channel": "pos", "scheme": "card", "country": "GB",
        "known_time": known_after(when),
    } | changes  # fmt: skip


def of_day(column: str, when: str, account: str, **values: Any) -> Row:
    """Return a row of an account on a day: a balance, a month's end, a repayment."""
    return {"account_id": account, column: date.fromisoformat(when), "known_time": known_after(when)} | values


def account(name: str, opened: str, product: str = "CUR", currency: str = "GBP", **changes: Any) -> Row:
    """Return an account."""
    return {
        "account_id": name, "product_id": product, "opened_on": date.fromisoformat(opened), "currency": currency,
        "known_time": known_after(opened),
    } | changes  # fmt: skip


def values(
    family: str, tables: Mapping[str, Sequence[Row]], as_of: str = AS_OF, currency: str = "GBP", country: str = "GB"
) -> dict[str, float | None]:
    """Return every feature of a family for Ann, None where it has no value.

    Parameters
    ----------
    tables
        Rows by table. Accounts and their holders are those above unless ``accounts`` are given: then all are Ann's.
    currency, country
        The bank's own.
    """
    families = FAMILIES_OF[Entity.CUSTOMER]
    names = tuple(feature.name for feature in families[family])
    wanted = _with_inputs(names)
    features = tuple(feature for own in families.values() for feature in own if feature.name in wanted)
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as warehouse:
        prepare(warehouse)
        for table, rows in (_held(tables.get("accounts")) | tables).items():
            warehouse.append(table, filled(table, rows))
        warehouse.execute("CREATE TABLE customer_index (customer_id VARCHAR, customer INTEGER)")
        warehouse.execute("INSERT INTO customer_index VALUES ('Ann', 0), ('Bob', 1)")
        packed = packed_histories(warehouse, ZONE, currency, country, features, 1)
    # A family is worked on a few rows of one customer: whatever else it counts, the bank delivers it of others.
    histories = replace(packed, known_from=None)
    at = np.array([instant(utc(as_of).replace(tzinfo=UTC))])
    matrix = compute(histories, Spine(np.zeros(1), np.zeros(1, dtype=np.int32), at), features, names)
    return {
        name: None if np.isnan(value) else value for name, value in zip(names, matrix.values[0].tolist(), strict=True)
    }


def place_values(
    entity: Entity, place: str, tables: Mapping[str, Sequence[Row]], as_of: str = AS_OF, currency: str = "GBP"
) -> dict[str, float | None]:
    """Return every feature of one merchant or terminal, None where it has no value."""
    features = tuple(feature for family in FAMILIES_OF[entity].values() for feature in family)
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as warehouse:
        prepare(warehouse)
        for table, rows in tables.items():
            warehouse.append(table, filled(table, rows))
        index = place_index(warehouse, entity)
        packed = place_histories(warehouse, index, ZONE, currency, "GB", features, 1)
    number = index["place_id"].to_pylist().index(place)
    at = np.array([instant(utc(as_of).replace(tzinfo=UTC))])
    spine = Spine(np.zeros(1), np.array([number], dtype=np.int32), at)
    found = compute(replace(packed, known_from=None), spine, features).values[0].tolist()
    return {one.name: None if np.isnan(value) else value for one, value in zip(features, found, strict=True)}


def _with_inputs(names: Sequence[str]) -> set[str]:
    by_name = {feature.name: feature for feature in CATALOGUE}
    inputs = [one for name in names if isinstance(feature := by_name[name], Derived) for one in feature.inputs]
    return {*names, *(_with_inputs(inputs) if inputs else ())}


def _held(given: Sequence[Row] | None) -> dict[str, Sequence[Row]]:
    """Return customers, products, accounts and who holds them."""
    accounts = given or [account(name, "2019-01-01", *what) for name, what in ACCOUNTS.items()]
    party = {"customer_id": "ann", "role": "owner", "valid_from": LONG_AGO, "liability_share": 1.0}
    bob = {"account_id": "JOINT", "customer_id": "bob", "role": "joint_holder", "liability_share": 0.5}
    parties = [party | {"account_id": one["account_id"]} for one in accounts]
    parties = [one | {"liability_share": 0.5} if one["account_id"] == "JOINT" else one for one in parties]
    return {
        "source_keys": [{"source_key": key.lower(), "customer_id": key} for key in ("Ann", "Bob")],
        "products": [{"product_id": name, "line": line, "valid_from": LONG_AGO} for name, line in LINES.items()],
        "accounts": accounts,
        "account_parties": parties + ([] if given else [party | bob]),
    }


def filled(table: str, rows: Sequence[Row]) -> pa.Table:
    schema = TABLE_BY_NAME[table].arrow_schema
    start = datetime.combine(LONG_AGO, time())
    harmless = {
        "string": "x", "int64": 0, "bool": False, "double": 0.0, "date32[day]": LONG_AGO, "timestamp[us]": start,
    }  # fmt: skip
    blank = {field.name: None if field.nullable else harmless[str(field.type)] for field in schema}
    return pa.Table.from_pylist([blank | {"known_time": start} | row for row in rows], schema=schema)
