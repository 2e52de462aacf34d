"""Acts of people on the system, sealed in the decision log beside decisions: users, anchors, access, erasure."""

import json

from bank360.bank.errors import ChainBroken, NotFound
from bank360.storage.chain import Entry
from bank360.storage.decision_log import DecisionLog, appending, record_decision
from bank360.storage.decision_verify import Verdict, verify_log
from bank360.storage.subjects import forget_subject, name_subject, subject_of


def act(decision_id: str, principal: str, subject: str, kind: str, at_us: int, **said: str | int) -> Entry:
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
    with log.store.writing() as connection:
        subject = name_subject(connection, customer_id, fresh[1])
    return record_decision(log, act(fresh[0], by, subject, "customer.note", at_us, note=note), response=b"").sequence


def forget_customer(log: DecisionLog, customer_id: str, decision_id: str, by: str, at_us: int) -> int:
    """Erase the way from a customer to their pseudonym and seal that it was done; return the record's sequence.

    Raises
    ------
    NotFound
        If the log knows no such customer.
    """
    with appending(log) as page:
        subject = subject_of(page.connection, customer_id)
        if subject is None:
            raise NotFound(f"The decision log knows no customer '{customer_id}': there is nothing to erase in it.")
        forget_subject(page.connection, customer_id)
        return page.append(act(decision_id, by, subject, "subject.forgotten", at_us))


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
