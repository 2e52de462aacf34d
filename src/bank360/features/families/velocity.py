"""Velocity: what happened in the last hour and the last 24 hours before the moment being scored; for fraud.

A payment leaves the customer: transfers between own accounts and what the bank charges are none. It counts as it was
made, though it be reversed within the window: who empties an account or tries out a card pays fast, and a payment that
the bank or the shop took back was a payment all the same. What was kept in the end is told by spending.
"""

from bank360.features.families.rfm import BY_CUSTOMER
from bank360.features.families.spending import NOT_A_REVERSAL, NOT_OWN, OUT
from bank360.features.families.windows import COUNT, H1, H24, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

LEAVES: tuple[Condition, ...] = (OUT, NOT_A_REVERSAL, NOT_OWN, *BY_CUSTOMER)
PAYMENT = Measure("payment_out", "transactions", None, "one payment out", COUNT, where=LEAVES)
SUM_PAID = Measure("sum_paid", "transactions", "amount", "amount of a payment out", MONEY, -1, (*LEAVES, HOME_MONEY))
PAYEE = Measure("payee_shop", "transactions", "merchant_id", "merchant paid", "merchant", where=LEAVES)
PLACE = Measure("place", "transactions", "country", "country of a payment", "country", where=LEAVES)
ASKED = Measure("asked", "applications", None, "an application for credit with us", COUNT)

FEATURES: tuple[AnyFeature, ...] = (
    Feature("payments_1h", PAYMENT, Op.COUNT, H1, COUNT, "payments out in the last hour, reversed or not",
            "fraud", 1, "R20"),
    Feature("payments_24h", PAYMENT, Op.COUNT, H24, COUNT, "payments out in 24 hours, reversed or not",
            "fraud", 1, "R20"),
    Feature("paid_1h", SUM_PAID, Op.SUM, H1, MONEY, "paid out in the last hour, reversed or not", "fraud", 1, "R20"),
    Feature("paid_24h", SUM_PAID, Op.SUM, H24, MONEY, "paid out in 24 hours, reversed or not", "fraud", 1, "R20"),
    Feature("largest_24h", SUM_PAID, Op.MAX, H24, MONEY, "largest payment out in 24 hours, reversed or not",
            "fraud", 1, "R20"),
    Feature("merchants_24h", PAYEE, Op.DISTINCT, H24, COUNT, "merchants paid in 24 hours", "fraud", 1, "R20"),
    Feature("countries_24h", PLACE, Op.DISTINCT, H24, COUNT, "countries of payments in 24 hours", "fraud", 1, "R26"),
    Feature("applications_24h", ASKED, Op.COUNT, H24, COUNT, "applications with us in 24 hours", "fraud", 1, "R02"),
    Derived("largest_24h_to_purchase", "ratio", ("largest_24h", "purchase_mean_90d"), SHARE,
            "largest payment of 24 hours over the average purchase of 90 days", "fraud", 1, "R20"),
)  # fmt: skip
