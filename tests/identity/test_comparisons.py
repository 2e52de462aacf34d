import math
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from bank360.identity.blocking import blocked
from bank360.identity.comparisons import COMPARISONS, Comparison
from bank360.identity.linkage import Connection, scored_pairs
from bank360.identity.records import comparable_records

AS_OF = date(2026, 1, 1)
Personal = Callable[..., pa.Table]
ANN = {
    "given_name": "Annika",
    "family_name": "Marsden",
    "birth_date": date(1980, 4, 17),
    "address_line": "1 Mill Lane",
    "city": "Bath",
    "postcode": "BA1 1AA",
    "email": "annika.marsden@x.org",
    "phone": "07700900123",
}
DAY = date


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda c: c.name)
def test_probabilities_sum_to_one_and_agreement_weighs_more_the_stronger(comparison: Comparison) -> None:
    m = [*(level.m for level in comparison.levels), comparison.else_m]
    u = [*(level.u for level in comparison.levels), comparison.else_u]
    assert math.isclose(sum(m), 1)
    assert math.isclose(sum(u), 1)
    weights = [math.log2(a / b) for a, b in zip(m, u, strict=True)]
    assert weights[0] > 0 > weights[-1] == min(weights)
    # A swap speaks for both names at once and may weigh more than one name's agreement.
    ordered = [w for w, at in zip(weights, comparison.levels, strict=False) if "swapped" not in at.label]
    assert ordered == sorted(ordered, reverse=True)


def _level_of(connection: Connection, name: str, table: pa.Table) -> int:
    comparison = next(c for c in COMPARISONS if c.name == name)
    connection.register("two", table)
    columns = [c for c in table.column_names if c not in ("record", "source_key")]
    sides = ", ".join(f"{side}.{c} AS {c}_{side}" for c in columns for side in ("l", "r"))
    query = f"SELECT {comparison.level_sql()} FROM (SELECT {sides} FROM two l, two r WHERE l.record < r.record)"
    found = int(connection.sql(query).fetchall()[0][0])
    connection.unregister("two")
    return found


def level(connection: Connection, personal: Personal, name: str, one: dict[str, Any], other: dict[str, Any]) -> int:
    """Level of a comparison in both orders of the pair, which must agree."""
    orders = (({"source_key": "l"} | left, {"source_key": "r"} | right) for left, right in ((one, other), (other, one)))
    found = {_level_of(connection, name, comparable_records(personal(*rows), AS_OF)) for rows in orders}
    assert len(found) == 1
    return found.pop()


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("given_name", {}, 5),
        ("given_name", {"given_name": "Marsden", "family_name": "Anika"}, 4),
        ("given_name", {"given_name": "A"}, 3),
        ("given_name", {"given_name": "Annika Jane"}, 3),
        ("given_name", {"given_name": "Anika"}, 2),
        ("given_name", {"given_name": "Ankia M"}, 1),
        ("given_name", {"given_name": "Bertil"}, 0),
        ("given_name", {"given_name": None}, -1),
        ("family_name", {}, 4),
        ("family_name", {"family_name": "Marsdn"}, 2),
        ("family_name", {"family_name": "Cole-Marsden"}, 3),
        ("family_name", {"family_name": "Cole"}, 0),
        ("family_name", {"given_name": "Marsden", "family_name": "Annika"}, -1),  # swapped: counted with the given name
        ("birth_date", {}, 4),
        ("birth_date", {"birth_date": DAY(1980, 4, 11)}, 3),
        ("birth_date", {"birth_date": DAY(1908, 4, 17)}, 3),
        ("birth_date", {"birth_date": DAY(1980, 4, 22)}, 2),
        ("birth_date", {"birth_date": DAY(1985, 9, 22)}, 1),
        ("birth_date", {"birth_date": DAY(1952, 9, 22)}, 0),
        ("birth_date", {"birth_date": None}, -1),
        ("address", {}, 4),
        ("address", {"postcode": None}, 4),
        ("address", {"address_line": "1 Mil Lane"}, 3),
        ("address", {"address_line": "77 Rose Walk"}, 2),
        ("address", {"address_line": "77 Rose Walk", "postcode": "BA2 2BB"}, 1),
        ("address", {"address_line": "77 Rose Walk", "postcode": "YO1 2BB", "city": "York"}, 0),
        ("address", {"address_line": None, "postcode": None, "city": None}, -1),
        ("email", {}, 3),
        ("email", {"email": "annika.marsden@y.org"}, 2),
        ("email", {"email": "anika.marsden@x.org"}, 1),
        ("email", {"email": "someone@x.org"}, 0),
        ("email", {"email": None}, -1),
        ("phone", {}, 2),
        ("phone", {"phone": "07700900132"}, 1),
        ("phone", {"phone": "07811555666"}, 0),
        ("phone", {"phone": "unknown"}, -1),
    ],
)  # fmt: skip
def test_the_level_of_a_change(
    connection: Connection, personal: Personal, name: str, change: dict[str, Any], expected: int
) -> None:
    assert level(connection, personal, name, ANN, ANN | change) == expected


def test_day_and_month_swapped_are_nearly_the_same(connection: Connection, personal: Personal) -> None:
    assert (
        level(connection, personal, "birth_date", {"birth_date": DAY(1980, 4, 7)}, {"birth_date": DAY(1980, 7, 4)}) == 3
    )


def test_one_wrong_letter_in_a_short_name_needs_the_other_to_be_known(
    connection: Connection, personal: Personal
) -> None:
    def names(one: str, other: str) -> int:
        return level(connection, personal, "given_name", {"given_name": one}, {"given_name": other})

    assert names("Joe", "Jze") == 1  # Joe is a listed name
    assert names("Wei", "Wai") == 0  # neither is: perhaps two names
    assert names("Joe", "Jo") == 0  # both are
    assert names("Tom", "Wom") == 0


def test_a_home_that_both_once_had_is_a_shared_home(connection: Connection, personal: Personal) -> None:
    old = {"source_key": "r", "address_line": "1 Mill Lane", "city": "Bath", "postcode": "BA1 1AA"}
    new = {"source_key": "r", "address_line": "77 Rose Walk", "city": "York", "postcode": "YO1 2BB"}
    rows = (old | {"source_key": "l"}, old, new | {"valid_from": DAY(2024, 1, 1)})
    table = comparable_records(personal(*rows), AS_OF)
    assert table["city"].to_pylist() == ["bath", "york"]
    assert _level_of(connection, "address", table) == 4


def test_short_forms_agree_and_two_common_names_are_two_names(connection: Connection, personal: Personal) -> None:
    def names(one: str, other: str) -> int:
        return level(connection, personal, "given_name", {"given_name": one}, {"given_name": other})

    assert names("Bob", "Robert") == 3
    # Similar to the eye (Jaro-Winkler 0.93), but both are on the list of names.
    assert names("Marie", "Maria") == 2
    assert names("Daniel", "Nathaniel") == 0
    # Two second names: not a first name alone.
    assert names("Mary Ann", "Mary Jane") < 3


FAULTS: list[dict[str, Any]] = [
    {},
    {"given_name": "Anika", "email": None},
    {"given_name": None, "phone": None},
    {"birth_date": None, "address_line": "77 Rose Walk", "postcode": "YO1 2BB"},
    {"family_name": "Cole", "email": "annika.cole@x.org"},
]


def test_splink_scores_the_sum_of_the_levels_weights(connection: Connection, personal: Personal) -> None:
    for fault in FAULTS:
        rows = ({"source_key": "l"} | ANN, {"source_key": "r"} | ANN | fault)
        scored = scored_pairs(connection, blocked(comparable_records(personal(*rows), AS_OF)))
        prior = scored.parameters.prior
        expected = math.log2(prior / (1 - prior))
        for comparison in COMPARISONS:
            at = level(connection, personal, comparison.name, ANN, ANN | fault)
            if at >= 0:
                m, u = scored.parameters.m[comparison.name], scored.parameters.u[comparison.name]
                expected += math.log2(m[-1 - at] / u[-1 - at])
        assert scored.pairs.num_rows == 1
        assert math.isclose(scored.pairs["match_weight"][0].as_py(), expected, rel_tol=1e-9)
