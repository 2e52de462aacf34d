"""Which table of a ledger a file is taken for: by what it says, and never for one that it only resembles."""

import pytest

from bank360.sources.file_look import Head
from bank360.sources.mapping_template import proposal

MONTH_ENDS = ("2024-01-31", "2024-02-29", "2024-03-31")


def lines(header, rows):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def tables(name, header, rows):
    """Return the tables that a file alone is proposed to fill; "flat" for a flat one, none for one that waits."""
    found = proposal("b", [Head(name, text=lines(header, rows).encode())])
    return {table for one in found.sources for table in (one.mapping.get("files") or {"flat": None})}


OF_MONTHS = [(f"L{k}", day, 30 * (k == 1), k % 2) for k in range(9) for day in MONTH_ENDS]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("account_id,month_end,dpd,branch", set()),  # waits for the other columns
        ("loan_id,as_of,days_past_due,branch", set()),
        ("account_id,obs_date,dpd,default_12m", {"flat"}),  # rows to learn from, with an outcome of their own
        ("account_id,month_end,days_since_last_late,visits", {"flat"}),
    ],
)
def test_months_of_arrears_are_no_rows_to_learn_from(header, expected):
    assert tables("months.csv", header, OF_MONTHS) == expected


@pytest.mark.parametrize("header", ["kreditkonto,auszahlung,monatsende,tage_verzug", "loan_id,paid_out,day,dpd"])
def test_another_column_of_first_days_before_the_month_hides_no_month(header):
    rows = [(f"L{k}", f"2023-{k + 1:02}-01", day, 30 * (k == 1)) for k in range(9) for day in MONTH_ENDS]
    assert tables("raten.csv", header, rows) == set()  # waits for the other columns


def test_the_month_is_the_column_that_is_named_for_it():
    next_due = dict(zip(MONTH_ENDS, ("2024-02-01", "2024-03-01", "2024-04-01"), strict=True))
    rows = [(f"L{k}", next_due[day], day, 30 * (k == 1)) for k in range(9) for day in MONTH_ENDS]
    text = lines("kreditkonto,faellig,monatsende,tage_verzug", rows)
    accounts = "kontonr,produkt,eroeffnet\n" + "".join(f"L{k},KREDIT,2018-03-13\n" for k in range(9))
    heads = [Head("raten.csv", text=text.encode()), Head("konten.csv", text=accounts.encode())]
    assert "column: monatsende" in proposal("b", heads).sources[0].waiting


def test_one_row_a_loan_is_no_month_of_it():
    rows = [(f"L{k}", f"2024-{k + 1:02}-01", k, "north") for k in range(12)]
    assert tables("loans.csv", "loan_id,issue_date,dpd,branch", rows) == {"flat"}


@pytest.mark.parametrize(
    ("name", "header", "rows", "expected"),
    [
        ("held.csv", "customer_id,account_id,role,valid_from", [("C1", "A1", "owner")] * 3, {"account_parties"}),
        ("held.csv", "customer_id,account_id,since", [("C1", "A1"), ("C2", "A1"), ("C2", "A2")], {"account_parties"}),
        ("cards.csv", "card_no,account_id,customer_id,issued", [("1", "A1", "C1"), ("2", "A2", "C1")] * 2, {"flat"}),
    ],
)
def test_cards_are_no_holders(name, header, rows, expected):
    assert tables(name, header, [(*row, f"2020-01-{n + 13}") for n, row in enumerate(rows)]) == expected


PRODUCTS = [("CA", "Everyday", "Current account"), ("SV", "Saver", "Savings"), ("MG", "Home", "Mortgage")]


@pytest.mark.parametrize(
    ("name", "header", "expected"),
    [
        ("products.csv", "code,name,type", {"products"}),
        ("list.csv", "product_id,description,category", {"products"}),
        ("list.csv", "code,name,type", {"flat"}),  # of anything
        ("list.csv", "account_no,product,type", {"flat"}),  # accounts, each of another product
    ],
)
def test_products_are_known_by_their_key_or_their_file(name, header, expected):
    assert tables(name, header, PRODUCTS) == expected


def test_an_account_file_with_a_doubled_row_is_no_ledger_of_transactions():
    rows = [(f"A{k}", f"C{k}", f"2020-01-{k + 1:02}", f"{k}.50") for k in range(20)]
    assert "transactions" not in tables("accounts.csv", "account_id,customer_id,opened,amount", [*rows, rows[3]])


@pytest.mark.parametrize(
    ("header", "sign", "debit"),
    [
        ("Nr operacji;Numer rachunku;Data księgowania;Kwota;Wn/Ma", {"debit": ["Wn"], "credit": ["Ma"]}, "Wn"),
        ("Boekingsnr;Rekening;Boekdatum;Bedrag;Af Bij", {"debit": ["Af"], "credit": ["Bij"]}, "Af"),
        ("Nr;Conto;Data;Importo;Dare Avere", {"debit": ["Dare"], "credit": ["Avere"]}, "Dare"),
        ("Nr;Conta;Data;Valor;Débito/Crédito", {"debit": ["Débito"], "credit": ["Crédito"]}, "Débito"),
        ("Numero;Cuenta;Fecha;Importe;Debe/Haber", {"debit": ["Debe"], "credit": ["Haber"]}, "Debe"),
        ("BuchungsNr;Konto;Buchungstag;Betrag;Soll/Haben", {"debit": ["Soll"], "credit": ["Haben"]}, "Soll"),
    ],
)
def test_transactions_are_known_in_several_languages(header, sign, debit):
    other = sign["credit"][0]
    rows = [f"OP{n};102{n % 9};0{1 + n % 9}.02.2025;{n + 1} 409,91;{debit if n % 3 else other}" for n in range(30)]
    text = "\n".join([header, *rows, "OP99;1020;01.03.2025;12,5x;" + debit]) + "\n"
    (source,) = proposal("b", [Head("ruchy.csv", text=text.encode())]).sources
    entry = source.mapping["files"]["transactions"]
    names = header.split(";")
    assert entry["sign"] == {"indicator": names[4], **sign}
    assert (entry["columns"]["account_id"], entry["columns"]["amount"]) == (names[1], names[3])
    assert entry["thousands"] == " "  # one bad cell among thirty hides no mark
