"""The files of a German bank, semicolons, decimal commas and days as 31.01.2024, from `init` to a load.

Each test brings one thing that such files have, and reads what `init` proposes and what the load then says.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.ibans import iban

N = 40  # customers
MONTH_ENDS = ("31.01.2024", "29.02.2024", "31.03.2024")


def text(header, rows):
    return "\n".join([header, *(";".join(map(str, row)) for row in rows)]) + "\n"


CUSTOMERS = [
    (f"K{k:03}", "Anna", "Schmidt", f"{1 + k % 28:02}.03.1970", "MW"[k % 2], f"{1 + k % 28:02}.05.2015")
    for k in range(N)
]
ACCOUNTS = [(iban(k), ("GIRO", "SPAR", "KRED")[k % 3], f"{1 + k % 28:02}.03.2018", "EUR") for k in range(N)]
HOLDERS = [(f"K{k:03}", iban(k), "Inhaber", f"{1 + k % 28:02}.03.2018") for k in range(N)]
HOLDERS += [("K001", iban(0), "Mitinhaber", "01.06.2019"), ("K002", iban(1), "Bevollmächtigter", "01.06.2019")]
PRODUCTS = [
    ("GIRO", "Giro Klassik", "Girokonto"), ("SPAR", "Sparbuch", "Spareinlage"), ("KRED", "Kredit", "Ratenkredit"),
]  # fmt: skip
BOOKINGS = [
    (f"U{n}", iban(n % N), f"{1 + n % 28:02}.04.2024", f"{n + 1},50", "SH"[n % 3 == 0], "EUR") for n in range(200)
]
# Only what such a list has: nothing of what is owed, due or paid.
ARREARS = [(iban(k), day, 35 * (k == 2), "250,00" if k == 2 else "0,00") for k in (2, 5, 8) for day in MONTH_ENDS]
FILES: dict[str, tuple[str, list[Any]]] = {
    "kunden.csv": ("KundenNr;Vorname;Nachname;Geburtsdatum;Geschlecht;Kunde_seit", CUSTOMERS),
    "konten.csv": ("IBAN;Produkt;Eroeffnet;Waehrung", ACCOUNTS),
    "inhaber.csv": ("KundenNr;IBAN;Rolle;Ab", HOLDERS),
    "produkte.csv": ("Produkt;Bezeichnung;Art", PRODUCTS),
    "umsaetze.csv": ("BuchungsNr;IBAN;Buchungstag;Betrag;SollHaben;Waehrung", BOOKINGS),
    "rueckstaende.csv": ("IBAN;Monat;TageVerzug;Rueckstand", ARREARS),
}


@pytest.fixture
def proposed(bank360, tmp_path):
    """Write files in the place of the bank's own, and return what `init` says and the settings that it writes."""

    def made(only=tuple(FILES), **changed):
        for name in only:
            header, rows = changed.get(Path(name).stem, FILES[name])
            (tmp_path / name).write_text(text(header, rows), encoding="utf-8")
        ran = bank360("init", tmp_path, "--force")
        assert (ran.code, ran.err) == (0, "")
        return ran.out, yaml.safe_load((tmp_path / "bank360.yaml").read_text(encoding="utf-8"))

    return made


def test_the_files_are_one_source_that_loads(proposed, bank360, tmp_path):
    said, settings = proposed()
    (core,) = settings["sources"]
    files = core["mapping"]["files"]
    assert {*files} == {
        "customers", "customer_personal", "accounts", "account_parties", "products", "transactions",
    }  # fmt: skip
    assert files["account_parties"]["columns"] == {
        "account_id": "IBAN",
        "customer_id": "KundenNr",
        "role": {
            "column": "Rolle",
            "codes": {"Bevollmächtigter": "authorised", "Inhaber": "owner", "Mitinhaber": "joint_holder"},
        },
        "valid_from": {"column": "Ab", "format": "%d.%m.%Y"},
        "liability_share": {"constant": 1.0},
    }
    codes = {"Girokonto": "current_account", "Ratenkredit": "personal_loan", "Spareinlage": "savings"}
    products = files["products"]["columns"]
    assert (products["product_id"], products["name"]) == ("Produkt", "Bezeichnung")
    assert products["line"] == {"column": "Art", "codes": codes}
    assert {*products} == {"product_id", "valid_from", "family", "line", "name"}  # nothing of fees or collateral
    assert "another file must fill account_parties" not in said
    ran = bank360("ingest", "--home", tmp_path)
    assert ran.code == 0, ran.err
    assert "products                       3 rows accepted" in ran.out
    assert "account_parties               42 rows accepted" in ran.out
    assert bank360("build", "--home", tmp_path).code == 0
    checked = bank360("check", "--home", tmp_path).out
    assert "Map a file of products" not in checked


def test_one_doubled_key_makes_no_other_file_and_the_load_tells_it_once(proposed, bank360, tmp_path):
    twice = (FILES["kunden.csv"][0], [*CUSTOMERS, CUSTOMERS[7]])
    said, settings = proposed(kunden=twice)
    (core,) = settings["sources"]
    assert "customers" in core["mapping"]["files"]
    told = "kunden.csv: 'KundenNr' is the key, and in row 42 it is empty or repeats an earlier row's: correct that"
    assert told in said
    assert "K007" not in said
    ran = bank360("ingest", "--home", tmp_path)
    assert ran.code == 2
    assert ran.err.count("stands twice in one load") == 1  # though the file fills two tables
    assert (
        "row 42: the value stands twice in one load, as the key of table 'customers'. Remove one of the two" in ran.err
    )


@pytest.mark.parametrize(("name", "row"), [("konten", ACCOUNTS[3]), ("umsaetze", BOOKINGS[5])])
def test_a_doubled_account_or_booking_makes_no_other_file_either(proposed, name, row):
    header, rows = FILES[f"{name}.csv"]
    said, settings = proposed(**{name: (header, [*rows, row])})
    assert [source["name"] for source in settings["sources"]] == ["core"]
    files = settings["sources"][0]["mapping"]["files"]
    assert {files["accounts"]["pattern"], files["transactions"]["pattern"]} == {"konten.csv", "umsaetze.csv"}
    assert f"{name}.csv: '{header.split(';')[0]}' is the key, and in row {len(rows) + 2} it is empty or repeats" in said


def test_many_doubled_accounts_are_told_by_how_many_and_by_what_they_may_mean(proposed, bank360, tmp_path):
    proposed()
    held = [*ACCOUNTS, *ACCOUNTS[:30]]
    (tmp_path / "konten.csv").write_text(text(FILES["konten.csv"][0], held), encoding="utf-8")
    said = bank360("ingest", "--home", tmp_path).err
    assert (
        "column 'IBAN', rows 42, 43, 44 and 27 more: the value is one of 30 keys of table 'accounts' that stand in "
        "several rows of one load: 30 of 70 rows repeat one." in said
    )
    assert (
        "If it has a row for each holder of an account, map it to 'account_parties' (account_id, customer_id, role,"
        " valid_from, liability_share), and map" in said
    )
    assert "Remove one" not in said
    told, settings = proposed(konten=(FILES["konten.csv"][0], held))
    assert "'IBAN' names 40 accounts in 70 rows, and a file of accounts has one row for each" in told
    assert "accounts" not in settings["sources"][0]["mapping"]["files"]


def test_a_row_for_another_holder_is_no_slip(proposed, bank360, tmp_path):
    held = [(account, f"K{k:03}", *rest) for k, (account, *rest) in enumerate(ACCOUNTS)]
    joint = [(account, f"K{k:03}", *rest) for k, (account, *rest) in enumerate(ACCOUNTS[:3], 20)]
    konten = ("IBAN;KundenNr;Produkt;Eroeffnet;Waehrung", [*held, *joint])
    without_holders = tuple(name for name in FILES if name != "inhaber.csv")
    said, _ = proposed(without_holders, konten=konten)
    assert "konten.csv: 'IBAN' names 40 accounts in 43 rows, and a file of accounts has one row for each" in said
    refusal = bank360("ingest", "--home", tmp_path).err
    assert "rows 42, 43, 44: the value stands twice in one load, as the key of table 'accounts'. A row of" in refusal
    assert "If it has a row for each holder of an account, map it to 'account_parties'" in refusal
    assert "Remove one" not in refusal
    proposed(without_holders, konten=(konten[0], [*held, held[3]]))
    assert "row 42: the value stands twice in one load, as the key of table 'accounts'. Remove one of" in (
        bank360("ingest", "--home", tmp_path).err
    )


def test_months_of_arrears_wait_for_the_columns_that_the_file_lacks_and_nothing_is_made_up(
    proposed, bank360, refused, tmp_path
):
    said, settings = proposed()
    (core,) = settings["sources"]
    needs = (
        "Table 'credit_months' needs account_id, month_end, balance, amount_due, paid, arrears, days_past_due, status"
    )
    assert needs in said
    lacks = "of these no column was found for balance (amount owed, not negative), amount_due (due in the month), paid"
    assert any(one.startswith("rueckstaende.csv: it is not read yet") and lacks in one for one in core["to_check"])
    assert not any("arrears (due and not paid" in one for one in core["to_check"])  # that one it has
    assert "rueckstaende.csv: it is not read yet" in bank360("ingest", "--home", tmp_path).err

    assert (
        "        #     status: …   # where the account stands: performing, arrears, default, charged_off, closed"
        in (tmp_path / "bank360.yaml").read_text(encoding="utf-8")
    )

    # Its entry, without the comment marks, is one of the mapping, and still nothing is assumed of it.
    path = tmp_path / "bank360.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line == "        # credit_months:")
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("        #"))
    entry = [line.replace("# ", "", 1) for line in lines[start:end] if "…" not in line]
    path.write_text("\n".join([*lines[:start], *entry, *lines[end:]]), encoding="utf-8")
    read = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"][0]["mapping"]["files"]["credit_months"]
    assert read["columns"] == {
        "account_id": "IBAN",
        "month_end": {"column": "Monat", "format": "%d.%m.%Y"},
        "days_past_due": "TageVerzug",
        "arrears": "Rueckstand",
    }
    needed = refused("ingest", "--home", tmp_path)
    assert "table 'credit_months' needs balance, amount_due, paid, status, forbearance, written_off. Map each" in needed
    assert "give one only where it is so" in needed


def test_whole_months_of_credit_are_mapped_and_load(proposed, bank360, tmp_path):
    whole = [(*row, "5000,00", "120,00", "0,00", ("laufend", "Verzug")[row[2] > 0], "N", "0,00") for row in ARREARS]
    header = f"{FILES['rueckstaende.csv'][0]};Restschuld;Monatsrate;Gezahlt;Status;Stundung;Abschreibung"
    said, settings = proposed(rueckstaende=(header, whole))
    columns = settings["sources"][0]["mapping"]["files"]["credit_months"]["columns"]
    assert columns["status"]["codes"] == {"Verzug": "arrears", "laufend": "performing"}
    assert columns["forbearance"]["codes"] == {"N": False}
    assert (columns["balance"], columns["amount_due"], columns["paid"]) == ("Restschuld", "Monatsrate", "Gezahlt")
    assert "it is not read yet" not in said
    assert "arrears from 'Rueckstand', balance from 'Restschuld', amount_due from 'Monatsrate', paid from" in said
    ran = bank360("ingest", "--home", tmp_path)
    assert "credit_months                  9 rows accepted" in ran.out


@pytest.mark.parametrize(
    ("header", "change", "told"),
    [
        (
            "IBAN;Monat;TageVerzug;Rueckstand",
            lambda row: (row[0], row[1][3:], *row[2:]),
            "holds no last days of months",
        ),
        (
            "KundenNr;Monat;TageVerzug;Rueckstand",
            lambda row: (f"K{row[0][-3:]}", *row[1:]),
            "its rows are of customers",
        ),
    ],
)
def test_months_that_fit_no_account_or_no_month_end_say_so(proposed, header, change, told):
    said, settings = proposed(rueckstaende=(header, [change(row) for row in ARREARS]))
    assert [source["name"] for source in settings["sources"]] == ["core"]
    assert told in said


def test_a_file_that_waits_alone_is_named_with_what_it_lacks(proposed):
    said, settings = proposed(only=("rueckstaende.csv",))
    assert settings["sources"] == []
    assert "rueckstaende.csv: no mapping is proposed: it is not read yet. Table 'credit_months' needs" in said


def test_products_without_a_known_kind_wait_and_a_kind_that_is_none_of_ours_is_named(proposed):
    named = [(row[0], f"Product {n}") for n, row in enumerate(PRODUCTS)]
    said, settings = proposed(produkte=("Produkt;Bezeichnung", named))
    assert "products" not in settings["sources"][0]["mapping"]["files"]
    assert "of these no column was found for family (top of the product tree), line (product line)." in said
    leasing = [*PRODUCTS, ("LEAS", "Auto", "Leasing")]
    said, settings = proposed(produkte=(FILES["produkte.csv"][0], leasing))
    assert "'Leasing' of 'Art' is none of our lines: say under the codes of line and family" in said
    assert "Leasing" not in settings["sources"][0]["mapping"]["files"]["products"]["columns"]["line"]["codes"]


def test_holders_of_a_file_of_accounts_give_way_to_a_file_of_holders(proposed, bank360, tmp_path):
    with_holder = (
        "IBAN;KundenNr;Produkt;Eroeffnet;Waehrung",
        [(a, f"K{k:03}", *rest) for k, (a, *rest) in enumerate(ACCOUNTS)],
    )
    said, settings = proposed(konten=with_holder)
    files = settings["sources"][0]["mapping"]["files"]
    assert {
        name: entry["pattern"] for name, entry in files.items() if entry.get("table", name) == "account_parties"
    } == {"account_parties": "inhaber.csv"}
    assert "who holds an account is read from the file of holders" in said
    assert bank360("ingest", "--home", tmp_path).code == 0


def test_a_role_that_nobody_knows_is_named(proposed):
    said, settings = proposed(
        inhaber=(FILES["inhaber.csv"][0], [*HOLDERS, ("K003", iban(2), "Nießbraucher", "01.06.2019")])
    )
    assert "'Nießbraucher' of 'Rolle' is not known: say under its codes which of owner, joint_holder" in said
    assert (
        "Nießbraucher" not in settings["sources"][0]["mapping"]["files"]["account_parties"]["columns"]["role"]["codes"]
    )
