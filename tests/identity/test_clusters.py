from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from bank360.identity.clusters import AMBIGUITY_MARGIN, LARGEST_CLUSTER, clusters


def against(*pairs: tuple[int, int]) -> "object":
    def contradictions(groups: Mapping[int, int]) -> set[tuple[int, int]]:
        return {(a, b) for a, b in pairs if a in groups and b in groups and groups[a] == groups[b]}

    return contradictions


def grouped(records: int, links: list[tuple[int, int, float]], *barred: tuple[int, int]) -> list[set[int]]:
    found = clusters(records, links, against(*barred))
    return [{r for r, c in found.of_record.items() if c == name} for name in sorted(set(found.of_record.values()))]


def test_links_chain_and_the_rest_stay_alone() -> None:
    assert grouped(5, [(0, 1, 10.0), (1, 3, 8.0)]) == [{0, 1, 3}, {2}, {4}]


def test_a_record_cannot_chain_two_people_together() -> None:
    # 1 fits 0 much better than 2, and 0 and 2 are two people: 2 stays out.
    assert grouped(3, [(0, 1, 20.0), (1, 2, 10.0)], (0, 2)) == [{0, 1}, {2}]


def test_a_record_that_fits_two_people_alike_belongs_to_neither() -> None:
    near = 20.0 - AMBIGUITY_MARGIN / 2
    found = clusters(3, [(0, 1, 20.0), (1, 2, near)], against((0, 2)))
    assert (dict(found.of_record), found.ambiguous) == ({0: 0, 1: 1, 2: 2}, 2)


def test_a_cluster_does_not_grow_without_bound() -> None:
    links = [(i, i + 1, 10.0) for i in range(LARGEST_CLUSTER + 5)]
    sizes = [len(group) for group in grouped(LARGEST_CLUSTER + 6, links)]
    assert max(sizes) == LARGEST_CLUSTER


_links = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(7, 30)).filter(lambda link: link[0] < link[1]),
    unique_by=lambda link: link[:2],
    max_size=20,
)
_pairs = st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), max_size=8)


@given(_links, _pairs, st.randoms(use_true_random=False))
def test_clusters_hold_no_contradiction_and_ignore_order(
    links: list[tuple[int, int, int]], barred: set[tuple[int, int]], random: "object"
) -> None:
    # A contradicted pair is never a link (`resolution.verdict`).
    weighted = [(a, b, float(weight)) for a, b, weight in links if (a, b) not in barred]
    found = clusters(10, weighted, against(*barred))
    assert all(found.of_record[a] != found.of_record[b] for a, b in barred)
    assert clusters(10, weighted[::-1], against(*barred)) == found
    assert all(cluster <= record and found.of_record[cluster] == cluster for record, cluster in found.of_record.items())


@given(_links)
def test_without_contradictions_clusters_are_the_connected_components(links: list[tuple[int, int, int]]) -> None:
    group = list(range(10))
    for _ in range(10):  # the naive way: spread the smaller number along every link until nothing changes
        for a, b, _weight in links:
            group[a] = group[b] = min(group[a], group[b])
    assert dict(clusters(10, [(a, b, float(w)) for a, b, w in links], lambda _: set()).of_record) == dict(
        enumerate(group)
    )
