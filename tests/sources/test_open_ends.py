"""Until further notice: 31.12.9999 is a date that the loader takes, and no day of the data."""

from datetime import date

import pytest

from bank360.sources.days_seen import days_seen
from bank360.sources.file_look import Head, Look, date_patterns
from bank360.sources.mapping_template import proposal

N = 30


def source(name, header, rows):
    text = "\n".join([header, *(";".join(map(str, row)) for row in rows)]) + "\n"
    return proposal("b", [Head(name, text=text.encode())]).sources[0]


def day(k, year=2018):
    return f"{k % 28 + 1:02}.03.{year}"


def ends(every):
    """Return the days on which accounts end; of each ``every`` accounts one has ended."""
    return [day(k, 2023) if k % every == 0 else "31.12.9999" for k in range(N)]


def test_no_other_day_after_2099_is_a_date():
    assert date_patterns(["31.12.9999"]) == ("%d.%m.%Y",)
    assert date_patterns(["9999-12-31T00:00:00Z"]) == ("%Y-%m-%dT%H:%M:%S%z",)
    assert date_patterns(["30.12.9999"]) == date_patterns(["31.12.2100"]) == ()


@pytest.mark.parametrize("every", [1, 2, 8, 100])
def test_the_day_an_account_was_closed_is_known_however_many_are_open(every):
    rows = [(f"A{k}", f"K{k}", "GIRO", day(k), end) for k, end in enumerate(ends(every))]
    found = source("konten.csv", "kontonr;kundennr;produkt;eroeffnet;geschlossen", rows)
    assert found.mapping["files"]["accounts"]["columns"]["closed_on"]["column"] == "geschlossen"
    assert "holds dates, but not in" not in " ".join(found.to_check)


def test_the_day_a_role_ends_is_known_and_none_begins_then():
    rows = [(f"K{k}", f"A{k}", "Inhaber", end) for k, end in enumerate(ends(2))]
    columns = source("inhaber.csv", "KundenNr;Kontonr;Rolle;gueltig_bis", rows).mapping["files"]["account_parties"][
        "columns"
    ]
    assert columns["valid_to"]["column"] == "gueltig_bis"
    both = [(f"K{k}", f"A{k}", "Inhaber", "31.12.9999", day(k)) for k in range(N)]
    columns = source("inhaber.csv", "KundenNr;Kontonr;Rolle;Stand;Datum", both).mapping["files"]["account_parties"][
        "columns"
    ]
    assert columns["valid_from"]["column"] == "Datum"


def test_no_account_is_opened_and_no_row_dated_by_the_end_of_time():
    rows = [(f"A{k}", f"K{k}", end, day(k)) for k, end in enumerate(ends(2))]
    accounts = source("konten.csv", "kontonr;kundennr;laufzeit;tag", rows).mapping["files"]["accounts"]
    assert accounts["columns"]["opened_on"]["column"] == "tag"
    applied = [(f"A{k}", end, 1000 + 7 * k, k % 2) for k, end in enumerate(ends(2))]
    found = source("flat.csv", "antragsnr;gueltig_bis;einkommen;ausfall", applied)
    assert "date" not in found.mapping["flat"]
    assert "'gueltig_bis' holds dates and is not used: a model reads no dates" in " ".join(found.to_check)


def test_the_end_of_time_is_no_end_of_a_month_of_credit():
    rows = [(f"A{k}", "31.12.9999", k % 40, 1) for k in range(N)]
    found = proposal("b", [Head("r.csv", text=b"Kontonr;gueltig_bis;TageVerzug;x\n" + _text(rows))])
    assert found.sources[0].kind == "flat"


def test_the_newest_day_of_the_data_is_never_the_end_of_time():
    rows = tuple((cell,) for cell in ("31.01.2019", "31.12.9999", "01.02.2018"))
    look = Look("a.csv", "csv", ",", "utf-8", 1, ".", ("TAG",), rows)
    seen = days_seen([look], "TAG")
    assert seen is not None
    assert (seen.first, seen.last) == (date(2018, 2, 1), date(2019, 1, 31))


def _text(rows):
    return "".join(";".join(map(str, row)) + "\n" for row in rows).encode()
