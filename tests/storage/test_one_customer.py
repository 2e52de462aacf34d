"""One customer's own warehouse says of them what the whole bank's says, whoever else used their accounts."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from bank360.features.scan import STREAM_BY_NAME, EventScan
from bank360.storage.events import event_stream
from bank360.storage.ledger import prepare
from bank360.storage.one_customer import warehouse_of_one
from bank360.storage.warehouse import open_warehouse
from tests.rows import putting, stored

PEOPLE = {"a": "Ca", "b": "Cb", "c": "Cc"}


@pytest.fixture
def put_into():
    """Open a bank where a owns A1 and c owns A3; b is party to no account."""
    with open_warehouse(Path(":memory:"), 1, "500MB") as warehouse:
        prepare(warehouse)
        put = putting(warehouse)
        for key, customer in PEOPLE.items():
            put("customers", customer_id=key)
            put("source_keys", source_key=key, customer_id=customer)
        for account, owner in (("A1", "a"), ("A3", "c")):
            put("accounts", account_id=account)
            put("account_parties", account_id=account, customer_id=owner)
        index = {"customer_id": sorted(PEOPLE.values()), "customer": pa.array(range(len(PEOPLE)), pa.int32())}
        warehouse.replace_table("customer_index", pa.table(index))
        yield warehouse, put


def moved(warehouse):
    """Return who moved how much, by stable id, in order."""
    names = {row["customer"]: row["customer_id"] for row in warehouse.query("FROM customer_index").to_pylist()}
    scan = EventScan(STREAM_BY_NAME["transactions"], ("amount",), ())
    batches = event_stream(warehouse, scan, "Europe/London", "GBP", "GB")
    return sorted((names[row["customer"]], row["amount"]) for batch in batches for row in batch.to_pylist())


@pytest.mark.parametrize("customer", sorted(PEOPLE.values()))
def test_what_somebody_who_is_no_party_did_on_an_account_stays_theirs(put_into, customer):
    warehouse, put = put_into
    acts = (("T1", "A1", "b", -500), ("T2", "A1", None, -700), ("T3", "A3", "b", -30), ("T4", "A3", "c", -4),
            ("T5", "A1", "nobody known", -60))  # fmt: skip
    for number, account, actor, amount in acts:
        at = {"event_time": stored("2024-05-01 12:00"), "booked_on": date(2024, 5, 1), "category": "groceries"}
        put("transactions", transaction_id=number, account_id=account, actor_customer_id=actor, amount=amount, **at)
    whole = moved(warehouse)
    assert whole == [("Ca", -700), ("Ca", -60), ("Cb", -500), ("Cb", -30), ("Cc", -4)]
    with warehouse_of_one(warehouse, customer) as own:
        of_one = [row for row in moved(own) if row[0] == customer]
    assert of_one == [row for row in whole if row[0] == customer]


def test_what_a_reversal_was_for_is_followed_through_the_accounts_of_others(put_into):
    """Paid by a; returned to b by mistake; and that taken back on c's account: it is for groceries all the same."""
    warehouse, put = put_into
    chain = (("T1", "A1", "a", -500, "groceries", None), ("T2", "A1", "b", 500, "unknown", "T1"),
             ("T3", "A3", "c", -500, "unknown", "T2"))  # fmt: skip
    for number, account, actor, amount, category, reverses in chain:
        at = {"event_time": stored("2024-05-01 12:00"), "booked_on": date(2024, 5, 1), "category": category}
        who = {"account_id": account, "actor_customer_id": actor, "reverses_id": reverses}
        put("transactions", transaction_id=number, amount=amount, **who, **at)
    scan = EventScan(STREAM_BY_NAME["transactions"], ("amount", "outgoing", "purpose"), ())
    with warehouse_of_one(warehouse, "Cc") as own:
        batches = list(event_stream(own, scan, "Europe/London", "GBP", "GB"))
        index = {row["customer_id"]: row["customer"] for row in own.query("FROM customer_index").to_pylist()}
    mine = [row for batch in batches for row in batch.to_pylist() if row["customer"] == index["Cc"]]
    # A row for each span of known time; the one that stands is told by its original.
    standing = [row for row in mine if row["superseded_time"] is None]
    assert [(row["amount"], row["purpose"], row["outgoing"]) for row in standing] == [(-500, "groceries", True)]
