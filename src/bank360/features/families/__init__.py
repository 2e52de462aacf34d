"""The families of features, one file per subject. `ALL_FEATURES` is the whole list, in explicit order.

To add one: declare it in its family's tuple (a new family: also below). `tests/suites/test_every_feature.py` checks it.
"""

from bank360.features.families import (
    balances,
    cash,
    cross_border,
    digital,
    income,
    relationship,
    repayment,
    rfm,
    spending,
    velocity,
)
from bank360.features.feature import AnyFeature

FAMILIES: dict[str, tuple[AnyFeature, ...]] = {
    "spending": spending.FEATURES,
    "income": income.FEATURES,
    "balances": balances.FEATURES,
    "cash": cash.FEATURES,
    "digital": digital.FEATURES,
    "cross_border": cross_border.FEATURES,
    "repayment": repayment.FEATURES,
    "relationship": relationship.FEATURES,
    "rfm": rfm.FEATURES,
    "velocity": velocity.FEATURES,
}

ALL_FEATURES: tuple[AnyFeature, ...] = tuple(feature for family in FAMILIES.values() for feature in family)
