"""Columns that say who somebody is: known by name and content, never an input, and what makes a file one of people."""

import numpy as np
import pyarrow as pa
import pytest
import yaml

from bank360.sources.file_look import Head
from bank360.sources.mapped_flat import flat_mapping
from bank360.sources.mapped_node import Node
from bank360.sources.mapped_protected import protected_kind
from bank360.sources.mapped_supplied import supplied
from bank360.sources.mapping_template import proposal
from bank360.sources.personal_columns import personal_kind

KUNDEN = """KdNr;Vorname;Nachname;geb_am;PLZ;Ort;Status
1;Jörg;Weiß;03.06.1985;50667;Köln;aktiv
2;Ute;Lang;04.07.1990;53111;Bonn;aktiv
3;Ute;Groß;05.08.1991;52062;Aachen;ruhend
"""


def sources(**files):
    heads = [Head(name.replace("__", "."), text=text.encode()) for name, text in files.items()]
    return {one.name: one for one in proposal("b", heads).sources}


@pytest.mark.parametrize(
    ("kind", "names", "cell"),
    [
        ("given_name", "Vorname first_name FIRSTNAME GivenName prénom nombre voornaam customer_first_name", "Jörg"),
        ("family_name", "Nachname last_name surname Familienname nom apellidos cognome KundenNachname", "Weiß"),
        ("full_name", "name Name customer_name Kundenname full_name NOM_PRENOM borrower_name", "Jo Doe"),
        ("address_line", "Straße Strasse_Hausnr street address address_line_1 Anschrift rue dirección", "Am Markt 1"),
        ("city", "Ort Wohnort city TOWN ville ciudad", "Köln"),
        ("postcode", "PLZ Postleitzahl zip zip_code PostalCode code_postal", "50667"),
        ("email", "e-mail EMAIL email_address E-Mail-Adresse correo", "a@b.de"),
        ("phone", "Telefon tel phone_number Mobilnummer handy Rufnummer teléfono", "0221 175954"),
    ],
)
def test_a_personal_column_is_known_in_several_languages(kind, names, cell):
    assert {name: personal_kind(name, [cell, cell + "2"]) for name in names.split()} == dict.fromkeys(
        names.split(), kind
    )


WHO = ("given_name", "family_name", "full_name", "address_line", "city", "postcode", "phone")


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("pl", "Imię|Nazwisko|Imię i nazwisko|Adres zamieszkania|Miejscowość|Kod pocztowy|Numer telefonu"),
        ("it", "Nome|Cognome|Cognome e nome|Indirizzo di residenza|Comune di residenza|Codice postale|Cellulare"),
        ("es", "Primer nombre|Primer apellido|Nombre y apellidos|Dirección|Ciudad|Código postal|Teléfono"),
        ("pt", "Primeiro nome|Apelido|Nome completo|Morada|Localidade|CEP|Telemóvel"),
        ("nl", "Voornamen|Geslachtsnaam|Volledige naam|Straatnaam|Woonplaats|Postcode|Telefoon"),
        ("cs", "Jméno|Příjmení|Jméno a příjmení|Trvalé bydliště|Obec|PSČ|Telefon"),
    ],
)
def test_each_language_has_words_for_who_and_where_somebody_is(language, names):
    told = names.split("|")
    cells = {"postcode": ["00-950"], "phone": ["601 234 567"]}
    found = [personal_kind(name, cells.get(kind, ["Kowalska"])) for name, kind in zip(told, WHO, strict=True)]
    assert dict(zip(told, found, strict=True)) == dict(zip(told, WHO, strict=True)), language


@pytest.mark.parametrize("name", ["Imię klienta", "Nombre del cliente", "Nome do cliente", "Jméno zákazníka"])
def test_whose_name_it_is_may_stand_behind(name):
    assert personal_kind(name, ["Anna"]) == "given_name"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("FLAG_EMAIL", ["0", "1"]), ("telephone", ["none", "yes"]), ("email", ["0", "1"]), ("name", ["1", "2"]),
        ("Telephone", ["A191", "A192"]), ("product_name", ["Giro"]), ("job_title", ["clerk"]), ("nominal", ["1.5"]),
        ("house", ["own", "rent"]), ("days_last_phone_change", ["120"]), ("income", ["900"]), ("region", ["North"]),
        ("x", []), ("telefon", ["tak", "nie"]), ("street_value", ["100"]), ("ruf", ["gut"]),
    ],
)  # fmt: skip
def test_what_only_sounds_like_it_is_none(name, cells):
    assert personal_kind(name, cells) is None


@pytest.mark.parametrize("name", ["geb_am", "Geb.-Dat.", "GEBDAT", "né le", "nato_il", "Geburtsdatum"])
def test_a_day_of_birth_is_known_by_its_short_names(name):
    assert protected_kind(name) == "birth"


def test_a_file_of_people_without_an_outcome_is_a_customers_table():
    (core,) = sources(customers__csv=KUNDEN).values()
    files = core.mapping["files"]
    assert files["customers"]["columns"]["customer_id"] == "KdNr"
    assert files["customers"]["columns"]["birth_date"] == {"column": "geb_am", "format": "%d.%m.%Y"}
    told = files["customer_personal"]["columns"]
    assert (told["given_name"], told["family_name"], told["postcode"], told["city"]) == (
        "Vorname", "Nachname", "PLZ", "Ort",
    )  # fmt: skip
    numbered = sources(leute__csv=KUNDEN.replace("KdNr", "Nr"))["core"].mapping["files"]
    assert numbered["customers"]["columns"]["customer_id"] == "Nr"


def test_with_an_outcome_it_is_a_flat_table_and_nobodys_name_an_input_or_reason():
    (flat,) = (one.mapping["flat"] for one in sources(k__csv=KUNDEN.replace("Status", "Ausfall")).values())
    assert flat["exclude"] == ["Vorname", "Nachname", "PLZ", "Ort"]
    assert "reasons" not in flat
    assert "date" not in flat


def test_a_mapping_that_does_not_name_them_leaves_them_out_with_a_word_and_takes_them_where_it_does():
    raw = pa.record_batch({
        "Vorname": ["Uwe", "Ute", "Uwe", "Ute"], "Beruf": ["a", "b", "a", "b"], "bad": ["0", "1", "0", "1"],
    })  # fmt: skip

    def read(**more):
        mapping = {"pattern": "f.csv", "label": {"column": "bad", "bad": [1], "good": [0]}, **more}
        return supplied(flat_mapping("f", Node("flat", mapping), "UTC"), raw, np.arange(4))

    plain = read()
    assert {*plain.categorical} == {"Beruf"}
    assert any("'Vorname' is left out: its name says who or where somebody is" in one for one in plain.remarks)
    assert {*read(categorical=["Vorname"]).categorical} == {"Vorname", "Beruf"}


def test_a_yes_or_no_outcome_in_german_with_a_question_mark_is_found_and_its_mapping_reads_back():
    found = proposal("b", [Head("k.csv", text=b"Antrag;Betrag;Ausgefallen?\nA1;5;ja\nA2;6;nein\nA3;7;nein\n")])
    (entry,) = yaml.safe_load(found.text)["sources"]
    assert entry["mapping"]["flat"]["label"] == {"column": "Ausgefallen?", "bad": ["ja"], "good": ["nein"]}
