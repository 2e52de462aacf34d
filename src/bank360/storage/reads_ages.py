"""How old what was delivered is: of each table of events the oldest and newest row, and since when tables are known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bank360.bank.calendar import instant, local_days, to_date
from bank360.bank.tables import TABLE_BY_NAME
from bank360.quality.rules import EVENT_COLUMNS
from bank360.storage.ledger import naive_utc, prepare
from bank360.storage.warehouse import Warehouse, quoted

# Tables without events of their own that nothing is seen without: what becomes known too late hides all the rest.
_MASTERS = ("customers", "products", "accounts", "account_parties")


@dataclass(frozen=True)
class EventAge:
    """How old the rows of one table of events are.

    Parameters
    ----------
    first, newest
        Local days of the oldest and the newest row that is not of the future; None where all are.
    ahead, last_ahead
        How many rows are dated after now, and the day of the last of them.
    """

    first: date | None
    newest: date | None
    ahead: int
    last_ahead: date | None


def event_ages(warehouse: Warehouse, now: datetime, zone: str) -> dict[str, EventAge]:
    """Return by table of events how old its rows are that stand at ``now`` (aware); empty tables are left out."""
    prepare(warehouse)
    today = to_date(int(local_days([instant(now)], zone)[0]))
    edges = {"date": f"DATE '{today}'", "timestamp": f"TIMESTAMP '{now.astimezone(UTC).replace(tzinfo=None)}'"}
    found: dict[str, EventAge] = {}
    for table, column in EVENT_COLUMNS.items():
        name, edge = quoted(column), edges[TABLE_BY_NAME[table].column(column).type]
        first, newest, ahead, last = warehouse.row(
            f"SELECT min({name}) FILTER ({name} <= {edge}), max({name}) FILTER ({name} <= {edge}),"
            f" count(*) FILTER ({name} > {edge}), max({name}) FILTER ({name} > {edge})"
            f" FROM {quoted(table)} WHERE superseded_time IS NULL"
        )
        if newest is not None or ahead:
            found[table] = EventAge(_day(first, zone), _day(newest, zone), int(str(ahead)), _day(last, zone))
    return found


def _day(at: object, zone: str) -> date | None:
    """Return the local day of a stored instant (naive UTC); a date is one already."""
    if isinstance(at, datetime):
        return to_date(int(local_days([instant(at.replace(tzinfo=UTC))], zone)[0]))
    return at if isinstance(at, date) else None


def first_known(warehouse: Warehouse) -> dict[str, datetime]:
    """Return when the first row of each table became known (naive UTC); empty tables are left out."""
    prepare(warehouse)
    known: dict[str, Any] = {
        table: warehouse.row(f"SELECT min(known_time) FROM {quoted(table)}")[0] for table in (*_MASTERS, *EVENT_COLUMNS)
    }
    return {table: at for table, at in known.items() if isinstance(at, datetime)}


def day_known(warehouse: Warehouse, tables: Iterable[str], day: date, zone: str, until: datetime) -> datetime | None:
    """Return when the last row that tables of events have of a local day or later became known (aware).

    Rows known only after ``until`` (aware) are not looked at; None where there are no others.
    """
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)
    edges = {"date": f"DATE '{day}'", "timestamp": f"TIMESTAMP '{start}'"}
    latest = None
    for table in tables:
        column = EVENT_COLUMNS[table]
        (known,) = warehouse.row(
            f"SELECT max(known_time) FROM {quoted(table)} WHERE {quoted(column)} >="
            f" {edges[TABLE_BY_NAME[table].column(column).type]} AND known_time <= CAST(? AS TIMESTAMP)",
            [naive_utc(until).isoformat(sep=" ")],
        )
        if isinstance(known, datetime):
            aware = known.replace(tzinfo=UTC)
            latest = aware if latest is None else max(latest, aware)
    return latest


def known_by_load(warehouse: Warehouse, table: str) -> bool:
    """Return whether what a table has is known from its loads on, as of a file that keeps no history.

    Each load's rows then have one known time, that of the load; a day of grace, for a load may be dated by its day.
    """
    (by_load,) = warehouse.row(
        "SELECT bool_and(times = 1 AND known >= received_at - INTERVAL 1 DAY) FROM ("
        f"SELECT batch_id, count(DISTINCT known_time) AS times, min(known_time) AS known FROM {quoted(table)}"
        " GROUP BY batch_id) JOIN (SELECT batch_id, min(received_at) AS received_at FROM loads GROUP BY batch_id)"
        " USING (batch_id)"
    )
    return by_load is True
