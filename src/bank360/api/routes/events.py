"""Transactions and interactions as they arrive: all of a call or nothing, each once however often it is sent."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from bank360.api.problems import Fault, Refused
from bank360.api.routing import Bank, GuardedRoute, answers, needs
from bank360.api.wire import Answer, Body, Code, Id
from bank360.bank.calendar import instant
from bank360.bank.countries import COUNTRY_FORM
from bank360.bank.vocabulary import Category, Channel, InteractionKind, OfferArm, Scheme
from bank360.pipeline.take_events import ArrivedEvent, take_events
from bank360.pipeline.take_interactions import ArrivedInteraction, take_interactions
from bank360.policies.access_table import Action, Resource

router = APIRouter(route_class=GuardedRoute, tags=["events"])

_MOST = 500  # of one call
Amount = Annotated[int, Field(ge=-(10**12), le=10**12)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$", min_length=3, max_length=3)]
Country = Annotated[
    str, Field(pattern="^[A-Z]{2}$", min_length=2, max_length=2, description=f"Where it was: {COUNTRY_FORM}.")
]
Instant = Annotated[
    str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$", max_length=27, description="UTC.")
]
_EXAMPLE: dict[str, Any] = {
    "transaction_id": "T-2026-07-01-000017", "account_id": "A0001234", "event_time": "2026-07-01T10:46:31Z",
    "amount": -4_250, "currency": "GBP", "channel": "pos", "scheme": "card", "category": "groceries", "country": "GB",
}  # fmt: skip


class Event(Body):
    """A transaction; money in minor units, negative where it leaves the account."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, json_schema_extra={"examples": [_EXAMPLE]}
    )
    transaction_id: Id = Field(description="Yours; the same id is taken in once.")
    account_id: Id
    event_time: Instant
    amount: Amount
    currency: Currency
    channel: Annotated[Channel, Field(strict=False)]
    scheme: Annotated[Scheme, Field(strict=False)]
    category: Annotated[Category, Field(strict=False)]
    country: Country
    actor_customer_id: Id | None = None
    card_token: Id | None = None
    terminal_id: Id | None = None
    merchant_id: Id | None = None
    counterparty_token: Id | None = None
    mandate_id: Id | None = None
    reverses_id: Id | None = None
    original_amount: Amount | None = None
    original_currency: Currency | None = None
    balance_after: Amount | None = None


class Events(Body):
    """Transactions of one call."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False,
        json_schema_extra={"examples": [{"events": [_EXAMPLE]}]},
    )  # fmt: skip
    events: Annotated[list[Event], Field(min_length=1, max_length=_MOST)]


_CALL: dict[str, Any] = {
    "interaction_id": "I-2026-07-01-000003", "customer_id": "C0001234", "at": "2026-07-01T10:46:31Z",
    "channel": "phone", "kind": "call", "topic": "complaint",
}  # fmt: skip


class Interaction(Body):
    """A contact between a customer and the bank: a visit, a call, an offer, its answer."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, json_schema_extra={"examples": [_CALL]}
    )
    interaction_id: Id = Field(description="Yours; the same id is taken in once.")
    customer_id: Id = Field(description="A customer's id, or a key by which a source names them.")
    at: Instant
    channel: Annotated[Channel, Field(strict=False)]
    kind: Annotated[InteractionKind, Field(strict=False)]
    topic: Code | None = None
    product_id: Id | None = None
    campaign_id: Id | None = None
    arm: Annotated[OfferArm, Field(strict=False)] | None = None
    response: bool | None = Field(default=None, description="Of an answer: whether the product was taken up.")


class Interactions(Body):
    """Interactions of one call."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False,
        json_schema_extra={"examples": [{"interactions": [_CALL]}]},
    )  # fmt: skip
    interactions: Annotated[list[Interaction], Field(min_length=1, max_length=_MOST)]


class TakenIn(Answer):
    """How many were new, and how many had arrived before."""

    accepted: int
    known: int


@router.post("/v1/events", openapi_extra=needs(Action.WRITE, Resource.EVENT), responses=answers(409, body=True))
def take_in(bank: Bank, body: Events) -> TakenIn:
    """Take in transactions that arrive now; they count at the next request."""
    events = [_arrived(place, event) for place, event in enumerate(body.events)]
    at = bank.now_us()
    with bank.published.current() as version:
        taken = take_events(bank.store, version, events, at)
    return TakenIn(accepted=taken.accepted, known=taken.known)


@router.post("/v1/interactions", openapi_extra=needs(Action.WRITE, Resource.EVENT), responses=answers(409, body=True))
def take_in_interactions(bank: Bank, body: Interactions) -> TakenIn:
    """Take in interactions that arrive now; they count from the next night on."""
    met = [_met(place, one) for place, one in enumerate(body.interactions)]
    at = bank.now_us()
    with bank.published.current() as version:
        taken = take_interactions(bank.store, version, met, at)
    return TakenIn(accepted=taken.accepted, known=taken.known)


def _arrived(place: int, event: Event) -> ArrivedEvent:
    said = event.model_dump(mode="json")  # codes as texts
    return ArrivedEvent(event_us=_instant(said.pop("event_time"), "events", place, "event_time"), **said)


def _met(place: int, one: Interaction) -> ArrivedInteraction:
    said = one.model_dump(mode="json")
    return ArrivedInteraction(at_us=_instant(said.pop("at"), "interactions", place, "at"), **said)


def _instant(text: str, among: str, place: int, field: str) -> int:
    try:
        return instant(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError as error:
        fault = Fault(
            loc=("body", among, place, field),
            type="datetime",
            expected="an instant in UTC, such as 2026-07-01T10:46:31Z",
        )
        raise Refused(422, "An instant is none.", [fault]) from error
