"""The monthly and the lifetime table of customers' behaviour, as declared: keys, instants, and one column per feature.

Neighbours: `families/behaviour.py` declares the features, `pipeline/feature_tables.py` computes the rows, and
``sql/schema.sql`` has both tables beside the star schema, whose customers they refer to.
"""

from bank360.bank.table import Column, Table, Tag
from bank360.features.families.behaviour import LIFETIMES, MONTHLY
from bank360.features.feature import AnyFeature

_CUSTOMER = (
    Column("customer_key", "string", "version of the customer known at as_of, as dim_customer has it", (Tag.KEY,),
           references="dim_customer.customer_key"),
    Column("customer_id", "string", "the same customer, whatever the version", (Tag.KEY,)),
)  # fmt: skip
AS_OF = Column("as_of", "timestamp", "instant described (UTC): only what was known before it counts", (Tag.KEY,))


def feature_columns(features: tuple[AnyFeature, ...]) -> tuple[Column, ...]:
    """Return a column per feature, null where it has no value."""
    return tuple(
        Column(one.name, "float64", f"{one.meaning}; null: no value", (Tag.PLAIN,), unit=one.unit, nullable=True)
        for one in features
    )


CUSTOMER_FEATURES = Table(
    "customer_features",
    "the behaviour of a customer over their lifetime, as of one instant",
    ("customer_id", "as_of"),
    (*_CUSTOMER, AS_OF, *feature_columns(LIFETIMES)),
    stored=False,
)
CUSTOMER_MONTHLY_FEATURES = Table(
    "customer_monthly_features",
    "the behaviour of a customer in one calendar month, as known some days after its end",
    ("customer_id", "month"),
    (
        *_CUSTOMER,
        Column("month", "date", "first local day of the month", (Tag.KEY,)),
        AS_OF,
        *feature_columns(MONTHLY),
    ),
    stored=False,
)
BEHAVIOUR_TABLES: tuple[Table, ...] = (CUSTOMER_FEATURES, CUSTOMER_MONTHLY_FEATURES)
