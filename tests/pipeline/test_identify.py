from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bank360.pipeline.identify import identify
from bank360.storage.crosswalk import read_crosswalk
from bank360.storage.ledger import prepare
from bank360.storage.warehouse import Warehouse, open_warehouse
from tests.rows import ANN, putting

ZONE = "Europe/London"
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 8, 1, 12, tzinfo=UTC)
KNOWN = datetime(2024, 6, 30, 23, 30)  # noqa: DTZ001 - naive UTC; in London it is 1 July already
Put = Callable[..., None]


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    with open_warehouse(Path(":memory:")) as opened:
        prepare(opened)
        yield opened


@pytest.fixture
def put(warehouse: Warehouse) -> Put:
    return putting(warehouse, known_time=KNOWN)


def customer_of(warehouse: Warehouse) -> dict[str, str]:
    return {row.source_key: row.customer_id for row in read_crosswalk(warehouse) if row.valid_to is None}


def test_two_records_of_a_person_get_one_customer_and_one_number(warehouse: Warehouse, put: Put) -> None:
    for key, source in (("c1", "core"), ("k1", "cards"), ("c2", "core")):
        put("customers", customer_id=key)
        put(
            "customer_personal",
            customer_id=key,
            source=source,
            **(ANN if key != "c2" else ANN | {"given_name": "Bertha"}),
        )
    report = identify(warehouse, ZONE, NOW, [("c1", "k1")])
    assert (report.source_keys, report.records, report.customers, report.merged) == (3, 3, 2, 1)
    assert report.quality is not None
    assert (report.quality.precision, report.quality.recall) == (1.0, 1.0)
    numbers = warehouse.query("SELECT customer_id, customer FROM customer_index ORDER BY customer").to_pylist()
    assert [row["customer"] for row in numbers] == [0, 1]
    assert {row["customer_id"] for row in numbers} == set(customer_of(warehouse).values())
    rows = {row.source_key: row for row in read_crosswalk(warehouse)}
    assert (rows["k1"].source, rows["c1"].source) == ("cards", "core")
    # Known at 23:30 UTC on 30 June, half past midnight in London.
    assert rows["c1"].valid_from == date(2024, 7, 1)


def test_a_run_repeated_leaves_the_same_rows(warehouse: Warehouse, put: Put) -> None:
    for key in ("c1", "c2"):
        put("customers", customer_id=key)
        put("customer_personal", customer_id=key, **ANN)
    identify(warehouse, ZONE, NOW)
    before = warehouse.query("SELECT * FROM source_keys ORDER BY source_key").to_pylist()
    report = identify(warehouse, ZONE, LATER)
    assert report.changed == 0
    assert warehouse.query("SELECT * FROM source_keys ORDER BY source_key").to_pylist() == before


def test_a_merge_found_later_keeps_the_past(warehouse: Warehouse, put: Put) -> None:
    put("customers", customer_id="c1")
    put("customer_personal", customer_id="c1", **ANN)
    put("customers", customer_id="c2", known_time=datetime(2025, 1, 1))  # noqa: DTZ001 - naive UTC
    identify(warehouse, ZONE, NOW)
    first = customer_of(warehouse)
    put("customer_personal", customer_id="c2", known_time=datetime(2026, 7, 15), **ANN)  # noqa: DTZ001 - naive UTC
    report = identify(warehouse, ZONE, LATER)
    assert report.changed == 1
    assert set(customer_of(warehouse).values()) == {first["c1"]}
    past = [row for row in read_crosswalk(warehouse) if row.valid_to is not None]
    assert [(row.source_key, row.customer_id, row.valid_to) for row in past] == [("c2", first["c2"], date(2026, 8, 1))]
    assert warehouse.number("SELECT count(*) FROM customer_index") == 1


def test_what_is_not_known_yet_not_valid_yet_or_superseded_is_not_compared(warehouse: Warehouse, put: Put) -> None:
    future = datetime(2026, 7, 2)  # noqa: DTZ001 - naive UTC
    for key in ("c1", "c2", "c3", "c4"):
        put("customers", customer_id=key)
    put("customers", customer_id="c5", known_time=future)
    put("customer_personal", customer_id="c1", **ANN)
    put("customer_personal", customer_id="c2", known_time=future, **ANN)
    put("customer_personal", customer_id="c3", valid_from=date(2026, 7, 2), **ANN)
    put("customer_personal", customer_id="c4", superseded_time=NOW.replace(tzinfo=None), **ANN)
    report = identify(warehouse, ZONE, NOW)
    assert (report.source_keys, report.records, report.customers) == (4, 1, 4)


def test_what_is_known_at_the_very_instant_is_included(warehouse: Warehouse, put: Put) -> None:
    put("customers", customer_id="c1", known_time=NOW.replace(tzinfo=None))
    assert identify(warehouse, ZONE, NOW).source_keys == 1


def test_keys_of_a_source_without_a_customer_master_are_customers(warehouse: Warehouse, put: Put) -> None:
    put("account_parties", account_id="a", customer_id="p1", role="owner", liability_share=1.0)
    put("application_parties", application_id="x", seq=1, customer_id="p2")
    put("application_parties", application_id="y", seq=1, customer_id=None)
    report = identify(warehouse, ZONE, NOW)
    assert (report.source_keys, report.customers, report.records) == (2, 2, 0)
    assert {row.source for row in read_crosswalk(warehouse)} == {"demo"}


def test_a_key_keeps_the_source_it_was_first_mapped_under(warehouse: Warehouse, put: Put) -> None:
    put("customers", customer_id="c1")
    identify(warehouse, ZONE, NOW)
    before = read_crosswalk(warehouse)
    put("customer_personal", customer_id="c1", source="cards", known_time=datetime(2026, 7, 15), **ANN)  # noqa: DTZ001
    identify(warehouse, ZONE, LATER)
    assert read_crosswalk(warehouse) == before


def test_companies_are_not_compared(warehouse: Warehouse, put: Put) -> None:
    for key in ("c1", "c2"):
        put("customers", customer_id=key, type="company")
        put("customer_personal", customer_id=key, **ANN)
    assert identify(warehouse, ZONE, NOW).customers == 2


def test_an_empty_bank_has_an_empty_crosswalk(warehouse: Warehouse) -> None:
    assert identify(warehouse, ZONE, NOW).source_keys == 0
    assert warehouse.number("SELECT count(*) FROM customer_index") == 0


def test_progress_is_told_and_nothing_is_left_in_the_warehouse(warehouse: Warehouse, put: Put) -> None:
    put("customers", customer_id="c1")
    put("customer_personal", customer_id="c1", **ANN)
    identify(warehouse, ZONE, NOW)
    tables = warehouse.tables()
    told: list[tuple[float, float]] = []
    identify(warehouse, ZONE, NOW, progress=lambda _, done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    assert warehouse.tables() == tables
