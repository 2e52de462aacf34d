"""Salaries, detected: credits of one payer that come in a cycle become events of the stream ``salaries``.

A credit is a salary when it is one of three of the same payer, each one cycle after the other (7, 14, 28 days or a
month), in one currency, whose amounts differ by less than 30 % (`definitions.md` §4). A pay day that is no working day
is paid on the working day before: each credit stands for the nominal days that would have been paid on its day, and the
three must have nominal days exactly a cycle apart.

At an as_of the bank may use only what it then saw: a salary becomes known when the last of its three credits became
known, and stops counting when one of them is corrected; a credit that is in several threes counts while any of them
stands. The events therefore carry known and superseded times of their own, and the kernel needs to know nothing else.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.calendar import bank_holidays, local_days, month_starts, months, to_date
from bank360.features.feature import Measure
from bank360.features.layout import Field, Layout
from bank360.features.packing import NEVER, pack
from bank360.features.scan import SALARY_ROWS, STREAM_BY_NAME

Int64s = npt.NDArray[np.int64]
LONGEST_REST = 10  # days looked ahead for the next working day; no calendar rests longer

_CREDIT = Measure("credit", "salaries", "amount", "a credit that may be a salary", "minor units", where=SALARY_ROWS)
_LAYOUT = Layout(
    STREAM_BY_NAME["salaries"],
    True,
    (_CREDIT,),
    (
        Field("amount", _CREDIT.limit, token=False),
        Field("counterparty_token", 0, token=True),
        Field("currency", 0, token=True),
        Field("home_currency", 1, token=False),
    ),
)
_MIX = np.int64(0x5851F42D4C957F2D)  # odd: payer and currency become one key (Knuth's MMIX multiplier)


def salary_events(batches: Iterable[pa.RecordBatch], zone: str) -> pa.RecordBatch:
    """Return the detected salaries as events of the stream ``salaries``; times are int64 microseconds.

    Parameters
    ----------
    batches
        Rows of transactions as `scan.py` says; rows that `SALARY_ROWS` does not hold for are passed over.
    zone
        The bank's time zone.
    """
    return salaries_among(credits_in(batches, zone), zone)


def salaries_among(table: Int64s, zone: str) -> pa.RecordBatch:
    """Return the detected salaries among credits that `credits_in` returned, of one customer or of all."""
    from bank360.features import salary_cycles

    cycle_of = table[:, 5] + table[:, 6] * _MIX  # amounts of two currencies are not compared
    order = np.lexsort((table[:, 1], cycle_of, table[:, 0]))  # by customer, payer and currency, time
    table, cycle_of = table[order], cycle_of[order]
    customer, event, known, superseded, amount, payer, _, home, date_only = table.T.copy()
    if len(table) == 0:
        return _events(customer, event, known, superseded, amount, payer, home, date_only)
    days = local_days(event, zone).astype(np.int64)
    first = int(days.min())
    nominal, month, month_first, month_length = _calendar(first, int(days.max()))
    row, start, end = salary_cycles.salaries(
        customer, cycle_of, days, amount, known, superseded, first, nominal, month, month_first, month_length
    )
    return _events(customer[row], event[row], start, end, amount[row], payer[row], home[row], date_only[row])


def _events(
    customer: Int64s, event: Int64s, known: Int64s, superseded: Int64s, amount: Int64s, payer: Int64s, home: Int64s,
    date_only: Int64s,
) -> pa.RecordBatch:  # fmt: skip
    columns = {
        "customer": pa.array(customer.astype(np.int32)),
        "event_time": pa.array(event),
        "known_time": pa.array(known),
        "superseded_time": pa.array(superseded, mask=superseded == NEVER),
        "amount": pa.array(amount),
        "counterparty_token": pa.array(payer),
        "home_currency": pa.array(home.astype(bool)),
        "date_only": pa.array(date_only.astype(bool)),
    }
    return pa.record_batch(columns)


def credits_in(batches: Iterable[pa.RecordBatch], zone: str) -> Int64s:
    """Return the credits that may be salaries, in the order in which they come.

    Shape ``(n, 9)``: customer, when it happened, was known and was superseded (``NEVER``: it stands), amount, payer,
    currency, home_currency, date_only.
    """
    return np.concatenate([np.empty((0, 9), dtype=np.int64), *(_credits(batch, zone) for batch in batches)])


def _credits(batch: pa.RecordBatch, zone: str) -> Int64s:
    batch = batch.filter(pc.greater_equal(batch.column("customer"), pa.scalar(0)))
    packed = pack(batch, _LAYOUT, zone)
    n = len(packed.customer)
    # The exact time, not "before it counts", which is all that packing keeps: a first salary waits for the third.
    known = packed.fields[0]
    if "known_time" in batch.schema.names:
        known = batch.column("known_time").cast(pa.int64()).to_numpy()
    superseded = np.full(n, NEVER)
    superseded[packed.late] = packed.superseded
    value = _LAYOUT.flag_field + _LAYOUT.flag_words
    values = packed.fields[value : value + len(_LAYOUT.fields)].T
    columns = np.column_stack([packed.customer, packed.fields[0], known, superseded, values, packed.date_only])
    chosen: Int64s = columns[(packed.fields[_LAYOUT.flag_field] & 1) == 1]
    return chosen


def _calendar(first: int, last: int) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Return, from day ``first`` on, the last nominal day paid on each day; its month; months' first days and lengths.

    Months are counted from the month of ``first``; three more than needed are there.
    """
    days = np.arange(first, last + 1)
    works = [_works(int(day)) for day in range(first, last + LONGEST_REST + 1)]
    nominal = days.copy()
    for i in range(len(days)):
        if works[i]:
            while not works[int(nominal[i]) + 1 - first] and nominal[i] < days[i] + LONGEST_REST - 1:
                nominal[i] += 1
    month = months(np.arange(first, last + LONGEST_REST + 1)).astype(np.int64)
    base = int(month[0])
    starts = month_starts(np.arange(base, int(month[-1]) + 5)).astype(np.int64)
    return nominal, month - base, starts[:-1], np.diff(starts)


def _works(day: int) -> bool:
    date = to_date(day)
    return date.weekday() < 5 and date not in bank_holidays(date.year)
