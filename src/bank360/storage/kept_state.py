"""What a warehouse has come to, in a few words, and what it has come to since: whether kept histories can be added to.

Canonical tables change by loads alone, the crosswalk by identity alone, so the ids of the loads and a hash of the
crosswalk say what histories were packed from; which histories those are, the warehouse itself says (`note_kept`), and a
warehouse made anew says nothing. Since then **only events came**, and every event that was there is still read as it
was, if all of this holds; otherwise all is packed anew:

* the loads of then are all there, as they were read then, and none of their rows that are read here was corrected;
* every source key of then leads to the customer of then, and no row of then names a key that has come since;
* no account that rows of then are about got a party or a version since, and no product at all;
* no more than `MOST_ADDED` rows came;
* no transaction of then reverses one that has come since, and no application of then got an applicant.

So a new account's first events are added, and a new holder of an old account is not. Customers who are new stand
anywhere in the bank's order, which goes by id: `News.places` says where those of then are now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.storage.dangling import referring_columns
from bank360.storage.ledger import loaded_readings
from bank360.storage.warehouse import Warehouse, quoted

State = Mapping[str, Any]
_TABLE = "kept_histories"
# What `events.py` reads for the streams of customers: events, and who or what they are of. No other table's rows count.
_OF_ACCOUNTS = ("transactions", "balances", "credit_months", "payments", "accounts")
_OF_PEOPLE = ("transactions", "interactions", "account_parties", "application_parties")
_READ = tuple(dict.fromkeys((*_OF_ACCOUNTS, *_OF_PEOPLE, "applications", "products")))
MOST_ADDED = 5_000_000  # rows: a day's events are held in memory while they are added
_NEW = "batch_id IN (SELECT batch_id FROM new_loads)"
_OLD = f"NOT {_NEW}"
_OPEN = "source_keys WHERE valid_to IS NULL AND known_time"


@dataclass(frozen=True)
class News:
    """What came since: the loads, and the number now of each customer of then, in the order of then."""

    batches: tuple[str, ...]
    places: npt.NDArray[np.int32]


def warehouse_state(warehouse: Warehouse) -> dict[str, Any]:
    """Return what the warehouse has come to, as values of JSON: equal ones stand for the same events and customers."""
    last = warehouse.row("SELECT CAST(max(known_time) AS VARCHAR) FROM source_keys WHERE valid_to IS NULL")[0]
    until = None if last is None else str(last)
    return {
        "loads": sorted([load, reading] for load, reading in loaded_readings(warehouse).items()),
        "customers": warehouse.number("SELECT count(*) FROM customer_index"),
        "keys_until": until,
        "keys": _keys(warehouse, until),
        "hashed_by": duckdb.__version__,
    }


def note_kept(warehouse: Warehouse, token: str) -> None:
    """Note which histories were packed from this warehouse, in place of those before."""
    with warehouse.transaction():
        warehouse.execute(f"CREATE OR REPLACE TABLE {_TABLE} AS SELECT CAST(? AS VARCHAR) AS token", [token])


def kept_token(warehouse: Warehouse) -> str | None:
    """Return which histories were packed from this warehouse; None where none were."""
    if _TABLE not in warehouse.tables():
        return None
    return str(warehouse.row(f"SELECT token FROM {_TABLE}")[0])


def news_since(warehouse: Warehouse, then: State, now: State) -> News | None:
    """Return what came since ``then``, where only events came; None where all has to be packed anew.

    Parameters
    ----------
    then, now
        From `warehouse_state`, of this very warehouse.
    """
    before, after = (dict(map(tuple, state["loads"])) for state in (then, now))
    if any(after.get(load) != reading for load, reading in before.items()) or then["hashed_by"] != now["hashed_by"]:
        return None
    if then["keys_until"] is None or _keys(warehouse, then["keys_until"]) != then["keys"]:
        return None
    batches = tuple(load for load in after if load not in before)
    with warehouse.transaction():
        warehouse.execute("CREATE OR REPLACE TEMP TABLE new_loads (batch_id VARCHAR)")
        warehouse.append("new_loads", pa.table({"batch_id": pa.array(batches, pa.string())}))
        only_events = not any(warehouse.number(sql) for sql in _against(then["keys_until"]))
        places = warehouse.query(
            f"SELECT customer FROM customer_index WHERE customer_id IN (SELECT customer_id FROM {_OPEN} <="
            f" TIMESTAMP '{then['keys_until']}') ORDER BY customer"
        )
        warehouse.execute("DROP TABLE new_loads")
    if not only_events or len(places) != then["customers"]:
        return None
    return News(batches, places["customer"].to_numpy().astype(np.int32))


def _against(until: str) -> Iterator[str]:
    """Yield statements that count what speaks against reading events of then as they were read then."""
    read = ", ".join(f"'{name}'" for name in _READ)
    came = f"FROM load_tables WHERE {_NEW} AND table_name IN ({read})"
    yield f"SELECT CAST(coalesce(sum(corrections), 0) AS BIGINT) {came}"
    yield f"SELECT count(*) FROM (SELECT sum(accepted) AS events {came}) WHERE events > {MOST_ADDED}"
    yield f"SELECT count(*) FROM products WHERE {_NEW}"
    changed = f"SELECT account_id FROM account_parties WHERE {_NEW} UNION SELECT account_id FROM accounts WHERE {_NEW}"
    for name in _OF_ACCOUNTS:
        yield f"SELECT count(*) FROM {name} WHERE account_id IN ({changed}) AND {_OLD}"
    keys = f"SELECT source_key FROM {_OPEN} > TIMESTAMP '{until}'"
    for table, column in referring_columns("customers"):
        if table.name in _OF_PEOPLE:
            yield f"SELECT count(*) FROM {table.name} WHERE {quoted(column.name)} IN ({keys}) AND {_OLD}"
    arrived = f"SELECT transaction_id FROM transactions WHERE {_NEW}"
    yield f"SELECT count(*) FROM transactions WHERE reverses_id IN ({arrived}) AND {_OLD}"
    asked = f"SELECT application_id FROM application_parties WHERE {_NEW}"
    yield f"SELECT count(*) FROM applications WHERE application_id IN ({asked}) AND {_OLD}"


def _keys(warehouse: Warehouse, until: str | None) -> str:
    """Return a hash of whom each source key led to that was known until then, whatever the order of rows."""
    told = "hash(source, source_key, customer_id)"
    count, total, mixed = warehouse.row(
        f"SELECT count(*), sum(CAST({told} AS HUGEINT)), bit_xor({told}) FROM {_OPEN} <= CAST(? AS TIMESTAMP)", [until]
    )
    return f"{count}:{total}:{mixed}"
