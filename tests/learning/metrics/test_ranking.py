"""Measures under resamples of groups are those of the rows written out, each group as often as it was drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.learning.metrics.discrimination import auc, average_precision
from bank360.learning.metrics.ranking import group_ranking, mean_with_interval

TOP = 2
ROWS = st.lists(
    st.tuples(st.sampled_from([0, 0, 1]), st.sampled_from([0.1, 0.4, 0.5, 0.9]), st.integers(0, 5), st.integers(0, 2)),
    min_size=2,
    max_size=14,
).filter(lambda rows: 0 < sum(row[0] for row in rows) < len(rows))


def columns(rows):
    outcome, score, group, day = (np.array([row[k] for row in rows]) for k in range(4))
    return outcome.astype(float), score.astype(float), group.astype(np.int64), day.astype(np.int64)


def ranked(rows):
    outcome, score, group, day = columns(rows)
    return group_ranking(outcome, score, group, day, TOP)


def top_precision_by_hand(rows):
    """Each day the two groups of highest score, ties by number; a group with an event found is out from then on."""
    out, shares = set(), []
    for day in sorted({row[3] for row in rows}):
        best, event = {}, {}
        for outcome, score, group, at in rows:
            if at == day and group not in out:
                best[group] = max(best.get(group, 0), score)
                event[group] = max(event.get(group, 0), outcome)
        looked_at = sorted(best, key=lambda group: (-best[group], group))[:TOP]
        shares.append(sum(event[group] for group in looked_at) / TOP)
        out |= {group for group in looked_at if event[group]}
    return sum(shares) / len(shares)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_each_group_once_is_the_plain_measure(rows):
    outcome, score, group, day = columns(rows)
    ranking = group_ranking(outcome, score, group, day, TOP)
    found = ranking.measures(np.ones(ranking.n_groups))
    expected = (auc(outcome, score), average_precision(outcome, score), top_precision_by_hand(rows))
    assert found == pytest.approx(expected, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(ROWS, st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_a_group_drawn_several_times_counts_as_so_many_groups(rows, times):
    """Copies of group g are groups 10 g, 10 g + 1, …: so ties stand in the same order."""
    copies = [(*row[:2], 10 * row[2] + copy, row[3]) for row in rows for copy in range(times[row[2]])]
    if not 0 < sum(row[0] for row in copies) < len(copies):
        return
    ranking = ranked(rows)
    found = ranking.measures(np.array(times[: ranking.n_groups], dtype=float))
    outcome, score, _, _ = columns(copies)
    days = len({row[3] for row in rows}) / len({row[3] for row in copies})  # a day on which nobody was drawn finds none
    expected = (auc(outcome, score), average_precision(outcome, score), top_precision_by_hand(copies) / days)
    assert found == pytest.approx(expected, rel=1e-12)


def test_card_precision_worked_by_hand():
    """Day 1: cards 0 and 1 are looked at, 1 is bad. Day 2: 1 is out, so 0 and 2, and 2 is bad. So 1/2 and 1/2."""
    rows = [(0, 0.9, 0, 1), (1, 0.8, 1, 1), (0, 0.1, 1, 1), (0, 0.7, 2, 1),
            (1, 0.9, 1, 2), (0, 0.5, 0, 2), (1, 0.4, 2, 2), (0, 0.3, 3, 2)]  # fmt: skip
    assert ranked(rows).measures(np.ones(4)).top_precision == 0.5


def test_the_interval_holds_the_mean_of_the_rankings_and_is_wider_where_rows_come_in_groups():
    rng = np.random.default_rng(3)
    group = np.repeat(np.arange(200), 10)
    outcome = (rng.random(200) < 0.2)[group].astype(float)
    scores = [outcome + rng.normal(0, 1.5, 200)[group] for _ in range(3)]
    day = np.tile(np.arange(10), 200)
    together = mean_with_interval([group_ranking(outcome, one, group, day, 20) for one in scores], 200, 7)
    apart = mean_with_interval([group_ranking(outcome, one, np.arange(2000), day, 20) for one in scores], 200, 7)
    assert together[0].value == pytest.approx(np.mean([auc(outcome, one) for one in scores]))
    for estimate in together:
        assert estimate.low < estimate.value < estimate.high
    # Ten equal rows of a group are one observation: the interval of the AUC is some sqrt(10) times as wide.
    assert 2 < (together[0].high - together[0].low) / (apart[0].high - apart[0].low) < 4.5


def test_a_ranking_without_events_is_refused():
    with pytest.raises(ValueError, match="with and without the event"):
        group_ranking(np.zeros(3), np.ones(3), np.arange(3), np.zeros(3, dtype=np.int64), TOP)
