"""A bank that maps only customers and transactions: what it never delivered is no data, and never 0."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bank360.bank.calendar import instant
from bank360.features.families import ALL_FEATURES
from bank360.features.feature import SpineColumn
from bank360.models.catalogue import MODELS
from bank360.models.spec import ModelSpec
from bank360.pipeline.build import Built, build
from bank360.pipeline.identify import identify
from bank360.pipeline.ingest import ingest
from bank360.pipeline.profile import profile
from bank360.sources.registry import Told, source_of_kind
from bank360.storage.warehouse import Warehouse, open_warehouse

ZONE = "Europe/London"
NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
MAPPING = {
    "files": {
        "customers": {
            "pattern": "customers.csv",
            "columns": {"customer_id": "ID", "type": {"constant": "person"}, "onboarded_on": "SINCE"},
            "known_time": {"constant": "2020-01-01"},
        },
        "transactions": {
            "pattern": "lines.csv", "known_after": "0d",
            "columns": {
                "transaction_id": "NO", "account_id": "ID", "actor_customer_id": "ID", "event_time": "DAY",
                "amount": "AMOUNT", "country": {"constant": "GB"},
            },
        },
    }
}  # fmt: skip


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("thin")
    raw = folder / "raw"
    raw.mkdir()
    people = [f"c{n}" for n in range(5)]
    (raw / "customers.csv").write_text("ID,SINCE\n" + "".join(f"{p},2020-01-01\n" for p in people), encoding="utf-8")
    first = NOW - timedelta(days=200)
    lines = [
        f"{p}-{n},{p},{(first + timedelta(days=n)).date()},{(-1) ** n * (10 + n)}.00\n"
        for p in people for n in range(150)
    ]  # fmt: skip
    (raw / "lines.csv").write_text("NO,ID,DAY,AMOUNT\n" + "".join(lines), encoding="utf-8")
    source = source_of_kind("mapped", Told("core", ZONE, "GBP", NOW.date(), MAPPING))
    with open_warehouse(folder / "warehouse.duckdb", 1, "500MB") as warehouse:
        ingest(source, raw, folder / "landing", warehouse, NOW)
        identify(warehouse, ZONE, NOW)
        yield warehouse, build(warehouse, instant(NOW), ZONE, "GBP", "GB", threads=1)


def test_what_was_delivered_has_values_and_the_rest_has_none_for_anybody(bank: tuple[Warehouse, Built]) -> None:
    warehouse, built = bank
    stored = warehouse.query("SELECT * FROM customer_features").to_pylist()
    has = {name for row in stored for name, value in row.items() if value is not None}
    # Neither category, channel, time of day, balance, credit nor contact is mapped: what is left counts movements.
    assert {"transactions_90d", "transactions_365d", "active_days_90d", "days_since_transaction"} <= has
    assert has - {"customer_id", "as_of"} == {f.name for f in ALL_FEATURES} - set(built.no_data)
    for name in ("spend_90d", "income_90d", "cash_90d", "gambling_share_90d", "night_purchases_90d", "payments_24h",
                 "abroad_365d", "overdrawn_months_365d", "digital_days_90d", "late_months_365d", "product_lines",
                 "applications_365d", "merchants_90d", "salaries_90d", "returned_debits_365d"):  # fmt: skip
        assert name in built.no_data, name


def test_it_is_said_what_each_lacks(bank: tuple[Warehouse, Built]) -> None:
    _, built = bank
    assert built.no_data["gambling_90d"] == ("transactions.category: gambling",)
    assert built.no_data["digital_days_90d"][0] == "rows in 'interactions'"
    assert built.no_data["abroad_365d"][-1] == "transactions.country: other than the bank's own"


def test_a_profile_says_no_data_and_why_instead_of_a_nought(bank: tuple[Warehouse, Built]) -> None:
    warehouse, built = bank
    found = profile(warehouse, "c1", NOW, ZONE, "GBP", "GB")
    values = {value.name: value for block in found.blocks for value in block.values}
    assert values["transactions_90d"].value
    assert values["transactions_90d"].no_data == ()
    assert set(built.no_data) <= set(values)
    for name, missing in built.no_data.items():
        assert (values[name].value, values[name].no_data) == (None, missing)


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_a_models_inputs_have_no_value_where_nothing_was_delivered(
    bank: tuple[Warehouse, Built], spec: ModelSpec
) -> None:
    warehouse, built = bank
    names = [f.name for f in spec.inputs if f.name in built.no_data and not isinstance(f, SpineColumn)]
    assert len(names) > 3
    columns = warehouse.query(f"SELECT {', '.join(names)} FROM customer_features")
    for name in names:
        assert np.isnan(np.array(columns[name].to_pylist(), dtype=float)).all(), name
