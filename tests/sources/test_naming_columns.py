"""Which columns name people or accounts: by name in several languages, and by what stands in them."""

import pytest

from bank360.sources.naming_columns import names_people


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Kontoinhaber", ["Uwe Klein"]),
        ("Begünstigter/Zahlungspflichtiger", ["Uwe Klein"]),
        ("Auftraggeber", ["Uwe Klein"]),
        ("counterparty", ["Ann Lee"]),
        ("beneficiary_name", ["Ann Lee"]),
        ("Titular de la cuenta", ["Ana Ruiz"]),
        ("Posiadacz rachunku", ["Jan Kowalski"]),
        ("customer", ["C-1007", "C-1008"]),
        ("Kunde", ["Uwe Klein"]),
        ("x1", ["DE89 3704 0044 0532 0130 00"]),
        ("x2", ["4111111111111111", "5500005555555559"]),
        ("x3", ["Rent", "ann@home.example"]),
        ("x4", ["+447700900123"]),
        ("purpose", ["Refund to DE89370400440532013000"]),
    ],
)
def test_a_column_that_names_people_is_known_by_its_name_or_its_cells(name, cells):
    assert names_people(name, cells)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Betrag", ["+1200", "-3,50"]),
        ("account", ["current", "savings"]),
        ("customer", ["new", "returning"]),
        ("holder", ["yes", "no"]),
        ("merchant", ["Tesco", "Spar"]),
        ("purpose", ["Rent"]),
        # One of these passes the check digits of a card, as one in ten numbers of 13 digits does.
        ("opened_ms", ["1700000000000", "1700000000001", "1700000000002", "1700000000003", "1700000000004"]),
        ("cents", ["+1234567", "-1234567", "-7654321"]),
    ],
)
def test_what_names_nobody_is_shown(name, cells):
    assert not names_people(name, cells)
