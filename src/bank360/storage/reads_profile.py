"""What is known of one customer, table by table: rows of all their source keys, as visible at an instant. SQL only.

A row is visible at an instant if it was known before it and not superseded before it. Facts are resolved through the
standing mappings of the crosswalk, so that a merged duplicate's rows are the customer's. Neighbour:
`pipeline/profile.py`, which makes the profile of them.
"""

from datetime import UTC, date, datetime
from typing import Any

from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import CloseReason, RiskTier
from bank360.storage.crosswalk import PEOPLE_BY_ID
from bank360.storage.ledger import naive_utc
from bank360.storage.outcomes import losses
from bank360.storage.party_ends import UNTIL, party_ends
from bank360.storage.warehouse import Param, Warehouse

Row = dict[str, Any]
ARREARS_MONTHS = 24  # of the arrears strip
_RANKED = f"s.tier <> '{RiskTier.IN_DEFAULT}'"  # whom a probability of default ranks
COMPLAINT = "complaint"  # the topic of a contact that suppresses offers

_MINE = "mine AS (SELECT source_key, source FROM source_keys WHERE customer_id = ? AND valid_to IS NULL)"
# After `party_ends`.
_HELD = f"""{_MINE}, parties AS (
    SELECT h.account_id, arg_max(h.role, h.valid_from) AS role, max(h.liability_share) AS share, {UNTIL} AS until
    FROM account_parties h JOIN mine ON mine.source_key = h.customer_id
    WHERE h.superseded_time IS NULL AND h.known_time < ? AND h.valid_from <= ?
    GROUP BY h.account_id
),
held AS (SELECT * FROM parties JOIN ends USING (until))"""


# Of an account `a`, what `losses` says of it, `c`, and `held`: when it was charged off, while it was theirs. Banks end
# the parties of an account with it: a closing as a loss on the very day on which they left is theirs all the same.
LOST_ON = (
    f"CASE WHEN a.close_reason = '{CloseReason.CHARGED_OFF}'"
    " AND a.closed_on <= least(CAST({day} AS DATE), held.until) THEN a.closed_on"
    " WHEN c.lost_on < held.until THEN c.lost_on END"
)


class CustomerRows:
    """Reads the rows of one customer, all at the same instant.

    Parameters
    ----------
    warehouse
        With canonical tables filled and identity run.
    customer_id
        The stable id (`resolved_id`).
    as_of
        The instant (aware).
    day
        The bank's local day of the instant: what begins later is not shown.
    zone
        The bank's: of an account that they left, they see what was before that local day.
    """

    def __init__(self, warehouse: Warehouse, customer_id: str, as_of: datetime, day: date, zone: str) -> None:
        self._warehouse, self._customer_id = warehouse, customer_id
        self._held = f"{party_ends(warehouse, zone)}, {_HELD}"
        self._at, self._day = naive_utc(as_of).isoformat(sep=" "), day.isoformat()

    def source_keys(self) -> list[Row]:
        """Return all mappings of the customer, those that ended included: source, source_key, valid_from, valid_to."""
        return self._rows(
            "SELECT source, source_key, valid_from, valid_to FROM source_keys WHERE customer_id = ?"
            " ORDER BY valid_to IS NOT NULL, valid_from, source, source_key"
        )

    def masters(self) -> list[Row]:
        """Return the records of the customer masters, the latest known last."""
        return self._of_keys("customers", "TRUE", "t.known_time, t.customer_id")

    def personal(self) -> list[Row]:
        """Return the records of direct identifiers that had begun, the latest last."""
        return self._of_keys("customer_personal", "t.valid_from <= ?", "t.valid_from, t.known_time, t.customer_id", 1)

    def facts(self) -> list[Row]:
        """Return the facts that had begun, the latest of each last."""
        return self._of_keys("customer_facts", "t.valid_from <= ?", "t.fact, t.valid_from, t.known_time", 1)

    def interactions(self, since: datetime) -> list[Row]:
        """Return contacts since an instant by kind and channel: how many, and the last (instant known with it)."""
        return self._rows(
            f"WITH {_MINE} SELECT t.kind, t.channel, count(*) AS contacts, max(t.at) AS last_at,"
            " max(t.known_time) AS known_time FROM interactions t JOIN mine ON mine.source_key = t.customer_id"
            f" WHERE {_visible('t')} AND t.at >= ? GROUP BY ALL ORDER BY contacts DESC, t.kind, t.channel",
            [self._at, self._at, naive_utc(since).isoformat(sep=" ")],
        )

    def complaints(self, since: datetime) -> list[Row]:
        """Return contacts about a complaint since an instant, in one row: how many, and the last."""
        return self._rows(
            f"WITH {_MINE} SELECT count(*) AS contacts, max(t.at) AS last_at, max(t.known_time) AS known_time"
            " FROM interactions t JOIN mine ON mine.source_key = t.customer_id"
            f" WHERE {_visible('t')} AND t.topic = '{COMPLAINT}' AND t.at >= ? HAVING count(*) > 0",
            [self._at, self._at, naive_utc(since).isoformat(sep=" ")],
        )

    def accounts(self) -> list[Row]:
        """Return the accounts of which the customer is or was a party, with the latest of what is on them.

        ``charged_off_on`` is the local day on which an account was charged off as a loss, null where it was not;
        ``left_on`` the one from which on the customer was no party of it: what is said of it is from before.
        """
        latest = (
            "SELECT t.account_id, arg_max({value}, t.{day}) AS {name}, max(t.{day}) AS {name}_on FROM {table} t"
            f" JOIN held USING (account_id) WHERE {_visible('t')}"
            " AND t.{day} <= ? AND t.{day} < held.until GROUP BY t.account_id"
        )
        balances = latest.format(value="t.booked", day="date", name="balance", table="balances")
        terms = latest.format(value="t.credit_limit", day="valid_from", name="credit_limit", table="account_terms")
        months = latest.format(value="t.days_past_due", day="month_end", name="days_past_due", table="credit_months")
        owed = latest.format(value="t.balance", day="month_end", name="owed", table="credit_months")
        lost = losses(f"credit_months t SEMI JOIN held USING (account_id) WHERE {_visible('t')} AND t.month_end <= ?")
        window = [self._at, self._at, self._day]
        return self._rows(
            f"""
            WITH {self._held},
            products_now AS (
                SELECT product_id, arg_max(line, valid_from) AS line, arg_max(name, valid_from) AS product
                FROM products WHERE superseded_time IS NULL GROUP BY product_id
            )
            SELECT a.account_id, coalesce(p.product, a.product_id) AS product, p.line, held.role, held.share,
                   a.currency, a.opened_on,
                   CASE WHEN a.closed_on <= least(CAST(? AS DATE), held.until) THEN a.closed_on END AS closed_on,
                   CASE WHEN held.until <= CAST(? AS DATE) THEN held.until END AS left_on, b.balance, b.balance_on,
                   o.owed, l.credit_limit, m.days_past_due, m.days_past_due_on, a.known_time, a.source_system,
                   {LOST_ON.format(day="?")} AS charged_off_on
            FROM held JOIN accounts a ON a.account_id = held.account_id AND {_visible("a")} AND a.opened_on <= ?
            LEFT JOIN products_now p ON p.product_id = a.product_id
            LEFT JOIN ({balances}) b ON b.account_id = a.account_id
            LEFT JOIN ({terms}) l ON l.account_id = a.account_id
            LEFT JOIN ({months}) m ON m.account_id = a.account_id
            LEFT JOIN ({owed}) o ON o.account_id = a.account_id
            LEFT JOIN ({lost}) c ON c.account_id = a.account_id
            ORDER BY a.opened_on, a.account_id
            """,
            [self._at, self._day, *[self._day] * 3, self._at, self._at, self._day, *window * 5],
        )

    def arrears(self) -> list[Row]:
        """Return the last month ends of the credit that the customer is a party of, newest first, then by account."""
        return self._rows(
            f"WITH {self._held} SELECT t.account_id, t.month_end, t.days_past_due, t.balance, t.credit_limit,"
            " t.amount_due, t.status FROM credit_months t JOIN held USING (account_id)"
            f" WHERE {_visible('t')} AND t.month_end <= CAST(? AS DATE) AND t.month_end < held.until"
            f" AND t.month_end > CAST(? AS DATE) - INTERVAL {ARREARS_MONTHS} MONTH"
            " ORDER BY t.month_end DESC, t.account_id",
            [self._at, self._day, self._at, self._at, self._day, self._day],
        )

    def spending(self, since: datetime) -> list[Row]:
        """Return movements since an instant by category: how many and how much, in and out (minor units), and the last.

        Of joint accounts, what the customer did and what nobody in particular did.
        """
        return self._movements(
            "t.category, t.currency, count(*) FILTER (t.amount > 0) AS times_in, count(*) FILTER (t.amount < 0)"
            " AS times_out, CAST(coalesce(sum(t.amount) FILTER (t.amount > 0), 0) AS BIGINT) AS money_in,"
            " CAST(coalesce(-sum(t.amount) FILTER (t.amount < 0), 0) AS BIGINT) AS money_out,"
            " max(t.event_time) AS last_at",
            " AND t.event_time >= ? GROUP BY ALL ORDER BY money_in + money_out DESC, t.category, t.currency",
            [naive_utc(since).isoformat(sep=" ")],
        )

    def movements(self, most: int) -> list[Row]:
        """Return the latest movements, at most ``most``, newest first."""
        return self._movements(
            "t.event_time, t.event_precision, t.amount, t.currency, t.category, t.channel, t.country, t.account_id",
            " ORDER BY t.event_time DESC, t.transaction_id LIMIT ?",
            [most],
        )

    def applications(self) -> list[Row]:
        """Return the customer's applications, newest first."""
        return self._rows(
            f"WITH {_MINE}, own AS (SELECT DISTINCT p.application_id FROM application_parties p"
            f" JOIN mine ON mine.source_key = p.customer_id WHERE {_visible('p')})"
            " SELECT t.application_id, t.product_id, t.channel, t.requested_amount, t.term_months, t.purpose,"
            " t.submitted_at, t.event_precision, t.outcome, t.decided_at, t.decision_source, t.taken_up, t.account_id,"
            " t.known_time"
            f" FROM applications t SEMI JOIN own USING (application_id) WHERE {_visible('t')}"
            " ORDER BY t.submitted_at DESC, t.application_id",
            [self._at] * 4,
        )

    def features(self) -> Row | None:
        """Return the row of ``customer_features``: every feature as of the build; None where nothing is built."""
        return self._only("customer_features")

    def scores(self) -> list[Row]:
        """Return the standing scores, none before the first night run."""
        return self._derived("scores", "model")

    def score_reasons(self) -> list[Row]:
        """Return the stated reasons of the scores, strongest first."""
        return self._derived("score_reasons", "model, rank")

    def outside_training(self) -> list[Row]:
        """Return the inputs of the scores that lay outside the range seen in training."""
        return self._derived("score_outside", "model, input")

    def _only(self, table: str) -> Row | None:
        rows = self._derived(table, "1")
        return rows[0] if rows else None

    def _derived(self, table: str, order: str) -> list[Row]:
        if table not in self._warehouse.tables():
            return []
        return self._rows(f"SELECT * FROM {table} WHERE customer_id = ? ORDER BY {order}")

    def _of_keys(self, table: str, where: str, order: str, days: int = 0) -> list[Row]:
        return self._rows(
            f"WITH {_MINE} SELECT t.*, mine.source AS key_source FROM {table} t"
            f" JOIN mine ON mine.source_key = t.customer_id WHERE {_visible('t')} AND {where} ORDER BY {order}",
            [self._at, self._at, *[self._day] * days],
        )

    def _movements(self, columns: str, rest: str, params: list[Param]) -> list[Row]:
        return self._rows(
            f"WITH {self._held} SELECT {columns} FROM transactions t JOIN held USING (account_id)"
            f" WHERE {_visible('t')} AND t.event_time < held.until_at AND (t.actor_customer_id IS NULL"
            f" OR t.actor_customer_id IN (SELECT source_key FROM mine)){rest}",
            [self._at, self._day, self._at, self._at, *params],
        )

    def _rows(self, sql: str, params: list[str] | list[Param] | None = None) -> list[Row]:
        return self._warehouse.query(sql, [self._customer_id, *(params or [])]).to_pylist()


def resolved_id(warehouse: Warehouse, name: str) -> str:
    """Return the customer that ``name`` names: a stable customer id, or else a source key.

    A retired id leads to the customer whom its keys belong to now.

    Raises
    ------
    NotFound
        If nobody has this id or key.
    """
    rows = warehouse.query(
        "SELECT customer_id FROM ("
        " SELECT customer_id, 0 AS place FROM source_keys WHERE customer_id = ?1 AND valid_to IS NULL"
        " UNION ALL SELECT customer_id, 1 FROM source_keys WHERE source_key = ?1 AND valid_to IS NULL"
        " UNION ALL SELECT n.customer_id, 2 FROM source_keys o JOIN source_keys n USING (source, source_key)"
        " WHERE o.customer_id = ?1 AND n.valid_to IS NULL) ORDER BY place, customer_id LIMIT 1",
        [name],
    ).to_pylist()
    if not rows:
        raise NotFound(f"No customer and no source key is called '{name}'. Check its spelling, capitals included.")
    return str(rows[0]["customer_id"])


def standing_score(warehouse: Warehouse, customer_id: str, model: str, version: str) -> Row | None:
    """Return the score that stands of a customer by a version of a model, None where there is none.

    ``as_of`` is aware.
    """
    if "scores" not in warehouse.tables():
        return None
    rows = warehouse.query(
        "SELECT * FROM scores WHERE customer_id = ? AND model = ? AND version = ?", [customer_id, model, version]
    ).to_pylist()
    return rows[0] | {"as_of": rows[0]["as_of"].replace(tzinfo=UTC)} if rows else None


def riskiest_with_returned_debits(warehouse: Warehouse) -> Row | None:
    """Return the riskiest customer with at least two direct debits returned in a year, None if there is none.

    Of those not in default, as of all who are called riskiest here: in default a probability is of a new request and
    ranks nobody (ADR 0043). The queue is in the order of expected loss instead, which exposures give at a publish.
    """
    return _first(
        warehouse,
        "SELECT s.customer_id, s.tier, s.probability, f.returned_debits_365d AS returned FROM scores s"
        f" JOIN customer_features f USING (customer_id) WHERE f.returned_debits_365d >= 2 AND {_RANKED}"
        " ORDER BY s.probability DESC, s.customer_id LIMIT 1",
    )


def merged_duplicate(warehouse: Warehouse) -> Row | None:
    """Return the customer with the most source keys in different systems (ties: the riskiest), None without any."""
    return _first(
        warehouse,
        "SELECT k.customer_id, list({'source': k.source, 'source_key': k.source_key}"
        " ORDER BY k.valid_from, k.source_key) AS names FROM source_keys k LEFT JOIN scores s USING (customer_id)"
        " WHERE k.valid_to IS NULL GROUP BY k.customer_id HAVING count(*) > 1"
        " ORDER BY count(*) DESC, max(s.probability) DESC NULLS LAST, k.customer_id LIMIT 1",
    )


def riskiest_joint_holder(warehouse: Warehouse) -> Row | None:
    """Return the riskiest customer who holds an open account together with another, None if there is none."""
    return _first(
        warehouse,
        f"WITH {PEOPLE_BY_ID},"
        " holders AS (SELECT DISTINCT h.account_id, people.customer_id FROM account_parties h"
        " JOIN people ON people.source_key = h.customer_id JOIN accounts a USING (account_id)"
        " WHERE h.superseded_time IS NULL AND h.valid_to IS NULL AND h.role IN ('owner', 'joint_holder')"
        " AND a.superseded_time IS NULL AND a.closed_on IS NULL),"
        " joint AS (SELECT account_id FROM holders GROUP BY account_id HAVING count(*) > 1)"
        " SELECT s.customer_id, s.tier, s.probability, count(*) AS accounts FROM scores s"
        f" JOIN holders USING (customer_id) SEMI JOIN joint USING (account_id) WHERE {_RANKED}"
        " GROUP BY ALL ORDER BY s.probability DESC, s.customer_id LIMIT 1",
    )


def riskiest_newcomer(warehouse: Warehouse) -> Row | None:
    """Return the riskiest customer without enough history (thin file), None if there is none."""
    return _first(
        warehouse,
        f"SELECT customer_id, tier, probability FROM scores s WHERE thin_file AND {_RANKED}"
        " ORDER BY probability DESC, customer_id LIMIT 1",
    )


def _first(warehouse: Warehouse, sql: str) -> Row | None:
    rows = warehouse.query(sql).to_pylist()
    return rows[0] if rows else None


def _visible(alias: str) -> str:
    """Return the condition that a row was known before an instant and stood then; takes the instant twice."""
    return f"{alias}.known_time < ? AND ({alias}.superseded_time IS NULL OR {alias}.superseded_time >= ?)"
