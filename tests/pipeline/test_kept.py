"""Kept histories after any nights are those packed anew; and only a night of nothing but events is added to them."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank360.features.families import ALL_FEATURES
from bank360.features.feature import Feature
from bank360.pipeline import kept as kept_module
from bank360.pipeline.kept import kept_histories
from bank360.storage import kept_state
from bank360.storage.kept_histories import drop_kept
from bank360.storage.ledger import prepare
from bank360.storage.unnamed_files import UnnamedFiles
from bank360.storage.warehouse import open_warehouse
from tests.pipeline.nights import NIGHTS, OWN, Bank, Row, after_any, night, opened, paid, told

EVERY = tuple(one for one in ALL_FEATURES if isinstance(one, Feature))
# Each way in which an event finds its customer: by who acted or owns, holders, applicants, its own key.
FEATURES = tuple(o for o in EVERY if o.measure.table in ("transactions", "balances", "applications", "interactions"))


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with open_warehouse(tmp_path / "w.duckdb", 1, "500MB") as warehouse:
        prepare(warehouse)
        yield opened(warehouse)


def test_a_night_on_which_nothing_came_packs_nothing(bank: Bank, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "h"
    first = told(kept_histories(bank.warehouse, folder, *OWN, FEATURES, 1))
    monkeypatch.setattr(kept_module, "day_parts", None)
    monkeypatch.setattr(kept_module, "packed_histories", None)
    bank.identify()
    assert told(kept_histories(bank.warehouse, folder, *OWN, FEATURES, 1)) == first


def test_with_next_to_no_memory_the_same_bytes_are_kept_and_nothing_else(bank: Bank, tmp_path: Path) -> None:
    plain, little = tmp_path / "plain", tmp_path / "little"
    of_all = told(kept_histories(bank.warehouse, plain, *OWN, FEATURES, 1))
    found = kept_histories(bank.warehouse, little, *OWN, FEATURES, 1, outside=UnnamedFiles(little, 1))
    assert told(found) == of_all
    files = {path.name: path.read_bytes() for path in plain.iterdir()}
    assert {path.name: path.read_bytes() for path in little.iterdir()} == files


def test_events_alone_are_added(bank: Bank, tmp_path: Path) -> None:
    assert night(bank, tmp_path / "h", EVERY) == 1
    bank.receive(
        transactions=[paid("t4", "a1", hour=30), paid("t5", "a1", 5000, category="salary", counterparty_token="firm")],
        balances=[{"account_id": "a1", "date": date(2024, 3, 1), "booked": 7}],
        interactions=[{"interaction_id": "i1", "customer_id": "k1"}],
    )
    bank.identify()
    assert night(bank, tmp_path / "h", EVERY) == 2
    bank.receive(transactions=[paid("t6", "a2", 20, reverses_id="t2")])
    assert night(bank, tmp_path / "h", EVERY) == 3


def test_a_new_customer_with_a_new_account_is_added_wherever_their_id_stands(bank: Bank, tmp_path: Path) -> None:
    night(bank, tmp_path / "h", FEATURES)
    for number in range(3, 6):  # ids are hashes: of three some stand before, some after the two there are
        key, account = f"k{number}", f"b{number}"
        bank.receive(
            accounts=[{"account_id": account}], account_parties=[{"account_id": account, "customer_id": key}],
            transactions=[paid(f"n{number}", account), paid(f"o{number}", "a1")],
        )  # fmt: skip
        bank.identify(key)
        assert night(bank, tmp_path / "h", FEATURES) == number - 1


# What each of these brings speaks against adding: (rows, new keys, keys led elsewhere).
AGAINST: dict[str, tuple[dict[str, list[Row]], tuple[str, ...], dict[str, str]]] = {
    "a corrected event": ({"transactions": [paid("t1", "a1", -300)]}, (), {}),
    "a holder of an account that was nobody's": (
        {"account_parties": [{"account_id": "a3", "customer_id": "k1"}]}, (), {}),
    "another holder of an account": (
        {"account_parties": [{"account_id": "a1", "customer_id": "k2", "role": "joint_holder"}]}, (), {}),
    "an account that changed": ({"accounts": [{"account_id": "a1", "product_id": "SAV"}]}, (), {}),
    "another product": ({"products": [{"product_id": "SAV", "line": "savings"}]}, (), {}),
    "what an older event had reversed": ({"transactions": [paid("t0", "a1", category="rent")]}, (), {}),
    "an applicant of an older application": (
        {"application_parties": [{"application_id": "p1", "customer_id": "k1"}]}, (), {}),
    "a key that older events named": ({"interactions": [{"interaction_id": "i9", "customer_id": "k1"}]}, ("k9",), {}),
    "a key that led to somebody else": ({"transactions": [paid("t8", "a1")]}, (), {"k3": "k2"}),
    "two customers who are one": ({"transactions": [paid("t8", "a1")]}, (), {"k2": "k1"}),
}  # fmt: skip


@pytest.mark.parametrize("what", AGAINST)
def test_what_changes_older_events_has_all_packed_anew(bank: Bank, tmp_path: Path, what: str) -> None:
    bank.receive(
        transactions=[
            paid("t7", "a2", 40, reverses_id="t0"),
            paid("t9", "a1", actor_customer_id="k9"),
            paid("t11", "a1", actor_customer_id="k3"),
        ],
        applications=[{"application_id": "p1", "submitted_at": datetime(2024, 3, 1)}],  # noqa: DTZ001 - naive UTC
    )
    bank.identify(k3="k1")
    night(bank, tmp_path / "h", FEATURES, compare=False)
    bank.receive(transactions=[paid("t10", "a2")])
    assert night(bank, tmp_path / "h", FEATURES, compare=False) == 2
    rows, keys, merged = AGAINST[what]
    bank.receive(**rows)
    bank.identify(*keys, **merged)
    assert night(bank, tmp_path / "h", FEATURES) == 1


def test_what_is_more_than_some_days_bring_is_packed_with_all_the_rest(bank: Bank, tmp_path: Path, monkeypatch) -> None:
    night(bank, tmp_path / "h", FEATURES, compare=False)
    monkeypatch.setattr(kept_state, "MOST_ADDED", 2)
    for count, layers in ((2, 2), (3, 1)):
        bank.receive(transactions=[paid(f"m{count}{number}", "a1") for number in range(count)])
        assert night(bank, tmp_path / "h", FEATURES) == layers


def test_a_key_led_elsewhere_at_the_very_instant_of_the_run_before_has_all_packed_anew(
    bank: Bank, tmp_path: Path
) -> None:
    bank.identify(k3="k1")
    bank.receive(transactions=[paid("t4", "a1", actor_customer_id="k3")])
    night(bank, tmp_path / "h", FEATURES, compare=False)
    bank.receive(transactions=[paid("t5", "a2")])
    bank.identify("k4")
    assert night(bank, tmp_path / "h", FEATURES, compare=False) == 2
    bank.identify(k3="k2")
    assert night(bank, tmp_path / "h", FEATURES) == 1


def test_another_warehouse_other_settings_and_a_torn_file_have_all_packed_anew(bank: Bank, tmp_path: Path) -> None:
    folder = tmp_path / "h"
    night(bank, folder, FEATURES)
    bank.receive(transactions=[paid("t4", "a1")])
    assert night(bank, folder, FEATURES) == 2
    kept_histories(bank.warehouse, folder, "Europe/Prague", "CZK", "CZ", FEATURES, 1)
    assert night(bank, folder, FEATURES) == 1
    with open_warehouse(tmp_path / "other.duckdb", 1, "500MB") as other:  # the same loads, by their ids
        prepare(other)
        twin = opened(other)
        twin.receive(transactions=[paid("t4", "a2")])
        assert night(twin, folder, FEATURES) == 1
    assert night(bank, folder, FEATURES) == 1
    bank.receive(transactions=[paid("t5", "a1")])
    assert night(bank, folder, FEATURES) == 2
    layer = next(folder.glob("*.layer"))
    whole = layer.read_bytes()
    layer.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    assert night(bank, folder, FEATURES) == 1
    assert drop_kept(folder)
    assert not drop_kept(folder)


def test_a_product_that_reads_rows_otherwise_packs_anew(bank: Bank, tmp_path: Path, monkeypatch) -> None:
    folder = tmp_path / "h"
    night(bank, folder, FEATURES)
    bank.receive(transactions=[paid("t4", "a1")])
    assert night(bank, folder, FEATURES) == 2
    monkeypatch.setattr("bank360.pipeline.kept._READ_AS", "as of a later release")
    assert night(bank, folder, FEATURES) == 1


def test_after_many_days_the_layers_become_one_base(bank: Bank, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(kept_module, "MOST_LAYERS", 2)
    found = []
    for number in range(5):
        found.append(night(bank, tmp_path / "h", FEATURES))
        account, key = f"c{number}", f"m{number}"
        bank.receive(
            accounts=[{"account_id": account}], account_parties=[{"account_id": account, "customer_id": key}],
            transactions=[paid(f"x{number}", account), paid(f"y{number}", "a1")],
        )  # fmt: skip
        bank.identify(key)
    assert found == [1, 2, 1, 2, 1]
    assert len([*(tmp_path / "h").glob("*.layer")]) == 1


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NIGHTS, min_size=1, max_size=3))
def test_after_any_nights_kept_histories_are_those_packed_anew(
    tmp_path_factory: pytest.TempPathFactory, nights
) -> None:
    after_any(nights, tmp_path_factory.mktemp("nights"), FEATURES)
