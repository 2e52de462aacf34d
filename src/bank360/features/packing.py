"""One Arrow batch of events -> packed records. Conditions become flag bits here, once, not at every feature.

For every column that conditions read there is a table from "kind of value" (code of a dictionary, bucket between the
numbers that conditions name, hour, null) to the set of measures whose conditions on that column hold. An event's flags
are the AND of its columns' sets: one look-up a column, however many measures there are.
Neighbours: `layout.py` says what a record is, `partition.py` holds the compiled loops, `history.py` collects records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from bank360.bank.calendar import offset_changes
from bank360.features.feature import Condition, Measure
from bank360.features.layout import BITS, LATE, Layout

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Column = (
    Any  # an Arrow array of any type: the stubs tell neither dictionaries from plain arrays nor what a fill returns
)
MOST_NAMES = 120  # of one column in conditions, for `partition.code_texts`
NEVER = np.iinfo(np.int64).max
_TRANSFORM = {"<": 0, ">=": 0, "<=": 1, ">": 1}


@dataclass(frozen=True)
class Packed:
    """The events of one batch, as packed.

    Parameters
    ----------
    customer
        Customer of each record, int32, shape ``(n,)``.
    fields
        The records field by field, int64, shape ``(layout.width, n)``.
    late
        Events whose visibility has to be looked up, ascending.
    known, superseded
        Their times in microseconds; ``NEVER`` where not superseded.
    date_only
        Which events carry a date only.
    stands_from
        When each event became known, ``NEVER`` if it was superseded later.
    clipped
        How many values lay outside their measure's limit, by column.
    """

    customer: npt.NDArray[np.int32]
    fields: Int64s
    late: Int64s
    known: Int64s
    superseded: Int64s
    date_only: npt.NDArray[np.bool_]
    stands_from: Int64s
    clipped: Mapping[str, int]


def pack(batch: pa.RecordBatch, layout: Layout, zone: str, into: Int64s | None = None) -> Packed:
    """Return the packed events of ``batch`` (columns: see `scan.py`); rows with a negative customer are left out.

    ``into`` is room for the fields, int64 of at least ``layout.width`` times as many numbers as the batch has rows, so
    that a loop over batches can use the same memory again.

    Raises
    ------
    KeyError
        If a column that the layout needs is missing.
    TypeError
        If a column has a type that no measure can read.
    """
    from bank360.features import partition

    customer = _complete(batch, "customer").astype(np.int32, copy=False)
    if customer.size and customer.min() < 0:
        batch = batch.filter(pa.array(customer >= 0))
        customer = customer[customer >= 0]
    n = batch.num_rows
    names = set(batch.schema.names)
    event = _complete(batch, "event_time")
    known = _complete(batch, "known_time") if "known_time" in names else event[:0]
    superseded = event[:0]
    if "superseded_time" in names and batch.column("superseded_time").null_count < n:
        superseded = _filled(batch.column("superseded_time").cast(pa.int64()), NEVER)
    date_only = np.full(n, bool(layout.stream.date_only))
    if layout.stream.date_only is None and "date_only" in names:
        date_only = batch.column("date_only").to_numpy(zero_copy_only=False)

    room = np.empty(n * layout.width, dtype=np.int64) if into is None else into[: n * layout.width]
    fields = room.reshape(layout.width, n)
    hour = np.empty(n if layout.needs_hour else 0, dtype=np.int8)
    late_mark = np.empty(n, dtype=np.bool_)
    changes, offsets = offset_changes(zone)
    partition.place_in_time(
        event, known, superseded, date_only, changes, offsets, layout.timed, fields, hour, late_mark
    )
    late = np.flatnonzero(late_mark)
    for word in range(layout.flag_words):
        measures = layout.measures[word * BITS : (word + 1) * BITS]
        flags = fields[layout.flag_field + word]
        flags[:] = (1 << len(measures)) - 1
        for codes, sets in _condition_sets(batch, hour, measures):
            partition.keep_bits(flags, codes, sets)
        if word == 0:
            flags[late] |= -1 << LATE
    clipped: dict[str, int] = {}
    first_value = layout.flag_field + layout.flag_words
    for position, field in enumerate(layout.fields, start=first_value):
        column = batch.column(field.column)
        if field.token:
            fields[position] = tokens(column)
            continue
        outside = partition.store_clipped(_numbers(column, field.column), field.limit, fields[position])
        if outside:
            clipped[field.column] = clipped.get(field.column, 0) + outside
    known = known if known.size else event
    return Packed(
        customer,
        fields,
        late,
        known[late],
        superseded[late] if superseded.size else np.full(late.size, NEVER, dtype=np.int64),
        date_only,
        np.where(superseded == NEVER, known, NEVER) if superseded.size else known,
        clipped,
    )


def tokens(column: Column) -> Int64s:
    """Return an integer per value such that equal values, and only they, have equal numbers.

    Integers stand for themselves. Strings are hashed to 64 bits without any state, so that histories packed on
    different days and machines agree: two of a customer's 10,000 different values collide with a chance below 1e-11.
    Nulls give 0; they are never events of a measure on the column.
    """
    from bank360.features import partition

    if pa.types.is_dictionary(column.type):
        # Values before indices: a dictionary may be shared by batches and is small beside them.
        of_value = tokens(column.dictionary)
        return of_value[_filled(column.indices, 0)] if of_value.size else np.zeros(len(column), dtype=np.int64)
    if pa.types.is_integer(column.type):
        return _filled(column, 0)
    if pa.types.is_date32(column.type):
        return _numbers(column, "token")
    plain = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    limits, data = _text_buffers(column if plain else column.cast(pa.string()))
    return partition.hash_texts(limits, data)


def _complete(batch: pa.RecordBatch, name: str) -> Int64s:
    column: Column = batch.column(name)
    if column.null_count:
        raise ValueError(f"column '{name}' of an event stream has {column.null_count} nulls; every event needs one")
    return _filled(column if pa.types.is_integer(column.type) else column.cast(pa.int64()), 0)


def _filled(column: Column, null: int) -> Int64s:
    """Return a numeric column as an array of its own integer type, ``null`` in place of nulls."""
    filled: Column = pc.fill_null(column, null) if column.null_count else column
    array: Int64s = filled.to_numpy(zero_copy_only=False)
    return array


def _numbers(column: Column, name: str) -> Int64s:
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    if not (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
        raise TypeError(f"column '{name}' is {column.type}: a measure reads integers, booleans and dates only")
    if pa.types.is_boolean(column.type) or pa.types.is_uint64(column.type):
        column = column.cast(pa.int64())
    return _filled(column, 0).astype(np.int64, copy=False)


def _condition_sets(
    batch: pa.RecordBatch, hour: npt.NDArray[np.int8], measures: Sequence[Measure]
) -> list[tuple[npt.NDArray[np.integer], Int64s]]:
    """Return per column that matters the code of each row and, per code, the bits of the measures that allow it."""
    columns: dict[str, list[tuple[int, Condition]]] = {}
    for bit, measure in enumerate(measures):
        if measure.column is not None:
            columns.setdefault(measure.column, []).append((bit, (measure.column, "not null", ())))
        for condition in measure.where:
            columns.setdefault(condition[0], []).append((bit, condition))
    sets: list[tuple[npt.NDArray[np.integer], Int64s]] = []
    for name, conditions in columns.items():
        if name == "local_hour":
            # Code 24: no hour known; nothing holds then, "is null" apart.
            sets.append((hour, np.array([_allowed(h if h < 24 else None, conditions) for h in range(25)])))
            continue
        column = batch.column(name)
        if column.null_count == 0 and all(comparison == "not null" for _, (_, comparison, _) in conditions):
            continue
        sets.append(_codes(column, name, conditions))
    return sets


def _codes(
    column: Column, name: str, conditions: list[tuple[int, Condition]]
) -> tuple[npt.NDArray[np.integer], Int64s]:
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        if all(comparison in ("is null", "not null") for _, (_, comparison, _) in conditions):
            there = np.array([_allowed(None, conditions), _allowed("", conditions)])
            return column.is_valid().to_numpy(zero_copy_only=False).view(np.uint8), there
        return _text_codes(column, conditions)
    numbers = _numbers(column, name)
    edges = sorted({edge for _, condition in conditions for edge in _edges(condition)})
    # Bucket j holds the numbers from edges[j - 1] on; every condition gives one answer per bucket.
    codes = np.searchsorted(np.array(edges, dtype=np.int64), numbers, side="right")
    if column.null_count:
        codes[~column.is_valid().to_numpy(zero_copy_only=False)] = len(edges) + 1
    examples = [edges[0] - 1, *edges] if edges else [0]
    return codes, np.array([_allowed(value, conditions) for value in [*examples, None]])


def _text_codes(column: Column, conditions: list[tuple[int, Condition]]) -> tuple[npt.NDArray[np.integer], Int64s]:
    """Code texts: the place among the texts that conditions name, then one code for all others and one for null."""
    from bank360.features import partition

    names = sorted({str(value) for _, (_, _, values) in conditions for value in values})
    if len(names) > MOST_NAMES and not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    if pa.types.is_dictionary(column.type):
        values = column.dictionary.to_pylist()
        codes = _filled(column.indices.cast(pa.int32()) if column.null_count else column.indices, len(values))
        return codes, np.array([_allowed(value, conditions) for value in [*values, None]])
    spelled = [name.encode() for name in names]
    other = "".join(names) + "?"  # longer than any of them
    sets = np.array([_allowed(value, conditions) for value in [*names, other, None]])
    places = np.empty(len(column), dtype=np.uint8)
    limits, data = _text_buffers(column)
    ends = np.cumsum([0, *map(len, spelled)])
    partition.code_texts(limits, data, ends, np.frombuffer(b"".join(spelled) + b"\0", dtype=np.uint8), places)
    if column.null_count:
        places[~column.is_valid().to_numpy(zero_copy_only=False)] = len(names) + 1
    return places, sets


def _text_buffers(column: Column) -> tuple[npt.NDArray[np.integer], npt.NDArray[np.uint8]]:
    """Return where each text of a plain string array starts, shape ``(n + 1,)``, and the bytes."""
    of: type[np.integer] = np.int64 if pa.types.is_large_string(column.type) else np.int32
    _, ends, data = column.buffers()
    if len(column) == 0:
        return np.zeros(1, dtype=of), np.zeros(1, dtype=np.uint8)
    limits = np.frombuffer(ends, dtype=of)[column.offset : column.offset + len(column) + 1]
    return limits, np.frombuffer(data if data is not None and data.size else b"\0", dtype=np.uint8)


def _edges(condition: Condition) -> list[int]:
    _, comparison, values = condition
    if comparison in _TRANSFORM:
        return [int(values[0]) + _TRANSFORM[comparison]]
    return [edge for value in values for edge in (int(value), int(value) + 1)]


def _allowed(value: str | int | None, conditions: list[tuple[int, Condition]]) -> int:
    """Return the bits of the measures that allow ``value``; measures without a condition on the column allow all."""
    bits = -1
    for bit, condition in conditions:
        if not holds(value, condition):
            bits &= ~(1 << bit)
    return bits


def holds(value: str | int | bool | None, condition: Condition) -> bool:
    """Return whether a condition holds for a value; of a null value only "is null" does."""
    _, comparison, values = condition
    if comparison == "is null":
        return value is None
    if value is None:
        return False
    match comparison:
        case "not null":
            return True
        case "in":
            return value in values
        case "not in":
            return value not in values
    number, bound = int(value), int(values[0])
    match comparison:
        case "<":
            return number < bound
        case "<=":
            return number <= bound
        case ">":
            return number > bound
        case _:
            return number >= bound
