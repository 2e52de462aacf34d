"""What came in as income, as events of the stream ``income``: what the ledger calls so, and the salaries detected.

::

    earned    what the ledger itself calls income, as it is booked; a reversal with its sign, on its own day
    receipt   a credit of these, as what reversals leave of it, while they leave something
    salary    a credit that is a salary (`salary.py`), as what reversals leave of it, while it is one

A salary is income whatever the ledger calls it: one that it calls something else is ``earned`` and a ``receipt`` too,
so that each credit is in the sum once. One that it calls income stands there twice, and one that is taken back, or a
part of it, once more: every measure reads one of the kinds.
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
    TAKES_BACK,
    credits_in,
    left_of,
    taken_back,
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
    # Of what nothing takes back the row itself is the receipt.
    touched = taken_back(table, table)
    whole = ~touched[table[:, KIND] & EARNED != 0]
    # A row may be both, and takes off what it does once.
    receipts = left_of(table[touched | (table[:, KIND] & TAKES_BACK != 0)], EARNED)
    rows = np.concatenate([earned, receipts, salaries])
    place = np.arange(len(rows))
    salary = place >= len(earned) + len(receipts)
    otherwise = salary & (rows[:, KIND] & EARNED == 0)  # what the ledger calls something else
    receipt = (place >= len(earned)) & ~salary | otherwise
    receipt[: len(earned)] = whole & (earned[:, AMOUNT] > 0)
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
        "earned": pa.array((place < len(earned)) | otherwise),
        "receipt": pa.array(receipt),
        "credit": pa.array(rows[:, ID]),
    }
    return pa.record_batch(columns)
