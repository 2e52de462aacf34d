"""The decision log: append a sealed record, with all that must be true together with it, in one transaction.

A transaction locks the chain's head, appends, moves the head, and commits; then the anchor moves; only then may anybody
be told. What a killed process had committed and not acknowledged stays in the log: its client retries with the same
idempotency key and gets the stored answer. There is no "in flight" state to get stuck: a second request with the key
waits at the head until the first is committed or gone.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from bank360.bank.errors import ChainBroken, RequestReused, StoreFailed
from bank360.storage.anchor import Anchor
from bank360.storage.chain import START, Entry, Link, sealing
from bank360.storage.store.engine import Store
from bank360.storage.store.schema import decision_head, decisions, idempotency, outbox

# Built once: putting a statement together costs more than running it, and a decision runs a dozen.
_HEAD = select(decision_head.c.sequence, decision_head.c.mac)
_HEAD_LOCKED = _HEAD.with_for_update()
_MOVE_HEAD = update(decision_head)
_ADD_DECISION, _ADD_KEY, _ADD_MESSAGES = insert(decisions), insert(idempotency), insert(outbox)
_EARLIER = select(idempotency.c.fingerprint, idempotency.c.sequence, idempotency.c.response).where(
    idempotency.c.principal == bindparam("of_principal"),
    idempotency.c.route == bindparam("of_route"),
    idempotency.c.key == bindparam("of_key"),
)


@dataclass(frozen=True)
class DecisionLog:
    """A store's decision log, with the key that seals it and the anchor outside.

    Parameters
    ----------
    store
        Where the records are.
    anchor
        Where the last acknowledged link is kept; it holds the audit key too.
    """

    store: Store
    anchor: Anchor

    @property
    def key(self) -> bytes:
        """Return the audit key."""
        return self.anchor.key


@dataclass(frozen=True)
class Request:
    """A call that may come again and must not be done again.

    Parameters
    ----------
    principal, route, key
        Its scope: whose, to where, and the key that the caller chose.
    fingerprint
        SHA-256 of the payload, 32 bytes: another payload under the same key is refused.
    """

    principal: str
    route: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True)
class Message:
    """Something that a relay sends when the decision stands: a topic and its bytes."""

    topic: str
    body: bytes


@dataclass(frozen=True)
class Recorded:
    """What came of recording: the record's place, the answer to give, and whether it had been given before."""

    sequence: int
    response: bytes
    repeated: bool


@dataclass(frozen=True)
class Made:
    """What one decision records: the entry, the bytes to answer with, and what a relay is to send, in this order."""

    entry: Entry
    response: bytes
    messages: Sequence[Message] = ()


class Page:
    """An open transaction that holds the chain's head; made by `appending`."""

    def __init__(self, log: DecisionLog, connection: Connection, head: Link) -> None:
        self.connection, self.head = connection, head
        self._seal = sealing(log.key)

    def append(self, entry: Entry) -> int:
        """Add a record at the end of the chain and return its sequence."""
        mac = self._seal(self.head, entry)
        row = {
            "sequence": self.head.sequence + 1,
            "decision_id": entry.decision_id.decode(),
            "principal": entry.principal.decode(),
            "subject": entry.subject.decode(),
            "kind": entry.kind.decode(),
            "at_us": entry.at_us,
            "record": entry.record,
            "prev_mac": self.head.mac,
            "mac": mac,
        }
        self.connection.execute(_ADD_DECISION, row)
        self.head = Link(self.head.sequence + 1, mac)
        return self.head.sequence


@contextmanager
def appending(log: DecisionLog) -> Iterator[Page]:
    """Lend the end of the chain for one transaction; when the block ends it is committed and anchored.

    Raises
    ------
    ChainBroken
        If the store ends before the anchor, or there are records and no anchor: something was cut off, restored or
        moved, and adding to it would hide that.
    StoreFailed
        If the commit or the anchor fails.
    """
    with log.store.writing() as connection:
        page = Page(log, connection, log_head(connection))
        began = page.head
        try:
            _hold_to_anchor(log.anchor, began)
        except OSError as error:
            raise StoreFailed(f"The anchor {log.anchor.path} cannot be read: {error}. Nothing was written.") from error
        yield page
        if page.head != began:
            moved = {"sequence": page.head.sequence, "mac": page.head.mac}
            connection.execute(_MOVE_HEAD, moved)
    if page.head != began:
        try:
            log.anchor.move_to(page.head)
        except OSError as error:  # committed, and told to nobody: a retry of the same key finds it
            raise log.store.failed(f"the anchor {log.anchor.path}: {error}") from error


def record_decision(
    log: DecisionLog,
    entry: Entry,
    response: bytes,
    request: Request | None = None,
    messages: Sequence[Message] = (),
) -> Recorded:
    """Seal a decision with its idempotency key and its messages, or return the answer that the request had before.

    Parameters
    ----------
    response
        The bytes to answer with, kept for a retry.
    request
        Under which key the call came; None for an act that has none.
    messages
        What a relay is to send, in this order.

    Raises
    ------
    RequestReused
        If the key was used for another payload.
    ChainBroken, StoreFailed
        As `appending`.
    """
    made = Made(entry, response, messages)
    with appending(log) as page:
        return record_on(page, lambda _: made, request)


def record_on(page: Page, make: Callable[[Page], Made], request: Request | None) -> Recorded:
    """Do on an open page what `record_decision` does; what is recorded is made there, unless the request had an answer.

    Raises
    ------
    RequestReused
        If the key was used for another payload.
    """
    if request is not None and (earlier := earlier_answer(page.connection, request)) is not None:
        return earlier
    made = make(page)
    sequence, at_us = page.append(made.entry), made.entry.at_us
    if request is not None:
        scope = {"principal": request.principal, "route": request.route, "key": request.key}
        answer = {"fingerprint": request.fingerprint, "sequence": sequence, "response": made.response}
        page.connection.execute(_ADD_KEY, scope | answer | {"at_us": at_us})
    if made.messages:
        rows = [
            {"sequence": sequence, "topic": each.topic, "body": each.body, "at_us": at_us} for each in made.messages
        ]
        page.connection.execute(_ADD_MESSAGES, rows)
    return Recorded(sequence, made.response, repeated=False)


def earlier_answer(connection: Connection, request: Request) -> Recorded | None:
    """Return what a request was answered before; None if its key is new.

    Raises
    ------
    RequestReused
        If the key was used for another payload.
    """
    scope = {"of_principal": request.principal, "of_route": request.route, "of_key": request.key}
    found = connection.execute(_EARLIER, scope).one_or_none()
    if found is None:
        return None
    if found.fingerprint != request.fingerprint:
        raise RequestReused("This idempotency key was used for another request. Send a new key.")
    return Recorded(found.sequence, found.response, repeated=True)


def log_head(connection: Connection) -> Link:
    """Return the chain's end; in a writing transaction it is locked until that ends.

    (SQLite's BEGIN IMMEDIATE holds it already, and SQLite has no FOR UPDATE; PostgreSQL's readers may not lock.)

    Raises
    ------
    ChainBroken
        If the row is gone.
    """
    reads_only = connection.get_execution_options().get("postgresql_readonly")
    found = connection.execute(_HEAD if reads_only else _HEAD_LOCKED).one_or_none()
    if found is None:
        raise ChainBroken("The decision log has lost its head. Run 'bank360 audit verify', then restore a backup.")
    return Link(found.sequence, bytes(found.mac))


def _hold_to_anchor(anchor: Anchor, head: Link) -> None:
    anchored = anchor.read()
    if anchored is None:
        if head != START:
            raise ChainBroken(
                f"The decision log has {head.sequence} records and no anchor at {anchor.path}. Bring back the file, "
                "or, if this machine has none yet, run 'bank360 audit anchor'."
            )
        anchor.move_to(START)  # before the first record, so that a log without an anchor is never a matter of luck
    elif anchored.sequence > head.sequence or (anchored.sequence == head.sequence and anchored != head):
        raise ChainBroken(
            f"The decision log ends at record {head.sequence}, the anchor {anchor.path} at {anchored.sequence}: "
            "records were cut off or changed. Run 'bank360 audit verify'."
        )
