"""The settings file that `bank360 init` writes: valid as it stands, its examples too, and its guesses from files."""

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import yaml

from bank360.settings import Settings, SourceEntry
from bank360.sources.file_look import HEAD_BYTES, Head, Look, PassedOver, look_at
from bank360.sources.mapped import mapped_source
from bank360.sources.mapped_flat import _KEYS as _FLAT_KEYS
from bank360.sources.mapped_grammar import _COLUMN_KEYS, _FILE_KEYS
from bank360.sources.mapping_examples import FLAT_EXAMPLE, LEDGER_EXAMPLE
from bank360.sources.mapping_template import proposal

FLAT = b"""ID,APPLIED,income,sex,job,default
A1,31/01/2024,1200.5,F,baker,0
A2,01/02/2024,900,M,clerk,1
A3,28/02/2024,,M,baker,0
"""
LEDGER = "TXN_REF;ACCOUNT NO;POSTED;AMOUNT;TEXT\nr1;77;31.01.2024;-1,50;caf\u00e9\nr2;77;01.02.2024;2,00;x\n".encode(
    "latin-1"
)


def template(name="My bank", heads=None):
    return proposal(name, [Head(file, text=head) for file, head in (heads or {}).items()]).text


def proposed(**heads):
    values = yaml.safe_load(template("My bank", {name.replace("__", "."): head for name, head in heads.items()}))
    Settings(**values)
    return {source["name"]: source["mapping"] for source in values["sources"]}


def accepted(mapping):
    return mapped_source("s", mapping, "Europe/London", "GBP", country="GB")


def test_the_plain_template_is_valid_and_so_are_its_examples():
    values = yaml.safe_load(template('A "quoted": bank'))
    assert Settings(**values).bank.name == 'A "quoted": bank'
    for example in (LEDGER_EXAMPLE, FLAT_EXAMPLE):
        (entry,) = yaml.safe_load(example)
        Settings(sources=[entry])
        assert accepted(entry["mapping"]).name == "s"


def test_the_examples_stand_in_it_as_comments():
    uncommented = "".join(
        line.removeprefix("# ").removeprefix("#") + "\n" for line in template().split("# sources:")[1].splitlines()
    )
    assert len(yaml.safe_load("sources:" + uncommented)["sources"]) == 2


def test_the_commented_keys_are_the_defaults_and_no_kind_of_source_is_left_out():
    text = template()
    for key in ("tiers", "standard_request", "engine", "seed"):
        (line,) = re.findall(rf"^# ({key}: .*)$", text, re.MULTILINE)
        assert getattr(Settings(**yaml.safe_load(line)), key) == getattr(Settings(), key)
    for kind in get_args(SourceEntry.model_fields["kind"].annotation):
        assert f"'{kind}'" in text


def test_a_flat_file_is_proposed_with_id_date_label_and_protected_columns():
    (mapping,) = proposed(clients__csv=FLAT).values()
    assert mapping["flat"] == {
        "pattern": "clients.csv",
        "id": "ID",
        "date": {"column": "APPLIED", "format": "%d/%m/%Y"},
        "label": {"column": "default", "bad": [1], "good": [0]},
        "protected": ["sex"],
        "reasons": {"income": "Income", "job": "Job"},
    }
    accepted(mapping)


def test_a_ledger_is_proposed_as_transactions_with_its_dialect():
    (mapping,) = proposed(ledger__csv=LEDGER).values()
    transactions = mapping["files"]["transactions"]
    assert transactions["csv"] == {"delimiter": ";", "encoding": "latin-1"}
    assert transactions["decimal"] == ","
    assert transactions["columns"]["event_time"] == {"column": "POSTED", "format": "%d.%m.%Y"}
    assert transactions["columns"]["amount"] == "AMOUNT"
    accepted(mapping)


def test_two_header_rows_and_words_for_good_and_bad():
    two = b",X1,Y\nID,LIMIT,default payment next month\n1,20000,1\n2,120000,0\n"
    (mapping,) = proposed(uci__csv=two).values()
    assert mapping["flat"]["csv"] == {"header_rows": 2}
    words = b"amount;creditability\n100;good\n200;bad\n300;good\n"
    (mapping,) = proposed(german__csv=words).values()
    assert mapping["flat"]["label"] == {"column": "creditability", "bad": ["bad"], "good": ["good"]}


def test_a_file_without_an_outcome_says_what_to_add():
    text = template("b", {"a.csv": b"income,job\n100,x\n200,y\n300,z\n"})
    assert "add below 'flat' what is to be predicted" in text
    yaml.safe_load(text)


def test_sources_have_names_of_their_own():
    assert len(proposed(a__csv=FLAT, a__txt=FLAT)) == 2


def test_what_is_no_table_is_left_alone():
    for head in (b"", b"\x00\x01PAR1", b"just words\nand more\n", b"a,a\n1,2\n"):
        assert isinstance(look_at(Head("x.csv", text=head)), PassedOver)
    assert "sources: []" in template("b", {"x.bin": b"\x00"})


def test_a_cut_head_is_read_up_to_its_last_whole_line():
    head = ("name,n\n" + "é,1\n" * HEAD_BYTES).encode()[:HEAD_BYTES]
    look = look_at(Head("x.csv", text=head, whole=False))
    assert isinstance(look, Look)
    assert (look.encoding, set(look.rows)) == ("utf-8", {("é", "1")})


def test_the_mappings_of_the_how_to_are_accepted():
    page = (Path(__file__).parents[2] / "docs/how-to/map-your-own-files.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    assert len(blocks) == 3
    for block in blocks:
        Settings(**block)
        mapped_source("s", block["sources"][0]["mapping"], "Europe/London", "GBP", date(2024, 1, 31), country="GB")


def test_the_how_to_names_every_key():
    page = (Path(__file__).parents[2] / "docs/how-to/map-your-own-files.md").read_text(encoding="utf-8")
    keys = {*_FILE_KEYS, *_COLUMN_KEYS, *_FLAT_KEYS} - {"columns"}
    assert [key for key in sorted(keys) if f"`{key}" not in page and f"{key}:" not in page] == []


def flat_of(head):
    (mapping,) = proposed(f__csv=head).values()
    accepted(mapping)
    return mapping["flat"]


def test_under_a_name_that_speaks_of_good_yes_is_good():
    assert flat_of(b"x,REPAID\n1,1\n2,1\n3,0\n")["label"] == {"column": "REPAID", "bad": [0], "good": [1]}
    assert flat_of(b"x,loan_paid\n1,yes\n2,no\n3,no\n")["label"]["good"] == ["yes"]
    assert flat_of(b"x,not_paid\n1,1\n2,1\n3,0\n")["label"]["bad"] == [1]
    assert "more than half" in template("b", {"f.csv": b"x,bad\n1,1\n2,1\n3,0\n"})
    assert "more than half" not in template("b", {"f.csv": b"x,bad\n1,1\n2,0\n3,0\n"})


def test_a_label_is_proposed_by_its_name_only():
    assert "label" not in flat_of(b"x,owns_phone\n1,1\n2,0\n3,0\n")
    assert flat_of(b"SeriousDlqin2yrs,x,z\n1,5,1\n0,6,0\n0,7,1\n")["label"]["column"] == "SeriousDlqin2yrs"


def test_a_day_of_birth_is_no_date_of_the_rows():
    assert "date" not in flat_of(b"x,dateOfBirth,bad\n1,1980-01-31,1\n2,1981-01-31,0\n3,1982-01-31,0\n")


def test_thousands_and_percentages_are_seen():
    flat = flat_of(b'income;rate;bad\n"1,200.50";5.5%;1\n900;6 %;0\n"12,000";7%;0\n')
    assert (flat["thousands"], flat["percent"]) == (",", ["rate"])


def test_amounts_without_a_sign_take_it_from_an_indicator_or_say_that_it_is_missing():
    rows = b"txn_id,account,day,amount%s\nr1,7,2024-01-31,1.50%s\nr2,7,2024-02-01,2.00%s\n"
    (mapping,) = proposed(l__csv=rows % (b",DC", b",DR", b",CR")).values()
    accepted(mapping)
    assert mapping["files"]["transactions"]["sign"] == {"indicator": "DC", "debit": ["DR"], "credit": ["CR"]}
    assert "state the sign" in template("b", {"l.csv": rows % (b"", b"", b"")})
    assert "state the sign" not in template("b", {"ledger.csv": LEDGER})


def test_german_words_for_a_product_for_nothing_and_for_payments_are_known():
    (flat,) = proposed(k__csv=b"nr;score;ausfall\n1;95,5;ja\n2;k.A.;nein\n3;96,1;nein\n").values()
    assert flat["flat"]["csv"]["nulls"][-1] == "k.A."
    rows = "".join(f"{n};A{n % 2};0{n}.01.2024;-1,5;{('UEB', 'DA', 'KARTE')[n % 3]}\n" for n in range(1, 7))
    files = proposed(
        konten__csv=b"Konto;KdNr;Art;Auf\nA0;1;Giro;01.01.2020\nA1;2;Spar;02.01.2020\n",
        moves__csv=f"Buchungs-ID;Konto;Tag;Betrag;Weg\n{rows}".encode(),
    )["core"]["files"]
    assert files["accounts"]["columns"]["product_id"] == "Art"
    assert files["transactions"]["columns"]["scheme"]["codes"] == {
        "DA": "standing_order", "KARTE": "card", "UEB": "transfer",
    }  # fmt: skip


KUNDEN = "KdNr;Vorname;Nachname;PLZ;Ort\n1;Jo;Weiß;50667;Köln\n2;Ute;Lang;53111;Bonn\n3;Uwe;Groß;52062;Aachen\n"
KONTEN = "KontoNr;KdNr;eroeffnet_am;geschlossen_am\n77;1;01.02.2020;31.03.2024\n78;2;13.04.2021;\n79;3;14.05.2021;\n"


def test_a_column_has_one_meaning_and_an_ort_is_a_city():
    files = proposed(kunden__csv=KUNDEN.encode())["core"]["files"]
    assert files["customer_personal"]["columns"]["city"] == "Ort"
    assert "region" not in files["customers"]["columns"]


@pytest.mark.parametrize(
    "name", ["geschlossen_am", "Geschlossen", "gekündigt_am", "Kuendigung", "closed", "Schließung"]
)
def test_the_day_an_account_was_closed_is_known_in_german_too(name):
    text = KONTEN.replace("geschlossen_am", name)
    columns = proposed(konten__csv=text.encode())["core"]["files"]["accounts"]["columns"]
    assert columns["closed_on"] == {"column": name, "format": "%d.%m.%Y"}


@pytest.mark.parametrize(
    ("file", "text", "seen"),
    [
        ("kunden.csv", KUNDEN, "kunden.csv: 'PLZ' has postcodes of digits alone"),
        ("konten.csv", KONTEN, "konten.csv: 'eroeffnet_am' has days such as 01.02.2020"),
    ],
)
def test_zone_and_country_are_to_be_checked_where_a_file_is_not_written_as_in_britain(file, text, seen):
    (source,) = proposal("b", [Head(file, text=text.encode())]).sources
    assert any(one.startswith(seen) and "bank.zone and bank.country" in one for one in source.unsettled)


BORN = "kundennr;nachname;geburtsdatum;{};plz\n1;Ott;10.03.1950;01.02.2019;A1\n2;Uhl;11.04.1960;02.03.2019;A2\n"


@pytest.mark.parametrize(
    ("other", "seen"),
    [
        ("vorname", "'geburtsdatum' has days written as 31.01.2024"),
        ("kunde_seit", "'kunde_seit' has days such as 01.02.2019"),
    ],
)
def test_no_day_of_birth_is_repeated_where_a_file_is_not_written_as_in_britain(other, seen):
    text = BORN.format(other)
    if other == "vorname":
        text = text.replace("01.02.2019", "Ida").replace("02.03.2019", "Max")
    found = proposal("b", [Head("kunden.csv", text=text.encode())])
    assert any(seen in one and "bank.zone" in one for one in found.sources[0].unsettled)
    assert "1950" not in found.text
    assert "1960" not in found.text


def test_a_british_file_leaves_zone_and_country_settled():
    text = "customer_id,first_name,last_name,postcode\n1,Jo,White,SW1A 1AA\n2,Al,Long,M1 1AE\n3,Di,Big,B33 8TH\n"
    (source,) = proposal("b", [Head("customers.csv", text=text.encode())]).sources
    assert not any("bank.zone" in one for one in source.unsettled)


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("Land", ("DE", "AT"), "Land"),
        ("merchant_country", ("NO", "GB"), "merchant_country"),
        ("Land", ("DE", "FR", "UK"), "Land"),  # two of three are countries
        ("Land", ("QQ", "ZZ"), None),  # two capitals that are none
        ("Land", ("Bayern", "Hessen"), None),  # no countries
        ("Land", ("DE", ""), None),  # one is not filled
    ],
)
def test_where_a_payment_was_is_mapped_where_a_column_says_it_by_codes(header, cells, expected):
    rows = "".join(f"r{n};77;31.01.2024;-1,50;{cell}\n" for n, cell in enumerate(cells))
    text = f"TXN_REF;ACCOUNT NO;POSTED;AMOUNT;{header}\n{rows}".encode()
    (source,) = proposal("b", [Head("ledger.csv", text=text)]).sources
    assert source.mapping["files"]["transactions"]["columns"].get("country") == expected
    assumed = any("in the bank's own country" in one for one in source.unsettled)
    assert assumed == (expected != header)
    assert any("'Land' has 'UK', no country" in one for one in source.unsettled) == ("UK" in cells)


def test_a_home_of_flat_files_alone_is_told_that_it_needs_no_zone():
    assert "bank:                     # a flat file alone needs no more than the name\n" in template(
        heads={"f.csv": FLAT}
    )
    assert "bank:\n" in template(heads={"f.csv": FLAT, "ledger.csv": LEDGER})
