"""Cash: what is taken out, how often, and how much of spending it stands for."""

from bank360.bank.vocabulary import Category, Channel
from bank360.features.families.spending import NOT_A_REVERSAL, OUT, OUTGOING
from bank360.features.families.windows import COUNT, D90, D365, DAYS, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

TAKEN: tuple[Condition, ...] = (("category", "in", (Category.CASH,)), OUT, NOT_A_REVERSAL)
CASH = Measure("cash_out", "transactions", "amount", "cash taken out, net of reversals", MONEY, -1,
               (("purpose", "in", (Category.CASH,)), OUTGOING, HOME_MONEY))  # fmt: skip
WITHDRAWAL = Measure("withdrawal", "transactions", None, "one withdrawal of cash", COUNT, where=TAKEN)
WITHDRAWN = Measure("withdrawn", "transactions", "amount", "amount of one withdrawal", MONEY, -1, (*TAKEN, HOME_MONEY))
MACHINE = Measure("cash_machine", "transactions", None, "one withdrawal at a machine", COUNT,
                  where=(*TAKEN, ("channel", "in", (Channel.ATM,))))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("cash_90d", CASH, Op.SUM, D90, MONEY, "cash taken out in 90 days, net of reversals", sign=1, reason="R16"),
    Feature("withdrawals_90d", WITHDRAWAL, Op.COUNT, D90, COUNT, "withdrawals of cash in 90 days", sign=1,
            reason="R16"),
    Feature("cash_max_365d", WITHDRAWN, Op.MAX, D365, MONEY, "largest withdrawal in a year", sign=1, reason="R16"),
    Feature("atm_withdrawals_90d", MACHINE, Op.COUNT, D90, COUNT, "withdrawals at machines in 90 days",
            sign=1, reason="R16"),
    Feature("days_since_cash", WITHDRAWAL, Op.DAYS_SINCE_LAST, D365, DAYS, "days since cash was taken out, "
            "within a year", sign=-1, reason="R16"),
    Derived("atm_share_90d", "share", ("atm_withdrawals_90d", "payments_90d"), SHARE,
            "withdrawals at machines as a share of payments out in 90 days", sign=1, reason="R16"),
    Derived("cash_to_spend_90d", "ratio", ("cash_90d", "spend_90d"), SHARE,
            "cash taken out over spending on goods and services in 90 days", sign=1, reason="R16"),
)  # fmt: skip
