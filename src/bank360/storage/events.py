"""Event streams: what `features.scan` asks for, read from the warehouse as Arrow batches with dense customers.

A row's customer is the stable one: source keys are resolved through the crosswalk, accounts through their holders.

* transactions: who acted (joint accounts: card spend belongs to the actor), without one the first owner
* balances: each owner and joint holder with their share of the value, rounded to minor units; what is below zero is
  debt, which each of them owes in full
* credit months, payments, openings: each owner and joint holder in full (each obligor owes the whole debt)
* holdings: each owner and joint holder, from the day on which account and part began until one of them has ended
* applications: each applicant; interactions: the customer
* payments and frauds of merchants and terminals: the place that the transaction names (`places.py`), whoever paid

What it takes another row or the bank's settings to say is derived here (`scan.JOINED_COLUMNS`): product line, whether
money is in the bank's currency, whether it was abroad, what a reversal gives back (`reversals.py`).

All versions of a corrected row are streamed. Account, product, holder and applicant are those of the event's day, as
known when: a change that comes to be known later closes one version of the event and adds another (`holders.py`). Who
is who is read as it stands. Rows whose customer nobody knows are left out. Neighbours: `crosswalk.py` makes
``customer_index``, `features/packing.py` reads the batches.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.calendar import day_starts
from bank360.bank.table import Table
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.feature import Condition
from bank360.features.scan import FRAUD_STREAMS, HOLDINGS, Entity, EventScan
from bank360.storage import holders
from bank360.storage.as_submitted import sql_instant
from bank360.storage.crosswalk import PEOPLE
from bank360.storage.places import fraud_reports
from bank360.storage.reversals import reversals
from bank360.storage.warehouse import Param, Warehouse, quoted

_FROM, _UNTIL = "greatest(e.opened_on, h.valid_from)", "least(e.closed_on, h.valid_to)"  # of a holding
_ENDED_ON = "ended_on"
# What a transaction that another one reverses was for, as known when; nothing before it was known. One that is a
# reversal itself is followed back (`reversals.py`).
_REVERSED = """
originals AS (
    SELECT transaction_id, category, known_time AS known_from, superseded_time AS known_to
    FROM transactions
    WHERE transaction_id IN (SELECT reverses_id FROM transactions WHERE reverses_id IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM reversals WHERE reversals.transaction_id = transactions.transaction_id)
),
reversed AS (
    SELECT transaction_id, category, FALSE AS gives_back, known_from, known_to FROM originals
    UNION ALL SELECT transaction_id, NULL, FALSE, TIMESTAMP '0001-01-01 00:00:00', min(known_from)
    FROM originals GROUP BY transaction_id
    UNION ALL SELECT transaction_id, category, gives_back, known_from, known_to FROM reversals
)"""
_OF_REVERSALS = frozenset({"purpose", "outgoing"})


def customer_count(warehouse: Warehouse) -> int:
    """Return how many customers there are; they are numbered from 0.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    warehouse.require("customer_index", "build")
    return warehouse.number("SELECT count(*) FROM customer_index")


def accounts_by_currency(warehouse: Warehouse) -> dict[str, int]:
    """Return how many accounts there are in each currency, as they stand now."""
    rows = warehouse.query(
        "SELECT currency, count(*) AS n FROM accounts WHERE superseded_time IS NULL GROUP BY currency"
    )
    return {str(row["currency"]): int(row["n"]) for row in rows.to_pylist()}


def event_stream(
    warehouse: Warehouse, scan: EventScan, zone: str, currency: str, country: str, rows_per_batch: int = 122_880,
    with_key: bool = False, places: pa.Table | None = None, batches: Sequence[str] | None = None,
    since: int | None = None,
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    """Yield the events of one scan, columns as `features.scan` says; coded columns come as dictionaries.

    Parameters
    ----------
    scan
        From `features.scan.scan_plan`.
    zone
        The bank's time zone: a date-only event happens at the local midnight that starts its day.
    currency, country
        The bank's own: what ``home_currency`` and ``abroad`` are told by.
    with_key
        Whether the columns that name a row of the table come too, for whoever asks which rows a number is made of.
    places
        Of a stream of merchants or terminals: which are read, and their numbers (`places.place_index`).
    batches
        The loads whose events are read; None: all.
    since
        Of a stream of instants, events before it (microseconds UTC) are left out; None: none is.

    Raises
    ------
    NotReady
        If identity has not run yet; streams of merchants and terminals do not ask who is who.
    ValueError
        If a stream of merchants or terminals is read without places.
    """
    if scan.stream.entity is Entity.CUSTOMER:
        warehouse.require("customer_index", "build")
    beside = joined_rows(warehouse, scan, zone, places)
    sql, params = event_sql(scan, currency, country, with_key, batches, since)
    for batch in warehouse.stream(sql, params, rows_per_batch, beside):
        yield with_instants(batch, zone) if scan.stream.date_only else batch


def joined_rows(
    warehouse: Warehouse, scan: EventScan, zone: str, places: pa.Table | None = None
) -> dict[str, pa.Table]:
    """Return the relations that the scan's statement joins, by name.

    They are those of `holders.py`, or ``places`` and those of `places.py`; and of `reversals.py` for either.
    """
    if scan.stream.entity is not Entity.CUSTOMER:
        if places is None:
            raise ValueError(f"stream '{scan.stream.name}' is of {scan.stream.entity}s: it needs their numbers")
        found = {"places": places} | ({"reports": fraud_reports(warehouse)} if _of_frauds(scan) else {})
        return found | ({"reversals": reversals(warehouse)} if _needs_reversals(scan) else {})
    match scan.stream.table:
        case "transactions":
            found = {"owners": holders.owners(warehouse, zone)}
            if _needs_reversals(scan):
                found["reversals"] = reversals(warehouse)
        case "applications":
            found = {"applicants": holders.applicants(warehouse)}
        case "interactions":
            found = {}
        case _:
            found = {"holders": holders.holders(warehouse)}
    if _needs_lines(scan):
        found["lines"] = holders.lines(warehouse, None if scan.stream.date_only else zone)
    return found


def _of_frauds(scan: EventScan) -> bool:
    return scan.stream.name in FRAUD_STREAMS


def _needs_reversals(scan: EventScan) -> bool:
    return not _OF_REVERSALS.isdisjoint(scan.columns)


def _needs_lines(scan: EventScan) -> bool:
    own = {column.name for column in TABLE_BY_NAME[scan.stream.table].columns}
    return "product_line" in scan.columns or ("home_currency" in scan.columns and "currency" not in own)


def event_sql(
    scan: EventScan, currency: str, country: str, with_key: bool = False, batches: Sequence[str] | None = None,
    since: int | None = None,
) -> tuple[str, list[Param]]:  # fmt: skip
    """Return the statement of one scan and the values bound in it; it reads what `joined_rows` returns beside tables.

    Parameters
    ----------
    scan, currency, country, with_key, batches, since
        As for `event_stream`.
    """
    table = TABLE_BY_NAME[scan.stream.table]
    held = scan.stream.name == HOLDINGS
    time = _FROM if held else f"e.{quoted(scan.stream.time_column)}"
    parts, customer, source = [PEOPLE], "h.customer", f"FROM {quoted(table.name)} e"
    joined = ["h"]  # whose rectangles of `holders.py` bound what is known
    if scan.stream.entity is not Entity.CUSTOMER:
        parts, customer, joined = [], "places.customer", []
        source += f" JOIN places ON places.place_id = e.{quoted(scan.stream.entity.key)}"
        if _of_frauds(scan):
            source += (
                f" JOIN reports ON reports.transaction_id = e.transaction_id AND {holders.known_together('reports')}"
            )
            joined.append("reports")
    elif table.name == "transactions":
        customer = "coalesce(actor.customer, h.customer)"
        source += (
            " LEFT JOIN people actor ON actor.source_key = e.actor_customer_id"
            " LEFT JOIN owners h ON h.account_id = e.account_id AND actor.customer IS NULL"
            f" AND {holders.valid_on('h', time)} AND {holders.known_together('h')}"
        )
    elif table.name == "applications":
        # An applicant who is no customer yet has no history to stand in.
        source += f" JOIN applicants h ON h.application_id = e.application_id AND {holders.known_together('h')}"
    elif table.name == "interactions":
        customer = "people.customer"
        source += " JOIN people ON people.source_key = e.customer_id"
        joined = []
    else:
        while_held = f"{_FROM} < {_UNTIL}" if held else holders.valid_on("h", time)
        source += f" JOIN holders h ON h.account_id = e.account_id AND {while_held} AND {holders.known_together('h')}"
    if _needs_lines(scan):
        source += (
            " LEFT JOIN lines ON lines.account_id = e.account_id"
            f" AND {holders.valid_on('lines', time)} AND {holders.known_together('lines')}"
        )
        joined.append("lines")
    if _needs_reversals(scan):
        parts.append(_REVERSED)
        source += (
            f" LEFT JOIN reversed ON reversed.transaction_id = e.reverses_id AND {holders.known_together('reversed')}"
        )
        joined.append("reversed")
    columns = [
        f"{customer} AS customer",
        f"{time} AS event_time",
        f"{holders.known(joined)} AS known_time",
        f"{holders.superseded(joined)} AS superseded_time",
        *([f"nullif({_UNTIL}, {holders.LAST_DAY}) AS {_ENDED_ON}"] if held else []),
        *(["e.event_precision = 'day' AS date_only"] if scan.stream.date_only is None else []),
        *(_column(table, name) for name in scan.columns),
        *(f"e.{quoted(name)}" for name in table.key if with_key and name not in scan.columns),
    ]
    told: dict[str, Param] = {"home_currency": currency, "abroad": country}
    stated = [told[name] for name in scan.columns if name in told]
    conditions, params = _wanted(table, scan)
    if batches is not None:
        conditions.append(f"e.batch_id IN ({', '.join('?' * len(batches)) or 'NULL'})")
        params += batches
    if since is not None:
        conditions.append(f"{time} >= CAST(? AS TIMESTAMP)")
        params.append(sql_instant(since))
    # The event may stand together with its holder, and with its line, but not with both at once.
    common = [f"coalesce({holders.known(joined)} < {holders.superseded(joined)}, TRUE)"] if len(joined) > 1 else []
    kept = " AND ".join([f"{customer} IS NOT NULL", *common, *conditions])
    head = f"WITH {','.join(parts)} " if parts else ""
    return f"{head}SELECT {', '.join(columns)} {source} WHERE {kept}", [*stated, *params]


def _column(table: Table, name: str) -> str:
    match name:
        case "product_line":
            return f"CAST(lines.line AS {_enum(TABLE_BY_NAME['products'], 'line')}) AS product_line"
        case "home_currency":
            own = any(column.name == "currency" for column in table.columns)
            return f"{'e' if own else 'lines'}.currency = ? AS home_currency"
        case "abroad":
            return "e.country <> ? AS abroad"
        case "purpose":
            return f"CAST(coalesce(reversed.category, e.category) AS {_enum(table, 'category')}) AS purpose"
        case "outgoing":
            leaves = "e.reverses_id IS NULL OR coalesce(reversed.gives_back, FALSE)"
            return f"(e.amount < 0) = ({leaves}) AS outgoing"
    column = f"e.{quoted(name)}"
    if table.name == "balances" and name in ("booked", "available"):
        share = f"CAST(round({column} * h.share) AS BIGINT)"
        return f"CASE WHEN {column} < 0 THEN {column} ELSE {share} END AS {quoted(name)}"
    if table.column(name).codes is not None:
        return f"CAST({column} AS {_enum(table, name)}) AS {quoted(name)}"
    return column


def _enum(table: Table, name: str) -> str:
    codes = table.column(name).codes
    assert codes is not None
    return f"ENUM({', '.join(repr(code.value) for code in codes)})"


def _wanted(table: Table, scan: EventScan) -> tuple[list[str], list[Param]]:
    """Return which rows a scan reads: as many conditions as have to hold, with bound values."""
    either, params = _where(table, scan.where)
    if not scan.or_where:
        return either, params
    other, more = _where(table, scan.or_where)
    return [f"({' AND '.join(either)} OR {' AND '.join(other)})"], [*params, *more]


def _where(table: Table, conditions: tuple[Condition, ...]) -> tuple[list[str], list[Param]]:
    """Return conditions on the table's own columns as SQL with bound values."""
    sql: list[str] = []
    params: list[Param] = []
    for name, comparison, values in conditions:
        column = f"e.{quoted(table.column(name).name)}"
        if comparison in ("is null", "not null"):
            sql.append(f"{column} IS {'NOT ' if comparison == 'not null' else ''}NULL")
        elif comparison in ("in", "not in"):
            sql.append(f"{column} {comparison.upper()} ({', '.join('?' * len(values))})")
        else:
            sql.append(f"{column} {comparison} ?")
        params += [str(value) if isinstance(value, str) else value for value in values]
    return sql, params


def with_instants(batch: pa.RecordBatch, zone: str) -> pa.RecordBatch:
    """Return events with their dates as the instants at which those local days began in the zone.

    What ended on a day ceases to be visible with the first instant of the next: nothing of a day counts on it.
    """
    began = _days_begun(batch.column("event_time"), 0, zone)
    batch = batch.set_column(batch.schema.get_field_index("event_time"), "event_time", began)
    if _ENDED_ON not in batch.schema.names:
        return batch
    over = pc.subtract(_days_begun(batch.column(_ENDED_ON), 1, zone).cast(pa.int64()), 1).cast(pa.timestamp("us"))
    place = batch.schema.get_field_index("superseded_time")
    superseded: Any = pc.min_element_wise(batch.column(place).cast(pa.timestamp("us")), over)
    return batch.set_column(place, "superseded_time", superseded).drop_columns([_ENDED_ON])


def _days_begun(dates: Any, later: int, zone: str) -> Any:
    """Return when the local days began that are ``later`` days after some dates; null of null."""
    days = pc.fill_null(dates.cast(pa.int32()), 0).to_numpy() + later
    unknown = dates.is_null().to_numpy(zero_copy_only=False)
    return pa.array(day_starts(days, zone), mask=unknown).cast(pa.timestamp("us"))
