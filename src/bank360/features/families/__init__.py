"""The families of features, one file per subject. `CATALOGUE` is the whole list, in explicit order.

`ALL_FEATURES` are those of customers, which a build computes for everyone; those of the monthly and the lifetime table
are computed for an export, a tutorial's forms (``seed004``) when asked for by name, and merchants and terminals have
families of their own (`FAMILIES_OF`).
To add one: declare it in its family's tuple (a new family: also below). `tests/suites/test_every_feature.py` checks it.
"""

from bank360.features.families import (
    balances,
    behaviour,
    cash,
    cross_border,
    digital,
    income,
    places,
    relationship,
    repayment,
    rfm,
    seed004,
    spending,
    velocity,
)
from bank360.features.feature import AnyFeature
from bank360.features.scan import Entity

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

FAMILIES_OF: dict[Entity, dict[str, tuple[AnyFeature, ...]]] = {
    Entity.CUSTOMER: FAMILIES
    | {"monthly": behaviour.MONTHLY, "lifetime": behaviour.LIFETIMES, "seed004": seed004.FEATURES},
    Entity.MERCHANT: {"merchant": places.MERCHANT_FEATURES},
    Entity.TERMINAL: {"terminal": places.TERMINAL_FEATURES},
}

CATALOGUE: tuple[AnyFeature, ...] = tuple(
    feature for families in FAMILIES_OF.values() for family in families.values() for feature in family
)
