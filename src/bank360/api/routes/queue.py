"""The one queue and its cases: read it, take a case, say something, close it, override with a second person."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from bank360.api.idempotency import Key, answer_of, once
from bank360.api.problems import Fault, Refused
from bank360.api.routing import Bank, Caller, GuardedRoute, answers, needs, route_name
from bank360.api.serving import Serving, wall_us
from bank360.api.wire import WALL, Answer, Body, Id, Mark, PageSize, Words, utc
from bank360.api.wire import Query as QueryBase
from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import AlertSeverity, CaseAct, CaseKind, CaseOutcome, CaseState, OverrideCode
from bank360.home import fresh_id
from bank360.pipeline.case_acts import (
    Acting,
    answer_override,
    assign_case,
    close_case,
    comment_on_case,
    propose_override,
)
from bank360.pipeline.find_alerts import blind_rules
from bank360.policies.access import Principal
from bank360.policies.access_table import Action, Resource
from bank360.policies.expected_loss import ONE_PROBABILITY
from bank360.storage.cases import Case, CaseEvent, case_by_id, events_of_case
from bank360.storage.decision_log import Request as KeyedRequest
from bank360.storage.queue_pages import QueueFilter, queue_money, queue_page, queue_totals
from bank360.storage.users import user_by_id, user_named

router = APIRouter(route_class=GuardedRoute, tags=["queue"])

_READ = needs(Action.READ, Resource.CASE)
_WRITE = needs(Action.WRITE, Resource.CASE)
_UNKNOWN = "Null: not known, as of all cases of a bank without a model."
_NO_STAKE = "Null: not known, as of alerts where no months of credit were delivered."
_NOBODY, _ME = "nobody", "me"
CaseId = Annotated[Id, Path(examples=["K3f2a9c81d4b5e60"])]
DecisionId = Annotated[Id, Path(examples=["5d0c2a7e9b1f4c3d8e6a7b9c0d1e2f3a"])]
_EXAMPLE: dict[str, Any] = {
    "case_id": "K3f2a9c81d4b5e60", "kind": "alert", "source": "salary_stopped", "customer_id": "C153cec131007",
    "ground": "no salary for 52 days", "severity": "medium", "money_at_stake": 412_000, "expected_loss": 53_560,
    "currency": "GBP", "opened_at": "2026-07-01T10:47:00Z", "age_days": 3.2, "state": "open", "owner": None,
    "outcome": None, "closed_at": None, "closed_by": None, "proposal": None,
}  # fmt: skip


class Proposed(Answer):
    """An override that waits for its second person."""

    outcome: CaseOutcome
    code: OverrideCode
    by: str = Field(description="Of who proposed it: the user's name.")


class CaseView(Answer):
    """A case as it stands; money in minor units."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [_EXAMPLE]})
    case_id: str
    kind: CaseKind
    source: str = Field(description="What raised it: a decision's id, an alert rule, or tier.")
    customer_id: str | None = Field(description="Null after the customer was erased.")
    ground: str = Field(description="What was seen, in words.")
    severity: AlertSeverity
    money_at_stake: int | None = Field(description=_NO_STAKE)
    expected_loss: int | None = Field(
        description=f"Probability x exposure at default x assumed share lost. {ONE_PROBABILITY} {_UNKNOWN}"
    )
    currency: str
    opened_at: datetime = Field(description=WALL)
    age_days: float
    state: CaseState
    owner: str | None
    outcome: CaseOutcome | None
    closed_at: datetime | None = Field(description=WALL)
    closed_by: str | None = Field(description="A user's name, or system:queue; null while it is open.")
    proposal: Proposed | None


class Happened(Answer):
    """What happened to a case."""

    act: CaseAct
    by: str = Field(description="A user's name, or system:queue.")
    at: datetime = Field(description=WALL)
    outcome: CaseOutcome | None = None
    code: OverrideCode | None = None
    owner: str | None = Field(None, description="Whom the case was given to.")
    proposed_by: str | None = Field(None, description="Who had proposed the override that was answered.")
    comment: str | None = None


class CaseHistory(CaseView):
    """A case with all that happened to it, the first first."""

    events: tuple[Happened, ...]


class Total(Answer):
    """What is open of one kind, each case in full; money in minor units."""

    kind: CaseKind
    cases: int
    nobodys: int
    money_at_stake: int | None = Field(description=_NO_STAKE)
    expected_loss: int | None = Field(description=_UNKNOWN)


class Once(Answer):
    """All that is open, a customer's debt once: kinds count each case, and one debt may stand behind several."""

    money_at_stake: int | None = Field(description=_NO_STAKE)
    expected_loss: int | None = Field(description=_UNKNOWN)


class BlindRule(Answer):
    """An alert rule that nobody can be found by, and why: an empty queue does not say that it found nobody."""

    rule: str
    not_delivered: tuple[str, ...] = Field(description="What the bank never delivered of what the rule looks at.")


class QueueView(Answer):
    """A page of the queue, the largest expected loss first, and what is open in all."""

    cases: tuple[CaseView, ...]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")
    open: tuple[Total, ...]
    once: Once
    rules_without_data: tuple[BlindRule, ...] | None = Field(
        description="In what is published. Empty: every rule had data; null: nothing is published yet."
    )


class QueueQuery(QueryBase):
    """Which cases."""

    kind: CaseKind | None = None
    state: CaseState = CaseState.OPEN
    owner: Id | None = Field(None, description="A user's name, or me, or nobody.")
    customer: Id | None = Field(None, description="A customer's id.")
    after: Mark | None = None
    limit: PageSize = 50


class Assign(Body):
    """Who takes the case."""

    owner: Id | None = Field(description="A user's name, or me; null gives it back.", examples=["me"])


class Comment(Body):
    """Words about the case."""

    text: Words = Field(examples=["Rang: starts a new job in May."])


class Close(Body):
    """How the case ended."""

    outcome: Annotated[CaseOutcome, Field(strict=False)] = Field(examples=["cleared"])


class Override(Body):
    """To decide otherwise than the policy."""

    outcome: Literal["approved", "declined"]
    code: Annotated[OverrideCode, Field(strict=False)] = Field(examples=["income_evidenced"])


class SecondPerson(Body):
    """What the second person says to an override."""

    approve: bool


@router.get("/v1/queue", openapi_extra=_READ, responses=answers())
def read_queue(bank: Bank, principal: Caller, query: Annotated[QueueQuery, Query()]) -> QueueView:
    """Read the queue, the largest expected loss first."""
    with bank.store.reading() as connection:
        owner_id = _owner_id(bank, query.owner, principal)
        wanted = QueueFilter(query.kind, query.state, owner_id, query.customer)
        try:
            page = queue_page(connection, wanted, query.after, query.limit)
        except ValueError as error:
            fault = Fault(loc=("query", "after"), type="mark", expected="the `next` of the page before, as it came")
            raise Refused(422, "There is no such page.", [fault]) from error
        totals, together = queue_totals(connection), queue_money(connection)
    now, scored = wall_us(), bank.published.unscored() is None
    known = bank.published.known()
    blind = None if known is None else blind_rules(known)
    return QueueView(
        cases=tuple(CaseView(**_shown(case, bank, now)) for case in page.rows),
        next=page.next,
        open=tuple(
            Total(kind=t.kind, cases=t.cases, nobodys=t.unowned, money_at_stake=t.money_at_stake,
                  expected_loss=t.expected_loss if scored else None)
            for t in totals
        ),
        once=Once(money_at_stake=together.at_stake, expected_loss=together.expected_loss if scored else None),
        rules_without_data=None
        if blind is None
        else tuple(BlindRule(rule=rule, not_delivered=unmet) for rule, unmet in blind),
    )  # fmt: skip


@router.get("/v1/cases/{case_id}", openapi_extra=_READ, responses=answers(404))
def read_case(bank: Bank, case_id: CaseId) -> CaseHistory:
    """Read one case and all that happened to it."""
    with bank.store.reading() as connection:
        case = case_by_id(connection, case_id)
        if case is None:
            raise NotFound("There is no such case.", of="case")
        events = events_of_case(connection, case_id)
    return CaseHistory(**_shown(case, bank, wall_us()), events=tuple(map(_happened, events)))


@router.post("/v1/cases/{case_id}/assign", openapi_extra=_WRITE, response_model=CaseView,
             responses=answers(404, 409, body=True))  # fmt: skip
def assign(request: Request, bank: Bank, principal: Caller, case_id: CaseId, body: Assign, key: Key) -> Response:
    """Say who takes a case, or give it back."""
    with once(principal, route_name(request), key, case_id, body) as keyed:
        owner = _my_name(bank, principal) if body.owner == _ME else body.owner
        return answer_of(assign_case(bank.log, case_id, owner, _acting(bank, principal, keyed)))


@router.post("/v1/cases/{case_id}/comments", openapi_extra=_WRITE, response_model=CaseView,
             responses=answers(404, 409, body=True))  # fmt: skip
def comment(request: Request, bank: Bank, principal: Caller, case_id: CaseId, body: Comment, key: Key) -> Response:
    """Say something about a case."""
    with once(principal, route_name(request), key, case_id, body) as keyed:
        return answer_of(comment_on_case(bank.log, case_id, body.text, _acting(bank, principal, keyed)))


@router.post("/v1/cases/{case_id}/close", openapi_extra=_WRITE, response_model=CaseView,
             responses=answers(404, 409, body=True))  # fmt: skip
def close(request: Request, bank: Bank, principal: Caller, case_id: CaseId, body: Close, key: Key) -> Response:
    """Close a case with an outcome of its kind."""
    with once(principal, route_name(request), key, case_id, body) as keyed:
        return answer_of(close_case(bank.log, case_id, body.outcome, _acting(bank, principal, keyed)))


@router.post("/v1/decisions/{decision_id}/override", openapi_extra=needs(Action.OVERRIDE, Resource.DECISION),
             response_model=CaseView, responses=answers(404, 409, body=True))  # fmt: skip
def override(
    request: Request, bank: Bank, principal: Caller, decision_id: DecisionId, body: Override, key: Key
) -> Response:
    """Propose to decide otherwise than the policy did; a risk officer other than you then approves or refuses."""
    with once(principal, route_name(request), key, decision_id, body) as keyed:
        acting, outcome = _acting(bank, principal, keyed), CaseOutcome(body.outcome)
        return answer_of(propose_override(bank.log, decision_id, outcome, body.code, acting))


@router.post("/v1/cases/{case_id}/override", openapi_extra=needs(Action.APPROVE, Resource.DECISION),
             response_model=CaseView, responses=answers(404, 409, body=True))  # fmt: skip
def second_person(
    request: Request, bank: Bank, principal: Caller, case_id: CaseId, body: SecondPerson, key: Key
) -> Response:
    """Approve or refuse the override that waits on a case, as a second person."""
    with once(principal, route_name(request), key, case_id, body) as keyed:
        return answer_of(answer_override(bank.log, case_id, body.approve, _acting(bank, principal, keyed)))


def _acting(bank: Serving, principal: Principal, keyed: KeyedRequest) -> Acting:
    now = wall_us()

    def answer(case: Case) -> bytes:
        return CaseView(**_shown(case, bank, now)).model_dump_json().encode()

    return Acting(principal, now, fresh_id(), fresh_id(), keyed, answer)


def _shown(case: Case, bank: Serving, now: int) -> dict[str, Any]:
    """Return the fields of `CaseView`."""
    proposal = case.proposal
    until = now if case.closed_at_us is None else case.closed_at_us
    return {
        "case_id": case.case_id, "kind": case.kind, "source": case.source, "customer_id": case.customer_id,
        "ground": case.ground, "severity": case.severity, "money_at_stake": case.money_at_stake,
        "expected_loss": case.expected_loss, "currency": bank.home.settings.bank.currency,
        "opened_at": utc(case.opened_at_us), "age_days": round(max(until - case.opened_at_us, 0) / 86_400e6, 1),
        "state": case.state, "owner": case.owner, "outcome": case.outcome,
        "closed_at": None if case.closed_at_us is None else utc(case.closed_at_us),
        "closed_by": case.closed_by,
        "proposal": None if proposal is None else Proposed(
            outcome=proposal.outcome, code=proposal.code, by=proposal.by_name or proposal.by
        ),
    }  # fmt: skip


def _happened(event: CaseEvent) -> Happened:
    said = event.said
    outcome, code = said.get("outcome"), said.get("code")
    return Happened(
        act=event.act,
        by=event.by_name or event.by,
        at=utc(event.at_us),
        outcome=None if outcome is None else CaseOutcome(outcome),
        code=None if code is None else OverrideCode(code),
        owner=said.get("owner"),
        proposed_by=said.get("proposed_by"),
        comment=event.comment,
    )


def _owner_id(bank: Serving, owner: str | None, principal: Principal) -> str | None:
    if owner is None or owner == _NOBODY:
        return None if owner is None else ""
    if owner == _ME:
        return principal.user_id
    with bank.store.reading() as connection:
        user = user_named(connection, owner)
    return "nobody has this name" if user is None else user.user_id


def _my_name(bank: Serving, principal: Principal) -> str:
    with bank.store.reading() as connection:
        found = user_by_id(connection, principal.user_id)
    return found.name
