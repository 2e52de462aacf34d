"""Columns that number people, accounts or contracts: known by name in several languages, never an input."""

import numpy as np
import pyarrow as pa
import pytest
import yaml

from bank360.sources.file_look import Head
from bank360.sources.identifier_columns import names_a_party
from bank360.sources.mapped_flat import flat_mapping
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_supplied import supplied
from bank360.sources.mapping_template import proposal

CODES = ["100234", "100077", "100234", "100911"]


NAMES = (
    "KdNr KDNR Kd-Nr. Kundennummer KundenNr KontoNr kontonummer IBAN Kunden_IBAN CustomerID customer_id client_no "
    "LoanRef loanref loan_reference acct_num AccountNumber MemberKey Vertragsnummer AntragNr card_token "
    "main_customer_id cif_no SSN Steuer-ID borrowerId CASE_ID personnr"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_a_number_of_a_person_an_account_or_a_contract_is_known_by_its_name(name):
    assert names_a_party(name, CODES)


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("pl", "PESEL|NIP|Numer dowodu osobistego|Nr klienta|Numer rachunku|Nr umowy|Identyfikator klienta"),
        ("it", "Codice fiscale|Partita IVA|Codice cliente|Numero conto|Numero di contratto|ID cliente"),
        ("es", "Número de cuenta|Núm. cliente|Número de contrato|Código cliente|Número de DNI"),
        ("pt", "CPF|CNPJ|NISS|Número da conta|Número do contrato|Código do cliente"),
        ("nl", "BSN|Burgerservicenummer|Klantnummer|Rekeningnummer|Contractnummer|Klant-ID"),
        ("cs", "Rodné číslo|Číslo účtu|Číslo smlouvy|ID klienta|Číslo zákazníka"),
    ],
)
def test_each_language_has_words_for_numbers_of_people_and_contracts(language, names):
    told = names.split("|")
    assert {name: names_a_party(name, CODES) for name in told} == dict.fromkeys(told, True), language


def test_a_spanish_identity_number_is_known_by_its_letter_for_its_name_means_days_in_polish():
    assert names_a_party("DNI", ["12345678Z", "X1234567L"])
    assert not names_a_party("Liczba dni", ["12", "30"])


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("branch_id", CODES), ("Filiale_Nr", CODES), ("product_no", CODES), ("number_of_loans", ["1", "2"]),
        ("loan_amount", CODES), ("account", CODES), ("AccountType", CODES), ("creditScore", CODES),
        ("amount_lei", CODES), ("loans_no", CODES),
        ("casein", CODES),
        ("Kod produktu", CODES), ("Numero rate", CODES), ("Número de cuotas", CODES),
        ("KdNr", []), ("IBAN", ["yes", "no"]), ("customer_no", ["y", "n"]),
        ("loan_no", ["0", "1", "2", "1", "0", "1"]),  # how many there are
    ],
)  # fmt: skip
def test_what_only_sounds_like_one_is_none(name, cells):
    assert not names_a_party(name, cells)


def applications(rows=40):
    lines = [f"{5000 + n};{900 + n % 30};DE{n % 9}7;{n % 7};{1000 + 37 * n};{int(n % 4 == 0)}" for n in range(rows)]
    return "\n".join(["AntragNr;KdNr;IBAN;Filiale_Id;Einkommen;ausgefallen", *lines]) + "\n"


def test_init_leaves_them_out_of_the_inputs_and_the_reasons_and_tells_it():
    (source,) = proposal("b", [Head("Kreditantraege.csv", text=applications().encode("cp1252"))]).sources
    flat = source.mapping["flat"]
    assert (flat["id"], flat["exclude"]) == ("AntragNr", ["KdNr", "IBAN"])
    assert {*flat["reasons"]} == {"Filiale_Id", "Einkommen"}
    assert any(one.startswith("'KdNr', 'IBAN' number people, accounts or contracts") for one in source.to_check)


FLAT = """{pattern: a.csv, id: AntragNr, label: {column: ausgefallen, bad: [1], good: [0]}%s}"""


def read(more="", **changed):
    columns = {
        "AntragNr": [str(5000 + n) for n in range(40)], "KdNr": [str(900 + n % 30) for n in range(40)],
        "Kundennummer": [None] * 20 + [float(n % 15 + 100) for n in range(20)], "LoanRef": list("abcd" * 10),
        "Einkommen": [1000 + 37 * n for n in range(40)], "ausgefallen": [int(n % 4 == 0) for n in range(40)],
    } | changed  # fmt: skip
    flat = flat_mapping("a", Node("a", yaml.safe_load(FLAT % more)), "UTC")
    batch = pa.RecordBatch.from_pydict({name: pa.array(values) for name, values in columns.items()})
    return supplied(flat, batch, np.arange(2, 42))


def test_training_leaves_them_out_where_the_mapping_does_not_name_them_and_says_so():
    found = read()
    assert ({*found.numeric}, {*found.categorical}) == ({"Einkommen"}, set())
    for name in ("KdNr", "Kundennummer", "LoanRef"):
        assert any(
            one.startswith(f"column '{name}' is left out: its name says that it numbers") for one in found.remarks
        )


def test_a_mapping_that_lists_one_as_an_input_is_obeyed():
    assert {*read(", numeric: [KdNr]").numeric} == {"Einkommen", "KdNr"}
