"""The same data and seed give the same scores in a fresh process, with its rows shuffled and another thread count."""

import subprocess
import sys

PROGRAM = """
import hashlib, sys
import numpy as np
from bank360.learning.estimators.boosting import BoostingRules
from bank360.learning.tabular import Input, Recipe, canonical_order, fit_tabular

threads, shuffle = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(1)
n = 1500
x = rng.normal(size=(n, 8))
job = rng.choice(["a", "b", "c"], n).astype(object)
y = (rng.random(n) < 1 / (1 + np.exp(2 - x[:, 0] + x[:, 1] * x[:, 2] - (job == "c")))).astype(float)
x[rng.random(x.shape) < 0.1] = np.nan
columns = {f"x{j}": x[:, j] for j in range(8)} | {"job": job}
rows = np.random.default_rng(shuffle).permutation(n)
columns, y = {name: values[rows] for name, values in columns.items()}, y[rows]
order = canonical_order(columns, y)
columns, y = {name: values[order] for name, values in columns.items()}, y[order]
inputs = tuple(Input(name, name == "job") for name in columns)
digest = hashlib.sha256()
for kind in ("scorecard", "linear", "trees"):
    model = fit_tabular(Recipe(kind, boosting=BoostingRules(max_rounds=60)), inputs, columns, y, 7, threads)
    margin = model.margin(model.design(columns))
    digest.update(margin.tobytes() + model.probability(margin).tobytes())
print(digest.hexdigest())
"""


def scores_of_a_fresh_process(threads: int, shuffle: int) -> str:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(threads), str(shuffle)], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def test_two_fresh_processes_agree_to_the_last_bit():
    assert scores_of_a_fresh_process(1, 0) == scores_of_a_fresh_process(2, 5)
