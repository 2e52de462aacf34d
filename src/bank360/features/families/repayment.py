"""Repayment: how credit with us is repaid, limits used, direct debits and repayments returned unpaid, charges.

A month's end of a credit account is one event: who has two accounts has two a month, and each obligor owes the whole.
"""

from bank360.bank.vocabulary import Category, Scheme
from bank360.features.families.spending import OUTGOING
from bank360.features.families.windows import COUNT, D90, D365, DAYS, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import LIFETIME, NEITHER, AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

LIMITED: Condition = ("credit_limit", ">", (0,))
PAST_DUE = Measure("days_past_due", "credit_months", "days_past_due", "days past due at a month's end", DAYS)
MONTH_END = Measure("credit_month", "credit_months", None, "a month's end of a credit account", COUNT)
LATE = Measure("late_month", "credit_months", None, "an account was past due at a month's end", COUNT,
               where=(("days_past_due", ">", (0,)),))  # fmt: skip
LATE_30 = Measure("late_30_month", "credit_months", None, "an account was 30 or more days past due", COUNT,
                  where=(("days_past_due", ">=", (30,)),))  # fmt: skip
ARREARS = Measure("arrears", "credit_months", "arrears", "due and unpaid at a month's end", MONEY,
                  where=(HOME_MONEY,))  # fmt: skip
DRAWN = Measure("drawn", "credit_months", "balance", "drawn on an account with a limit", MONEY,
                where=(LIMITED, HOME_MONEY))  # fmt: skip
LIMIT = Measure("limit", "credit_months", "credit_limit", "limit of an account", MONEY, where=(LIMITED, HOME_MONEY))
DUE = Measure("due", "credit_months", "amount_due", "due in a month", MONEY, where=(HOME_MONEY,))
PAID = Measure("paid", "credit_months", "paid", "paid in a month", MONEY, where=(HOME_MONEY,))
OWED = Measure("owed", "credit_months", "balance", "owed on an account at a month's end", MONEY, where=(HOME_MONEY,))
EASED = Measure("forbearance", "credit_months", None, "an account with eased terms at a month's end", COUNT,
                where=(("forbearance", "in", (True,)),))  # fmt: skip
BOUNCED = Measure("returned_repayment", "payments", None, "a repayment that its bank returned", COUNT,
                  where=(("returned", "in", (True,)),))  # fmt: skip
REPAID = Measure("repayment", "payments", "amount", "a repayment made", MONEY,
                 where=(("returned", "in", (False,)), HOME_MONEY))  # fmt: skip
RETURNED = Measure("returned_debit", "transactions", None, "a payment, mostly a direct debit, returned unpaid", COUNT,
                   where=(("category", "in", (Category.RETURNED_PAYMENT,)),))  # fmt: skip
DEBIT = Measure("direct_debit", "transactions", None, "a direct debit collected", COUNT,
                where=(("scheme", "in", (Scheme.DIRECT_DEBIT,)), ("amount", "<", (0,))))  # fmt: skip
CHARGE = Measure("charge", "transactions", "amount", "fees and interest charged, net of those taken back", MONEY, -1,
                 (("purpose", "in", (Category.FEE, Category.INTEREST)), OUTGOING, HOME_MONEY))  # fmt: skip

FEATURES: tuple[AnyFeature, ...] = (
    Feature("past_due_last", PAST_DUE, Op.LAST, D90, DAYS,
            "days past due at the latest month's end within 90 days, the most of several accounts", sign=1,
            reason="R14"),
    Feature("past_due_max_365d", PAST_DUE, Op.MAX, D365, DAYS, "most days past due at a month's end in a year",
            sign=1, reason="R14"),
    # What a share is of: how much is seen, not how well it is repaid.
    Feature("credit_months_365d", MONTH_END, Op.COUNT, D365, COUNT, "credit accounts' month ends in a year",
            sign=NEITHER, reason="R35"),
    Feature("late_months_365d", LATE, Op.COUNT, D365, COUNT, "accounts' month ends past due in a year", sign=1,
            reason="R14"),
    Feature("late_30_months_365d", LATE_30, Op.COUNT, D365, COUNT, "accounts' month ends 30 or more days past due in "
            "a year", sign=1, reason="R14"),
    Feature("days_since_late", LATE, Op.DAYS_SINCE_LAST, LIFETIME, DAYS, "days since the latest month's end past due",
            sign=-1, reason="R14"),
    Feature("arrears_max_365d", ARREARS, Op.MAX, D365, MONEY, "largest arrears of one account in a year", sign=1,
            reason="R14"),
    Feature("owed_max_90d", OWED, Op.MAX, D90, MONEY, "largest debt on one account in 90 days", sign=1, reason="R17"),
    Feature("drawn_90d", DRAWN, Op.SUM, D90, MONEY, "drawn at month ends in 90 days, added up", sign=1, reason="R17"),
    Feature("limit_90d", LIMIT, Op.SUM, D90, MONEY, "limits at month ends in 90 days, added up", sign=-1, reason="R17"),
    Feature("due_365d", DUE, Op.SUM, D365, MONEY, "due in a year", sign=1, reason="R35"),
    Feature("paid_365d", PAID, Op.SUM, D365, MONEY, "paid in a year", sign=-1, reason="R35"),
    Feature("forbearance_months_365d", EASED, Op.COUNT, D365, COUNT,
            "accounts' month ends with eased terms in a year", sign=1, reason="R14"),
    Feature("returned_repayments_365d", BOUNCED, Op.COUNT, D365, COUNT, "repayments returned unpaid in a year", sign=1,
            reason="R12"),
    Feature("repaid_90d", REPAID, Op.SUM, D90, MONEY, "repaid on credit accounts in 90 days", sign=-1, reason="R35"),
    Feature("returned_debits_90d", RETURNED, Op.COUNT, D90, COUNT, "payments returned unpaid in 90 days", sign=1,
            reason="R12"),
    Feature("returned_debits_365d", RETURNED, Op.COUNT, D365, COUNT, "payments returned unpaid in a year", sign=1,
            reason="R12"),
    Feature("days_since_returned_debit", RETURNED, Op.DAYS_SINCE_LAST, LIFETIME, DAYS,
            "days since a payment was returned unpaid", sign=-1, reason="R12"),
    # Regular bills are both a household in order and money that is spoken for.
    Feature("direct_debits_365d", DEBIT, Op.COUNT, D365, COUNT, "direct debits collected in a year",
            sign=NEITHER, reason="R27"),
    Feature("charges_90d", CHARGE, Op.SUM, D90, MONEY, "fees and interest charged in 90 days, less those reversed",
            sign=1, reason="R13"),
    Derived("late_share_365d", "share", ("late_months_365d", "credit_months_365d"), SHARE,
            "month ends past due as a share of a year's", sign=1, reason="R14"),
    Derived("limit_use_90d", "share", ("drawn_90d", "limit_90d"), SHARE,
            "share of limits drawn at month ends in 90 days", sign=1, reason="R17"),
    Derived("paid_to_due_365d", "ratio", ("paid_365d", "due_365d"), SHARE, "paid against due in a year", sign=-1,
            reason="R35"),
    Derived("returned_debit_share_365d", "share", ("returned_debits_365d", "direct_debits_365d"), SHARE,
            "payments returned unpaid over direct debits in a year", sign=1, reason="R12"),
)  # fmt: skip
