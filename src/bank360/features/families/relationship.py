"""Relationship: how long and how widely the customer is with us, and credit they asked us for.

What was ever opened stays so when it is closed; what is held is what nothing known yet has closed or taken over.
"""

from bank360.features.families.windows import COUNT, D90, D365, DAYS
from bank360.features.feature import LIFETIME, AnyFeature, Feature, Measure
from bank360.features.ops import Op

OPENED = Measure("account_opened", "accounts", None, "an account was opened", COUNT)
HELD = Measure("account_held", "holdings", None, "an account is held and open", COUNT)
LINE_HELD = Measure("line_held", "holdings", "product_line", "product line of an account held", "product line")
LINE = Measure("product_line", "accounts", "product_line", "product line of an account opened", "product line")
APPLIED = Measure("application", "applications", None, "an application for credit with us", COUNT)

FEATURES: tuple[AnyFeature, ...] = (
    Feature("days_since_first_account", OPENED, Op.DAYS_SINCE_FIRST, LIFETIME, DAYS,
            "days since the first account was opened", sign=-1, reason="R10"),
    Feature("days_since_last_account", OPENED, Op.DAYS_SINCE_LAST, LIFETIME, DAYS,
            "days since the latest account was opened", sign=-1, reason="R23"),
    Feature("accounts_opened", OPENED, Op.COUNT, LIFETIME, COUNT, "accounts ever opened, those joined later apart",
            sign=-1, reason="R10"),
    Feature("accounts_opened_365d", OPENED, Op.COUNT, D365, COUNT,
            "accounts opened in a year, those joined later apart", sign=1, reason="R23"),
    Feature("product_lines", LINE, Op.DISTINCT, LIFETIME, COUNT, "product lines of accounts ever opened", sign=-1,
            reason="R10"),
    Feature("accounts_held", HELD, Op.COUNT, LIFETIME, COUNT, "accounts held at the end of the day before, those known "
            "to be closed apart", sign=-1, reason="R10"),
    Feature("product_lines_held", LINE_HELD, Op.DISTINCT, LIFETIME, COUNT,
            "product lines of accounts held at the end of the day before", sign=-1, reason="R10"),
    Feature("applications_90d", APPLIED, Op.COUNT, D90, COUNT, "applications with us in 90 days", sign=1,
            reason="R02"),
    Feature("applications_365d", APPLIED, Op.COUNT, D365, COUNT, "applications with us in a year", sign=1,
            reason="R02"),
    Feature("days_since_application", APPLIED, Op.DAYS_SINCE_LAST, LIFETIME, DAYS, "days since the latest application",
            sign=-1, reason="R02"),
)  # fmt: skip
