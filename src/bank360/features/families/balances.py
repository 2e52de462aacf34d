"""Balances at the ends of days, usually of months: what is on current accounts, what is saved, use of overdrafts.

An event is one account's balance on one day; who holds two accounts has two a day, and means are over all of them. Of a
joint account each holder's share counts, and what is below zero in full: each of them owes the whole of it. A day
overdrawn is one however many accounts were; days of which no balance was delivered are not guessed, so with balances at
month ends at most twelve a year are found.
"""

from bank360.bank.vocabulary import ProductLine
from bank360.features.families.windows import COUNT, D30, D90, D180, D365, DAYS, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

CURRENT: Condition = ("product_line", "in", (ProductLine.CURRENT_ACCOUNT,))
BALANCE = Measure("current_balance", "balances", "booked", "balance of a current account", MONEY,
                  where=(CURRENT, HOME_MONEY))  # fmt: skip
AVAILABLE = Measure("available", "balances", "available", "available on a current account", MONEY,
                    where=(CURRENT, HOME_MONEY))  # fmt: skip
OVERDRAWN = Measure("overdrawn", "balances", None, "an account's balance was below zero", COUNT,
                    where=(CURRENT, ("booked", "<", (0,))))  # fmt: skip
SAVED = Measure("savings_balance", "balances", "booked", "balance of a savings account", MONEY,
                where=(("product_line", "in", (ProductLine.SAVINGS,)), HOME_MONEY))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("balance_mean_90d", BALANCE, Op.MEAN, D90, MONEY, "average balance of a current account in 90 days",
            sign=-1, reason="R13"),
    Feature("balance_mean_365d", BALANCE, Op.MEAN, D365, MONEY, "average balance of a current account in a year",
            sign=-1, reason="R13"),
    Feature("balance_min_180d", BALANCE, Op.MIN, D180, MONEY, "lowest balance of a current account in 180 days",
            sign=-1, reason="R13"),
    Feature("balance_std_365d", BALANCE, Op.STD, D365, MONEY, "standard deviation of current balances in a year",
            sign=1, reason="R13"),
    Feature("balance_last", BALANCE, Op.LAST, D90, MONEY, "latest balance of a current account within 90 days, "
            "the largest of several", sign=-1, reason="R13"),
    Feature("available_min_90d", AVAILABLE, Op.MIN, D90, MONEY, "least available on a current account in 90 days",
            sign=-1, reason="R13"),
    Feature("overdrawn_days_30d", OVERDRAWN, Op.ACTIVE_DAYS, D30, DAYS,
            "days that ended with a current account overdrawn in 30 days, of those that a balance tells of",
            sign=1, reason="R13"),
    Feature("overdrawn_days_90d", OVERDRAWN, Op.ACTIVE_DAYS, D90, DAYS,
            "days that ended with a current account overdrawn in 90 days, of those that a balance tells of",
            sign=1, reason="R13"),
    Feature("overdrawn_days_365d", OVERDRAWN, Op.ACTIVE_DAYS, D365, DAYS,
            "days that ended with a current account overdrawn in a year, of those that a balance tells of",
            sign=1, reason="R13"),
    # Named for ledgers of month ends, and as it is for the models that were trained on it: it counts balances.
    Feature("overdrawn_months_365d", OVERDRAWN, Op.COUNT, D365, COUNT,
            "balances of current accounts below zero in a year: of each account, and daily where balances are daily",
            sign=1, reason="R13"),
    Feature("days_since_overdrawn", OVERDRAWN, Op.DAYS_SINCE_LAST, D365, DAYS, "days since a balance below zero, "
            "within a year", sign=-1, reason="R13"),
    Feature("savings_mean_90d", SAVED, Op.MEAN, D90, MONEY, "average balance of a savings account in 90 days", sign=-1,
            reason="R25"),
    Feature("savings_mean_365d", SAVED, Op.MEAN, D365, MONEY, "average balance of a savings account in a year", sign=-1,
            reason="R25"),
    Feature("savings_max_365d", SAVED, Op.MAX, D365, MONEY, "largest balance of a savings account in a year", sign=-1,
            reason="R25"),
    Derived("balance_change", "difference", ("balance_mean_90d", "balance_mean_365d"), MONEY,
            "average current balance of the last 90 days less the year's", sign=-1, reason="R13"),
    Derived("savings_growth", "growth", ("savings_mean_90d", "savings_mean_365d"), SHARE,
            "average savings of the last 90 days over the year's, less 1", sign=-1, reason="R25"),
)  # fmt: skip
