"""The arithmetic of the decision log: what is sealed of a record, and with which key. Pure; reads and writes nothing.

A record's MAC is HMAC-SHA-256 over its place (sequence and the MAC before it) and every stored column, each with its
length before it, so that no bytes can move from one column to the next. Without the key nobody can make a record that
fits, in any place.
"""

import hmac
from collections.abc import Callable
from struct import Struct
from typing import NamedTuple

GENESIS = bytes(32)  # the MAC before the first record
LONGEST = {"decision_id": 64, "principal": 128, "subject": 64, "kind": 64}  # characters
_HEAD = Struct(">q32sq5I")  # sequence, MAC before, instant, length of each column
_FORMAT = b"bank360 decision 1\x00"


class Entry(NamedTuple):
    """What is recorded of one decision or audited act, as it is stored; a tuple, since a log is verified by millions.

    Parameters
    ----------
    decision_id, principal, subject, kind
        UTF-8 bytes of the columns: which decision, who acted, whom it concerns (a pseudonym), what kind.
    at_us
        When, microseconds UTC; order is by sequence, never by it.
    record
        The record's bytes, canonical as its writer made them.
    """

    decision_id: bytes
    principal: bytes
    subject: bytes
    kind: bytes
    at_us: int
    record: bytes

    @classmethod
    def of(cls, decision_id: str, principal: str, subject: str, kind: str, at_us: int, record: bytes) -> "Entry":
        """Return an entry from text.

        Raises
        ------
        ValueError
            If one of the texts is missing, longer than its column, or holds a NUL: a record without a principal is
            not a record.
        """
        texts = {"decision_id": decision_id, "principal": principal, "subject": subject, "kind": kind}
        for name, text in texts.items():
            if not text or len(text) > LONGEST[name] or "\x00" in text:
                raise ValueError(f"{name} must be 1 to {LONGEST[name]} characters without NUL, not {text!r}")
        return cls(decision_id.encode(), principal.encode(), subject.encode(), kind.encode(), at_us, record)


class Link(NamedTuple):
    """Where a chain stands: the last sequence (0: empty) and its MAC."""

    sequence: int
    mac: bytes


START = Link(0, GENESIS)


def sealing(key: bytes) -> Callable[[Link, Entry], bytes]:
    """Return the function that gives the MAC of an entry which follows a link.

    Parameters
    ----------
    key
        The bank's audit key, at least 32 bytes; records, anchors and other uses never share a derived key.
    """
    own = derived_key(key, b"decisions")
    digest = hmac.digest
    pack = _HEAD.pack

    def seal(before: Link, entry: Entry) -> bytes:
        head = pack(
            before.sequence + 1, before.mac, entry.at_us, len(entry.decision_id), len(entry.principal),
            len(entry.subject), len(entry.kind), len(entry.record),
        )  # fmt: skip
        said = (_FORMAT, head, entry.decision_id, entry.principal, entry.subject, entry.kind, entry.record)
        return digest(own, b"".join(said), "sha256")

    return seal


def derived_key(key: bytes, use: bytes) -> bytes:
    """Return the key for one use of the audit key, from which neither the key nor another use's can be had."""
    return hmac.digest(key, b"bank360 key for " + use, "sha256")
