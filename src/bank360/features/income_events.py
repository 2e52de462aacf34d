"""What came in as income, as events of the stream ``income``: what the ledger calls so, and the salaries detected.

::

    earned    what the ledger itself calls income, as it is booked; a reversal with its sign, on its own day
    salary    a credit that is a salary (`salary.py`), as what reversals leave of it, while it is one

A salary is income whatever the ledger calls it: one that it calls something else is ``earned`` too, so that each credit
is in the sum once. One that it calls income stands there twice, and every measure reads one of the two kinds.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.credits import (
    AMOUNT,
    CUSTOMER,
    DATE_ONLY,
    EARNED,
    EVENT,
    HOME,
    ID,
    KIND,
    KNOWN,
    PAYER,
    SUPERSEDED,
    credits_in,
)
from bank360.features.packing import NEVER
from bank360.features.salary import salaries_among

Int64s = npt.NDArray[np.int64]


def income_events(batches: Iterable[pa.RecordBatch], zone: str, country: str) -> pa.RecordBatch:
    """Return the events of the stream ``income``; times are int64 microseconds.

    Parameters
    ----------
    batches
        Rows of transactions as `scan.py` says.
    zone, country
        The bank's own.
    """
    return income_among(credits_in(batches, zone), zone, country)


def income_among(table: Int64s, zone: str, country: str) -> pa.RecordBatch:
    """Return the events of the stream ``income`` that `credits_in`'s rows make, of one customer or of all.

    ``credit`` is the id of the transaction, hashed as `packing.tokens` does.
    """
    earned, salaries = table[table[:, KIND] & EARNED != 0], salaries_among(table, zone, country)
    rows = np.concatenate([earned, salaries])
    salary = np.arange(len(rows)) >= len(earned)
    columns = {
        "customer": pa.array(rows[:, CUSTOMER].astype(np.int32)),
        "event_time": pa.array(rows[:, EVENT]),
        "known_time": pa.array(rows[:, KNOWN]),
        "superseded_time": pa.array(rows[:, SUPERSEDED], mask=rows[:, SUPERSEDED] == NEVER),
        "amount": pa.array(rows[:, AMOUNT]),
        "counterparty_token": pa.array(rows[:, PAYER]),
        "home_currency": pa.array(rows[:, HOME].astype(bool)),
        "date_only": pa.array(rows[:, DATE_ONLY].astype(bool)),
        "salary": pa.array(salary),
        "earned": pa.array(~salary | (rows[:, KIND] & EARNED == 0)),
        "credit": pa.array(rows[:, ID]),
    }
    return pa.record_batch(columns)
