"""Acts of people on the system, sealed in the decision log beside decisions: users, anchors, access, erasure."""

import json

from bank360.bank.errors import ChainBroken, NotFound
from bank360.storage.chain import Entry
from bank360.storage.decision_log import DecisionLog, appending, record_decision
from bank360.storage.decision_verify import Verdict, verify_log
from bank360.storage.erasure import Erased, erasable, erase_customer
from bank360.storage.subjects import name_subject, subject_of

FORGOTTEN = "forgotten"  # the subject of an act on a customer whom the log does not name, or not any more


def act(decision_id: str, principal: str, subject: str, kind: str, at_us: int, **said: str | int | float) -> Entry:
    """Return the entry of an act; its record is canonical JSON of what is said besides the columns."""
    record = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return Entry.of(decision_id, principal, subject, kind, at_us, record)


def note_on_customer(log: DecisionLog, customer_id: str, note: str, fresh: tuple[str, str], by: str, at_us: int) -> int:
    """Seal a note about a customer, who is given a pseudonym where they have none; return its sequence.

    Parameters
    ----------
    fresh
        Two random ids: of the record, and for the pseudonym.
    """
    with appending(log) as page:
        subject = name_subject(page.connection, customer_id, fresh[1])
        return page.append(act(fresh[0], by, subject, "customer.note", at_us, note=note))


def seal_export(log: DecisionLog, decision_id: str, by: str, at_us: int, reveals: tuple[str, ...]) -> None:
    """Seal that somebody exports columns that are left out otherwise, before any file of it is written."""
    record_decision(log, act(decision_id, by, by, "customers.exported", at_us, reveals=" ".join(reveals)), response=b"")


def what_forgetting_erases(log: DecisionLog, customer_id: str) -> Erased:
    """Return what `forget_customer` would erase; nothing is changed.

    Raises
    ------
    NotFound
        If the store knows no such customer.
    """
    with log.store.reading() as connection:
        would = erasable(connection, customer_id)
        if subject_of(connection, customer_id) is None and not would.cases:
            raise _unknown(customer_id)
    return would


def forget_customer(log: DecisionLog, customer_id: str, decision_id: str, by: str, at_us: int) -> tuple[int, Erased]:
    """Erase a customer from the store and seal that it was done; return the record's sequence and what was erased.

    Raises
    ------
    NotFound
        If the store knows no such customer.
    """
    with appending(log) as page:
        subject = subject_of(page.connection, customer_id)
        erased = erase_customer(page.connection, customer_id, subject, by, at_us)
        if subject is None and not erased.cases:
            raise _unknown(customer_id)
        return page.append(act(decision_id, by, subject or FORGOTTEN, "subject.forgotten", at_us)), erased


def anchor_anew(log: DecisionLog, decision_id: str, by: str, at_us: int) -> Verdict:
    """Verify all but the anchor, set the anchor to the log's end, and seal who did so.

    Raises
    ------
    ChainBroken
        If anything but the anchor does not fit.
    """
    verdict = verify_log(log, with_anchor=False)
    if verdict.faults:
        first = verdict.faults[0]
        raise ChainBroken(
            f"Not anchored: record {first.sequence} {first.problem}. Run 'bank360 audit verify' for all that is wrong."
        )
    log.anchor.set_to(verdict.end)
    record_decision(log, act(decision_id, by, by, "anchor.set", at_us, after=verdict.end.sequence), response=b"")
    return verdict


def _unknown(customer_id: str) -> NotFound:
    return NotFound(f"The store knows no customer '{customer_id}': there is nothing to erase in it.")
