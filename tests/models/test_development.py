"""Development: candidates on the same rows, measured by population; reasons hold; laws of the spec."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bank360.bank.errors import NotReady
from bank360.features.feature import SpineColumn
from bank360.models.development import develop
from bank360.models.reasons import reasons
from bank360.models.spec import FittedModel


@pytest.fixture(scope="module")
def developed(spec, sample):
    return develop(spec, sample, seed=1, threads=1)


def test_history_inputs_are_found_through_what_is_derived_from_them(spec):
    assert spec.from_history == {"returned_count", "returned_per_income"}
    assert [i.name for i in spec.tabular_inputs(thin=True)] == ["bureau_score", "amount", "amount_to_income", "channel"]


def test_an_input_without_a_reason_is_refused(spec):
    with pytest.raises(ValueError, match="without a reason"):
        replace(spec, inputs=(*spec.inputs, SpineColumn("x", "1", "unexplained")))


def test_an_input_that_states_no_sign_is_refused_for_a_model_is_held_to_it(spec):
    with pytest.raises(ValueError, match="feature 'x' states no expected sign for risk: declare sign=1, -1 or NEITHER"):
        replace(spec, inputs=(*spec.inputs, SpineColumn("x", "1", "unsigned", reason="R05")))


def test_the_baseline_comes_first_and_every_population_is_measured(developed):
    assert [d.model.candidate for d in developed] == ["scorecard", "lightgbm"]
    assert [part.population for part in developed[0].model.parts] == ["with history", "thin file"]
    assert [part.population for part in developed[1].model.parts] == ["all"]
    for d in developed:
        assert d.unmeasured == ()
        assert [m.population for m in d.measured] == ["all", "never seen in training", "with history", "thin file"]
        assert 0.7 < d.measured[0].auc.low < d.measured[0].auc.high < 0.95
        assert d.measured[0].rows == 1000 == d.measured[2].rows + d.measured[3].rows


def test_a_population_with_too_few_events_is_named(spec, sample):
    few = replace(sample, tested_outcome=np.where(sample.thin & (np.arange(3000) > 2050), 0.0, sample.tested_outcome))
    found = develop(replace(spec, candidates=spec.candidates[:1]), few, seed=1, threads=1)[0]
    (left,) = found.unmeasured
    events = int(few.tested_outcome[few.test & few.thin].sum())
    assert events < 10
    assert (left.population, left.rows, left.events) == ("thin file", int((few.test & few.thin).sum()), events)
    assert "thin file" not in [m.population for m in found.measured]


@pytest.mark.parametrize("thin", [True, False])
def test_where_everybody_is_alike_in_having_a_history_one_card_is_fitted_for_all(spec, sample, thin):
    alike = replace(sample, thin=np.full(3000, thin))
    found = develop(replace(spec, candidates=spec.candidates[:1]), alike, seed=1, threads=1)[0]
    assert [part.population for part in found.model.parts] == ["all"]


def test_a_thin_row_is_scored_without_its_empty_history(developed, sample):
    for d in developed:
        changed = dict(sample.columns) | {
            "returned_count": np.where(sample.thin, 9.0, sample.columns["returned_count"])
        }
        before, after = (d.model.score(columns, sample.thin) for columns in (sample.columns, changed))
        assert before.margin.tobytes() == after.margin.tobytes()


def test_reasons_pass_their_counterfactual_and_together_always_improve(developed, sample):
    for d in developed:
        stated = reasons(d.model, sample.columns, sample.thin)
        assert (stated.count <= 4).all()
        assert (stated.improvement[stated.count > 0] > 0).all()
        assert (stated.contribution > 0).all()
        # The margin with one stated reason made neutral, computed anew row by row.
        for model, rows, design in d.model.designs(sample.columns, sample.thin):
            place = np.cumsum(rows) - 1
            margin = model.margin(design)
            for row, code in list(zip(stated.row, stated.code, strict=True))[:300]:
                if not rows[row]:
                    continue
                neutral = np.array([_speaks(d.model, i.name, sample.thin[row]) == code for i in model.inputs])
                one = model.neutralised(design[place[row]][None, :], neutral)[0]
                assert one < margin[place[row]]
    assert developed[0].reason_rates.failed == 0  # a scorecard's factor is its own counterfactual


def _speaks(model, name, thin):
    return "R18" if thin and name in model.from_history else model.reason_of[name]


def test_without_history_the_reason_is_limited_history_and_never_what_was_not_observed(developed, sample):
    stated = reasons(developed[1].model, sample.columns, sample.thin)
    codes = {
        thin: {c for r, c in zip(stated.row, stated.code, strict=True) if sample.thin[r] == thin} for thin in (0, 1)
    }
    assert "R12" in codes[0]
    assert "R12" not in codes[1]
    assert "R18" not in codes[0]


def test_a_missing_bureau_score_is_stated_as_no_file(developed, sample):
    model = replace(developed[0].model, missing_reason_of={"bureau_score": "R33"})
    stated = reasons(model, sample.columns, sample.thin)
    missing = np.isnan(sample.columns["bureau_score"])
    for row, code in zip(stated.row, stated.code, strict=True):
        assert code != ("R01" if missing[row] else "R33")


def test_ranks_run_from_one_without_gaps_and_contributions_fall(developed, sample):
    stated = reasons(developed[1].model, sample.columns, sample.thin)
    new_row = np.diff(stated.row, prepend=-1) != 0
    assert (stated.rank[new_row] == 1).all()
    assert (np.diff(stated.rank)[~new_row[1:]] == 1).all()
    assert (np.diff(stated.contribution)[~new_row[1:]] <= 0).all()


def test_the_riskiest_tenth_is_left_without_reasons_hardly_ever(developed):
    for d in developed:
        assert d.reason_rates.rows == pytest.approx(100, abs=5)
        assert d.reason_rates.without_reason <= 1
        assert d.reason_rates.together_improves == d.reason_rates.rows - d.reason_rates.without_reason


def test_a_fitted_model_survives_json_to_the_last_bit(developed, sample):
    for d in developed:
        back = FittedModel.from_json(json.loads(json.dumps(d.model.to_json(), allow_nan=False)), d.model.arrays)
        again, first = back.score(sample.columns, sample.thin), d.model.score(sample.columns, sample.thin)
        assert again.probability.tobytes() == first.probability.tobytes()


def test_too_few_events_are_not_trained_on(spec, sample):
    few = replace(sample, fitted_outcome=np.where(np.arange(3000) < 15, 1.0, 0.0))
    # 15 of the 20 are there: 1.3 times as many rows have them.
    with pytest.raises(NotReady, match=r"15 events .* needs at least 20\..* with about 1\.3 times as many such rows"):
        develop(spec, few, seed=1, threads=1)


def test_an_input_that_knows_the_label_stops_the_build(spec, sample):
    columns = dict(sample.columns) | {"amount": sample.fitted_outcome * 1e6}
    with pytest.raises(NotReady, match="'amount' alone"):
        develop(spec, replace(sample, columns=columns), seed=1, threads=1)
