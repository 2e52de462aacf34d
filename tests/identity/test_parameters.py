import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa

from bank360.identity.comparisons import COMPARISONS, Comparison
from bank360.identity.parameters import (
    LEAST_RECORDS,
    LEAST_SURE_MATCHES,
    Parameters,
    accepted_estimates,
    fixed_parameters,
    sure_matches,
    worth_estimating,
)
from bank360.identity.records import comparable_records

GIVEN: Comparison = COMPARISONS[0]
FIXED = fixed_parameters((GIVEN,), 10_000, 100)


def model(m: list[float | None], u: list[float | None]) -> dict[str, Any]:
    """A trained model of one comparison as Splink writes it; None: never seen, and then the key is absent."""
    levels = [
        {key: value for key, value in (("m_probability", a), ("u_probability", b)) if value is not None}
        for a, b in zip(m, u, strict=True)
    ]
    return {"comparisons": [{"comparison_levels": [{"is_null_level": True}, *levels]}]}


def test_the_prior_counts_sure_matches_or_assumes_some() -> None:
    # 10,000 records are 49,995,000 pairs. Six matches in ten are sure, so 100 sure ones are 166.7 matches; without any,
    # one record in a hundred is taken for a duplicate.
    assert math.isclose(FIXED.prior, 100 / 0.6 / 49_995_000)
    assert math.isclose(fixed_parameters((GIVEN,), 10_000, 0).prior, 100 / 49_995_000)
    # Two records, one pair: 0.02, and for one record, no pair, nothing breaks.
    assert fixed_parameters((GIVEN,), 2, 0).prior == 0.02
    assert 0 < fixed_parameters((GIVEN,), 1, 0).prior <= 0.1


def test_estimates_are_blended_with_a_tenth_of_the_fixed_numbers_and_sum_to_one() -> None:
    m: list[float | None] = [0.7, 0.02, 0.1, 0.1, 0.05, 0.03]
    u: list[float | None] = [0.004, 0.0001, 0.001, 0.001, 0.01, 0.9839]
    got = accepted_estimates((GIVEN,), FIXED, model(m, u))
    assert got.estimated == ("given_name",)
    assert math.isclose(got.m["given_name"][0], 0.9 * 0.7 + 0.1 * GIVEN.levels[0].m, rel_tol=1e-3)
    assert math.isclose(sum(got.m["given_name"]), 1, rel_tol=1e-3)
    assert math.isclose(sum(got.u["given_name"]), 1, rel_tol=1e-3)


def test_a_level_never_seen_keeps_its_fixed_number() -> None:
    got = accepted_estimates(
        (GIVEN,), FIXED, model([0.7, None, 0.1, 0.1, 0.05, 0.04], [0.004, None, 0.001, 0.001, 0.01, 0.984])
    )
    assert math.isclose(got.m["given_name"][1], GIVEN.levels[1].m, rel_tol=0.05)
    assert math.isclose(got.u["given_name"][1], GIVEN.levels[1].u, rel_tol=0.05)


def test_estimates_that_describe_a_household_are_refused() -> None:
    # Among "matches" only three in ten share the given name: brothers and sisters.
    got = accepted_estimates(
        (GIVEN,), FIXED, model([0.3, 0.02, 0.05, 0.05, 0.05, 0.53], [0.004, 0.0001, 0.001, 0.001, 0.01, 0.9839])
    )
    assert got == FIXED


def test_estimates_by_which_disagreement_speaks_for_a_match_are_refused() -> None:
    got = accepted_estimates(
        (GIVEN,), FIXED, model([0.6, 0.0, 0.0, 0.0, 0.0, 0.4], [0.7, 0.0001, 0.001, 0.001, 0.01, 0.2879])
    )
    assert got == FIXED


def test_random_pairs_that_are_matches_do_not_count_as_u() -> None:
    # One random pair in a hundred is a match: of 0.8 % that agree nearly all are matches, and half the fixed u is left.
    crowded = Parameters(FIXED.m, FIXED.u, 0.01)
    got = accepted_estimates(
        (GIVEN,), crowded, model([0.78, 0.01, 0.08, 0.08, 0.03, 0.02], [0.008, 0.00001, 0.004, 0.004, 0.02, 0.96399])
    )
    assert math.isclose(got.u["given_name"][0], GIVEN.levels[0].u / 2, rel_tol=0.02)


def test_sure_matches_agree_on_names_and_birth_date(personal: Callable[..., pa.Table]) -> None:
    ann = {"given_name": "Ann", "family_name": "Lee", "birth_date": date(1980, 1, 1)}
    rows = [ann, ann, ann, ann | {"birth_date": None}, ann | {"birth_date": None}, ann | {"family_name": "Ley"}]
    records = comparable_records(personal(*({"source_key": f"{i}"} | r for i, r in enumerate(rows))), date(2026, 1, 1))
    assert sure_matches(records) == 3  # three records, three pairs


def test_few_records_or_few_matches_are_not_worth_estimating(personal: Callable[..., pa.Table]) -> None:
    few = personal({"source_key": "a"})
    assert not worth_estimating(few, LEAST_SURE_MATCHES)
    many = personal(*({"source_key": str(i)} for i in range(LEAST_RECORDS)))
    assert worth_estimating(many, LEAST_SURE_MATCHES)
    assert not worth_estimating(many, LEAST_SURE_MATCHES - 1)
