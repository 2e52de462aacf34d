"""Train any flat table: one row per customer or application, numeric and categorical columns, a label, perhaps a date.

With dates the last part of the time tests what the first part taught. Without dates there is stratified
cross-validation, and every number on it is labelled "not out of time". A weight-of-evidence scorecard is fitted first,
LightGBM beside it on the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.bank.counted import counted
from bank360.bank.errors import NotReady
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.metrics.discrimination import auc_difference
from bank360.learning.metrics.estimate import Estimate
from bank360.learning.selection import CircularTarget
from bank360.learning.splits import stratified_folds
from bank360.learning.tabular import Columns, Input, Recipe, TabularModel, canonical_order, fit_tabular
from bank360.models.development import Measured, measure

OUTER_FOLDS = 5
TEST_SHARE = 0.3
USUAL_TREES = BoostingRules()
LEAST_EVENTS = 20


@dataclass(frozen=True)
class FlatMetrics:
    """One candidate's metrics on rows it was not fitted on; ``gain`` is its AUC less the baseline's (None of that)."""

    candidate: str
    measured: Measured
    gain: Estimate | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as JSON values."""
        gain = {} if self.gain is None else {"gain": self.gain.to_json()}
        return {"candidate": self.candidate, **self.measured.to_json(), **gain}


@dataclass(frozen=True)
class FlatReport:
    """What training a flat table found.

    Parameters
    ----------
    rows, events, test_rows, test_events
        All rows, and those that the metrics are on.
    split
        "out of time", or "not out of time" where the table has no dates.
    metrics
        By candidate, the plain baseline first.
    """

    rows: int
    events: int
    test_rows: int
    test_events: int
    split: str
    metrics: tuple[FlatMetrics, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {
            "rows": self.rows,
            "events": self.events,
            "test_rows": self.test_rows,
            "test_events": self.test_events,
            "split": self.split,
            "metrics": [m.to_json() for m in self.metrics],
        }


def train_flat(
    names: tuple[str, ...],
    columns: Mapping[str, npt.NDArray[Any]],
    label: npt.NDArray[Any],
    dates: npt.NDArray[Any] | None,
    seed: int,
    threads: int = 1,
    test_from: int | None = None,
    boosting: BoostingRules = USUAL_TREES,
) -> tuple[FlatReport, dict[str, TabularModel]]:
    """Train the scorecard and the trees on a flat table, and measure them on rows they did not see.

    Parameters
    ----------
    names
        Columns to use.
    columns
        By name: float64 with NaN, or text (object) with None.
    label
        1 where the event happened, 0 where not.
    dates
        One number per row that orders them in time (days, microseconds), or None.
    seed
        Of folds and trees.
    test_from
        With dates: rows from this moment on test. None: the last 30 % of the rows, whole moments kept together.
    boosting
        How the trees are grown.

    Returns
    -------
    tuple
        The report, and by candidate the model fitted on the training rows (without dates: on all rows).

    Raises
    ------
    NotReady
        If the rows that train, or those that test, hold fewer than 20 of either outcome; if the label is not 0 and 1;
        if one column alone tells the label.
    """
    outcome = np.asarray(label, dtype=np.float64)
    if not np.isin(outcome, (0.0, 1.0)).all():
        raise NotReady("the label must be 0 or 1 in every row. Map its codes in bank360.yaml.")
    inputs = _inputs(names, columns)
    chosen: dict[str, npt.NDArray[Any]] = {name: columns[name] for name in names}
    order = canonical_order(chosen, outcome)
    if dates is not None:
        order = order[np.argsort(np.asarray(dates)[order], kind="stable")]
    chosen = {name: values[order] for name, values in chosen.items()}
    outcome = outcome[order]
    recipes = _recipes(boosting)
    try:
        if dates is None:
            return _cross_validated(recipes, inputs, chosen, outcome, seed, threads)
        at = np.asarray(dates)[order]
        start = at[int(len(at) * (1 - TEST_SHARE))] if test_from is None else test_from
        return _dated(recipes, inputs, chosen, outcome, at >= start, seed, threads)
    except CircularTarget as error:
        raise NotReady(f"{error}. In a mapping: list it under 'exclude'.") from error


def out_of_fold(
    candidate: str,
    names: tuple[str, ...],
    columns: Mapping[str, npt.NDArray[Any]],
    label: npt.NDArray[Any],
    seed: int,
    threads: int = 1,
    boosting: BoostingRules = USUAL_TREES,
) -> npt.NDArray[np.float64]:
    """Return each row's probability by a model fitted without it, as cross-validation measured one candidate.

    Parameters are those of `train_flat`, of a table without dates; rows are in the order given.
    """
    outcome = np.asarray(label, dtype=np.float64)
    chosen: dict[str, npt.NDArray[Any]] = {name: columns[name] for name in names}
    order = canonical_order(chosen, outcome)
    sorted_columns = {name: values[order] for name, values in chosen.items()}
    recipe = _recipes(boosting)[candidate]
    found = np.empty(len(outcome))
    found[order] = _out_of_fold(recipe, _inputs(names, columns), sorted_columns, outcome[order], seed, threads)
    return found


def _inputs(names: tuple[str, ...], columns: Mapping[str, npt.NDArray[Any]]) -> tuple[Input, ...]:
    return tuple(Input(name, categorical=columns[name].dtype != np.float64) for name in names)


def _recipes(boosting: BoostingRules) -> dict[str, Recipe]:
    """Return how each candidate is fitted, the plain baseline first."""
    return {"scorecard": Recipe("scorecard"), "lightgbm": Recipe("trees", boosting=boosting)}


def _rows(columns: Columns, mask: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[Any]]:
    return {name: values[mask] for name, values in columns.items()}


def _require(outcome: npt.NDArray[np.float64], what: str) -> None:
    events = int(outcome.sum())
    if min(events, len(outcome) - events) < LEAST_EVENTS:
        raise NotReady(
            f"{what} hold {counted(events, 'event')} in {counted(len(outcome), 'row')}; at least "
            f"{LEAST_EVENTS} rows with the event and "
            f"{LEAST_EVENTS} without are needed. Supply more rows, or another label."
        )


def _dated(
    recipes: Mapping[str, Recipe],
    inputs: tuple[Input, ...],
    columns: Columns,
    outcome: npt.NDArray[np.float64],
    test: npt.NDArray[np.bool_],
    seed: int,
    threads: int,
) -> tuple[FlatReport, dict[str, TabularModel]]:
    _require(outcome[~test], "the training rows")
    _require(outcome[test], "the test rows")
    models = {
        name: fit_tabular(recipe, inputs, _rows(columns, ~test), outcome[~test], seed, threads)
        for name, recipe in recipes.items()
    }
    held_out = _rows(columns, test)
    found = {name: _probability(model, held_out) for name, model in models.items()}
    return _report(outcome, outcome[test], "out of time", _metrics(outcome[test], found)), models


def _cross_validated(
    recipes: Mapping[str, Recipe],
    inputs: tuple[Input, ...],
    columns: Columns,
    outcome: npt.NDArray[np.float64],
    seed: int,
    threads: int,
) -> tuple[FlatReport, dict[str, TabularModel]]:
    _require(outcome, "the rows")
    found, models = {}, {}
    for name, recipe in recipes.items():
        found[name] = _out_of_fold(recipe, inputs, columns, outcome, seed, threads)
        models[name] = fit_tabular(recipe, inputs, columns, outcome, seed, threads)
    return _report(outcome, outcome, "not out of time", _metrics(outcome, found)), models


def _out_of_fold(
    recipe: Recipe,
    inputs: tuple[Input, ...],
    columns: Columns,
    outcome: npt.NDArray[np.float64],
    seed: int,
    threads: int,
) -> npt.NDArray[np.float64]:
    folds = stratified_folds(outcome, OUTER_FOLDS, seed)
    probability = np.zeros(len(outcome))
    for k in range(OUTER_FOLDS):
        model = fit_tabular(recipe, inputs, _rows(columns, folds != k), outcome[folds != k], seed, threads)
        probability[folds == k] = _probability(model, _rows(columns, folds == k))
    return probability


def _probability(model: TabularModel, columns: Columns) -> npt.NDArray[np.float64]:
    return model.probability(model.margin(model.design(columns)))


def _metrics(outcome: npt.NDArray[np.float64], found: Mapping[str, npt.NDArray[np.float64]]) -> tuple[FlatMetrics, ...]:
    """Return the metrics of every candidate's probabilities, those of the plain baseline first."""
    (baseline, plain), *others = found.items()
    return (
        FlatMetrics(baseline, measure("all", outcome, plain)),
        *(FlatMetrics(name, measure("all", outcome, one), auc_difference(outcome, one, plain)) for name, one in others),
    )


def _report(
    outcome: npt.NDArray[np.float64], tested: npt.NDArray[np.float64], split: str, metrics: tuple[FlatMetrics, ...]
) -> FlatReport:
    return FlatReport(len(outcome), int(outcome.sum()), len(tested), int(tested.sum()), split, metrics)
