"""Which files are balances: an account, a day, what stood on it, and nothing else."""

import pytest

from bank360.sources.file_look import Head
from bank360.sources.mapped import mapped_source
from bank360.sources.mapping_template import proposal

ENDS = ("31.01.2024", "29.02.2024", "31.03.2024")


def source(header, rows, name="salden.csv"):
    text = "\n".join([header, *(";".join(map(str, row)) for row in rows)]) + "\n"
    return proposal("b", [Head(name, text=text.encode())]).sources[0]


def tables(header, rows, name="salden.csv"):
    return {*source(header, rows, name).mapping.get("files", {"flat": None})}


def of_days(*more, days=ENDS, accounts=9):
    return [(f"DE{k:020}", day, f"{k - 2}50,75", *more) for k in range(accounts) for day in days]


def test_an_account_a_day_and_a_balance_are_balances():
    found = source("IBAN;Stichtag;Saldo", of_days())
    entry = found.mapping["files"]["balances"]
    mapped_source("s", found.mapping, "Europe/Berlin", "EUR", country="DE")  # accepted as it stands
    assert entry["columns"] == {
        "account_id": "IBAN", "date": {"column": "Stichtag", "format": "%d.%m.%Y"}, "booked": "Saldo",
    }  # fmt: skip
    assert (entry["sign"], entry["known_after"], entry["decimal"]) == ("credit_positive", "1d", ",")
    told = " ".join(found.unsettled)
    assert "a negative balance of 'Saldo' is taken to be owed to the bank" in told
    assert "balances of 'Stichtag' are taken to stand at its end" in told


def test_currency_available_and_customer_may_stand_beside_it():
    rows = [(iban, "C1", day, saldo, "9,00", "EUR") for iban, day, saldo in of_days()]
    found = source("IBAN;Kundennr;Stichtag;Kontostand;Verfügbarer Betrag;Währung", rows)
    entry = found.mapping["files"]["balances"]
    assert entry["columns"]["available"] == "Verfügbarer Betrag"
    assert entry["currency"] == {"column": "Währung"}
    assert "not used: 'Kundennr'." in " ".join(found.to_check)


@pytest.mark.parametrize(
    "header", ["account_id;date;balance", "acct_no;as_of;Closing balance (EUR)", "konto;tag;saldo"]
)
def test_its_columns_are_known_by_their_names(header):
    assert tables(header, of_days()) == {"balances"}


def test_the_balances_of_one_day_are_balances_and_no_accounts():
    assert tables("IBAN;Stichtag;Saldo", of_days(days=ENDS[:1])) == {"balances"}
    opened = [(f"A{k}", f"{k % 3 + 1:02}.03.2018", "1,50") for k in range(9)]
    assert tables("konto;tag;saldo", opened, "konten.csv") == {"accounts"}
    assert tables("konto;eroeffnet;saldo", of_days(days=ENDS[:1]), "konten.csv") == {"accounts"}


def test_balances_without_a_minus_are_to_be_checked():
    rows = [(iban, day, saldo.lstrip("-")) for iban, day, saldo in of_days()]
    assert "no balance looked at is negative" in " ".join(source("IBAN;Stichtag;Saldo", rows).unsettled)


@pytest.mark.parametrize(
    ("header", "more", "expected"),
    [
        ("IBAN;Buchungstag;Saldo;Betrag;UmsatzNr", ("-1,50", None), {"transactions"}),
        ("IBAN;Buchungstag;Saldo;Verwendungszweck", ("Miete",), {"flat"}),
        ("IBAN;Buchungstag;Saldo;UmsatzNr", (None,), {"flat"}),
        ("IBAN;Stichtag;Saldo;Soll/Haben", ("S",), {"flat"}),  # no sign of balances says it
        ("IBAN;Stichtag;Saldo;Alter;Einkommen", ("40", "1000,00"), {"flat"}),
        ("IBAN;Stichtag;Saldo;Ausfall", (None,), {"flat"}),  # rows to learn from
        ("IBAN;Stichtag;Summe", (), {"flat"}),
    ],
)
def test_what_says_anything_else_is_no_file_of_balances(header, more, expected):
    rows = [
        (*row, *((f"{n % 2}" if "Ausfall" in header else f"U{n}") if one is None else one for one in more))
        for n, row in enumerate(of_days())
    ]
    assert tables(header, rows) == expected


def test_months_of_credit_stay_what_they_are():
    text = "Kontonr;Monatsende;Saldo;TageVerzug\n" + "".join(";".join(row) + "\n" for row in of_days("0"))
    found = proposal("b", [Head("salden.csv", text=text.encode())])
    assert not found.sources
    assert "Table 'credit_months' needs" in found.passed_over[0].why


def test_several_rows_of_an_account_and_day_are_no_balances():
    assert tables("IBAN;Buchungstag;Saldo", [*of_days(), *of_days()]) == {"flat"}
