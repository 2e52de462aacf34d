"""The merchants, or terminals, where most payments turned out to be fraud, as the last build stored them.

In order of the lower end of the share's interval: one fraud among two payments says less than ten among forty.
Neighbours: `place_features.py` computes the table, `cli/riskiest.py` prints the list.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow.compute as pc

from bank360.bank.calendar import instant
from bank360.bank.personal_numbers import masked_key
from bank360.features.needs import all_needs, said, without_data
from bank360.features.place_tables import PLACE_FEATURES
from bank360.features.scan import Entity
from bank360.learning.metrics.calibration import jeffreys_interval
from bank360.storage.delivered import stored_known_from
from bank360.storage.place_features import stored_place_features
from bank360.storage.warehouse import Warehouse


@dataclass(frozen=True)
class RiskyPlace:
    """One merchant or terminal with a payment of the last year that is known to be fraud.

    Parameters
    ----------
    id
        As transactions name it; masked where that is a personal number, such as a trader's IBAN.
    payments, frauds
        Those of the 30 days that ended 7 days before.
    share
        Frauds over payments; None where there was no payment.
    at_least
        Lower end of the share's 95 % interval (Jeffreys); 0 where there was no payment.
    days_since
        Days since the latest such payment.
    """

    id: str
    payments: int
    frauds: int
    share: float | None
    at_least: float
    days_since: int


@dataclass(frozen=True)
class Riskiest:
    """The list at the instant of the last build, the riskiest first.

    ``described`` says of how many places, ``with_fraud`` how many of them are such. ``no_data`` says what was never
    delivered of what it takes: then nobody knows of any.
    """

    entity: Entity
    as_of: datetime | None
    described: int
    with_fraud: int
    places: tuple[RiskyPlace, ...]
    no_data: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the list as JSON values."""
        return asdict(self) | {"as_of": self.as_of and self.as_of.isoformat()}


def riskiest_places(warehouse: Warehouse, entity: Entity, most: int) -> Riskiest:
    """Return the riskiest merchants or terminals.

    Parameters
    ----------
    warehouse
        With features built.
    entity
        Merchant or terminal.
    most
        How many of them.

    Raises
    ------
    NotReady
        If no features of them are built.
    """
    table = stored_place_features(warehouse, entity)
    if not len(table):
        return Riskiest(entity, None, 0, 0, (), ())
    as_of = table["as_of"][0].as_py().replace(tzinfo=UTC)
    features = PLACE_FEATURES[entity]
    missing = without_data(features, stored_known_from(warehouse, all_needs(features)), instant(as_of))
    needed = tuple(map(said, missing.get(f"{entity}_fraud_rate_30d", ())))
    rows = table.filter(pc.is_valid(table[f"days_since_{entity}_fraud"])).to_pylist()
    found = sorted(
        (_risky(entity, row) for row in rows), key=lambda one: (-one.at_least, -one.frauds, one.days_since, one.id)
    )
    return Riskiest(entity, as_of, len(table), len(found), tuple(found[:most]), needed)


def _risky(entity: Entity, row: Mapping[str, Any]) -> RiskyPlace:
    payments, frauds = (int(row[f"{entity}_{name}_30d"] or 0) for name in ("aged_payments", "frauds"))
    at_least = jeffreys_interval(frauds, payments)[0] if payments else 0.0
    days = int(row[f"days_since_{entity}_fraud"])
    return RiskyPlace(masked_key(row[entity.key]), payments, frauds, row[f"{entity}_fraud_rate_30d"], at_least, days)
