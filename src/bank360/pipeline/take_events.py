"""Take in transactions that arrive now: checked, stored once, acknowledged when committed.

They count in rolling features at the next request, and in calendar ones from the next local day; `drain_events.py`
brings them to the warehouse. An event is checked against the published version: its account must be there, and so must
who acted; what it says is held to the codes of the canonical table. All of a call or nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields

from bank360.bank.calendar import local_days, to_date
from bank360.bank.countries import COUNTRIES, COUNTRY_FORM
from bank360.bank.errors import EventRefused
from bank360.bank.tables import TABLE_BY_NAME
from bank360.pipeline.arrivals import MOST_OF_A_CALL, Taken, Wrong, wrong_code, wrong_time
from bank360.storage.new_events import NewEvent, take_in
from bank360.storage.published import Version
from bank360.storage.store.engine import Store

_TABLE = TABLE_BY_NAME["transactions"]
_WHOLE = ("transaction_id", "too_many")  # of an event that is one too many
_LARGEST = 2**53  # minor units: exact in every program that reads JSON


@dataclass(frozen=True)
class ArrivedEvent:
    """A transaction as somebody tells of it; columns of the canonical table, ``event_us`` microseconds UTC."""

    transaction_id: str
    account_id: str
    event_us: int
    amount: int
    currency: str
    channel: str
    scheme: str
    category: str
    country: str
    actor_customer_id: str | None = None
    card_token: str | None = None
    terminal_id: str | None = None
    merchant_id: str | None = None
    counterparty_token: str | None = None
    mandate_id: str | None = None
    reverses_id: str | None = None
    original_amount: int | None = None
    original_currency: str | None = None
    balance_after: int | None = None


_KEPT_APART = frozenset({"transaction_id", "account_id", "actor_customer_id", "event_us"})
EVENT_FIELDS = tuple(field.name for field in fields(ArrivedEvent) if field.name not in _KEPT_APART)


def take_events(store: Store, version: Version, events: Sequence[ArrivedEvent], at: int) -> Taken:
    """Take in events that arrive at an instant (microseconds UTC); committed when this returns.

    Parameters
    ----------
    version
        The published version, which says whose the accounts are.

    Raises
    ------
    EventRefused
        If one of them names an account or actor that the version does not have, another currency than the account's, a
        code or country that is none, or a time after ``at`` or more than 30 days before it; or if there are too many.
    EventConflict
        If one arrived before with other content, or the version has its id, from a file, with other content.
    StoreFailed
        If it could not be committed.
    """
    if len(events) > MOST_OF_A_CALL:
        words = f"A call takes up to {MOST_OF_A_CALL} events. Send the rest in another."
        raise EventRefused(words, MOST_OF_A_CALL, *_WHOLE)
    for place, event in enumerate(events):
        wrong = _wrong(version, event, at)
        if wrong is not None:
            field, code, words = wrong
            raise EventRefused(f"Event {place} {words}. Nothing was taken in.", place, field, code)
    new = [_as_new(event, version.meta.zone, at) for event in events]
    published = version.contents([event.event_id for event in new])
    with store.writing() as connection:
        known = take_in(connection, new, published)
    return Taken(len(events) - known, known)


def _wrong(version: Version, event: ArrivedEvent, at: int) -> Wrong | None:
    """Return which field of an event is wrong, how as a code, and in words that repeat nothing of it; None: none is."""
    account = version.account(event.account_id)
    if account is None:
        return "account_id", "unknown", "names an account that the bank does not have, or not yet"
    if event.currency != account.currency:
        return "currency", "not_the_accounts", "is in another currency than its account"
    if event.actor_customer_id is not None and version.resolved(event.actor_customer_id) is None:
        return "actor_customer_id", "unknown", "names an actor whom the bank does not know, or not yet"
    said = asdict(event)
    wrong = wrong_time("event_time", event.event_us, at) or wrong_code(_TABLE, said)
    if wrong is not None:
        return wrong
    if event.country not in COUNTRIES:
        return "country", "no_code", f"has a country that is none: {COUNTRY_FORM}"
    for name in ("amount", "original_amount", "balance_after"):
        if said[name] is not None and abs(said[name]) > _LARGEST:
            return name, "too_large", "has an amount that no account can have"
    return None


def _as_new(event: ArrivedEvent, zone: str, at: int) -> NewEvent:
    said = asdict(event)
    kept = {name: said[name] for name in EVENT_FIELDS}
    booked = str(to_date(int(local_days([event.event_us], zone)[0])))
    return NewEvent(
        event.transaction_id,
        event.account_id,
        event.actor_customer_id,
        event.event_us,
        at,
        kept | {"booked_on": booked},
    )
