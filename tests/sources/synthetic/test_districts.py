"""How a bank is cut into districts, and how what each counts from zero becomes numbers that no other district has."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank360.sources.synthetic import numbering, parameters
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.delivery import chunks_of
from bank360.sources.synthetic.districts import District, Taken, district_seed, sizes
from bank360.sources.synthetic.draws import stream
from bank360.sources.synthetic.names import draw_identities
from bank360.sources.synthetic.people import draw_people
from bank360.sources.synthetic.tokens import tokens

FIRST = District(0, 25_000, 42, Taken())
# As many of each as a district of 25,000 customers leaves behind over 20 years, and more.
EACH = Taken(70_000, 300_000, 110_000, 3_000_000, 1_300_000, 8_000, 9_000, 300, 800, 70)


@given(st.integers(200, 10_000_000), st.integers(200, 50_000))
def test_districts_hold_everybody_are_no_larger_than_allowed_and_as_equal_as_can_be(customers: int, most: int) -> None:
    cut = sizes(customers, most)
    assert sum(cut) == customers
    assert max(cut) <= most
    assert min(cut) >= 100
    assert max(cut) - min(cut) <= 1
    assert len(cut) == -(-customers // most)


def test_a_district_too_small_for_lending_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 200 customers"):
        sizes(1_000, 199)


def test_the_first_district_draws_from_the_banks_own_streams_and_each_other_from_its_own() -> None:
    seeds = [district_seed(seed, number) for seed in (42, 43) for number in range(50)]
    assert (seeds[0], seeds[50]) == (42, 43)
    assert len(set(seeds)) == 100
    drawn = {stream(seed, "people").integers(0, 2**60) for seed in seeds}
    assert len(drawn) == 100


def test_the_first_district_has_the_banks_first_numbers() -> None:
    one, no = np.array([42]), np.array([False])
    assert numbering.keys(FIRST, one, no).to_pylist() == ["C0000042"]
    assert numbering.keys(FIRST, one, ~no).to_pylist() == ["K0000042"]
    assert numbering.account_ids(FIRST, one).to_pylist() == ["A00000042"]
    assert numbering.transaction_ids(FIRST, 3, one).to_pylist() == ["T000030000042"]
    assert numbering.card_case_ids(FIRST, one).to_pylist() == ["F10000042"]
    assert numbering.mandate_ids(FIRST, np.array([42, 10_000_042])).to_pylist() == ["D000000043", "D010000043"]
    assert numbering.payer_tokens(FIRST, np.array([42])).to_pylist() == tokens("payer", [42]).to_pylist()
    assert numbering.home_addresses(FIRST, one).tolist() == [42]


def spans() -> dict[str, list[list[str] | list[int]]]:
    """Return by kind what 140 districts call their things: of each the lowest and the highest that it may have."""
    kinds: dict[str, list[list[str] | list[int]]] = {}
    before, no = Taken(), np.zeros(2, dtype=np.bool_)
    for number in range(140):
        one = District(number, 25_000, district_seed(1, number), before)

        def ends(count: int) -> np.ndarray:
            return np.array([0, count - 1])

        people, requests = ends(EACH.people), ends(EACH.applications)
        for name, values in {
            "keys": numbering.keys(one, people, no),
            "accounts": numbering.account_ids(one, ends(EACH.accounts)),
            "applications": numbering.application_ids(one, requests),
            "reports": numbering.report_ids(one, requests),
            "payments": numbering.payment_ids(one, ends(300_000)),
            "interactions": numbering.interaction_ids(one, ends(EACH.interactions)),
            "cases": numbering.case_ids(one, ends(EACH.cases)),
            "card cases": numbering.card_case_ids(one, ends(EACH.card_cases)),
            "chunks": numbering.transaction_ids(one, EACH.chunks - 1, ends(numbering.PER_CHUNK)),
        }.items():
            kinds.setdefault(name, []).append(values.to_pylist())
        before += Taken(**{**vars(EACH), "payments": 300_000})
    return kinds


def test_ids_of_districts_follow_each_other_without_a_gap_or_an_overlap() -> None:
    for name, ends in spans().items():
        flat = [int(str(each)[1:]) for pair in ends for each in pair]
        assert flat == sorted(set(flat)), name
        if name != "chunks":
            assert all(after[0] - before[1] == 1 for before, after in _pairs(flat)), name


def _pairs(flat: list[int]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    pairs = list(zip(flat[::2], flat[1::2], strict=True))
    return list(pairwise(pairs))


def test_identifiers_of_people_devices_and_rings_never_meet() -> None:
    """Every identifier of a kind, of thirty districts as large as they get, by the ends of each band."""
    bands: list[tuple[int, int]] = []
    addresses: list[tuple[int, int]] = []
    before = Taken()
    for number in range(30):
        one = District(number, 25_000, number, before)
        people, n = np.array([0, EACH.people - 1]), EACH.people
        bands += [
            (int(band[0]), int(band[1]))
            for band in (
                numbering.person_numbers(one, people),
                numbering.second_phones(one, people),
                numbering.fresh_identifiers(one, np.array([0, EACH.applications - 1])),
                numbering.shared_devices(one, np.array([0, EACH.shared_devices - 1])),
                numbering.ring_identifiers(one, np.array([0, EACH.rings - 1])),
            )
        ]
        addresses += [
            (int(band[0]), int(band[1]))
            for band in (
                numbering.home_addresses(one, people),
                numbering.new_addresses(one, n, people),
                numbering.second_addresses(one, n, people),
            )
        ]
        before += EACH
    for one_kind in (bands, addresses):
        ordered = sorted(one_kind)
        assert all(left[1] < right[0] for left, right in pairwise(ordered))
    assert max(addresses)[1] < numbering.fresh_identifiers(FIRST, np.array([0]))[0]  # where fresh addresses begin


def test_mandates_and_payers_of_districts_never_meet_but_employers_and_insurers_are_the_banks() -> None:
    # Bills of the last person, repayments and premiums of the last account; then none.
    mandates = np.array([0, 699_999, 10_000_000, 10_299_999, 20_000_000, 20_299_999, -1], dtype=np.int32)
    own = np.array([numbering.OWN_PAYERS, numbering.BANKS_PAYERS - 1])
    shared = np.array([0, 899, 10**6, numbering.BANKS_PAYERS, numbering.BANKS_PAYERS + 6])
    found, payers = [], []
    banks = tokens("payer", shared).to_pylist()
    for number in range(130):
        one = District(number, 25_000, number, Taken())
        found += numbering.mandate_ids(one, mandates).to_pylist()[:-1]
        payers += numbering.payer_tokens(one, own).to_pylist()
        assert numbering.payer_tokens(one, shared).to_pylist() == banks
    assert len(set(found)) == len(found)
    assert len(set(payers) | set(banks)) == len(payers) + len(banks)


def test_a_district_with_more_people_than_its_mandates_have_numbers_for_is_refused() -> None:
    with pytest.raises(ValueError, match="too many people"):
        numbering.mandate_ids(FIRST, np.array([1_000_000], dtype=np.int32))


def test_a_ring_has_a_number_of_the_bank_and_no_ring_has_none() -> None:
    later = District(1, 25_000, 1, EACH)
    assert numbering.ring_numbers(later, np.array([-1, 0, 2])).tolist() == [-1, EACH.rings, EACH.rings + 2]


def test_contacts_of_different_districts_differ_in_what_matching_compares() -> None:
    n = 3_000
    same = np.arange(n) % 2, np.arange(n), np.arange(n) % 400
    phones, emails = [], []
    for number in (0, 1, 2, 9, 90, 280):
        drawn = draw_identities(np.random.default_rng(5), *same, number)  # the same draws: the worst case
        phones.append({str(each)[-9:] for each in drawn.phone})
        emails.append({str(each).lower() for each in drawn.email})
    for kind in (phones, emails):
        assert len(set.union(*kind)) == sum(map(len, kind))
    assert all(phone.startswith("009") for phone in phones[0])


@pytest.mark.parametrize(("customers", "months"), [(500, 36), (12_501, 60)])
def test_how_many_chunks_there_will_be_is_known_before_anybody_is_drawn(customers: int, months: int) -> None:
    people = draw_people(customers, Clock(months), 3)
    assert chunks_of(customers, months) == -(-people.count // parameters.CHUNK_PEOPLE)
