"""Persons and companies are told apart where a customer file says which is which, and it is to be checked."""

import pytest

from bank360.sources.file_look import Head, Look, look_at
from bank360.sources.mapping_template import proposal
from bank360.sources.party_guess import guessed_type

PERSONS = {"constant": "person"}


def look(header, *cells):
    rows = "".join(f"K{n},1980-01-{n + 10},{cell}\n" for n, cell in enumerate(cells * 4))
    found = look_at(Head("kunden.csv", f"Kundennr,Geburtsdatum,{header}\n{rows}".encode(), whole=True))
    assert isinstance(found, Look)
    return found


@pytest.mark.parametrize(
    ("header", "cells", "codes"),
    [
        ("Kundenart", ("P", "G", "P"), {"P": "person", "G": "company"}),
        ("customer_type", ("Individual", "Corporate", "Individual"), {"Individual": "person", "Corporate": "company"}),
        ("is_company", ("0", "1", "0"), {"0": "person", "1": "company"}),
        ("Segment", ("Privatkunde", "Firmenkunde"), {"Privatkunde": "person", "Firmenkunde": "company"}),
    ],
)
def test_codes_that_can_be_told_are_mapped_and_to_be_checked(header, cells, codes):
    mapped, (said,) = guessed_type(look(header, *cells))
    assert mapped == {"column": header, "codes": codes}
    company = next(code for code, kind in codes.items() if kind == "company")
    assert f"by '{header}' customers with '{company}' are taken for companies" in said


def test_a_salutation_of_companies_leaves_every_other_one_to_persons():
    mapped, said = guessed_type(look("Anrede", "Herr", "Firma", "Dr."))
    assert mapped == {"column": "Anrede", "codes": {"Firma": "company"}, "other": "person", "missing": "person"}
    assert len(said) == 1


@pytest.mark.parametrize(
    ("header", "cells"),
    [("Kundenart", ("1", "2", "1")), ("Rechtsform", ("P", "KdoeR", "P")), ("company_name", ("Acme", "", ""))],
)
def test_a_column_whose_codes_cannot_be_told_is_named(header, cells):
    mapped, (said,) = guessed_type(look(header, *cells))
    assert mapped == PERSONS
    assert said.startswith("'type: {constant: person}' is assumed")
    assert f"'{header}'" in said


@pytest.mark.parametrize(("header", "cells"), [("Anrede", ("Herr", "Frau")), ("Sex", ("f", "m")), ("Code", ("P", "G"))])
def test_nothing_is_said_of_columns_that_tell_no_companies(header, cells):
    assert guessed_type(look(header, *cells)) == (PERSONS, [])


def test_the_proposed_source_has_it_to_check():
    rows = "".join(f"K{n},Roth{'abcdefgh'[n]},Ida,1980-01-{n + 10},{'PG'[n % 2]}\n" for n in range(8))
    text = f"Kundennr,Nachname,Vorname,Geburtsdatum,Kundenart\n{rows}"
    (source,) = proposal("B", [Head("kunden.csv", text.encode(), whole=True)]).sources
    assert source.mapping["files"]["customers"]["columns"]["type"]["codes"] == {"P": "person", "G": "company"}
    assert any("'Kundenart'" in one for one in source.unsettled)
