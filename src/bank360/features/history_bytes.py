"""One customer's packed history as bytes, and back: what a published version holds and an online request reads.

The bytes hold the streams in the order of their layouts, field by field, times as steps: alike numbers lie together and
compress well (a few kilobytes a customer). They mean something only with the layouts that they were written by, whose
`layout_stamp` a version states; other features pack otherwise, and their bytes are refused, never read askew.

What is read is a `OneHistory`; events that arrived since are put in its partitions with `with_events`. Histories keep
events of one instant in the order in which threads brought them; here they are put in order of their values, so that
one history has one form: equal events, equal bytes.
Neighbours: `history.py` packs, `one_history.py` says what is read, `one_customer.py` computes.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.features.chunks import CUSTOMERS_PER_PARTITION, Room, partitions_of
from bank360.features.history import LATE_WIDTH, Histories, Partition
from bank360.features.layout import LATE, Layout
from bank360.features.one_history import LATE_TIMES, OneHistory
from bank360.features.packing import NEVER, Packed

Int64s = npt.NDArray[np.int64]
_FORMAT = "history 1"
_HEAD = 4  # per stream: events, of them late, stands_from twice
_CODEC: Final = "zstd"


def layout_stamp(packed: Mapping[str, Layout]) -> str:
    """Return what names a way of packing: equal stamps read each other's bytes. 16 hex digits."""
    said = "\n".join([_FORMAT, *(f"{name} {layout!r}" for name, layout in packed.items())])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def customer_bytes(histories: Histories) -> Iterator[bytes]:
    """Yield each customer's history as bytes, customer 0 first."""
    rooms = {name: Room() for name in histories.streams}
    for p in range(partitions_of(histories.n_customers)):
        layouts = [stream.layout for stream in histories.streams.values()]
        parts = [
            _in_order(stream.partition(p, rooms[name]), stream.layout) for name, stream in histories.streams.items()
        ]
        for c in range(min(CUSTOMERS_PER_PARTITION, histories.n_customers - p * CUSTOMERS_PER_PARTITION)):
            yield _bytes([_only(part, c) for part in parts], layouts)


def history_of(data: bytes, packed: Mapping[str, Layout]) -> OneHistory:
    """Return the history that `customer_bytes` wrote.

    Parameters
    ----------
    packed
        The layouts of the writer, in its order; whoever reads has compared their stamp.

    Raises
    ------
    ValueError
        If the bytes are damaged, or not of these layouts.
    """
    from bank360.features.one_row import read_back

    stored, at = _numbers(data), _HEAD * len(packed)
    if len(stored) < at:
        raise ValueError(f"{len(stored)} numbers are no history of these layouts, whose heads alone take {at}")
    heads, place = [], 0
    for layout, (n, late, *stands) in zip(packed.values(), stored[:at].reshape(-1, _HEAD).tolist(), strict=True):
        if n < 0 or late < 0:
            break
        heads.append((place, n, late, *stands))
        place += n * layout.width + late * LATE_TIMES
    if len(heads) < len(packed) or at + place != len(stored):
        raise ValueError(f"{len(stored)} numbers are no history of these layouts, which takes {at + place}")
    history = OneHistory(np.empty(place, dtype=np.int64), np.array(heads, dtype=np.int64))
    widths, days = np.array([(one.width, one.day_field) for one in packed.values()], dtype=np.int64).T.copy()
    if not read_back(stored[at:], widths, days, history):
        raise ValueError("the numbers are no history of these layouts: others are marked as late than have times")
    return history


def with_events(before: Partition, layout: Layout, more: Packed) -> Partition:
    """Return a customer's history with events that arrived since; of equal times the earlier arrival stands first.

    Parameters
    ----------
    more
        The events of this one customer, packed by the same layout.
    """
    records = np.concatenate([before.records, np.ascontiguousarray(more.fields.T)])
    marked = (before.records[:, layout.flag_field] >> LATE) & 1 == 1
    late_at = np.concatenate([before.records[marked, 0], more.fields[0, more.late]])
    late_order = np.argsort(late_at, kind="stable")
    dates = more.date_only[more.late].astype(np.int64)

    def placed(old: Int64s, new: Int64s) -> Int64s:
        return np.concatenate([old, new])[late_order]

    first = before.stands_from.copy()
    for kind, own in enumerate((~more.date_only, more.date_only)):
        first[0, kind] = min(int(first[0, kind]), int(more.stands_from[own].min(initial=NEVER)))
    return Partition(
        records[np.argsort(records[:, 0], kind="stable")],
        np.array([0, len(records)]),
        np.array([0, len(late_at)]),
        placed(before.known, more.known),
        placed(before.superseded, more.superseded),
        placed(before.date_only, dates),
        first,
    )


def _only(part: Partition, c: int) -> Partition:
    own = slice(part.starts[c], part.starts[c + 1])
    late = slice(part.late_starts[c], part.late_starts[c + 1])
    return Partition(
        part.records[own],
        part.starts[c : c + 2],
        part.late_starts[c : c + 2],
        part.known[late],
        part.superseded[late],
        part.date_only[late],
        part.stands_from[c : c + 1],
    )


def _numbers(data: bytes) -> Int64s:
    """Return the numbers that `_bytes` compressed, behind how many they are."""
    size = int.from_bytes(data[:4], "little")
    try:
        plain = pa.decompress(data[4:], decompressed_size=size * 8, codec=_CODEC, asbytes=True)
    except (OSError, MemoryError) as error:  # what Arrow raises for damaged bytes, and for a damaged size
        raise ValueError(f"{len(data)} bytes are no history of {size} numbers: {str(error) or 'too many'}") from error
    return np.frombuffer(plain, np.int64)


def _bytes(parts: list[Partition], layouts: list[Layout]) -> bytes:
    head = [(len(part.records), len(part.known), *part.stands_from[0]) for part in parts]
    body = [np.array(head, dtype=np.int64).reshape(-1)]
    for part, layout in zip(parts, layouts, strict=True):
        fields = part.records.T.copy()
        times = fields[: layout.day_field + 1]
        times[:, 1:] = np.diff(part.records[:, : layout.day_field + 1].T, axis=1)
        body += [fields.reshape(-1), part.known, part.superseded, part.date_only]
    numbers = np.concatenate(body)
    packed: bytes = pa.compress(numbers.tobytes(), codec=_CODEC, asbytes=True)
    return len(numbers).to_bytes(4, "little") + packed


def _in_order(part: Partition, layout: Layout) -> Partition:
    """Return a partition with events of one customer and instant in order of all their values."""
    owner = np.repeat(np.arange(len(part.starts) - 1), np.diff(part.starts))
    at, width = part.records[:, 0], layout.width
    same = (at[1:] == at[:-1]) & (owner[1:] == owner[:-1])
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if tied.size == 0:
        return part
    marked = (part.records[:, layout.flag_field] >> LATE) & 1 == 1
    times = np.zeros((len(at), LATE_WIDTH - 1), dtype=np.int64)
    times[marked] = np.column_stack([part.known, part.superseded, part.date_only])
    rows = np.column_stack([owner[tied], part.records[tied], times[tied]])
    rows = rows[np.lexsort(rows.T[::-1])]
    part.records[tied], times[tied] = rows[:, 1 : width + 1], rows[:, width + 1 :]
    marked = (part.records[:, layout.flag_field] >> LATE) & 1 == 1
    known, superseded, date_only = np.ascontiguousarray(times[marked].T)
    return part._replace(known=known, superseded=superseded, date_only=date_only)
