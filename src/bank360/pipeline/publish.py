"""Publish: the night's results become one read-only version that API and dashboard read, then the pointer moves.

Readers of the version before go on undisturbed; whoever is killed here leaves the version before. Everything in a
version describes one instant: that of the scores. A bank without a model is published all the same, as of its build:
without scores, and with the reason why (`storage/published.py`, `Version.unscored`). Neighbours:
`storage/publications.py` keeps versions and pointer, `decision_facts.py` and `features/history_bytes.py` are what
decisions read, `published_rows.py` what the 360 shows.
"""

import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY, local_days, to_date, to_datetime
from bank360.bank.errors import NotReady
from bank360.features.credits import CUSTOMER
from bank360.features.families import ALL_FEATURES
from bank360.features.families.spending import CATEGORY_MAP
from bank360.features.history import Histories
from bank360.features.history_bytes import customer_bytes, layout_stamp
from bank360.features.income_batches import credit_tables
from bank360.features.needs import data_from
from bank360.features.place_tables import PLACE_FEATURES
from bank360.features.scan import INCOME, scan_plan
from bank360.pipeline.decision_facts import Facts, decision_facts, standing_in
from bank360.pipeline.desk import packing
from bank360.pipeline.find_alerts import RULE_NEEDS, find_alerts
from bank360.pipeline.holdings import HOLDINGS, counted, holdings
from bank360.pipeline.masking import masked
from bank360.pipeline.portfolio import NAME, portfolio
from bank360.pipeline.possible_pairs import PAIRS, PUBLISHED, pair_rows, pairs_to_review
from bank360.pipeline.progress import Progress, silent
from bank360.pipeline.published_places import PLACES, place_rows, places_about
from bank360.pipeline.published_rows import Columns, packed_profiles
from bank360.pipeline.reconcile import RECONCILIATION, reconciliation
from bank360.pipeline.requests import StandardRequest
from bank360.policies.credit_policy import credit_policy
from bank360.policies.credit_record import FRAUD_MODEL, PD_MODEL
from bank360.policies.expected_loss import LineExposure, at_stake, customer_loss
from bank360.storage import version_schema as v
from bank360.storage.credit_accounts import exposures
from bank360.storage.customer_features import built_at
from bank360.storage.events import event_stream
from bank360.storage.known import TOLD, known_at
from bank360.storage.new_events import arrived_ids, forget_published, last_arrival, long_drained
from bank360.storage.product_lines import product_line
from bank360.storage.publications import Described, Publication, publish_version, standing_publications
from bank360.storage.published import UNSCORED, VersionMeta, in_every_version
from bank360.storage.reads_publish import (
    DAYS_OF_ARRIVAL,
    Acting,
    acting_accounts,
    list_rows,
    numbers_of_customers,
    recent_transactions,
    standing_keys,
    standing_products,
)
from bank360.storage.registry import Registry
from bank360.storage.store.engine import Store
from bank360.storage.version_place import VersionPlace
from bank360.storage.version_write import NewVersion
from bank360.storage.warehouse import Warehouse

_MOST_FORGOTTEN = 5_000  # events of one publish


@dataclass(frozen=True)
class OwnBank:
    """The bank's own zone, currency and country."""

    zone: str
    currency: str
    country: str


@dataclass(frozen=True)
class ToPublish:
    """What a publish reads: the warehouse after its night, histories, models, policy, and when it is.

    Parameters
    ----------
    histories
        Of all features, of every customer.
    policy_text
        The policy of the night.
    known_through
        The last instant at which anything in the warehouse became known, microseconds UTC.
    published_at
        Now by the wall clock, microseconds UTC.
    unscored
        Why nobody can be scored, and what to do; None where there is a model.
    """

    warehouse: Warehouse
    histories: Histories
    registry: Registry
    policy_text: str
    request: StandardRequest
    own: OwnBank
    known_through: int
    published_at: int
    unscored: str | None = None


def publish(store: Store, place: VersionPlace, wanted: ToPublish, progress: Progress = silent) -> Publication:
    """Publish the night that scores are there of; of a bank that scores nobody, the night that was built.

    Raises
    ------
    NotReady
        If nobody has been scored yet although there is a model, or nothing is built.
    """
    if wanted.unscored is None and scored_at(wanted.warehouse) == 0:
        raise NotReady("Nobody has been scored yet. Run 'bank360 score' first.")
    as_of = described_at(wanted.warehouse)
    night = _night(store, wanted, as_of)

    def write(new: NewVersion) -> Described:
        for done, (what, part) in enumerate(_PARTS):
            progress(f"publishing {what}", done, len(_PARTS))
            part(new, night)
        progress(f"publishing version {new.number}", len(_PARTS), len(_PARTS))
        return Described(as_of, wanted.histories.n_customers)

    made = publish_version(store, place, write, wanted.published_at)
    _forget_old_events(store, place, as_of)
    return made


def _forget_old_events(store: Store, place: VersionPlace, as_of: int) -> None:
    """Delete arrived events that every version has and that are too old to arrive again."""
    with store.reading() as connection:
        ids = long_drained(connection, as_of - (DAYS_OF_ARRIVAL + 1) * MICROS_PER_DAY, _MOST_FORGOTTEN)
        numbers = [one.number for one in standing_publications(connection)]
    gone = in_every_version(place, numbers, ids)
    if gone:
        with store.writing() as connection:
            forget_published(connection, sorted(gone))


def scored_at(warehouse: Warehouse) -> int:
    """Return the instant of the last scores, microseconds UTC; 0 where nobody was scored."""
    if "scores" not in warehouse.tables():
        return 0
    return warehouse.number("SELECT epoch_us(max(as_of)) FROM scores")


def described_at(warehouse: Warehouse) -> int:
    """Return the instant that a version would describe, microseconds UTC: of the last scores, or else of the build.

    Raises
    ------
    NotReady
        If nothing is built.
    """
    return scored_at(warehouse) or built_at(warehouse)


@dataclass(frozen=True, eq=False)
class _Night:
    """What the parts of a version share: the instant, and what was read once for several of them."""

    wanted: ToPublish
    as_of: int
    scored: bool
    clock: int
    arrived: pa.Table
    facts: list[tuple[str, Facts]]
    acting: Acting
    keys: pa.Table

    @property
    def at(self) -> datetime:
        return to_datetime(self.as_of)

    @property
    def day(self) -> date:
        return to_date(int(local_days([self.as_of], self.wanted.own.zone)[0]))


def _night(store: Store, wanted: ToPublish, as_of: int) -> _Night:
    own = wanted.own
    with store.reading() as connection:
        arrived, last = arrived_ids(connection), last_arrival(connection)
    return _Night(
        wanted,
        as_of,
        scored_at(wanted.warehouse) != 0,
        max(as_of, 0 if last is None else last + 1),
        pa.table({"event_id": pa.array(arrived, pa.string())}),
        list(decision_facts(wanted.warehouse, as_of, own.zone, own.currency)),
        acting_accounts(wanted.warehouse, to_datetime(as_of), own.zone),
        standing_keys(wanted.warehouse),
    )


def _write_lists(new: NewVersion, night: _Night) -> None:
    """Write who can be searched for, and whom somebody should look at."""
    own = night.wanted.own
    found = find_alerts(night.wanted.warehouse, night.at, own.zone, own.currency)
    new.rows(
        v.alerts,
        (
            {"place": place, "customer_id": alert.customer_id, "rule": alert.rule, "severity": str(alert.severity),
             "evidence": alert.evidence}
            for place, alert in enumerate(found)
        ),
    )  # fmt: skip
    alerts = Counter(alert.customer_id for alert in found)
    facts = dict(night.facts)
    owed: defaultdict[str, list[LineExposure]] = defaultdict(list)
    for own_line in exposures(night.wanted.warehouse, night.at, night.day, own.currency).to_pylist():
        owed[own_line.pop("customer_id")].append(LineExposure(**own_line))
    rows = list_rows(night.wanted.warehouse, night.at, night.day, night.scored).to_pylist()
    new.rows(
        v.customers,
        (
            _listed(row, place, facts, alerts, owed.get(row["customer_id"], ()), night.scored)
            for place, row in enumerate(rows)
        ),
    )
    new.rows(v.keys, night.keys.to_pylist())
    new.rows(v.numbers, numbers_of_customers(night.wanted.warehouse, night.at, night.day))


def _listed(
    row: dict[str, Any],
    place: int,
    facts: Mapping[str, Facts],
    alerts: Counter[str],
    owed: Sequence[LineExposure],
    scored: bool,
) -> dict[str, Any]:
    customer_id, family = row["customer_id"], row["family_name"]
    names = [masked(column, row[column]) for column in ("given_name", "family_name")]
    credit = standing_in(facts[customer_id])
    return {
        "customer_id": customer_id,
        "family_key": None if family is None else str(family).casefold(),
        "name": " ".join(name for name in names if name) or None,
        "region": facts[customer_id]["applicant"]["region"],
        "probability": row["probability"],
        "tier": row["tier"],
        "thin_file": row["thin_file"],
        "exposure": credit.exposure,
        "days_past_due": credit.days_past_due,
        "in_default": credit.in_default,
        "at_stake": at_stake(owed),
        "expected_loss": customer_loss(owed, row["probability"]) if scored else None,
        "alerts": alerts[customer_id],
        "place": place,
    }


def _write_decision_inputs(new: NewVersion, night: _Night) -> None:
    """Write what one online decision reads of each customer."""
    keys = _grouped(night.keys, "source_key")
    accounts = _grouped(night.acting.spells, "account_id", "valid_from", "valid_to")
    salaries = _credits_by_customer(night.wanted)

    def rows() -> Iterator[dict[str, Any]]:
        histories = customer_bytes(night.wanted.histories)
        for (customer_id, facts), history, own in zip(night.facts, histories, salaries, strict=True):
            said = facts | {"keys": keys.get(customer_id, []), "accounts": accounts.get(customer_id, [])}
            text = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
            yield {"customer_id": customer_id, "facts": text, "history": history, "credits": own}

    new.rows(v.decision_inputs, rows())


def _write_arrivals(new: NewVersion, night: _Night) -> None:
    """Write what arriving events are held to: whose each account is, and which transactions are here already."""
    new.rows(v.accounts, night.acting.accounts.to_pylist())
    recent = recent_transactions(night.wanted.warehouse, night.at, night.arrived)
    new.rows(v.recent, recent.to_pylist())


def _write_profiles_and_meta(new: NewVersion, night: _Night) -> None:
    profiles = packed_profiles(night.wanted.warehouse, night.as_of, night.wanted.own.zone)
    new.rows(v.profile_rows, profiles.rows)
    new.about("meta", _meta(night, profiles.sections).to_json())
    if not night.scored:
        assert night.wanted.unscored is not None  # `publish` has asked
        new.about(UNSCORED, json.dumps(night.wanted.unscored))


def _write_pairs(new: NewVersion, night: _Night) -> None:
    found = pairs_to_review(night.wanted.warehouse, night.at, night.wanted.own.zone, PUBLISHED)
    new.about(PAIRS, json.dumps(found.count))  # how many alone: whose they are is said where it is erased
    new.rows(v.pairs, pair_rows(found))


def _write_portfolio(new: NewVersion, night: _Night) -> None:
    own = night.wanted.own
    found = portfolio(night.wanted.warehouse, night.as_of, own.zone, own.currency, night.scored)
    new.about(NAME, json.dumps(found.to_json()))


def _write_holdings(new: NewVersion, night: _Night) -> None:
    own = night.wanted.own
    new.about(HOLDINGS, json.dumps(holdings(night.wanted.warehouse, night.as_of, own.zone, own.currency).to_json()))
    new.rows(v.counted, counted(night.wanted.warehouse, night.as_of, own.zone, own.currency))


def _write_places(new: NewVersion, night: _Night) -> None:
    for entity in PLACE_FEATURES:
        new.rows(v.places, place_rows(night.wanted.warehouse, entity))
    new.about(PLACES, json.dumps(places_about(night.wanted.warehouse)))


def _write_reconciliation(new: NewVersion, night: _Night) -> None:
    new.about(RECONCILIATION, json.dumps(reconciliation(night.wanted.warehouse).to_json()))


def _meta(night: _Night, sections: Mapping[str, Columns]) -> VersionMeta:
    wanted, own = night.wanted, night.wanted.own
    policy = credit_policy(wanted.policy_text, "the policy")
    lines = {
        one: product_line(wanted.warehouse, one, night.as_of, str(night.day))
        for one in standing_products(wanted.warehouse)
    }
    known = wanted.histories.known_from
    return VersionMeta(
        as_of=night.as_of,
        published_at=wanted.published_at,
        known_through=wanted.known_through,
        clock_starts=night.clock,
        zone=own.zone,
        currency=own.currency,
        country=own.country,
        customers=wanted.histories.n_customers,
        models=_champions(wanted.registry),
        policy=policy.name,
        policy_hash=policy.hash,
        standard_request=(wanted.request.product_id, wanted.request.amount, wanted.request.term_months),
        product_lines={name: line for name, line in lines.items() if line is not None},
        layout_stamp=layout_stamp(packing()),
        category_map=CATEGORY_MAP,
        data_from={} if known is None else data_from(ALL_FEATURES, known),
        known=known_at(wanted.warehouse, (*TOLD, *RULE_NEEDS.values()), night.as_of, own.currency, own.country, known),
        sections=sections,
    )


def _champions(registry: Registry) -> dict[str, tuple[str, str]]:
    loaded = {name: registry.load(name) for name in (PD_MODEL, FRAUD_MODEL) if "champion" in registry.aliases(name)}
    return {name: (one.version, one.hash) for name, one in loaded.items()}


def _credits_by_customer(wanted: ToPublish) -> Iterator[bytes]:
    """Yield each customer's rows of `credits_in`, by dense index; as customer 0, which one alone is."""
    own = wanted.own
    (scan,) = (scan for scan in scan_plan(ALL_FEATURES) if scan.stream.name == INCOME)
    rows = event_stream(wanted.warehouse, scan, own.zone, own.currency, own.country)
    n_customers, told = wanted.histories.n_customers, 0
    for table in credit_tables(rows, own.zone, n_customers):
        table = table[np.lexsort(table.T[::-1])]  # by all columns: the same credits, the same bytes
        last = int(table[-1, CUSTOMER])
        ends = np.searchsorted(table[:, CUSTOMER], np.arange(told, last + 2))
        table[:, CUSTOMER] = 0
        for first, end in itertools.pairwise(ends.tolist()):
            yield table[first:end].tobytes()
        told = last + 1
    yield from itertools.repeat(b"", n_customers - told)


def _grouped(rows: pa.Table, *names: str) -> dict[str, list[Any]]:
    """Return columns of a customer's rows, a list of them where there are several."""
    found: dict[str, list[Any]] = {}
    for row in rows.to_pylist():
        told = [row[name] for name in names]
        found.setdefault(row["customer_id"], []).append(told if len(names) > 1 else told[0])
    return found


_PARTS: tuple[tuple[str, Callable[[NewVersion, _Night], None]], ...] = (
    ("customers and alerts", _write_lists),
    ("what decisions read", _write_decision_inputs),
    ("what events are held to", _write_arrivals),
    ("the portfolio", _write_portfolio),
    ("who holds what", _write_holdings),
    ("merchants and terminals", _write_places),
    ("who may be one person", _write_pairs),
    ("what was reconciled", _write_reconciliation),
    ("every profile", _write_profiles_and_meta),
)
