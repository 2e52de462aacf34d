"""Splits: maturity before the test period, folds by outcome, customers never seen."""

import numpy as np

from bank360.learning.splits import grouped_folds, never_seen, out_of_time, stratified_folds


def test_a_row_trains_only_if_its_label_was_complete_when_the_test_starts():
    at = np.array([0, 5, 9, 10, 19, 20])
    split = out_of_time(at, at + 5, 0, 10, 20, 24)
    # 9 + 5 > 10: not known in time. 20 is outside the test period. 19 + 5 = 24 is just complete.
    assert split.train.tolist() == [True, True, False, False, False, False]
    assert split.test.tolist() == [False, False, False, True, True, False]


def test_folds_share_events_and_rows_evenly_and_depend_on_the_seed_only():
    y = np.repeat([1.0, 0.0], [13, 38])
    folds = stratified_folds(y, 5, seed=1)
    assert {int((y[folds == k]).sum()) for k in range(5)} <= {2, 3}
    assert {int((folds == k).sum()) for k in range(5)} <= {10, 11}
    assert (folds == stratified_folds(y, 5, seed=1)).all()
    assert (folds != stratified_folds(y, 5, seed=2)).any()


def test_all_rows_of_a_group_fall_into_one_fold_and_groups_with_an_event_are_spread():
    group = np.repeat(np.arange(20) * 7, 3)
    y = np.zeros(60)
    y[[0, 1, 3, 6, 9, 12, 15, 18, 21]] = 1.0  # of groups 0 to 7, the first twice
    folds = grouped_folds(group, y, 4, seed=1)
    for one in np.unique(group):
        assert len(set(folds[group == one])) == 1
    assert [len({*group[(folds == k) & (y == 1)]}) for k in range(4)] == [2, 2, 2, 2]
    assert [int((folds == k).sum()) for k in range(4)] == [15, 15, 15, 15]


def test_an_unknown_customer_was_never_seen():
    group = np.array([1, 2, 2, -1, -1, 3])
    train = np.array([True, True, False, True, False, False])
    assert never_seen(group, train).tolist() == [False, False, False, True, True, True]
