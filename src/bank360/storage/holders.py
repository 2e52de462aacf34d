"""Who held an account on which day, as known when: the SQL that gives an event its customer and product line.

Rows about accounts are valid for days and known for a time, and a correction closes one version and adds another. So an
event belongs to whoever held its account **on its day**, **as known at each as_of**: every relation here consists of
rectangles, days ``[valid_from, valid_to)`` by instants ``[known_from, known_to)``, that do not overlap for one account
and customer. An event joined to a rectangle is known from the later of the two, and superseded with the earlier
(`known`, `superseded`): a change of holder that comes to be known later adds a version of the event, as any correction
does, and never rewrites the past. Rectangles that say the same are one: an event has no more versions than news.

Two rules fill gaps. The parties that began first hold the account from its first day: a bank that books the role the
day after the opening does not lose the opening. Nothing reaches back in known time: before its holder is known an event
is nobody's, before its account and product are known they are null.

The crosswalk of source keys is none of this: who is who is read as it stands (``docs/decisions/0015``). The relations
are read into Arrow tables of a few columns and joined to the events from there: so the database knows how small they
are, and never builds its hash table of the events.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_starts
from bank360.storage.crosswalk import PEOPLE
from bank360.storage.warehouse import Warehouse

_FIRST_DAY, LAST_DAY = "DATE '0001-01-01'", "DATE '9999-12-31'"
_FIRST, _LAST = "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 00:00:00'"

# Most accounts never change hands: their parties, all of one day and one instant, are rectangles as they stand.
_SETTLED_HOLDERS = f"""
holders AS (
    SELECT account_id, customer, share, valid_from, valid_to, known_from, known_to FROM changing_holders
    UNION ALL SELECT account_id, customer, max(share), {_FIRST_DAY}, {LAST_DAY}, min(known_time), NULL
    FROM settled GROUP BY account_id, customer
)"""
_HOLDER_CELLS = """
holder_cells AS (
    SELECT account_id, customer, max(share) AS share, valid_from, valid_to, known_from, known_to
    FROM party_cells GROUP BY account_id, customer, valid_from, valid_to, known_from, known_to
)"""
_OWNER_CELLS = """
owner_cells AS (
    SELECT account_id, customer, valid_from, valid_to, known_from, known_to
    FROM (
        SELECT *, row_number() OVER (
            PARTITION BY account_id, valid_from, known_from ORDER BY rank, since, customer) AS place
        FROM party_cells
    )
    WHERE place = 1
)"""
# One owner over several cells of days is one row: most accounts have one, from the first day to the last.
_OWNER_SPELLS = f"""
owner_runs AS (
    SELECT *, sum(CASE WHEN valid_from = before THEN 0 ELSE 1 END) OVER (
        PARTITION BY account_id, customer, known_from, known_to ORDER BY valid_from) AS run
    FROM (
        SELECT *, lag(valid_to) OVER (
            PARTITION BY account_id, customer, known_from, known_to ORDER BY valid_from) AS before
        FROM owner_days
    )
),
owner_spells AS (
    SELECT account_id, customer, min(valid_from) AS valid_from, max(valid_to) AS valid_to, known_from,
           nullif(known_to, {_LAST}) AS known_to
    FROM owner_runs GROUP BY account_id, customer, known_from, known_to, run
    UNION ALL SELECT account_id, customer, {_FIRST_DAY}, {LAST_DAY}, known_time, NULL
    FROM (
        SELECT account_id, customer, known_time,
               row_number() OVER (PARTITION BY account_id ORDER BY rank, customer) AS place
        FROM settled
    )
    WHERE place = 1
)"""
# Of the versions known together each holds until the next begins, and the first from the first day.
_PRODUCT_SPANS = f"""
product_spans AS (
    SELECT product_id, line, known_from, known_to,
           CASE WHEN row_number() OVER started = 1 THEN {_FIRST_DAY} ELSE valid_from END AS valid_from,
           lead(valid_from, 1, {LAST_DAY}) OVER started AS valid_to
    FROM product_seen WINDOW started AS (PARTITION BY product_id, known_from ORDER BY valid_from)
)"""
# Nearly all accounts keep product and currency through all their versions.
_ACCOUNTS = """
kept_accounts AS (
    SELECT account_id, min(product_id) AS product_id, min(currency) AS currency, min(known_time) AS known_time
    FROM accounts GROUP BY account_id
    HAVING min(product_id) = max(product_id) AND min(currency) = max(currency)
        AND count(superseded_time) = count(*) - 1
),
changing_accounts AS (SELECT * FROM accounts ANTI JOIN kept_accounts USING (account_id))"""
_ACCOUNT_CELLS = f"""
account_cells AS (SELECT *, {_FIRST_DAY} AS valid_from, {LAST_DAY} AS valid_to FROM account_seen)"""
# Before something is known it is null, which is said by rectangles too: then every event meets one.
_ACCOUNT_LINES = f"""
product_known AS (
    SELECT product_id, line, valid_from, valid_to, known_from, known_to FROM product_lines
    UNION ALL SELECT product_id, NULL, {_FIRST_DAY}, {LAST_DAY}, {_FIRST}, min(known_from)
    FROM product_lines GROUP BY product_id
),
account_known AS (
    SELECT account_id, product_id, currency, known_from, known_to FROM account_products
    UNION ALL SELECT account_id, NULL, NULL, {_FIRST}, min(known_from) FROM account_products GROUP BY account_id
    UNION ALL SELECT account_id, product_id, currency, known_time, {_LAST} FROM kept_accounts
    UNION ALL SELECT account_id, NULL, NULL, {_FIRST}, known_time FROM kept_accounts
),
account_lines AS (
    SELECT a.account_id, a.currency, p.line, coalesce(p.valid_from, {_FIRST_DAY}) AS valid_from,
           coalesce(p.valid_to, {LAST_DAY}) AS valid_to, greatest(a.known_from, p.known_from) AS known_from,
           nullif(least(a.known_to, p.known_to), {_LAST}) AS known_to
    FROM account_known a
    LEFT JOIN product_known p
        ON p.product_id = a.product_id AND p.known_from < a.known_to AND a.known_from < p.known_to
)"""
# Two keys of one customer may overlap in time.
_APPLICANTS = f"""
applicant_rows AS (
    SELECT a.application_id, people.customer, a.known_time AS known_from,
           coalesce(a.superseded_time, {_LAST}) AS known_to
    FROM application_parties a JOIN people ON people.source_key = a.customer_id
),
applicant_runs AS (
    SELECT *, sum(CASE WHEN known_from <= before THEN 0 ELSE 1 END) OVER (
        PARTITION BY application_id, customer ORDER BY known_from, known_to ROWS UNBOUNDED PRECEDING) AS run
    FROM (
        SELECT *, max(known_to) OVER (
            PARTITION BY application_id, customer ORDER BY known_from, known_to
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
        FROM applicant_rows
    )
),
applicants AS (
    SELECT application_id, customer, min(known_from) AS known_from, nullif(max(known_to), {_LAST}) AS known_to
    FROM applicant_runs GROUP BY application_id, customer, run
)"""
_PARTIES = f"""
all_parties AS (
    SELECT h.account_id, people.customer, h.liability_share AS share, h.valid_from,
           CASE h.role WHEN 'owner' THEN 0 ELSE 1 END AS rank, coalesce(h.valid_to, {LAST_DAY}) AS valid_to,
           h.known_time, h.superseded_time
    FROM account_parties h JOIN people ON people.source_key = h.customer_id
    WHERE h.role IN ('owner', 'joint_holder') AND (h.valid_to IS NULL OR h.valid_to > h.valid_from)
),
settled_accounts AS (
    SELECT account_id FROM all_parties GROUP BY account_id
    HAVING min(known_time) = max(known_time) AND count(superseded_time) = 0
        AND min(valid_from) = max(valid_from) AND min(valid_to) = {LAST_DAY}
),
settled AS (SELECT * FROM all_parties SEMI JOIN settled_accounts USING (account_id)),
parties AS (SELECT * FROM all_parties ANTI JOIN settled_accounts USING (account_id))"""
_PARTY_SPANS = f"""
party_spans AS (
    SELECT account_id, customer, share, rank, valid_from AS since, known_from, known_to, valid_to,
           CASE WHEN valid_from = min(valid_from) OVER (PARTITION BY account_id, known_from)
                THEN {_FIRST_DAY} ELSE valid_from END AS valid_from
    FROM party_seen
)"""


def holders(warehouse: Warehouse) -> pa.Table:
    """Return every owner and joint holder of each account: account_id, customer, share; validity in days."""
    changing = _as_one("changing_holders", "holder_cells", "account_id, customer, share", "NULL")
    return _read(warehouse, "holders", (*_party_cells(), _HOLDER_CELLS, changing, _SETTLED_HOLDERS))


def owners(warehouse: Warehouse, zone: str) -> pa.Table:
    """Return of each account the one who counts as acting: account_id, customer; validity in instants.

    That is the first owner, and without an owner the first joint holder.
    """
    days = _as_one("owner_days", "owner_cells", "account_id, customer", _LAST)
    spells = _read(warehouse, "owner_spells", (*_party_cells(), _OWNER_CELLS, days, _OWNER_SPELLS))
    return _in_instants(spells, zone)


def lines(warehouse: Warehouse, zone: str | None = None) -> pa.Table:
    """Return product line and currency of each account: account_id, currency, line; null before known.

    Parameters
    ----------
    zone
        The bank's zone where validity is wanted in instants; None: in days.
    """
    relations = (
        *_known_cells("product", "products", "product_id", "line, valid_from"),
        _PRODUCT_SPANS,
        *_day_cells("product", "product_id", "line"),
        _as_one("product_lines", "product_cells", "product_id, line", _LAST),
        _ACCOUNTS,
        *_known_cells("account", "changing_accounts", "account_id", "product_id, currency"),
        _ACCOUNT_CELLS,
        _as_one("account_products", "account_cells", "account_id, product_id, currency", _LAST),
        _ACCOUNT_LINES,
    )
    found = _read(warehouse, "account_lines", relations)
    return found if zone is None else _in_instants(found, zone)


def applicants(warehouse: Warehouse) -> pa.Table:
    """Return the customers who made each application: application_id, customer."""
    return _read(warehouse, "applicants", (_APPLICANTS,))


def known_together(alias: str) -> str:
    """Return the condition that a rectangle and the event ``e`` stand at a common instant."""
    return (
        f"({alias}.known_to IS NULL OR e.known_time < {alias}.known_to)"
        f" AND (e.superseded_time IS NULL OR {alias}.known_from < e.superseded_time)"
    )


def valid_on(alias: str, when: str) -> str:
    """Return the condition that ``when``, a day or an instant as the relation's validity is, lies in a rectangle."""
    return f"{when} >= {alias}.valid_from AND {when} < {alias}.valid_to"


def known(aliases: Sequence[str]) -> str:
    """Return when an event joined to rectangles became known; what was not joined is null and does not count."""
    return _of_all("greatest", ["e.known_time", *(f"{alias}.known_from" for alias in aliases)])


def superseded(aliases: Sequence[str]) -> str:
    """Return when an event joined to rectangles ceased to stand; null while it does."""
    return _of_all("least", ["e.superseded_time", *(f"{alias}.known_to" for alias in aliases)])


def _of_all(function: str, columns: list[str]) -> str:
    return columns[0] if len(columns) == 1 else f"{function}({', '.join(columns)})"


def _party_cells() -> tuple[str, ...]:
    """Return relations that end in ``party_cells``: owners and joint holders, one row per cell of days and instants."""
    seen = _known_cells("party", "parties", "account_id", "customer, share, rank, valid_from, valid_to")
    return (_PARTIES, *seen, _PARTY_SPANS, *_day_cells("party", "account_id", "customer, share, rank, since"))


def _known_cells(name: str, table: str, key: str, columns: str) -> tuple[str, ...]:
    """Return relations that end in ``<name>_seen``: per key and span of instants in which nothing changed, what stood.

    Spans are cut wherever any version of the key becomes known or is superseded.
    """
    cuts = f"""
{name}_spells AS (
    SELECT {key}, cut AS known_from, lead(cut, 1, {_LAST}) OVER (PARTITION BY {key} ORDER BY cut) AS known_to
    FROM (
        SELECT {key}, known_time AS cut FROM {table}
        UNION SELECT {key}, superseded_time FROM {table} WHERE superseded_time IS NOT NULL
    )
)"""
    seen = f"""
{name}_seen AS (
    SELECT k.{key}, k.known_from, k.known_to, {columns}
    FROM {name}_spells k
    JOIN {table} r ON r.{key} = k.{key} AND r.known_time <= k.known_from
        AND (r.superseded_time IS NULL OR k.known_from < r.superseded_time)
)"""
    return cuts, seen


def _day_cells(name: str, key: str, columns: str) -> tuple[str, ...]:
    """Return relations that end in ``<name>_cells``: ``<name>_spans`` cut at every day on which one of the key's ends.

    The same days for all spans of instants of a key: so what does not change can be put together again (`_as_one`).
    """
    cuts = f"""
{name}_days AS (
    SELECT {key}, cut AS valid_from, lead(cut, 1, {LAST_DAY}) OVER (PARTITION BY {key} ORDER BY cut) AS valid_to
    FROM (
        SELECT {key}, valid_from AS cut FROM {name}_spans
        UNION SELECT {key}, valid_to FROM {name}_spans WHERE valid_to < {LAST_DAY}
    )
)"""
    cells = f"""
{name}_cells AS (
    SELECT d.{key}, d.valid_from, d.valid_to, s.known_from, s.known_to, {columns}
    FROM {name}_days d
    JOIN {name}_spans s ON s.{key} = d.{key} AND s.valid_from <= d.valid_from AND d.valid_from < s.valid_to
)"""
    return cuts, cells


def _as_one(name: str, cells: str, columns: str, last: str) -> str:
    """Return the relation ``name``: cells that say the same of the same days, in one row while they follow each other.

    ``last`` is how ``known_to`` says that a row still stands.
    """
    follows = f"(PARTITION BY {columns}, valid_from ORDER BY known_from)"
    return f"""
{name} AS (
    SELECT {columns}, valid_from, valid_to, min(known_from) AS known_from,
           CASE WHEN max(known_to) = {_LAST} THEN {last} ELSE max(known_to) END AS known_to
    FROM (
        SELECT *, sum(CASE WHEN known_from = before THEN 0 ELSE 1 END) OVER {follows} AS run
        FROM (SELECT *, lag(known_to) OVER {follows} AS before FROM {cells})
    )
    GROUP BY {columns}, valid_from, valid_to, run
)"""


def _read(warehouse: Warehouse, name: str, relations: Sequence[str]) -> pa.Table:
    return warehouse.query(f"WITH {','.join((PEOPLE, *relations))} SELECT * FROM {name}")


def _in_instants(rows: pa.Table, zone: str) -> pa.Table:
    """Return the rows with their days of validity as the instants at which those local days begin."""
    for name in ("valid_from", "valid_to"):
        days = rows[name].cast(pa.int32()).to_numpy()
        instants = pa.array(np.asarray(day_starts(days, zone))).cast(pa.timestamp("us"))
        rows = rows.set_column(rows.schema.get_field_index(name), name, instants)
    return rows
