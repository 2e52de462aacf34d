"""The laws of tables: every canonical table and column keeps them, a new one too."""

import re

import pytest

from bank360.bank.table import PROVENANCE, Tag
from bank360.bank.tables import TABLE_BY_NAME, TABLES
from bank360.bank.tables_star import STAR
from bank360.features.behaviour_tables import BEHAVIOUR_TABLES
from bank360.features.place_tables import PLACE_TABLES

EXPORTED = (*STAR, *BEHAVIOUR_TABLES, *PLACE_TABLES)
EVERY = (*TABLES, *EXPORTED)
BY_NAME = TABLE_BY_NAME | {table.name: table for table in EXPORTED}
COLUMNS = [pytest.param(table, column, id=f"{table.name}.{column.name}") for table in EVERY for column in table.columns]
NAME = re.compile(r"^[a-z][a-z0-9_]*$")


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_a_key_names_rows_by_columns_that_every_row_has(table):
    assert table.key
    assert not [name for name in table.key if table.column(name).nullable]
    assert table.key == tuple(dict.fromkeys(table.key))


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_a_row_is_said_in_one_line_and_no_column_stands_twice(table):
    assert table.row
    assert "\n" not in table.row
    names = [column.name for column in table.stored_columns]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_is_named_explained_and_tagged(table, column):
    assert NAME.match(column.name)
    assert column.meaning
    assert column.tags, "an untagged column fails the build"
    assert not (table.stored and Tag.PROVENANCE in column.tags)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_number_has_a_unit_and_money_is_whole_minor_units(table, column):
    if Tag.MONEY in column.tags:
        assert column.type == "int64"
        assert column.unit.startswith("minor units")
    if column.low is not None or column.high is not None:
        assert column.type in ("int64", "float64")
        assert column.low is None or column.high is None or column.low < column.high


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_reference_leads_to_a_key_of_a_table_loaded_before_or_the_same(table, column):
    if column.references is None:
        return
    target, key = column.references.split(".")
    assert BY_NAME[target].key[0] == key
    assert BY_NAME[target].stored == table.stored
    assert table.stored or BY_NAME[target].key == (key,), "a database holds the star's references"
    assert BY_NAME[target].column(key).type == column.type
    assert Tag.KEY in column.tags
    order = [each.name for each in EVERY]
    assert order.index(target) <= order.index(table.name) or table.on_dangling == "finding"


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_codes_are_lower_case_words_of_a_text_column(table, column):
    if column.codes is not None:
        assert column.type == "string"
        assert all(NAME.match(code.value) for code in column.codes)


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_direct_identifiers_are_tagged_as_personal(table, column):
    if re.search(r"given_name|family_name|address|postcode|email$|phone$|birth_date|raw_text", column.name):
        assert Tag.PII in column.tags
    if column.name in ("sex", "marital_status", "birth_date"):
        assert Tag.PROTECTED in column.tags


def test_a_delivered_row_has_provenance_and_a_row_of_the_star_has_none():
    assert all(set(table.arrow_schema.names) >= {column.name for column in PROVENANCE} for table in TABLES)
    assert not [table.name for table in EXPORTED if "batch_id" in table.arrow_schema.names]


def test_every_row_says_where_it_came_from_and_when_it_was_known():
    assert [column.name for column in PROVENANCE] == [
        "source_system", "batch_id", "source_file_hash", "source_line", "known_time", "superseded_time",
    ]  # fmt: skip
    assert [column.name for column in PROVENANCE if column.nullable] == ["superseded_time"]
