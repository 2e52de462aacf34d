"""One customer on one screen: who they are, how they behave, what moves on their accounts, their scores and why.

Every value says where it comes from and as of when. Direct identifiers, and keys that are personal numbers, are masked
unless a reveal is asked for (the caller logs reveals). Read from the warehouse at one instant through the crosswalk, so
that all records of a merged customer count. Neighbours: `storage/reads_profile.py` reads, `profile_blocks.py` arranges,
the faces draw.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from bank360.bank.calendar import day_number, day_starts, instant, local_days, to_date, to_datetime
from bank360.bank.counted import counted
from bank360.bank.personal_numbers import masked_key, masked_keys
from bank360.bank.reasons import REASONS
from bank360.features.families import ALL_FEATURES
from bank360.features.needs import all_needs, said, without_data
from bank360.pipeline.outside_training import OutsideTraining
from bank360.pipeline.profile_blocks import Block, Row, behavioural, demographic, transactional, utc
from bank360.storage.delivered import stored_known_from
from bank360.storage.known import PARTS, known_at, parts_without
from bank360.storage.reads_profile import (
    CustomerRows,
    merged_duplicate,
    resolved_id,
    riskiest_joint_holder,
    riskiest_newcomer,
    riskiest_with_returned_debits,
)
from bank360.storage.warehouse import Warehouse

_WORDING = {reason.code: reason.wording for reason in REASONS}
# Where keys of sources stand among a profile's rows.
_KEYS = ("source_key", "customer_id", "account_id", "application_id")
_KEYED = frozenset({"source_keys", "masters", "personal", "accounts", "arrears", "movements", "applications"})
# What the transactional and behavioural blocks sum up, in local days before the instant's day.
RECENT_DAYS, CONTACT_DAYS = 90, 365
LATEST_MOVEMENTS = 10


@dataclass(frozen=True)
class ProfileRows:
    """The rows that a profile is arranged from, as `storage.reads_profile.CustomerRows` reads them; by their names."""

    source_keys: list[Row]
    masters: list[Row]
    personal: list[Row]
    facts: list[Row]
    interactions: list[Row]
    complaints: list[Row]
    accounts: list[Row]
    arrears: list[Row]
    spending: list[Row]
    movements: list[Row]
    applications: list[Row]
    features: Row | None
    scores: list[Row]
    score_reasons: list[Row]
    outside_training: list[Row]


@dataclass(frozen=True)
class HeldKey:
    """A key by which a source names (or, with ``valid_to``, named) the customer."""

    source: str
    source_key: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class StatedReason:
    """A reason of a score: rank from 1, code and wording of `bank.reasons`, its share of the margin in log-odds."""

    rank: int
    code: str
    wording: str
    contribution: float


@dataclass(frozen=True)
class Score:
    """A model's score for the standard request.

    Parameters
    ----------
    model, version, as_of
        Which model said it, and the instant it describes (UTC).
    product_id, requested_amount, term_months
        The standard request; the amount in minor units.
    margin
        Log-odds before calibration, which base and all contributions sum to.
    probability, tier
        Calibrated probability and the tier of the risk queue: of who is in default that, and the probability is of a
        new request.
    thin_file
        Scored without history.
    outside_training
        Inputs that lie outside what was seen in training (a warning).
    reasons
        Stated reasons, strongest first.
    """

    model: str
    version: str
    as_of: datetime
    product_id: str
    requested_amount: int
    term_months: int
    margin: float
    probability: float
    tier: str
    thin_file: bool
    outside_training: tuple[OutsideTraining, ...]
    reasons: tuple[StatedReason, ...]


@dataclass(frozen=True)
class Profile:
    """The 360 of one customer.

    Parameters
    ----------
    customer_id, as_of, revealed
        Whose, at which instant (UTC), and whether identity is shown.
    keys
        The keys of all sources; more than one standing key is a merged duplicate.
    currency
        ISO 4217 code of the bank's money, which features are in; accounts and movements each state their own.
    blocks
        Demographic, behavioural and transactional, in this order.
    scores
        Scores with tier and reasons; empty before the first night run.
    not_known
        Parts that nothing can be told of (`storage.known.PARTS`), by name, each with what was never delivered for it:
        there "none" would be wrong.
    """

    customer_id: str
    as_of: datetime
    revealed: bool
    keys: tuple[HeldKey, ...]
    currency: str
    blocks: tuple[Block, Block, Block]
    scores: tuple[Score, ...]
    not_known: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Lacking:
    """What was never delivered: by feature that has no value of anybody, and by part of a 360 (`storage.known`)."""

    by_feature: Mapping[str, tuple[str, ...]]
    by_part: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Interesting:
    """A customer worth looking at, and why, in one line."""

    customer_id: str
    why: str


def profile(
    warehouse: Warehouse,
    customer_id: str,
    as_of: datetime,
    zone: str,
    currency: str,
    country: str,
    reveal: bool = False,
) -> Profile:
    """Return the profile of a customer.

    Parameters
    ----------
    warehouse
        With identity run; features and scores are shown as far as they are built.
    customer_id
        A stable customer id, or a key by which a source names the customer.
    as_of
        The instant (aware): only what was known before it is shown.
    zone
        The bank's time zone.
    currency, country
        The bank's own.
    reveal
        Whether direct identifiers are shown as they are.

    Raises
    ------
    NotReady
        If identity has not run yet.
    NotFound
        If nobody has this id or key.
    """
    warehouse.require("customer_index", "build")
    found = resolved_id(warehouse, customer_id)
    day = to_date(int(local_days([instant(as_of)], zone)[0]))
    rows = CustomerRows(warehouse, found, as_of, day, zone)
    read = ProfileRows(
        rows.source_keys(),
        rows.masters(),
        rows.personal(),
        rows.facts(),
        rows.interactions(days_before(day, CONTACT_DAYS, zone)),
        rows.complaints(days_before(day, CONTACT_DAYS, zone)),
        rows.accounts(),
        rows.arrears(),
        rows.spending(days_before(day, RECENT_DAYS, zone)),
        rows.movements(LATEST_MOVEMENTS),
        rows.applications(),
        rows.features(),
        rows.scores(),
        rows.score_reasons(),
        rows.outside_training(),
    )
    known = known_at(warehouse, PARTS.values(), instant(as_of), currency, country)
    lacking = Lacking(_no_data(warehouse, read.features), parts_without(known))
    return arranged(read, found, instant(as_of), zone, currency, lacking, reveal)


def arranged(
    rows: ProfileRows,
    customer_id: str,
    as_of: int,
    zone: str,
    currency: str,
    lacking: Lacking,
    reveal: bool,
) -> Profile:
    """Return the profile that rows make, wherever they were read.

    Parameters
    ----------
    customer_id
        The stable id.
    as_of
        The instant that they are of, microseconds UTC.
    lacking
        What was never delivered when they were read.
    """
    day, at = to_date(int(local_days([as_of], zone)[0])), to_datetime(as_of)
    rows = rows if reveal else _without_personal_keys(rows)
    return Profile(
        customer_id=customer_id,
        as_of=at,
        revealed=reveal,
        keys=tuple(HeldKey(r["source"], r["source_key"], r["valid_from"], r["valid_to"]) for r in rows.source_keys),
        currency=currency,
        blocks=(
            demographic(rows.masters, rows.personal, rows.facts, day, at, reveal),
            behavioural(rows.features, lacking.by_feature, rows.interactions, rows.complaints, CONTACT_DAYS, zone),
            transactional(
                rows.features,
                lacking.by_feature,
                rows.accounts,
                rows.arrears,
                rows.spending,
                rows.movements,
                rows.applications,
                RECENT_DAYS,
                at,
                zone,
            ),
        ),
        scores=_scores(rows.scores, rows.score_reasons, rows.outside_training),
        not_known=lacking.by_part,
    )


def find_interesting(warehouse: Warehouse) -> tuple[Interesting, ...]:
    """Return up to three customers worth looking at: at risk, a merged duplicate, a joint holder or newcomer.

    Raises
    ------
    NotReady
        If features or scores are not there yet.
    """
    warehouse.require("customer_features", "build")
    warehouse.require("scores", "score")
    found: dict[str, str] = {}
    risky, merged = riskiest_with_returned_debits(warehouse), merged_duplicate(warehouse)
    joint, newcomer = riskiest_joint_holder(warehouse), riskiest_newcomer(warehouse)
    if risky is not None:
        found[risky["customer_id"]] = f"{_tier(risky)}; {risky['returned']:.0f} direct debits returned in a year"
    if merged is not None:
        found.setdefault(merged["customer_id"], f"{_found_as(merged['names'])}")
    if joint is not None:
        found.setdefault(joint["customer_id"], f"holds {counted(joint['accounts'], 'account')} jointly; {_tier(joint)}")
    if newcomer is not None:
        found.setdefault(newcomer["customer_id"], f"hardly any history with the bank (thin file); {_tier(newcomer)}")
    return tuple(Interesting(customer_id, why) for customer_id, why in found.items())[:3]


def _without_personal_keys(rows: ProfileRows) -> ProfileRows:
    """Return the rows with every key in them as it is shown to those who did not ask for identity, alike in all."""
    sections = {name: found for name, found in vars(rows).items() if name in _KEYED}
    held = sorted({str(row[key]) for found in sections.values() for row in found for key in _KEYS if row.get(key)})
    shown = masked_keys(held)
    masked: dict[str, Any] = {
        name: [row | {key: shown[row[key]] for key in _KEYS if row.get(key)} for row in found]
        for name, found in sections.items()
    }
    return replace(rows, **masked)


def _no_data(warehouse: Warehouse, features: Row | None) -> dict[str, tuple[str, ...]]:
    """Return by feature what it needs and was not delivered when the customer's were built."""
    if features is None:
        return {}
    found = stored_known_from(warehouse, all_needs(ALL_FEATURES))
    missing = without_data(ALL_FEATURES, found, instant(utc(features["as_of"])))
    # A feature declared since the last build has no column: it is not computed yet, which is another matter.
    return {name: tuple(map(said, unmet)) for name, unmet in missing.items() if name in features}


def _found_as(names: Sequence[Row]) -> str:
    keys = ", ".join(f"{name['source']} {masked_key(name['source_key'])}" for name in names)
    return f"{len(names)} records found to be one person: {keys}"


def _tier(row: Row) -> str:
    return f"{row['tier']} risk tier, probability of default {row['probability']:.1%} for the standard request"


def days_before(day: date, days: int, zone: str) -> datetime:
    """Return the instant at which the local day ``days`` before ``day`` begins."""
    return to_datetime(int(day_starts([day_number(day) - days], zone)[0]))


def _scores(scores: list[Row], reasons: list[Row], outside: list[Row]) -> tuple[Score, ...]:
    return tuple(
        Score(
            row["model"],
            row["version"],
            utc(row["as_of"]),
            row["product_id"],
            row["requested_amount"],
            row["term_months"],
            row["margin"],
            row["probability"],
            row["tier"],
            row["thin_file"],
            tuple(
                OutsideTraining(*(own[name] for name in ("input", "meaning", "unit", "value", "low", "high")))
                for own in outside
                if own["model"] == row["model"]
            ),
            tuple(
                StatedReason(own["rank"], own["reason"], _WORDING[own["reason"]], own["contribution"])
                for own in reasons
                if own["model"] == row["model"]
            ),
        )
        for row in scores
    )
