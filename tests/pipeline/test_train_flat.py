"""Any flat table trains by its columns alone: dated or not, with categories and missing values."""

import numpy as np
import pytest

from bank360.bank.errors import NotReady
from bank360.learning.metrics.discrimination import auc
from bank360.pipeline.train_flat import out_of_fold, train_flat

NAMES = ("income", "debt", "job")


def _table(rows=900, seed=0):
    rng = np.random.default_rng(seed)
    income, debt = rng.normal(size=(2, rows))
    job = rng.choice(["clerk", "cook"], rows).astype(object)
    job[::20] = None
    y = (rng.random(rows) < 1 / (1 + np.exp(1.5 + income - debt - (job == "cook")))).astype(int)
    income[::9] = np.nan
    return {"income": income, "debt": debt, "job": job}, y


def test_without_dates_it_is_cross_validated_and_says_so():
    columns, y = _table()
    report, models = train_flat(NAMES, columns, y, None, seed=1)
    assert report.split == "not out of time"
    assert (report.rows, report.test_rows, report.events) == (900, 900, int(y.sum()))
    assert [m.candidate for m in report.metrics] == ["scorecard", "lightgbm"] == list(models)
    assert all(0.65 < m.measured.auc.low < m.measured.auc.value < 0.9 for m in report.metrics)


def test_with_dates_the_last_rows_test():
    columns, y = _table()
    report, _ = train_flat(NAMES, columns, y, np.repeat(np.arange(90), 10), seed=1)
    assert (report.split, report.test_rows, report.test_events) == ("out of time", 270, int(y[630:].sum()))


def test_the_order_of_the_rows_does_not_matter():
    columns, y = _table(500)
    shuffle = np.random.default_rng(3).permutation(500)
    first, _ = train_flat(NAMES, columns, y, None, seed=1)
    again, _ = train_flat(NAMES, {name: values[shuffle] for name, values in columns.items()}, y[shuffle], None, seed=1)
    assert first.to_json() == again.to_json()


@pytest.mark.parametrize("place", [0, 1])
def test_scores_out_of_fold_are_those_that_were_measured_whatever_the_rows_order(place):
    columns, y = _table(500)
    measured = train_flat(NAMES, columns, y, None, seed=1)[0].metrics[place]
    found = out_of_fold(measured.candidate, NAMES, columns, y, seed=1)
    assert auc(y.astype(float), found) == measured.measured.auc.value
    shuffle = np.random.default_rng(3).permutation(500)
    shuffled = {name: values[shuffle] for name, values in columns.items()}
    np.testing.assert_array_equal(out_of_fold(measured.candidate, NAMES, shuffled, y[shuffle], seed=1), found[shuffle])


def test_too_few_events_are_refused_in_one_line():
    columns, y = _table()
    y[:] = 0
    y[:5] = 1
    with pytest.raises(NotReady, match="5 events in 900 rows"):
        train_flat(NAMES, columns, y, None, seed=1)


def test_a_column_that_knows_the_label_is_refused():
    columns, y = _table()
    with pytest.raises(NotReady, match="'written_off' alone"):
        train_flat((*NAMES, "written_off"), columns | {"written_off": y * 100.0}, y, None, seed=1)


def test_a_label_of_other_codes_is_refused():
    columns, y = _table()
    with pytest.raises(NotReady, match="0 or 1"):
        train_flat(NAMES, columns, y + 1, None, seed=1)


def test_pure_noise_is_told_from_chance_by_no_candidate():
    rng = np.random.default_rng(11)
    columns = {f"noise_{k}": rng.normal(size=400) for k in range(40)}
    report, _ = train_flat(tuple(columns), columns, (rng.random(400) < 0.3).astype(int), None, seed=1)
    for one in report.metrics:
        assert one.measured.auc.low <= 0.5 <= one.measured.auc.high, one.candidate
