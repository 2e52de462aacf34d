"""Of which line a product is, by the words of its kind, and what else a file of products shows."""

import pytest

from bank360.sources.file_look import Head
from bank360.sources.mapping_template import proposal


def proposed(rows, header="Produkt;Bezeichnung;Art"):
    text = "\n".join([header, *(";".join(row) for row in rows)]) + "\n"
    return proposal("b", [Head("produkte.csv", text=text.encode())]).sources[0]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("Sparkassen-Girokonto", "current_account"),
        ("Sparkassenbuch", None),
        ("Sparbuch", "savings"),
        ("Bausparen", "savings"),
        ("Investitionskredit", "personal_loan"),
        ("Wertpapierkredit", "personal_loan"),
        ("Wertpapierdepot", "investment"),
        ("Depositenkonto", "savings"),
        ("Fixed deposit", "savings"),
        ("Credit card", "credit_card"),
        ("Immobilienfonds", "investment"),
        ("Offener Immobilien-Fonds", "investment"),
        ("Immobilienfinanzierung", "mortgage"),
        ("Crédit immobilier", "mortgage"),
        ("Current account with credit facility", "current_account"),
        ("Girokonto mit Dispokredit", "current_account"),
        ("Credit Builder Current Account", "current_account"),
        ("Current account with overdraft", "current_account"),
        ("Credit Union Savings", "savings"),
        ("Savings Bank current account", "current_account"),
        ("Savings account", "savings"),
        ("Consumer credit", "personal_loan"),
        ("Crédit à la consommation", "personal_loan"),
        ("Credit Union loan", "personal_loan"),
        ("Investment credit", "personal_loan"),
        ("Kontokorrentkredit", "personal_loan"),
        ("Dispokredit", "personal_loan"),
        ("Firmenkonto mit Kredit", None),
    ],
)
def test_the_line_is_told_by_the_words_of_its_kind(kind, line):
    rows = [("P1", "one", "Girokonto"), ("P2", "two", "Hypothek"), ("P3", "three", kind)]
    codes = proposed(rows).mapping["files"]["products"]["columns"]["line"]["codes"]
    assert codes.get(kind) == line


def test_a_doubled_code_makes_no_other_file_and_its_row_is_named():
    rows = [(f"P{k}", f"name {k}", "Girokonto") for k in range(9)]
    source = proposed([*rows, rows[-1]])
    assert {*source.mapping["files"]} == {"products"}
    assert "'Produkt' is the key, and in row 11 it is empty or repeats an earlier row's" in " ".join(source.to_check)
