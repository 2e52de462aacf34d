"""The compiled search for three credits of one payer a cycle apart; see `salary.py` for the definition."""

import numpy as np
import numpy.typing as npt

from bank360.features.compiled import compiled

Int64s = npt.NDArray[np.int64]
REACH = 38  # most days between two pay days: a 31-day month, the first paid up to a rest of 7 days early


@compiled
def salaries(
    customer: Int64s,
    payer: Int64s,
    days: Int64s,
    amount: Int64s,
    known: Int64s,
    superseded: Int64s,
    first: int,
    nominal: Int64s,
    month: Int64s,
    month_first: Int64s,
    month_length: Int64s,
) -> tuple[Int64s, Int64s, Int64s]:
    """Return the salaries: row of the credit, and the times ``(from, until]`` in which it counts as one.

    Rows are sorted by customer, payer, time; the calendar arrays are those of `salary._calendar`. A credit has several
    disjoint spans of time where a correction broke its cycle and later credits made another.
    """
    n = customer.size
    size = 16
    spans = np.empty((size, 3), dtype=np.int64)
    found = 0
    for k in range(n):
        j = k - 1
        while j >= 0 and customer[j] == customer[k] and payer[j] == payer[k] and days[k] - days[j] <= REACH:
            if _alike(amount[j], amount[k], amount[k]):
                i = k + 1
                while i < n and customer[i] == customer[k] and payer[i] == payer[k] and days[i] - days[k] <= REACH:
                    start = max(known[j], known[k], known[i])
                    end = min(superseded[j], superseded[k], superseded[i])
                    if (
                        start < end
                        and _alike(amount[j], amount[k], amount[i])
                        and _cycle(days[j], days[k], days[i], first, nominal, month, month_first, month_length)
                    ):
                        if found + 3 > size:
                            size *= 2
                            more = np.empty((size, 3), dtype=np.int64)
                            more[:found] = spans[:found]
                            spans = more
                        for row in (j, k, i):
                            spans[found, 0], spans[found, 1], spans[found, 2] = row, start, end
                            found += 1
                    i += 1
            j -= 1
    return _union(spans[:found])


@compiled
def _alike(x: int, y: int, z: int) -> bool:
    """Return whether the largest amount is less than 30 % above the smallest."""
    return 10 * max(x, y, z) < 13 * min(x, y, z)


@compiled
def _cycle(
    d1: int,
    d2: int,
    d3: int,
    first: int,
    nominal: Int64s,
    month: Int64s,
    month_first: Int64s,
    month_length: Int64s,
) -> bool:
    """Return whether three days can be pay days one cycle apart.

    Day d stands for the nominal days d to ``nominal[d - first]``.
    """
    e1, e2, e3 = nominal[d1 - first], nominal[d2 - first], nominal[d3 - first]
    for length in (7, 14, 28):
        if max(d1, d2 - length, d3 - 2 * length) <= min(e1, e2 - length, e3 - 2 * length):
            return True
    for n1 in range(d1, e1 + 1):
        m = month[n1 - first]
        of_month = n1 - month_first[m]
        # The last day of a month may stand for any later day that the month lacks: the 30th, or the last of each month.
        latest = 30 if of_month == month_length[m] - 1 else of_month
        for day in range(of_month, latest + 1):
            n2 = month_first[m + 1] + min(day, month_length[m + 1] - 1)
            n3 = month_first[m + 2] + min(day, month_length[m + 2] - 1)
            if d2 <= n2 <= e2 and d3 <= n3 <= e3:
                return True
    return False


@compiled
def _union(spans: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """Return the union of the spans ``(from, until]`` of each row as disjoint spans."""
    count = spans.shape[0]
    by_start = np.argsort(spans[:, 1], kind="mergesort")
    order = by_start[np.argsort(spans[by_start, 0], kind="mergesort")]
    row = np.empty(count, dtype=np.int64)
    start = np.empty(count, dtype=np.int64)
    end = np.empty(count, dtype=np.int64)
    n = 0
    for s in range(count):
        x = order[s]
        if n and row[n - 1] == spans[x, 0] and spans[x, 1] <= end[n - 1]:
            end[n - 1] = max(end[n - 1], spans[x, 2])
        else:
            row[n], start[n], end[n] = spans[x, 0], spans[x, 1], spans[x, 2]
            n += 1
    return row[:n], start[:n], end[:n]
