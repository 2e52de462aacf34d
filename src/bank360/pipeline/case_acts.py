"""What people do on a case: take it, say something, close it, or decide otherwise than the policy, two together.

Each act is one transaction: the case as it stands, its event, and a sealed record of who did what, under the
idempotency key that the request came with. The record holds codes and ids; people's words are kept apart from it.

An application that the policy sent to review may be declined by one person, while nobody has decided it. Approving it
goes further than the policy did, and so does any other outcome than the policy's own, or than people decided last: that
is an override, with a code, and a risk officer other than its proposer approves it, whatever was proposed, refused or
withdrawn before (docs/decisions/0023-the-one-queue.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from bank360.bank.errors import Conflict, NotFound
from bank360.bank.vocabulary import (
    AlertSeverity,
    CaseAct,
    CaseKind,
    CaseOutcome,
    CaseState,
    CreditOutcome,
    OverrideCode,
    ProductLine,
)
from bank360.pipeline.audit import FORGOTTEN, act
from bank360.policies.access import Principal, allowed, authorize
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.credit_policy import credit_policy
from bank360.policies.credit_record import PD_MODEL
from bank360.policies.decision import DecisionRecord, parse, reason_in_words
from bank360.policies.expected_loss import LineExposure, customer_loss
from bank360.storage.cases import (
    Case,
    FoundCase,
    Proposal,
    add_event,
    case_by_id,
    open_case_of,
    open_cases,
    set_closed,
    set_owner,
    set_proposal,
)
from bank360.storage.decision_log import DecisionLog, Made, Page, Recorded, Request, appending, record_on
from bank360.storage.decision_reads import CREDIT_DECISION, LoggedDecision, decision_by_id
from bank360.storage.kept_policies import kept_policy
from bank360.storage.settlements import settled_by_people
from bank360.storage.subjects import customer_of, name_subject
from bank360.storage.users import user_named

# How a case of each kind may be closed by one person; an application is approved by an override only.
OUTCOMES: dict[CaseKind, tuple[CaseOutcome, ...]] = {
    CaseKind.APPLICATION: (CaseOutcome.DECLINED, CaseOutcome.WITHDRAWN),
    CaseKind.ALERT: (CaseOutcome.CONFIRMED, CaseOutcome.CLEARED, CaseOutcome.CONTACTED),
    CaseKind.TIER: (CaseOutcome.CONTACTED, CaseOutcome.LIMIT_LOWERED, CaseOutcome.NO_ACTION),
}
_OWN_OUTCOME = {CreditOutcome.APPROVE: CaseOutcome.APPROVED, CreditOutcome.DECLINE: CaseOutcome.DECLINED}
_FRAUD_GATE = "identity and fraud"


@dataclass(frozen=True)
class Acting:
    """Who acts, and when.

    Parameters
    ----------
    by
        The principal; their right was asked by the face.
    at_us
        Now, microseconds UTC.
    record_id, fresh_subject
        Random ids from the face: of the sealed record, and for a customer's pseudonym where there is none yet.
    request
        Under which idempotency key it came; None for none.
    answer
        Makes the bytes to answer with from the case as it then stands.
    """

    by: Principal
    at_us: int
    record_id: str
    fresh_subject: str
    request: Request | None
    answer: Callable[[Case], bytes]


def assign_case(log: DecisionLog, case_id: str, owner: str | None, acting: Acting) -> Recorded:
    """Say by name who has taken a case; None: nobody.

    Raises
    ------
    NotFound
        If there is no such case or user.
    Conflict
        If the case is closed, or the user may not work on cases.
    """

    def change(page: Page, case: Case) -> dict[str, str]:
        owner_id = None if owner is None else _worker(page, owner)
        set_owner(page.connection, case.case_id, owner_id)
        return {} if owner_id is None else {"owner": owner_id}

    return _act(log, case_id, CaseAct.ASSIGNED, acting, change)


def comment_on_case(log: DecisionLog, case_id: str, text: str, acting: Acting) -> Recorded:
    """Add words to an open case; they are kept beside its events and stand in no sealed record.

    Raises
    ------
    NotFound
        If there is no such case.
    Conflict
        If the case is closed.
    """
    return _act(log, case_id, CaseAct.COMMENTED, acting, lambda _page, _case: {}, text)


def close_case(log: DecisionLog, case_id: str, outcome: CaseOutcome, acting: Acting) -> Recorded:
    """Close a case with an outcome of its kind.

    Raises
    ------
    NotFound
        If there is no such case.
    Conflict
        If the case is closed, or cannot end so: an application in review is approved by an override, and one that
        was decided is decided anew by an override alone.
    """

    def change(page: Page, case: Case) -> dict[str, str]:
        if outcome not in OUTCOMES[case.kind]:
            raise Conflict(f"A case of kind {case.kind} does not end in '{outcome}' by one person.")
        if outcome is CaseOutcome.DECLINED and (stands := _standing(page, case.source)) is not None:
            raise Conflict(
                f"It was decided already: '{stands}'. To decide otherwise takes an override, and two people."
            )
        set_closed(page.connection, case.case_id, outcome, acting.at_us)
        return {"outcome": outcome.value, "source": case.source}

    return _act(log, case_id, CaseAct.CLOSED, acting, change)


def propose_override(
    log: DecisionLog, decision_id: str, outcome: CaseOutcome, code: OverrideCode, acting: Acting
) -> Recorded:
    """Propose to decide an application otherwise than the policy did; opens its case where none is open.

    Parameters
    ----------
    outcome
        Approved or declined.

    Raises
    ------
    NotFound
        If there is no such decision, or its customer was erased.
    Conflict
        If it was decided so already, or a proposal waits.
    """
    with appending(log) as page:

        def make(_connection: object) -> Made:
            case = _case_of_decision(page, decision_id, outcome, acting)
            if case.proposal is not None:
                raise Conflict(f"On case {case.case_id} a proposal waits for its second person.")
            set_proposal(page.connection, case.case_id, Proposal(outcome, code, acting.by.user_id))
            said = {"decision": decision_id, "outcome": outcome.value, "code": code.value}
            return _made(page, case, CaseAct.OVERRIDE_PROPOSED, acting, said)

        return record_on(page, make, acting.request)


def answer_override(log: DecisionLog, case_id: str, approve: bool, acting: Acting) -> Recorded:
    """Approve or refuse the override that waits on a case, as a second person.

    Approving closes the case with it. So does refusing, with no action, where the application was decided before the
    override was proposed; one in review still waits for somebody to decide it.

    Raises
    ------
    NotFound
        If there is no such case.
    Conflict
        If no override waits.
    NotAllowed
        If it is the proposer who answers.
    """

    def change(page: Page, case: Case) -> dict[str, str]:
        waiting = case.proposal
        if waiting is None:
            raise Conflict(f"On case {case.case_id} no override waits.")
        authorize(acting.by, Action.APPROVE, Resource.DECISION, first=waiting.by)
        set_proposal(page.connection, case.case_id, None)
        if approve:
            set_closed(page.connection, case.case_id, waiting.outcome, acting.at_us)
        elif _standing(page, case.source) is not None:
            set_closed(page.connection, case.case_id, CaseOutcome.NO_ACTION, acting.at_us)
        said = {"decision": case.source, "outcome": waiting.outcome.value, "code": waiting.code.value}
        return said | {"proposed_by": waiting.by}

    done = CaseAct.OVERRIDE_APPROVED if approve else CaseAct.OVERRIDE_REFUSED
    return _act(log, case_id, done, acting, change)


def case_of_record(record: DecisionRecord, customer_id: str, line: ProductLine) -> FoundCase:
    """Return why to look at an application that the policy decided: its reasons, its amount, what it may cost.

    Parameters
    ----------
    line
        The product line that the policy is for, and so what is asked for.
    """
    pd = next((use.probability for use in record.models if use.model == PD_MODEL), None)
    fraud = any(gate.gate == _FRAUD_GATE and gate.outcome is not CreditOutcome.APPROVE for gate in record.gates)
    return FoundCase(
        CaseKind.APPLICATION,
        record.decision_id,
        customer_id,
        "; ".join(reason_in_words(record, code) for code in record.reasons),
        AlertSeverity.HIGH if fraud else AlertSeverity.MEDIUM,
        record.request.amount,
        customer_loss([LineExposure(line, record.request.amount)], pd),
    )


def open_review(page: Page, record: DecisionRecord, customer_id: str, at_us: int) -> None:
    """Open the case of an application that the policy sends to review, together with the decision; else nothing."""
    if record.outcome is CreditOutcome.REVIEW:
        found = case_of_record(record, customer_id, _line(page, record))
        open_cases(page.connection, [found], at_us, record.decision_id)


def _act(
    log: DecisionLog,
    case_id: str,
    what: CaseAct,
    acting: Acting,
    change: Callable[[Page, Case], dict[str, str]],
    comment: str | None = None,
) -> Recorded:
    with appending(log) as page:

        def make(_connection: object) -> Made:
            case = case_by_id(page.connection, case_id, lock=True)
            if case is None:
                raise NotFound(f"There is no case '{case_id}'.", of="case")
            if case.state is CaseState.CLOSED:
                raise Conflict(f"Case {case_id} is closed.")
            return _made(page, case, what, acting, change(page, case), comment)

        return record_on(page, make, acting.request)


def _made(
    page: Page, case: Case, what: CaseAct, acting: Acting, said: dict[str, str], comment: str | None = None
) -> Made:
    """Add the event and return what is sealed of it, with the answer."""
    by = acting.by.user_id
    add_event(page.connection, case.case_id, what, by, acting.at_us, said, comment)
    customer = case.customer_id
    subject = FORGOTTEN if customer is None else name_subject(page.connection, customer, acting.fresh_subject)
    entry = act(acting.record_id, by, subject, f"case.{what}", acting.at_us, case=case.case_id, **said)
    standing = case_by_id(page.connection, case.case_id)
    assert standing is not None
    return Made(entry, acting.answer(standing))


def _worker(page: Page, name: str) -> str:
    user = user_named(page.connection, name)
    if user is None:
        raise NotFound(f"There is no user '{name}'.", of="user")
    if not allowed(user.role, Action.WRITE, Resource.CASE, FieldClass.ORDINARY):
        raise Conflict(f"A {user.role} does not work on cases.")
    return user.user_id


def _case_of_decision(page: Page, decision_id: str, outcome: CaseOutcome, acting: Acting) -> Case:
    """Return the open case of a decision, opened if there is none."""
    logged = _decision(page, decision_id)
    record, customer = parse(logged.record), customer_of(page.connection, logged.subject)
    if customer is None:
        raise NotFound("Nothing leads from this decision to a customer any more.", of="customer")
    if outcome not in (CaseOutcome.APPROVED, CaseOutcome.DECLINED):
        raise Conflict(f"'{outcome}' is no decision.")
    if outcome is _standing(page, decision_id):
        raise Conflict(f"It was decided so already: '{outcome}'.")
    case = open_case_of(page.connection, CaseKind.APPLICATION, decision_id, customer)
    if case is None:
        found = [case_of_record(record, customer, _line(page, record))]
        open_cases(page.connection, found, acting.at_us, acting.record_id, acting.by.user_id)
        case = open_case_of(page.connection, CaseKind.APPLICATION, decision_id, customer)
    assert case is not None
    return case


def _line(page: Page, record: DecisionRecord) -> ProductLine:
    """Return the product line of the policy that decided; every policy that decides is kept beforehand."""
    return _line_of(kept_policy(page.connection, record.policy_hash), record.policy)


@lru_cache(maxsize=8)  # parsed once: an application waits for its answer meanwhile
def _line_of(text: str, name: str) -> ProductLine:
    return credit_policy(text, name).product_line


def _standing(page: Page, decision_id: str) -> CaseOutcome | None:
    """Return how an application stands: as people decided it last, else as the policy did; None: it is in review."""
    settled = settled_by_people(page.connection, decision_id)
    if settled is not None:
        return settled.outcome
    return _OWN_OUTCOME.get(parse(_decision(page, decision_id).record).outcome)


def _decision(page: Page, decision_id: str) -> LoggedDecision:
    logged = decision_by_id(page.connection, decision_id)
    if logged is None or logged.kind != CREDIT_DECISION:
        raise NotFound("There is no such decision.", of="decision")
    return logged
