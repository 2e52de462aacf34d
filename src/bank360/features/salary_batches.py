"""All customers' salaries, some customers at a time: credits wait in chunks, as events do, beyond a budget outside.

What a salary is shows only in all credits of a customer together, and a scan gives credits in any order. So they are
all gathered first, and then each customer's are looked through: memory is bounded by the budget and by a part of the
customers. Neighbours: `salary.py` says what a salary is, `spilling.py` what leaves memory.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.chunks import CUSTOMERS_PER_PARTITION, Chunks, Room, chunk, sorted_partition, spans
from bank360.features.salary import credits_in, salaries_among
from bank360.features.spilling import Gathered, Outside

Int64s = npt.NDArray[np.int64]
CREDITS = 1 << 18  # looked through at once: 20 MB, several times over
_FIELDS = 8  # of a credit, its customer apart


def salary_batches(
    batches: Iterable[pa.RecordBatch], zone: str, n_customers: int, outside: Outside | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of `salary.salary_events`, customers ascending, some at a time.

    Parameters
    ----------
    batches, zone
        As for `salary.salary_events`.
    n_customers
        Customers are 0 to ``n_customers - 1``; negative ones are left out.
    outside
        Where credits go that are more than its budget; None: all wait in memory.
    """
    gathered = Gathered(outside)
    none = chunk(np.empty(0, dtype=np.int32), np.empty((1, 0), dtype=np.int64), n_customers)
    for batch in batches:
        table = credits_in([batch], zone)
        fields = np.ascontiguousarray(table[:, 1:].T)
        gathered.add(chunk(table[:, 0].astype(np.int32), fields, n_customers), none)
    waiting, _ = gathered.chunks()
    room = Room()
    for low, high in spans(waiting.sizes, CREDITS):
        yield salaries_among(np.concatenate([_credits(waiting, p, n_customers, room) for p in range(low, high)]), zone)


def _credits(waiting: Chunks, p: int, n_customers: int, room: Room) -> Int64s:
    """Return the credits of a partition as `credits_in` gives them, in order of customer, time and arrival."""
    records, starts = sorted_partition(waiting, p, n_customers, _FIELDS, room, "credits")
    customers = p * CUSTOMERS_PER_PARTITION + np.arange(len(starts) - 1)
    return np.column_stack([np.repeat(customers, np.diff(starts)), records])
