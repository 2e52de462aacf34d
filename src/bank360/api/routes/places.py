"""Merchants and terminals as published: what is paid there by card, and how much of it is known to be fraud."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from bank360.api.routing import Bank, GuardedRoute, answers, needs
from bank360.api.serving import Serving
from bank360.api.wire import BANKS, Answer, PlaceId, utc
from bank360.features.scan import Entity
from bank360.pipeline.published_places import PlaceValue, published_place
from bank360.policies.access_table import Action, Resource

router = APIRouter(route_class=GuardedRoute, tags=["merchants and terminals"])

# Of the rest of the address: an id may hold "/", which a client that encodes it sends as %2F and a server decodes.
MerchantId = Annotated[PlaceId, Path(examples=["M00017"], description="A merchant's id, as transactions name it.")]
TerminalId = Annotated[PlaceId, Path(examples=["T000123"], description="A terminal's id, as transactions name it.")]
_READ = needs(Action.READ, Resource.SCORE)


class PlaceFeature(Answer):
    """One feature, over the payments of one window."""

    name: str
    value: float | None = Field(description="In `unit`. Null: none, or, where `no_data` names something, not known.")
    unit: str = Field(description="`minor units` are those of `currency`; `1` is a share of 0 to 1.")
    meaning: str
    computed: str = Field(description="What is done with which payments, or the formula.")
    window: str
    counted_from: datetime = Field(description="The first instant of the window.")
    counted_until: datetime = Field(description="Its end; what happens at that very instant is not in it.")
    no_data: tuple[str, ...] = Field(description="What it needs and the bank never delivered.")


class NotReported(Answer):
    """What is not known of the latest payments, because a fraud counts once its case is closed as confirmed."""

    days: int = Field(description="Whole days, up to that of `as_of`; counts and shares of frauds end before them.")
    payments: int | None = Field(
        description="By card there in these days: none is in a count or share of frauds, whatever it turns out to be."
    )
    meaning: str


class PlaceView(Answer):
    """A merchant or a terminal, as the night computed its features."""

    kind: Literal["merchant", "terminal"]
    id: str = Field(description="Masked where it is a personal number, such as a trader's IBAN.")
    as_of: datetime = Field(description=f"Of the features. {BANKS}")
    version: int = Field(description="Of what was published.")
    currency: str
    features: tuple[PlaceFeature, ...]
    not_reported: NotReported


@router.get("/v1/merchants/{merchant_id:path}", openapi_extra=_READ, responses=answers(404))
def read_merchant(bank: Bank, merchant_id: MerchantId) -> PlaceView:
    """Show what is paid by card at a merchant, and how much of it is known to be fraud."""
    return _shown(bank, Entity.MERCHANT, merchant_id)


@router.get("/v1/terminals/{terminal_id:path}", openapi_extra=_READ, responses=answers(404))
def read_terminal(bank: Bank, terminal_id: TerminalId) -> PlaceView:
    """Show what is paid by card at a terminal, and how much of it is known to be fraud."""
    return _shown(bank, Entity.TERMINAL, terminal_id)


def _shown(bank: Serving, entity: Entity, place_id: str) -> PlaceView:
    with bank.published.current() as version:
        found = published_place(version, entity, place_id)
    return PlaceView(
        kind="merchant" if entity is Entity.MERCHANT else "terminal",
        id=found.id,
        as_of=utc(found.as_of),
        version=version.number,
        currency=version.meta.currency,
        features=tuple(map(_feature, found.values)),
        not_reported=NotReported(
            days=found.reported_after,
            payments=found.unreported,
            meaning=(
                f"A fraud counts once its case is closed as confirmed, mostly within {found.reported_after} days. Of "
                "these payments little is known yet; and what is confirmed later still adds to earlier ones."
            ),
        ),
    )


def _feature(one: PlaceValue) -> PlaceFeature:
    return PlaceFeature(
        name=one.name,
        value=one.value,
        unit=one.unit,
        meaning=one.meaning,
        computed=one.computed,
        window=one.window,
        counted_from=utc(one.since),
        counted_until=utc(one.until),
        no_data=one.no_data,
    )
