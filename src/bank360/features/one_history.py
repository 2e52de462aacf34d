"""One customer's history of all streams in one array: what a published version keeps as bytes and a request reads.

Per stream there are its records, event by event, and of the late ones when they became known, when they were superseded
and whether they carry a date only: as in a `Partition` of one customer. Neighbours: `history_bytes.py` reads it from
bytes, `one_customer.py` computes from it.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bank360.features.history import LATE_WIDTH, Partition
from bank360.features.layout import Layout
from bank360.features.packing import NEVER

Int64s = npt.NDArray[np.int64]
H_PLACE, H_EVENTS, H_LATE, H_TIMED, H_DATED = range(5)
LATE_TIMES = LATE_WIDTH - 1  # known, superseded, date_only


class OneHistory(NamedTuple):
    """One customer's events; a tuple, which compiled functions can read.

    Parameters
    ----------
    numbers
        Stream after stream its records, then the times of late ones, field by field.
    heads
        By stream, in the order of the layouts: where it begins, how many events, how many of them late, and since when
        events stand (`Partition`); shape ``(n_streams, 5)``.
    """

    numbers: Int64s
    heads: Int64s


def one_history(streams: Mapping[str, Partition], packed: Mapping[str, Layout]) -> OneHistory:
    """Return a history of partitions of one customer; a stream that is not among them has no events.

    Raises
    ------
    ValueError
        If a stream was not packed, or as another number of fields.
    """
    heads: list[tuple[int, ...]] = []
    parts: list[Int64s] = []
    place = 0
    for name in streams:
        if name not in packed or streams[name].records.shape[1] != packed[name].width:
            raise ValueError(f"the history of '{name}' is not packed as these layouts say")
    for name, layout in packed.items():
        part = streams.get(name) or no_events(layout)
        heads.append((place, len(part.records), len(part.known), *part.stands_from[0]))
        own = (part.records.reshape(-1), part.known, part.superseded, part.date_only)
        parts += own
        place += sum(map(len, own))
    numbers = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    return OneHistory(numbers, np.array(heads, dtype=np.int64).reshape(-1, 5))


def partitions_in(history: OneHistory, packed: Mapping[str, Layout]) -> dict[str, Partition]:
    """Return what `one_history` takes: the events of each stream as customer 0 of a partition."""
    found = {}
    for (name, layout), (place, n, late, *stands) in zip(packed.items(), history.heads.tolist(), strict=True):
        times = place + n * layout.width
        known, superseded, date_only = history.numbers[times : times + LATE_TIMES * late].reshape(LATE_TIMES, late)
        found[name] = Partition(
            history.numbers[place:times].reshape(n, layout.width),
            np.array([0, n]),
            np.array([0, late]),
            known,
            superseded,
            date_only,
            np.array([stands], dtype=np.int64),
        )
    return found


def no_events(layout: Layout) -> Partition:
    """Return the history of a customer without events in a stream."""
    none, ends = np.empty(0, dtype=np.int64), np.zeros(2, dtype=np.int64)
    records = np.empty((0, layout.width), dtype=np.int64)
    return Partition(records, ends, ends, none, none, none, np.full((1, 2), NEVER, dtype=np.int64))
