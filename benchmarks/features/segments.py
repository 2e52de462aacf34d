"""What all library contenders share: the segments into which the windows' edges cut the two years.

Every window is a range of whole segments, so that a sum over a window is a running total at its end less one at its
start. The hybrids (`pandas_numpy`, `polars_numpy`) also share `read_off`: running totals over the dense
(customer, segment) grid, maxima and the ranges of distinct visits in NumPy.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.features.columns import COLUMNS, SHARES
from benchmarks.features.data import FIRST_DAY, WINDOWS, month_ends

Int64s = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]
Keep = Callable[[Int64s, int, Sequence[Doubles]], None]
"""Takes customers, the number of a month end, and their 31 columns at it; its cost is not counted."""


@dataclass(frozen=True)
class Cut:
    """Edges in days; per window the first segment and the segment after the last, of each month end."""

    ends: Int64s
    edges: Int64s
    low: dict[int, Int64s]
    high: Int64s

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return len(self.edges) + 1

    def of_days(self) -> Int64s:
        """Return the segment of each day of the file, from `FIRST_DAY` on."""
        days = np.arange(FIRST_DAY, self.ends[-1] + 2)
        return np.searchsorted(self.edges, days, side="right")

    def first_end(self) -> Int64s:
        """Return by segment the first month end that a visit in it comes before; 24 if there is none."""
        return np.searchsorted(self.high, np.arange(self.segments), side="right")

    def end_after(self, window: int) -> Int64s:
        """Return by segment the first month end whose ``window`` no longer reaches back to it; 24 if there is none."""
        return np.searchsorted(self.low[window], np.arange(self.segments), side="right")


def cut() -> Cut:
    """Return the segments of the 24 month ends and three windows."""
    ends = month_ends()
    edges = np.unique(np.concatenate([ends, *(ends - w for w in WINDOWS)]))
    edges = edges[edges > FIRST_DAY]
    at = {w: np.searchsorted(edges, ends - w, side="right") for w in WINDOWS}
    return Cut(ends, edges, at, np.searchsorted(edges, ends, side="right"))


def read_off(
    cut: Cut,
    cell: Int64s,
    sums: dict[str, Int64s],
    largest: Int64s,
    last_day: Int64s,
    visits: tuple[Int64s, Int64s, Int64s],
    n_customers: int,
) -> Iterator[list[Doubles]]:
    """Yield per month end its 31 columns, by customer, from sums per (customer, segment) and visits.

    Parameters
    ----------
    cell
        ``customer * segments + segment`` of each group.
    sums
        ``n``, ``s``, ``q`` and the four counts, per group.
    largest, last_day
        Per group.
    visits
        Customer, segment, segment of the previous visit to the same merchant (-1: none).
    """
    grid = (n_customers, cut.segments)
    totals = {}
    for name, values in sums.items():
        dense = np.zeros(grid[0] * grid[1], dtype=np.int64)
        dense[cell] = values
        totals[name] = np.zeros((grid[0], grid[1] + 1), dtype=np.int64)
        np.cumsum(dense.reshape(grid), axis=1, out=totals[name][:, 1:])
    biggest = np.full(grid[0] * grid[1], -np.inf)
    biggest[cell] = largest
    biggest = biggest.reshape(grid)
    days = np.full(grid[0] * grid[1], -np.inf)
    days[cell] = last_day
    np.maximum.accumulate(days.reshape(grid), axis=1, out=days.reshape(grid))
    result = np.empty((len(COLUMNS), n_customers, len(cut.ends)))
    column = dict(zip(COLUMNS, result, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        for w in WINDOWS:
            low, high = cut.low[w], cut.high
            part = {name: total[:, high] - total[:, low] for name, total in totals.items()}
            n = part["n"]
            column[f"count_{w}"][:], column[f"sum_{w}"][:] = n, part["s"]
            np.divide(part["s"], n, out=column[f"mean_{w}"])
            np.divide(np.sqrt((n * part["q"] - part["s"] ** 2).astype(float)), n, out=column[f"std_{w}"])
            for name in SHARES:
                np.divide(part[name], n, out=column[f"{name}_{w}"])
            for r in range(len(cut.ends)):
                best = biggest[:, low[r] : high[r]].max(axis=1, initial=-np.inf)
                column[f"max_{w}"][:, r] = np.where(np.isinf(best), np.nan, best)
            column[f"merchants_{w}"][:] = _distinct(low, high, visits, n_customers)
    seen = days.reshape(grid)[:, cut.high - 1]
    column["days_since_last"][:] = np.where(np.isinf(seen), np.nan, cut.ends - seen)
    for r in range(len(cut.ends)):
        yield list(result[:, :, r])


def _distinct(low: Int64s, high: Int64s, visits: tuple[Int64s, Int64s, Int64s], n_customers: int) -> Int64s:
    """Return distinct merchants: a visit counts at the month ends with ``previous < low <= segment < high``."""
    customer, segment, previous = visits
    start = np.maximum(np.searchsorted(low, previous, side="right"), np.searchsorted(high, segment, side="right"))
    stop = np.searchsorted(low, segment, side="right")
    counts = start < stop
    width = len(low) + 1
    changes = np.bincount(customer[counts] * width + start[counts], minlength=n_customers * width)
    changes -= np.bincount(customer[counts] * width + stop[counts], minlength=n_customers * width)
    result: Int64s = np.cumsum(changes.reshape(n_customers, width), axis=1)[:, :-1]
    return result
