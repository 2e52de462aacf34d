"""The features of merchants and of terminals as tables: in the warehouse as of the last build, in an export as of it.

Neighbours: `families/places.py` declares the features, `pipeline/place_features.py` computes the rows, and
``sql/schema.sql`` has both tables beside the star schema.
"""

from collections.abc import Mapping

from bank360.bank.table import Column, Table, Tag
from bank360.features.behaviour_tables import AS_OF, feature_columns
from bank360.features.families import FAMILIES_OF
from bank360.features.feature import AnyFeature
from bank360.features.scan import Entity

PLACE_FEATURES: Mapping[Entity, tuple[AnyFeature, ...]] = {
    entity: tuple(feature for family in FAMILIES_OF[entity].values() for feature in family)
    for entity in (Entity.MERCHANT, Entity.TERMINAL)
}

MERCHANT_FEATURES = Table(
    "merchant_features",
    "what is paid by card at one merchant, and how much of it is known to be fraud, as of one instant",
    ("merchant_id", "as_of"),
    (
        Column("merchant_id", "string", "the merchant", (Tag.KEY,), references="dim_merchant.merchant_id"),
        AS_OF,
        *feature_columns(PLACE_FEATURES[Entity.MERCHANT]),
    ),
    stored=False,
)
TERMINAL_FEATURES = Table(
    "terminal_features",
    "what is paid by card at one terminal, and how much of it is known to be fraud, as of one instant",
    ("terminal_id", "as_of"),
    (
        Column("terminal_id", "string", "the terminal", (Tag.KEY,)),
        AS_OF,
        *feature_columns(PLACE_FEATURES[Entity.TERMINAL]),
    ),
    stored=False,
)
TABLE_OF: Mapping[Entity, Table] = {Entity.MERCHANT: MERCHANT_FEATURES, Entity.TERMINAL: TERMINAL_FEATURES}
PLACE_TABLES: tuple[Table, ...] = tuple(TABLE_OF.values())
