"""Gradient-boosted trees: LightGBM grows them, `trees.py` holds, scores and explains them.

Deterministic: the same rows in the same order and the same seed give the same trees, whatever the number of threads.
How many trees is chosen by cross-validation on the training rows, and the margins predicted there for the rows left
out are handed back for the calibrator.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bank360.learning.arrays import Floats, Ints
from bank360.learning.trees import TreeEnsemble, from_lightgbm


@dataclass(frozen=True)
class BoostingRules:
    """How trees are grown; a small table wants few, shallow and cautious ones."""

    max_rounds: int = 300
    learning_rate: float = 0.05
    leaves: int = 8
    least_rows: int = 40
    l2: float = 10.0
    feature_share: float = 0.5
    max_bins: int = 63


# Below this a second thread only waits: German credit took 7 CPU seconds with one and 65 with two on a busy machine.
FEW_CELLS = 5_000_000


def grow_trees(
    x: Floats, outcome: Floats, signs: tuple[int, ...], rounds: int, rules: BoostingRules, seed: int, threads: int
) -> TreeEnsemble:
    """Grow ``rounds`` trees; monotone in the expected direction of each feature where ``signs`` gives one."""
    return from_lightgbm(_train(x, outcome, signs, rounds, rules, seed, threads).dump_model())


def cross_validated(
    x: list[tuple[Floats, Floats]],
    outcome: Floats,
    folds: Ints,
    signs: tuple[int, ...],
    rules: BoostingRules,
    seed: int,
    threads: int,
) -> tuple[int, Floats]:
    """Return the number of trees with the least mean log loss on rows left out, and those rows' margins with it.

    Parameters
    ----------
    x
        By fold, the design matrix of the other folds' rows and that of the fold's own (each encoded from the former).
    folds
        Each row's fold.
    """
    losses = np.zeros(rules.max_rounds)
    staged: list[Floats] = []
    for k, (inside, outside) in enumerate(x):
        booster = _train(inside, outcome[folds != k], signs, rules.max_rounds, rules, seed, threads)
        trees = from_lightgbm(booster.dump_model())
        margins = _staged_margins(trees, outside, rules.max_rounds)
        y = outcome[folds == k]
        losses += (np.logaddexp(0.0, margins) - y * margins).sum(axis=1)
        staged.append(margins)
    best = int(np.argmin(losses))
    answer = np.zeros(len(outcome))
    for k, margins in enumerate(staged):
        answer[folds == k] = margins[best]
    return best + 1, answer


def _staged_margins(trees: TreeEnsemble, x: Floats, rounds: int) -> Floats:
    """Return the margins after each tree, shape ``(rounds, n_rows)``; after the last tree they stay."""
    margins = np.zeros((rounds, len(x)))
    total = np.full(len(x), trees.base)
    for k, one in enumerate(trees.each()):
        total = total + one.margin(x)
        margins[k:] = total
    return margins


def _train(
    x: Floats, outcome: Floats, signs: tuple[int, ...], rounds: int, rules: BoostingRules, seed: int, threads: int
) -> Any:
    import lightgbm  # a second of import that a process which only scores does not pay

    settings = {
        "objective": "binary",
        "learning_rate": rules.learning_rate,
        "num_leaves": rules.leaves,
        "min_data_in_leaf": min(rules.least_rows, max(5, len(x) // 50)),
        "lambda_l2": rules.l2,
        "feature_fraction": rules.feature_share,
        "max_bin": rules.max_bins,
        "monotone_constraints": list(signs),
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": threads if x.size >= FEW_CELLS else 1,
        "verbosity": -1,
    }
    return lightgbm.train(settings, lightgbm.Dataset(x, outcome), rounds)
