"""Balances and repayments held to their movements, account by account; and the table in which the result is kept.

The statement is one for every engine; what a check found is kept in the warehouse.

A span lies between two balances of an account, or is a month of its credit; it is compared as long as both its ends lie
within what was delivered of movements. Movements find their span by an ASOF join, so the cost is one
sort of them. Banks draw balances by the day of the event or by the day of booking: the spans are cut at the bank's
local midnights first, and where that does not add up, by booking days too; the better of the two stands.

``reconciliation`` has one row per kind of statement, ``reconciliation_accounts`` the largest differences of each, for
the page; both are derived, and written by every check. Every account that differs is a finding. Only rows that stand
are read.
"""

from dataclasses import asdict

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_starts
from bank360.quality.reconciliation import By, Difference, Reconciled, Stated
from bank360.storage.tables import Tables
from bank360.storage.warehouse import Warehouse, quoted

SHOWN = 20  # accounts kept of each kind of statement

_TABLE, _ACCOUNTS = "reconciliation", "reconciliation_accounts"
_TEXT: pa.DataType = pa.string()
_DAY: pa.DataType = pa.date32()
_COUNT: pa.DataType = pa.int64()
_KEPT = pa.schema(
    [
        ("kind", _TEXT), ("place", _COUNT), ("account_id", _TEXT), ("currency", _TEXT), ("since", _DAY),
        ("until", _DAY), ("stated", _COUNT), ("moved", _COUNT), ("movements", _COUNT), ("differing", _COUNT),
    ]
)  # fmt: skip
_COUNTS = ("compared", "accounts", "differing", "differing_accounts")
_COLUMNS = ("stated", "by", *_COUNTS)
_STANDING = "superseded_time IS NULL"

# (account_id, since, until, ends_at, stated) of every span; ends_at is the instant at which `until` is over.
_BALANCE_SPANS = f"""
spans AS (
    SELECT b.account_id, b.date AS until, b.booked - lag(b.booked) OVER o AS stated, lag(b.date) OVER o AS since,
        d.ends_at
    FROM balances b JOIN days d ON d.day = b.date
    WHERE b.{_STANDING} WINDOW o AS (PARTITION BY b.account_id ORDER BY b.date)
)"""
_CREDIT_SPANS = f"""
spans AS (
    SELECT m.account_id, m.month_end AS until, m.paid AS stated,
        CAST(date_trunc('month', m.month_end) AS DATE) - 1 AS since, d.ends_at
    FROM credit_months m JOIN days d ON d.day = m.month_end WHERE m.{_STANDING}
)"""
_TRANSACTIONS = f"SELECT account_id, amount, event_time AS at, booked_on AS day FROM transactions WHERE {_STANDING}"
_PAYMENTS = (
    f"SELECT account_id, amount, CAST(paid_on AS TIMESTAMP) AS at, paid_on AS day FROM payments"
    f" WHERE {_STANDING} AND NOT returned"
)
_COMPARED = """
delivered AS (SELECT min(day) AS first_day, max(day) AS last_day FROM movements),
sums AS (
    SELECT s.account_id, s.until, CAST(sum(m.amount) AS BIGINT) AS moved, count(*) AS movements
    FROM movements m ASOF JOIN spans s ON s.account_id = m.account_id AND $placed
    WHERE $begun GROUP BY ALL
),
compared AS (
    SELECT s.*, coalesce(m.moved, 0) AS moved, coalesce(m.movements, 0) AS movements
    FROM spans s LEFT JOIN sums m USING (account_id, until) CROSS JOIN delivered
    WHERE s.since >= delivered.first_day - 1 AND s.until <= delivered.last_day
)"""
# One row of counts beside the largest difference of each account, and alone where there is none.
_COUNTED = f"""
counts AS (
    SELECT count(*) AS compared, count(DISTINCT account_id) AS accounts,
        count(*) FILTER (stated <> moved) AS differing,
        count(DISTINCT account_id) FILTER (stated <> moved) AS differing_accounts
    FROM compared
),
placed AS (
    SELECT *, count(*) OVER (PARTITION BY account_id) AS of_account,
        row_number() OVER (PARTITION BY account_id ORDER BY abs(stated - moved) DESC, until) AS place
    FROM compared WHERE stated <> moved
),
largest AS (
    SELECT p.account_id, a.currency, p.since, p.until, p.stated, p.moved, p.movements, p.of_account
    FROM placed p LEFT JOIN accounts a ON a.account_id = p.account_id AND a.{_STANDING}
    WHERE place = 1
)
SELECT c.*, l.* FROM counts c LEFT JOIN largest l ON TRUE ORDER BY abs(l.stated - l.moved) DESC, l.account_id"""
_DIFFERENCE = ("account_id", "currency", "since", "until", "stated", "moved", "movements")
# When a movement is before the end of a span, and when it is in a span that it is before the end of.
_BY_EVENT, _BY_DAY = ("m.at < s.ends_at", "s.since IS NOT NULL"), ("m.day <= s.until", "m.day > s.since")


def reconciled(tables: Tables, zone: str) -> tuple[Reconciled, ...]:
    """Hold balances to transactions and repayments to payments; ``zone`` is the bank's."""
    by_event = _held(tables, zone, "balances", "event", _BALANCE_SPANS, _TRANSACTIONS, _BY_EVENT)
    balances = by_event
    if by_event.differing:
        by_booking = _held(tables, zone, "balances", "booking", _BALANCE_SPANS, _TRANSACTIONS, _BY_DAY)
        balances = min(by_event, by_booking, key=lambda one: one.differing)
    return balances, _held(tables, zone, "credit_months", "payment", _CREDIT_SPANS, _PAYMENTS, _BY_DAY)


def _held(
    tables: Tables, zone: str, stated: Stated, by: By, spans: str, movements: str, placed: tuple[str, str]
) -> Reconciled:
    column = "date" if stated == "balances" else "month_end"
    days = tables.query(f"SELECT DISTINCT {column} AS day FROM {stated} WHERE {_STANDING} ORDER BY 1")
    if days.num_rows == 0:
        return Reconciled(stated, by, 0, 0, 0, 0, ())
    after = np.asarray(days["day"].cast(pa.int32()).to_numpy(), dtype=np.int64) + 1
    days = days.append_column("ends_at", pa.array(day_starts(after, zone)).cast(pa.timestamp("us")))
    compared = _COMPARED.replace("$placed", placed[0]).replace("$begun", placed[1])
    sql = f"WITH {spans},\nmovements AS ({movements}),{compared},{_COUNTED}"
    rows = tables.query(sql, beside={"days": days}).to_pylist()
    counts = {name: rows[0][name] for name in _COUNTS}
    differences = tuple(
        Difference(**{name: row[name] for name in _DIFFERENCE}, differing=row["of_account"])
        for row in rows if row["account_id"] is not None
    )  # fmt: skip
    return Reconciled(stated, by, **counts, differences=differences)


def store_reconciliation(warehouse: Warehouse, results: tuple[Reconciled, ...]) -> None:
    """Put what was compared, and the largest differences, in place of what the check before kept."""
    rows = [{name: getattr(one, name) for name in _COLUMNS} for one in results]
    largest = [
        {"kind": one.stated, "place": place, **asdict(difference)}
        for one in results
        for place, difference in enumerate(one.differences[:SHOWN])
    ]
    warehouse.replace_table(_TABLE, pa.Table.from_pylist(rows))
    warehouse.replace_table(_ACCOUNTS, pa.Table.from_pylist(largest, schema=_KEPT))


def stored_reconciliation(warehouse: Warehouse) -> tuple[Reconciled, ...]:
    """Return what the last check compared, with at most `SHOWN` differences each; empty before the first.

    A check by an earlier version of bank360 kept no differences.
    """
    if _TABLE not in warehouse.tables():
        return ()
    rows = warehouse.query(f"SELECT {', '.join(map(quoted, _COLUMNS))} FROM {_TABLE} ORDER BY stated").to_pylist()
    largest: dict[str, list[Difference]] = {row["stated"]: [] for row in rows}
    if _ACCOUNTS in warehouse.tables():
        kept = warehouse.query(f"SELECT * EXCLUDE (place) FROM {_ACCOUNTS} ORDER BY kind, place").to_pylist()
        for one in kept:
            largest[one.pop("kind")].append(Difference(**one))
    return tuple(Reconciled(**row, differences=tuple(largest[row["stated"]])) for row in rows)


def load_totals(warehouse: Warehouse) -> tuple[int, int, int, int]:
    """Return how many loads there were, and of all their rows those delivered, accepted and known before."""
    if "load_tables" not in warehouse.tables():
        return 0, 0, 0, 0
    loads, delivered, accepted, unchanged = warehouse.row(
        "SELECT count(DISTINCT batch_id), CAST(coalesce(sum(delivered), 0) AS BIGINT),"
        " CAST(coalesce(sum(accepted), 0) AS BIGINT), CAST(coalesce(sum(unchanged), 0) AS BIGINT) FROM load_tables"
    )
    assert isinstance(loads, int)
    assert isinstance(delivered, int)
    assert isinstance(accepted, int)
    assert isinstance(unchanged, int)
    return loads, delivered, accepted, unchanged
