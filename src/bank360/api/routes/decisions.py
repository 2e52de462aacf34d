"""Loan applications decided now, tried out, and looked up again: what was said, why, and whether it replays."""

import hashlib
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import ConfigDict, Field

from bank360.api.idempotency import Key, answer_of, once
from bank360.api.routing import Bank, Caller, GuardedRoute, answers, needs, route_name
from bank360.api.serving import Serving, wall_us
from bank360.api.wire import BANKS, WALL, Answer, Body, Code, Id, Money, PageSize, Pseudonym, utc
from bank360.api.wire import Query as QueryBase
from bank360.bank.errors import NotFound
from bank360.bank.vocabulary import CaseOutcome, Channel, CreditOutcome, OverrideCode
from bank360.home import fresh_id
from bank360.pipeline.case_acts import open_review
from bank360.pipeline.replay import replay_decision
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide
from bank360.pipeline.told import Told
from bank360.pipeline.try_logged import try_logged
from bank360.policies.access_table import Action, Resource
from bank360.policies.decision import DecisionRecord, parse, reason_in_words
from bank360.storage.decision_reads import CREDIT_DECISION, LoggedDecision, decision_by_id, decisions_page
from bank360.storage.settlements import Settled, settled_by_people, settlements
from bank360.storage.subjects import customer_of

router = APIRouter(route_class=GuardedRoute, tags=["decisions"])

_DECIDE = needs(Action.DECIDE, Resource.APPLICATION)
_READ = needs(Action.READ, Resource.DECISION)
_AS_POLICY = {CaseOutcome.APPROVED: CreditOutcome.APPROVE, CaseOutcome.DECLINED: CreditOutcome.DECLINE}
DecisionId = Annotated[Id, Path(examples=["5d0c2a7e9b1f4c3d8e6a7b9c0d1e2f3a"])]
_APPLICATION: dict[str, Any] = {
    "customer_id": "C153cec131007", "product_id": "LOAN", "amount": 500_000, "term_months": 36,
    "told": {"employment": "employed", "declared_income": 240_000, "housing_cost": 80_000, "outgoings": 20_000},
}  # fmt: skip


class Says(Body):
    """What an application says besides; what it does not say is as the customer said last. Money is minor units."""

    employment: Code | None = None
    employed_months: Annotated[int, Field(ge=0, le=1_200)] | None = None
    declared_income: Annotated[Money | None, Field(description="Net, a month.")] = None
    housing_cost: Annotated[Money | None, Field(description="Rent or mortgage payment a month.")] = None
    outgoings: Annotated[Money | None, Field(description="Other commitments a month.")] = None
    purpose: Code | None = None
    channel: Annotated[Channel, Field(strict=False)] | None = None
    form_seconds: Annotated[int, Field(ge=0, le=10**7)] | None = None
    email_age_days: Annotated[int, Field(ge=0, le=10**5)] | None = None
    ip_distance_km: Annotated[int, Field(ge=0, le=40_000)] | None = None


class Application(Body):
    """A request for a loan."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, json_schema_extra={"examples": [_APPLICATION]}
    )
    customer_id: Id = Field(description="A customer's id, or a key by which a source names the customer.")
    product_id: Id
    amount: Annotated[int, Field(ge=1, le=10**12)] = Field(description="Minor units.")
    term_months: Annotated[int, Field(ge=1, le=600)]
    told: Says = Says()
    evidenced_income: Money | None = Field(None, description="Net income a month by evidence in hand.")
    application_id: Pseudonym | None = Field(None, description="Your id of the application; no personal data in it.")


class Reason(Answer):
    """Why, in the words that a customer reads."""

    code: str
    wording: str


class GateView(Answer):
    """What one gate of the policy said."""

    gate: str
    outcome: CreditOutcome
    reasons: tuple[Reason, ...]


class AlternativeView(Answer):
    """What could be had instead; money in minor units."""

    amount: int
    term_months: int
    instalment: int


class ModelView(Answer):
    """What a model said."""

    model: str
    version: str
    probability: float


class DecisionView(Answer):
    """A decision on a request for a loan."""

    decision_id: str
    outcome: CreditOutcome
    reasons: tuple[Reason, ...]
    amount: int
    term_months: int
    currency: str
    gates: tuple[GateView, ...]
    alternatives: tuple[AlternativeView, ...]
    models: tuple[ModelView, ...]
    policy: str
    policy_version: str
    as_of: datetime = Field(description=BANKS)
    application_id: str | None


class PeopleView(Answer):
    """What people decided last, where they decided otherwise than the policy or it left the matter to them."""

    outcome: CreditOutcome
    decided_by: str = Field(description="Name of who decided: the second person of an override.")
    proposed_by: str | None = Field(description="Of who proposed it; null where one person declined in review.")
    code: OverrideCode | None = Field(description="Why; null where one person declined in review.")
    at: datetime = Field(description=WALL)
    case_id: str


class Standing(Answer):
    """What stands of a decision whose `outcome` is the policy's."""

    standing_outcome: CreditOutcome = Field(
        description="What stands now: as people decided last, or the policy's outcome where they decided nothing."
    )
    people: PeopleView | None = Field(description="Null while the policy's outcome stands.")


class LoggedView(DecisionView, Standing):
    """A decision as the log has it, and what stands of it; the outcome and its reasons are the policy's."""

    sequence: int
    customer_id: str | None = Field(description="Null after the customer was erased.")
    principal: str = Field(description="User id of who asked.")


class ReplayView(Answer):
    """A past decision made again from what was recorded; the same bytes say that it was made so."""

    decision_id: str
    sequence: int
    same: bool
    sealed_sha256: str
    again_sha256: str


class DecisionPage(Answer):
    """Decisions, the newest first."""

    decisions: tuple[LoggedView, ...]
    next: int | None = Field(description="Send it as `before` for the next page; null at the end.")


class DecisionQuery(QueryBase):
    """Which decisions."""

    before: Annotated[int, Field(ge=1, le=2**62)] | None = None
    limit: PageSize = 50


@router.post("/v1/loan-applications/decisions", openapi_extra=_DECIDE, status_code=201, response_model=DecisionView,
             responses=answers(404, 409, body=True))  # fmt: skip
def decide_application(request: Request, bank: Bank, principal: Caller, body: Application, key: Key) -> Response:
    """Decide a loan application, once for each Idempotency-Key, and seal the decision."""
    with once(principal, route_name(request), key, "", body) as keyed:
        asked = AskedBy(principal.user_id, bank.now_us(), fresh_id(), fresh_id(), keyed)
        made = decide(
            bank.desk,
            _application(body),
            asked,
            lambda record: _bytes(record, bank),
            also=lambda page, record, customer_id: open_review(page, record, customer_id, wall_us()),
        )
        return answer_of(made, 201)


@router.post("/v1/loan-applications/what-ifs", openapi_extra=_DECIDE, response_model=DecisionView,
             responses=answers(404, 409, body=True))  # fmt: skip
def try_application(bank: Bank, principal: Caller, body: Application) -> DecisionView:
    """Try an application out: the same gates and models, and no decision; that it was tried is logged apart."""
    asked = AskedBy(principal.user_id, bank.now_us(), fresh_id(), fresh_id())
    return DecisionView(**_shown(try_logged(bank.desk, _application(body), asked, wall_us()), bank))


@router.get("/v1/decisions", openapi_extra=_READ, responses=answers())
def list_decisions(bank: Bank, query: Annotated[DecisionQuery, Query()]) -> DecisionPage:
    """List decisions, the newest first."""
    with bank.store.reading() as connection:
        found = decisions_page(connection, query.before, query.limit + 1)
        some = found[: query.limit]
        people = settlements(connection, [one.decision_id for one in some])
        shown = tuple(
            _logged(one, customer_of(connection, one.subject), people.get(one.decision_id), bank) for one in some
        )
    return DecisionPage(decisions=shown, next=some[-1].sequence if len(found) > query.limit else None)


@router.get("/v1/decisions/{decision_id}", openapi_extra=_READ, responses=answers(404))
def read_decision(bank: Bank, decision_id: DecisionId) -> LoggedView:
    """Read one decision: what the policy said, and what stands now."""
    with bank.store.reading() as connection:
        one = decision_by_id(connection, decision_id)
        if one is None or one.kind != CREDIT_DECISION:
            raise NotFound("There is no such decision.", of="decision")
        settled = settled_by_people(connection, decision_id)
        return _logged(one, customer_of(connection, one.subject), settled, bank)


@router.get("/v1/decisions/{decision_id}/replay", openapi_extra=_READ, responses=answers(404))
def replay(bank: Bank, decision_id: DecisionId) -> ReplayView:
    """Make a past decision again from its record and compare the bytes."""
    made = replay_decision(bank.store, bank.registry, decision_id)
    return ReplayView(
        decision_id=decision_id,
        sequence=made.sequence,
        same=made.same,
        sealed_sha256=hashlib.sha256(made.sealed).hexdigest(),
        again_sha256=hashlib.sha256(made.again).hexdigest(),
    )


def _application(body: Application) -> LoanApplication:
    told = Told(**body.told.model_dump(mode="json"))  # codes as texts
    return LoanApplication(
        body.customer_id, body.product_id, body.amount, body.term_months, told, body.evidenced_income,
        body.application_id,
    )  # fmt: skip


def _bytes(record: DecisionRecord, bank: Serving) -> bytes:
    return DecisionView(**_shown(record, bank)).model_dump_json().encode()


def _reasons(record: DecisionRecord, codes: tuple[str, ...]) -> tuple[Reason, ...]:
    return tuple(Reason(code=code, wording=reason_in_words(record, code)) for code in codes)


def _shown(record: DecisionRecord, bank: Serving) -> dict[str, Any]:
    """Return the fields of `DecisionView`."""
    return {
        "decision_id": record.decision_id, "outcome": record.outcome, "reasons": _reasons(record, record.reasons),
        "amount": record.request.amount, "term_months": record.request.term_months,
        "currency": bank.home.settings.bank.currency,
        "gates": tuple(
            GateView(gate=g.gate, outcome=g.outcome, reasons=_reasons(record, g.reasons)) for g in record.gates
        ),
        "alternatives": tuple(
            AlternativeView(amount=a.amount, term_months=a.term_months, instalment=a.instalment)
            for a in record.alternatives
        ),
        "models": tuple(
            ModelView(model=m.model, version=m.version, probability=m.probability) for m in record.models
        ),
        "policy": record.policy, "policy_version": record.policy_version, "as_of": utc(record.as_of),
        "application_id": record.application_id,
    }  # fmt: skip


def _logged(one: LoggedDecision, customer_id: str | None, settled: Settled | None, bank: Serving) -> LoggedView:
    record = parse(one.record)
    shown = _shown(record, bank) | standing_of(record.outcome, settled)
    return LoggedView(**shown, sequence=one.sequence, customer_id=customer_id, principal=one.principal)


def standing_of(policy_said: CreditOutcome, settled: Settled | None) -> dict[str, Any]:
    """Return the fields of `Standing`."""
    if settled is None:
        return {"standing_outcome": policy_said, "people": None}
    outcome = _AS_POLICY[settled.outcome]
    people = PeopleView(
        outcome=outcome, decided_by=settled.by, proposed_by=settled.proposed_by, code=settled.code,
        at=utc(settled.at_us), case_id=settled.case_id,
    )  # fmt: skip
    return {"standing_outcome": outcome, "people": people}
