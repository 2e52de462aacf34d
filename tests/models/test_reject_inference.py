"""None, fuzzy and parcelling beside each other on a bank that declined by a score of its own."""

from dataclasses import replace

import numpy as np
import pytest

from bank360.learning.metrics.calibration import observed_over_expected
from bank360.models.development import develop
from bank360.models.reject_inference import Declined, approved_at_share, reject_inference


@pytest.fixture(scope="module")
def decided(spec, sample):
    """The sample with a third declined, mostly those of a low bureau score; their outcome is kept from the models."""
    rng = np.random.default_rng(2)
    score = np.nan_to_num(sample.columns["bureau_score"], nan=560.0)
    declined = score + rng.normal(0, 60, 3000) < 575
    seen = replace(
        sample,
        train=sample.train & ~declined,
        test=sample.test & ~declined,
        fitted_outcome=np.where(declined, 0.0, sample.fitted_outcome),
        tested_outcome=np.where(declined, 0.0, sample.tested_outcome),
    )
    masks = Declined(sample.train & declined, sample.test & declined, sample.test & ~declined)
    baseline = develop(spec, seen, seed=1, threads=1)[0].model
    return seen, masks, baseline, reject_inference(spec, seen, masks, baseline, 1, 1)


def test_all_three_methods_stand_side_by_side_on_the_same_accepted_rows(decided):
    seen, masks, _, inferred = decided
    methods = inferred.found.methods
    assert [m.method for m in methods] == ["none", "fuzzy", "parcelling"]
    assert {m.measured.rows for m in methods} == {int(seen.test.sum())}
    assert {m.declined for m in methods} == {0, int(masks.train.sum())}
    assert inferred.found.decided == 1000 == len(inferred.probability["none"])
    assert inferred.found.approved_share == pytest.approx(masks.approved.sum() / 1000)


def test_without_inference_the_model_is_the_baseline_itself(decided):
    seen, _, baseline, inferred = decided
    scored = baseline.score(seen.columns, seen.thin).probability
    assert inferred.probability["none"].tobytes() == scored[inferred.decided].tobytes()
    assert inferred.found.methods[0].changed == 0
    assert inferred.found.methods[0].assumed_bad_rate is None


def test_the_cut_off_approves_as_many_as_the_bank_did(decided):
    _, _, _, inferred = decided
    for m in inferred.found.methods:
        approved = approved_at_share(inferred.probability[m.method], inferred.found.approved_share)
        assert approved.sum() == round(inferred.found.approved_share * 1000)
        assert (
            inferred.probability[m.method][approved].max()
            == m.cut_off
            <= inferred.probability[m.method][~approved].min()
        )
        assert inferred.probability[m.method][approved].mean() == m.expected_bad_rate


def test_parcelling_takes_the_declined_for_worse_than_fuzzy_and_than_the_accepted(decided):
    seen, _, _, inferred = decided
    _, fuzzy, parcelling = inferred.found.methods
    assert seen.fitted_outcome[seen.train].mean() < fuzzy.assumed_bad_rate < parcelling.assumed_bad_rate


def test_an_outcome_of_a_declined_row_is_never_read(spec, decided):
    seen, masks, baseline, inferred = decided
    flipped = replace(seen, fitted_outcome=np.where(masks.train, 1.0 - seen.fitted_outcome, seen.fitted_outcome))
    again = reject_inference(spec, flipped, masks, baseline, 1, 1)
    assert again is not None
    assert again.found == inferred.found


def test_with_too_few_declined_nothing_is_shown(spec, decided):
    seen, masks, baseline, _ = decided
    few = replace(masks, train=masks.train & (np.arange(3000) < 100))
    assert reject_inference(spec, seen, few, baseline, 1, 1) is None


def test_on_the_declined_the_methods_order_can_be_checked_where_the_truth_is_known(sample, decided):
    _, _, _, inferred = decided
    truth = sample.tested_outcome[inferred.decided][inferred.declined]
    ratios = {m: observed_over_expected(truth, p[inferred.declined]).value for m, p in inferred.probability.items()}
    assert ratios["parcelling"] < ratios["fuzzy"]
