"""`application_pd`: the probability that a booked application defaults within 12 months of opening.

The plain champion is a weight-of-evidence scorecard, one card for applicants with a history and one for the thin file;
the challenger is LightGBM on everybody, monotone where a sign is stated. Protected attributes are not among the inputs:
no age, sex or marital status, and no region.
"""

from bank360.features.families import ALL_FEATURES
from bank360.features.feature import AnyFeature
from bank360.labels.application_default import LABEL
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.tabular import Recipe
from bank360.models import application_columns as c
from bank360.models.spec import Candidate, ModelSpec

_OF_APPLICATION: tuple[AnyFeature, ...] = (
    c.LINE, c.CHANNEL, c.PURPOSE, c.EMPLOYMENT, c.EMPLOYED, c.AMOUNT, c.TERM, c.INCOME,
    c.BUREAU_SCORE, c.SEARCHES, c.WORST, c.AMOUNT_TO_INCOME, c.COMMITMENTS_TO_INCOME, c.DEBT_TO_INCOME,
)  # fmt: skip

_OF_HISTORY = (
    "days_since_first_account", "accounts_opened_365d", "product_lines", "applications_365d",
    "income_90d", "income_365d", "days_since_income", "salaries_90d", "salary_volatility_365d", "income_growth",
    "spend_to_income_90d", "surplus_90d", "spend_growth",
    "balance_mean_90d", "balance_min_180d", "overdrawn_months_365d", "balance_change", "savings_mean_365d",
    "past_due_max_365d", "late_months_365d", "days_since_late", "returned_repayments_365d", "returned_debits_365d",
    "limit_use_90d", "paid_to_due_365d", "charges_90d",
    "gambling_share_90d", "cash_to_spend_90d", "transactions_90d", "transaction_growth",
)  # fmt: skip

_BY_NAME = {feature.name: feature for feature in ALL_FEATURES}
_INPUTS = (*_OF_APPLICATION, *(_BY_NAME[name] for name in _OF_HISTORY))

SPEC = ModelSpec(
    name="application_pd",
    meaning="Probability that the account is in default at some time in the 12 months after it is opened.",
    label=LABEL,
    inputs=_INPUTS,
    parts=c.with_parts(_INPUTS, (*ALL_FEATURES, c.COMMITMENTS, c.DEBT)),
    candidates=(
        Candidate("scorecard", Recipe("scorecard"), by_history=True),
        Candidate("lightgbm", Recipe("trees", boosting=BoostingRules(leaves=4, learning_rate=0.04)), by_history=False),
    ),
    owner="Credit risk",
    missing_reason_of={name: code for name, code in c.NO_BUREAU_FILE.items() if name != "external_debt"},
    decided=True,
    level_days=365,
)
