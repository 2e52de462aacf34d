"""One customer's rows, with the names of the others who hold or use their accounts, in a small warehouse in memory.

Whatever reads the bank's warehouse reads this one by the same statements, and says the same of that customer: the rows
are those that bear on them, and only dense indexes of customers differ. What depends on the whole bank (what was ever
delivered, who else uses a telephone) is not in it. Neighbour: `pipeline/describe.py`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Param, Warehouse, open_warehouse, quoted

_MEMORY = "500MB"
# By which column the rows of a table are found; `products` is small and taken whole.
_OF_ACCOUNTS = ("accounts", "account_parties", "account_terms", "balances", "credit_months", "payments")
_OF_CUSTOMERS = ("customers", "customer_facts", "interactions")
_OF_APPLICATIONS = ("applications", "application_parties", "application_facts")


@contextmanager
def warehouse_of_one(warehouse: Warehouse, customer_id: str) -> Iterator[Warehouse]:
    """Open a warehouse in memory that holds what features and scores read of one customer; it ends with the block.

    Parameters
    ----------
    warehouse
        The bank's, with identity run.
    customer_id
        The stable id.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    warehouse.require("customer_index", "build")
    keys = _keys(warehouse, [customer_id])
    accounts = _values(warehouse, "account_parties", "account_id", "customer_id", keys)
    moved = _rows(warehouse, "transactions", {"account_id": accounts, "actor_customer_id": keys})
    accounts = sorted({*accounts, *map(str, moved["account_id"].to_pylist())})
    holders = _values(warehouse, "account_parties", "customer_id", "account_id", accounts)
    # An actor who is nobody here would leave what they did to the account's owner.
    actors = {str(one) for one in moved["actor_customer_id"].to_pylist() if one is not None}
    people = _people(warehouse, sorted({*holders, *keys, *actors}))
    applications = _values(warehouse, "application_parties", "application_id", "customer_id", keys)
    given_back = {str(one) for one in moved["reverses_id"].to_pylist() if one is not None}
    had = {str(one) for one in moved["transaction_id"].to_pylist()}
    given_back -= had
    with open_warehouse(Path(":memory:"), 1, _MEMORY) as own:
        prepare(own)
        own.append("transactions", moved)
        while given_back:  # what a reversal gives back may be a reversal itself
            before = _rows(warehouse, "transactions", {"transaction_id": sorted(given_back)})
            own.append("transactions", before)
            had |= given_back
            given_back = {str(one) for one in before["reverses_id"].to_pylist() if one is not None} - had
        own.append("products", warehouse.query("SELECT * FROM products"))
        own.append("source_keys", _rows(warehouse, "source_keys", {"customer_id": people}))
        own.append("bureau_reports", _rows(warehouse, "bureau_reports", {"subject": [*applications, *keys]}))
        for table in _OF_ACCOUNTS:
            own.append(table, _rows(warehouse, table, {"account_id": accounts}))
        for table in _OF_CUSTOMERS:
            own.append(table, _rows(warehouse, table, {"customer_id": keys}))
        for table in _OF_APPLICATIONS:
            own.append(table, _rows(warehouse, table, {"application_id": applications}))
        numbers = pa.array(range(len(people)), pa.int32())
        own.replace_table("customer_index", pa.table({"customer_id": people, "customer": numbers}))
        yield own


def _keys(warehouse: Warehouse, people: Sequence[str]) -> list[str]:
    """Return the source keys that stand for some customers."""
    rows = _rows(warehouse, "source_keys", {"customer_id": people})
    return [row["source_key"] for row in rows.to_pylist() if row["valid_to"] is None]


def _people(warehouse: Warehouse, keys: Sequence[str]) -> list[str]:
    """Return the customers whom source keys stand for, in the order of the bank's index."""
    known = _values(warehouse, "source_keys", "customer_id", "source_key", keys)
    rows = _rows(warehouse, "customer_index", {"customer_id": known}).to_pylist()
    return [str(row["customer_id"]) for row in sorted(rows, key=lambda row: row["customer"])]


def _values(warehouse: Warehouse, table: str, wanted: str, column: str, among: Sequence[str]) -> list[str]:
    found = _rows(warehouse, table, {column: among})[wanted].to_pylist()
    return sorted({str(value) for value in found if value is not None})


def _rows(warehouse: Warehouse, table: str, among: dict[str, Sequence[str]]) -> pa.Table:
    """Return every version of the rows of which one of some columns has one of some values."""
    asked = {column: values for column, values in among.items() if values}
    sql = " OR ".join(f"{quoted(column)} IN ({', '.join('?' * len(values))})" for column, values in asked.items())
    params: list[Param] = [value for values in asked.values() for value in values]
    return warehouse.query(f"SELECT * FROM {quoted(table)} WHERE {sql or 'FALSE'}", params)
