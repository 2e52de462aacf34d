"""Recency, frequency, money: how lately, how often and with how much the customer used the bank.

`earned_365d` is what movements say was charged: fees and interest that were paid, less interest credited. It is no
monetary value of a customer: what deposits are worth to the bank (`products.transfer_rate` less their own rate) and
interchange stand in no movement, so that the best savers have the least of it, often less than nothing. It tells who
pays charges and interest, and ranks nobody by worth. `seed004.py` has other forms.
"""

from bank360.bank.vocabulary import Category, Scheme
from bank360.features.families.spending import NOT_A_REVERSAL, NOT_OWN, OUT, OUTGOING
from bank360.features.families.windows import COUNT, D7, D90, D365, DAYS, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import LIFETIME, NEITHER, AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

# Fees and interest are the bank's doing: an account with nothing else is dormant. A ledger may tell them by their
# scheme or by their category alone; what gives one back is told by what it gives back.
BY_CUSTOMER: tuple[Condition, ...] = (
    ("scheme", "not in", (Scheme.FEE, Scheme.INTEREST)),
    ("purpose", "not in", (Category.FEE, Category.INTEREST)),
)
MOVEMENT = Measure(
    "movement", "transactions", None, "one transaction other than fees and interest", COUNT, where=BY_CUSTOMER
)
PAID_OUT = Measure("paid_out", "transactions", "amount", "one payment out", MONEY, -1,
                   (*BY_CUSTOMER, OUT, NOT_A_REVERSAL, NOT_OWN, HOME_MONEY))  # fmt: skip
# By purpose, so that what comes back by a reversal takes away from what was paid, whatever the ledger calls it.
NET_PAID = Measure("net_paid", "transactions", "amount", "paid out, net of reversals", MONEY, -1,
                   (*BY_CUSTOMER, OUTGOING, ("purpose", "not in", (Category.OWN_TRANSFER,)), HOME_MONEY))  # fmt: skip
PAYMENT = Measure("payment_by_customer", "transactions", None, "one payment out", COUNT,
                  where=(*BY_CUSTOMER, OUT, NOT_A_REVERSAL, NOT_OWN))  # fmt: skip
# Signed, so that what is reversed, and interest credited on savings, takes away from it.
EARNED = Measure("earned", "transactions", "amount", "fees and interest paid to the bank, less interest credited",
                 MONEY, -1, (("purpose", "in", (Category.FEE, Category.INTEREST)), HOME_MONEY))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("days_since_transaction", MOVEMENT, Op.DAYS_SINCE_LAST, D365, DAYS,
            "days since a transaction other than fees and interest, within a year", sign=1, reason="R20"),
    # No risk decision reads it: of the dormant and of who left, it is their recency.
    Feature("days_since_last_transaction", MOVEMENT, Op.DAYS_SINCE_LAST, LIFETIME, DAYS,
            "days since the latest transaction other than fees and interest, however long ago", "marketing", NEITHER),
    # How much of somebody's banking is with us: little of it is seen of good and bad payers alike.
    Feature("transactions_7d", MOVEMENT, Op.COUNT, D7, COUNT, "transactions in 7 days, fees and interest apart",
            sign=NEITHER, reason="R27"),
    Feature("transactions_90d", MOVEMENT, Op.COUNT, D90, COUNT, "transactions in 90 days, fees and interest apart",
            sign=NEITHER, reason="R27"),
    Feature("transactions_365d", MOVEMENT, Op.COUNT, D365, COUNT, "transactions in a year, fees and interest apart",
            sign=NEITHER, reason="R27"),
    Feature("active_days_90d", MOVEMENT, Op.ACTIVE_DAYS, D90, DAYS, "days with a transaction other than fees and "
            "interest in 90 days", sign=NEITHER, reason="R27"),
    Feature("payments_90d", PAYMENT, Op.COUNT, D90, COUNT,
            "payments out in 90 days, own transfers apart, those reversed later too", "marketing", NEITHER),
    Feature("payments_365d", PAYMENT, Op.COUNT, D365, COUNT,
            "payments out in a year, own transfers apart, those reversed later too", "marketing", NEITHER),
    Feature("payments_sum_365d", NET_PAID, Op.SUM, D365, MONEY,
            "paid out in a year, own transfers apart, net of reversals", "marketing", NEITHER),
    Feature("earned_365d", EARNED, Op.SUM, D365, MONEY,
            "fees and interest paid to the bank in a year, less interest credited: without what deposits are worth to "
            "it, so that savers have little", "marketing", NEITHER),
    Feature("payment_mean_365d", PAID_OUT, Op.MEAN, D365, MONEY,
            "average payment out in a year, own transfers apart, those reversed later too", "marketing", NEITHER),
    Derived("transaction_growth", "growth", ("transactions_90d", "transactions_365d"), SHARE,
            "transactions of the last 90 days against the year's pace", sign=NEITHER, reason="R20", factor=365 / 90),
)  # fmt: skip
