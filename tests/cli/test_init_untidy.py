"""`init` on files with a few bad cells: what the file is stays what it is, and the rows that do not read are named."""

import pytest
import yaml

CUSTOMERS = "KundenNr;Vorname;Nachname;Geburtsdatum;Kunde_seit\n" + "".join(
    f"K{n};Anna;Schmidt;{n:02}.03.1980;01.02.20{n:02}\n" for n in range(1, 13)
)
ACCOUNTS = "KontoNr;KundenNr;Eroeffnet\n" + "".join(
    f"{iban};K{n};{n:02}.02.2015\n"
    for n, iban in enumerate(("DE89370400440532013000", "DE02120300000000202051", "DE02500105170137075030"), 1)
)
LEDGER = "UmsatzNr;KontoNr;Buchungstag;Betrag;Waehrung\n" + "".join(
    f"U{n};DE89370400440532013000;{n:02}.01.2024;-{n},50;EUR\n" for n in range(1, 13)
)


def proposed(bank360, folder, **files):
    """Return what `init` says of files, and the settings that it writes."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    ran = bank360("init", folder)
    assert (ran.code, ran.err) == (0, "")
    return ran.out, yaml.safe_load((folder / "bank360.yaml").read_text(encoding="utf-8"))


def test_one_bad_cell_makes_a_file_no_other_and_drops_no_column_and_its_row_is_told(bank360, tmp_path):
    untidy = {
        "kunden": CUSTOMERS.replace("\nK3;", "\n\nK3;").replace("05.03.1980", "31.02.1980"),
        "konten": ACCOUNTS,
        "umsaetze": LEDGER.replace("04.01.2024", "soon").replace("-7,50", "ten"),
    }
    said, settings = proposed(bank360, tmp_path, **untidy)
    (source,) = settings["sources"]
    assert source["mapping"]["files"].keys() >= {"customers", "accounts", "transactions"}
    files = source["mapping"]["files"]
    assert files["customers"]["columns"]["birth_date"] == {"column": "Geburtsdatum", "format": "%d.%m.%Y"}
    assert files["transactions"]["columns"]["event_time"] == {"column": "Buchungstag", "format": "%d.%m.%Y"}
    assert files["transactions"]["columns"]["amount"] == "Betrag"
    refused = "correct them, or the load will be refused"
    assert f"kunden.csv: 'Geburtsdatum' holds dates, but not in row 7: {refused}" in said  # after a blank line
    assert f"umsaetze.csv: 'Buchungstag' holds dates, but not in row 5: {refused}" in said
    assert f"umsaetze.csv: 'Betrag' holds amounts, but not in row 8: {refused}" in said
    assert "31.02.1980" not in said


def test_country_and_zone_are_those_of_the_ibans_and_the_policy_of_another_country_is_named(bank360, tmp_path):
    said, settings = proposed(bank360, tmp_path, kunden=CUSTOMERS, konten=ACCOUNTS, umsaetze=LEDGER)
    bank = settings["bank"]
    assert (bank["zone"], bank["country"], bank["currency"]) == ("Europe/Berlin", "DE", "EUR")
    told = "bank.country is DE by 4 of 4 IBANs looked at, and bank.zone Europe/Berlin"
    assert told in said
    assert any(told in one for one in settings["sources"][0]["to_check"])
    assert (
        "The credit policy uk_personal_loan 1.0 is for GB in GBP, and this bank is in DE with EUR: no request" in said
    )


def test_where_no_file_shows_the_country_that_is_said_and_asked_for(bank360, tmp_path):
    numbered = {
        "konten": "KontoNr;KundenNr;Eroeffnet\nA1;K1;2015-02-01\nA2;K2;2015-02-01\n",
        "umsaetze": "UmsatzNr;KontoNr;Buchungstag;Betrag\nU1;A1;2024-01-03;-1.50\nU2;A1;2024-01-04;2.50\n",
    }
    said, settings = proposed(bank360, tmp_path, **numbered)
    assert settings["bank"]["country"] == "GB"
    asked = "no file says in which country the bank is: set bank.zone and bank.country, which are Europe/London and GB"
    assert asked in said
    assert asked in settings["sources"][0]["to_check"]
    in_euro = numbered | {
        "umsaetze": "UmsatzNr;KontoNr;Buchungstag;Betrag;Waehrung\n"
        "U1;A1;2024-01-03;-1.50;EUR\nU2;A1;2024-01-04;2.50;EUR\n"
    }
    (tmp_path / "bank360.yaml").unlink()
    said, settings = proposed(bank360, tmp_path, **in_euro)
    assert settings["bank"] | {"country": "GB", "currency": "EUR"} == settings["bank"]
    assert "the amounts are in EUR, and no file says in which country the bank is" in said
    assert "is for GB in GBP, and this bank's currency is EUR: no request is decided by it." in said
    assert "this bank is in" not in said


def test_the_newest_row_is_that_of_the_whole_file_not_of_the_first_rows(bank360, tmp_path):
    old = "".join(
        f"U{n};A{n % 9};{n % 28 + 1:02}.01.2001;-1,50;EUR\n" for n in range(12_000)
    )  # beyond what is looked at
    head = LEDGER.splitlines(keepends=True)[0]
    said, _ = proposed(
        bank360, tmp_path, umsaetze=head + old + "U12000;A1;15.05.2019;-1,50;EUR\nU12001;A1;x;-1,50;EUR\n"
    )
    assert "the newest row of any event is of 2019-05-15" in said
    assert "in the first rows" not in said


@pytest.mark.parametrize("rows", [12, 12_000])  # all looked at, and not
def test_one_day_of_the_future_does_not_hide_that_all_others_are_old(bank360, tmp_path, rows):
    old = "".join(f"U{n};A{n % 9};{n % 28 + 1:02}.01.2001;-1,50;EUR\n" for n in range(rows))
    head = LEDGER.splitlines(keepends=True)[0]
    said, _ = proposed(bank360, tmp_path, umsaetze=head + old + "U12000;A1;15.05.2091;-1,50;EUR\n")
    assert f"the newest row of any event is of 2001-01-{min(rows, 28):02}, " in said


def test_a_long_file_whose_amounts_no_sign_settles_is_proposed_for_and_its_newest_row_told(bank360, tmp_path):
    rows = "".join(f"U{n};A{n % 9};{n % 28 + 1:02}.01.2001;1,50;EUR\n" for n in range(12_000))
    said, settings = proposed(bank360, tmp_path, umsaetze=LEDGER.splitlines(keepends=True)[0] + rows)
    assert settings["sources"][0]["mapping"]["files"]["transactions"]["sign"] == "unsettled"
    assert "the newest row of any event is of 2001-01-28" in said
    (tmp_path / "bank360.yaml").unlink()
    torn = LEDGER.splitlines(keepends=True)[0] + rows + 'U99999;"A1;01.01.2002;1,50;EUR\n'
    assert (
        "in the first rows, those looked at, the newest row of any event is of 20"
        in proposed(bank360, tmp_path, umsaetze=torn)[0]
    )
