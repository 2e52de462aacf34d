"""`application_fraud`: the probability that an application is found to be fraudulent.

The plain baseline is a logistic regression, the challenger LightGBM. Beside what the application says the model reads
how many other people applied with the same device, address, telephone or e-mail, how declared income compares with
what comes in, and how thin the file is. What a history says about the risk of default has no sign stated here.
Protected attributes are not among the inputs.
"""

from dataclasses import replace

from bank360.features.families import ALL_FEATURES
from bank360.features.feature import NEITHER, AnyFeature
from bank360.labels.application_fraud import LABEL
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.tabular import Recipe
from bank360.models import application_columns as c
from bank360.models.spec import Candidate, ModelSpec

_OF_APPLICATION: tuple[AnyFeature, ...] = (
    *c.SHARED, c.MATCHES, c.EMAIL_AGE, c.FORM_SECONDS, c.IP_DISTANCE, c.HOUR, c.LINE, c.CHANNEL,
    c.EMPLOYMENT, c.EMPLOYED, c.AMOUNT_TO_INCOME, c.DECLARED_TO_DETECTED,
)  # fmt: skip

# Signs of these speak of default; an invented identity has few debts, no arrears and a short past.
_UNSIGNED: tuple[AnyFeature, ...] = (
    c.AMOUNT, c.TERM, c.INCOME, c.BUREAU_SCORE, c.SEARCHES, c.WORST, c.COMMITMENTS_TO_INCOME, c.DEBT_TO_INCOME,
)  # fmt: skip

_OF_HISTORY = ("days_since_first_account", "days_since_last_account", "applications_90d", "applications_24h",
               "transactions_90d", "income_90d")  # fmt: skip

_BY_NAME = {feature.name: feature for feature in ALL_FEATURES}
_INPUTS = (
    *_OF_APPLICATION,
    *(replace(feature, sign=NEITHER) for feature in _UNSIGNED),
    *(replace(_BY_NAME[name], sign=NEITHER) for name in _OF_HISTORY),
)

SPEC = ModelSpec(
    name="application_fraud",
    meaning="Probability that an investigation finds the application fraudulent.",
    label=LABEL,
    inputs=_INPUTS,
    parts=c.with_parts(_INPUTS, (*ALL_FEATURES, c.COMMITMENTS, c.DEBT)),
    candidates=(
        Candidate("logistic", Recipe("linear"), by_history=False),
        Candidate("lightgbm", Recipe("trees", boosting=BoostingRules(leaves=4, learning_rate=0.04)), by_history=False),
    ),
    owner="Fraud risk",
    missing_reason_of={name: code for name, code in c.NO_BUREAU_FILE.items() if name != "external_debt"},
)
