"""A bank made by hand that is just large enough to train on: applications, accounts, month ends and fraud cases."""

from datetime import date, datetime, timedelta
from itertools import cycle, islice

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import day_number, to_date
from bank360.bank.table import PROVENANCE
from bank360.bank.tables import TABLE_BY_NAME
from bank360.labels.label import months_later, next_month_start
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import open_warehouse

START = datetime.fromisoformat("2021-07-01T10:00:00")
N, CUSTOMERS = 3000, 500
_EMPTY = {"string": "-", "int64": 0, "float64": 0.0, "bool": False, "date": date(2020, 1, 1)}


def _fill(warehouse, table, n, order=None, **given):
    """Append ``n`` rows with the given columns; what is not given is null, or empty where it may not be."""
    arrays = {}
    for c in (*TABLE_BY_NAME[table].columns, *PROVENANCE):
        values = given.get(c.name)
        if values is None:
            empty = None if c.nullable else _EMPTY.get(c.type, START)
            values = [empty] * n
        arrays[c.name] = pa.array(list(values), c.arrow_type)
    rows = pa.table(arrays)
    warehouse.append(table, rows if order is None else rows.take(pa.array(order)))


def trainable(path, shuffle=False, days_past_due=(95,), status="default"):
    """Fill a bank: one application a customer and month or so over five years, defaults after three months.

    Accounts that fall late do so by ``days_past_due`` in turn, and their month end has the ``status``.
    """
    rng = np.random.default_rng(5)
    warehouse = open_warehouse(path, 1, "500MB")
    prepare(warehouse)
    order = np.random.default_rng(9).permutation(N) if shuffle else np.arange(N)
    ids = [f"P{k:05d}" for k in range(N)]
    who = rng.integers(-CUSTOMERS // 2, CUSTOMERS, N)
    keys = [None if w < 0 else f"k{w}" for w in who]
    at = [START + timedelta(hours=float(h)) for h in np.sort(rng.uniform(0, 24 * 1820, N))]
    score = rng.integers(400, 800, N)
    bad = rng.random(N) < 1 / (1 + np.exp((score - 480) / 60))
    fraud = rng.random(N) < 0.03
    opened = [(a + timedelta(days=1)).date() for a in at]
    later = {"submitted_at": at, "known_time": [a + timedelta(days=1) for a in at]}
    _fill(warehouse, "products", 1, product_id=["LOAN"], line=["personal_loan"])
    taken = rng.random(N) < 0.8  # of the others, all declined, no account and no month end says anything
    account = [f"A{i}" if t else None for i, t in zip(ids, taken, strict=True)]
    outcome = ["approved" if t else "declined" for t in taken]
    _fill(warehouse, "applications", N, order, application_id=ids, product_id=["LOAN"] * N, outcome=outcome,
          requested_amount=[10**6] * N, account_id=account, channel=["online"] * N,
          event_precision=["second"] * N, **later)  # fmt: skip
    _fill(warehouse, "application_parties", N, order, application_id=ids, seq=[1] * N, customer_id=keys,
          declared_income=rng.integers(100_000, 400_000, N), known_time=at)  # fmt: skip
    _fill(warehouse, "bureau_reports", N, order, report_id=ids, subject=ids, score=score,
          known_time=[a - timedelta(seconds=1) for a in at])  # fmt: skip
    _fill(warehouse, "application_facts", N, order, application_id=ids, fact=["form_seconds"] * N,
          number=np.where(fraud, 60, 300) * rng.lognormal(0, 0.7, N), known_time=at)  # fmt: skip
    _fill(warehouse, "accounts", N, order, account_id=[f"A{i}" for i in ids], opened_on=opened, known_time=at,
          currency=["GBP"] * N)  # fmt: skip
    late = [k for k in range(N) if bad[k] and not fraud[k]]
    month = [(opened[k] + timedelta(days=120)).replace(day=1) - timedelta(days=1) for k in late]
    _fill(warehouse, "credit_months", len(late), account_id=[f"A{ids[k]}" for k in late], month_end=month,
          days_past_due=list(islice(cycle(days_past_due), len(late))), arrears=[90_000] * len(late),
          balance=[900_000] * len(late), status=[status] * len(late),
          known_time=[at[k] + timedelta(days=130) for k in late])  # fmt: skip
    # Whoever is not in the bank's default status has the month end that closes the window, processed early on the day
    # after.
    fine = sorted({*range(N)} - ({*late} if status == "default" else set()))
    month = [to_date(int(next_month_start(months_later([day_number(opened[k])], 12))[0]) - 1) for k in fine]
    _fill(warehouse, "credit_months", len(fine), account_id=[f"A{ids[k]}" for k in fine], month_end=month,
          days_past_due=[0] * len(fine), balance=[500_000] * len(fine), status=["performing"] * len(fine),
          known_time=[datetime.combine(m, datetime.min.time()) + timedelta(hours=24) for m in month])  # fmt: skip
    found = np.flatnonzero(fraud)
    closed = [at[k] + timedelta(days=40) for k in found]
    _fill(warehouse, "fraud_cases", len(found), case_id=[ids[k] for k in found], subject=[ids[k] for k in found],
          kind=["application"] * len(found), opened_at=[at[k] for k in found], closed_at=closed,
          outcome=["confirmed"] * len(found), known_time=closed)  # fmt: skip
    names = [f"k{w}" for w in range(CUSTOMERS)]
    _fill(warehouse, "customers", CUSTOMERS, customer_id=names, type=["person"] * CUSTOMERS)
    _fill(warehouse, "source_keys", CUSTOMERS, source_key=names, customer_id=[f"C{n}" for n in names])
    index = pa.table({"customer_id": [f"C{n}" for n in names], "customer": pa.array(range(CUSTOMERS), pa.int32())})
    warehouse.replace_table("customer_index", index)
    return warehouse
