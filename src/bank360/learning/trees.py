"""One array form of every tree ensemble: what is stored, scored and explained, whatever library grew the trees.

A node is a row of parallel arrays; children stand after their parent, so a walk always ends. A value goes left when it
is ``<=`` the threshold; a missing one goes where ``missing_left`` says. The margin of a row is ``base`` plus the leaf
values of all trees, added in tree order: for LightGBM bit for bit its own ``raw_score``.

A feature that was never missing in training has no learned direction: there LightGBM reads a missing value as 0.0,
silently. Here it follows the larger child, as a rule that is written in the arrays.

Contributions are exact Shapley values of the path-dependent game (Lundberg, Erion and Lee, 2018, algorithm 2),
computed leaf by leaf: see `tree_kernels.py`. Arrays are validated before a kernel sees them, so that a damaged file
raises and never reads outside its memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np

from bank360.learning.arrays import Bools, Floats, Int32s
from bank360.learning.tree_kernels import add_contributions, add_margins

LEAF = -1  # in `feature`: the node has no split


@dataclass(frozen=True, eq=False)
class TreeEnsemble:
    """An ensemble of binary trees.

    Parameters
    ----------
    n_features
        Columns of the design matrix.
    base
        Margin before any tree.
    roots
        Index of each tree's first node; its nodes run to the next root. Shape ``(n_trees,)``.
    feature, threshold, missing_left, left, right
        By node: the column split on (`LEAF` for a leaf), the split, and the children's indices (`LEAF` in a leaf).
    value
        By node: value of a leaf on the margin, 0 elsewhere.
    cover
        By node: training rows that reached it.
    """

    n_features: int
    base: float
    roots: Int32s
    feature: Int32s
    threshold: Floats
    missing_left: Bools
    left: Int32s
    right: Int32s
    value: Floats
    cover: Floats

    def __post_init__(self) -> None:
        _validate(self)

    def margin(self, x: Floats) -> Floats:
        """Return the margin of each row, shape ``(n_rows,)``; ``x`` has shape ``(n_rows, n_features)``, NaN missing."""
        x = self._checked(x)
        answer = np.zeros(len(x))
        add_margins(
            x, self.roots, self.feature, self.threshold, self.missing_left, self.left, self.right, self.value, answer
        )
        return answer + self.base

    def contributions(self, x: Floats) -> Floats:
        """Return exact Shapley contributions, shape ``(n_rows, n_features)``; with `base` they sum to the margin."""
        x = self._checked(x)
        answer = np.zeros((len(x), self.n_features))
        p = self._paths
        add_contributions(x, p.start, p.feature, p.low, p.high, p.missing, p.share, p.leaf_value, answer)
        return answer

    @property
    def mean_margin(self) -> float:
        """Margin of the mean training row: what contributions are counted from."""
        return self.base + self._paths.mean

    @cached_property
    def _paths(self) -> "LeafPaths":
        return leaf_paths(self)

    def _checked(self, x: Floats) -> Floats:
        if x.ndim != 2 or x.shape[1] != self.n_features:
            raise ValueError(f"the trees read {self.n_features} features, the matrix has shape {x.shape}")
        return np.ascontiguousarray(x, dtype=np.float64)

    def each(self) -> list["TreeEnsemble"]:
        """Return every tree as an ensemble of its own, without the base."""
        ends = np.append(self.roots[1:], len(self.feature))
        answer = []
        for first, end in zip(self.roots, ends, strict=True):
            parts: dict[str, Any] = {name: getattr(self, name)[first:end] for name in _ARRAYS if name != "roots"}
            for side in ("left", "right"):
                parts[side] = np.where(parts["feature"] == LEAF, LEAF, parts[side] - first).astype(np.int32)
            answer.append(TreeEnsemble(self.n_features, 0.0, np.zeros(1, dtype=np.int32), **parts))
        return answer

    def to_arrays(self) -> dict[str, Any]:
        """Return the ensemble as named arrays without objects, for an ``.npz`` file."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        return {"n_features": np.int64(self.n_features), "base": np.float64(self.base), **arrays}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> "TreeEnsemble":
        """Return the ensemble that `to_arrays` wrote.

        Raises
        ------
        ValueError
            If an array is missing, of another type or shape, or the nodes are no trees.
        """
        missing = {"n_features", "base", *_ARRAYS} - set(arrays)
        if missing:
            raise ValueError(f"the tree arrays lack {sorted(missing)}")
        for name, kind in _ARRAYS.items():
            if arrays[name].dtype != kind or arrays[name].ndim != 1:
                raise ValueError(f"tree array '{name}' is {arrays[name].dtype}, not a row of {np.dtype(kind)}")
        parts = {name: np.ascontiguousarray(arrays[name]) for name in _ARRAYS}
        return cls(int(arrays["n_features"]), float(arrays["base"]), **parts)


_ARRAYS: dict[str, Any] = {
    "roots": np.int32,
    "feature": np.int32,
    "threshold": np.float64,
    "missing_left": np.bool_,
    "left": np.int32,
    "right": np.int32,
    "value": np.float64,
    "cover": np.float64,
}


def _validate(trees: TreeEnsemble) -> None:
    """Raise ValueError unless every node has one parent, stands after it, and in the same tree."""
    nodes = len(trees.feature)
    if any(len(getattr(trees, name)) != nodes for name in _ARRAYS if name != "roots"):
        raise ValueError("the tree arrays differ in length")
    ends = np.append(trees.roots[1:], nodes)
    if nodes == 0 or len(trees.roots) == 0 or trees.roots[0] != 0 or (trees.roots >= ends).any():
        raise ValueError("the trees' roots are not in order")
    split = trees.feature != LEAF
    at = np.nonzero(split)[0]
    if trees.n_features < 1 or (trees.feature < LEAF).any() or (trees.feature >= trees.n_features).any():
        raise ValueError("a tree splits on a feature that the model does not have")
    end_of_node = np.repeat(ends, np.diff(np.append(trees.roots, nodes)))
    children = np.concatenate([trees.left[at], trees.right[at]])
    parents = np.concatenate([at, at])
    if (children <= parents).any() or (children >= end_of_node[parents]).any():
        raise ValueError("a tree's child does not stand after its parent")
    expected = np.ones(nodes, dtype=np.int64)
    expected[trees.roots] = 0
    if (np.bincount(children, minlength=nodes) != expected).any():
        raise ValueError("a tree node has not exactly one parent")
    numbers = (trees.threshold[split], trees.value[~split], trees.cover, np.array([trees.base]))
    if not all(np.isfinite(array).all() for array in numbers) or (trees.cover <= 0).any():
        raise ValueError("a tree holds a number that is not finite, or a node that no training row reached")
    shares = trees.cover[trees.left[at]] + trees.cover[trees.right[at]]
    if (shares != trees.cover[at]).any():
        raise ValueError("a tree node's cover is not the sum of its children's")


@dataclass(frozen=True, eq=False)
class LeafPaths:
    """Each leaf as the conditions that lead to it, one per distinct feature on its path.

    Repeated splits of one feature meet in an interval ``low < x <= high`` and one answer for a missing value;
    ``share`` is the product of the covers' ratios over its splits. Leaf k owns elements ``start[k] : start[k+1]``.
    """

    start: Int32s
    feature: Int32s
    low: Floats
    high: Floats
    missing: Bools
    share: Floats
    leaf_value: Floats
    mean: float


def leaf_paths(trees: TreeEnsemble) -> LeafPaths:
    """Return the conditions of every leaf; a tree of one leaf has none and only shifts the mean."""
    start, values = [0], []
    rows: list[tuple[int, float, float, bool, float]] = []
    mean = 0.0
    for root in trees.roots:
        waiting: list[tuple[int, dict[int, tuple[float, float, bool, float]]]] = [(int(root), {})]
        while waiting:
            node, path = waiting.pop()
            feature = int(trees.feature[node])
            if feature == LEAF:
                mean += float(trees.value[node] * trees.cover[node] / trees.cover[root])
                values.append(float(trees.value[node]))
                rows += [(f, *condition) for f, condition in path.items()]
                start.append(len(rows))
                continue
            low, high, missing, share = path.get(feature, (-np.inf, np.inf, True, 1.0))
            cut, goes_left = float(trees.threshold[node]), bool(trees.missing_left[node])
            left, right = int(trees.left[node]), int(trees.right[node])
            to_left, to_right = (float(trees.cover[child] / trees.cover[node]) for child in (left, right))
            on_left = (low, min(high, cut), missing and goes_left, share * to_left)
            on_right = (max(low, cut), high, missing and not goes_left, share * to_right)
            waiting += [(right, {**path, feature: on_right}), (left, {**path, feature: on_left})]
    columns = list(zip(*rows, strict=True)) or [()] * 5
    return LeafPaths(
        np.array(start, dtype=np.int32),
        np.array(columns[0], dtype=np.int32),
        np.array(columns[1], dtype=np.float64),
        np.array(columns[2], dtype=np.float64),
        np.array(columns[3], dtype=np.bool_),
        np.array(columns[4], dtype=np.float64),
        np.array(values, dtype=np.float64),
        mean,
    )


def from_lightgbm(dump: Mapping[str, Any]) -> TreeEnsemble:
    """Convert ``Booster.dump_model()`` of a numeric LightGBM model with one margin.

    Raises
    ------
    ValueError
        If the model has several classes, averages its trees, splits on categories, or reads zero as missing.
    """
    if dump["num_tree_per_iteration"] != 1 or dump["average_output"]:
        raise ValueError("only boosted models with one margin can be converted")
    roots: list[int] = []
    nodes: list[list[Any]] = []  # feature, threshold, missing_left, left, right, value, cover
    for tree in dump["tree_info"]:
        roots.append(len(nodes))
        _append(tree["tree_structure"], nodes)
    columns = list(zip(*nodes, strict=True))
    named = dict(zip((name for name in _ARRAYS if name != "roots"), columns, strict=True))
    arrays: dict[str, Any] = {name: np.array(column, dtype=_ARRAYS[name]) for name, column in named.items()}
    return TreeEnsemble(int(dump["max_feature_idx"]) + 1, 0.0, np.array(roots, dtype=np.int32), **arrays)


def _append(structure: Mapping[str, Any], nodes: list[list[Any]]) -> int:
    index = len(nodes)
    if "leaf_value" in structure:
        # A tree of one leaf carries no count; any positive cover gives the same arithmetic.
        cover = float(structure.get("leaf_count", 0)) or 1.0
        nodes.append([LEAF, 0.0, False, LEAF, LEAF, float(structure["leaf_value"]), cover])
        return index
    if structure["decision_type"] != "<=" or structure["missing_type"] == "Zero":
        raise ValueError("a split on categories, or one that reads zero as missing, cannot be converted")
    node = [int(structure["split_feature"]), float(structure["threshold"]), False, LEAF, LEAF, 0.0, 0.0]
    nodes.append(node)
    left, right = (_append(cast(Mapping[str, Any], structure[side]), nodes) for side in ("left_child", "right_child"))
    node[3], node[4], node[6] = left, right, nodes[left][6] + nodes[right][6]
    larger_left = nodes[left][6] >= nodes[right][6]
    node[2] = bool(structure["default_left"]) if structure["missing_type"] == "NaN" else larger_left
    return index
