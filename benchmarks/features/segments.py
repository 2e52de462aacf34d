"""What library contenders share: to whom they hand their columns, and the segments of time of those made by hand.

The windows' edges cut the two years into segments, and every window is a range of whole segments, so that a sum over a
window is a running total at its end less one at its start.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

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
