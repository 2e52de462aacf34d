"""The m and u probabilities and the prior: estimated from the bank's own records where there are enough of them.

u by sampling random pairs, which are practically never matches; m by expectation maximisation over two sets of blocked
pairs (Winkler 1988; Jaro 1989), each estimating what its blocking rule does not fix: pairs that share the birth date,
and pairs that share both names and the town. The fixed numbers of `comparisons` stand where the records are too few,
where a level was never seen, and for a whole comparison whose estimates are signs that the algorithm settled on
something else than "the same person", such as "the same household": agreement does not speak for a match, or
disagreement not most against it, or few matches would share the given name or the birth date.

Invariant: same records, same connection settings, same parameters: sampling is by hash of the record number, sums run
on one thread, and estimates are kept to four significant digits.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from bank360.identity.comparisons import Comparison

# Below these, estimates scatter more than the fixed numbers err.
LEAST_RECORDS, LEAST_SURE_MATCHES = 2000, 50
# Share of true matches that agree on both names and the birth date to the letter, and the share of records that are
# duplicates where no such pair is seen: only the prior depends on them, one bit per factor of two.
_SURE_RECALL, _ASSUMED_DUPLICATES = 0.6, 0.01
_PRIOR_MOST = 0.1
_PRIOR_SHARE = 0.1
# Most records of one person agree to the letter on what belongs to the person alone; if the estimate says otherwise,
# the algorithm has found households.
_OF_THE_PERSON, _SAME_LEAST = frozenset({"given_name", "birth_date"}), 0.5


@dataclass(frozen=True)
class Parameters:
    """What the model is scored with.

    Parameters
    ----------
    m, u
        Comparison -> probability per level, strongest agreement first, "anything else" last.
    prior
        Probability that two random records are a match.
    estimated
        Names of the comparisons whose m and u come from the records.
    """

    m: Mapping[str, tuple[float, ...]]
    u: Mapping[str, tuple[float, ...]]
    prior: float
    estimated: tuple[str, ...] = ()


def fixed_parameters(comparisons: tuple[Comparison, ...], records: int, sure_matches: int) -> Parameters:
    """Return the parameters written in `comparisons`, with the prior for so many records."""
    return Parameters(
        {c.name: (*(level.m for level in c.levels), c.else_m) for c in comparisons},
        {c.name: (*(level.u for level in c.levels), c.else_u) for c in comparisons},
        _prior(records, sure_matches),
    )


def _prior(records: int, sure_matches: int) -> float:
    pairs = max(records * (records - 1) / 2, 1.0)
    expected = max(sure_matches / _SURE_RECALL, records * _ASSUMED_DUPLICATES)
    return min(expected / pairs, _PRIOR_MOST)


def sure_matches(records: pa.Table) -> int:
    """Return how many pairs of records agree on given name, family name and birth date to the letter."""
    people = zip(*(records[name].to_pylist() for name in ("given_name", "family_name", "birth_date")), strict=True)
    holders = Counter(person for person in people if None not in person)
    return sum(count * (count - 1) // 2 for count in holders.values())


def worth_estimating(records: pa.Table, sure: int) -> bool:
    """Return whether there are enough records and matches among them to estimate m and u."""
    return records.num_rows >= LEAST_RECORDS and sure >= LEAST_SURE_MATCHES


def accepted_estimates(comparisons: tuple[Comparison, ...], fixed: Parameters, model: Mapping[str, Any]) -> Parameters:
    """Return ``fixed`` with the estimates of a trained model wherever they can be trusted.

    Parameters
    ----------
    comparisons
        The comparisons of the model, in its order.
    fixed
        What stands where there is no estimate.
    model
        The trained model as Splink writes it: ``comparisons`` with ``comparison_levels``, each with ``m_probability``
        and ``u_probability`` where one was estimated.
    """
    m, u, estimated = dict(fixed.m), dict(fixed.u), []
    for comparison, trained in zip(comparisons, model["comparisons"], strict=True):
        name = comparison.name
        levels = [level for level in trained["comparison_levels"] if not level.get("is_null_level")]
        new_m = _rounded(
            [_blended(level.get("m_probability"), prior) for level, prior in zip(levels, fixed.m[name], strict=True)]
        )
        new_u = _rounded(
            [
                _without_matches(level.get("u_probability"), prior, fixed.prior * agreeing)
                for level, prior, agreeing in zip(levels, fixed.u[name], new_m, strict=True)
            ]
        )
        weights = [math.log2(a / b) for a, b in zip(new_m, new_u, strict=True)]
        if weights[0] > 0 > weights[-1] == min(weights) and (name not in _OF_THE_PERSON or new_m[0] >= _SAME_LEAST):
            m[name], u[name] = new_m, new_u
            estimated.append(name)
    return Parameters(m, u, fixed.prior, tuple(estimated))


def _blended(estimate: object, prior: float) -> float:
    """Return m with the fixed number as one part in ten (a Dirichlet prior): a level seen never is not impossible."""
    return (1 - _PRIOR_SHARE) * estimate + _PRIOR_SHARE * prior if isinstance(estimate, float) else prior


def _without_matches(estimate: object, prior: float, matching: float) -> float:
    """Return u without the share of random pairs that are matches; half the fixed number at least."""
    return max(estimate - matching, prior / 2) if isinstance(estimate, float) else prior


def _rounded(values: list[float]) -> tuple[float, ...]:
    total = sum(values)
    return tuple(float(f"{value / total:.4g}") for value in values)
