from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bank360.identity.evaluation import PairQuality, pair_quality


def test_counts_and_ratios_by_hand() -> None:
    # Found: ab, ac, bc and de; true: ab, de, and cf, which was missed.
    found = {"a": "1", "b": "1", "c": "1", "d": "2", "e": "2", "f": "3"}
    quality = pair_quality(found, [("b", "a"), ("a", "b"), ("d", "e"), ("c", "f")])
    assert quality == PairQuality(found_true=2, found_false=2, missed=1)
    assert (quality.precision, quality.recall, quality.f1) == (2 / 4, 2 / 3, 4 / 7)


def test_pairs_of_keys_that_were_not_resolved_are_left_out() -> None:
    assert pair_quality({"a": "1"}, [("a", "z"), ("a", "a")]) == PairQuality(0, 0, 0)


def test_nothing_found_and_nothing_true_have_no_ratio() -> None:
    empty = PairQuality(0, 0, 0)
    assert (empty.precision, empty.recall, empty.f1) == (None, None, None)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=10))
def test_equals_the_count_over_all_pairs(people: list[tuple[int, int]]) -> None:
    keys = [str(i) for i in range(len(people))]
    found = {key: str(resolved) for key, (resolved, _) in zip(keys, people, strict=True)}
    truth = {key: true for key, (_, true) in zip(keys, people, strict=True)}
    pairs = list(combinations(keys, 2))
    both = sum(found[a] == found[b] and truth[a] == truth[b] for a, b in pairs)
    quality = pair_quality(found, [(b, a) for a, b in pairs if truth[a] == truth[b]])
    assert quality == PairQuality(
        both,
        sum(found[a] == found[b] for a, b in pairs) - both,
        sum(truth[a] == truth[b] for a, b in pairs) - both,
    )
