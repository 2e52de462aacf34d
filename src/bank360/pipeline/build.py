"""Build features: events from the warehouse, packed histories, values for any spine; the latest snapshot is stored.

``customer_features`` holds one row per customer as of the build: a key, the instant, and every feature as a nullable
double, ``merchant_features`` and ``terminal_features`` the same of each place where somebody paid; ``data_known_from``
holds since when each thing that a feature needs was delivered. Training and scoring call
`packed_histories` and `features.compute.compute` with spines of their own, so that one arithmetic serves them all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bank360.bank.calendar import to_datetime
from bank360.bank.counted import counted
from bank360.bank.finding import Finding
from bank360.bank.vocabulary import Severity
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import AnyFeature
from bank360.features.history import Histories, StreamHistory, packed_stream
from bank360.features.income_batches import income_batches
from bank360.features.layout import layouts
from bank360.features.needs import Need, all_needs, said, without_data
from bank360.features.place_tables import PLACE_FEATURES
from bank360.features.scan import INCOME, EventScan, scan_plan
from bank360.features.spilling import Outside
from bank360.features.spine import Snapshots
from bank360.pipeline.described import Engine, one_machine
from bank360.pipeline.place_features import place_features
from bank360.pipeline.progress import Progress, silent
from bank360.storage.customer_features import customer_ids, store_snapshot
from bank360.storage.delivered import known_from, store_known_from
from bank360.storage.events import accounts_by_currency, customer_count, event_stream
from bank360.storage.findings import BUILD, record_findings
from bank360.storage.place_features import store_place_features
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class Built:
    """What a build did: customers described, features, events read by stream, and what was noticed.

    ``no_data`` says by feature of customers what was never delivered of what it needs (`features/needs.py`): nobody has
    a value. ``places`` are how many merchants and terminals were described.
    """

    customers: int
    features: int
    events: dict[str, int]
    findings: tuple[Finding, ...]
    as_of: int
    no_data: dict[str, tuple[str, ...]]
    places: dict[str, int]


def packed_histories(
    warehouse: Warehouse,
    zone: str,
    currency: str,
    country: str,
    features: Sequence[AnyFeature] = ALL_FEATURES,
    threads: int = 2,
    progress: Progress = silent,
    known: Mapping[Need, int] | None = None,
    outside: Outside | None = None,
) -> Histories:
    """Return the packed histories that ``features`` read, of all customers.

    Parameters
    ----------
    warehouse
        With canonical tables filled and identity run.
    zone
        The bank's time zone.
    currency, country
        The bank's own: features add up money of this currency only, and elsewhere is abroad.
    features
        What is to be computed on them; only the columns they need are read.
    threads
        Threads over batches of events.
    progress
        Told after each stream.
    known
        Since when what the features need was delivered, where ``warehouse`` is not the whole bank's; None: looked up.
    outside
        Where events go that are more than memory is to hold; None: all are in memory.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    n_customers = customer_count(warehouse)
    by_stream = layouts(features)
    streams: dict[str, StreamHistory] = {}
    plan = scan_plan(features)
    for done, scan in enumerate(plan):
        progress(f"reading {scan.stream.name.replace('_', ' ')}", done, len(plan))
        events = events_of(warehouse, scan, zone, currency, country, outside=outside)
        streams[scan.stream.name] = packed_stream(
            events, by_stream[scan.stream.name], n_customers, zone, threads, outside
        )
    progress("reading events", len(plan), len(plan))
    if known is None:
        known = known_from(warehouse, all_needs(features), currency, country)
    return Histories(n_customers, zone, streams, known)


def events_of(
    warehouse: Warehouse,
    scan: EventScan,
    zone: str,
    currency: str,
    country: str,
    loads: Sequence[str] | None = None,
    outside: Outside | None = None,
) -> Iterator[pa.RecordBatch]:
    """Yield the events of one scan as they are packed; those of some ``loads`` alone, where these are given.

    What a salary is shows only in all credits of a customer together: of income there are no loads. ``outside`` is
    where credits wait that are more than memory is to hold.
    """
    if scan.stream.name == INCOME:
        rows = event_stream(warehouse, scan, zone, currency, country)
        yield from income_batches(rows, zone, country, customer_count(warehouse), outside)
    else:
        yield from event_stream(warehouse, scan, zone, currency, country, batches=loads)


def build(
    warehouse: Warehouse,
    as_of: int,
    zone: str,
    currency: str,
    country: str,
    features: Sequence[AnyFeature] = ALL_FEATURES,
    threads: int = 2,
    progress: Progress = silent,
    engine: Engine | None = None,
) -> Built:
    """Store every customer's, merchant's and terminal's features as of one instant, and what was noticed on the way.

    Parameters
    ----------
    warehouse
        With canonical tables filled and identity run.
    as_of
        The instant in microseconds (UTC); only what was known before it counts.
    zone, currency, country, threads, progress
        As for `packed_histories`.
    features
        Of customers.
    engine
        What computes them; None: this machine, which packs what ``features`` read.

    Raises
    ------
    NotReady
        If identity has not run yet.
    """
    if engine is None:
        histories = packed_histories(warehouse, zone, currency, country, features, threads, progress)
        engine = one_machine(warehouse, zone, currency, country, lambda: histories, threads)
    n_customers = customer_count(warehouse)
    progress("computing features", 0, 3)
    described = engine.describe(Snapshots(n_customers, np.array([as_of], dtype=np.int64)), features)
    matrix, known = described.matrix, dict(described.known_from)
    store_snapshot(warehouse, customer_ids(warehouse), to_datetime(as_of), matrix.names, matrix.values)
    places: dict[str, int] = {}
    for done, entity in enumerate(PLACE_FEATURES, start=1):
        progress("computing features", done, 3)
        rows, met = place_features(warehouse, engine.describe, entity, as_of)
        known |= met
        places[entity.value] = store_place_features(warehouse, entity, rows)
    progress("computing features", 3, 3)
    findings = (*described.findings, *_other_currencies(accounts_by_currency(warehouse), currency))
    with warehouse.transaction():
        record_findings(warehouse, findings, to_datetime(as_of), BUILD)
        every = (*features, *(one for own in PLACE_FEATURES.values() for one in own))
        store_known_from(warehouse, known, all_needs(every))
    no_data = {name: tuple(map(said, missing)) for name, missing in without_data(features, known, as_of).items()}
    return Built(n_customers, len(matrix.names), dict(described.events), findings, as_of, no_data, places)


def _other_currencies(accounts: Mapping[str, int], currency: str) -> tuple[Finding, ...]:
    """Return what to say of accounts whose money no feature adds up; nothing where there are none."""
    others = {name: count for name, count in accounts.items() if name != currency}
    if not others:
        return ()
    whose = ", ".join(f"{counted(count, 'account')} in {name}" for name, count in sorted(others.items()))
    count = sum(others.values())
    if currency in accounts:
        severity, message = Severity.INFO, f"{whose}: counted, but features add up money in {currency} only"
    else:
        severity = Severity.WARNING
        message = f"no account is in {currency}, so no feature has money in it ({whose}). Set bank.currency"
    return (Finding("accounts", "currency", "other_currency", severity, count, None, message),)
