"""What the study reads, and what it says of rows made so that the answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from bank360.bank.errors import TooFewEvents
from bank360.bank.table import Tag
from bank360.bank.tables import TABLE_BY_NAME
from bank360.features.families import CATALOGUE
from bank360.features.feature import Feature
from bank360.features.scan import STREAM_BY_NAME
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.metrics.estimate import Estimate
from bank360.learning.tabular import Recipe
from bank360.models.at_risk_study import CANDIDATES, FEATURES, SETS, StudyRows, reaches, studied

N = 1800
QUICK = {**CANDIDATES, "lightgbm": Recipe("trees", boosting=BoostingRules(max_rounds=25, learning_rate=0.2))}


def test_the_behaviour_is_the_seven_measures_in_a_month_and_over_all_time_and_the_rest_is_what_comes_to_it():
    alone, more = SETS.values()
    assert list(alone) == [
        "spend volatility", "ATM rate", "online rate", "cross-border", "night", "discretionary spend",
        "average monthly spend",
    ]  # fmt: skip
    assert all(len(names) == 2 for names in alone.values())
    assert list(more) == [*alone, "repayment history", "balances"]
    names = [name for names in more.values() for name in names]
    assert len(names) == len(set(names))
    assert set(names) <= {one.name for one in FEATURES} <= {one.name for one in CATALOGUE}


def test_no_input_is_read_off_a_protected_or_identifying_column():
    for one in FEATURES:
        if isinstance(one, Feature):
            table = TABLE_BY_NAME[STREAM_BY_NAME[one.measure.table].table]
            tags = {column.name: set(column.tags) for column in table.columns}
            for name in {one.measure.column, *(condition[0] for condition in one.measure.where)} & set(tags):
                assert not tags[name] & {Tag.PROTECTED, Tag.PII, Tag.RESTRICTED}, one.name


def _rows(level, volatility, night=0.0):
    """Rows whose outcome the log-odds of spend level, spend volatility and the night rate give; the rest is noise."""
    rng = np.random.default_rng(6)
    columns = {one: rng.normal(size=N) for groups in SETS.values() for names in groups.values() for one in names}
    margin = level * columns["spend_month"] + volatility * columns["spend_volatility_lifetime"] - 1.5
    margin += night * columns["night_rate_month"]
    outcome = (rng.random(N) < 1 / (1 + np.exp(-margin))).astype(float)
    train = np.arange(N) < 800
    return StudyRows(np.where(train, np.arange(N) // 2, np.arange(N)), columns, train, ~train, outcome)


@pytest.fixture(scope="module")
def both():
    return _rows(1.5, 1.5)


def test_a_claim_that_holds_is_reproduced(both):
    found = studied(both, 1, 1, QUICK)
    assert [(part.population, part.inputs, part.n_inputs) for part in found] == [
        ("all", "behaviour alone", 14),
        ("all", "behaviour, repayment history and balances", 51),
        ("those with credit in the year before", "behaviour alone", 14),
        ("those with credit in the year before", "behaviour, repayment history and balances", 51),
    ]
    whole, credit = found[0], both.columns["credit_months_365d"] > 0
    assert (whole.train_rows, whole.train_customers, whole.test_rows) == (800, 400, 1000)
    assert (whole.train_events, whole.test_events) == (int(both.outcome[:800].sum()), int(both.outcome[800:].sum()))
    assert found[3].test_rows == int(credit[800:].sum())
    assert found[3].test_events == int(both.outcome[800:][credit[800:]].sum())
    assert found[3].train_customers == len(set(both.customer[:800][credit[:800]]))
    for one in found[1].candidates:
        assert one.strongest == "reproduced"
        assert {each.name for each in one.importances[:2]} == {"spend volatility", "average monthly spend"}
        assert one.together.low > one.importances[0].fall.value
    assert [one.gain is None for one in whole.candidates] == [True, False]


def test_a_claim_is_refuted_where_another_measure_is_worth_more():
    for one in studied(_rows(1.5, 0.0, night=1.5), 1, 1, QUICK)[0].candidates:
        assert one.strongest == "refuted"  # night is shown ahead of volatility


def test_nothing_is_learned_from_the_test_rows(both):
    shuffled = both.outcome.copy()
    shuffled[800:] = np.random.default_rng(2).permutation(shuffled[800:])
    for part in studied(replace(both, outcome=shuffled), 1, 1, QUICK):
        assert all(one.auc.low < 0.5 < one.auc.high for one in part.candidates)


def test_few_events_are_refused():
    rows = _rows(1.5, 1.5)
    few = rows.outcome.copy()
    few[800:] = np.arange(1000) < 29
    with pytest.raises(TooFewEvents, match="is tested on 29 events in 1,000 rows of all; it needs at least 30"):
        studied(replace(rows, outcome=few), 1, 1, QUICK)


def test_an_auc_is_at_least_the_claimed_one_where_its_interval_begins_there_and_not_shown_where_it_holds_it():
    assert reaches(Estimate(0.95, 0.93, 0.97), 0.93) == "reproduced"
    assert reaches(Estimate(0.94, 0.92, 0.96), 0.93) == "not shown"
    assert reaches(Estimate(0.91, 0.88, 0.929), 0.93) == "refuted"
