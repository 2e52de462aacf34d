"""What a ledger file says of its money: which amounts leave an account, in which currency, and what is left unsaid."""

import pytest
import yaml

from bank360.bank.errors import SettingsError
from bank360.settings import Settings
from bank360.sources.file_look import Head, Look, look_at
from bank360.sources.mapped import mapped_source
from bank360.sources.mapping_template import proposal
from bank360.sources.money_guess import currency_seen


def ledger(amount="Betrag", more=("", "", ""), values=("1,50", "2,00", "3,00")):
    """Return a file of transactions with a further column, its name first, then its values by row."""
    header, *cells = more if len(more) == 4 else ("x", *more)
    rows = [f"r{n};{n % 2};2024-01-0{n + 1};{value};{cells[n]}" for n, value in enumerate(values)]
    return "\n".join([f"Nr;Konto;Tag;{amount};{header}", *rows]) + "\n"


def transactions_of(text):
    (source,) = proposal("b", [Head("u.csv", text=text.encode())]).sources
    return source.mapping["files"]["transactions"], source


@pytest.mark.parametrize(
    ("name", "cells", "sign"),
    [
        ("Soll/Haben", "SHS", (["S"], ["H"])),
        ("S/H-Kz", "shs", (["s"], ["h"])),
        ("anything", ["Soll", "Haben", "Soll"], (["Soll"], ["Haben"])),
        ("D/C", "DCC", (["D"], ["C"])),
        ("Dr/Cr", ["Dr", "Cr", "DR"], (["DR", "Dr"], ["Cr"])),
        ("sens", ["débit", "crédit", "débit"], (["débit"], ["crédit"])),
        ("Debe/Haber", "DHD", (["D"], ["H"])),
        ("Dare/Avere", "DAD", (["D"], ["A"])),
        ("Vorzeichen", "+-+", (["-"], ["+"])),
        ("Soll/Haben", "SSS", (["S"], ["H"])),
    ],
)
def test_a_column_that_says_debit_or_credit_is_proposed_as_the_sign(name, cells, sign):
    entry, source = transactions_of(ledger(more=(name, *cells)))
    assert entry["sign"] == {"indicator": name, "debit": sign[0], "credit": sign[1]}
    assert not any("sign" in one for one in source.to_check)
    mapped_source("core", source.mapping, "UTC", "EUR", country="DE")


@pytest.mark.parametrize(("name", "cells"), [("Filiale", "DHD"), ("Sex", "HSH"), ("Text", ["x", "y", "x"])])
def test_where_nothing_tells_the_direction_the_sign_is_unsettled_and_a_load_refused_with_what_to_write(name, cells):
    entry, source = transactions_of(ledger(more=(name, *cells)))
    assert entry["sign"] == "unsettled"
    assert any("state the sign" in one for one in source.unsettled)
    with pytest.raises(SettingsError, match=r"transactions\.sign: is not settled.*credit_positive.*indicator: COLUMN"):
        mapped_source("core", source.mapping, "UTC", "EUR", country="DE")


def test_what_is_assumed_stands_in_the_settings_until_somebody_takes_it_out():
    text = ledger(values=("1,50", "-2,00", "3,00"))
    found = proposal("b", [Head("u.csv", text=text.encode())])
    (entry,) = Settings(**yaml.safe_load(found.text)).sources
    assert entry.to_check == found.sources[0].unsettled
    assert any("in the bank's own country" in one for one in entry.to_check)


@pytest.mark.parametrize(
    ("amount", "values", "seen"),
    [
        ("Betrag (EUR)", ("1,50",), "EUR"),
        ("amount_chf", ("1.50",), "CHF"),
        ("AmountUSD", ("1.50",), "USD"),
        ("Betrag in €", ("1,50",), "EUR"),
        ("Betrag", ("1,50 €", "2,00 €"), "EUR"),
        ("Betrag", ("1,50",), None),
        ("amount", ("$1.50",), None),
    ],
)
def test_a_currency_is_read_from_a_header_or_from_the_amounts(amount, values, seen):
    rows = "".join(f"a{n};{one};x\n" for n, one in enumerate(values))
    assert currency_seen(look_at(Head("f.csv", text=f"nr;{amount};t\n{rows}".encode()))) == (None, seen)


def bank_of(text):
    found = proposal("b", [Head("u.csv", text=text.encode())])
    return yaml.safe_load(found.text)["bank"]["currency"], found.sources[0]


def test_the_banks_currency_is_that_of_its_files_or_is_asked_for():
    currency, source = bank_of(ledger(more=("Währung", "EUR", "EUR", "CHF"), values=("-1,5", "2", "3")))
    assert currency == "EUR"
    assert source.mapping["files"]["transactions"]["columns"]["currency"] == "Währung"
    asked = "no file says in which country the bank is: set bank.zone and bank.country, which are Europe/London and GB"
    assert f"the amounts are in EUR, and {asked}" in source.unsettled
    currency, source = bank_of(ledger("Betrag (EUR)", values=("-1,5", "2", "3")))
    assert currency == source.mapping["files"]["transactions"]["currency"] == "EUR"
    currency, source = bank_of(ledger(values=("-1,5", "2", "3")))
    assert currency == "GBP"
    asked = "no file says in which currency its amounts are: set bank.currency, which is GBP"
    assert asked in source.unsettled


UMSAETZE = "UmsatzNr;KontoNr;Buchungstag;Valuta;Betrag;Soll/Haben;Verwendungszweck\n" + "".join(
    f"{n};{1000 + n % 3};0{n}.03.2024;0{n}.03.2024;1.{n}00,5{n};{'SH'[n % 2]};Miete Größe {n}\n" for n in range(1, 9)
)


def test_a_number_of_the_row_is_its_key_and_the_column_called_betrag_the_amount():
    (source,) = proposal("b", [Head("Umsaetze.csv", text=UMSAETZE.encode("cp1252"))]).sources
    columns = source.mapping["files"]["transactions"]["columns"]
    assert (columns["transaction_id"], columns["account_id"], columns["amount"]) == ("UmsatzNr", "KontoNr", "Betrag")
    assert not any("'Betrag'" in one for one in source.to_check)


@pytest.mark.parametrize(
    ("other", "cells"),
    [
        ("Umsatz", [str(n) for n in (3, 1, 2, 5, 4)]),  # numbers the rows, in another order
        ("UmsatzId", ["7", "7", "9", "9", "12"]),
        ("Umsatznr", ["7", "7", "9", "9", "12"]),
        ("Jahresumsatz", ["70,5", "70,5", "90", "90", "120"]),
        ("value_day", ["20240101", "20240102", "20240103", "20240104", "20240108"]),
    ],
)
def test_of_columns_that_sound_like_amounts_the_one_with_the_word_is_it(other, cells):
    rows = [f"{cell};r{n};{n % 2};2024-01-0{n + 1};-{n},50" for n, cell in enumerate(cells)]
    entry, _ = transactions_of("\n".join([f"{other};Nr;Konto;Tag;Betrag", *rows]) + "\n")
    assert entry["columns"]["amount"] == "Betrag"


@pytest.mark.parametrize("key", ["transaction", "TransactionAmount"])
def test_no_column_is_both_a_key_and_an_amount(key):
    rows = [f"{n}{n}.5;{n % 2};2024-01-0{n}" for n in range(1, 6)]
    (source,) = proposal("b", [Head("u.csv", text="\n".join([f"{key};account;day", *rows]).encode())]).sources
    assert source.kind == "flat"


def test_a_column_of_nothing_but_currency_codes_is_the_currency_whatever_it_is_called():
    look = Look("u.csv", "csv", ";", "utf-8", 1, ",", ("Whg", "Ort"), (("EUR", "BRE"), ("EUR", "ULM")))
    assert currency_seen(look) == ("Whg", None)
    assert currency_seen(Look("u.csv", "csv", ";", "utf-8", 1, ",", ("Ort",), (("EUR",), ("ULM",)))) == (None, None)
