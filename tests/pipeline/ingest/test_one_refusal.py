"""Files that are not there, columns that lack, cells, keys and references: one refusal tells a whole delivery's faults.

A bank of five small files as somebody delivers them the first time, a dozen things wrong with them; the same, mended,
loads. Oracle of what only the whole delivery shows: loops over rows.
"""

import random
from datetime import UTC, datetime

import pytest

from bank360.bank.errors import DataRefused
from bank360.pipeline.ingest import ingest
from bank360.sources.mapped import mapped_source
from bank360.storage import csv_files
from bank360.storage.landing import Landing
from bank360.storage.ledger import content_hashes, prepare
from bank360.storage.warehouse import open_warehouse

NOW = datetime(2024, 6, 30, 12, tzinfo=UTC)
DAY = "%d.%m.%Y"


def entry(pattern, columns, **more):
    """Return the mapping of one file."""
    return {"pattern": pattern, "csv": {"delimiter": ";"}, "known_after": "0d", "columns": columns} | more


MAPPING = {
    "files": {
        "customers": entry(
            "kunden.csv",
            {
                "customer_id": "KundenNr",
                "type": {"constant": "person"},
                "birth_date": {"column": "Geboren", "format": DAY},
                "onboarded_on": {"column": "Seit", "format": DAY},
                "sex": {"column": "Sex", "codes": {"W": "female", "M": "male"}},
            },
        ),
        "products": entry(
            "produkte.csv",
            {
                "product_id": "ProduktNr",
                "valid_from": {"column": "Ab", "format": DAY},
                "name": "Name",
                "family": {"column": "Art", "codes": {"G": "deposits"}},
                "line": {"constant": "current_account"},
                "secured": {"constant": False},
                "revolving": {"constant": False},
                "rate_type": {"constant": "none"},
                "fee": {"constant": 0},
                "transfer_rate": {"constant": 0.01},
            },
        ),
        "accounts": entry(
            "konten.csv",
            {
                "account_id": "KontoNr",
                "product_id": "Produkt",
                "opened_on": {"column": "Eroeffnet", "format": DAY},
                "currency": "Whg",
            },
        ),
        "account_parties": entry(
            "inhaber.csv",
            {
                "account_id": "Konto",
                "customer_id": "Kunde",
                "role": {"constant": "owner"},
                "valid_from": {"column": "Von", "format": DAY},
                "liability_share": {"constant": 1},
            },
        ),
        "transactions": entry(
            "umsaetze.csv",
            {
                "transaction_id": "UmsatzNr",
                "account_id": "Konto",
                "event_time": {"column": "Tag", "format": DAY},
                "amount": "Betrag",
                "channel": {"column": "Kanal", "codes": {"POS": "pos", "ATM": "atm"}},
                "country": {"constant": "DE"},
            },
            decimal=",",
            thousands=".",
        ),
    }
}
GOOD = {
    "kunden.csv": "KundenNr;Geboren;Seit;Sex\nK1;12.03.1980;01.02.2015;W\nK2;04.11.1975;15.06.2016;M\n",
    "produkte.csv": "ProduktNr;Name;Art;Ab\nGIRO;Girokonto;G;01.01.2010\n",
    "konten.csv": "KontoNr;Produkt;Eroeffnet;Whg\nDE89370400440532013000;GIRO;01.02.2015;EUR\nA2;GIRO;15.06.2016;EUR\n",
    "inhaber.csv": "Konto;Kunde;Von\nDE89370400440532013000;K1;01.02.2015\nA2;K2;15.06.2016\n",
    "umsaetze.csv": "UmsatzNr;Konto;Tag;Betrag;Kanal\nU1;A2;03.01.2024;-12,50;POS\nU2;A2;04.01.2024;2.500,00;ATM\n",
}


@pytest.fixture
def bank(tmp_path):
    """Deliver files into a bank; what is refused leaves nothing behind."""

    def deliver(files, mapping=MAPPING, stem="bank"):
        folder = tmp_path / f"raw-{len(list(tmp_path.glob('raw-*')))}"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        with open_warehouse(tmp_path / f"{stem}.duckdb", 1, "500MB") as warehouse:
            prepare(warehouse)
            before = content_hashes(warehouse), Landing(tmp_path / f"landing-{stem}").deliveries()
            try:
                return ingest(
                    mapped_source("core", mapping, "Europe/Berlin", "EUR"),
                    folder,
                    tmp_path / f"landing-{stem}",
                    warehouse,
                    NOW,
                )
            except DataRefused:
                assert (content_hashes(warehouse), Landing(tmp_path / f"landing-{stem}").deliveries()) == before
                assert not any(table.startswith(("keys_", "stage_")) for table in warehouse.tables())
                raise

    return deliver


def refusal(deliver, files, mapping=MAPPING):
    """Return what a delivery is refused for."""
    with pytest.raises(DataRefused) as refused:
        deliver(files, mapping)
    return refused.value


def told(refused):
    """Return the places of a refusal, in its order."""
    return [(fault.file, fault.column, fault.rows) for fault in refused.faults]


FAULTY = {
    "kunden.csv": GOOD["kunden.csv"] + "K3;31.02.1990;20.09.2018;W\nK2;04.11.1975;15.06.2016;X\n",
    "konten.csv": GOOD["konten.csv"] + "A3;SPAR;03.03.2012;EUR\nA4;GIRO;soon;EUR\nDE89370400440532013000;GIRO;;EUR\n",
    "inhaber.csv": GOOD["inhaber.csv"].replace("Von", "Ab") + "A9;K1;01.02.2015\nA3;K9;01.02.2015\nA4;;01.02.2015\n",
    "umsaetze.csv": GOOD["umsaetze.csv"] + "U2;A2;05.01.2024;ten;FAX\nU3;A2;;-1,00;POS\n",
}


def test_a_dozen_faults_of_five_files_are_told_in_one_refusal_and_the_same_mended_loads(bank):
    refused = refusal(bank, FAULTY)  # produkte.csv is not there either
    assert told(refused) == [
        ("products", None, ()),
        ("kunden.csv", "KundenNr", (5,)),  # K2 again
        ("kunden.csv", "Geboren", (4,)),
        ("kunden.csv", "Sex", (5,)),
        ("konten.csv", "KontoNr", (6,)),
        ("konten.csv", "Eroeffnet", (5,)),
        ("konten.csv", "Eroeffnet", (6,)),
        ("inhaber.csv", "Konto", (4,)),  # A9
        ("inhaber.csv", "Kunde", (5,)),  # K9
        ("inhaber.csv", "Kunde", (6,)),  # empty
        ("inhaber.csv", "Von", (1,)),
        ("umsaetze.csv", "UmsatzNr", (4,)),
        ("umsaetze.csv", "Tag", (5,)),
        ("umsaetze.csv", "Betrag", (4,)),
        ("umsaetze.csv", "Kanal", (4,)),
    ]
    text = str(refused)
    assert "file 'umsaetze.csv', column 'UmsatzNr', row 4: 'U2' stands twice in one load, as the key of" in text
    assert "column 'KundenNr', row 5: the value stands twice in one load" in text
    assert "column 'Kunde', row 5: the value is not in table 'customers'. Deliver" in text
    assert "column 'Konto', row 4: the value is not in table 'accounts'. Deliver" in text
    assert "SPAR" not in text  # of the products nothing is known, so nobody says that one is not there
    for personal in ("31.02.1990", "DE89370400440532013000", "'X'", "K2", "K9", "A9", "3000"):
        assert personal not in text
    assert {load.table: load.accepted for load in bank(GOOD).tables} == {
        "customers": 2, "products": 1, "accounts": 2, "account_parties": 2, "transactions": 2,
    }  # fmt: skip


def called(mapping, part, column, theirs):
    """Return a mapping in which a file calls one of our columns otherwise."""
    files = mapping["files"]
    columns = files[part]["columns"] | {column: theirs}
    return {"files": files | {part: files[part] | {"columns": columns}}}


def test_keys_and_references_are_not_repeated_where_the_banks_own_name_says_that_they_may_be_personal(bank):
    mapping = called(MAPPING, "customers", "customer_id", "SSN")
    files = {
        **GOOD,
        "kunden.csv": GOOD["kunden.csv"].replace("KundenNr", "SSN") + 2 * "078-05-1120;;01.02.2015;W\n",
        "inhaber.csv": GOOD["inhaber.csv"] + "A2;099-55-1234;01.02.2015\n",
    }
    refused = refusal(bank, files, mapping)
    assert told(refused) == [("kunden.csv", "SSN", (5,)), ("inhaber.csv", "Kunde", (4,))]
    text = str(refused)
    assert "column 'SSN', row 5: the value stands twice" in text
    assert "column 'Kunde', row 4: the value is not in table 'customers'" in text
    assert not any(number in text for number in ("078-05", "1120", "099-55", "1234"))


def test_a_finding_repeats_a_reference_only_where_its_name_and_its_targets_are_no_persons(bank):
    files = {**GOOD, "umsaetze.csv": GOOD["umsaetze.csv"].replace("U2;A2", "U2;A9")}
    for mapping, file, value, example in (
        (MAPPING, GOOD["konten.csv"], "the value", "row 3"),
        (
            called(MAPPING, "accounts", "account_id", "Konto"),
            GOOD["konten.csv"].replace("KontoNr", "Konto"),
            "'A9'",
            "A9",
        ),
    ):
        report = bank({**files, "konten.csv": file}, mapping, stem=value.strip("'"))
        (found,) = [one for one in report.findings if one.rule == "dangling_reference"]
        assert found.example == example
        assert f"{value} is not in table 'accounts' (1 value in 1 row); first in row 3" in found.message
        assert value == "'A9'" or "A9" not in found.message


def test_a_reference_is_held_to_what_was_loaded_before_and_to_the_rows_of_the_refused_delivery(bank):
    bank(GOOD)
    later = {
        **GOOD,
        "konten.csv": "KontoNr;Produkt;Eroeffnet;Whg\nA3;GIRO;01.02.2024;EUR\nA4;GIRO;never;EUR\n",
        "inhaber.csv": "Konto;Kunde;Von\nA3;K1;01.02.2024\nA4;K2;01.02.2024\nA2;K2;01.02.2024\nA5;K2;01.02.2024\n",
    }
    assert told(refusal(bank, later)) == [("konten.csv", "Eroeffnet", (3,)), ("inhaber.csv", "Konto", (5,))]


@pytest.mark.parametrize("seed", range(6))
def test_keys_and_references_of_a_refused_delivery_are_those_of_a_loop_over_its_rows(bank, seed):
    some = random.Random(seed)
    accounts = [some.choice(["A1", "A2", "A3", "A4", "A5", "A6", ""]) for _ in range(8)]
    parties = [(some.choice(["A1", "A2", "A7", "A8", ""]), some.choice(["K1", "K2", "K8"])) for _ in range(8)]
    days = [some.choice(["01.02.2015", "soon"]) for _ in range(8)]
    files = {
        **GOOD,
        "konten.csv": "KontoNr;Produkt;Eroeffnet;Whg\n" + "".join(f"{key};GIRO;soon;EUR\n" for key in accounts),
        "inhaber.csv": "Konto;Kunde;Von\n"
        + "".join(f"{one};{who};{day}\n" for (one, who), day in zip(parties, days, strict=True)),
        "umsaetze.csv": GOOD["umsaetze.csv"].splitlines()[0] + "\n",
    }
    twice = [line for line, key in enumerate(accounts, 2) if key and key in accounts[: line - 2]]
    nowhere = [line for line, (one, _) in enumerate(parties, 2) if one and one not in accounts]
    unknown = [line for line, (_, who) in enumerate(parties, 2) if who == "K8"]
    rows = [(*pair, day) for pair, day in zip(parties, days, strict=True)]
    again = [n for n, row in enumerate(rows, 2) if row[0] and row[2] != "soon" and row in rows[: n - 2]]
    refused = refusal(bank, files)
    counts = {(one.file, one.what.split(",")[0]): (one.count, one.rows) for one in refused.faults}
    for name, what, lines in (
        ("konten.csv", "stands twice in one load", twice),
        ("inhaber.csv", "is not in table 'accounts'", nowhere),
        ("inhaber.csv", "is not in table 'customers'", unknown),
        ("inhaber.csv", "stands twice in one load", again),
    ):
        expected = (len(lines), tuple(lines[:3])) if lines else None
        assert counts.get((name, what)) == expected


def test_keys_twice_and_references_that_lead_nowhere_are_told_together_where_every_cell_reads(bank):
    refused = refusal(
        bank,
        {
            **GOOD,
            "inhaber.csv": GOOD["inhaber.csv"] + "A9;K1;01.02.2015\n",
            "kunden.csv": GOOD["kunden.csv"] + "K1;;01.02.2015;\n",
        },
    )
    assert told(refused) == [("kunden.csv", "KundenNr", (4,)), ("inhaber.csv", "Konto", (4,))]


def test_all_files_that_are_not_there_are_told_and_the_rows_of_the_others(bank):
    refused = refusal(bank, {"kunden.csv": FAULTY["kunden.csv"]})
    assert [fault.file for fault in refused.faults if fault.column is None] == [
        "products", "accounts", "account_parties", "transactions",
    ]  # fmt: skip
    assert told(refused)[4:] == [("kunden.csv", name, rows) for name, rows in
                                 (("KundenNr", (5,)), ("Geboren", (4,)), ("Sex", (5,)))]  # fmt: skip


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_rows_with_a_value_too_many_are_told_with_all_that_stands_behind_them(bank, at_once, monkeypatch):
    monkeypatch.setattr(csv_files, "ROWS_PER_BATCH", at_once)
    head, first, second = GOOD["umsaetze.csv"].splitlines(keepends=True)
    text = head + "U9;A2\n" + first + "\n" + "U8;A2;x;y\n" + "U7;A2;x;y\n" + second + "U3;A2;soon;-1,00;POS\n" + "U4\n"
    refused = refusal(bank, {**GOOD, "umsaetze.csv": text})
    assert [(one.column, one.rows, one.count, one.what[:28]) for one in refused.faults] == [
        (None, (2,), 1, "the row has 2 values, and th"),
        (None, (5, 6), 2, "the row has 4 values, and th"),
        (None, (9,), 1, "the row has 1 values, and th"),
        ("Tag", (8,), 1, "is not a date or time like '"),
    ]
