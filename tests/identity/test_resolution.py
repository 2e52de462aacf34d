import random
from collections.abc import Callable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from bank360.identity.customer_ids import KeyMapping
from bank360.identity.evaluation import pair_quality
from bank360.identity.linkage import Connection
from bank360.identity.resolution import LINK_WEIGHT, KnownKey, Resolution, Verdict, resolve, verdict

DAY = date(2026, 1, 1)
Personal = Callable[..., pa.Table]
HOME = {"address_line": "12 Mill Lane", "city": "Bath", "postcode": "BA1 1AA"}
CONTACTS = {"email": "family@home.example", "phone": "01225 900123"}


@pytest.fixture
def run(connection: Connection, personal: Personal) -> Callable[..., Resolution]:
    """Resolve rows of identifiers; a row's ``source_key`` is its letter, keys are known in the order given."""

    def resolved(*rows: dict[str, Any], former: tuple[KeyMapping, ...] = (), day: date = DAY) -> Resolution:
        named = [{"source_key": chr(ord("a") + i)} | row for i, row in enumerate(rows)]
        order = list(dict.fromkeys(row["source_key"] for row in named))
        keys = [KnownKey("core", key, number, date(2020, 1, 1)) for number, key in enumerate(order)]
        return resolve(connection, keys, personal(*named), former, day)

    return resolved


def together(resolution: Resolution, *keys: str) -> bool:
    return len({resolution.customer_of[key] for key in keys}) == 1


ANN = {"given_name": "Ann", "family_name": "Marsden", "birth_date": date(1980, 4, 17), **HOME, **CONTACTS}


def test_two_records_of_one_person_are_one_customer(run: Callable[..., Resolution]) -> None:
    resolution = run(ANN, ANN | {"given_name": "Anne", "address_line": "12, MILL LN"})
    assert together(resolution, "a", "b")
    assert (resolution.records, resolution.customers, resolution.estimated) == (2, 1, ())


def test_twins_at_one_address_are_two_customers(run: Callable[..., Resolution]) -> None:
    assert not together(run(ANN, ANN | {"given_name": "Bertha"}), "a", "b")


def test_a_record_without_a_given_name_joins_neither_twin(run: Callable[..., Resolution]) -> None:
    resolution = run(ANN, ANN | {"given_name": "Bertha"}, ANN | {"given_name": None})
    assert resolution.customers == 3
    assert resolution.ambiguous == 2


def test_joint_holders_who_share_every_contact_are_two_customers(run: Callable[..., Resolution]) -> None:
    assert not together(run(ANN, ANN | {"given_name": "John", "birth_date": date(1978, 9, 2)}), "a", "b")


def test_joint_holders_without_birth_dates_are_two_customers(run: Callable[..., Resolution]) -> None:
    blank = {"birth_date": None}
    assert not together(run(ANN | blank, ANN | {"given_name": "John"} | blank), "a", "b")


def test_father_and_son_of_one_name_are_two_customers(run: Callable[..., Resolution]) -> None:
    assert not together(run(ANN, ANN | {"birth_date": date(2004, 11, 3)}), "a", "b")


def test_father_and_son_are_not_chained_by_a_record_without_a_birth_date(run: Callable[..., Resolution]) -> None:
    resolution = run(ANN, ANN | {"birth_date": date(2004, 11, 3)}, ANN | {"birth_date": None})
    assert not together(resolution, "a", "b")


def test_another_birth_date_and_another_name_never_merge(run: Callable[..., Resolution]) -> None:
    # All contacts agree, and the names are alike.
    assert not together(run(ANN, ANN | {"given_name": "Anna", "birth_date": date(1985, 9, 22)}), "a", "b")
    assert not together(run(ANN, ANN | {"family_name": "Cole", "birth_date": date(1985, 9, 22)}), "a", "b")


def test_another_birth_date_needs_the_same_names_and_a_contact_of_ones_own(run: Callable[..., Resolution]) -> None:
    # Ten years apart and every part different: a cousin of the same name at home, or a gross error of the clerk.
    other = ANN | {"birth_date": date(1990, 11, 3)}
    assert together(run(ANN, other), "a", "b")
    assert not together(run(ANN, other | {"phone": "07811 555666", "email": "b@elsewhere.example"}), "a", "b")


def test_namesakes_in_two_towns_are_two_customers(run: Callable[..., Resolution]) -> None:
    namesake = {"given_name": "Ann", "family_name": "Marsden", "city": "York", "postcode": "YO1 1AA"}
    assert not together(run(ANN, namesake | {"birth_date": date(1991, 2, 8)}), "a", "b")
    assert not together(run(ANN, namesake), "a", "b")


@pytest.mark.parametrize(
    "fault",
    [
        {"given_name": "A."},
        {"given_name": "Marsden", "family_name": "Ann"},
        {"family_name": "Cole"},  # married, still at home
        {"birth_date": date(1980, 4, 11)},
        {"birth_date": None},
        {"given_name": None, "email": None},
        {"address_line": "9 High Street", "city": "York", "postcode": "YO1 1AA", "email": None},
        {"phone": None, "email": None},
        {"phone": "+44 1225 900 123", "email": "FAMILY@home.example "},
    ],
)
def test_one_usual_fault_does_not_part_a_person(run: Callable[..., Resolution], fault: dict[str, Any]) -> None:
    assert together(run(ANN, ANN | fault), "a", "b")


def test_without_identifiers_every_key_is_its_own_customer(run: Callable[..., Resolution]) -> None:
    resolution = run({}, {}, {})
    assert resolution.customers == 3
    assert run({}, {}, {}).customer_of == resolution.customer_of


def test_keys_without_any_row_are_customers_too(connection: Connection, personal: Personal) -> None:
    keys = [KnownKey("core", key, 0, DAY) for key in ("a", "b")]
    resolution = resolve(connection, keys, personal(), (), DAY)
    assert (resolution.customers, resolution.records) == (2, 0)
    assert [row.source_key for row in resolution.crosswalk] == ["a", "b"]


def test_no_keys_at_all_give_an_empty_crosswalk(connection: Connection, personal: Personal) -> None:
    assert resolve(connection, [], personal(), (), DAY).crosswalk == ()


def test_rows_of_unknown_keys_are_ignored_and_a_key_twice_is_refused(
    connection: Connection, personal: Personal
) -> None:
    key = KnownKey("core", "a", 0, DAY)
    assert resolve(connection, [key], personal({"source_key": "z"} | ANN), (), DAY).records == 0
    with pytest.raises(ValueError, match="source key 'a' stands twice"):
        resolve(connection, [key, KnownKey("other", "a", 0, DAY)], personal(), (), DAY)


def test_names_alone_are_no_evidence(run: Callable[..., Resolution]) -> None:
    name = {"given_name": "Xochitl", "family_name": "Quetzalli"}
    assert not together(run(name, name), "a", "b")


def test_an_arrival_takes_the_customer_id_and_history_is_kept(run: Callable[..., Resolution]) -> None:
    first = run(ANN)
    later = date(2026, 3, 1)
    second = run(ANN, ANN | {"email": None}, former=first.crosswalk, day=later)
    assert second.customer_of["a"] == second.customer_of["b"] == first.customer_of["a"]
    assert first.crosswalk[0] in second.crosswalk


def test_a_merge_keeps_the_older_id_and_a_split_gives_the_younger_back(run: Callable[..., Resolution]) -> None:
    apart = run(ANN, {"given_name": "Ann"})
    merged = run(ANN, ANN, former=apart.crosswalk, day=date(2026, 2, 1))
    assert set(merged.customer_of.values()) == {apart.customer_of["a"]}
    closed = [row for row in merged.crosswalk if row.valid_to is not None]
    assert [(row.source_key, row.customer_id, row.valid_to) for row in closed] == [
        ("b", apart.customer_of["b"], date(2026, 2, 1))
    ]
    split = run(ANN, ANN | {"given_name": "Bertha"}, former=merged.crosswalk, day=date(2026, 3, 1))
    assert split.customer_of == apart.customer_of


def test_the_verdict_of_a_pair() -> None:
    cases = {
        (LINK_WEIGHT, False, True): Verdict.LINK,
        (LINK_WEIGHT, False, False): Verdict.REVIEW,
        (LINK_WEIGHT - 1, False, True): Verdict.REVIEW,
        (LINK_WEIGHT, True, True): Verdict.CONTRADICTED,
        (-0.1, False, True): Verdict.NO_LINK,
    }
    assert {case: verdict(*case) for case in cases} == cases


def test_planted_duplicates_are_found_whatever_the_order_and_however_often(
    connection: Connection, personal: Personal, planted: Any
) -> None:
    rows, pairs = planted(7000, 7)
    keys = [KnownKey("core", row["source_key"], 0, DAY) for row in rows]
    resolution = resolve(connection, keys, personal(*rows), (), DAY)
    quality = pair_quality(resolution.customer_of, pairs)
    assert resolution.estimated, "enough records to estimate"
    assert quality.precision is not None
    assert quality.precision >= 0.99
    assert quality.recall is not None
    assert quality.recall >= 0.90
    assert connection.sql("SELECT count(*) FROM information_schema.tables").fetchall() == [(0,)], (
        "nothing is left behind"
    )

    random.Random(5).shuffle(rows)
    random.Random(6).shuffle(keys)
    assert resolve(connection, keys, personal(*rows), (), DAY) == resolution
    again = resolve(connection, keys, personal(*rows), resolution.crosswalk, date(2026, 5, 1))
    assert again.crosswalk == resolution.crosswalk


def test_new_records_leave_the_ids_of_those_known(connection: Connection, personal: Personal, planted: Any) -> None:
    rows, _ = planted(3000, 11)
    rows.sort(key=lambda row: (row["source_key"][0] == "D", row["source_key"]))
    keys = [KnownKey("core", row["source_key"], number, DAY) for number, row in enumerate(rows)]
    some = len(rows) * 9 // 10
    first = resolve(connection, keys[:some], personal(*rows[:some]), (), DAY)
    all_of_them = resolve(connection, keys, personal(*rows), first.crosswalk, date(2026, 2, 1))
    changed = [key for key, customer_id in first.customer_of.items() if all_of_them.customer_of[key] != customer_id]
    # Only a merge of two known customers may change an id, and then to the older one.
    assert len(changed) <= 3
    rebuilt = resolve(connection, keys, personal(*rows), (), date(2026, 2, 1))
    assert rebuilt.customer_of == all_of_them.customer_of, "a rebuilt warehouse has the same customer ids"
