"""The Czech bank: hand-made rows in its own words, with their canonical values derived in the open."""

# ruff: noqa: DTZ001 - canonical instants are naive and UTC
from datetime import date, datetime

import pyarrow as pa
import pytest

from bank360.bank.errors import DataRefused
from bank360.sources.berka import berka_source, dispositions_of

DISPOSITIONS = {"7": ("3", "11"), "8": ("4", "11")}
TRANSACTION = {
    "trans_id": "5", "account_id": "11", "date": "930705", "type": "PRIJEM", "operation": "VKLAD", "amount": "800.50",
    "balance": "900.00", "k_symbol": None, "bank": None, "account": None,
}  # fmt: skip
LOAN = {
    "loan_id": "5314", "account_id": "11", "date": "930705", "amount": "96396", "duration": "12",
    "payments": "8033.00", "status": "B",
}  # fmt: skip


def converted(part, *rows, first_line=2):
    batch = pa.RecordBatch.from_pylist(list(rows), pa.schema([(name, pa.string()) for name in rows[0]]))
    out = berka_source(DISPOSITIONS).convert[part](batch, first_line).rows
    return {table: found.to_pylist() for table, found in out.items()}


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("706213", date(1970, 12, 13), "female"),  # 62 - 50 = 12
        ("450204", date(1945, 2, 4), "male"),
        ("110820", date(1911, 8, 20), "male"),  # not 2011
        ("015103", date(1901, 1, 3), "female"),
    ],
)
def test_a_birth_number_holds_the_sex(number, born, sex):
    (row,) = converted("clients", {"client_id": "1", "birth_number": number, "district_id": "18"})["customers"]
    assert (row["birth_date"], row["sex"], row["region"]) == (born, sex, "18")


@pytest.mark.parametrize("number", ["991301", "706713", "12345", "450230", "x50204"])
def test_a_birth_number_of_no_day_is_refused_and_not_repeated(number):
    """It says when somebody was born, and the sex."""
    with pytest.raises(DataRefused, match="column 'birth_number', row 2: the value ") as refused:
        converted("clients", {"client_id": "1", "birth_number": number, "district_id": "18"})
    assert number not in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "operation", "symbol", "expected"),
    [
        ("PRIJEM", "VKLAD", None, (80050, "branch", "cash", "cash")),
        ("VYBER", "VYBER", None, (-80050, "branch", "cash", "cash")),
        ("VYDAJ", "VYBER KARTOU", None, (-80050, "atm", "card", "cash")),
        ("PRIJEM", None, "UROK", (80050, "system", "interest", "interest")),
        ("VYDAJ", "VYBER", "SANKC. UROK", (-80050, "branch", "interest", "interest")),
        ("VYDAJ", "VYBER", "SLUZBY", (-80050, "branch", "fee", "fee")),
        ("VYDAJ", "PREVOD NA UCET", "SIPO", (-80050, "unknown", "standing_order", "utilities")),
        ("VYDAJ", "PREVOD NA UCET", "UVER", (-80050, "unknown", "transfer", "loan_repayment")),
        ("PRIJEM", "PREVOD Z UCTU", " ", (80050, "unknown", "transfer", "other_transfer")),
        ("PRIJEM", "PREVOD Z UCTU", "DUCHOD", (80050, "unknown", "transfer", "pension")),
    ],
)
def test_czech_codes_become_ours(kind, operation, symbol, expected):
    cells = {"type": kind, "operation": operation, "k_symbol": symbol}
    (row,) = converted("transactions", {**TRANSACTION, **cells})["transactions"]
    assert (row["amount"], row["channel"], row["scheme"], row["category"]) == expected


def test_a_transaction_has_a_day_and_is_known_when_it_is_over():
    (row,) = converted("transactions", TRANSACTION)["transactions"]
    assert row["event_precision"] == "day"
    assert row["event_time"] == datetime(1993, 7, 4, 22)  # midnight in Prague in summer
    assert row["known_time"] == datetime(1993, 7, 5, 22)
    assert row["booked_on"] == date(1993, 7, 5)
    assert (row["currency"], row["country"], row["balance_after"]) == ("CZK", "CZ", 90000)


def test_only_equality_of_counterparties_is_kept():
    rows = converted(
        "transactions",
        {**TRANSACTION, "bank": "YZ", "account": "87144583"},
        {**TRANSACTION, "bank": "YZ", "account": "87144583"},
        {**TRANSACTION, "bank": "ST", "account": "87144583"},
        TRANSACTION,
    )["transactions"]
    tokens = [row["counterparty_token"] for row in rows]
    assert tokens[0] == tokens[1] != tokens[2]
    assert "87144583" not in tokens[0]
    assert tokens[3] is None


def test_a_loan_is_an_application_whose_status_was_known_only_at_the_end_of_1998():
    tables = converted("loans", LOAN)
    (application,) = tables["applications"]
    assert application["requested_amount"] == 9639600
    assert application["submitted_at"] == datetime(1993, 7, 5, 10)  # midday in Prague
    assert application["event_precision"] == "day"
    assert tables["application_parties"][0]["customer_id"] == "3"  # the owner, not who may only dispose
    assert tables["account_terms"][0]["instalment"] == 803300
    (fact,) = tables["application_facts"]
    assert (fact["value"], fact["known_time"]) == ("B", datetime(1998, 12, 31, 23))


def test_the_product_comes_with_the_first_row_of_the_file_only():
    assert len(converted("loans", LOAN)["products"]) == 1
    assert converted("loans", LOAN, first_line=3)["products"] == []


def test_cards_are_named_by_disposition():
    (card,) = converted("cards", {"card_id": "1", "disp_id": "8", "issued": "931107 00:00:00"})["cards"]
    assert (card["customer_id"], card["account_id"], card["issued_on"]) == ("4", "11", date(1993, 11, 7))
    with pytest.raises(DataRefused, match=r"column 'disp_id', row 2: '9' is not in disp\.asc"):
        converted("cards", {"card_id": "1", "disp_id": "9", "issued": "931107 00:00:00"})


def test_owners_and_those_who_may_dispose():
    rows = converted(
        "account_parties",
        {"account_id": "11", "client_id": "3", "type": "OWNER"},
        {"account_id": "11", "client_id": "4", "type": "DISPONENT"},
    )["account_parties"]
    assert [(row["role"], row["liability_share"]) for row in rows] == [("owner", 1.0), ("authorised", 0.0)]
    batch = pa.RecordBatch.from_pylist(
        [
            {"disp_id": "8", "client_id": "4", "account_id": "11", "type": "DISPONENT"},
            {"disp_id": "7", "client_id": "3", "account_id": "11", "type": "OWNER"},
        ]
    )
    assert list(dispositions_of(batch)) == ["7", "8"]


@pytest.mark.parametrize(
    ("part", "row", "column"),
    [
        ("transactions", {**TRANSACTION, "type": "XX"}, "type"),
        ("transactions", {**TRANSACTION, "operation": "XX"}, "operation"),
        ("transactions", {**TRANSACTION, "k_symbol": "XX"}, "k_symbol"),
        ("transactions", {**TRANSACTION, "date": "930231"}, "date"),
        ("transactions", {**TRANSACTION, "amount": "1e308"}, "amount"),
        ("loans", {**LOAN, "status": "E"}, "status"),
        ("loans", {**LOAN, "account_id": "12"}, "account_id"),
    ],
)
def test_an_unknown_code_or_bad_cell_is_refused_by_name(part, row, column):
    with pytest.raises(DataRefused) as refused:
        converted(part, row)
    assert (refused.value.column, refused.value.row) == (column, 2)
