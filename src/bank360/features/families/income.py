"""Income: what comes in from outside. Salaries are detected (`salary.py`), benefits and pensions kept apart.

A detected salary is income whatever the ledger calls it. Refunds, returned payments, loans paid out, interest and
transfers between own accounts are not income; a reversal takes back the income that it reverses, and what was taken
back in full is no receipt and no salary. Neighbour: `income_events.py`, which makes the events.
"""

from bank360.bank.vocabulary import Category
from bank360.features.families.spending import INCOMING
from bank360.features.families.windows import COUNT, D90, D365, DAYS, HOME_MONEY, MONEY, SHARE
from bank360.features.feature import LIFETIME, NEITHER, AnyFeature, Condition, Derived, Feature, Measure
from bank360.features.ops import Op

AS_RECEIPT: Condition = ("receipt", "in", (True,))
AS_EARNED: Condition = ("earned", "in", (True,))
AS_SALARY: Condition = ("salary", "in", (True,))

INCOME = Measure("income", "income", "amount", "received as income, net of reversals", MONEY,
                 where=(AS_EARNED, HOME_MONEY))  # fmt: skip
RECEIPT = Measure("receipt", "income", None, "one receipt of income", COUNT, where=(AS_RECEIPT,))
BENEFIT = Measure("benefit", "transactions", "amount", "received as benefits, net of reversals", MONEY,
                  where=(("purpose", "in", (Category.BENEFITS,)), INCOMING, HOME_MONEY))  # fmt: skip
PENSION = Measure("pension", "transactions", "amount", "received as pension, net of reversals", MONEY,
                  where=(("purpose", "in", (Category.PENSION,)), INCOMING, HOME_MONEY))  # fmt: skip
SALARY = Measure("salary", "income", None, "one salary payment, as detected", COUNT, where=(AS_SALARY,))
PAY = Measure("pay", "income", "amount", "amount of one salary payment", MONEY, where=(AS_SALARY, HOME_MONEY))
EMPLOYER = Measure("employer", "income", "counterparty_token", "payer of a salary", "payer", where=(AS_SALARY,))

FEATURES: tuple[AnyFeature, ...] = (
    Feature("income_90d", INCOME, Op.SUM, D90, MONEY, "income in 90 days", sign=-1, reason="R11"),
    Feature("income_365d", INCOME, Op.SUM, D365, MONEY, "income in a year", sign=-1, reason="R11"),
    Feature("income_days_90d", RECEIPT, Op.ACTIVE_DAYS, D90, DAYS, "days with income in 90 days",
            sign=-1, reason="R11"),
    Feature("days_since_income", RECEIPT, Op.DAYS_SINCE_LAST, D365, DAYS, "days since income came in, within a year",
            sign=1, reason="R11"),
    # More money comes in, and who lives on it has little: no direction, and public assistance may not weigh against an
    # applicant (US Regulation B, 12 CFR 1002.6(b)(2)).
    Feature("benefits_90d", BENEFIT, Op.SUM, D90, MONEY, "benefits in 90 days", sign=NEITHER, reason="R11"),
    Feature("pension_90d", PENSION, Op.SUM, D90, MONEY, "pension in 90 days", sign=-1, reason="R11"),
    Feature("salaries_90d", SALARY, Op.COUNT, D90, COUNT, "salary payments in 90 days", sign=-1, reason="R11"),
    Feature("salary_90d", PAY, Op.SUM, D90, MONEY, "salary in 90 days", sign=-1, reason="R11"),
    Feature("salary_mean_365d", PAY, Op.MEAN, D365, MONEY, "average salary payment in a year", sign=-1,
            reason="R11"),
    Feature("salary_std_365d", PAY, Op.STD, D365, MONEY, "standard deviation of salary payments in a year",
            sign=1, reason="R11"),
    Feature("salary_last", PAY, Op.LAST, D365, MONEY, "latest salary payment within a year", sign=-1, reason="R11"),
    Feature("days_since_salary", SALARY, Op.DAYS_SINCE_LAST, D365, DAYS, "days since the latest salary, within a year",
            sign=1, reason="R11"),
    Feature("days_since_first_salary", SALARY, Op.DAYS_SINCE_FIRST, LIFETIME, DAYS, "days since the first salary",
            sign=-1, reason="R11"),
    # No employer and many in a year are both worse than one.
    Feature("employers_365d", EMPLOYER, Op.DISTINCT, D365, COUNT, "payers of salaries in a year",
            sign=NEITHER, reason="R11"),
    Derived("salary_volatility_365d", "volatility", ("salary_std_365d", "salary_mean_365d"), SHARE,
            "standard deviation of salary payments over their average in a year", sign=1, reason="R11"),
    Derived("income_growth", "growth", ("income_90d", "income_365d"), SHARE,
            "income of the last 90 days against the year's pace", sign=-1, reason="R11", factor=365 / 90),
    Derived("spend_to_income_90d", "ratio", ("spend_90d", "income_90d"), SHARE,
            "spending against income in 90 days", sign=1, reason="R15"),
    Derived("surplus_90d", "difference", ("income_90d", "spend_90d"), MONEY,
            "income less spending in 90 days", sign=-1, reason="R15"),
)  # fmt: skip
