"""Rows drawn like a reference: seeded, of the counts asked for, copies of nothing, and distributed as it is."""

import numpy as np
import pytest

from bank360.bank.errors import NotReady
from bank360.learning.metrics.distance import correlations, ks_distance
from bank360.sources.card_file.layout import CardRows
from bank360.sources.card_file.lookalike import lookalike


def reference(rows=3_000, frauds=300, seed=3):
    """Return rows with skewed, heavy-tailed and curved dependence, frauds shifted."""
    rng = np.random.default_rng(seed)
    fraud = np.arange(rows) < frauds
    base = rng.standard_t(4, (rows, 28)) + 2.0 * fraud[:, None]
    base[:, 1] = 0.8 * base[:, 0] + 0.6 * base[:, 1]
    base[:, 2] = np.exp(base[:, 3] / 3)
    base[:, 4] = base[:, 5] ** 2 + 0.3 * base[:, 4]
    amount = np.exp(rng.normal(3, 1, rows) + 0.3 * base[:, 0].clip(-3, 3)).astype(np.int64) * 99
    return CardRows(np.floor(rng.uniform(0, 172_800, rows)), base, amount, fraud)


def test_the_same_seed_gives_the_same_rows_and_another_gives_others():
    one, same, other = (lookalike(reference(), 500, 5, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.components, same.components)
    assert not np.array_equal(one.components, other.components)


def test_counts_are_those_asked_for_and_rows_stand_in_order_of_time():
    rows = lookalike(reference(), 5_000, 12, 1)
    assert (len(rows.seconds), int(rows.fraud.sum())) == (5_000, 12)
    assert np.all(np.diff(rows.seconds) >= 0)
    assert (rows.seconds.min() >= 0, rows.seconds.max() < 172_800) == (True, True)
    assert int(lookalike(reference(), 100, 0, 1).fraud.sum()) == 0


def test_no_row_is_a_copy_and_no_value_leaves_the_range():
    file = reference()
    rows = lookalike(file, 5_000, 100, 1)
    drawn = {tuple(row) for row in rows.components}
    assert len(drawn) == 5_000  # each reference row was drawn some times, and never moved to the same place
    assert not drawn & {tuple(row) for row in file.components}
    assert np.all(rows.components.max(axis=0) <= file.components.max(axis=0))
    assert set(rows.amount.tolist()) <= set(file.amount.tolist())  # prices are not smooth


@pytest.mark.parametrize("flag", [False, True])
def test_each_class_is_distributed_as_its_own(flag):
    """20,000 draws of a class keep marginals and correlations of the reference itself, curved ones too."""
    file = reference()
    rows = lookalike(file, 20_000, 20_000 if flag else 0, 1)
    own = file.components[file.fraud == flag]
    assert max(ks_distance(own[:, at], rows.components[:, at]) for at in range(28)) < 0.03
    apart = np.abs(correlations(own) - correlations(rows.components))
    assert apart.max() < 0.12
    curved = [np.corrcoef(one[:, 4], one[:, 5] ** 2)[0, 1] for one in (own, rows.components)]
    assert curved[1] == pytest.approx(curved[0], abs=0.1)


def test_a_class_of_too_few_rows_is_refused():
    with pytest.raises(NotReady, match="20 rows of class 1, at least 30 are needed"):
        lookalike(reference(frauds=20), 500, 5, 1)
