from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bank360.identity.customer_ids import KeyMapping, SourceKey, crosswalk, customer_ids, founding_id

A, B, C, D = (("core", name) for name in "abcd")
KNOWN = {A: 1, B: 2, C: 3, D: 4}
IDS = {key: founding_id(key) for key in KNOWN}


def test_a_customer_is_named_for_the_key_known_first() -> None:
    assert customer_ids([[C, B]], KNOWN, {}) == {B: IDS[B], C: IDS[B]}


def test_an_arrival_takes_the_id_even_if_it_was_known_earlier() -> None:
    # A delivery known earlier than the founder (back-dated) does not rename the customer.
    assert customer_ids([[A, B]], KNOWN, {B: IDS[B]}) == {A: IDS[B], B: IDS[B]}


def test_a_merge_keeps_the_id_known_first() -> None:
    assert customer_ids([[A, C]], KNOWN, {A: IDS[A], C: IDS[C]}) == {A: IDS[A], C: IDS[A]}


def test_a_split_leaves_the_id_with_its_founder() -> None:
    held = {A: IDS[A], B: IDS[A], C: IDS[A]}
    assert customer_ids([[B], [A, C]], KNOWN, held) == {A: IDS[A], C: IDS[A], B: IDS[B]}


def test_a_split_undoes_a_merge_with_the_same_ids() -> None:
    merged = customer_ids([[A, B]], KNOWN, {A: IDS[A], B: IDS[B]})
    assert customer_ids([[A], [B]], KNOWN, merged) == {A: IDS[A], B: IDS[B]}


def test_without_its_founder_an_id_stays_with_the_key_known_first() -> None:
    held = {B: IDS[A], C: IDS[A]}  # A itself is known no longer
    assert customer_ids([[C], [B]], KNOWN, held) == {B: IDS[A], C: IDS[C]}


def test_an_id_that_another_customer_holds_is_not_given_out_again() -> None:
    # A left its customer to B and came back as somebody else: its founding id is taken.
    ids = customer_ids([[A], [B]], {A: 5, B: 2}, {B: IDS[A]})
    assert ids == {A: founding_id(A, 1), B: IDS[A]}


KEYS: list[SourceKey] = [("s", str(i)) for i in range(8)]


def groups(labels: list[int]) -> list[list[SourceKey]]:
    return [[key for key, own in zip(KEYS, labels, strict=True) if own == label] for label in sorted(set(labels))]


@given(
    st.lists(st.integers(0, 4), min_size=8, max_size=8),
    st.lists(st.lists(st.integers(0, 4), min_size=8, max_size=8), max_size=3),
    st.permutations(range(8)),
    st.randoms(use_true_random=False),
)
def test_ids_name_people_one_to_one_repeat_and_ignore_order(
    now: list[int], before: list[list[int]], age: list[int], random: object
) -> None:
    known = dict(zip(KEYS, age, strict=True))
    held: dict[SourceKey, str] = {}
    for labels in before:
        held = customer_ids(groups(labels), known, held)
    ids = customer_ids(groups(now), known, held)
    assert len(set(ids.values())) == len(groups(now))
    assert all(len({ids[key] for key in people}) == 1 for people in groups(now))
    assert customer_ids(groups(now), known, ids) == ids, "a run repeated changes nothing"
    assert customer_ids([people[::-1] for people in reversed(groups(now))], known, dict(reversed(held.items()))) == ids
    # Rebuilt from nothing, the people of a history of arrivals and merges have the same ids.
    assert customer_ids(groups(now), known, customer_ids([[key] for key in KEYS], known, {})) == customer_ids(
        groups(now), known, {}
    )


DAY1, DAY2, DAY3 = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def test_the_first_mapping_begins_when_the_key_was_first_known() -> None:
    rows = crosswalk([], {A: "X"}, {A: date(2020, 6, 1)}, DAY1)
    assert rows == [KeyMapping("core", "a", date(2020, 6, 1), "X")]


def test_a_run_that_changes_nothing_leaves_the_crosswalk() -> None:
    former = crosswalk([], {A: "X", B: "Y"}, {A: DAY1, B: DAY1}, DAY1)
    assert crosswalk(former, {A: "X", B: "Y"}, {A: DAY1, B: DAY1}, DAY3) == former


def test_a_merge_closes_the_old_mapping_on_the_day() -> None:
    former = [KeyMapping("core", "b", DAY1, "Y")]
    assert crosswalk(former, {B: "X"}, {B: DAY1}, DAY2) == [
        KeyMapping("core", "b", DAY1, "Y", DAY2),
        KeyMapping("core", "b", DAY2, "X"),
    ]


def test_a_mapping_that_held_for_no_day_is_replaced() -> None:
    former = [KeyMapping("core", "b", DAY2, "Y")]
    assert crosswalk(former, {B: "X"}, {B: DAY2}, DAY2) == [KeyMapping("core", "b", DAY2, "X")]


def test_a_key_that_is_gone_is_closed_and_one_that_returns_begins_anew() -> None:
    gone = crosswalk([KeyMapping("core", "a", DAY1, "X")], {}, {}, DAY2)
    assert gone == [KeyMapping("core", "a", DAY1, "X", DAY2)]
    assert crosswalk(gone, {A: "X"}, {A: DAY1}, DAY3) == [*gone, KeyMapping("core", "a", DAY3, "X")]


@given(st.lists(st.dictionaries(st.sampled_from(KEYS[:3]), st.sampled_from("XYZ")), max_size=5))
def test_a_key_has_at_most_one_customer_on_any_day(runs: list[dict[SourceKey, str]]) -> None:
    rows: list[KeyMapping] = []
    days = [date(2026, 1, 1 + i // 2) for i in range(len(runs))]  # two runs on each day
    for day, ids in zip(days, runs, strict=True):
        rows = crosswalk(rows, ids, dict.fromkeys(KEYS, DAY1), day)
        assert {row.key: row.customer_id for row in rows if row.valid_to is None} == ids
    for key in KEYS[:3]:
        own = [row for row in rows if row.key == key]
        assert all(row.valid_to is None or row.valid_from < row.valid_to for row in own)
        for earlier, later in pairwise(own):
            assert earlier.valid_to is not None
            assert earlier.valid_to <= later.valid_from
