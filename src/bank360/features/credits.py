"""Credits that may be income, and what takes them back, as one table of integers: what income is found in.

A row is a version of a transaction, shape ``(n, WIDTH)``; payer, currency, its id and the id that it reverses are
hashed as histories hash them. `left_of` says what reversals leave of a credit: income that is taken back in full is
none from the moment at which the bank knows of it, and was some before; a part that is taken back is none.
Neighbours: `scan.py` says which rows, `income_events.py` makes the events of the stream ``income`` of them.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bank360.features.feature import Condition, Measure
from bank360.features.layout import Field, Layout
from bank360.features.packing import NEVER, pack
from bank360.features.scan import EARNED_ROWS, INCOME, SALARY_ROWS, STREAM_BY_NAME, TAKEN_BACK_ROWS

Int64s = npt.NDArray[np.int64]
# The columns: whose; when it happened, was known and was superseded (`NEVER`: it stands); what it says; its kinds.
CUSTOMER, EVENT, KNOWN, SUPERSEDED, AMOUNT, PAYER, CURRENCY, HOME, ID, REVERSES, DATE_ONLY, KIND = range(12)
WIDTH = 12
MAY_BE_SALARY, EARNED, TAKES_BACK = 1, 2, 4  # in the order of the measures below


def _rows(name: str, where: tuple[Condition, ...]) -> Measure:
    return Measure(name, INCOME, "amount", name, "minor units", where=where)


_MEASURES = (_rows("salary", SALARY_ROWS), _rows("earned", EARNED_ROWS), _rows("taken back", TAKEN_BACK_ROWS))
_LAYOUT = Layout(
    STREAM_BY_NAME[INCOME],
    True,
    _MEASURES,
    (
        Field("amount", _MEASURES[0].limit, token=False),
        Field("counterparty_token", 0, token=True),
        Field("currency", 0, token=True),
        Field("home_currency", 1, token=False),
        Field("transaction_id", 0, token=True),
        Field("reverses_id", 0, token=True),
    ),
)


def credits_in(batches: Iterable[pa.RecordBatch], zone: str) -> Int64s:
    """Return the rows that say something of income, in the order in which they come.

    Parameters
    ----------
    batches
        Rows of transactions as `scan.py` says; those of none of the kinds are passed over.
    zone
        The bank's time zone.
    """
    return np.concatenate([np.empty((0, WIDTH), dtype=np.int64), *(_credits(batch, zone) for batch in batches)])


def left_of(table: Int64s, kind: int) -> Int64s:
    """Return the credits of a kind, each as what its reversals leave of it, while they do.

    A credit whose reversals become known, or are corrected, has a version for each span of time between; while nothing
    is left of it there is none. A reversal is held to a credit of the same customer.
    """
    paid: Int64s = table[(table[:, KIND] & kind != 0) & (table[:, AMOUNT] > 0)]
    touched = taken_back(paid, table)
    if not touched.any():
        return paid
    back = table[table[:, KIND] & TAKES_BACK != 0]
    by_credit: dict[tuple[int, int], list[list[int]]] = {}
    for one in back[np.isin(back[:, REVERSES], paid[touched, ID])].tolist():
        by_credit.setdefault((one[CUSTOMER], one[REVERSES]), []).append(one)
    left = [
        version
        for credit in paid[touched].tolist()
        for version in _versions(credit, by_credit.get((credit[CUSTOMER], credit[ID]), []))
    ]
    return np.concatenate([paid[~touched], np.array(left, dtype=np.int64).reshape(-1, WIDTH)])


def taken_back(paid: Int64s, table: Int64s) -> npt.NDArray[np.bool_]:
    """Return which of some credits a row of the table takes back, or a part of them, at any time."""
    return np.isin(paid[:, ID], table[table[:, KIND] & TAKES_BACK != 0, REVERSES])


def _versions(credit: list[int], back: list[list[int]]) -> Iterator[list[int]]:
    known, until = credit[KNOWN], credit[SUPERSEDED]
    cuts = {time for one in back for time in (one[KNOWN], one[SUPERSEDED]) if known < time < until}
    for start, end in pairwise(sorted({known, *cuts, max(known, until)})):
        amount = credit[AMOUNT] + sum(one[AMOUNT] for one in back if one[KNOWN] <= start and end <= one[SUPERSEDED])
        if amount > 0:
            version = list(credit)
            version[KNOWN], version[SUPERSEDED], version[AMOUNT] = start, end, amount
            yield version


def _credits(batch: pa.RecordBatch, zone: str) -> Int64s:
    batch = batch.filter(pc.greater_equal(batch.column("customer"), pa.scalar(0)))
    packed = pack(batch, _LAYOUT, zone)
    # The exact time, not "before it counts", which is all that packing keeps: a first salary waits for the third.
    known = packed.fields[0]
    if "known_time" in batch.schema.names:
        known = batch.column("known_time").cast(pa.int64()).to_numpy()
    superseded = np.full(len(packed.customer), NEVER)
    superseded[packed.late] = packed.superseded
    value = _LAYOUT.flag_field + _LAYOUT.flag_words
    values = packed.fields[value : value + len(_LAYOUT.fields)].T
    kind = packed.fields[_LAYOUT.flag_field] & (MAY_BE_SALARY | EARNED | TAKES_BACK)
    columns = np.column_stack([packed.customer, packed.fields[0], known, superseded, values, packed.date_only, kind])
    chosen: Int64s = columns[kind != 0]
    return chosen
