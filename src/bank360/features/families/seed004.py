"""Recency, frequency and monetary value as a public RFM tutorial has them, for comparison with its figures only.

Its recency is ``1 / (calls + epsilon)``, which says nothing of when; its frequency visits online and in branches; its
monetary value the average credit limit, which is what the bank risks and not what it earns. Over all that is known, for
the tutorial's file has totals without dates. `rfm.py` has the family that is meant: days since the latest transaction,
transactions, what was paid out, and the fees and interest of it all. No model may read these: they state no reason.
"""

from bank360.bank.vocabulary import Channel, InteractionKind, ProductLine
from bank360.features.families.digital import CALL
from bank360.features.families.windows import COUNT, HOME_MONEY, MONEY
from bank360.features.feature import LIFETIME, NEITHER, AnyFeature, Derived, Feature, Measure
from bank360.features.ops import Op

VISIT = Measure("any_visit", "interactions", None, "one visit online, by app or to a branch", COUNT,
                where=(("kind", "in", (InteractionKind.VISIT, InteractionKind.VIEW, InteractionKind.CLICK)),
                       ("channel", "in", (Channel.ONLINE, Channel.MOBILE, Channel.BRANCH))))  # fmt: skip
CARD_LIMIT = Measure("card_limit", "credit_months", "credit_limit", "limit of a credit card at a month's end", MONEY,
                     where=(("product_line", "in", (ProductLine.CREDIT_CARD,)), HOME_MONEY))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("calls_seed004", CALL, Op.COUNT, LIFETIME, COUNT, "calls ever", "marketing", NEITHER),
    Derived("recency_seed004", "reciprocal", ("calls_seed004", "calls_seed004"), "1/call",
            "the tutorial's recency: one over the calls ever", "marketing", NEITHER),
    Feature("frequency_seed004", VISIT, Op.COUNT, LIFETIME, COUNT,
            "the tutorial's frequency: visits online, by app and to branches ever", "marketing", NEITHER),
    Feature("monetary_seed004", CARD_LIMIT, Op.MEAN, LIFETIME, MONEY,
            "the tutorial's monetary value: average limit of credit cards at month ends ever", "marketing", NEITHER),
)  # fmt: skip
