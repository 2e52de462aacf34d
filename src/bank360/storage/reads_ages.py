"""How old what was delivered is: of each table of events the oldest and newest row, and since when tables are known."""

from datetime import UTC, date, datetime
from typing import Any

from bank360.bank.calendar import instant, local_days, to_date
from bank360.quality.rules import EVENT_COLUMNS
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse, quoted

# Tables without events of their own that nothing is seen without: what becomes known too late hides all the rest.
_MASTERS = ("customers", "products", "accounts", "account_parties")


def event_ages(warehouse: Warehouse, zone: str) -> dict[str, tuple[date, date]]:
    """Return by table of events the local days of its oldest and newest row that stands; empty tables are left out."""
    prepare(warehouse)
    found: dict[str, tuple[date, date]] = {}
    for table, column in EVENT_COLUMNS.items():
        name = quoted(column)
        first, last = warehouse.row(
            f"SELECT min({name}), max({name}) FROM {quoted(table)} WHERE superseded_time IS NULL"
        )
        if isinstance(first, date) and isinstance(last, date):
            found[table] = (_day(first, zone), _day(last, zone))
    return found


def _day(at: date, zone: str) -> date:
    """Return the local day of a stored instant (naive UTC); a date is one already."""
    if isinstance(at, datetime):
        return to_date(int(local_days([instant(at.replace(tzinfo=UTC))], zone)[0]))
    return at


def first_known(warehouse: Warehouse) -> dict[str, datetime]:
    """Return when the first row of each table became known (naive UTC); empty tables are left out."""
    prepare(warehouse)
    known: dict[str, Any] = {
        table: warehouse.row(f"SELECT min(known_time) FROM {quoted(table)}")[0] for table in (*_MASTERS, *EVENT_COLUMNS)
    }
    return {table: at for table, at in known.items() if isinstance(at, datetime)}
