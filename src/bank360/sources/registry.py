"""Every kind of source that ``bank360.yaml`` may name, in one explicit tuple. A new source is added here.

To add one: write its file beside these (declared files, a pure function per batch), add its kind below and to
`settings.SourceEntry`, and give `tests/suites/test_every_source.py` rows of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from bank360.bank.errors import SettingsError
from bank360.sources.arrived_events import ARRIVED_EVENTS, ARRIVED_INTERACTIONS
from bank360.sources.berka import berka_source
from bank360.sources.card_file import card_file_source
from bank360.sources.cdnow import cdnow_source
from bank360.sources.credit_card_customers_csv import credit_card_customers_source
from bank360.sources.fraud_handbook import fraud_handbook_source
from bank360.sources.loan_applications_csv import COLUMNS as LOAN_COLUMNS
from bank360.sources.loan_applications_csv import loan_applications_source
from bank360.sources.mapped import mapped_source
from bank360.sources.source import Source
from bank360.sources.synthetic import SOURCE as SYNTHETIC


@dataclass(frozen=True)
class Told:
    """What a source is told by the settings and by its delivery.

    Parameters
    ----------
    name
        The source's name in ``bank360.yaml``.
    zone, currency
        The bank's.
    received_on
        Local day on which the delivery came.
    mapping
        Of kind 'mapped' only.
    received_at
        The instant at which it came: rows that state no time are known from then on. None: from the end of that day.
    country
        The bank's, of payments of which a mapping does not say where they were. None: every mapping has to say it.
    """

    name: str
    zone: str
    currency: str
    received_on: date
    mapping: Mapping[str, Any] = field(default_factory=dict)
    received_at: datetime | None = None
    country: str | None = None


@dataclass(frozen=True)
class SourceKind:
    """A kind of source: what ``kind:`` says, how one of it is built, what it is, and what its file's columns say."""

    kind: str
    build: Callable[[Told], Source]
    meaning: str
    columns: Mapping[str, str] = field(default_factory=dict)


SOURCE_KINDS: tuple[SourceKind, ...] = (
    SourceKind("synthetic", lambda told: SYNTHETIC, "the demonstration bank that 'bank360 synth generate' writes"),
    SourceKind(
        "mapped",
        lambda told: mapped_source(
            told.name, told.mapping, told.zone, told.currency, told.received_on, told.received_at, told.country
        ),
        "a bank's own files, by a mapping in bank360.yaml",
    ),
    SourceKind("berka", lambda told: berka_source(), "the Czech bank of PKDD'99, 1993 to 1998"),
    SourceKind("fraud_handbook", lambda told: fraud_handbook_source(), "card payments of the fraud handbook, 2018"),
    SourceKind(
        "loan_applications_csv",
        lambda told: loan_applications_source(told.zone, told.received_on, told.received_at),
        "the ten-column file of loan applications, as data/sample_input.csv",
        dict(LOAN_COLUMNS),
    ),
    SourceKind(
        "credit_card_customers_csv",
        lambda told: credit_card_customers_source(told.zone, told.received_on, told.received_at),
        "the file of 660 credit card customers: limits, cards, visits, calls",
    ),
    SourceKind(
        "creditcard_csv",
        lambda told: card_file_source(told.zone, told.currency, part=False),
        "the card file of 284,807 payments, with a British bank built around it",
    ),
    SourceKind(
        "creditcard_csv_part",
        lambda told: card_file_source(told.zone, told.currency, part=True),
        "a part of that card file",
    ),
    SourceKind("cdnow", lambda told: cdnow_source(), "purchases of CDNOW's customers, 1997 and 1998"),
    SourceKind("arrived_events", lambda told: ARRIVED_EVENTS, "transactions that arrived by the API"),
    SourceKind("arrived_interactions", lambda told: ARRIVED_INTERACTIONS, "interactions that arrived by the API"),
)

# Sources that are told nothing.
SOURCES: tuple[Source, ...] = (
    SYNTHETIC,
    berka_source(),
    fraud_handbook_source(),
    cdnow_source(),
    ARRIVED_EVENTS,
    ARRIVED_INTERACTIONS,
)


def source_of_kind(kind: str, told: Told) -> Source:
    """Return a source of a kind under the name that the settings give it.

    Raises
    ------
    SettingsError
        If there is no such kind, or the mapping is wrong.
    """
    for known in SOURCE_KINDS:
        if known.kind == kind:
            return replace(known.build(told), name=told.name)
    kinds = ", ".join(known.kind for known in SOURCE_KINDS)
    raise SettingsError(f"sources.{told.name}.kind: '{kind}' is not one of {kinds}")
