"""The moments to describe: any rows (`Spine`), or the same instants for everyone (`Snapshots`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import day_starts, local_days, month_starts, months
from bank360.features.feature import Calendar, Months, Rolling, Window
from bank360.features.scan import Entity

Int64s = npt.NDArray[np.int64]
FIRST = -(2**62)  # lower edge of a lifetime


@dataclass(frozen=True)
class Spine:
    """Rows to describe, in any order; duplicates are allowed and get the same values.

    Parameters
    ----------
    row_id
        What the caller calls each row; not read by the engine.
    customer
        Dense index of the customer, int32; -1 for somebody who is no customer yet: an empty history.
    as_of
        Instant in microseconds (UTC), int64.
    columns
        Attributes of the rows by name (`SpineColumn`): numbers as float64 with NaN for none, categorical ones as
        arrays of strings.
    places
        Of rows that are about a merchant or terminal too: its dense index by entity, int32; -1 where there is none.
    """

    row_id: npt.NDArray[np.generic]
    customer: npt.NDArray[np.int32]
    as_of: Int64s
    columns: Mapping[str, npt.NDArray[np.generic]] = field(default_factory=dict)
    places: Mapping[Entity, npt.NDArray[np.int32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(self.row_id), len(self.customer), len(self.as_of), *map(len, self.columns.values())}
        lengths |= {*map(len, self.places.values())}
        if len(lengths) != 1:
            raise ValueError(f"the spine's arrays have different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.as_of)

    def of(self, entity: Entity) -> "Spine":
        """Return the same rows as histories of an entity are asked for them, keyed by its index; ValueError if none."""
        if entity is Entity.CUSTOMER:
            return self
        if entity not in self.places:
            raise ValueError(f"the spine does not say which {entity} its rows are about. Give it in 'places'.")
        return Spine(self.row_id, self.places[entity], self.as_of, self.columns)


@dataclass(frozen=True)
class Snapshots:
    """Every customer at each of some instants: row ``c * len(as_ofs) + j`` is customer c at instant j (ascending)."""

    n_customers: int
    as_ofs: Int64s

    def __post_init__(self) -> None:
        if np.any(np.diff(self.as_ofs) <= 0):
            raise ValueError("the instants of snapshots must ascend")

    def __len__(self) -> int:
        return self.n_customers * len(self.as_ofs)

    def spine(self) -> Spine:
        """Return the same rows written out."""
        return Spine(
            np.arange(len(self)),
            np.repeat(np.arange(self.n_customers, dtype=np.int32), len(self.as_ofs)),
            np.tile(self.as_ofs, self.n_customers),
        )


def window_edges(as_of: Int64s, windows: Sequence[Window], zone: str, timed: bool) -> tuple[Int64s, Int64s, Int64s]:
    """Return the local day of each as_of and the windows' edges ``[low, high)``, shape ``(n_windows, n_rows)``.

    Edges are local days, or instants in microseconds where ``timed``. A calendar window ends at the local midnight
    that starts as_of's day, so the event being scored never counts itself; a delayed one ends so much earlier. One of
    months ends at the midnight that starts as_of's month.
    """
    days = local_days(as_of, zone).astype(np.int64)
    low = np.empty((len(windows), len(as_of)), dtype=np.int64)
    high = np.empty_like(low)
    for w, window in enumerate(windows):
        if isinstance(window, Rolling):
            high[w] = as_of - window.ago * 1_000_000
            low[w] = high[w] - window.seconds * 1_000_000
            continue
        first, last = _first_and_end(window, days)
        high[w] = day_starts(last, zone) if timed else last
        low[w] = FIRST if first is None else day_starts(first, zone) if timed else first
    return days, low, high


def _first_and_end(window: Calendar | Months, days: Int64s) -> tuple[Int64s | None, Int64s]:
    """Return a window's first local day at each day described, None for the lifetime, and the day after its last."""
    if isinstance(window, Months):
        month = months(days)
        return month_starts(month - window.months).astype(np.int64), month_starts(month).astype(np.int64)
    end = days - window.ago
    return None if window.days is None else end - window.days, end
