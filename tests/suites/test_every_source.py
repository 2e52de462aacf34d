"""Laws that every source keeps: rows of the contract of the tables it fills; a cut or a repeat changes nothing.

A kind of source in `SOURCE_KINDS` without rows below fails here. To add one, give a row of each of its files, and for
each file whose cells the source itself parses one bad cell.
"""

from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bank360.bank.errors import DataRefused, SettingsError
from bank360.bank.tables import TABLE_BY_NAME
from bank360.quality.contract import violations
from bank360.sources.berka import berka_source
from bank360.sources.card_file import card_file_source
from bank360.sources.cdnow import cdnow_source
from bank360.sources.fraud_handbook import fraud_handbook_source
from bank360.sources.registry import SOURCE_KINDS, SOURCES, Told, source_of_kind
from bank360.sources.source import RawColumn

MAPPING = {
    "files": {
        "transactions": {
            "pattern": "ledger.csv",
            "known_after": "1d",
            "sign": {"indicator": "DC", "debit": ["D"], "credit": ["C"]},
            "columns": {
                "transaction_id": "ID",
                "account_id": "ACCOUNT",
                "event_time": {"column": "DAY", "format": "%d/%m/%Y"},
                "amount": "AMOUNT",
                "channel": {"column": "CHANNEL", "codes": {"A": "atm", "P": "pos"}},
                "country": {"constant": "GB"},
            },
        },
        "customers": {
            "pattern": "customers.parquet",
            "history": "none",
            "columns": {"customer_id": "ID", "type": {"constant": "person"}, "birth_date": "BORN"},
        },
    },
    "flat": {"pattern": "flat.csv", "id": "ID", "label": {"column": "BAD", "bad": ["Y"], "good": ["N"]},
             "date": {"column": "DAY"}, "numeric": ["INCOME"]},
}  # fmt: skip

CARD = {"Time": "0", **{f"V{at}": f"-{at}.25" for at in range(1, 29)}, "Amount": "149.62", "Class": "0"}
CARD_ROWS = [CARD, {**CARD, "Time": "172792.0", "Amount": "0", "Class": "1"}, {**CARD, "V28": "1e-05", "Time": "1e+05"}]

# kind -> file -> rows (each a mapping of raw cells)
ROWS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "mapped": {
        "transactions": [
            {"ID": "1", "ACCOUNT": "9", "DAY": "31/01/2024", "AMOUNT": "12.30", "DC": "D", "CHANNEL": "A"},
            {"ID": "2", "ACCOUNT": "9", "DAY": "29/02/2024", "AMOUNT": "7", "DC": "C", "CHANNEL": "P"},
            {"ID": "3", "ACCOUNT": "8", "DAY": "1/3/2024", "AMOUNT": "0.00", "DC": "D", "CHANNEL": "P"},
        ],
        "customers": [{"ID": 7, "BORN": date(1980, 1, 1)}, {"ID": 8, "BORN": None}],
        "told": [
            {"ID": "a", "DAY": "2024-01-31", "BAD": "Y", "INCOME": "1200", "JOB": "baker"},
            {"ID": "b", "DAY": "2024-02-01", "BAD": "N", "INCOME": None, "JOB": None},
        ],
    },
    "berka": {
        "clients": [
            {"client_id": "1", "birth_number": "706213", "district_id": "18"},
            {"client_id": "2", "birth_number": "450204", "district_id": "1"},
        ],
        "accounts": [
            {"account_id": "576", "district_id": "55", "frequency": "POPLATEK MESICNE", "date": "930101"},
            {"account_id": "577", "district_id": "55", "frequency": "POPLATEK MESICNE", "date": "930102"},
        ],
        "account_parties": [
            {"account_id": "576", "client_id": "1", "type": "OWNER"},
            {"account_id": "576", "client_id": "2", "type": "DISPONENT"},
        ],
        "transactions": [
            {"trans_id": "1", "account_id": "576", "date": "930101", "type": "PRIJEM", "operation": "VKLAD",
             "amount": "700.00", "balance": "700.00", "k_symbol": None, "bank": None, "account": None},
            {"trans_id": "2", "account_id": "576", "date": "930102", "type": "VYDAJ", "operation": "PREVOD NA UCET",
             "amount": "7.10", "balance": "692.90", "k_symbol": "SIPO", "bank": "YZ", "account": "1"},
        ],
        "loans": [
            {"loan_id": "5", "account_id": "576", "date": "930705", "amount": "96396", "duration": "12",
             "payments": "8033.00", "status": "B"},
            {"loan_id": "6", "account_id": "577", "date": "930706", "amount": "9000", "duration": "24",
             "payments": "300.00", "status": "A"},
        ],
        "cards": [{"card_id": "1", "disp_id": "11", "issued": "931107 00:00:00"}],
    },
    "fraud_handbook": {
        "transactions": [
            {"TRANSACTION_ID": 0, "CUSTOMER_ID": 596, "TERMINAL_ID": 3156, "TX_DATETIME": "2018-04-01 00:00:31",
             "TX_AMOUNT": "57.16", "TX_FRAUD": 0},
            {"TRANSACTION_ID": 1, "CUSTOMER_ID": 12, "TERMINAL_ID": 3156, "TX_DATETIME": "2018-04-01 00:02:10",
             "TX_AMOUNT": "225.41", "TX_FRAUD": 1},
            {"TRANSACTION_ID": 2, "CUSTOMER_ID": 596, "TERMINAL_ID": 9, "TX_DATETIME": "2018-04-02 10:17:43",
             "TX_AMOUNT": "0", "TX_FRAUD": 1},
        ]
    },
    "loan_applications_csv": {
        "loan_applications_csv": [
            {"customer_id": "A", "age": "40", "gender": "Male", "marital_status": "Single", "income": "2000",
             "credit_score": "650", "account_balance": "-10.5", "loan_amount": "5000", "num_transactions": "30",
             "fraud_risk": "0"},
            {"customer_id": "B", "age": "51", "gender": "Other", "marital_status": None, "income": None,
             "credit_score": None, "account_balance": "0", "loan_amount": "100", "num_transactions": "0",
             "fraud_risk": "1"},
        ]
    },
    "credit_card_customers_csv": {
        "credit_card_customers_csv": [
            {"Sl_No": "1", "Customer Key": "87073", "Avg_Credit_Limit": " 100,000.00 ", "Total_Credit_Cards": "2",
             "Total_visits_bank": "1", "Total_visits_online": "1", "Total_calls_made": "0"},
            {"Sl_No": "2", "Customer Key": "87073", "Avg_Credit_Limit": "50000", "Total_Credit_Cards": "3",
             "Total_visits_bank": "0", "Total_visits_online": None, "Total_calls_made": "9"},
        ]
    },
    "creditcard_csv": {"creditcard": CARD_ROWS},
    "creditcard_csv_part": {"creditcard": CARD_ROWS},
    "cdnow": {
        "purchases": [
            {"line": " 00004 0001 19970101  2   29.33"},
            {"line": " 00004 0001 19970118  2   29.73"},
            {"line": "00021 19970101  1    0.00"},
        ]
    },
}  # fmt: skip

BAD_CARDS = [("Class", "2"), ("Time", "172800"), ("V7", None), ("V28", "NaN"), ("Amount", "-1"), ("Amount", "1.234")]

# kind -> file -> (column, bad cell); files whose columns storage parses need none.
BAD = {
    "mapped": {
        "transactions": [("AMOUNT", "1e308"), ("DAY", "30/02/2024"), ("CHANNEL", "Z"), ("DC", None), ("ID", None)],
        "customers": [("ID", None), ("BORN", date(1492, 1, 1))],
        "told": [("ID", None), ("DAY", "2024-02-30"), ("INCOME", "lots")],
    },
    "berka": {
        "clients": [("birth_number", "991301")],
        "accounts": [("date", "930231")],
        "account_parties": [("type", "FRIEND")],
        "transactions": [("amount", "NaN"), ("k_symbol", "NEW"), ("operation", "NEW")],
        "loans": [("status", "E"), ("amount", "inf")],
        "cards": [("disp_id", "99"), ("issued", "soon")],
    },
    "fraud_handbook": {
        "transactions": [
            ("TX_AMOUNT", "1e308"),
            ("TX_DATETIME", "soon"),
            ("TX_FRAUD", 2),
            ("TX_FRAUD", None),
            ("CUSTOMER_ID", None),
            ("TRANSACTION_ID", None),
        ]
    },
    "loan_applications_csv": {
        "loan_applications_csv": [
            ("gender", "M"),
            ("marital_status", "Complicated"),
            ("age", "-1"),
            ("income", "1e308"),
        ]
    },
    "credit_card_customers_csv": {
        "credit_card_customers_csv": [
            ("Sl_No", None),
            ("Sl_No", "Total"),
            ("Customer Key", None),
            ("Avg_Credit_Limit", "1,00"),
            ("Total_calls_made", "-1"),
        ]
    },
    "creditcard_csv": {"creditcard": BAD_CARDS},
    "creditcard_csv_part": {"creditcard": BAD_CARDS},
    "cdnow": {"purchases": [("line", " 00004 0001 19970101  2"), ("line", " 00004 0001 19971301  2   29.33")]},
}

FIRST_LINES = {2: date(1997, 1, 1), 4: date(1997, 1, 1)}  # the suite's files begin on line 2
DISPOSITIONS = {"11": ("1", "576"), "12": ("2", "577")}


def built(kind):
    if kind == "berka":
        return berka_source(DISPOSITIONS)
    if kind == "fraud_handbook":
        return fraud_handbook_source(np.array([0, 1]))
    if kind.startswith("creditcard_csv"):
        return card_file_source("Europe/London", "GBP", part=kind.endswith("part"), rows=1_000)
    if kind == "cdnow":
        return cdnow_source(FIRST_LINES)
    return source_of_kind(kind, Told("told", "Europe/London", "GBP", date(2024, 6, 30), MAPPING))


def _cell(column):
    if column.codes is not None:
        return next(iter(column.codes)).value
    values = {"string": "x", "int64": 1, "float64": 0.5, "bool": True, "date": date(2024, 1, 2),
              "timestamp": datetime(2024, 1, 2, 3)}  # noqa: DTZ001  # fmt: skip
    return max(values[column.type], int(column.low)) if column.low and column.type == "int64" else values[column.type]


def raw(file, kind, rows=None):
    if rows is None:
        rows = ROWS.get(kind, {}).get(file.name)
    if rows is None:  # canonical files: any row of the table will do
        table = TABLE_BY_NAME[file.fills[0]]
        rows = [{column.name: _cell(table.column(column.name)) for column in file.columns}] * 3
        return pa.RecordBatch.from_pylist(
            rows, pa.schema([(column.name, table.column(column.name).arrow_type) for column in file.columns])
        )
    kinds = {int: pa.int64(), date: pa.date32()}
    sample = {name: next((row[name] for row in rows if row[name] is not None), "") for name in rows[0]}
    return pa.RecordBatch.from_pylist(
        rows, pa.schema([(name, kinds.get(type(value), pa.string())) for name, value in sample.items()])
    )


FILES = [
    pytest.param(known.kind, file, id=f"{known.kind}-{file.name}")
    for known in SOURCE_KINDS
    for file in built(known.kind).files
]


@pytest.mark.parametrize("kind", [known.kind for known in SOURCE_KINDS])
def test_every_kind_builds_a_source_under_its_own_name(kind):
    source = built(kind)
    assert source.files
    assert set(source.convert) == {file.name for file in source.files}
    canonical = all(column.type != "any" for file in source.files for column in file.columns)
    assert canonical or set(ROWS[kind]) == {file.name for file in source.files}


def test_sources_that_are_told_nothing_are_among_the_kinds():
    assert {source.name for source in SOURCES} <= {known.kind for known in SOURCE_KINDS}
    with pytest.raises(SettingsError, match="'sqlite' is not one of synthetic, mapped"):
        source_of_kind("sqlite", Told("a", "UTC", "GBP", date(2024, 1, 1)))


@pytest.mark.parametrize(("kind", "file"), FILES)
def test_a_file_fills_known_tables_with_rows_of_their_contract(kind, file):
    assert file.fills
    assert set(file.fills) <= set(TABLE_BY_NAME)
    assert all(isinstance(column, RawColumn) for column in file.columns)
    batch = raw(file, kind)
    rows = built(kind).convert[file.name](batch, 2).rows
    assert set(rows) == set(file.fills)
    for table, found in rows.items():
        assert violations(TABLE_BY_NAME[table], found) == ()
        assert found.column("known_time").null_count == 0
        lines = found.column("source_line").to_pylist()
        assert all(2 <= line < 2 + batch.num_rows for line in lines)


@pytest.mark.parametrize(("kind", "file"), FILES)
def test_the_same_rows_give_the_same_rows_however_often_and_wherever_cut(kind, file):
    batch, convert = raw(file, kind), built(kind).convert[file.name]
    before = batch.to_pylist()
    whole = convert(batch, 2).rows
    assert {name: rows.to_pylist() for name, rows in convert(batch, 2).rows.items()} == {
        name: rows.to_pylist() for name, rows in whole.items()
    }
    assert batch.to_pylist() == before
    for cut in range(batch.num_rows + 1):
        pieces = [convert(batch.slice(0, cut), 2).rows, convert(batch.slice(cut), 2 + cut).rows]
        for table, rows in whole.items():
            assert [row for piece in pieces for row in piece[table].to_pylist()] == rows.to_pylist()


@pytest.mark.parametrize(("kind", "file"), [one for one in FILES if one.values[0] in ROWS])
def test_a_bad_cell_refuses_the_load_naming_column_and_row(kind, file):
    convert = built(kind).convert[file.name]
    for column, cell in BAD[kind][file.name]:
        rows = [*ROWS[kind][file.name], {**ROWS[kind][file.name][0], column: cell}]
        with pytest.raises(DataRefused) as refused:
            convert(raw(file, kind, rows), 2)
        assert (refused.value.column, refused.value.row) == (column, 1 + len(rows)), cell
