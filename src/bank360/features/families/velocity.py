"""Velocity: what happened in the last hour and the last 24 hours before the moment being scored; for fraud."""

from bank360.features.families.spending import NOT_A_REVERSAL, OUT
from bank360.features.families.windows import COUNT, H1, H24, MONEY, SHARE
from bank360.features.feature import AnyFeature, Derived, Feature, Measure
from bank360.features.ops import Op

PAYMENT = Measure("payment_out", "transactions", "amount", "one payment out", MONEY, -1, (OUT, NOT_A_REVERSAL))
PAYEE = Measure("payee_shop", "transactions", "merchant_id", "merchant paid", "merchant", where=(OUT, NOT_A_REVERSAL))
PLACE = Measure("place", "transactions", "country", "country of a payment", "country", where=(OUT, NOT_A_REVERSAL))
ASKED = Measure("asked", "applications", None, "an application for credit with us", COUNT)

FEATURES: tuple[AnyFeature, ...] = (
    Feature("payments_1h", PAYMENT, Op.COUNT, H1, COUNT, "payments in the last hour", "fraud", 1, "R20"),
    Feature("payments_24h", PAYMENT, Op.COUNT, H24, COUNT, "payments in 24 hours", "fraud", 1, "R20"),
    Feature("paid_1h", PAYMENT, Op.SUM, H1, MONEY, "paid in the last hour", "fraud", 1, "R20"),
    Feature("paid_24h", PAYMENT, Op.SUM, H24, MONEY, "paid in 24 hours", "fraud", 1, "R20"),
    Feature("largest_24h", PAYMENT, Op.MAX, H24, MONEY, "largest payment in 24 hours", "fraud", 1, "R20"),
    Feature("merchants_24h", PAYEE, Op.DISTINCT, H24, COUNT, "merchants paid in 24 hours", "fraud", 1, "R20"),
    Feature("countries_24h", PLACE, Op.DISTINCT, H24, COUNT, "countries of payments in 24 hours", "fraud", 1, "R26"),
    Feature("applications_24h", ASKED, Op.COUNT, H24, COUNT, "applications with us in 24 hours", "fraud", 1, "R02"),
    Derived("largest_24h_to_purchase", "ratio", ("largest_24h", "purchase_mean_90d"), SHARE,
            "largest payment of 24 hours against the usual purchase", "fraud", 1, "R20"),
)  # fmt: skip
