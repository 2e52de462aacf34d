"""The star schema of the bank's tables, as known before one instant: SQL only, one function per table, on any engine.

`bank/tables_star.py` says what each table is; `star_customers.py` has the customers' versions. Facts come as a stream,
sorted, so that the same warehouse gives the same rows in the same order; dimensions are small and come whole. What a
fact or a holder names and no source delivered has a row of its own in the dimension: every reference leads somewhere.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cached_property

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_number, instant, local_days, to_date, to_datetime
from bank360.bank.holidays import uk_bank_holidays
from bank360.bank.tables_star import DIM_DATE, FACT_TRANSACTIONS
from bank360.bank.vocabulary import FraudKind, FraudOutcome, PartyRole
from bank360.storage import holders
from bank360.storage.crosswalk import PEOPLE, PEOPLE_BY_ID
from bank360.storage.ledger import naive_utc
from bank360.storage.rows_at import STANDS
from bank360.storage.tables import Tables
from bank360.storage.warehouse import quoted

_AT, _DAY = "CAST($1 AS TIMESTAMP)", "CAST($2 AS DATE)"
_STANDS = STANDS.replace("$1", _AT)
_BETWEEN = "event_time >= CAST($2 AS TIMESTAMP) AND event_time < CAST($3 AS TIMESTAMP)"


class Star:
    """The star schema of a bank at one instant.

    Parameters
    ----------
    tables
        The bank's, with identity run.
    as_of, day
        The instant (aware) and the bank's local day of it.
    zone
        The bank's time zone: a fact's day is the local one.
    customers
        ``dim_customer`` of that instant, which the others refer to.
    owners
        Of each account the one who counts as acting, from `holders.owners`.
    """

    def __init__(
        self, tables: Tables, as_of: datetime, day: date, zone: str, customers: pa.Table, owners: pa.Table
    ) -> None:
        self._tables, self._zone, self._owners = tables, zone, owners
        self._values = [naive_utc(as_of).isoformat(sep=" "), day.isoformat()]
        self._customers = customers.select(["customer_key", "customer_id", "valid_from", "valid_to", "is_current"])

    def accounts(self) -> pa.Table:
        """Return ``dim_account``, by account."""
        return self._rows(
            f"""
            WITH {_PARTIES},
            owners AS (
                SELECT account_id, arg_min(customer_key, (now, rank, valid_from, customer_key)) AS owner,
                    count(DISTINCT customer_id) FILTER (now = 0) AS holders
                FROM parties WHERE rank < 2 GROUP BY account_id
            ),
            lines AS ({_latest("products", "product_id", "name, family, line")}),
            terms AS ({_latest("account_terms", "account_id", "credit_limit, rate", f"valid_from <= {_DAY}")}),
            known AS (SELECT * FROM accounts WHERE {_STANDS}),
            named AS (
                SELECT account_id FROM transactions WHERE {_STANDS} UNION SELECT account_id FROM parties
                UNION SELECT account_id FROM known
            )
            SELECT account_id, a.product_id, l.name AS product, l.family, l.line, a.currency, a.opened_on, a.closed_on,
                a.close_reason, a.branch, t.credit_limit, t.rate, o.owner AS owner_customer_key,
                coalesce(o.holders, 0) AS holders
            FROM named LEFT JOIN known a USING (account_id) LEFT JOIN lines l USING (product_id)
            LEFT JOIN terms t USING (account_id) LEFT JOIN owners o USING (account_id)
            ORDER BY account_id
            """
        )

    def account_holders(self) -> pa.Table:
        """Return ``bridge_account_holder``; two keys of one customer in one role are one row."""
        return self._rows(
            f"""
            WITH {_PARTIES}
            SELECT account_id, customer_key, role, valid_from,
                CASE WHEN count(valid_to) = count(*) THEN max(valid_to) END AS valid_to,
                max(liability_share) AS liability_share
            FROM parties GROUP BY ALL ORDER BY account_id, customer_key, role, valid_from
            """
        )

    def merchants(self) -> pa.Table:
        """Return ``dim_merchant``, by merchant; one that nobody paid has the category of those of its MCC."""
        return self._rows(
            f"""
            WITH counted AS (
                SELECT merchant_id, category, country, count(*) AS n
                FROM transactions WHERE {_STANDS} AND merchant_id IS NOT NULL GROUP BY ALL
            ),
            categories AS (
                SELECT merchant_id, arg_max(category, (n, category)) AS category
                FROM (SELECT merchant_id, category, sum(n) AS n FROM counted GROUP BY ALL) GROUP BY 1
            ),
            countries AS (
                SELECT merchant_id, arg_max(country, (n, country)) AS country
                FROM (SELECT merchant_id, country, sum(n) AS n FROM counted GROUP BY ALL) GROUP BY 1
            ),
            known AS ({_latest("merchants", "merchant_id", "name, mcc, country, category_version")}),
            trades AS (
                SELECT mcc, arg_max(category, (n, category)) AS category
                FROM (
                    SELECT mcc, category, sum(n) AS n FROM counted JOIN known USING (merchant_id)
                    WHERE mcc IS NOT NULL GROUP BY ALL
                ) GROUP BY 1
            )
            SELECT merchant_id, m.name, m.mcc, coalesce(c.category, t.category) AS category,
                coalesce(m.country, p.country) AS country, m.category_version
            FROM known m FULL JOIN categories c USING (merchant_id) LEFT JOIN countries p USING (merchant_id)
            LEFT JOIN trades t USING (mcc)
            ORDER BY merchant_id
            """
        )

    def dates(self) -> pa.Table:
        """Return ``dim_date``: the whole years of all facts, of their booking days too; without facts none."""
        if self._span is None:
            return DIM_DATE.arrow_schema.empty_table()
        first, last, *booked = self._span
        happened = [to_date(int(day)) for day in local_days([first, last], self._zone)]
        years = [day.year for day in (*happened, *booked)]
        return date_rows(date(min(years), 1, 1), date(max(years), 12, 31))

    def first_event(self) -> int | None:
        """Return when the first fact happened (microseconds UTC); None where there is none."""
        return None if self._span is None else self._span[0]

    def facts(self, columns: frozenset[str]) -> Iterator[pa.RecordBatch]:
        """Yield ``fact_transactions`` by time and transaction, the ``columns`` wanted of it."""
        shown = [column.name for column in FACT_TRANSACTIONS.columns if column.name in columns]
        own = {"date", "customer_key", "customer_id", "fraud"}
        taken = ", ".join(f"t.{quoted(name)}" for name in shown if name not in own)
        sql = f"""
            WITH {PEOPLE},
            suspected AS (
                SELECT subject, CASE WHEN bool_or(outcome = '{FraudOutcome.CONFIRMED}') THEN 'confirmed'
                    WHEN bool_or(outcome IS NULL) THEN 'open' ELSE 'cleared' END AS fraud
                FROM fraud_cases WHERE {_STANDS} AND kind = '{FraudKind.CARD}' GROUP BY 1
            ),
            moved AS (
                SELECT {taken}, greatest(t.known_time, h.known_from) AS whose_known,
                    coalesce(actor.customer_id, i.customer_id) AS customer_id, s.fraud
                FROM (SELECT * FROM transactions WHERE {_STANDS} AND {_BETWEEN}) t
                LEFT JOIN people actor ON actor.source_key = t.actor_customer_id
                LEFT JOIN owners h ON h.account_id = t.account_id AND actor.customer_id IS NULL
                    AND {holders.valid_on("h", "t.event_time")}
                    AND h.known_from < {_AT} AND (h.known_to IS NULL OR h.known_to >= {_AT})
                LEFT JOIN customer_index i ON i.customer = h.customer
                LEFT JOIN suspected s ON s.subject = t.transaction_id
            )
            SELECT m.*, v.customer_key
            FROM moved m
            LEFT JOIN versions v ON v.customer_id = m.customer_id AND m.whose_known >= v.valid_from
                AND (v.valid_to IS NULL OR m.whose_known < v.valid_to)
            ORDER BY m.event_time, m.transaction_id
        """
        beside = {"owners": self._owners, "versions": self._customers}
        for begin, end in self._quarters():
            for batch in self._tables.stream(sql, [self._values[0], begin, end], beside=beside):
                days = local_days(batch.column("event_time").cast(pa.int64()).to_numpy(), self._zone)
                whole = batch.append_column("date", pa.array(np.asarray(days)).cast(pa.date32()))
                yield whole.select(shown)

    def _quarters(self) -> Iterator[tuple[str, str]]:
        """Yield quarters of years that hold all facts between them: what is sorted at once stays small."""
        if self._span is not None:
            begun, ended = (to_datetime(at).year * 4 + (to_datetime(at).month - 1) // 3 for at in self._span[:2])
            edges = [date(n // 4, n % 4 * 3 + 1, 1).isoformat() for n in range(begun, ended + 2)]
            yield from itertools.pairwise(edges)

    @cached_property
    def _span(self) -> tuple[int, int, date, date] | None:
        """When the first and the last fact happened (microseconds UTC) and were booked; None where there is none."""
        (found,) = self._tables.query(
            "SELECT min(event_time) AS first_at, max(event_time) AS last_at, min(booked_on) AS first_day,"
            f" max(booked_on) AS last_day FROM transactions WHERE {_STANDS}",
            self._values[:1],
        ).to_pylist()
        if found["first_at"] is None:
            return None
        first, last = (instant(found[name].replace(tzinfo=UTC)) for name in ("first_at", "last_at"))
        return first, last, found["first_day"], found["last_day"]

    def _rows(self, sql: str) -> pa.Table:
        values = self._values if _DAY in sql else self._values[:1]
        return self._tables.query(sql, values, {"versions": self._customers})


def _latest(table: str, key: str, columns: str, condition: str = "TRUE") -> str:
    """Return the statement of what stands of a table of versions: of each key the one that began last."""
    return f"""
        SELECT {key}, {columns} FROM (
            SELECT {key}, {columns}, row_number() OVER (PARTITION BY {key} ORDER BY valid_from DESC) AS place
            FROM {table} WHERE {_STANDS} AND {condition}
        ) WHERE place = 1"""


# Whoever has a part in an account, by the current version of the customer; who owns it before who holds it with them.
_PARTIES = f"""{PEOPLE_BY_ID},
parties AS (
    SELECT h.account_id, v.customer_key, v.customer_id, h.role, h.valid_from, h.valid_to, h.liability_share,
        CASE h.role WHEN '{PartyRole.OWNER}' THEN 0 WHEN '{PartyRole.JOINT_HOLDER}' THEN 1 ELSE 2 END AS rank,
        CASE WHEN h.valid_from <= {_DAY} AND (h.valid_to IS NULL OR h.valid_to > {_DAY}) THEN 0 ELSE 1 END AS now
    FROM account_parties h JOIN people ON people.source_key = h.customer_id
    JOIN versions v ON v.customer_id = people.customer_id AND v.is_current
    WHERE h.known_time < {_AT} AND (h.superseded_time IS NULL OR h.superseded_time >= {_AT})
)"""


def date_rows(first: date, last: date) -> pa.Table:
    """Return the rows of ``dim_date`` from ``first`` to ``last``, both included."""
    days = [to_date(number) for number in range(day_number(first), day_number(last) + 1)]
    holidays: dict[date, str] = {}
    for year in range(first.year, last.year + 1):
        holidays |= uk_bank_holidays(year)
    rows = [
        {
            "date": day,
            "year": day.year,
            "quarter": (day.month + 2) // 3,
            "month": day.month,
            "day": day.day,
            "iso_year": day.isocalendar().year,
            "iso_week": day.isocalendar().week,
            "weekday": day.isoweekday(),
            "month_end": to_date(day_number(day) + 1).day == 1,
            "uk_bank_holiday": holidays.get(day),
            "uk_working_day": day.isoweekday() < 6 and day not in holidays,
        }
        for day in days
    ]
    return pa.Table.from_pylist(rows, schema=DIM_DATE.arrow_schema)
