"""Compiled loops over tree arrays: margins, and exact contributions. `trees.py` validates what they read.

Contributions, leaf by leaf. For a leaf with value v and distinct features 1..d on its path let ``o_j`` be 1 where the
row meets feature j's condition and 0 where not, and ``s_j`` the share of training rows that do. In the path-dependent
game a coalition S earns ``v * prod_{j in S} o_j * prod_{j not in S} s_j``, so the Shapley value of feature i is ::

    v * (o_i - s_i) * sum_k  k! (d - 1 - k)! / d!  *  [t^k] prod_{j != i} (s_j + o_j t)

The whole product is built once (EXTEND in Lundberg 2018) and the factor of i divided out (UNWIND), O(d^2) a leaf.
Features whose condition fails have the factor s_j alone, so only the m features that are met make the polynomial grow;
those that fail share one sum among them.
"""

import numpy as np

from bank360.learning.arrays import Bools, Floats, Int32s, compiled


@compiled
def add_margins(
    x: Floats,
    roots: Int32s,
    feature: Int32s,
    threshold: Floats,
    missing_left: Bools,
    left: Int32s,
    right: Int32s,
    value: Floats,
    answer: Floats,
) -> None:
    """Add the trees' leaf values to ``answer``, in tree order."""
    for row in range(x.shape[0]):
        total = 0.0
        for tree in range(roots.shape[0]):
            node = roots[tree]
            while feature[node] >= 0:
                at = x[row, feature[node]]
                goes_left = missing_left[node] if np.isnan(at) else at <= threshold[node]
                node = left[node] if goes_left else right[node]
            total += value[node]
        answer[row] += total


@compiled
def add_contributions(
    x: Floats,
    start: Int32s,
    feature: Int32s,
    low: Floats,
    high: Floats,
    missing: Bools,
    share: Floats,
    leaf_value: Floats,
    answer: Floats,
) -> None:
    """Add the Shapley value of every feature to ``answer``, shape ``(n_rows, n_features)``."""
    deepest = 0
    for leaf in range(leaf_value.shape[0]):
        deepest = max(deepest, start[leaf + 1] - start[leaf])
    # weight[d, k] = k! (d - 1 - k)! / d!
    weight = np.zeros((deepest + 1, deepest + 1))
    for d in range(1, deepest + 1):
        weight[d, 0] = 1.0 / d
        for k in range(1, d):
            weight[d, k] = weight[d, k - 1] * k / (d - k)
    product = np.zeros(deepest + 1)
    met = np.zeros(deepest, dtype=np.bool_)
    for row in range(x.shape[0]):
        for leaf in range(leaf_value.shape[0]):
            first, d = start[leaf], start[leaf + 1] - start[leaf]
            m = 0
            failed = 1.0
            product[0] = 1.0
            for j in range(d):
                at = x[row, feature[first + j]]
                met[j] = missing[first + j] if np.isnan(at) else low[first + j] < at <= high[first + j]
                s = share[first + j]
                if met[j]:
                    product[m + 1] = product[m]
                    for k in range(m, 0, -1):
                        product[k] = product[k] * s + product[k - 1]
                    product[0] *= s
                    m += 1
                else:
                    failed *= s
            scale = leaf_value[leaf] * failed
            if m < d:
                total = 0.0
                for k in range(m + 1):
                    total += weight[d, k] * product[k]
                # o_i - s_i = -s_i, and s_i is among the failed shares: it cancels against its own division.
                for j in range(d):
                    if not met[j]:
                        answer[row, feature[first + j]] -= scale * total
            for j in range(d):
                if met[j]:
                    s = share[first + j]
                    total = 0.0
                    rest = product[m]
                    for k in range(m - 1, -1, -1):
                        total += weight[d, k] * rest
                        rest = product[k] - s * rest
                    answer[row, feature[first + j]] += scale * (1.0 - s) * total
