"""Rows of the one queue: cases, what happened to each, and what was said about it.

A case stands as its last event left it; events are only ever added, and triggers refuse anything else. Comments are
rows of their own, because they are people's words and may have to be erased, which an event may not
(docs/decisions/0023-the-one-queue.md). Neighbours: `pipeline/case_acts.py` and `pipeline/queue.py`, which write here.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, insert, select, update

from bank360.bank.vocabulary import AlertSeverity, CaseAct, CaseKind, CaseOutcome, CaseState, OverrideCode
from bank360.storage.store.schema import case_comments, case_events, cases, users
from bank360.storage.users import user_names

SYSTEM = "system:queue"  # who opens and withdraws what no person does
_MOST_ROWS = 500  # in one statement
_PEOPLE = frozenset({"owner", "proposed_by"})  # what an event says that is a user id


@dataclass(frozen=True)
class FoundCase:
    """A reason to look at a customer, before it is a case.

    Parameters
    ----------
    kind, source
        What kind, and what raised it: the decision's id, the alert rule, or "tier". A customer has at most one open
        case of a kind and source.
    customer_id
        Whom to look at.
    ground
        What was seen, in words; the same ground does not open a case that was closed on it.
    severity
        How soon.
    money_at_stake, expected_loss
        Minor units of the bank's currency; None where nothing is known.
    """

    kind: CaseKind
    source: str
    customer_id: str
    ground: str
    severity: AlertSeverity
    money_at_stake: int | None
    expected_loss: int | None


@dataclass(frozen=True)
class Proposal:
    """An override that waits for its second person: the outcome and code proposed, and by whom (user id, and name)."""

    outcome: CaseOutcome
    code: OverrideCode
    by: str
    by_name: str | None = None


@dataclass(frozen=True)
class Case:
    """One case as it stands; figures as of `FoundCase`.

    Parameters
    ----------
    customer_id
        None after the customer was erased.
    owner_id, owner
        User id and name of who has taken it; None while nobody has.
    outcome, closed_at_us
        How and when it ended; None while it is open.
    proposal
        The override that waits, None where none does.
    closed_by
        Who ended it, by name, or by id where that is nobody's name (any more): `SYSTEM` for the queue itself. None
        while it is open.
    """

    case_id: str
    kind: CaseKind
    source: str
    customer_id: str | None
    ground: str
    severity: AlertSeverity
    money_at_stake: int | None
    expected_loss: int | None
    opened_at_us: int
    state: CaseState
    owner_id: str | None
    owner: str | None
    outcome: CaseOutcome | None
    closed_at_us: int | None
    proposal: Proposal | None
    closed_by: str | None


@dataclass(frozen=True)
class CaseEvent:
    """What happened to a case: act, who did it (user id, or `SYSTEM`; with the name where there is one), details.

    Who took a case or proposed an override stands in ``said`` by name, as long as somebody has it.
    """

    act: CaseAct
    by: str
    by_name: str | None
    at_us: int
    said: Mapping[str, str]
    comment: str | None


def case_by_id(connection: Connection, case_id: str, *, lock: bool = False) -> Case | None:
    """Return one case; None if there is none.

    Parameters
    ----------
    lock
        Whether nobody else may change it until the writing transaction ends.
    """
    chosen = case_rows().where(cases.c.case_id == case_id)
    row = connection.execute(chosen.with_for_update(of=cases) if lock else chosen).one_or_none()
    return None if row is None else case_of_row(row)


def open_case_of(connection: Connection, kind: CaseKind, source: str, customer_id: str) -> Case | None:
    """Return the open case of a customer that something raised; None if there is none."""
    row = connection.execute(
        case_rows().where(
            cases.c.kind == kind.value,
            cases.c.source == source,
            cases.c.customer_id == customer_id,
            cases.c.state == CaseState.OPEN.value,
        )
    ).one_or_none()
    return None if row is None else case_of_row(row)


def events_of_case(connection: Connection, case_id: str) -> tuple[CaseEvent, ...]:
    """Return what happened to a case, the first first."""
    rows = connection.execute(
        select(case_events, case_comments.c.text, users.c.name)
        .outerjoin(case_comments, case_comments.c.event_id == case_events.c.event_id)
        .outerjoin(users, users.c.user_id == case_events.c.by_id)
        .where(case_events.c.case_id == case_id)
        .order_by(case_events.c.event_id)
    )
    found = [(row, json.loads(row.said)) for row in rows]
    names = user_names(connection, {said[key] for _, said in found for key in _PEOPLE & said.keys()})
    return tuple(
        CaseEvent(
            CaseAct(r.act), r.by_id, r.name, r.at_us,
            {key: names.get(value, value) if key in _PEOPLE else value for key, value in said.items()}, r.text,
        )
        for r, said in found
    )  # fmt: skip


def open_cases(
    connection: Connection, found: Iterable[FoundCase], at_us: int, fresh: str, by: str = SYSTEM
) -> list[str]:
    """Open cases, for customers who have none open of the same kind and source; return their ids in order.

    Parameters
    ----------
    fresh
        A random id that no other call is given: the ids of the cases are made of it.
    by
        Who opens them: a user id, or `SYSTEM`.
    """
    new = [(_case_id(fresh, place), one) for place, one in enumerate(found)]
    for start in range(0, len(new), _MOST_ROWS):
        some = new[start : start + _MOST_ROWS]
        connection.execute(insert(cases), [_row(case_id, one, at_us) for case_id, one in some])
        connection.execute(insert(case_events), [_event(case_id, CaseAct.OPENED, by, at_us, {}) for case_id, _ in some])
    return [case_id for case_id, _ in new]


def add_event(
    connection: Connection,
    case_id: str,
    act: CaseAct,
    by: str,
    at_us: int,
    said: Mapping[str, str],
    comment: str | None = None,
) -> None:
    """Add what happened to a case."""
    row = _event(case_id, act, by, at_us, said)
    event_id = connection.execute(insert(case_events).returning(case_events.c.event_id), row).scalar_one()
    if comment is not None:
        connection.execute(insert(case_comments), {"event_id": event_id, "text": comment})


def set_owner(connection: Connection, case_id: str, owner_id: str | None) -> None:
    """Say who has taken a case; None: nobody."""
    _change(connection, case_id, owner_id=owner_id)


def set_figures(connection: Connection, case_id: str, found: FoundCase) -> bool:
    """Say anew what a case rests on if it is still open, and return whether it was: one is closed on what it said."""
    figures = {"money_at_stake": found.money_at_stake, "expected_loss": found.expected_loss}
    said = update(cases).where(*_open(case_id)).values(ground=found.ground, severity=found.severity.value, **figures)
    return connection.execute(said).rowcount == 1


def set_proposal(connection: Connection, case_id: str, proposal: Proposal | None) -> None:
    """Say which override waits; None: none."""
    said = (None, None, None) if proposal is None else (proposal.outcome.value, proposal.code.value, proposal.by)
    _change(connection, case_id, **dict(zip(("proposed_outcome", "proposed_code", "proposed_by"), said, strict=True)))


def set_closed(connection: Connection, case_id: str, outcome: CaseOutcome, at_us: int) -> None:
    """Close a case; a proposal that still waits falls with it."""
    set_proposal(connection, case_id, None)
    _change(connection, case_id, state=CaseState.CLOSED.value, outcome=outcome.value, closed_at_us=at_us)


def withdraw(connection: Connection, case_id: str, at_us: int) -> bool:
    """Close a case for the queue itself, with its event, and return whether: not if it was closed or taken meanwhile.

    One statement asks and closes, so that who works on the case at the same moment is never overwritten.
    """
    ended = {"state": CaseState.CLOSED.value, "outcome": CaseOutcome.WITHDRAWN.value, "closed_at_us": at_us}
    nobodys = cases.c.owner_id.is_(None)
    if connection.execute(update(cases).where(*_open(case_id), nobodys).values(ended)).rowcount != 1:
        return False
    set_proposal(connection, case_id, None)
    add_event(connection, case_id, CaseAct.WITHDRAWN, SYSTEM, at_us, {})
    return True


def standing_of(connection: Connection, kind: CaseKind) -> list[Case]:
    """Return of each customer and source the open case of a kind, or the one closed last."""
    newest = func.row_number().over(
        partition_by=(cases.c.customer_id, cases.c.source),
        order_by=(cases.c.closed_at_us.is_(None).desc(), cases.c.closed_at_us.desc(), cases.c.case_id),
    )
    ranked = select(cases.c.case_id, newest.label("place")).where(cases.c.kind == kind.value).subquery()
    chosen = case_rows().join(ranked, ranked.c.case_id == cases.c.case_id).where(ranked.c.place == 1)
    return [case_of_row(row) for row in connection.execute(chosen)]


def _change(connection: Connection, case_id: str, **values: str | int | None) -> None:
    connection.execute(update(cases).where(cases.c.case_id == case_id).values(**values))


def _open(case_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return cases.c.case_id == case_id, cases.c.state == CaseState.OPEN.value


def case_rows() -> Select[tuple[object, ...]]:
    """Return the statement that chooses cases with the names of their people; `case_of_row` reads its rows."""
    proposer, closer = users.alias("proposer"), users.alias("closer")
    last = (  # nothing happens to a case that is closed: its last event is what closed it
        select(func.coalesce(closer.c.name, case_events.c.by_id))
        .select_from(case_events.outerjoin(closer, closer.c.user_id == case_events.c.by_id))
        .where(case_events.c.case_id == cases.c.case_id)
        .order_by(case_events.c.event_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    closed_by = case((cases.c.state == CaseState.CLOSED.value, last)).label("closed_by")
    return (
        select(*cases.c, users.c.name.label("owner"), proposer.c.name.label("proposer"), closed_by)
        .outerjoin(users, users.c.user_id == cases.c.owner_id)
        .outerjoin(proposer, proposer.c.user_id == cases.c.proposed_by)
    )


def case_of_row(row: Row[tuple[object, ...]]) -> Case:
    """Return the case that a row of `case_rows` is."""
    r = row._mapping
    proposal = None
    if r["proposed_by"] is not None:
        outcome, code = CaseOutcome(r["proposed_outcome"]), OverrideCode(r["proposed_code"])
        proposal = Proposal(outcome, code, r["proposed_by"], r["proposer"])
    return Case(
        r["case_id"], CaseKind(r["kind"]), r["source"], r["customer_id"], r["ground"], AlertSeverity(r["severity"]),
        r["money_at_stake"], r["expected_loss"], r["opened_at_us"], CaseState(r["state"]), r["owner_id"], r["owner"],
        None if r["outcome"] is None else CaseOutcome(r["outcome"]), r["closed_at_us"], proposal,
        r["closed_by"],
    )  # fmt: skip


def _row(case_id: str, found: FoundCase, at_us: int) -> dict[str, str | int | None]:
    return {
        "case_id": case_id,
        "kind": found.kind.value,
        "source": found.source,
        "customer_id": found.customer_id,
        "ground": found.ground,
        "severity": found.severity.value,
        "money_at_stake": found.money_at_stake,
        "expected_loss": found.expected_loss,
        "opened_at_us": at_us,
        "state": CaseState.OPEN.value,
    }


def _event(case_id: str, act: CaseAct, by: str, at_us: int, said: Mapping[str, str]) -> dict[str, str | int]:
    text = json.dumps(dict(said), sort_keys=True, separators=(",", ":"))
    return {"case_id": case_id, "act": act.value, "by_id": by, "at_us": at_us, "said": text}


def _case_id(fresh: str, place: int) -> str:
    """Return an id that tells nothing: the customer in it, even hashed, could be found by trying all customers."""
    named = f"{fresh}\x1f{place}"
    return f"K{hashlib.sha256(named.encode()).hexdigest()[:15]}"
