"""What inputs are worth: known beforehand on rows that were made so."""

from dataclasses import replace

import pytest

from bank360.learning.scorecard import Scorecard
from bank360.models.ablation import BUREAU, OF_FORM, ablated, groups_of, without
from bank360.models.application_pd import SPEC as APPLICATION_PD
from bank360.models.development import develop


@pytest.fixture(scope="module")
def found(spec, sample):
    return ablated(spec, spec.candidates[0], sample, seed=1, threads=1)


def test_every_input_is_in_one_group_and_repayment_income_and_the_bureau_are_groups_of_their_own():
    groups = groups_of(APPLICATION_PD)
    inputs = [name for names in groups.values() for name in names]
    assert sorted(inputs) == sorted(one.name for one in APPLICATION_PD.inputs)
    assert "late_months_365d" in groups["repayment"]
    assert {"declared_income", "income_90d"} <= {*groups["income"]}
    assert {"bureau_score", "debt_to_income"} <= {*groups[BUREAU]}
    assert "purpose" in groups[OF_FORM]


def test_without_inputs_a_model_still_knows_what_others_are_derived_from():
    less = without(APPLICATION_PD, groups_of(APPLICATION_PD)[OF_FORM])
    left = {one.name for one in less.inputs}
    assert "requested_amount" not in left
    assert "amount_to_income" in left  # of the group of income
    assert less.from_history == APPLICATION_PD.from_history & left


def test_the_whole_model_is_that_of_training_and_what_carries_the_outcome_is_missed_most(spec, sample, found):
    trained = develop(replace(spec, candidates=spec.candidates[:1]), sample, seed=1, threads=1)[0]
    assert found.auc == trained.measured[0].auc
    assert (found.candidate, found.rows, found.events) == (
        "scorecard", 1000, int(sample.tested_outcome[sample.test].sum()),
    )  # fmt: skip
    assert found.without[0].group == BUREAU
    assert found.without[0].change.high < 0
    assert found.shuffled[0].name == "bureau_score"
    assert found.shuffled[0].fall.low > 0.05
    for one in found.without:
        assert one.change.value == pytest.approx(one.auc.value - found.auc.value, abs=1e-12)
    assert [one.change.value for one in found.without] == sorted(one.change.value for one in found.without)


def test_an_input_that_the_model_does_not_read_falls_by_nothing(spec, sample, found):
    model = develop(replace(spec, candidates=spec.candidates[:1]), sample, seed=1, threads=1)[0].model
    read = set()
    for part in model.parts:
        assert isinstance(part.model.estimator, Scorecard)
        read |= {part.model.inputs[one.column].name for one in part.model.estimator.variables}
    assert read < {one.name for one in found.shuffled}
    for one in found.shuffled:
        if one.name not in read:
            assert (one.fall.value, one.fall.low, one.fall.high) == (0.0, 0.0, 0.0)


def test_the_same_seed_gives_the_same_figures(spec, sample, found):
    assert ablated(spec, spec.candidates[0], sample, seed=1, threads=1) == found
