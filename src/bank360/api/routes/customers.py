"""Customers as published: found, shown as the caller's role may see them, and identified, which is sealed each time."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from bank360.api.problems import Fault, Refused
from bank360.api.routes.decisions import Reason, Standing, standing_of
from bank360.api.routing import Bank, Caller, GuardedRoute, answers, needs
from bank360.api.serving import Serving, wall_us
from bank360.api.wire import BANKS, Answer, Id, PageSize, utc
from bank360.api.wire import Query as QueryBase
from bank360.bank.errors import NoModel
from bank360.bank.vocabulary import CreditOutcome, RiskTier, Role
from bank360.home import fresh_id
from bank360.models.calibrated import log_odds_of
from bank360.pipeline.find_alerts import any_rule_sees
from bank360.pipeline.profile import Profile, Score
from bank360.pipeline.profile_blocks import Block
from bank360.pipeline.published_rows import published_profile
from bank360.pipeline.reveal import revealed_profile
from bank360.pipeline.visible_profile import freshness, visible_profile
from bank360.policies.access import allowed
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.decision import parse
from bank360.storage.decision_reads import LoggedDecision, recent_decisions
from bank360.storage.published import Version
from bank360.storage.published_lists import CustomerFilter, FoundCustomer, found_customers
from bank360.storage.settlements import Settled, settlements

router = APIRouter(route_class=GuardedRoute, tags=["customers"])

CustomerId = Annotated[Id, Path(examples=["C153cec131007"], description="A customer's id, or a key of a source.")]
_LIST = needs(Action.READ, Resource.CUSTOMER)
_SHOW = needs(Action.READ, Resource.CUSTOMER, FieldClass.PROVENANCE)
_REVEAL = needs(Action.READ, Resource.CUSTOMER, FieldClass.IDENTITY)
_NO_LENDING = "Null where no months of credit were delivered."
_NO_MODEL = "Absent where the bank has no model."
_PROBABILITY = (
    "Of default, for the standard request. Of who is in default it is that of a new request; of what they owe in "
    "default the probability is 1."
)
_TIER = (
    "By the probability, with the edges of the bank's settings; `in_default`, whatever the probability, where credit "
    "is over 90 days past due, in the bank's own default status, or was charged off."
)
Scalar = str | int | float | bool | date | datetime | None


class CustomerRow(Answer):
    """A customer in a list; what your role may not read is null, and what models say absent where the bank has none."""

    customer_id: str
    name: str | None = Field(description="Masked.")
    region: str | None
    exposure: int | None = Field(description=f"Owed on open credit, minor units. {_NO_LENDING}")
    days_past_due: int | None = Field(description=f"The most of any open credit; null without credit. {_NO_LENDING}")
    probability: float | None = Field(None, description=f"{_PROBABILITY} {_NO_MODEL}")
    tier: RiskTier | None = Field(None, description=f"{_TIER} {_NO_MODEL}")
    thin_file: bool | None = Field(None, description=f"Scored without history. {_NO_MODEL}")
    alerts: int | None = Field(description="By the rules that had data; null where none had any.")


class CustomerList(Answer):
    """Customers, for whoever may read scores those in default and then the riskiest first; else by id.

    By id too where nobody is scored.
    """

    customers: tuple[CustomerRow, ...]
    next: int | None = Field(description="Send it as `after` for the next page; null at the end.")
    currency: str
    as_of: datetime = Field(description=BANKS)
    version: int = Field(description="Of what was published; the same for every row.")


class CustomerQuery(QueryBase):
    """Which customers."""

    q: Id | None = Field(
        None,
        description=(
            "An id, a key of a source, or an account's number, of an IBAN with or without blanks; for whoever may read "
            "tokens a card's; or a family name: its beginning, for whoever may reveal one."
        ),
    )
    tier: RiskTier | None = None
    after: Annotated[int, Field(ge=0, le=2**31 - 1)] | None = None
    limit: PageSize = 50


class Known(Answer):
    """One thing known: what, from where, and as of when."""

    name: str
    label: str
    value: Scalar
    unit: str | None
    source: str
    as_of: datetime | None
    masked: bool


class Table(Answer):
    """A small table of one block."""

    name: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Scalar, ...], ...]
    source: str
    as_of: datetime | None


class BlockView(Answer):
    """One block of the 360."""

    name: str
    label: str
    values: tuple[Known, ...]
    tables: tuple[Table, ...]


class StatedView(Reason):
    """A reason of a score, with its share of the log-odds before calibration."""

    contribution: float


class ScoreView(Answer):
    """A model's score for the standard request."""

    model: str
    version: str
    as_of: datetime
    margin: float = Field(description="Log-odds before calibration: base and all contributions, stated or not.")
    log_odds: float | None = Field(description="After calibration: those of the probability; none at 0 and at 1.")
    probability: float = Field(description=_PROBABILITY)
    tier: RiskTier = Field(description=_TIER)
    thin_file: bool
    outside_training: bool = Field(description="An input lies outside what was seen in training: a warning.")
    reasons: tuple[StatedView, ...]


class Age(Answer):
    """How fresh one source of one block is."""

    block: str
    source: str
    values: int
    as_of: datetime | None


class DecidedLately(Standing):
    """A recent decision and what stands of it; the whole of it is at /v1/decisions/{decision_id}."""

    decision_id: str
    at: datetime = Field(description=BANKS)
    outcome: CreditOutcome = Field(description="The policy's.")
    amount: int
    term_months: int


class KeyView(Answer):
    """A key by which a source names the customer."""

    source: str
    source_key: str
    valid_from: date
    valid_to: date | None


class NotKnown(Answer):
    """A part of every 360 of the bank that nothing can be told of, and why."""

    part: str
    not_delivered: tuple[str, ...] = Field(description="What the bank never delivered that would tell it.")


class Customer360(Answer):
    """One customer as your role may see them; what it may not is left out."""

    customer_id: str
    as_of: datetime = Field(description=BANKS)
    version: int
    currency: str
    revealed: bool
    keys: tuple[KeyView, ...]
    freshness: tuple[Age, ...]
    blocks: tuple[BlockView, ...]
    scores: tuple[ScoreView, ...] = Field((), description=f"Empty: not scored, or not for your role. {_NO_MODEL}")
    not_known: tuple[NotKnown, ...] = Field(
        description="Parts that nothing can be told of, whoever's 360 it is. In any other, no rows means none."
    )
    decisions: tuple[DecidedLately, ...] = Field(
        (), description="Absent where the bank has no model and nothing was decided."
    )


@router.get("/v1/customers", openapi_extra=_LIST, responses=answers(409), response_model_exclude_unset=True)
def list_customers(bank: Bank, principal: Caller, query: Annotated[CustomerQuery, Query()]) -> CustomerList:
    """Find customers among those published."""
    scored = _may(principal.role, Resource.SCORE)
    if not scored and (query.q is None or query.tier is not None or query.after is not None):
        # The order of pages and a tier would tell who is risky.
        raise Refused(422, "Your role finds customers by q alone.", [Fault(loc=("query", "q"), type="missing")])
    after = -1 if query.after is None else query.after
    with bank.published.current() as version:
        if query.tier is not None and version.unscored is not None:
            raise NoModel(version.unscored)  # an empty list would say that nobody is risky
        whole = not allowed(principal.role, Action.READ, Resource.CUSTOMER, FieldClass.IDENTITY)
        tokens = allowed(principal.role, Action.READ, Resource.CUSTOMER, FieldClass.TOKEN)
        wanted = CustomerFilter(query.q or "", query.tier, whole_names=whole, tokens=tokens)
        page = found_customers(version, wanted, after=after, most=query.limit, by_id=not scored)
        watched = any_rule_sees(version.meta.known)
        return CustomerList(
            customers=tuple(_row(row, principal.role, version.unscored is None, watched) for row in page.rows),
            next=page.next if scored else None,
            currency=version.meta.currency,
            as_of=utc(version.meta.as_of),
            version=version.number,
        )


@router.get("/v1/customers/{customer_id}", openapi_extra=_SHOW, responses=answers(404),
            response_model_exclude_unset=True)  # fmt: skip
def read_customer(bank: Bank, principal: Caller, customer_id: CustomerId) -> Customer360:
    """Show one customer, identity masked; who may read no values sees how fresh they are."""
    with bank.published.current() as version:
        return _shown(bank, version, published_profile(version, customer_id), principal.role)


@router.post("/v1/customers/{customer_id}/reveal", openapi_extra=_REVEAL, responses=answers(404),
             response_model_exclude_unset=True)  # fmt: skip
def reveal_customer(bank: Bank, principal: Caller, customer_id: CustomerId) -> Customer360:
    """Show one customer with identity, after sealing in the log that you looked."""
    with bank.published.current() as version:
        fresh = (fresh_id(), fresh_id())
        found = revealed_profile(bank.log, version, customer_id, principal, fresh, wall_us())
        return _shown(bank, version, found, principal.role)


def _row(row: FoundCustomer, role: Role, of_scored: bool, watched: bool) -> CustomerRow:
    scored, cases = _may(role, Resource.SCORE), _may(role, Resource.CASE)
    modelled: dict[str, Any] = {
        "probability": row.probability if scored else None,
        "tier": RiskTier(row.tier) if scored and row.tier is not None else None,
        "thin_file": row.thin_file if scored else None,
    }
    return CustomerRow(
        customer_id=row.customer_id,
        name=row.name,
        region=row.region,
        exposure=row.exposure,
        days_past_due=row.days_past_due,
        alerts=row.alerts if cases and watched else None,
        **(modelled if of_scored else {}),
    )


def _shown(bank: Serving, version: Version, found: Profile, role: Role) -> Customer360:
    values = _may(role, Resource.CUSTOMER)
    seen = visible_profile(found, role)
    lately: tuple[DecidedLately, ...] = ()
    if _may(role, Resource.DECISION) and values:
        with bank.store.reading() as connection:
            recent = recent_decisions(connection, found.customer_id)
            people = settlements(connection, [one.decision_id for one in recent])
            lately = tuple(_decided(one, people.get(one.decision_id)) for one in recent)
    modelled: dict[str, Any] = {"scores": tuple(map(_score, seen.scores))} if version.unscored is None else {}
    if lately or version.unscored is None:
        modelled["decisions"] = lately
    return Customer360(
        customer_id=found.customer_id,
        as_of=found.as_of,
        version=version.number,
        currency=found.currency,
        revealed=found.revealed,
        keys=tuple(
            KeyView(source=k.source, source_key=k.source_key, valid_from=k.valid_from, valid_to=k.valid_to)
            for k in (found.keys if values else ())
        ),
        freshness=tuple(Age(block=a.block, source=a.source, values=a.values, as_of=a.as_of) for a in freshness(found)),
        blocks=tuple(_block(block) for block in (seen.blocks if values else ())),
        not_known=tuple(NotKnown(part=part, not_delivered=unmet) for part, unmet in seen.not_known.items()),
        **modelled,
    )


def _block(block: Block) -> BlockView:
    values = tuple(
        Known(name=v.name, label=v.label, value=v.value, unit=v.unit, source=v.source, as_of=v.as_of, masked=v.masked)
        for v in block.values
    )
    tables = tuple(
        Table(name=t.name, label=t.label, columns=t.columns, rows=t.rows, source=t.source, as_of=t.as_of)
        for t in block.listings
    )
    return BlockView(name=block.name, label=block.label, values=values, tables=tables)


def _score(score: Score) -> ScoreView:
    reasons = tuple(StatedView(code=r.code, wording=r.wording, contribution=r.contribution) for r in score.reasons)
    return ScoreView(
        model=score.model,
        version=score.version,
        as_of=score.as_of,
        margin=score.margin,
        log_odds=log_odds_of(score.probability) if 0 < score.probability < 1 else None,
        probability=score.probability,
        tier=RiskTier(score.tier),
        thin_file=score.thin_file,
        outside_training=bool(score.outside_training),
        reasons=reasons,
    )


def _decided(one: LoggedDecision, settled: Settled | None) -> DecidedLately:
    record = parse(one.record)
    return DecidedLately(
        decision_id=record.decision_id,
        at=utc(one.at_us),
        outcome=record.outcome,
        amount=record.request.amount,
        term_months=record.request.term_months,
        **standing_of(record.outcome, settled),
    )


def _may(role: Role, resource: Resource) -> bool:
    return allowed(role, Action.READ, resource, FieldClass.ORDINARY)
