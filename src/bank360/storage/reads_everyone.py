"""The rows of the 360 of everybody at once, section by section: what `CustomerRows` reads of one customer. SQL only.

Each section is a table sorted by ``owner``, the stable customer id, and within one as `CustomerRows` sorts it; a test
holds the two to each other. Provenance that no screen shows is left out. Neighbour: `pipeline/published_rows.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa

from bank360.storage.ledger import naive_utc
from bank360.storage.outcomes import losses
from bank360.storage.party_ends import UNTIL, party_ends
from bank360.storage.reads_profile import ARREARS_MONTHS, COMPLAINT, LOST_ON
from bank360.storage.warehouse import Warehouse

_UNSHOWN = "batch_id, source_file_hash, source_line, superseded_time"
_MINE = "mine AS (SELECT DISTINCT source_key, source, customer_id AS owner FROM source_keys WHERE valid_to IS NULL)"
_HELD = f"""$ends, {_MINE}, parties AS (
    SELECT mine.owner, h.account_id, arg_max(h.role, h.valid_from) AS role, max(h.liability_share) AS share,
           {UNTIL} AS until
    FROM account_parties h JOIN mine ON mine.source_key = h.customer_id
    WHERE h.superseded_time IS NULL AND h.known_time < $at AND h.valid_from <= $day
    GROUP BY mine.owner, h.account_id
),
held AS (SELECT * FROM parties JOIN ends USING (until)),
spells AS (SELECT DISTINCT account_id, until FROM held)"""
# Who acted is joined, each pair once: asked as `IN`, the same question took DuckDB two minutes of 15 M rows.
_ACTED = f"{_HELD}, acting AS (SELECT DISTINCT source_key, owner FROM mine)"
_OF_HELD = """FROM transactions t JOIN held USING (account_id)
    LEFT JOIN acting ON acting.source_key = t.actor_customer_id AND acting.owner = held.owner"""
_OWN = "t.event_time < held.until_at AND (t.actor_customer_id IS NULL OR acting.owner IS NOT NULL)"


@dataclass(frozen=True)
class Moment:
    """When everybody is looked at.

    Parameters
    ----------
    as_of, day, zone
        The instant (aware), the bank's local day of it, and its zone.
    recent, contacts
        Since when movements are summed up, and contacts counted (aware).
    movements
        How many of the latest movements are shown.
    """

    as_of: datetime
    day: date
    zone: str
    recent: datetime
    contacts: datetime
    movements: int


def source_keys(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return all mappings of the customers, those that ended included."""
    return _rows(
        warehouse,
        moment,
        "SELECT customer_id AS owner, source, source_key, valid_from, valid_to FROM source_keys"
        " SEMI JOIN customer_index USING (customer_id)"
        " ORDER BY owner, valid_to IS NOT NULL, valid_from, source, source_key",
    )


def masters(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return the records of the customer masters, the latest known last."""
    return _of_keys(warehouse, moment, "customers", "TRUE", "t.known_time, t.customer_id")


def personal(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return the records of direct identifiers that had begun, the latest last."""
    order = "t.valid_from, t.known_time, t.customer_id"
    return _of_keys(warehouse, moment, "customer_personal", "t.valid_from <= $day", order)


def facts(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return the facts that had begun, the latest of each last."""
    order = "t.fact, t.valid_from, t.known_time"
    return _of_keys(warehouse, moment, "customer_facts", "t.valid_from <= $day", order)


def interactions(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return recent contacts by kind and channel."""
    return _rows(
        warehouse,
        moment,
        f"WITH {_MINE} SELECT mine.owner, t.kind, t.channel, count(*) AS contacts, max(t.at) AS last_at,"
        " max(t.known_time) AS known_time FROM interactions t JOIN mine ON mine.source_key = t.customer_id"
        f" WHERE {_visible('t')} AND t.at >= $contacts GROUP BY mine.owner, t.kind, t.channel"
        " ORDER BY mine.owner, contacts DESC, t.kind, t.channel",
    )


def complaints(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return contacts about a complaint, a row for each customer who had any."""
    return _rows(
        warehouse,
        moment,
        f"WITH {_MINE} SELECT mine.owner, count(*) AS contacts, max(t.at) AS last_at, max(t.known_time) AS known_time"
        " FROM interactions t JOIN mine ON mine.source_key = t.customer_id"
        f" WHERE {_visible('t')} AND t.topic = '{COMPLAINT}' AND t.at >= $contacts"
        " GROUP BY mine.owner ORDER BY mine.owner",
    )


def accounts(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return the accounts of which a customer is or was a party, with the latest of what is on them."""
    latest = (
        "SELECT t.account_id, spells.until, arg_max({value}, t.{day}) AS {name}, max(t.{day}) AS {name}_on"
        " FROM {table} t JOIN spells USING (account_id)"
        f" WHERE {_visible('t')} AND t.{{day}} <= $day AND t.{{day}} < spells.until GROUP BY t.account_id, spells.until"
    )
    balances = latest.format(value="t.booked", day="date", name="balance", table="balances")
    terms = latest.format(value="t.credit_limit", day="valid_from", name="credit_limit", table="account_terms")
    months = latest.format(value="t.days_past_due", day="month_end", name="days_past_due", table="credit_months")
    owed = latest.format(value="t.balance", day="month_end", name="owed", table="credit_months")
    lost = losses(f"credit_months t WHERE {_visible('t')} AND t.month_end <= $day")
    return _rows(
        warehouse,
        moment,
        f"""
        WITH {_HELD},
        products_now AS (
            SELECT product_id, arg_max(line, valid_from) AS line, arg_max(name, valid_from) AS product
            FROM products WHERE superseded_time IS NULL GROUP BY product_id
        )
        SELECT held.owner, a.account_id, coalesce(p.product, a.product_id) AS product, p.line, held.role, held.share,
               a.currency, a.opened_on,
               CASE WHEN a.closed_on <= least($day, held.until) THEN a.closed_on END AS closed_on,
               CASE WHEN held.until <= $day THEN held.until END AS left_on, b.balance, b.balance_on,
               o.owed, l.credit_limit, m.days_past_due, m.days_past_due_on, a.known_time, a.source_system,
               {LOST_ON.format(day="$day")} AS charged_off_on
        FROM held JOIN accounts a ON a.account_id = held.account_id AND {_visible("a")} AND a.opened_on <= $day
        LEFT JOIN products_now p ON p.product_id = a.product_id
        LEFT JOIN ({balances}) b ON b.account_id = a.account_id AND b.until = held.until
        LEFT JOIN ({terms}) l ON l.account_id = a.account_id AND l.until = held.until
        LEFT JOIN ({months}) m ON m.account_id = a.account_id AND m.until = held.until
        LEFT JOIN ({owed}) o ON o.account_id = a.account_id AND o.until = held.until
        LEFT JOIN ({lost}) c ON c.account_id = a.account_id
        ORDER BY held.owner, a.opened_on, a.account_id
        """,
    )


def arrears(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return the last month ends of the credit that a customer is obliged on, newest first, then by account."""
    return _rows(
        warehouse,
        moment,
        f"WITH {_HELD} SELECT held.owner, t.account_id, t.month_end, t.days_past_due, t.balance, t.credit_limit,"
        " t.amount_due, t.status FROM credit_months t JOIN held USING (account_id)"
        f" WHERE {_visible('t')} AND t.month_end <= $day"
        f" AND t.month_end < held.until AND t.month_end > $day - INTERVAL {ARREARS_MONTHS} MONTH"
        " ORDER BY held.owner, t.month_end DESC, t.account_id",
    )


def spending(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return recent movements by category: how many and how much, in and out (minor units), and the last."""
    return _rows(
        warehouse,
        moment,
        f"WITH {_ACTED} SELECT held.owner, t.category, t.currency, count(*) FILTER (t.amount > 0) AS times_in,"
        " count(*) FILTER (t.amount < 0) AS times_out,"
        " CAST(coalesce(sum(t.amount) FILTER (t.amount > 0), 0) AS BIGINT) AS money_in,"
        " CAST(coalesce(-sum(t.amount) FILTER (t.amount < 0), 0) AS BIGINT) AS money_out, max(t.event_time) AS last_at"
        f" {_OF_HELD} WHERE {_visible('t')} AND t.event_time >= $recent AND {_OWN}"
        " GROUP BY held.owner, t.category, t.currency"
        " ORDER BY held.owner, money_in + money_out DESC, t.category, t.currency",
    )


def movements(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return the latest movements, newest first.

    Who moved enough lately is looked at lately only: sorting five years of everybody for ten rows each is not needed.
    """
    shown = "t.event_time, t.event_precision, t.amount, t.currency, t.category, t.channel, t.country, t.account_id"
    of_held = f"{_OF_HELD} WHERE {_visible('t')} AND {_OWN}"
    return _rows(
        warehouse,
        moment,
        f"""
        WITH {_ACTED},
        lately AS (SELECT held.owner, t.transaction_id, {shown} {of_held} AND t.event_time >= $recent),
        moved AS (SELECT owner FROM lately GROUP BY owner HAVING count(*) >= $movements),
        rarely AS (SELECT * FROM held ANTI JOIN moved USING (owner)),
        candidates AS (
            SELECT * FROM lately SEMI JOIN moved USING (owner)
            UNION ALL SELECT held.owner, t.transaction_id, {shown} {of_held.replace("JOIN held", "JOIN rarely held")}
        ),
        placed AS (
            SELECT *, row_number() OVER (PARTITION BY owner ORDER BY event_time DESC, transaction_id) AS place
            FROM candidates
        )
        SELECT * EXCLUDE (transaction_id, place) FROM placed WHERE place <= $movements ORDER BY owner, place
        """,
    )


def applications(warehouse: Warehouse, moment: Moment) -> pa.Table:
    """Return the customers' applications, newest first."""
    return _rows(
        warehouse,
        moment,
        f"WITH {_MINE}, own AS (SELECT DISTINCT mine.owner, p.application_id FROM application_parties p"
        f" JOIN mine ON mine.source_key = p.customer_id WHERE {_visible('p')})"
        " SELECT own.owner, t.application_id, t.product_id, t.channel, t.requested_amount, t.term_months, t.purpose,"
        " t.submitted_at, t.event_precision, t.outcome, t.decided_at, t.decision_source, t.taken_up, t.account_id,"
        " t.known_time"
        f" FROM applications t JOIN own USING (application_id) WHERE {_visible('t')}"
        " ORDER BY own.owner, t.submitted_at DESC, t.application_id",
    )


def _derived(table: str, order: str) -> Callable[[Warehouse, Moment], pa.Table]:
    def read(warehouse: Warehouse, moment: Moment) -> pa.Table:
        if table not in warehouse.tables():
            return pa.table({"owner": pa.array([], pa.string())})
        return _rows(
            warehouse,
            moment,
            f"SELECT customer_id AS owner, * EXCLUDE (customer_id) FROM {table} ORDER BY customer_id, {order}",
        )

    return read


# In the order of the profile; identity is what may be shown to few.
IDENTITY: dict[str, Callable[[Warehouse, Moment], pa.Table]] = {"masters": masters, "personal": personal}
ROWS: dict[str, Callable[[Warehouse, Moment], pa.Table]] = {
    "source_keys": source_keys,
    "facts": facts,
    "interactions": interactions,
    "complaints": complaints,
    "accounts": accounts,
    "arrears": arrears,
    "spending": spending,
    "movements": movements,
    "applications": applications,
    "features": _derived("customer_features", "1"),
    "scores": _derived("scores", "model"),
    "score_reasons": _derived("score_reasons", "model, rank"),
    "outside_training": _derived("score_outside", "model, input"),
}


def _of_keys(warehouse: Warehouse, moment: Moment, table: str, where: str, order: str) -> pa.Table:
    return _rows(
        warehouse,
        moment,
        f"WITH {_MINE} SELECT mine.owner, t.* EXCLUDE ({_UNSHOWN}), mine.source AS key_source FROM {table} t"
        f" JOIN mine ON mine.source_key = t.customer_id WHERE {_visible('t')} AND {where} ORDER BY mine.owner, {order}",
    )


def _rows(warehouse: Warehouse, moment: Moment, sql: str) -> pa.Table:
    """Run a statement, the moment's parts in it by name."""
    known = {
        "ends": party_ends(warehouse, moment.zone) if "$ends" in sql else "",
        "at": f"CAST('{naive_utc(moment.as_of).isoformat(sep=' ')}' AS TIMESTAMP)",
        "day": f"CAST('{moment.day.isoformat()}' AS DATE)",
        "recent": f"CAST('{naive_utc(moment.recent).isoformat(sep=' ')}' AS TIMESTAMP)",
        "contacts": f"CAST('{naive_utc(moment.contacts).isoformat(sep=' ')}' AS TIMESTAMP)",
        "movements": str(moment.movements),
    }
    for name, text in known.items():  # instants and numbers of ours, never words of anybody's
        sql = sql.replace(f"${name}", text)
    return warehouse.query(sql)


def _visible(alias: str) -> str:
    return f"{alias}.known_time < $at AND ({alias}.superseded_time IS NULL OR {alias}.superseded_time >= $at)"
