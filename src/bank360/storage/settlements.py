"""What people decided of applications since the policy did: read off the events of their cases.

The policy's outcome stays in the sealed record; what stands is what people decided last, or the policy's where they
decided nothing. A case that ended otherwise (withdrawn, no action) decides nothing. Neighbours: `cases.py`, whose
events these are, and `pipeline/case_acts.py`, which holds who may decide what.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from bank360.bank.vocabulary import CaseAct, CaseKind, CaseOutcome, OverrideCode
from bank360.storage.store.schema import case_events, cases, users

_ENDS = (CaseOutcome.APPROVED.value, CaseOutcome.DECLINED.value)
_ACTS = (CaseAct.CLOSED.value, CaseAct.OVERRIDE_APPROVED.value)


@dataclass(frozen=True)
class Settled:
    """How people decided an application last.

    Parameters
    ----------
    outcome
        Approved or declined.
    case_id
        The case on which they did.
    by, proposed_by
        Names of who decided, and of who had proposed it (user ids where a name is gone); None where one person
        declined what was in review.
    code
        Why, where it was an override.
    at_us
        When, microseconds UTC.
    """

    outcome: CaseOutcome
    case_id: str
    by: str
    proposed_by: str | None
    code: OverrideCode | None
    at_us: int


def settled_by_people(connection: Connection, decision_id: str) -> Settled | None:
    """Return how people decided an application last; None while the policy's outcome stands."""
    return settlements(connection, [decision_id]).get(decision_id)


def settlements(connection: Connection, decision_ids: Iterable[str]) -> dict[str, Settled]:
    """Return how people decided each application last, by decision; those are left out that they did not decide."""
    wanted = list(decision_ids)
    if not wanted:
        return {}
    rows = connection.execute(
        select(cases.c.source, cases.c.outcome, *case_events.c)
        .join(cases, cases.c.case_id == case_events.c.case_id)
        .where(cases.c.kind == CaseKind.APPLICATION.value, cases.c.source.in_(wanted), cases.c.outcome.in_(_ENDS))
        .where(case_events.c.act.in_(_ACTS))
        .order_by(case_events.c.event_id)
    ).all()
    last = {row.source: row for row in rows}
    said = {source: json.loads(row.said) for source, row in last.items()}
    ids = {row.by_id for row in last.values()} | {one["proposed_by"] for one in said.values() if "proposed_by" in one}
    names = {row.user_id: row.name for row in connection.execute(select(users).where(users.c.user_id.in_(ids)))}
    return {
        source: Settled(
            CaseOutcome(row.outcome),
            row.case_id,
            names.get(row.by_id, row.by_id),
            (proposer := said[source].get("proposed_by")) and names.get(proposer, proposer),
            (code := said[source].get("code")) and OverrideCode(code),
            row.at_us,
        )
        for source, row in last.items()
    }
