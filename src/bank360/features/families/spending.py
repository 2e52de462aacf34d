"""Spending: what leaves for goods and services. A refund or reversal is negative spend; own transfers are not spend.

Sums go by *purpose*: a reversal, and a direct debit returned unpaid, has the purpose of what it gives back and nets
against it. Counts and sizes of single purchases go by category and leave reversals out. What recurs is what is paid by
direct debit or standing order to somebody else, repayments of credit among it.
"""

from bank360.bank.vocabulary import Category, Scheme
from bank360.features.families.windows import COUNT, D7, D30, D90, D365, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import NEITHER, AnyFeature, Calendar, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

# Which categories are essential and which are not: raise it with any change of the two lists, so that a figure can say
# by which map it was made (`export.json`, docs/reference/features.md).
CATEGORY_MAP = "1"
ESSENTIAL = (
    Category.GROCERIES,
    Category.UTILITIES,
    Category.RENT,
    Category.TELECOM,
    Category.TRANSPORT,
    Category.FUEL,
    Category.HEALTH,
    Category.EDUCATION,
    Category.INSURANCE_PREMIUM,
    Category.TAX,
)
DISCRETIONARY = (
    Category.RESTAURANTS,
    Category.LEISURE,
    Category.SHOPPING,
    Category.ELECTRONICS,
    Category.TRAVEL,
    Category.GAMBLING,
    Category.SUBSCRIPTIONS,
)
BOUGHT: Condition = ("category", "in", (*ESSENTIAL, *DISCRETIONARY))
FOR_GOODS: Condition = ("purpose", "in", (*ESSENTIAL, *DISCRETIONARY))
OUT: Condition = ("amount", "<", (0,))
NOT_A_REVERSAL: Condition = ("reverses_id", "is null", ())
OUTGOING: Condition = ("outgoing", "in", (True,))  # leaves, or gives back what left
INCOMING: Condition = ("outgoing", "in", (False,))  # comes in, or takes back what came in
NOT_OWN: Condition = ("category", "not in", (Category.OWN_TRANSFER,))

# Signed sums over both directions, so that a refund or a reversal nets against what it gives back.
SPEND = Measure("spend", "transactions", "amount", "spent on goods and services, net of refunds", MONEY, -1,
                (FOR_GOODS, HOME_MONEY))  # fmt: skip
ESSENTIALS = Measure("essential_spend", "transactions", "amount", "spent on essentials, net of refunds", MONEY, -1,
                     (("purpose", "in", ESSENTIAL), HOME_MONEY))  # fmt: skip
GAMBLING = Measure("gambling", "transactions", "amount", "paid to gambling, net of what it pays back", MONEY, -1,
                   (("purpose", "in", (Category.GAMBLING,)), HOME_MONEY))  # fmt: skip
PURCHASE = Measure("purchase", "transactions", None, "one purchase", COUNT, where=(BOUGHT, OUT, NOT_A_REVERSAL))
PRICE = Measure("price", "transactions", "amount", "paid for one purchase", MONEY, -1,
                (BOUGHT, OUT, NOT_A_REVERSAL, HOME_MONEY))  # fmt: skip
BET = Measure("bet", "transactions", None, "one payment to gambling", COUNT,
              where=(("category", "in", (Category.GAMBLING,)), OUT, NOT_A_REVERSAL))  # fmt: skip
REFUND = Measure("refund", "transactions", None, "one refund by a merchant", COUNT,
                 where=(BOUGHT, ("amount", ">", (0,)), NOT_A_REVERSAL))  # fmt: skip
SHOP = Measure("shop", "transactions", "merchant_id", "merchant of a purchase", "merchant",
               where=(BOUGHT, OUT, NOT_A_REVERSAL))  # fmt: skip
SHOPPED = Measure("shopped", "transactions", None, "one purchase at a merchant who is known", COUNT,
                  where=(BOUGHT, OUT, NOT_A_REVERSAL, ("merchant_id", "not null", ())))  # fmt: skip
RECURS: Condition = ("scheme", "in", (Scheme.DIRECT_DEBIT, Scheme.STANDING_ORDER))
RECURRING = Measure("recurring", "transactions", None, "one direct debit or standing order", COUNT,
                    where=(RECURS, NOT_OWN, OUT, NOT_A_REVERSAL))  # fmt: skip
COMMITTED = Measure("committed", "transactions", "amount", "paid by direct debit or standing order, net of returned",
                    MONEY, -1,
                    (RECURS, ("purpose", "not in", (Category.OWN_TRANSFER,)), OUTGOING, HOME_MONEY))  # fmt: skip
# By merchant, not by mandate: an event has its merchant's token already, and another would make all a quarter larger.
BILLER = Measure("biller", "transactions", "merchant_id", "merchant paid by direct debit or standing order", "merchant",
                 where=(RECURS, NOT_OWN, OUT, NOT_A_REVERSAL))  # fmt: skip
# A merchant is new to a customer who was not there in the rest of the year: whose history is shorter has more of them.
BEFORE_90 = Calendar(275, ago=90)

FEATURES: tuple[AnyFeature, ...] = (
    Feature("spend_7d", SPEND, Op.SUM, D7, MONEY, "spent in 7 days, net of refunds", sign=1, reason="R15"),
    Feature("spend_30d", SPEND, Op.SUM, D30, MONEY, "spent in 30 days, net of refunds", sign=1, reason="R15"),
    Feature("spend_90d", SPEND, Op.SUM, D90, MONEY, "spent in 90 days, net of refunds", sign=1, reason="R15"),
    Feature("spend_365d", SPEND, Op.SUM, D365, MONEY, "spent in a year, net of refunds", sign=1, reason="R15"),
    # How often somebody pays with us says how much we see; how large the average purchase is follows what comes in.
    Feature("purchases_90d", PURCHASE, Op.COUNT, D90, COUNT, "purchases in 90 days, those given back later too",
            sign=NEITHER, reason="R27"),
    Feature("purchase_mean_90d", PRICE, Op.MEAN, D90, MONEY, "average purchase in 90 days", sign=NEITHER, reason="R15"),
    Feature("purchase_std_90d", PRICE, Op.STD, D90, MONEY, "standard deviation of purchases in 90 days",
            sign=1, reason="R15"),
    Feature("purchase_max_90d", PRICE, Op.MAX, D90, MONEY, "largest purchase in 90 days", sign=1, reason="R15"),
    Feature("essential_spend_90d", ESSENTIALS, Op.SUM, D90, MONEY, "spent on essentials in 90 days, net of refunds",
            sign=1, reason="R15"),
    Derived("discretionary_spend_90d", "difference", ("spend_90d", "essential_spend_90d"), MONEY,
            "spent on what is not essential in 90 days, net of refunds", sign=1, reason="R15"),
    # How many bills are paid that way says how much is seen; how much of the money is spoken for weighs.
    Feature("recurring_payments_90d", RECURRING, Op.COUNT, D90, COUNT,
            "direct debits and standing orders to others in 90 days", sign=NEITHER, reason="R27"),
    Feature("recurring_paid_90d", COMMITTED, Op.SUM, D90, MONEY,
            "paid to others by direct debit and standing order in 90 days, less what was returned unpaid",
            sign=1, reason="R15"),
    Feature("recurring_merchants_90d", BILLER, Op.DISTINCT, D90, COUNT,
            "different merchants paid by direct debit and standing order in 90 days", sign=NEITHER, reason="R27"),
    Feature("gambling_90d", GAMBLING, Op.SUM, D90, MONEY, "paid to gambling in 90 days, less what it paid back",
            sign=1, reason="R19"),
    Feature("bets_90d", BET, Op.COUNT, D90, COUNT, "payments to gambling in 90 days", sign=1, reason="R19"),
    # Goods go back for any reason.
    Feature("refunds_365d", REFUND, Op.COUNT, D365, COUNT, "refunds by merchants in a year",
            sign=NEITHER, reason="R20"),
    Feature("merchants_90d", SHOP, Op.DISTINCT, D90, COUNT, "different merchants in 90 days", "marketing", NEITHER),
    Feature("merchants_365d", SHOP, Op.DISTINCT, D365, COUNT, "different merchants in a year", "marketing", NEITHER),
    Feature("merchants_before_90d", SHOP, Op.DISTINCT, BEFORE_90, COUNT,
            "different merchants in the 275 days that ended 90 days before", "marketing", NEITHER),
    Feature("merchant_visits_90d", SHOPPED, Op.COUNT, D90, COUNT, "purchases in 90 days at merchants who are known",
            "marketing", NEITHER),
    Derived("new_merchants_90d", "difference", ("merchants_365d", "merchants_before_90d"), COUNT,
            "merchants of 90 days where the customer had not been in the rest of the year", "marketing", NEITHER),
    Feature("top_merchant_visits_90d", SHOP, Op.MODE_COUNT, D90, COUNT,
            "purchases in 90 days at the merchant where there were most", "marketing", NEITHER),
    Derived("top_merchant_share_90d", "share", ("top_merchant_visits_90d", "merchant_visits_90d"), SHARE,
            "purchases at the merchant where there were most as a share of those at merchants who are known in 90 days",
            "marketing", NEITHER),
    Derived("visits_per_merchant_90d", "share", ("merchant_visits_90d", "merchants_90d"), COUNT,
            "purchases for each different merchant in 90 days", "marketing", NEITHER),
    Derived("essential_share_90d", "share", ("essential_spend_90d", "spend_90d"), SHARE,
            "essentials as a share of spending in 90 days", sign=1, reason="R15"),
    Derived("gambling_share_90d", "share", ("gambling_90d", "spend_90d"), SHARE,
            "gambling as a share of spending in 90 days", sign=1, reason="R19"),
    Derived("spend_growth", "growth", ("spend_90d", "spend_365d"), SHARE,
            "spending of the last 90 days against the year's pace", sign=1, reason="R15", factor=365 / 90),
    Derived("purchase_volatility_90d", "volatility", ("purchase_std_90d", "purchase_mean_90d"), SHARE,
            "standard deviation of purchases over their average in 90 days", sign=1, reason="R15"),
)  # fmt: skip
