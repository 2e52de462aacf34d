"""How well records were resolved, where the truth is known: pairwise precision, recall and F1.

A pair counts as found when both records have one customer id, and as true when the truth says that they are one person
(Christen & Goiser 2007, "Quality and complexity measures for data linkage"). Non-pairs are not counted: nearly all of
the n(n-1)/2 pairs are true negatives and would make anything look right.

The truth comes in here and nowhere else: nothing that resolves can import what it holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True)
class PairQuality:
    """Counts of pairs: truly one person and found, found but not true, true but not found."""

    found_true: int
    found_false: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Share of the pairs found that are true; None where none was found."""
        found = self.found_true + self.found_false
        return self.found_true / found if found else None

    @property
    def recall(self) -> float | None:
        """Share of the true pairs that were found; None where there is none."""
        true = self.found_true + self.missed
        return self.found_true / true if true else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN); None without any pair."""
        counted = 2 * self.found_true + self.found_false + self.missed
        return 2 * self.found_true / counted if counted else None


def pair_quality(customer_of: Mapping[str, str], true_pairs: Iterable[tuple[str, str]]) -> PairQuality:
    """Return the counts for a resolution against the true pairs.

    Parameters
    ----------
    customer_of
        Source key -> customer id, as resolved.
    true_pairs
        Pairs of source keys that are one person, every pair of a person and not only a chain; in either order, repeats
        count once. Pairs with a key that was not resolved are left out: the run never saw it.

    >>> pair_quality({"a": "1", "b": "1", "c": "1", "d": "2"}, [("a", "b"), ("c", "d")])
    PairQuality(found_true=1, found_false=2, missed=1)
    """
    true = {(min(a, b), max(a, b)) for a, b in true_pairs if a != b and a in customer_of and b in customer_of}
    keys_of: dict[str, list[str]] = defaultdict(list)
    for key in sorted(customer_of):
        keys_of[customer_of[key]].append(key)
    found = {pair for keys in keys_of.values() for pair in combinations(keys, 2)}
    return PairQuality(len(found & true), len(found - true), len(true - found))
