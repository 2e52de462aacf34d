"""A bank's ledger by mapping: hand-made rows with their canonical values derived in the open."""

# ruff: noqa: DTZ001 - canonical instants are naive and UTC

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bank360.bank.errors import DataRefused, SettingsError
from bank360.models.application_columns import EMPLOYED_OR_RETIRED, without_age
from bank360.sources.mapped import NO_HISTORY, mapped_source
from bank360.sources.source import CsvDialect

LEDGER: dict[str, Any] = {
    "pattern": "ledger-*.csv",
    "csv": {"delimiter": ";", "encoding": "latin-1"},
    "decimal": ",",
    "thousands": ".",
    "zone": "Europe/Berlin",
    "known_after": "1d",
    "columns": {
        "transaction_id": "ID",
        "account_id": "Konto",
        "event_time": {"column": "Zeit", "format": "%d.%m.%Y %H:%M"},
        "amount": "Betrag",
        "channel": {"column": "Weg", "codes": {"A": "atm", "P": "pos"}, "other": "unknown", "missing": "branch"},
        "country": {"constant": "DE"},
    },
}
ROW = {"ID": "1", "Konto": "9", "Zeit": "01.07.2024 00:30", "Betrag": "-1.234,50", "Weg": "A"}


def source(transactions: dict, name: str = "transactions", **files: dict):
    return mapped_source("core", {"files": {name: transactions, **files}}, "Europe/London", "EUR")


def batch(*rows: dict) -> pa.RecordBatch:
    names = list(rows[0])
    return pa.RecordBatch.from_pydict({name: pa.array([row[name] for row in rows], pa.string()) for name in names})


def converted(mapping: dict, *rows: dict, table: str = "transactions", first_line: int = 2) -> list[dict]:
    return source(mapping, table).convert[table](batch(*rows), first_line).rows[table].to_pylist()


def changed(**keys: object) -> dict:
    return {**LEDGER, **keys}


def with_columns(**columns: object) -> dict:
    return {**LEDGER, "columns": {**LEDGER["columns"], **columns}}


def test_a_ledger_row_becomes_a_canonical_row():
    (row,) = converted(LEDGER, ROW)
    # 00:30 in Berlin on 1 July (UTC+2) is 22:30 UTC on 30 June, which in London (UTC+1) is still 30 June.
    assert row["event_time"] == datetime(2024, 6, 30, 22, 30)
    assert row["booked_on"] == date(2024, 6, 30)
    assert row["event_precision"] == "second"
    assert row["known_time"] == datetime(2024, 7, 1, 22, 30)
    assert row["amount"] == -123450
    assert (row["currency"], row["channel"], row["scheme"], row["country"]) == ("EUR", "atm", "unknown", "DE")
    assert row["source_line"] == 2
    assert row["merchant_id"] is None


def test_a_banks_own_code_for_the_retired_becomes_the_word_that_no_model_is_told():
    """Its other codes keep their own words; without 'codes' they would stand as they are, and R would tell age."""
    mapping = {
        "pattern": "parties.csv",
        "known_time": {"constant": "2024-01-31"},
        "columns": {
            "application_id": "ID",
            "seq": {"constant": 1},
            "employment": {"column": "EMP", "codes": {"R": "retired", "E": "employed", "S": "student"}},
        },
    }
    rows = [{"ID": str(n), "EMP": code} for n, code in enumerate("RES")]
    found = [row["employment"] for row in converted(mapping, *rows, table="application_parties")]
    assert found == ["retired", "employed", "student"]
    assert without_age(np.array(found, dtype=object)).tolist() == [EMPLOYED_OR_RETIRED, EMPLOYED_OR_RETIRED, "student"]


def test_a_date_only_event_has_precision_day_and_is_known_when_the_day_is_over():
    mapping = with_columns(event_time={"column": "Zeit", "format": "%d.%m.%Y"})
    (row,) = converted(mapping, {**ROW, "Zeit": "01.07.2024"})
    assert row["event_precision"] == "day"
    assert row["event_time"] == datetime(2024, 6, 30, 23)  # midnight in London, the bank's zone
    assert row["booked_on"] == date(2024, 7, 1)
    assert row["known_time"] == datetime(2024, 7, 2, 23)  # end of the day is 1 July 23:00 UTC, and one day on


APPLICATIONS: dict[str, Any] = {
    "pattern": "applications.csv",
    "zone": "Europe/Berlin",
    "known_after": "0d",
    "columns": {
        "application_id": "ID",
        "product_id": {"constant": "LOAN"},
        "channel": {"constant": "branch"},
        "requested_amount": "Summe",
        "submitted_at": {"column": "Antrag", "format": "%d.%m.%Y"},
        "outcome": {"constant": "pending"},
    },
}


def test_an_application_of_which_only_the_day_is_known_says_so_and_one_with_its_time_does_too():
    request = {"ID": "1", "Summe": "5000", "Antrag": "01.07.2024"}
    (row,) = converted(APPLICATIONS, request, table="applications")
    assert row["event_precision"] == "day"
    assert row["submitted_at"] == datetime(2024, 6, 30, 23)  # midnight in London, the bank's zone
    assert row["known_time"] == datetime(2024, 7, 1, 23)  # when the day is over
    for how, cell, at in (
        ({"format": "%d.%m.%Y %H:%M"}, "01.07.2024 00:00", datetime(2024, 6, 30, 22)),  # a midnight that is told
        ({"format": "%d.%m.%Y %H:%M"}, "01.07.2024 16:20", datetime(2024, 7, 1, 14, 20)),
        ({"format": "%d.%m.%Y %H:%M", "precision": "day"}, "01.07.2024 16:20", datetime(2024, 6, 30, 23)),
    ):
        columns = {**APPLICATIONS["columns"], "submitted_at": {"column": "Antrag", **how}}
        (row,) = converted({**APPLICATIONS, "columns": columns}, {**request, "Antrag": cell}, table="applications")
        assert row["event_precision"] == ("day" if "precision" in how else "second")
        assert row["submitted_at"] == at


def test_other_and_missing_codes_have_their_own_answers():
    rows = converted(LEDGER, {**ROW, "Weg": "X"}, {**ROW, "Weg": None})
    assert [row["channel"] for row in rows] == ["unknown", "branch"]


@pytest.mark.parametrize(
    ("sign", "cells", "expected"),
    [
        ("debit_positive", {"Betrag": "12,00"}, -1200),
        ({"indicator": "DC", "debit": ["S"], "credit": ["H"]}, {"Betrag": "12,00", "DC": "S"}, -1200),
        ({"indicator": "DC", "debit": ["S"], "credit": ["H"]}, {"Betrag": "12,00", "DC": "H"}, 1200),
        ({"debit": "Soll", "credit": "Haben"}, {"Soll": "12,00", "Haben": None}, -1200),
        ({"debit": "Soll", "credit": "Haben"}, {"Soll": "0,00", "Haben": "12,00"}, 1200),
    ],
)
def test_each_sign_convention_makes_incoming_money_positive(sign, cells, expected):
    mapping = changed(sign=sign)
    if isinstance(sign, dict) and "indicator" not in sign:
        mapping["columns"] = {key: value for key, value in LEDGER["columns"].items() if key != "amount"}
    (row,) = converted(mapping, {**ROW, **cells})
    assert row["amount"] == expected


def test_the_currency_decides_the_minor_unit_row_by_row():
    mapping = changed(currency={"column": "Whg"})
    rows = converted(mapping, {**ROW, "Betrag": "5,00", "Whg": "EUR"}, {**ROW, "Betrag": "500", "Whg": "JPY"})
    assert [(row["amount"], row["currency"]) for row in rows] == [(500, "EUR"), (500, "JPY")]


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"Betrag": "12.5"}, "Betrag", "state decimal and thousands as the file has them"),
        ({"Betrag": "1.2.5"}, "Betrag", "thousands separator"),
        ({"Betrag": "1,005"}, "Betrag", "more than the 2 decimals"),
        ({"Betrag": "NaN"}, "Betrag", "not an amount"),
        ({"Betrag": "inf"}, "Betrag", "not an amount"),
        ({"Betrag": "1e308"}, "Betrag", "not an amount"),
        ({"Betrag": "9" * 40}, "Betrag", "too large"),
        ({"Betrag": None}, "Betrag", "is empty"),
        ({"Zeit": "31.02.2024 10:00"}, "Zeit", "not a date or time"),
        ({"Zeit": "01.07.0024 10:00"}, "Zeit", "between 1900 and 2100"),
        ({"ID": "  "}, "ID", "is empty"),
    ],
)
def test_a_bad_cell_refuses_the_load_and_is_named(cells, column, words):
    with pytest.raises(DataRefused, match=words) as refused:
        converted(LEDGER, ROW, ROW, {**ROW, **cells})
    assert (refused.value.file, refused.value.column, refused.value.row) == ("transactions", column, 4)


def test_an_unknown_code_is_refused_where_no_other_is_stated():
    mapping = with_columns(channel={"column": "Weg", "codes": {"A": "atm"}})
    with pytest.raises(DataRefused, match="'Z' is not a known code"):
        converted(mapping, {**ROW, "Weg": "Z"})


def test_without_codes_the_file_must_use_ours():
    assert converted(with_columns(channel="Weg"), {**ROW, "Weg": "pos"})[0]["channel"] == "pos"
    with pytest.raises(DataRefused, match="not a known code"):
        converted(with_columns(channel="Weg"), {**ROW, "Weg": "POS?"})


def test_a_parquet_file_hands_over_its_own_types():
    mapping = {**with_columns(event_time="Zeit", channel="Weg"), "pattern": "x.parquet", "zone": "UTC"}
    del mapping["csv"]
    raw = pa.RecordBatch.from_pydict(
        {
            "ID": pa.array([123456789012.0]),
            "Konto": pa.array([7], pa.int32()),
            "Zeit": pa.array([datetime(2024, 7, 1, 12)], pa.timestamp("ns")),
            "Betrag": pa.array([Decimal("1.10")], pa.decimal128(10, 2)),
            "Weg": pa.array(["pos"]).dictionary_encode(),
        }
    )
    # A stored decimal has a point whatever the file's texts would have: no decimal comma is looked for.
    mapping |= {"decimal": ".", "thousands": ","}
    found = source(mapping)
    assert found.files[0].dialect is None
    (row,) = found.convert["transactions"](raw, 1).rows["transactions"].to_pylist()
    assert (row["transaction_id"], row["account_id"], row["amount"]) == ("123456789012", "7", 110)
    assert row["event_time"] == datetime(2024, 7, 1, 12)


def test_the_dialect_and_the_columns_reach_the_declaration():
    (file,) = source(LEDGER).files
    assert file.dialect == CsvDialect(delimiter=";", encoding="latin-1", decimal=",")
    assert [column.name for column in file.columns] == ["ID", "Konto", "Zeit", "Betrag", "Weg"]
    assert all(column.type == "any" for column in file.columns)


def test_a_file_without_a_header_is_read_by_position():
    mapping = {**LEDGER, "csv": {"header_rows": 0}}
    mapping["columns"] = {**LEDGER["columns"], "transaction_id": "column_3", "account_id": "column_1",
                          "event_time": "column_2", "amount": "column_4", "channel": {"constant": "pos"}}  # fmt: skip
    (file,) = source(mapping).files
    assert [column.name for column in file.columns] == ["column_1", "column_2", "column_3", "column_4"]
    mapping["columns"]["amount"] = "Betrag"
    with pytest.raises(SettingsError, match="the file has no header"):
        source(mapping)


def test_history_none_is_stamped():
    assert source(changed(history="none")).notes == (f"transactions: {NO_HISTORY}",)
    assert source(LEDGER).notes == ()


def test_a_customer_master_with_codes_and_a_constant_known_time():
    mapping = {
        "pattern": "kunden.csv",
        "known_time": {"constant": "2024-01-31"},
        "history": "none",
        "columns": {
            "customer_id": "KD",
            "type": {"constant": "person"},
            "sex": {"column": "G", "codes": {1: "male", 2: "female"}, "missing": "unknown"},
            "birth_date": {"column": "GEB", "format": "%d/%m/%Y"},
        },
    }
    raw = batch({"KD": "a", "G": "1.0", "GEB": "1/2/1980"}, {"KD": "b", "G": None, "GEB": None})
    rows = source(mapping, "customers").convert["customers"](raw, 2).rows["customers"].to_pylist()
    assert [(row["sex"], row["birth_date"]) for row in rows] == [("male", date(1980, 2, 1)), ("unknown", None)]
    assert rows[0]["known_time"] == datetime(2024, 2, 1)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (changed(knwon_after="1d"), r"transactions: unknown key 'knwon_after'. Did you mean 'known_after'\?"),
        (with_columns(chanel="Weg"), r"columns: unknown key 'chanel'. Did you mean 'channel'\?"),
        (with_columns(channel={"column": "Weg", "codes": {"A": "atmm"}}), r"codes\.A: 'atmm' is not one of"),
        (with_columns(channel={"column": "Weg", "codes": {None: "atm"}}), "an empty cell is no code"),
        (with_columns(channel={"column": "Weg", "codes": {1: "atm", "1": "pos"}}), "'1' stands for 'atm' already"),
        (with_columns(channel={"column": "Weg", "constant": "pos"}), "either 'column' or 'constant'"),
        (with_columns(amount={"column": "B", "expression": "B*2"}), "unknown key 'expression'"),
        (with_columns(event_time={"column": "Zeit", "format": "%d.%m"}), "reads no year"),
        (with_columns(booked_on={"constant": "soon"}), "booked_on: 'soon' is not a date"),
        (changed(known_after="tomorrow"), "'tomorrow' is not a delay"),
        (changed(known_time="T"), "either 'known_time'"),
        (changed(zone="Europe/Lodnon"), "not a time zone"),
        (changed(csv={"encoding": "utf-9"}), "not an encoding"),
        (changed(csv={"delimiter": ";;"}), "not one character"),
        (changed(pattern="../other/*.csv"), "must stay below"),
        (changed(thousands=","), "is the decimal mark already"),
        (changed(currency="euro"), "not an ISO 4217 code"),
        (changed(sign={"debit": "S", "credit": "H"}), "'amount' is mapped and 'sign' names"),
        (changed(sign={"indicator": "X", "debit": ["D"], "credit": ["D"]}), "both debit and credit"),
        (changed(table="transaction"), "Did you mean 'transactions'"),
        (changed(history="some"), "'some' is not one of kept, none"),
        ({**LEDGER, "columns": {"transaction_id": "ID"}}, "not mapped|needs"),
    ],
)
def test_a_wrong_mapping_names_the_key_at_fault(mapping, words):
    with pytest.raises(SettingsError, match=words) as raised:
        source(mapping)
    assert str(raised.value).startswith("sources.core.mapping.files.transactions")


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("country: NO", r"columns\.country: must be a text"),
        ("country: {column: NO}", r"columns\.country\.column: must be a text"),
        ("country: {constant: NO}", r"columns\.country\.constant: must be a text"),
        ("country: {column: L, codes: {N: NO}}", r"columns\.country\.codes\.N: must be a text"),
        ("country: {column: L, missing: NO}", r"columns\.country\.missing: must be a text"),
        ("NO: L", "columns: the key False is"),
    ],
)
def test_what_yaml_reads_as_a_truth_value_is_to_be_quoted(written, place):
    with pytest.raises(
        SettingsError, match=place + ".*truth value false, as which YAML reads NO.*quotes, such as 'NO'"
    ):
        source(changed(columns=LEDGER["columns"] | yaml.safe_load(written)))


def test_a_quoted_no_is_a_name_and_a_country():
    assert converted(with_columns(country={"constant": "NO"}), ROW)[0]["country"] == "NO"


@pytest.mark.parametrize(("decimal", "thousands"), [(",", "."), (".", ","), (",", " ")])
@pytest.mark.parametrize(
    ("written", "share"), [("1.0", 1.0), ("0.125", 0.125), ("1", 1.0), ("0.0000001", 1e-7), ("1.0e-7", 1e-7)]
)
def test_a_constant_that_yaml_reads_as_a_number_is_that_number_whatever_marks_the_file_has(
    decimal, thousands, written, share
):
    mapping = {
        "pattern": "konten.csv", "decimal": decimal, "thousands": thousands, "known_after": "0d",
        "columns": {"account_id": "K", "customer_id": "KD", "role": {"constant": "owner"}, "valid_from": "T",
                    "liability_share": yaml.safe_load(f"{{constant: {written}}}")},
    }  # fmt: skip
    raw = {"K": "a", "KD": "b", "T": "2024-01-31"}
    (row,) = converted(mapping, raw, table="account_parties")
    assert row["liability_share"] == share
    mapping["columns"]["liability_share"] = yaml.safe_load(f"{{column: S, missing: {written}}}")
    (row,) = converted(mapping, {**raw, "S": None}, table="account_parties")
    assert row["liability_share"] == share


@pytest.mark.parametrize(
    ("constant", "amounts", "minor"),
    [
        (12.5, "major", 1250),
        ("12,5", "major", 1250),
        (-1234.5, "major", -123450),
        (12, "major", 1200),
        (12, "minor", 12),
    ],
)
def test_a_constant_amount_is_a_number_of_the_settings_or_a_text_as_the_file_writes_it(constant, amounts, minor):
    mapping = with_columns(amount={"constant": constant}) | {"amounts": amounts}
    assert converted(mapping, ROW)[0]["amount"] == minor


@pytest.mark.parametrize("written", [".nan", ".inf", "1.5"])
def test_a_constant_that_is_no_share_is_refused(written):
    columns = {"account_id": "K", "customer_id": "KD", "role": {"constant": "owner"}, "valid_from": "T"}
    columns |= {"liability_share": yaml.safe_load(f"{{constant: {written}}}")}
    mapping = {"pattern": "konten.csv", "known_after": "0d", "columns": columns}
    with pytest.raises((SettingsError, DataRefused), match="liability_share"):
        converted(mapping, {"K": "a", "KD": "b", "T": "2024-01-31"}, table="account_parties")


def test_a_table_lacking_a_needed_column_says_which():
    mapping = {"pattern": "a.csv", "known_after": "0d", "columns": {"account_id": "A", "opened_on": "O"}}
    with pytest.raises(SettingsError, match="table 'accounts' needs product_id"):
        source(mapping, "accounts")


CELLS = st.fixed_dictionaries(
    {
        "ID": st.text("abc0189 ", min_size=1, max_size=4).filter(str.strip),
        "Konto": st.just("9"),
        "Zeit": st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1)).map(lambda at: at.strftime("%d.%m.%Y %H:%M")),
        "Betrag": st.integers(-(10**12), 10**12).map(lambda n: f"{n / 100:,.2f}".translate({44: ".", 46: ","})),
        "Weg": st.sampled_from(["A", "P", "?", None, " A "]),
    }
)


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12), st.data())
def test_a_file_may_be_cut_into_batches_anywhere(rows, data):
    whole = converted(LEDGER, *rows)
    cut = data.draw(st.integers(0, len(rows)))
    parts = [(rows[:cut], 2), (rows[cut:], 2 + cut)]
    pieces = [row for part, line in parts if part for row in converted(LEDGER, *part, first_line=line)]
    assert pieces == whole


@settings(max_examples=60, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_every_row_agrees_with_a_slow_reading(rows):
    from zoneinfo import ZoneInfo

    for raw, row in zip(rows, converted(LEDGER, *rows), strict=True):
        assert row["amount"] == int(Decimal(raw["Betrag"].replace(".", "").replace(",", ".")) * 100)
        wall = datetime.strptime(raw["Zeit"], "%d.%m.%Y %H:%M").replace(tzinfo=ZoneInfo("Europe/Berlin"))
        exists = wall.astimezone(UTC).astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
        if exists == wall.replace(tzinfo=None):
            assert row["event_time"] == wall.astimezone(UTC).replace(tzinfo=None)
        assert (
            row["channel"]
            == {"A": "atm", "P": "pos", "?": "unknown", None: "branch"}[raw["Weg"] and raw["Weg"].strip()]
        )


def test_what_two_files_of_a_mapping_lack_is_told_at_once():
    lacking = {**LEDGER, "columns": {key: LEDGER["columns"][key] for key in ("account_id", "event_time", "channel")}}
    accounts = {"pattern": "a.csv", "known_after": "0d", "columns": {"account_id": "Konto", "opened_on": "Am"}}
    with pytest.raises(SettingsError) as raised:
        source(lacking, accounts=accounts)
    told = str(raised.value)
    assert "sources.core.mapping.files.transactions.columns: table 'transactions' needs transaction_id, amount" in told
    assert "sources.core.mapping.files.accounts.columns: table 'accounts' needs product_id" in told
    assert "\n" not in told


def local(own, /, **columns):
    """Convert the ledger's row by a mapping that does not say where payments were."""
    told = {**LEDGER, "columns": {key: one for key, one in LEDGER["columns"].items() if key != "country"} | columns}
    source = mapped_source("core", {"files": {"transactions": told}}, "Europe/London", "EUR", country=own)
    return source.convert["transactions"](batch({**ROW, "Land": "FR"}), 2).rows["transactions"].to_pylist()[0]


def test_where_payments_were_is_the_banks_own_country_unless_the_mapping_says_it():
    assert local("AT")["country"] == "AT"
    assert local("AT", country={"constant": "DE"})["country"] == "DE"
    assert local("AT", country="Land")["country"] == "FR"


def test_a_mapping_that_nobody_told_the_banks_country_has_to_say_where_payments_were():
    with pytest.raises(SettingsError, match="table 'transactions' needs country"):
        local(None)
