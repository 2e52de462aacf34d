"""A model of a table: named columns in, a margin, a probability and exact contributions out.

A `TabularModel` is the encoder of its categories, one estimator (scorecard, linear or trees), a calibrator, and the
reference row that neutral means. Everything in it was learned from the rows it was fitted on; the calibrator from
margins predicted out of fold. Rows must come sorted by key: the same rows then give the same model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from bank360.learning.arrays import Bools, Floats, Ints
from bank360.learning.calibration import LogisticCalibrator, fit_calibrator
from bank360.learning.categories import Levels, learn_levels
from bank360.learning.estimators.boosting import BoostingRules, cross_validated, grow_trees
from bank360.learning.estimators.logistic import LinearModel, fit_linear
from bank360.learning.scorecard import Scorecard, ScorecardRules, fit_scorecard
from bank360.learning.selection import refuse_circular
from bank360.learning.splits import grouped_folds, stratified_folds
from bank360.learning.trees import TreeEnsemble

Columns = Mapping[str, npt.NDArray[Any]]  # float64 with NaN, or text (object) with None
Kind = Literal["scorecard", "linear", "trees"]
INNER_FOLDS = 4
LARGEST = 1e150  # larger numbers, infinities among them, read as this: their squares still add up


@dataclass(frozen=True)
class Input:
    """One column a model reads: categorical or numeric, and the expected direction of risk (0: none stated)."""

    name: str
    categorical: bool = False
    sign: int = 0


@dataclass(frozen=True)
class Recipe:
    """How a candidate is fitted: what kind of estimator, by which rules."""

    kind: Kind
    scorecard: ScorecardRules = field(default_factory=ScorecardRules)
    ridge: float = 10.0
    boosting: BoostingRules = field(default_factory=BoostingRules)


@dataclass(frozen=True, eq=False)
class TabularModel:
    """A fitted model of named columns.

    Parameters
    ----------
    inputs
        The columns, in the order of the design matrix.
    levels
        What each level of a categorical column is worth, by column name.
    estimator
        Gives the margin: the log-odds of the event before calibration.
    calibrator
        Turns the margin into a probability.
    reference
        By input, the neutral value: the training median, or NaN where most rows have none.
    low, high
        By input, the least and largest value seen in training (NaN where none was).
    """

    inputs: tuple[Input, ...]
    levels: Mapping[str, Levels]
    estimator: Scorecard | LinearModel | TreeEnsemble
    calibrator: LogisticCalibrator
    reference: Floats
    low: Floats
    high: Floats

    @property
    def kind(self) -> Kind:
        """What kind of estimator it is."""
        if isinstance(self.estimator, TreeEnsemble):
            return "trees"
        return "scorecard" if isinstance(self.estimator, Scorecard) else "linear"

    @property
    def base(self) -> float:
        """Margin that contributions are counted from."""
        return self.estimator.mean_margin if isinstance(self.estimator, TreeEnsemble) else self.estimator.base

    def design(self, columns: Columns) -> Floats:
        """Return the design matrix of named columns, shape ``(n_rows, n_inputs)``; KeyError where one lacks."""
        return design_matrix(self.inputs, self.levels, columns)

    def margin(self, design: Floats) -> Floats:
        """Return the margin of each row of a design matrix."""
        return self.estimator.margin(design)

    def probability(self, margin: Floats) -> Floats:
        """Return the calibrated probability of each margin."""
        return self.calibrator.probability(margin)

    def raised(self, shift: float) -> "TabularModel":
        """Return the model with the log-odds of its probability raised by ``shift``; margins stay what they are."""
        return replace(self, calibrator=self.calibrator.raised(shift))

    def contributions(self, design: Floats) -> Floats:
        """Return exact Shapley contributions on the margin, shape ``(n_rows, n_inputs)``; plus `base` they are it."""
        return self.estimator.contributions(design)

    def neutralised(self, design: Floats, neutral: Bools) -> Floats:
        """Return the margin with the marked cells made neutral.

        Parameters
        ----------
        neutral
            Shape ``(n_rows, n_inputs)`` or ``(n_inputs,)``. In a scorecard or linear model a neutral cell contributes
            nothing (it is the average bin); trees read the reference value in its place.
        """
        if isinstance(self.estimator, TreeEnsemble):
            return self.estimator.margin(np.where(neutral, self.reference, design))
        removed = np.where(neutral, self.estimator.contributions(design), 0.0)
        return np.asarray(self.estimator.margin(design) - removed.sum(axis=1), dtype=np.float64)

    def outside_training(self, design: Floats) -> Bools:
        """Return which cells hold a value outside the range seen in training."""
        return np.asarray((design < self.low) | (design > self.high), dtype=np.bool_)

    def to_json(self) -> dict[str, Any]:
        """Return the model as JSON values; trees are in `arrays`."""
        return {
            "kind": self.kind,
            "inputs": [{"name": i.name, "categorical": i.categorical, "sign": i.sign} for i in self.inputs],
            "levels": {name: levels.to_json() for name, levels in self.levels.items()},
            "calibrator": self.calibrator.to_json(),
            "reference": _numbers(self.reference),
            "low": _numbers(self.low),
            "high": _numbers(self.high),
            "estimator": None if isinstance(self.estimator, TreeEnsemble) else self.estimator.to_json(),
        }

    @property
    def arrays(self) -> dict[str, Any]:
        """The trees as named arrays; empty for other kinds."""
        return self.estimator.to_arrays() if isinstance(self.estimator, TreeEnsemble) else {}

    @classmethod
    def from_json(cls, values: Mapping[str, Any], arrays: Mapping[str, Any]) -> "TabularModel":
        """Return the model that `to_json` and `arrays` wrote; ValueError where they cannot be one."""
        inputs = tuple(Input(str(i["name"]), bool(i["categorical"]), int(i["sign"])) for i in values["inputs"])
        estimator: Scorecard | LinearModel | TreeEnsemble
        if values["kind"] == "trees":
            estimator = TreeEnsemble.from_arrays(arrays)
            width = estimator.n_features
        elif values["kind"] == "scorecard":
            estimator = Scorecard.from_json(values["estimator"])
            width = estimator.n_features
        elif values["kind"] == "linear":
            estimator = LinearModel.from_json(values["estimator"])
            width = len(estimator.weight)
        else:
            raise ValueError(f"'{values['kind']}' is no kind of model")
        reference, low, high = (_array(values[name]) for name in ("reference", "low", "high"))
        if not width == len(inputs) == len(reference) == len(low) == len(high):
            raise ValueError("a model's inputs and its estimator differ in number")
        levels = {str(name): Levels.from_json(v) for name, v in values["levels"].items()}
        if set(levels) != {i.name for i in inputs if i.categorical}:
            raise ValueError("a model's categorical inputs and their levels differ")
        return cls(inputs, levels, estimator, LogisticCalibrator.from_json(values["calibrator"]), reference, low, high)


def _numbers(values: Floats) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in values]


def _array(values: list[float | None]) -> Floats:
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def design_matrix(inputs: tuple[Input, ...], levels: Mapping[str, Levels], columns: Columns) -> Floats:
    """Return the design matrix: numbers as they are (cut at +-`LARGEST`), categories as what their level is worth."""
    parts = [levels[i.name].encode(columns[i.name]) if i.categorical else columns[i.name] for i in inputs]
    return np.clip(np.column_stack([np.asarray(part, dtype=np.float64) for part in parts]), -LARGEST, LARGEST)


def _learn(inputs: tuple[Input, ...], columns: Columns, outcome: Floats, rows: Ints) -> dict[str, Levels]:
    return {i.name: learn_levels(columns[i.name][rows], outcome[rows]) for i in inputs if i.categorical}


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model, and the calibrated log-odds of each training row by the folds that left the row out."""

    model: TabularModel
    out_of_fold: Floats


def fit_tabular(
    recipe: Recipe, inputs: tuple[Input, ...], columns: Columns, outcome: Floats, seed: int, threads: int = 1
) -> TabularModel:
    """Fit one candidate on training rows: `fit_with_folds` without what its folds said of them."""
    return fit_with_folds(recipe, inputs, columns, outcome, seed, threads).model


def fit_with_folds(
    recipe: Recipe, inputs: tuple[Input, ...], columns: Columns, outcome: Floats, seed: int, threads: int = 1,
    group: Ints | None = None,
) -> Fit:  # fmt: skip
    """Fit one candidate on training rows, and its calibrator on margins predicted out of fold.

    Parameters
    ----------
    columns
        By name, the training rows' values: float64 with NaN, or text with None. Sorted by key.
    outcome
        1.0 where the event happened; both outcomes must occur. Between 0 and 1 where it is only expected: such a row
        counts as that part of an event, and trees refuse it.
    seed
        Of the folds, and of the trees' column sampling.
    threads
        For LightGBM; does not change the result.
    group
        Rows of one group (a customer) fall into one fold; None: each row is on its own.

    Raises
    ------
    CircularTarget
        If one input alone tells the outcome.
    ValueError
        If trees are asked to learn from an outcome that is only expected.
    """
    every = np.arange(len(outcome))
    observed = (outcome == 0) | (outcome == 1)
    if recipe.kind == "trees" and not observed.all():
        raise ValueError("trees are grown on outcomes that happened or did not, not on expected ones")
    levels = _learn(inputs, columns, outcome, every)
    design = design_matrix(inputs, levels, columns)
    refuse_circular(design[observed], outcome[observed], tuple(i.name for i in inputs))
    rounded = np.round(outcome)
    folds = stratified_folds(rounded, INNER_FOLDS, seed)
    if group is not None:
        folds = grouped_folds(group, rounded, INNER_FOLDS, seed)
    signs = tuple(i.sign for i in inputs)
    pairs: list[tuple[Floats, Floats]] = []
    for k in range(INNER_FOLDS):
        inside, outside = np.nonzero(folds != k)[0], np.nonzero(folds == k)[0]
        learned = _learn(inputs, columns, outcome, inside)
        encoded = design_matrix(inputs, learned, columns)
        pairs.append((encoded[inside], encoded[outside]))
    estimator: Scorecard | LinearModel | TreeEnsemble
    if recipe.kind == "trees":
        rounds, margins = cross_validated(pairs, outcome, folds, signs, recipe.boosting, seed, threads)
        estimator = grow_trees(design, outcome, signs, rounds, recipe.boosting, seed, threads)
    else:
        margins = np.zeros(len(outcome))
        for k, (inside_x, outside_x) in enumerate(pairs):
            margins[folds == k] = _plain(recipe, inside_x, outcome[folds != k], signs).margin(outside_x)
        estimator = _plain(recipe, design, outcome, signs)
    missing = np.isnan(design)
    some = ~missing.all(axis=0)
    filled = np.where(some, design, 0.0)
    reference = np.where(missing.mean(axis=0) > 0.5, np.nan, np.nanmedian(filled, axis=0))
    low = np.where(some, np.nanmin(filled, axis=0), np.nan)
    high = np.where(some, np.nanmax(filled, axis=0), np.nan)
    calibrator = fit_calibrator(margins, outcome)
    model = TabularModel(inputs, levels, estimator, calibrator, reference, low, high)
    return Fit(model, calibrator.log_odds(margins))


def _plain(recipe: Recipe, x: Floats, outcome: Floats, signs: tuple[int, ...]) -> Scorecard | LinearModel:
    if recipe.kind == "scorecard":
        return fit_scorecard(x, outcome, signs, recipe.scorecard)
    return fit_linear(x, outcome, signs, recipe.ridge)


def canonical_order(columns: Columns, outcome: Floats) -> Ints:
    """Return the order of rows by their content, for tables without a key: however shuffled, rows come out the same."""
    keys: list[Any] = [outcome]
    for name in sorted(columns):
        values = columns[name]
        if values.dtype == np.float64:
            keys += [np.nan_to_num(values, nan=0.0), np.isnan(values)]
        else:
            keys.append(np.array([repr(v) for v in values], dtype=str))
    return np.lexsort(keys).astype(np.int64)
