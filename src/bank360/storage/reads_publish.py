"""What a publish reads of everybody at once: who they are to eligibility, their keys, their accounts, recent rows. SQL.

Everything as known before one instant. Neighbours: `reads_credit.py` (credit with us), `customer_spine.py` (what was
declared), `reads_everyone.py` (rows of the 360); `pipeline/publish.py` puts them together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.calendar import MICROS_PER_DAY, instant
from bank360.bank.personal_numbers import looked_for
from bank360.bank.vocabulary import PartyRole, RiskTier
from bank360.storage import holders
from bank360.storage.crosswalk import PEOPLE_BY_ID
from bank360.storage.event_content import CONTENT_SQL
from bank360.storage.ledger import naive_utc
from bank360.storage.reversals import reversals
from bank360.storage.warehouse import Warehouse

_NO_SCORES = (
    "(SELECT customer_id, CAST(NULL AS DOUBLE) AS probability, CAST(NULL AS VARCHAR) AS tier,"
    " CAST(NULL AS BOOLEAN) AS thin_file FROM customer_index WHERE FALSE)"
)

_STOOD = (
    "t.known_time < CAST(?1 AS TIMESTAMP) AND (t.superseded_time IS NULL OR t.superseded_time >= CAST(?1 AS TIMESTAMP))"
)

# How far back an event may arrive late, in days: what happened earlier comes in a delivery.
DAYS_OF_ARRIVAL = 30
_LAST = np.iinfo(np.int64).max


def eligibility_facts(warehouse: Warehouse, as_of: datetime, day: date) -> pa.Table:
    """Return of every customer: of_age, region, died; null where not known.

    Of several records the youngest age and the region known last count; one death is a death.
    """
    return warehouse.query(
        f"WITH {PEOPLE_BY_ID} SELECT people.customer_id, max(t.birth_date) AS born,"
        " last(t.region ORDER BY t.known_time, t.customer_id) FILTER (t.region IS NOT NULL) AS region,"
        " coalesce(bool_or(t.deceased_on <= CAST(?3 AS DATE)), FALSE) AS died"
        " FROM customers t JOIN people ON people.source_key = t.customer_id"
        " WHERE t.known_time < CAST(?1 AS TIMESTAMP)"
        " AND (t.superseded_time IS NULL OR t.superseded_time >= CAST(?2 AS TIMESTAMP))"
        " GROUP BY people.customer_id ORDER BY people.customer_id",
        [_text(as_of), _text(as_of), day.isoformat()],
    )


def standing_keys(warehouse: Warehouse) -> pa.Table:
    """Return the standing source keys: source_key, customer_id. A key of two sources leads to the lower id."""
    return warehouse.query(
        "SELECT source_key, min(customer_id) AS customer_id FROM source_keys WHERE valid_to IS NULL"
        " GROUP BY source_key ORDER BY source_key"
    )


@dataclass(frozen=True, eq=False)
class Acting:
    """Who acts on which account where nobody is named, as known at an instant.

    Parameters
    ----------
    accounts
        Of every account who acts, its line and its currency, as they stand at the instant.
    spells
        Who acts when an event happened that may still arrive: account_id, customer_id, valid_from, valid_to. The last
        two are microseconds UTC, null where they cut off nothing that may arrive: most accounts never change hands.
    """

    accounts: pa.Table
    spells: pa.Table


def acting_accounts(warehouse: Warehouse, as_of: datetime, zone: str) -> Acting:
    """Return who acts on every account, as known at ``as_of``."""
    owners = _known(holders.owners(warehouse, zone), as_of)
    lines = _valid(_known(holders.lines(warehouse, zone), as_of), instant(as_of), instant(as_of))
    earliest = instant(as_of) - DAYS_OF_ARRIVAL * MICROS_PER_DAY
    now, since = _valid(owners, instant(as_of), instant(as_of)), _valid(owners, earliest, _LAST)
    with warehouse.registered(now) as owner, warehouse.registered(lines) as line:
        accounts = warehouse.query(
            f"SELECT l.account_id, i.customer_id, l.line, l.currency FROM {line} l"
            f" LEFT JOIN {owner} o ON o.account_id = l.account_id LEFT JOIN customer_index i ON i.customer = o.customer"
            " WHERE l.currency IS NOT NULL ORDER BY l.account_id"
        )
    with warehouse.registered(since) as owner:
        spells = warehouse.query(
            "SELECT o.account_id, i.customer_id,"
            f" CASE WHEN epoch_us(o.valid_from) > {earliest} THEN epoch_us(o.valid_from) END AS valid_from,"
            " CASE WHEN year(o.valid_to) < 9998 THEN epoch_us(o.valid_to) END AS valid_to"
            f" FROM {owner} o JOIN customer_index i ON i.customer = o.customer ORDER BY ALL"
        )
    return Acting(accounts, spells)


def numbers_of_customers(warehouse: Warehouse, as_of: datetime, day: date) -> Iterator[dict[str, Any]]:
    """Yield whom a number leads to, as it is looked for: number, token (whether a card's keyed hash), customer_id.

    An account's id leads to its owners and joint holders on the local ``day``, of a closed one to those of its last
    day; a card's token to the card's holder; a key of a source to its customer where it is looked for in another form.
    """
    at = _text(as_of)
    found = warehouse.query(
        f"WITH {PEOPLE_BY_ID}, closed AS ("
        f" SELECT account_id, max(closed_on) AS closed_on FROM accounts t WHERE {_STOOD} GROUP BY account_id)"
        " SELECT t.account_id AS number, FALSE AS token, people.customer_id FROM account_parties t"
        " JOIN people ON people.source_key = t.customer_id LEFT JOIN closed ON closed.account_id = t.account_id"
        f" WHERE t.role IN ('{PartyRole.OWNER}', '{PartyRole.JOINT_HOLDER}') AND {_STOOD}"
        " AND t.valid_from <= CAST(?2 AS DATE) AND (t.valid_to IS NULL OR t.valid_to > CAST(?2 AS DATE)"
        " OR (closed.closed_on <= CAST(?2 AS DATE) AND t.valid_to >= closed.closed_on))"
        " UNION SELECT t.card_token, TRUE, people.customer_id FROM cards t"
        f" JOIN people ON people.source_key = t.customer_id WHERE {_STOOD}"
        " UNION SELECT source_key, NULL, customer_id FROM people ORDER BY ALL",
        [at, day.isoformat()],
    )
    for batch in found.to_batches(max_chunksize=1_000):
        for row in batch.to_pylist():
            number = row["number"] if row["token"] else looked_for(row["number"])
            if row["token"] is not None or number != row["number"]:
                yield {"number": number, "token": bool(row["token"]), "customer_id": row["customer_id"]}


def recent_transactions(warehouse: Warehouse, as_of: datetime, arrived: pa.Table) -> pa.Table:
    """Return what they were for and content number of transactions that the version has and that may still arrive.

    Histories hold every row of the warehouse, whenever it became known, and so does this: an event counts once.

    Parameters
    ----------
    arrived
        ``event_id`` of all that has arrived and is kept, however old.
    """
    with warehouse.registered(arrived) as events:
        listed = (
            f"(event_time >= TIMESTAMP '{_text(as_of)}' - INTERVAL {DAYS_OF_ARRIVAL + 1} DAY"
            f" OR transaction_id IN (SELECT event_id FROM {events}))"
        )
        led = f"SELECT transaction_id FROM transactions WHERE reverses_id IS NOT NULL AND {listed}"
        told = reversals(warehouse, led)
        stands = told.filter(pc.is_null(told["known_to"])).select(["transaction_id", "category", "gives_back"])
        return warehouse.query(
            "SELECT transaction_id, coalesce(told.category, own) AS category,"
            " coalesce(told.gives_back, FALSE) AS gives_back, content FROM ("
            "SELECT transaction_id, CAST(last(category ORDER BY known_time) AS VARCHAR) AS own,"
            f" last({CONTENT_SQL} ORDER BY known_time) AS content FROM transactions WHERE {listed}"
            " GROUP BY transaction_id) LEFT JOIN told USING (transaction_id) ORDER BY transaction_id",
            (),
            {"told": stands},
        )


def standing_products(warehouse: Warehouse) -> list[str]:
    """Return the ids of all products."""
    rows = warehouse.query("SELECT DISTINCT product_id FROM products WHERE superseded_time IS NULL ORDER BY product_id")
    return [str(name) for name in rows.column(0).to_pylist()]


def _known(rectangles: pa.Table, as_of: datetime) -> pa.Table:
    """Return the rectangles of `holders.py` that stand as known before an instant."""
    at = instant(as_of)
    stands = (_micros(rectangles, "known_from", -_LAST) < at) & (at <= _micros(rectangles, "known_to", _LAST))
    return rectangles.filter(pa.array(stands))


def _valid(rectangles: pa.Table, first: int, last: int) -> pa.Table:
    """Return the rectangles of `holders.py` that hold at some instant from ``first`` to ``last``, both included."""
    holds = (_micros(rectangles, "valid_from", -_LAST) <= last) & (first < _micros(rectangles, "valid_to", _LAST))
    return rectangles.filter(pa.array(holds))


def _micros(rectangles: pa.Table, name: str, null: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(
        rectangles[name].cast(pa.int64()).fill_null(pa.scalar(null, pa.int64())).to_numpy(), dtype=np.int64
    )


def _text(at: datetime) -> str:
    return naive_utc(at).isoformat(sep=" ")


def list_rows(warehouse: Warehouse, as_of: datetime, day: date, scored: bool) -> pa.Table:
    """Return of every customer: customer_id, given_name and family_name last known, probability, tier, thin_file.

    Those in default first, then the highest probability, then by id; ``scored`` says whether there are scores: else the
    last three are null, and ids decide.
    """
    return warehouse.query(
        f"WITH {PEOPLE_BY_ID}, named AS ("
        " SELECT people.customer_id,"
        " last(t.given_name ORDER BY t.valid_from, t.known_time, t.customer_id)"
        " FILTER (t.given_name IS NOT NULL) AS given_name,"
        " last(t.family_name ORDER BY t.valid_from, t.known_time, t.customer_id)"
        " FILTER (t.family_name IS NOT NULL) AS family_name"
        " FROM customer_personal t JOIN people ON people.source_key = t.customer_id"
        " WHERE t.known_time < CAST(?1 AS TIMESTAMP) AND t.valid_from <= CAST(?2 AS DATE)"
        " AND (t.superseded_time IS NULL OR t.superseded_time >= CAST(?1 AS TIMESTAMP)) GROUP BY people.customer_id)"
        " SELECT i.customer_id, n.given_name, n.family_name, s.probability, s.tier, s.thin_file"
        " FROM customer_index i LEFT JOIN named n USING (customer_id)"
        f" LEFT JOIN {'scores' if scored else _NO_SCORES} s USING (customer_id)"
        f" ORDER BY s.tier = '{RiskTier.IN_DEFAULT}' DESC NULLS LAST, s.probability DESC NULLS LAST, i.customer_id",
        [_text(as_of), day.isoformat()],
    )
