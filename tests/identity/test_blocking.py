from collections.abc import Callable
from datetime import date
from itertools import combinations

import pyarrow as pa
import pytest

from bank360.identity.blocking import LARGEST_BLOCK, RULES, blocked
from bank360.identity.records import comparable_records

AS_OF = date(2026, 1, 1)
Personal = Callable[..., pa.Table]

ANN = {
    "given_name": "Elizabeth",
    "family_name": "Marsden",
    "birth_date": date(1980, 4, 17),
    "address_line": "1 Mill Lane",
    "city": "Bath",
    "postcode": "BA1 1AA",
    "email": "em@x.org",
    "phone": "07700900123",
}


def met(personal: Personal, **other: object) -> set[str]:
    """Rules by which a record meets another that differs from it as told."""
    rows = [{"source_key": "a"} | ANN, {"source_key": "b"} | ANN | other]
    block = blocked(comparable_records(personal(*rows), AS_OF))
    return {key.removeprefix("block_") for key in block.keys}


def test_two_equal_records_meet_by_every_rule(personal: Personal) -> None:
    assert met(personal) == set(RULES)


@pytest.mark.parametrize(
    ("other", "rule"),
    [
        ({"given_name": "Marsden", "family_name": "Elizabeth", "email": None, "phone": None}, "names_birth_year"),
        ({"given_name": "Liz", "birth_date": date(1971, 1, 1), "email": None, "phone": None}, "names_town"),
        ({"given_name": "E.", "family_name": "Marsdn", "email": None, "phone": None, "city": "Hull"}, "birth_family"),
        ({"given_name": "Lisbeth", "family_name": "Cole", "birth_date": date(1971, 1, 1), "phone": None}, "email"),
        ({"birth_date": date(1988, 4, 17), "address_line": None, "email": None, "phone": None}, "names_birth_day"),
        ({"family_name": "Cole", "birth_date": None, "email": None, "phone": None}, "home_given"),
    ],
)
def test_a_usual_fault_leaves_a_rule_to_meet_by(personal: Personal, other: dict[str, object], rule: str) -> None:
    assert rule in met(personal, **other)


def test_strangers_do_not_meet(personal: Personal) -> None:
    stranger = {
        "given_name": "Omar", "family_name": "Hale", "birth_date": date(1955, 9, 2), "address_line": "9 High Street",
        "city": "York", "postcode": "YO1 2BB", "email": "oh@y.org", "phone": "07700900999",
    }  # fmt: skip
    assert met(personal, **stranger) == set()


def test_a_block_that_is_too_large_is_skipped_and_counted(personal: Personal) -> None:
    crowd = [{"source_key": f"{i:03}", "birth_date": date(1990, 1, 1)} for i in range(LARGEST_BLOCK + 1)]
    pair = [{"source_key": f"p{i}", "birth_date": date(1991, 1, 1)} for i in range(2)]
    block = blocked(comparable_records(personal(*crowd, *pair), AS_OF))
    assert block.skipped == {"birth": 1}
    assert block.keys == ("block_birth",)
    keys = block.records["block_birth"].to_pylist()
    assert [i for i, key in enumerate(keys) if key is not None] == [LARGEST_BLOCK + 1, LARGEST_BLOCK + 2]


def test_missing_parts_never_meet(personal: Personal) -> None:
    block = blocked(comparable_records(personal({"source_key": "a"}, {"source_key": "b"}), AS_OF))
    assert block.keys == ()


def test_pairs_grow_in_step_with_records_in_a_degenerate_bank(personal: Personal) -> None:
    rows = [{"source_key": f"{i:05}", "given_name": "Jo", "family_name": "Po", "city": "Ayr"} for i in range(2000)]
    block = blocked(comparable_records(personal(*rows), AS_OF))
    keys = [block.records[key].to_pylist() for key in block.keys]
    assert sum(1 for column in keys for a, b in combinations(column[:50], 2) if a is not None and a == b) == 0
