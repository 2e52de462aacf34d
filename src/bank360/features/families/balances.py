"""Balances at the ends of days, usually of months: what is on current accounts, what is saved, use of overdrafts."""

from bank360.bank.vocabulary import ProductLine
from bank360.features.families.windows import COUNT, D90, D180, D365, DAYS, MONEY, SHARE
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

CURRENT: Condition = ("product_line", "in", (ProductLine.CURRENT_ACCOUNT,))
BALANCE = Measure("current_balance", "balances", "booked", "balance of a current account", MONEY, where=(CURRENT,))
AVAILABLE = Measure("available", "balances", "available", "available on a current account", MONEY, where=(CURRENT,))
OVERDRAWN = Measure("overdrawn", "balances", None, "an account's balance was below zero", COUNT,
                    where=(CURRENT, ("booked", "<", (0,))))  # fmt: skip
SAVED = Measure("savings_balance", "balances", "booked", "balance of a savings account", MONEY,
                where=(("product_line", "in", (ProductLine.SAVINGS,)),))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("balance_mean_90d", BALANCE, Op.MEAN, D90, MONEY, "average current balance in 90 days", sign=-1,
            reason="R13"),
    Feature("balance_mean_365d", BALANCE, Op.MEAN, D365, MONEY, "average current balance in a year", sign=-1,
            reason="R13"),
    Feature("balance_min_180d", BALANCE, Op.MIN, D180, MONEY, "lowest current balance in 180 days", sign=-1,
            reason="R13"),
    Feature("balance_std_365d", BALANCE, Op.STD, D365, MONEY, "spread of current balances in a year", reason="R13"),
    Feature("balance_last", BALANCE, Op.LAST, D90, MONEY, "latest current balance within 90 days", sign=-1,
            reason="R13"),
    Feature("available_min_90d", AVAILABLE, Op.MIN, D90, MONEY, "least available in 90 days", sign=-1, reason="R13"),
    Feature("overdrawn_months_365d", OVERDRAWN, Op.COUNT, D365, COUNT, "balances below zero in a year", sign=1,
            reason="R13"),
    Feature("days_since_overdrawn", OVERDRAWN, Op.DAYS_SINCE_LAST, D365, DAYS, "days since a balance below zero",
            sign=-1, reason="R13"),
    Feature("savings_mean_90d", SAVED, Op.MEAN, D90, MONEY, "average savings balance in 90 days", sign=-1,
            reason="R25"),
    Feature("savings_mean_365d", SAVED, Op.MEAN, D365, MONEY, "average savings balance in a year", sign=-1,
            reason="R25"),
    Feature("savings_max_365d", SAVED, Op.MAX, D365, MONEY, "largest savings balance in a year", sign=-1,
            reason="R25"),
    Derived("balance_change", "difference", ("balance_mean_90d", "balance_mean_365d"), MONEY,
            "current balance of the last 90 days less the year's", sign=-1, reason="R13"),
    Derived("savings_growth", "growth", ("savings_mean_90d", "savings_mean_365d"), SHARE,
            "savings of the last 90 days against the year's", sign=-1, reason="R25"),
)  # fmt: skip
