"""Rows of several statements in one relation: each column lies in a slot of its type, which statements share.

So a relation is as wide as its widest statement, however many there are: two texts and a number of transactions lie
where two texts and a number of balances do. ``stream`` says which statement a row is of, ``customer`` of whom it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

STREAM, CUSTOMER = "stream", "customer"


@dataclass(frozen=True)
class Gathered:
    """How rows lie: by statement its name, and the slot of each of its columns but ``customer``.

    The first statement is the spine: the rows to describe.
    """

    names: tuple[str, ...]
    slots: tuple[Mapping[str, str], ...]


def slots(types: Iterable[Iterable[tuple[str, str]]]) -> tuple[dict[str, str], ...]:
    """Return the slot of each column of each statement, from ``(column, type)`` pairs.

    >>> slots([[("customer", "int"), ("at", "date"), ("n", "bigint")], [("customer", "int"), ("m", "bigint")]])
    ({'at': 'date_0', 'n': 'bigint_0'}, {'m': 'bigint_0'})
    """
    found = []
    for columns in types:
        taken: dict[str, int] = {}
        own: dict[str, str] = {}
        for name, kind in columns:
            if name != CUSTOMER:
                own[name] = f"{kind}_{taken.get(kind, 0)}"
                taken[kind] = taken.get(kind, 0) + 1
        found.append(own)
    return tuple(found)


def unpacked(batches: Iterator[pa.RecordBatch], gathered: Gathered) -> tuple[pa.Table, dict[str, list[pa.RecordBatch]]]:
    """Return the spine's rows, and by statement its rows, each with its own columns, from batches of the relation."""
    found: list[list[pa.RecordBatch]] = [[] for _ in gathered.names]
    for batch in batches:
        streams = batch.column(STREAM).to_numpy()
        for number, own in enumerate(gathered.slots):
            rows = batch.filter(pa.array(streams == number))
            if rows.num_rows:
                columns = [rows.column(CUSTOMER), *(rows.column(slot) for slot in own.values())]
                found[number].append(pa.RecordBatch.from_arrays(columns, names=[CUSTOMER, *own]))
    spine = pa.Table.from_batches(found[0]) if found[0] else pa.table({CUSTOMER: pa.array([], pa.int32())})
    return spine, dict(zip(gathered.names[1:], found[1:], strict=True))
