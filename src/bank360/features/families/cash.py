"""Cash: what is taken out, how often, and how much of spending it stands for."""

from bank360.bank.vocabulary import Category, Channel
from bank360.features.families.spending import NOT_A_REVERSAL, OUT
from bank360.features.families.windows import COUNT, D90, D365, DAYS, MONEY, SHARE
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

TAKEN: tuple[Condition, ...] = (("category", "in", (Category.CASH,)), OUT, NOT_A_REVERSAL)
CASH = Measure("cash_out", "transactions", "amount", "one withdrawal of cash", MONEY, -1, TAKEN)
MACHINE = Measure("cash_machine", "transactions", None, "one withdrawal at a machine", COUNT,
                  where=(*TAKEN, ("channel", "in", (Channel.ATM,))))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("cash_90d", CASH, Op.SUM, D90, MONEY, "cash taken out in 90 days", sign=1, reason="R16"),
    Feature("withdrawals_90d", CASH, Op.COUNT, D90, COUNT, "withdrawals of cash in 90 days", sign=1, reason="R16"),
    Feature("cash_max_365d", CASH, Op.MAX, D365, MONEY, "largest withdrawal in a year", reason="R16"),
    Feature("atm_withdrawals_90d", MACHINE, Op.COUNT, D90, COUNT, "withdrawals at machines in 90 days", reason="R16"),
    Feature("days_since_cash", CASH, Op.DAYS_SINCE_LAST, D365, DAYS, "days since cash was taken out", reason="R16"),
    Derived("cash_to_spend_90d", "ratio", ("cash_90d", "spend_90d"), SHARE,
            "cash taken out against other spending in 90 days", sign=1, reason="R16"),
)  # fmt: skip
