"""The scorecard's table: it is the model that scores, bin by bin, and adds up."""

from dataclasses import replace

import numpy as np
import pytest

from bank360.models.development import develop
from bank360.models.scorecard_table import scorecard_markdown, scorecard_tables


@pytest.fixture(scope="module")
def models(spec, sample):
    return [d.model for d in develop(spec, sample, seed=1, threads=1)]


def test_there_is_a_card_for_each_part_and_none_for_trees(models):
    assert [table.population for table in scorecard_tables(models[0])] == ["with history", "thin file"]
    assert scorecard_tables(models[1]) == ()
    assert scorecard_markdown((), {}) == []


def test_bins_hold_every_training_row_once_with_its_outcome(models, sample):
    for table, thin in zip(scorecard_tables(models[0]), (False, True), strict=True):
        rows = sample.train & (sample.thin == thin)
        for attribute in table.attributes:
            assert sum(one.rows for one in attribute.bins) == rows.sum()
            assert sum(one.bad for one in attribute.bins) == sample.fitted_outcome[rows].sum()
            assert sum(one.share for one in attribute.bins) == pytest.approx(1)


def test_a_rows_bins_add_up_to_its_score_and_the_ladder_gives_its_probability(models, sample):
    table, thin_table = scorecard_tables(models[0])
    (model, rows, design), (_, thin_rows, _) = models[0].designs(sample.columns, sample.thin)
    assert rows.sum() + thin_rows.sum() == 3000
    score = next(a for a in table.attributes if a.name == "bureau_score")
    place = [i.name for i in model.inputs].index("bureau_score")
    # The first number of a bin's words is its upper edge ("up to 480"), the last its lower ("over 640").
    for one in score.bins[:-1]:
        low = -np.inf if one.bin.startswith("up to") else float(one.bin.split()[1].replace(",", ""))
        high = np.inf if " to " not in one.bin else float(one.bin.split()[-1].replace(",", ""))
        trained = rows & sample.train
        values = sample.columns["bureau_score"][trained]
        # Edges are printed to four digits: the count may differ by rows on the edge.
        assert ((values > low) & (values <= high)).sum() == pytest.approx(one.rows, abs=6)
    assert score.bins[-1].bin == "no value"
    untold = next(a for a in table.attributes if a.bins[-1].rows == 0).bins[-1]
    assert (untold.bin, untold.woe, untold.bad_rate) == ("no value (too few to tell: neutral)", 0.0, None)
    assert score.bins[-1].rows == np.isnan(design[sample.train[rows], place]).sum()
    assert [s for s, _ in table.probabilities] == sorted({s for s, _ in table.probabilities})
    assert [p for _, p in table.probabilities] == sorted((p for _, p in table.probabilities), reverse=True)
    # A row's score by hand: the points of its bins; its probability lies between those of the ladder's neighbours.
    margin = model.margin(design)
    total = table.scale.points(float(margin[0]))
    ladder = np.array(table.probabilities)
    k = int(np.searchsorted(ladder[:, 0], total))
    probability = float(model.probability(margin[:1])[0])
    assert ladder[k, 1] <= probability <= ladder[k - 1, 1]
    assert thin_table.attributes[0].information_value >= thin_table.attributes[-1].information_value


def test_riskier_bins_always_cost_points(models):
    for table in scorecard_tables(models[0]):
        for attribute in table.attributes:
            by_woe = sorted(attribute.bins, key=lambda one: one.woe)
            assert [b.points for b in by_woe] == sorted((b.points for b in attribute.bins), reverse=True)


def test_levels_of_a_category_are_named(spec, sample, models):
    rng = np.random.default_rng(1)
    told = (sample.fitted_outcome == 1) & (rng.random(3000) < 0.5)
    channel = np.where(told, "online", rng.choice(["online", "branch", "phone"], 3000))
    changed = replace(sample, columns=dict(sample.columns) | {"channel": channel.astype(object)})
    card = develop(spec, changed, seed=1, threads=1)[0].model
    found = next(a for a in scorecard_tables(card)[0].attributes if a.name == "channel")
    named = [name for one in found.bins[:-1] for name in one.bin.split(", ")]
    assert {"online", "branch", "phone"} <= set(named)
    assert len(named) == len(set(named))


def test_the_markdown_shows_every_bin_with_meaning_points_and_bad_rate(models):
    tables = scorecard_tables(models[0])
    lines = scorecard_markdown(tables, {"bureau_score": {"meaning": "score of the credit bureau", "unit": "points"}})
    bins = sum(len(a.bins) for table in tables for a in table.attributes)
    ladder = sum(len(table.probabilities) for table in tables)
    assert sum(line.startswith("| ") and not line.startswith(("| attribute", "| score")) for line in lines) == (
        bins + ladder
    )
    assert any("**bureau_score**: score of the credit bureau (points), IV " in line for line in lines)
    assert "## Scorecard: thin file" in lines
