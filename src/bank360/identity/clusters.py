"""From scored pairs to clusters of records that are one person. Pure; no order of input matters.

A link is a pair whose match weight reaches the upper threshold, that is corroborated and not contradicted (Fellegi &
Sunter's A1; between the thresholds lies clerical review, A2). Links are taken from the heaviest down and join their two
clusters, unless any record of one contradicts any record of the other: what is joined stays free of contradictions, so
that a record without a birth date cannot chain father and son together.

A record that fits two records which contradict each other about equally well (a namesake without a given name among
twins) belongs to neither: such links are set aside and counted as ambiguous.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Link = tuple[int, int, float]  # left record < right record, match weight in bits

# A person known by more keys than this in one bank is a fault in the data (a placeholder that passed), not a person.
LARGEST_CLUSTER = 40
# A best link must beat its rival by eight to one.
AMBIGUITY_MARGIN = 3.0


@dataclass(frozen=True)
class Clusters:
    """Clusters of records.

    Parameters
    ----------
    of_record
        Record -> the smallest record of its cluster.
    ambiguous
        How many links were set aside because a record fits two different people.
    refused
        How many links were refused because the clusters they would join contradict each other, or are too large.
    """

    of_record: Mapping[int, int]
    ambiguous: int
    refused: int


def clusters(
    records: int, links: Iterable[Link], contradictions: Callable[[Mapping[int, int]], set[tuple[int, int]]]
) -> Clusters:
    """Return the clusters of records 0 … ``records`` - 1.

    Parameters
    ----------
    links
        Pairs to join if nothing speaks against it, in any order.
    contradictions
        Told record -> group, returns the pairs within a group that contradict each other (`linkage.contradictions`).
    """
    heaviest_first = sorted(links, key=lambda link: (-link[2], link[0], link[1]))
    tentative, too_large = _joined(records, heaviest_first, frozenset())
    sizes: dict[int, int] = defaultdict(int)
    for group in tentative:
        sizes[group] += 1
    # Two records are joined only by their link, which is not contradicted: groups of three and more are looked into.
    barred = contradictions({record: group for record, group in enumerate(tentative) if sizes[group] > 2})
    kept = _unambiguous(heaviest_first, barred)
    final, refused = _joined(records, kept, barred)
    return Clusters(dict(enumerate(final)), len(heaviest_first) - len(kept), refused + too_large)


def _unambiguous(links: Sequence[Link], barred: set[tuple[int, int]]) -> list[Link]:
    """Return the links without those whose record fits two contradicting records about equally well."""
    if not barred:
        return list(links)
    partners: dict[int, dict[int, float]] = defaultdict(dict)
    for left, right, weight in links:
        partners[left][right] = weight
        partners[right][left] = weight
    rivals: dict[int, set[int]] = defaultdict(set)
    for a, b in barred:
        rivals[a].add(b)
        rivals[b].add(a)

    def torn(record: int, partner: int, weight: float) -> bool:
        others = partners[record]
        return any(abs(others[rival] - weight) < AMBIGUITY_MARGIN for rival in rivals[partner] if rival in others)

    return [link for link in links if not torn(link[0], link[1], link[2]) and not torn(link[1], link[0], link[2])]


def _joined(records: int, links: Iterable[Link], barred: Iterable[tuple[int, int]]) -> tuple[list[int], int]:
    """Join along the links in their order; return each record's group and the number of links refused."""
    group = list(range(records))
    members: dict[int, list[int]] = {}
    forbidden = frozenset(barred)
    refused = 0
    for left, right, _ in links:
        a, b = sorted((group[left], group[right]))
        if a == b:
            continue
        first, second = members.get(a, [a]), members.get(b, [b])
        if len(first) + len(second) > LARGEST_CLUSTER or (
            forbidden and any((min(x, y), max(x, y)) in forbidden for x in first for y in second)
        ):
            refused += 1
            continue
        # The smaller number names the joined group, so that a group is named for its smallest record.
        members[a] = [*first, *second]
        members.pop(b, None)
        for record in second:
            group[record] = a
    return group, refused
