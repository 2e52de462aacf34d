"""Applicants and finances that pass every gate of the shipped policy, for tests to change one thing of."""

from pathlib import Path

from bank360.policies import credit_policy as module
from bank360.policies.affordability import Finances
from bank360.policies.credit_policy import credit_policy
from bank360.policies.gates import Applicant, Request, Scores

TEXT = Path(module.__file__).with_name("uk_personal_loan.yaml").read_text("utf-8")
POLICY = credit_policy(TEXT)
REQUEST = Request(amount=500_000, term_months=36)
APPLICANT = Applicant(adult=True, region="Wales", barred=False, in_default=False, days_past_due=0)
# 3,000.00 a month for a year, regular; essentials 900.00; 100.00 due with us; 1,000.00 owed elsewhere.
FINANCES = Finances(
    evidenced_income=None, income_90d=900_000, income_365d=3_600_000, essential_90d=270_000, regular_90d=900_000,
    days_since_income=10, history_days=2000, declared_income=310_000, declared_housing=50_000,
    declared_outgoings=10_000, credit_due=10_000, external_debt=100_000,
)  # fmt: skip
SCORES = Scores(pd=0.02, fraud=0.01, pd_reasons=("R01", "R13"), thin_file=False)
