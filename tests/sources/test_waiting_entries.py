"""Entries that wait: valid once their comment marks are out, and what was seen of their files is told."""

import re

import yaml

from bank360.bank.tables_lending import CREDIT_MONTHS
from bank360.sources.file_look import Head
from bank360.sources.mapping_template import proposal

MONTHS, ENDS = ("01.2024", "02.2024", "03.2024"), ("31.01.2024", "29.02.2024", "31.03.2024")
STATES = ("laufend", "Verzug", "Mahnstufe 3")


def head(name, header, rows):
    return Head(name, text="\n".join([header, *(";".join(map(str, row)) for row in rows)]).encode() + b"\n")


ACCOUNTS = head("konten.csv", "Kontonr;Produkt;Eroeffnet", [(f"A{k}", "GIRO", "13.03.2018") for k in range(9)])


def months(name="rueckstand.csv", days=MONTHS, more="", cells=()):
    rows = [(f"A{k}", day, 0, *cells) for k in range(5) for day in days]
    return head(name, f"Kontonr;Monat;TageVerzug{more}", rows)


def uncommented(text):
    """Return the entries below ``files`` of the text, those that wait among them."""
    lines = text[: text.index("# Examples of sources")].splitlines()
    out = [re.sub(r"^        # (?!Not read)", "        ", line) for line in lines]
    return yaml.safe_load("\n".join(out))["sources"][0]["mapping"]["files"]


def test_without_its_comment_marks_an_entry_is_valid_and_names_every_column():
    entry = uncommented(proposal("b", [ACCOUNTS, months()]).text)["credit_months"]
    assert entry["columns"]["days_past_due"] == "TageVerzug"
    assert {one.name for one in CREDIT_MONTHS.columns if not one.nullable} <= {*entry["columns"]}


def test_what_a_lacking_column_says_stands_beside_it():
    text = proposal("b", [ACCOUNTS, months()]).text
    assert "        #     month_end: …   # last local day of the month\n" in text


def test_two_files_of_a_table_wait_under_names_of_their_own():
    other = months("mahnliste.csv", more=";Rueckstand", cells=("1,00",))
    files = uncommented(proposal("b", [ACCOUNTS, months(), other]).text)
    waiting = {entry["pattern"]: (name, entry.get("table", name)) for name, entry in files.items()}
    assert waiting["rueckstand.csv"] == ("credit_months", "credit_months")
    assert waiting["mahnliste.csv"] == ("mahnliste", "credit_months")


def test_a_file_that_only_waits_is_not_said_to_be_read():
    assert proposal("b", [ACCOUNTS, months()]).sources[0].files == ("konten.csv",)


def test_words_for_where_an_account_stands_are_told_known_or_not():
    rows = [(f"A{k}", day, 0, STATES[k % 3]) for k in range(6) for day in ENDS]
    source = proposal("b", [ACCOUNTS, head("rueck.csv", "Kontonr;Monat;TageVerzug;Status", rows)]).sources[0]
    told = " ".join(source.unsettled)
    assert "is taken from 'Status' (Verzug arrears, laufend performing): check the codes" in told
    assert "'Mahnstufe 3' of 'Status' is not known: say under its codes which of performing, arrears" in told


def test_an_odd_day_or_month_among_many_makes_no_other_file():
    days = ("15.01.2024", "29.02.2024", "31.03.2024")
    rows = [(f"A{k}", day, 0) for k in range(20) for day in (ENDS if k else days)]
    source = proposal("b", [ACCOUNTS, head("rueck.csv", "Kontonr;Monat;TageVerzug", rows)]).sources[0]
    assert "month_end:" in source.waiting
    assert "but not in row 2: correct them" in " ".join(source.unsettled)
    rows = [(f"A{k}", day, 0) for k in range(20) for day in (MONTHS if k else ("Jan 24", *MONTHS[1:]))]
    source = proposal("b", [ACCOUNTS, head("rueck.csv", "Kontonr;Monat;TageVerzug", rows)]).sources[0]
    assert "'Monat' holds no last days of months" in " ".join(source.unsettled)


def test_the_codes_of_products_that_wait_are_told():
    products = head("produkte.csv", "Produkt;Art", [("G", "Girokonto"), ("S", "Sparbuch"), ("X", "Firmenkredit")])
    told = " ".join(proposal("b", [ACCOUNTS, products]).sources[0].unsettled)
    assert "are taken from 'Art' (Girokonto current_account, Sparbuch savings): check the codes" in told
    assert "'Firmenkredit' of 'Art' is none of our lines" in told
