"""Merchants and terminals in a published version: features as the build stored them, and what nobody can know yet.

A fraud counts once its case is closed as confirmed, and most are within `REPORTED_AFTER` days: of the payments of those
days hardly any is known to be fraud, whatever they will turn out to be, so no count and no share of frauds looks at
them. How many these payments are is told beside the values. Neighbours: `place_features.py` computes,
`storage/version_places.py` keeps.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from bank360.bank.calendar import instant
from bank360.bank.errors import NotFound, NotReady
from bank360.bank.personal_numbers import masked_key
from bank360.features.counting import edges
from bank360.features.families.places import REPORTED_AFTER
from bank360.features.feature import AnyFeature, Derived, Feature
from bank360.features.needs import all_needs, said, without_data
from bank360.features.place_tables import PLACE_FEATURES
from bank360.features.scan import Entity
from bank360.features.wording import counts_said, formula_said, window_said
from bank360.storage.delivered import stored_known_from
from bank360.storage.place_features import stored_place_features
from bank360.storage.published import Version
from bank360.storage.version_places import place_values
from bank360.storage.warehouse import Warehouse

PLACES = "places"  # under which a version says as of when they are, and what was never delivered
_ROWS = 1_000


@dataclass(frozen=True)
class PlaceValue:
    """One feature of a merchant or terminal.

    Parameters
    ----------
    value
        In ``unit``; None: none, or, where ``no_data`` names something, never delivered.
    computed
        What is done with which payments, or the formula.
    window
        In words; ``since`` and ``until`` are its edges ``[since, until)``, microseconds UTC.
    """

    name: str
    value: float | None
    unit: str
    meaning: str
    computed: str
    window: str
    since: int
    until: int
    no_data: tuple[str, ...]


@dataclass(frozen=True)
class PublishedPlace:
    """One merchant or terminal, as of an instant (microseconds UTC).

    ``id`` is masked where it is a personal number. ``unreported`` payments are those of the latest ``reported_after``
    whole days, of which few can be known to be fraud yet; None where nobody knows how many.
    """

    entity: Entity
    id: str
    as_of: int
    values: tuple[PlaceValue, ...]
    reported_after: int
    unreported: int | None


def place_rows(warehouse: Warehouse, entity: Entity) -> Iterator[dict[str, Any]]:
    """Yield the rows of a version's table of places: entity, id, and the values in the order of the catalogue.

    Raises
    ------
    NotReady
        If no features of them are built.
    """
    names = [feature.name for feature in PLACE_FEATURES[entity]]
    for batch in stored_place_features(warehouse, entity).to_batches(max_chunksize=_ROWS):
        for row in batch.to_pylist():
            values = json.dumps([row[name] for name in names], separators=(",", ":"))
            yield {"entity": entity.value, "place_id": row[entity.key], "features": values}


def places_about(warehouse: Warehouse) -> dict[str, Any]:
    """Return what a version says of its places, by kind: as of when, the names of the features, what has no data."""
    about: dict[str, Any] = {}
    for entity, features in PLACE_FEATURES.items():
        table = stored_place_features(warehouse, entity)
        as_of = instant(table["as_of"][0].as_py().replace(tzinfo=UTC)) if len(table) else None
        known = stored_known_from(warehouse, all_needs(features))
        missing = {} if as_of is None else without_data(features, known, as_of)
        about[entity.value] = {
            "as_of": as_of,
            "names": [feature.name for feature in features],
            "no_data": {name: [*map(said, unmet)] for name, unmet in missing.items()},
        }
    return about


def published_place(version: Version, entity: Entity, place_id: str) -> PublishedPlace:
    """Return a merchant or a terminal as a version has it.

    Raises
    ------
    NotFound
        If it has none of this id.
    NotReady
        If it was published with other features than there are now.
    """
    row = place_values(version, entity.value, place_id)
    if row is None:
        said_of = f"No {entity} of this id is published. Ids are as transactions name them."
        raise NotFound(said_of, of="merchant" if entity is Entity.MERCHANT else "terminal")
    about = version.figures(PLACES)[entity.value]
    features = PLACE_FEATURES[entity]
    if about["names"] != [feature.name for feature in features]:
        raise NotReady("What is published has other features of places. Run 'bank360 build' and 'bank360 publish'.")
    found = dict(zip(about["names"], json.loads(row), strict=True))
    by_name = {feature.name: feature for feature in features}
    values = tuple(
        _value(feature, by_name, found[feature.name], about, version.meta.zone) for feature in by_name.values()
    )
    fresh = found[f"{entity}_payments_{REPORTED_AFTER}d"]
    return PublishedPlace(
        entity, masked_key(place_id), about["as_of"], values, REPORTED_AFTER, None if fresh is None else int(fresh)
    )


def _value(
    feature: AnyFeature, by_name: dict[str, AnyFeature], value: float | None, about: dict[str, Any], zone: str
) -> PlaceValue:
    counted = by_name[feature.inputs[0]] if isinstance(feature, Derived) else feature  # both inputs have its window
    assert isinstance(counted, Feature)
    since, until = edges(counted, about["as_of"], zone)
    computed = formula_said(feature) if isinstance(feature, Derived) else counts_said(counted)
    missing = tuple(about["no_data"].get(feature.name, ()))
    return PlaceValue(
        feature.name, value, feature.unit, feature.meaning, computed, window_said(counted.window), since, until, missing
    )
