"""How a cut on a probability falls on groups of people: who passes, who is refused, and for whom it comes true.

Each group stands beside a *reference*, the largest whose members are known. A share is of one group, a ratio is the
group's share over the reference's. The *adverse impact ratio* is that of those who pass (29 CFR 1607.4 D: below four
fifths of the group that passes most is evidence of adverse impact: on a group below 0.8, on the reference above 1.25,
for it may be the largest that passes least); *equalised odds* (Hardt, Price and Srebro, 2016) ask for equal shares
refused among those who turned out good, and among those who turned out bad. Where groups differ in risk itself these
cannot all be equal while the probability comes true for each (Chouldechova, 2017): which of them differ is for people
to read.

What is *shown* to differ is told at 5 % for all groups and measures of an attribute together (Holm, 1979).
"""

from dataclasses import dataclass, field, replace

import numpy as np

from bank360.learning.arrays import Bools, Floats, Objects
from bank360.learning.metrics.calibration import observed_over_expected
from bank360.learning.metrics.discrimination import auc_interval
from bank360.learning.metrics.estimate import Estimate

FOUR_FIFTHS = 0.8
LEAST_ROWS = 30  # of a group: of fewer nothing is told, and of fewer outcomes not whether they were foreseen
LEVEL = 0.05
UNKNOWN = "unknown"  # whoever is in no known group; never the reference
PASSES, GOOD_REFUSED, BAD_REFUSED, COMES_TRUE = "passes", "good refused", "bad refused", "comes true"
SHARES = (PASSES, GOOD_REFUSED, BAD_REFUSED)


@dataclass(frozen=True)
class Group:
    """One group at a cut.

    Parameters
    ----------
    name
        The group.
    rows, tested, events
        How many are scored, how many of them have an outcome, and how many of those are events.
    passing, good_refused, bad_refused
        Shares: of all below the cut; of those without the event, and of those with it, at or above the cut.
    impact, good_ratio, bad_ratio
        The same over the reference's, NaN where that is 0; None for the reference itself, and where there is none.
    auc
        How well the probability ranks within the group.
    observed
        Events over those expected by the probability.
    shown
        Which measures are shown to differ: of `PASSES`, `GOOD_REFUSED`, `BAD_REFUSED`, `COMES_TRUE`.
    """

    name: str
    rows: int
    tested: int
    events: int
    passing: Estimate
    good_refused: Estimate
    bad_refused: Estimate
    impact: Estimate | None
    good_ratio: Estimate | None
    bad_ratio: Estimate | None
    auc: Estimate
    observed: Estimate
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fairness:
    """A cut's groups, the reference first, then by size and last `UNKNOWN`.

    ``small`` are groups of whom nothing is told, with how many rows they have.
    """

    groups: tuple[Group, ...]
    small: tuple[tuple[str, int], ...] = field(default=())

    @property
    def reference(self) -> str | None:
        """The group that ratios are over; None where no known group has rows enough."""
        return next((group.name for group in self.groups if group.name != UNKNOWN), None)

    @property
    def shown(self) -> tuple[tuple[str, str], ...]:
        """Groups and the measures by which they are shown to differ."""
        return tuple((group.name, measure) for group in self.groups for measure in group.shown)


def fairness(group: Objects, probability: Floats, outcome: Floats, refused: Bools) -> Fairness:
    """Return how a cut falls on groups.

    Parameters
    ----------
    group
        Each row's group, shape ``(n_rows,)``.
    probability
        Of the event, 0 to 1.
    outcome
        1.0 event, 0.0 none, NaN where it is not known: such rows count for who passes alone.
    refused
        Whether a row's probability is at or above the cut that it is held to.
    """
    names, sizes = np.unique(group.astype(str), return_counts=True)
    by_size = sorted(
        zip(sizes.tolist(), names.tolist(), strict=True), key=lambda one: (one[1] == UNKNOWN, -one[0], one[1])
    )
    small = tuple((name, size) for size, name in by_size if size < LEAST_ROWS)
    told = [name for size, name in by_size if size >= LEAST_ROWS]
    rows = {name: group.astype(str) == name for name in told}
    counts = {name: _counts(refused[of], outcome[of]) for name, of in rows.items()}
    beside = next((counts[name] for name in told if name != UNKNOWN), None)
    known = ~np.isnan(outcome)
    expected = float(probability[known].sum())
    level = float(outcome[known].sum()) / expected if expected else float("nan")
    groups, tests = [], []
    for name, of in rows.items():
        reference = None if counts[name] is beside else beside
        one = _group(name, probability[of], outcome[of], counts[name], reference)
        groups.append(one)
        if reference is not None:
            tests += [(_chance(counts[name], reference, measure), name, measure) for measure in SHARES]
        tests.append((_chance_of_level(probability[of], outcome[of], level), name, COMES_TRUE))
    found = _holm(tests)
    return Fairness(tuple(_with(one, found) for one in groups), small)


_Counts = dict[str, tuple[int, int]]


def _counts(refused: Bools, outcome: Floats) -> _Counts:
    """Return of each share how many count, and of how many."""
    good, bad = outcome == 0, outcome == 1

    def share(some: Bools, of: Bools) -> tuple[int, int]:
        return int(np.count_nonzero(some & of)), int(np.count_nonzero(of))

    everybody = np.ones(len(refused), dtype=np.bool_)
    return {
        PASSES: share(~refused, everybody),
        GOOD_REFUSED: share(refused, good),
        BAD_REFUSED: share(refused, bad),
    }


def _group(name: str, probability: Floats, outcome: Floats, counts: _Counts, reference: _Counts | None) -> Group:
    known = ~np.isnan(outcome)
    y, p = outcome[known], probability[known]
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    both = min(y.sum(), len(y) - y.sum()) > 1
    passing, good, bad = (_share(*counts[measure]) for measure in SHARES)
    ratios = [None if reference is None else _ratio(counts[measure], reference[measure]) for measure in SHARES]
    return Group(
        name, len(probability), len(y), int(y.sum()), passing, good, bad, ratios[0], ratios[1], ratios[2],
        auc_interval(y, p) if both else nothing, observed_over_expected(y, p) if len(y) >= LEAST_ROWS else nothing,
    )  # fmt: skip


def _with(group: Group, found: set[tuple[str, str]]) -> Group:
    shown = tuple(m for m in (*SHARES, COMES_TRUE) if (group.name, m) in found)
    return replace(group, shown=shown)


def _share(count: int, rows: int, level: float = 0.95) -> Estimate:
    """Return a share with Wilson's interval (1927); NaN of no rows."""
    from scipy.stats import norm  # half a second of import that a process which only scores does not pay

    if rows == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    z = float(norm.ppf(0.5 + level / 2))
    share = count / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    width = z * float(np.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))) / (1 + z * z / rows)
    return Estimate(share, max(0.0, middle - width), min(1.0, middle + width))


def _log_ratio(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """Return the logarithm of a ratio of shares and its standard error.

    Katz, Baptista, Azen and Pike (1978), half a case added to each count (Walter, 1975) so that none is nothing.
    """
    (a, n), (b, m) = one, other
    logarithm = np.log((a + 0.5) / (n + 0.5)) - np.log((b + 0.5) / (m + 0.5))
    variance = 1 / (a + 0.5) - 1 / (n + 0.5) + 1 / (b + 0.5) - 1 / (m + 0.5)
    return float(logarithm), float(np.sqrt(variance))


def _ratio(one: tuple[int, int], other: tuple[int, int], level: float = 0.95) -> Estimate:
    from scipy.stats import norm  # as above

    if one[1] == 0 or other[0] == 0:  # over nobody there is no ratio
        return Estimate(float("nan"), float("nan"), float("nan"))
    middle, error = _log_ratio(one, other)
    width = float(norm.ppf(0.5 + level / 2)) * error
    value = one[0] / one[1] / (other[0] / other[1])
    low = float(np.exp(middle - width)) if one[0] else 0.0
    return Estimate(value, low, float(np.exp(middle + width)))


def _chance(counts: _Counts, reference: _Counts, measure: str) -> float:
    """Return how likely so far a ratio is by chance: away from 1, of who passes beyond four fifths either way."""
    from scipy.stats import norm  # as above

    if counts[measure][1] == 0 or reference[measure][1] == 0:
        return 1.0
    middle, error = _log_ratio(counts[measure], reference[measure])
    if error == 0:  # everybody of both
        return 1.0
    if measure == PASSES:  # the reference passes at less than four fifths where the ratio is above five fourths
        return min(1.0, 2 * float(norm.sf((abs(middle) + float(np.log(FOUR_FIFTHS))) / error)))
    return 2 * float(norm.sf(abs(middle) / error))


def _chance_of_level(probability: Floats, outcome: Floats, level: float) -> float:
    """Return how likely a group's events are by chance where all rows' events are ``level`` times the expected."""
    from scipy.stats import beta  # as above

    known = ~np.isnan(outcome)
    n, k = int(known.sum()), float(outcome[known].sum())
    if n < LEAST_ROWS or np.isnan(level):
        return 1.0
    mean = min(float(probability[known].mean()) * level, 1.0)
    below = float(beta.cdf(mean, k + 0.5, n - k + 0.5))
    return min(1.0, 2 * min(below, 1 - below))


def _holm(tests: list[tuple[float, str, str]]) -> set[tuple[str, str]]:
    """Return the tests that stand, at `LEVEL` for all of them together."""
    found = set()
    for place, (chance, name, measure) in enumerate(sorted(tests)):
        if chance > LEVEL / (len(tests) - place):
            break
        found.add((name, measure))
    return found
