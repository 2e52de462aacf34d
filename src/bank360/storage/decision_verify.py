"""Verify the decision log: every record against its MAC and its neighbour, the end against head and anchor.

It needs the audit key and nothing that wrote the records; their content is bytes here. Each fault is said with the
sequence where it shows, and what follows it is checked all the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from bank360.bank.errors import ChainBroken
from bank360.storage.chain import START, Entry, Link, sealing
from bank360.storage.decision_log import DecisionLog
from bank360.storage.store.schema import decision_head

# As bytes whatever a damaged file holds there: text that is not UTF-8 must be a fault and not the end of the reading.
_ROWS = {
    "sqlite": "SELECT sequence, CAST(decision_id AS BLOB), CAST(principal AS BLOB), CAST(subject AS BLOB), "
    "CAST(kind AS BLOB), at_us, CAST(record AS BLOB), CAST(prev_mac AS BLOB), CAST(mac AS BLOB) "
    "FROM decisions ORDER BY sequence",
    "postgresql": "SELECT sequence, convert_to(decision_id, 'UTF8'), convert_to(principal, 'UTF8'), "
    "convert_to(subject, 'UTF8'), convert_to(kind, 'UTF8'), at_us, record, prev_mac, mac "
    "FROM decisions ORDER BY sequence",
}
_TYPES = (int, bytes, bytes, bytes, bytes, int, bytes, bytes, bytes)
_ROWS_AT_A_TIME = 2_000
MOST_FAULTS = 1_000  # a verdict with more says no more

StoredRow = tuple[Any, ...]  # as selected above


@dataclass(frozen=True)
class Fault:
    """What does not fit, and at which sequence it shows."""

    sequence: int
    problem: str


@dataclass(frozen=True)
class Verdict:
    """How many records were read, where the chain ends, where it was anchored, and what does not fit."""

    records: int
    end: Link
    anchored: Link | None
    faults: tuple[Fault, ...]


class ChainCheck:
    """Checks rows in order; `end` is the last row's own link and `records` how many were read."""

    def __init__(self, key: bytes, after: Link = START, anchored: Link | None = None) -> None:
        self._seal, self.end, self.records, self._anchored = sealing(key), after, 0, anchored

    def faults(self, rows: Iterable[StoredRow]) -> Iterator[Fault]:
        """Yield what does not fit, reading row by row."""
        seal, end, anchored = self._seal, self.end, -1 if self._anchored is None else self._anchored.sequence
        for row in rows:
            self.records += 1
            if tuple(map(type, row)) != _TYPES:
                yield Fault(end.sequence + 1, "a column is not of its type")
                continue
            sequence, decision_id, principal, subject, kind, at_us, record, prev_mac, mac = row
            if sequence != end.sequence + 1:
                yield Fault(sequence, _gap(end.sequence + 1, sequence))
                end = Link(sequence - 1, prev_mac)
            elif prev_mac != end.mac:
                yield Fault(sequence, "does not follow the record before it")
                end = Link(sequence - 1, prev_mac)
            if seal(end, Entry(decision_id, principal, subject, kind, at_us, record)) != mac:
                yield Fault(sequence, "is not what was sealed")
            self.end = end = Link(sequence, mac)
            if sequence == anchored and end != self._anchored:
                yield Fault(sequence, "is not the record that was anchored")


def verify_log(log: DecisionLog, *, with_anchor: bool = True) -> Verdict:
    """Return what the whole log, its head and its anchor say, read at one moment of the store.

    Parameters
    ----------
    with_anchor
        Whether the anchor is held against the log; not while it is about to be set anew.
    """
    faults = []
    anchored = None
    try:
        # Before the store is read: what is anchored now is in the store by then.
        anchored = log.anchor.read() if with_anchor else None
    except ChainBroken as error:
        faults.append(Fault(0, str(error)))
    check = ChainCheck(log.key, anchored=anchored)
    with log.store.reading() as connection:
        try:
            for fault in check.faults(_rows(connection)):
                faults.append(fault)
                if len(faults) == MOST_FAULTS:
                    break
            else:
                faults += _faults_of_end(check.end, _head_row(connection), anchored)
                if with_anchor and anchored is None and not faults and check.end != START:
                    faults.append(Fault(check.end.sequence, f"there is no anchor at {log.anchor.path}"))
        except DBAPIError as error:
            faults.append(Fault(check.end.sequence + 1, f"cannot be read from the store: {error.orig}"))
    return Verdict(check.records, check.end, anchored, tuple(faults))


def _rows(connection: Connection) -> Iterator[StoredRow]:
    sql = _ROWS[connection.dialect.name]
    result = connection.execution_options(yield_per=_ROWS_AT_A_TIME).exec_driver_sql(sql)
    for some in result.partitions():
        yield from map(tuple, some)


def _head_row(connection: Connection) -> Link | None:
    found = connection.execute(select(decision_head.c.sequence, decision_head.c.mac)).one_or_none()
    return None if found is None else Link(found.sequence, bytes(found.mac))


def _faults_of_end(end: Link, head: Link | None, anchored: Link | None) -> list[Fault]:
    faults = []
    if head != end:
        faults.append(
            Fault(end.sequence, f"is the last record, the head says {'nothing' if head is None else head.sequence}")
        )
    if anchored is not None and anchored.sequence > end.sequence:
        faults.append(Fault(end.sequence, f"is the last record, {anchored.sequence} were anchored: the end is missing"))
    return faults


def _gap(expected: int, found: int) -> str:
    return f"stands where record {expected} should" if found < expected else f"comes where record {expected} is missing"
