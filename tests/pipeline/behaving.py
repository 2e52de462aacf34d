"""A bank made by hand in which spend volatility tells who comes to be at risk, and nothing else does."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_number, month_starts, months
from bank360.bank.table import PROVENANCE
from bank360.bank.tables import TABLE_BY_NAME
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse

CUSTOMERS, FIRST, MONTHS = 500, date(2022, 4, 1), 51  # to June 2026
_EMPTY = {"string": "-", "int64": 0, "float64": 0.0, "bool": False, "date": date(2020, 1, 1)}
_LONG_AGO = datetime.fromisoformat("2020-01-01")


def append(warehouse, table, n, **given):
    """Append ``n`` rows with the given columns; what is not given is null, or empty where it may not be."""
    arrays = {}
    for c in (*TABLE_BY_NAME[table].columns, *PROVENANCE):
        empty = None if c.nullable else _EMPTY.get(c.type, _LONG_AGO)
        arrays[c.name] = pa.array(list(given.get(c.name, [empty] * n)), c.arrow_type)
    warehouse.append(table, pa.table(arrays))


def behaving(path, customers=CUSTOMERS):
    """Fill a bank: each person has a loan with month ends and buys twice a month; the uneven fall late.

    Prices are of 20.00 on average. Every other person pays 18.00 to 22.00, the others 2.00 to 38.00; these are 40 days
    past due at one month's end in twenty, the even ones at one in two hundred.
    """
    rng = np.random.default_rng(3)
    warehouse = open_warehouse(path, 1, "500MB")
    prepare(warehouse)
    names = [f"k{i:04d}" for i in range(customers)]
    accounts = [f"A{i:04d}" for i in range(customers)]
    append(warehouse, "products", 1, product_id=["LOAN"], line=["personal_loan"])
    append(warehouse, "customers", customers, customer_id=names, type=["person"] * customers)
    append(warehouse, "source_keys", customers, source=["s"] * customers, source_key=names,
           customer_id=[f"C{one}" for one in names])  # fmt: skip
    index = pa.table({"customer_id": [f"C{n}" for n in names], "customer": pa.array(range(customers), pa.int32())})
    warehouse.replace_table("customer_index", index)
    append(warehouse, "accounts", customers, account_id=accounts, product_id=["LOAN"] * customers,
           currency=["GBP"] * customers)  # fmt: skip
    append(warehouse, "account_parties", customers, account_id=accounts, customer_id=names, role=["owner"] * customers)
    first = int(months([day_number(FIRST)])[0])
    starts = [date.fromordinal(int(day) + 719_163) for day in month_starts(np.arange(first, first + MONTHS + 1))]
    ends = [one - timedelta(days=1) for one in starts[1:]]
    uneven = np.arange(customers) % 2 == 1
    late = rng.random((customers, MONTHS)) < np.where(uneven, 0.05, 0.005)[:, None]
    n = customers * MONTHS
    append(warehouse, "credit_months", n, account_id=np.repeat(accounts, MONTHS), month_end=ends * customers,
           days_past_due=np.where(late, 40, 0).ravel().tolist(), balance=[100_000] * n, status=["performing"] * n,
           known_time=[datetime.combine(one, datetime.min.time()) + timedelta(hours=30) for one in ends] * customers,
           )  # fmt: skip
    half = np.where(uneven, 1_800, 200)
    noon = datetime.combine(FIRST, datetime.min.time()) + timedelta(hours=12)
    for day in (4, 18):
        at = [noon + timedelta(days=(one - FIRST).days + day - 1) for one in starts[:-1]] * customers
        price = 2_000 + rng.integers(-half, half + 1, (MONTHS, customers)).T.ravel()
        append(warehouse, "transactions", n, transaction_id=[f"T{day}-{k}" for k in range(n)],
               account_id=np.repeat(accounts, MONTHS), actor_customer_id=np.repeat(names, MONTHS), event_time=at,
               booked_on=[one.date() for one in at], amount=(-price).tolist(), currency=["GBP"] * n,
               event_precision=["second"] * n, channel=["pos"] * n, scheme=["card"] * n,
               category=rng.choice(["groceries", "leisure"], n).tolist(), country=["GB"] * n,
               known_time=[one + timedelta(days=1) for one in at])  # fmt: skip
    return warehouse
