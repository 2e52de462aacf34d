"""A small model of made-up applications, with a history feature that the thin file lacks."""

import numpy as np
import pytest

from bank360.features.feature import LIFETIME, Derived, Feature, Measure, SpineColumn
from bank360.features.ops import Op
from bank360.labels.application_default import LABEL
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.tabular import Recipe
from bank360.models.development import Sample
from bank360.models.spec import Candidate, ModelSpec

RETURNED = Measure("returned", "transactions", None, "returned payments", "count")


@pytest.fixture(scope="session")
def spec():
    amount = SpineColumn("amount", "minor units", "requested amount", sign=1, reason="R06")
    income = SpineColumn("income", "minor units", "declared income", sign=-1, reason="R05")
    returned = Feature("returned_count", RETURNED, Op.COUNT, LIFETIME, "count", "returned", sign=1, reason="R12")
    inputs = (
        SpineColumn("bureau_score", "points", "bureau score", sign=-1, reason="R01"),
        amount,
        Derived("amount_to_income", "ratio", ("amount", "income"), "1", "amount over income", sign=1, reason="R05"),
        SpineColumn("channel", "code", "channel", categorical=True, sign=0, reason="R24"),
        returned,
        Derived("returned_per_income", "ratio", ("returned_count", "income"), "1", "per income", sign=0, reason="R12"),
    )
    boosting = BoostingRules(max_rounds=40)
    return ModelSpec(
        "application_pd",
        "Probability of default.",
        LABEL,
        inputs,
        (income,),
        (
            Candidate("scorecard", Recipe("scorecard"), by_history=True),
            Candidate("lightgbm", Recipe("trees", boosting=boosting), by_history=False),
        ),
        "Credit risk",
    )


@pytest.fixture(scope="session")
def sample():
    rng = np.random.default_rng(8)
    n = 3000
    score = rng.normal(600, 80, n)
    amount, income = rng.lognormal(13, 0.5, n), rng.lognormal(12, 0.3, n)
    thin = rng.random(n) < 0.35
    returned = rng.poisson(0.8, n).astype(float)
    channel = rng.choice(["online", "branch"], n).astype(object)
    margin = -2.0 - (score - 600) / 70 + 0.8 * np.where(thin, 0, returned) + 0.4 * (amount / income - 3)
    outcome = (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)
    score[rng.random(n) < 0.1] = np.nan
    columns = {
        "bureau_score": score,
        "amount": amount,
        "amount_to_income": amount / income,
        "channel": channel,
        "returned_count": np.where(thin, 0.0, returned),
        "returned_per_income": np.where(thin, 0.0, returned) / income,
    }
    train = np.arange(n) < 2000
    customer = rng.integers(0, 2500, n)
    at = np.arange(n, dtype=np.int64) * 86_400_000_000 // 4  # four a day
    return Sample(customer, at, thin, columns, train, ~train, outcome, outcome)
