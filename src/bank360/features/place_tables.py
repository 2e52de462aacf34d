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

_LISTED_IN = {Entity.MERCHANT: "dim_merchant.merchant_id"}  # the star lists merchants, and no terminals


def _table(entity: Entity) -> Table:
    return Table(
        f"{entity}_features",
        f"what is paid by card at one {entity}, and how much of it is known to be fraud, as of one instant",
        (entity.key, "as_of"),
        (
            Column(entity.key, "string", f"the {entity}", (Tag.KEY,), references=_LISTED_IN.get(entity)),
            AS_OF,
            *feature_columns(PLACE_FEATURES[entity]),
        ),
        stored=False,
    )


TABLE_OF: Mapping[Entity, Table] = {entity: _table(entity) for entity in PLACE_FEATURES}
PLACE_TABLES: tuple[Table, ...] = tuple(TABLE_OF.values())
