"""One customer's, merchant's or terminal's features at any instant, and the very rows behind one of them.

The values are the engine's, as training and the night would have them at that instant; the rows are looked up beside
it, by `features/counting.py`. Reads the rows of that one only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bank360.bank.errors import NotFound
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.compute import FeatureMatrix, compute
from bank360.features.counting import Counted, Event, counted_events, edges, income_named
from bank360.features.families import CATALOGUE, FAMILIES_OF
from bank360.features.feature import AnyFeature, Derived, Feature
from bank360.features.income_events import income_events
from bank360.features.needs import Need, said, without_data
from bank360.features.scan import INCOME, Entity, scan_plan
from bank360.features.spine import Spine
from bank360.pipeline.describe import describing_only
from bank360.pipeline.feature_entries import APPLICATION, known_entry
from bank360.pipeline.place_histories import place_histories
from bank360.storage.customer_features import customer_ids
from bank360.storage.events import event_stream
from bank360.storage.ledger import prepare
from bank360.storage.places import known_place, one_place
from bank360.storage.reads_profile import resolved_id
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class FeatureValue:
    """One feature; ``value`` None: none, or, where ``no_data`` names something, never delivered."""

    feature: AnyFeature
    value: float | None
    no_data: tuple[str, ...]


@dataclass(frozen=True)
class CountedRows:
    """The events that one feature counted, earliest first, and its window ``[low, high)`` (microseconds UTC).

    ``key`` are the columns by which an event names its row of ``table``.
    """

    feature: Feature
    low: int
    high: int
    table: str
    key: tuple[str, ...]
    events: tuple[Counted, ...]


@dataclass(frozen=True)
class Described:
    """One customer, merchant or terminal at one instant."""

    entity: Entity
    id: str
    values: tuple[FeatureValue, ...]
    behind: tuple[CountedRows, ...]


def describe_customer(
    warehouse: Warehouse,
    customer: str,
    name: str | None,
    as_of: int,
    zone: str,
    currency: str,
    country: str,
) -> Described:
    """Return one customer's features at an instant; with ``name`` that one, what it is derived from, and their rows.

    Parameters
    ----------
    warehouse
        With features built.
    customer
        A stable customer id, or a key by which a source names the customer.
    as_of
        Microseconds (UTC); what became known at or after it does not count.
    zone, currency, country
        The bank's own.

    Raises
    ------
    NotReady
        If nothing is built yet.
    NotFound
        If nobody has this id or key, or there is no such feature of customers.
    """
    wanted = _wanted(name, Entity.CUSTOMER)
    warehouse.require("customer_index", "build")
    stable_id = resolved_id(warehouse, customer)
    every = _wanted(None, Entity.CUSTOMER)
    with describing_only(warehouse, stable_id, zone, currency, country, every) as (own, describe, known_from):
        number = customer_ids(own).index(stable_id)
        spine = Spine(np.array([0]), np.array([number], dtype=np.int32), np.array([as_of], dtype=np.int64))
        matrix = describe(spine, wanted)
        behind = () if name is None else tuple(rows_behind(own, wanted, number, as_of, zone, currency, country))
    return Described(Entity.CUSTOMER, stable_id, _values(matrix, wanted, known_from, as_of), behind)


def describe_place(
    warehouse: Warehouse,
    entity: Entity,
    place: str,
    name: str | None,
    as_of: int,
    zone: str,
    currency: str,
    country: str,
) -> Described:
    """Return one merchant's or terminal's features at an instant; with ``name`` that one, its inputs, and their rows.

    Parameters
    ----------
    warehouse
        With canonical tables filled.
    entity
        Merchant or terminal.
    place
        Its id, as transactions name it.
    as_of
        Microseconds (UTC); what became known at or after it does not count.
    zone, currency, country
        The bank's own.

    Raises
    ------
    NotFound
        If no transaction names it, or there is no such feature of its kind.
    """
    wanted = _wanted(name, entity)
    prepare(warehouse)
    known_place(warehouse, entity, place)
    index = one_place(place)
    features = tuple(one for family in FAMILIES_OF[entity].values() for one in family)
    histories = place_histories(warehouse, index, zone, currency, country, features, 1)
    spine = Spine(np.array([place]), np.zeros(1, dtype=np.int32), np.array([as_of], dtype=np.int64))
    matrix = compute(histories, spine, features, [one.name for one in wanted])
    behind = () if name is None else tuple(rows_behind(warehouse, wanted, 0, as_of, zone, currency, country, index))
    return Described(entity, place, _values(matrix, wanted, histories.known_from or {}, as_of), behind)


def _wanted(name: str | None, entity: Entity) -> tuple[AnyFeature, ...]:
    own = {feature.name: feature for family in FAMILIES_OF[entity].values() for feature in family}
    if name is None:
        return tuple(own.values())
    if known_feature(name).name not in own:
        (of,) = (e for e, families in FAMILIES_OF.items() for f in families.values() for one in f if one.name == name)
        raise NotFound(f"'{name}' describes a {of}, not a {entity}. Name one, and say --of {of}.")
    return _with_inputs(name, own)


def _values(
    matrix: FeatureMatrix, wanted: Sequence[AnyFeature], known_from: Mapping[Need, int], as_of: int
) -> tuple[FeatureValue, ...]:
    found = dict(zip(matrix.names, matrix.values[0].tolist(), strict=True))
    missing = without_data(wanted, known_from, as_of)
    return tuple(
        FeatureValue(
            one,
            None if np.isnan(found[one.name]) else found[one.name],
            tuple(said(any_of) for any_of in missing.get(one.name, ())),
        )
        for one in wanted
    )


def known_feature(name: str) -> AnyFeature:
    """Return a feature of the catalogue by its name.

    Raises
    ------
    NotFound
        If there is none, with names that come close; or if it is of an application, with what to ask instead.
    """
    by_name = {feature.name: feature for feature in CATALOGUE}
    if name not in by_name and known_entry(name).entity == APPLICATION:
        raise NotFound(
            f"'{name}' is of an application: no customer, merchant or terminal has a value of it. 'bank360 explain"
            f" CUSTOMER' prints what the models read for the standard request, 'bank360 features lineage {name}' says"
            " where it comes from."
        )
    return by_name[name]


def _with_inputs(name: str, by_name: dict[str, AnyFeature]) -> tuple[AnyFeature, ...]:
    feature = known_feature(name)
    if not isinstance(feature, Derived):
        return (feature,)
    inputs = [one for part in feature.inputs for one in _with_inputs(part, by_name)]
    return (feature, *dict.fromkeys(inputs))


def rows_behind(
    own: Warehouse, features: Sequence[AnyFeature], number: int, as_of: int, zone: str, currency: str, country: str,
    places: pa.Table | None = None,
) -> Iterator[CountedRows]:  # fmt: skip
    """Yield for each feature that reads events what it counted of one customer, or of one place.

    Parameters
    ----------
    own
        A warehouse that holds the customer's rows (`storage/one_customer.py`).
    number
        The customer's dense index in it, or the place's among ``places``.
    as_of
        Microseconds (UTC).
    zone, currency, country
        The bank's own.
    """
    for feature in features:
        if isinstance(feature, Feature):
            (scan,) = scan_plan((feature,))
            batches = list(event_stream(own, scan, zone, currency, country, with_key=True, places=places))
            events: list[Event] = [event for batch in batches for event in _events(batch)]
            if scan.stream.name == INCOME:
                events = income_named(_events(income_events(batches, zone, country)), events)
            theirs = [event for event in events if event["customer"] == number]
            table = TABLE_BY_NAME[scan.stream.table]
            low, high = edges(feature, as_of, zone)
            yield CountedRows(feature, low, high, table.name, table.key, counted_events(theirs, feature, as_of, zone))


def _events(batch: pa.RecordBatch) -> list[Event]:
    """Return the events of a batch with their times as microseconds, and what `scan.py` lets a stream leave out."""
    for name in ("event_time", "known_time", "superseded_time"):
        if name in batch.schema.names:
            batch = batch.set_column(batch.schema.get_field_index(name), name, batch.column(name).cast(pa.int64()))
    return [
        {"known_time": event["event_time"], "superseded_time": None, "date_only": True} | event
        for event in batch.to_pylist()
    ]
