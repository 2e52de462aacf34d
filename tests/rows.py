"""Hand-made rows of canonical tables: a test names the columns that matter, the rest is blank."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from bank360.bank.calendar import instant
from bank360.bank.table import PROVENANCE
from bank360.bank.tables import TABLE_BY_NAME
from bank360.storage.warehouse import Warehouse

ANN = {
    "given_name": "Ann", "family_name": "Marsden", "birth_date": date(1980, 7, 2), "address_line": "12 Mill Lane",
    "city": "Bath", "postcode": "BA1 1AA", "email": "ann@home.example", "phone": "01225 900123",
}  # fmt: skip


def stored(text: str) -> datetime:
    """An instant as it is stored: without a zone, in UTC."""
    return datetime.fromisoformat(text)


def micros(text: str) -> int:
    """An instant of UTC in microseconds."""
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


_BLANK = {
    "string": "-", "int64": 0, "float64": 0.0, "bool": False, "date": date(2020, 1, 1),
    "timestamp": stored("2020-01-01"),
}  # fmt: skip


def fill(warehouse: Warehouse, table: str, *rows: dict[str, Any]) -> None:
    """Append rows; of what they do not name, what may be null is, and all was known in 2020."""
    columns = (*TABLE_BY_NAME[table].columns, *PROVENANCE)
    arrays = {
        c.name: pa.array([row.get(c.name, None if c.nullable else _BLANK[c.type]) for row in rows], c.arrow_type)
        for c in columns
    }
    warehouse.append(table, pa.table(arrays))


def putting(warehouse: Warehouse, **usual: Any) -> Callable[..., None]:
    """Return ``put(table, **row)``, which appends one row; what is not given is as ``usual``, as below, or null."""
    blank: dict[str, Any] = {
        "type": "person", "source": "core", "valid_from": date(2020, 1, 1), "source_system": "demo", "batch_id": "b",
        "source_file_hash": "h", "source_line": 1, "known_time": stored("2024-01-01"), "currency": "GBP",
        "liability_share": 1.0, "role": "owner", "event_precision": "second", "booked_on": date(2026, 6, 1),
        "channel": "pos", "scheme": "card", "country": "GB", "family": "deposits", "line": "current_account",
        "name": "Everyday", "secured": False, "revolving": False, "rate_type": "none", "fee": 0, "transfer_rate": 0.0,
        "opened_on": date(2021, 1, 1), "product_id": "CUR", "origin": "declared",
    }  # fmt: skip

    def put(table: str, **row: Any) -> None:
        schema = TABLE_BY_NAME[table].arrow_schema
        given = dict.fromkeys(schema.names) | blank | usual | row
        values = {name: value for name, value in given.items() if name in schema.names}
        nullable = pa.schema([field.with_nullable(True) for field in schema])
        warehouse.append(table, pa.Table.from_pylist([values], schema=nullable))

    return put
