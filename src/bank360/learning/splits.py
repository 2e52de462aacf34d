"""Which rows train and which test. Out of time first; nothing that tests may have been seen, or known, in training.

Invariant: a row trains only if its label was known before the test period starts. Rows are told apart by order, so a
caller sorts them by key first and the same data gives the same folds.
"""

from dataclasses import dataclass

import numpy as np

from bank360.learning.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class OutOfTime:
    """Masks over rows: ``train`` and ``test`` are disjoint; a row may be in neither."""

    train: Bools
    test: Bools


def out_of_time(
    at: Ints, label_known_at: Ints, train_start: int, test_start: int, test_end: int, label_cut_off: int
) -> OutOfTime:
    """Split by time.

    Parameters
    ----------
    at
        Moment of each row (any unit, the same for all arguments).
    label_known_at
        Moment from which the row's label is complete.
    train_start, test_start, test_end
        Training rows lie in ``[train_start, test_start)`` and their label is complete at ``test_start``; test rows lie
        in ``[test_start, test_end)``.
    label_cut_off
        Test rows' labels are complete by then.
    """
    train = (at >= train_start) & (at < test_start) & (label_known_at <= test_start)
    test = (at >= test_start) & (at < test_end) & (label_known_at <= label_cut_off)
    return OutOfTime(train, test)


def stratified_folds(outcome: Floats, folds: int, seed: int) -> Ints:
    """Return each row's fold, 0 to ``folds - 1``: every outcome is spread evenly over the folds, at random."""
    rng = np.random.default_rng(seed)
    answer = np.zeros(len(outcome), dtype=np.int64)
    offset = 0
    for value in np.unique(outcome):
        rows = np.nonzero(outcome == value)[0]
        answer[rng.permutation(rows)] = (np.arange(len(rows)) + offset) % folds
        offset += len(rows)
    return answer


def grouped_folds(group: Ints, outcome: Floats, folds: int, seed: int) -> Ints:
    """Return each row's fold, all rows of a group in one: groups with an event are spread evenly, and those without.

    For rows of one customer at several days: what is left out is then told by nobody who was seen.
    """
    _, place = np.unique(group, return_inverse=True)
    events = np.zeros(int(place.max()) + 1)
    np.maximum.at(events, place, outcome)
    return stratified_folds(events, folds, seed)[place]


def never_seen(group: Ints, train: Bools) -> Bools:
    """Return the rows whose group (customer) is in no training row; a group below 0 is unknown and counts as unseen."""
    return np.asarray((group < 0) | ~np.isin(group, np.unique(group[train & (group >= 0)])), dtype=np.bool_)
