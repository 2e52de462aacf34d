"""All customers' income, some customers at a time: credits wait in chunks, as events do, beyond a budget outside.

What a salary is shows only in all credits of a customer together, and a scan gives credits in any order. So they are
all gathered first, and then each customer's are looked through: memory is bounded by the budget and by a part of the
customers. Neighbours: `income_events.py` says what they become, `spilling.py` what leaves memory.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.chunks import CUSTOMERS_PER_PARTITION, Chunks, Room, chunk, sorted_partition, spans
from bank360.features.credits import CUSTOMER, EVENT, WIDTH, credits_in
from bank360.features.income_events import income_among
from bank360.features.spilling import Gathered, Outside

Int64s = npt.NDArray[np.int64]
CREDITS = 1 << 18  # looked through at once: 25 MB, several times over


def income_batches(
    batches: Iterable[pa.RecordBatch], zone: str, country: str, n_customers: int, outside: Outside | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `income_events.income_events`, customers ascending, some at a time.

    Parameters
    ----------
    batches, zone, country
        As for `income_events.income_events`.
    n_customers
        Customers are 0 to ``n_customers - 1``; negative ones are left out.
    outside
        Where credits go that are more than its budget; None: all wait in memory.
    """
    for table in credit_tables(batches, zone, n_customers, outside):
        yield income_among(table, zone, country)


def credit_tables(
    batches: Iterable[pa.RecordBatch], zone: str, n_customers: int, outside: Outside | None = None
) -> Iterator[Int64s]:
    """Yield the rows of `credits.credits_in`, customers ascending, all of a customer's in one table; none is empty.

    Parameters
    ----------
    batches, zone, n_customers, outside
        As for `income_batches`.
    """
    gathered = Gathered(outside)
    none = chunk(np.empty(0, dtype=np.int32), np.empty((1, 0), dtype=np.int64), n_customers)
    for batch in batches:
        table = credits_in([batch], zone)
        fields = np.ascontiguousarray(table[:, EVENT:].T)  # all but whose; when it happened comes first
        gathered.add(chunk(table[:, CUSTOMER].astype(np.int32), fields, n_customers), none)
    waiting, _ = gathered.chunks()
    room = Room()
    for low, high in spans(waiting.sizes, CREDITS):
        table = np.concatenate([_credits(waiting, p, n_customers, room) for p in range(low, high)])
        if len(table):
            yield table


def _credits(waiting: Chunks, p: int, n_customers: int, room: Room) -> Int64s:
    """Return the credits of a partition as `credits_in` gives them, in order of customer, time and arrival."""
    records, starts = sorted_partition(waiting, p, n_customers, WIDTH - EVENT, room, "credits")
    customers = p * CUSTOMERS_PER_PARTITION + np.arange(len(starts) - 1)
    return np.column_stack([np.repeat(customers, np.diff(starts)), records])
