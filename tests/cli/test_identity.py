"""Pairs that may be one person are listed masked, with what agrees; the joined and households are not among them."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bank360.bank.errors import NotReady
from bank360.identity.comparisons import COMPARISONS
from bank360.identity.resolution import PossiblePair
from bank360.pipeline.identify import identify
from bank360.pipeline.possible_pairs import pairs_to_review
from bank360.storage.ledger import prepare
from bank360.storage.possible_pairs import write_possible_pairs
from bank360.storage.warehouse import open_warehouse
from tests.rows import ANN, fill, stored

# Of her name, known at another home under another number, her birth date and address of mail not known.
AWAY = ANN | {"address_line": "1 High Street", "city": "Leeds", "postcode": "LS1 1AA", "phone": "0113 496 0000",
              "email": None, "birth_date": None}  # fmt: skip
FAMILY_ONLY = ANN | {"given_name": None, "birth_date": None}  # anybody of the household
SON = ANN | {"given_name": "John", "birth_date": date(2004, 11, 3)}
NOW, ZONE = datetime(2026, 7, 1, tzinfo=UTC), "Europe/London"


@pytest.fixture
def reviewed():
    """Return how to run identity on records by key, and give what there is to review."""
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as warehouse:
        prepare(warehouse)

        def run(most=9, **records):
            for key, record in records.items():
                fill(warehouse, "customers", {"customer_id": key, "type": "person"})
                fill(warehouse, "customer_personal", {"customer_id": key, "source": "core"} | record)
            report = identify(warehouse, ZONE, NOW)
            found = pairs_to_review(warehouse, NOW, ZONE, most)
            assert found.count == report.to_review
            return found

        yield run


def agreeing(pair):
    return tuple(pair.agreement.values())


def test_who_agrees_too_little_to_be_joined_is_listed_the_surest_first_with_what_agrees(reviewed):
    found = reviewed(k1=ANN, k2=AWAY, k3=FAMILY_ONLY)
    pairs = {(pair.left.key, pair.right.key): pair for pair in found.pairs}
    assert list(pairs) == [("k1", "k3"), ("k1", "k2")]
    assert list(pairs["k1", "k2"].agreement) == [
        "given_name", "family_name", "birth_date", "address", "email", "phone",
    ]  # fmt: skip
    assert agreeing(pairs["k1", "k2"]) == ("same", "same", "not known", "different", "not known", "different")
    assert agreeing(pairs["k1", "k3"]) == ("not known", "same", "not known", "same home", "same", "same")
    assert 0.5 <= pairs["k1", "k2"].probability < pairs["k1", "k3"].probability < 1
    assert len({one.customer_id for pair in found.pairs for one in (pair.left, pair.right)}) == 3


def test_the_joined_the_contradicted_and_those_whom_a_third_record_joins_are_not_listed(reviewed):
    assert reviewed(k1=ANN, k2=ANN, k3=SON).count == 0
    assert reviewed(k4=AWAY).count > 0
    # She told the one system her new home and the other her birth date: this record has both, and all are one person.
    found = reviewed(k5=AWAY | {"birth_date": ANN["birth_date"], "email": ANN["email"]})
    assert found.count == 0


def test_names_are_masked_and_keys_that_are_personal_numbers_and_of_the_rest_no_value_is_said(reviewed):
    found = reviewed(**{"ann@home.example": ANN, "amy@home.example": AWAY})
    (pair,) = found.pairs
    assert (pair.left.name, pair.right.name) == ("A••• M•••", "A••• M•••")
    assert {pair.left.key, pair.right.key} == {"a•••@•••", "a•••@••• (2)"}
    said = json.dumps(found.to_json())
    assert not [value for record in (ANN, AWAY) for value in record.values() if value and str(value) in said]


@pytest.mark.parametrize("later", [{"known_time": stored("2026-07-02")}, {"valid_from": date(2026, 7, 2)}])
def test_names_are_those_of_the_instant_and_not_what_came_since(reviewed, later):
    found = reviewed(k1=ANN | {"superseded_time": stored("2026-07-02")}, k2=AWAY)
    assert [(pair.left.name, pair.right.name) for pair in found.pairs] == [("A••• M•••", "A••• M•••")]
    again = reviewed(k1=ANN | {"given_name": "Zoe", "family_name": "Quill"} | later)
    assert again == found


def test_how_many_there_are_is_said_though_not_all_are_listed(reviewed):
    found = reviewed(most=1, k1=ANN, k2=AWAY, k3=FAMILY_ONLY)
    assert (len(found.pairs), found.count) == (1, 2)


def test_before_identity_has_run_it_says_what_to_run():
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as warehouse:
        prepare(warehouse)
        with pytest.raises(NotReady, match="build"):
            pairs_to_review(warehouse, NOW, ZONE, 1)


@pytest.fixture
def paired(built, tmp_path):
    """A built bank of which identity left three pairs to look at."""
    folder = shutil.copytree(built, tmp_path / "bank", ignore=shutil.ignore_patterns("landing", "raw", "truth"))
    with open_warehouse(folder / "warehouse.duckdb", 1, "500MB") as warehouse:
        keys = warehouse.query("SELECT source_key FROM source_keys ORDER BY 1 LIMIT 4").column(0).to_pylist()
        agree = {one.name: "same" for one in COMPARISONS}
        write_possible_pairs(warehouse, [PossiblePair(keys[0], key, 1.0, agree) for key in keys[1:]])
    return folder


def test_the_command_prints_them_under_a_heading_and_what_to_do(paired, bank360):
    said = json.loads(bank360("identity", "list", "--home", paired, "--json").out)
    # Odds of 2 to 1, of three pairs.
    assert (said["count"], [pair["probability"] for pair in said["pairs"]]) == (3, [pytest.approx(2 / 3)] * 3)
    printed = bank360("identity", "list", "--home", paired, "--limit", 1).out.splitlines()
    assert printed[0] == "3 pairs to review"
    assert printed[1].startswith(" likely  the two records")
    assert printed[2].startswith(f"  66.7%  {said['pairs'][0]['left']['customer_id']} ")
    assert "2 more; --limit says how many are printed." in printed
    assert any("Mend the record" in line for line in printed)


def test_the_command_says_so_where_there_are_none(paired, bank360):
    with open_warehouse(paired / "warehouse.duckdb", 1, "500MB") as warehouse:
        write_possible_pairs(warehouse, [])
    printed = bank360("identity", "list", "--home", paired).out
    assert printed == "No two records may be one person without being taken for one.\n"
