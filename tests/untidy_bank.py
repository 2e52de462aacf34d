"""A bank of random rows in every canonical table: few people, much mixed up, corrected and known late.

For laws about which column matters to what. Ids are drawn from few, so that rows refer to each other, some to none;
three employers pay month by month, for what has to recur. Invariant: the same seed gives the same rows.
"""

import random
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from bank360.bank.table import Column, Table
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.storage.warehouse import Warehouse

Rows = list[dict[str, Any]]
FIRST, DAYS = date(2024, 1, 1), 500
FEW = {  # how many ids there are of each kind, and so how often rows meet
    "customers.customer_id": 5, "accounts.account_id": 9, "products.product_id": 4, "cards.card_token": 5,
    "merchants.merchant_id": 4, "applications.application_id": 40, "transactions.transaction_id": 700,
    "terminal_id": 4, "counterparty_token": 3, "mandate_id": 3, "token": 5, "branch": 3, "region": 3,
}  # fmt: skip
MANY = {"transactions": 700, "balances": 300, "credit_months": 150, "payments": 150, "interactions": 150,
        "fraud_cases": 500, "identifier_tokens": 150, "application_facts": 150, "bureau_reports": 80,
        "application_parties": 60, "account_parties": 150}  # fmt: skip
WORDS = {
    "fact": ("form_seconds", "email_age_days", "ip_distance_km"), "currency": ("GBP", "GBP", "GBP", "EUR"),
    "original_currency": ("GBP", "USD"), "country": ("GB", "GB", "FR"), "seq": (1, 1, 2),
    "employment": ("employed", "student", "retired"),
}  # fmt: skip


def untidy_rows(seed: int) -> dict[str, Rows]:
    """Return rows by table; each key has at most two versions, of which the second corrects the first."""
    rng = random.Random(seed)
    tables = {table.name: _table_rows(rng, table) for table in TABLES}
    tables["transactions"] += _pay_days(rng)
    # Most cases are closed within days of the payment, and known since they were opened.
    paid = {row["transaction_id"]: row["event_time"] for row in tables["transactions"]}
    for case in tables["fraud_cases"]:
        if case["superseded_time"] is None and rng.random() < 0.7:
            at = paid.get(case["subject"], case["opened_at"])
            case |= {"known_time": at + timedelta(days=1), "closed_at": at + timedelta(days=rng.randint(1, 12))}
    # The bureau may send two reports at once.
    twins = [one for one in tables["bureau_reports"] if one["superseded_time"] is None][:25]
    tables["bureau_reports"] += [one | {"report_id": f"{one['report_id']} b", "score": 7} for one in twins]
    return tables


def load(warehouse: Warehouse, tables: Mapping[str, Rows]) -> None:
    """Put the rows in place of what the tables hold, and number the customers that the crosswalk names."""
    for table in TABLES:
        warehouse.replace_table(table.name, pa.Table.from_pylist(tables[table.name], schema=loose(table)))
    warehouse.execute(
        "CREATE OR REPLACE TABLE customer_index AS SELECT customer_id,"
        " CAST(row_number() OVER (ORDER BY customer_id) - 1 AS INTEGER) AS customer"
        " FROM (SELECT DISTINCT customer_id FROM source_keys WHERE valid_to IS NULL)"
    )


def loose(table: Table) -> pa.Schema:
    """Return the table's schema without its constraints."""
    return pa.schema([field.with_nullable(True) for field in table.arrow_schema])


def _table_rows(rng: random.Random, table: Table) -> Rows:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number in range(MANY.get(table.name, 40)):
        row = {column.name: _value(rng, table, column, number) for column in table.columns}
        happened = next(
            (row[name] for name in ("event_time", "submitted_at", "at", "closed_at") if row.get(name)), None
        )
        rows.setdefault(tuple(row[name] for name in table.key), row | _told(rng, happened))
    corrected: Rows = []
    for row in rows.values():
        if rng.random() < 0.15:
            again = {c.name: row[c.name] if c.name in table.key else _value(rng, table, c, 0) for c in table.columns}
            later = row["known_time"] + timedelta(days=rng.randint(1, 60))
            corrected.append(again | _told(rng, None) | {"known_time": later})
            row["superseded_time"] = later
    return [*rows.values(), *corrected]


def _told(rng: random.Random, happened: datetime | None) -> dict[str, Any]:
    if happened is None:  # mostly long before all events
        known = _instant(rng) - timedelta(days=rng.choice((0, DAYS, DAYS, DAYS)))
    else:
        known = happened + timedelta(minutes=rng.choice((0, 0, 0, 1, 3_000)))
    return {
        "source_system": rng.choice("st"), "batch_id": rng.choice("bc"), "source_file_hash": "h",
        "source_line": rng.randint(1, 99), "known_time": known, "superseded_time": None,
    }  # fmt: skip


def _value(rng: random.Random, table: Table, column: Column, number: int) -> Any:
    own = f"{table.name}.{column.name}"
    if column.nullable and rng.random() < (0.7 if column.name == "reverses_id" else 0.2):
        return None
    if column.codes is not None:
        return str(rng.choice(list(column.codes)))
    if column.name in WORDS:
        return rng.choice(WORDS[column.name])
    match column.type:
        case "int64":
            return rng.randint(int(max(column.low or -5_000, -5_000)), int(min(column.high or 5_000, 5_000)))
        case "float64":
            return rng.choice((0.25, 0.5, 1.0))
        case "bool":
            return rng.random() < 0.5
        case "date":
            return _instant(rng).date()
        case "timestamp":
            return _instant(rng)
    match own:
        case "source_keys.source_key":
            return f"customer_id {number % 6}"  # one key too many
        case "source_keys.customer_id":
            return f"C{rng.randint(0, 3)}"  # two keys of one customer
        case "fraud_cases.subject":
            return f"transaction_id {rng.randrange(FEW['transactions.transaction_id'])}"
        case "bureau_reports.subject":
            return f"application_id {rng.randrange(FEW['applications.application_id'])}"
        case "identifier_tokens.subject":
            return rng.choice((f"application_id {rng.randrange(40)}", f"customer_id {rng.randrange(5)}"))
    kind = column.references or (own if own in FEW else column.name)
    if own == kind and table.key[0] == column.name:
        return f"{column.name} {number % FEW[kind]}"
    named = kind.split(".")[-1]
    return f"{named} {rng.randrange(FEW.get(kind, 1_000))}"


def _instant(rng: random.Random) -> datetime:
    start = datetime.combine(FIRST, datetime.min.time())
    return start + timedelta(days=rng.randrange(DAYS), minutes=rng.choice((0, 30, 60)), hours=rng.randrange(24))


def _pay_days(rng: random.Random) -> Rows:
    usual = dict.fromkeys(TABLE_BY_NAME["transactions"].arrow_schema.names) | {
        "event_precision": "second", "booked_on": FIRST, "currency": "GBP", "channel": "system", "scheme": "transfer",
        "category": "salary", "country": "GB",
    }  # fmt: skip
    rows = []
    for payer in range(3):
        for month in range(1, 13):
            at = datetime.combine(FIRST.replace(month=month, day=12 + payer), time(9))
            row = {
                "transaction_id": f"pay {payer} {month}", "account_id": f"account_id {payer}", "event_time": at,
                "amount": 2_000 + 10 * rng.randrange(9), "counterparty_token": f"payer {payer}",
            }  # fmt: skip
            rows.append(usual | row | _told(rng, at))
    return rows
