"""Laws of the columns that a feature names as its sources: they are all there are, and each one matters.

A small untidy bank is described as it stands, and again with one column of one table disturbed: its values handed on
from row to row, or each changed. Whatever names the column may move; nothing else may, to the last bit. What the models
read of an application is held to it like every feature of the catalogue.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bank360.bank.calendar import MICROS_PER_DAY, instant
from bank360.bank.table import Column, Table, Tag
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.features.compute import compute
from bank360.features.families import CATALOGUE, FAMILIES_OF
from bank360.features.feature import SpineColumn
from bank360.features.needs import needs
from bank360.features.scan import Entity
from bank360.features.source_columns import STANDING, columns_found_by, columns_read
from bank360.features.spine import Spine
from bank360.models.catalogue import MODELS
from bank360.pipeline.build import packed_histories
from bank360.pipeline.place_histories import place_histories
from bank360.pipeline.train import features_of
from bank360.storage.ledger import prepare
from bank360.storage.places import place_index
from bank360.storage.spines import application_spine
from bank360.storage.warehouse import Warehouse, open_warehouse
from tests.untidy_bank import load, untidy_rows

BANK = ("Europe/London", "GBP", "GB")
BY_NAME = {feature.name: feature for feature in (*features_of(MODELS), *CATALOGUE)}
OF_APPLICATIONS = tuple(name for name, feature in BY_NAME.items() if isinstance(feature, SpineColumn))
READ = {name: set(columns_read(feature, BY_NAME)) for name, feature in BY_NAME.items()}
NAMED = {name: READ[name] | set(columns_found_by(feature, BY_NAME)) for name, feature in BY_NAME.items()}
LISTED = sorted(set().union(*NAMED.values()))
Described = Mapping[str, bytes]
Disturb = Callable[[list[Any], Column, bool], list[Any]]  # values, their column, and whether it is of the key


class Bank:
    """An untidy bank and what is asked of it: always the same people, places, applications and instants."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse, self.rows = warehouse, untidy_rows(11)
        load(warehouse, self.rows)
        times = sorted({row["event_time"] for row in self.rows["transactions"]})
        # Some time after payments, in the hour or the day that counts them.
        self.as_ofs = [_micros(at) + 1_800_000_000 for at in times[-1::-40]]
        self.until = max(self.as_ofs) + 400 * MICROS_PER_DAY
        self.ids = {entity: self._numbers(entity) for entity in Entity}
        self.applications = self._spine().application_id.tolist()
        self.before = self.described()

    def moved_by(self, columns: Iterable[str], disturb: Disturb) -> set[str]:
        """Return the names of what moves when columns, ``table.column``, are disturbed; the bank is then as before."""
        rows = dict(self.rows)
        for table, name in (column.split(".") for column in columns):
            of = TABLE_BY_NAME[table]
            # Of a token only what equals it matters, which new names leave as it was.
            key = name in of.key and Tag.TOKEN not in of.column(name).tags
            values = disturb([row[name] for row in rows[table]], of.column(name), key)
            rows[table] = [row | {name: value} for row, value in zip(rows[table], values, strict=True)]
        load(self.warehouse, rows)
        after = self.described()
        return {name for name, values in after.items() if values != self.before[name]}

    def described(self) -> Described:
        """Return every feature of the catalogue and every column of applications as bytes, by name."""
        found = {name: values for entity in Entity for name, values in self._features(entity).items()}
        spine = self._spine()
        place = {one: number for number, one in enumerate(spine.application_id)}
        for name in OF_APPLICATIONS:
            values = [spine.columns[name][place[one]] if one in place else "gone" for one in self.applications]
            found[name] = repr(values).encode()
        return found

    def _features(self, entity: Entity) -> Described:
        features = tuple(one for family in FAMILIES_OF[entity].values() for one in family)
        numbers = self._numbers(entity)
        if entity is Entity.CUSTOMER:
            histories = packed_histories(self.warehouse, *BANK, features, 1)
        else:
            histories = place_histories(self.warehouse, place_index(self.warehouse, entity), *BANK, features, 1)
        who = np.array([numbers.get(one, -1) for one in self.ids[entity]], dtype=np.int32)
        whom, when = np.repeat(who, len(self.as_ofs)), np.tile(np.array(self.as_ofs), len(who))
        matrix = compute(histories, Spine(np.arange(len(whom)), whom, when, {}), features)
        return {name: matrix.values[:, k].tobytes() for k, name in enumerate(matrix.names)}

    def _numbers(self, entity: Entity) -> dict[str, int]:
        if entity is Entity.CUSTOMER:
            index = self.warehouse.query("SELECT customer_id, customer FROM customer_index ORDER BY customer")
        else:
            index = place_index(self.warehouse, entity)
        return dict(zip(*(index.column(k).to_pylist() for k in (0, 1)), strict=True))

    def _spine(self):
        return application_spine(self.warehouse, self.until, BANK[0])


@pytest.fixture(scope="module")
def bank():
    with open_warehouse(Path(":memory:"), threads=1, memory_limit="500MB") as warehouse:
        prepare(warehouse)
        yield Bank(warehouse)


def _micros(at: datetime) -> int:
    return instant(at.replace(tzinfo=UTC))


def _handed_on(values: list[Any], column: Column, key: bool) -> list[Any]:
    if not key:
        return [*values[1:], values[0]]
    # Each name for one a good way on, so that a key still names one row at a time.
    names = sorted(set(values))
    far = max(1, len(names) // 3)
    after = dict(zip(names, names[far:] + names[:far], strict=True))
    return [after[value] for value in values]


def _changed(values: list[Any], column: Column, key: bool) -> list[Any]:
    return [None if value is None else _other(value, column) for value in values]


def _other(value: Any, column: Column) -> Any:
    if column.codes is not None:
        codes = [str(code) for code in column.codes]
        return codes[(codes.index(value) + 1) % len(codes)]
    match column.type:
        case "string":
            return f"{value}?"
        case "bool":
            return not value
        case "date":
            return value + timedelta(days=9)
        case "timestamp":
            return value + timedelta(hours=7)
    return value + 1


def of_table(table: Table) -> set[str]:
    return {name for name, columns in NAMED.items() if any(one.startswith(f"{table.name}.") for one in columns)}


@pytest.mark.parametrize("disturb", [_handed_on, _changed])
def test_columns_that_no_feature_names_move_none(bank, disturb):
    unnamed = {f"{table.name}.{column.name}" for table in TABLES for column in table.stored_columns} - set(LISTED)
    told = {f"{table.name}.{name}" for table in TABLES if of_table(table) for name in STANDING}
    assert len(unnamed - told) > 150
    assert bank.moved_by(unnamed - told, disturb) == set()


@pytest.mark.parametrize("column", LISTED)
def test_a_column_moves_some_feature_that_names_it_and_no_other(bank, column):
    moved = bank.moved_by([column], _handed_on) or bank.moved_by([column], _changed)
    assert moved - {name for name, columns in NAMED.items() if column in columns} == set()
    assert moved


@pytest.mark.parametrize("table", [one for one in TABLES if of_table(one)], ids=lambda table: table.name)
def test_when_its_rows_were_known_moves_only_what_names_a_table(bank, table):
    """Seven hours later, all of it: each version still ends when the next is known, as loads leave them."""
    assert bank.moved_by([f"{table.name}.{name}" for name in STANDING], _changed) <= of_table(table)


def test_what_a_feature_needs_delivered_is_among_its_columns():
    for name, feature in BY_NAME.items():
        needed = [need for any_of in needs(feature, BY_NAME) for need in any_of]
        assert {f"{need.table}.{need.column}" for need in needed if need.column is not None} <= NAMED[name], name
        tables = {column.split(".")[0] for column in NAMED[name]}
        assert {need.table for need in needed} <= tables, name


def test_every_column_named_is_one_of_the_banks_tables():
    for column in LISTED:
        table, name = column.split(".")
        assert name in {one.name for one in TABLE_BY_NAME[table].columns}
