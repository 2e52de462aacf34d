"""Dates that are as days of birth are: proposed as no row's date, whatever their column is called, and told."""

import pytest

from bank360.sources.file_look import Head
from bank360.sources.mapping_template import proposal

BIRTHS = ["12.03.1951", "01.05.1963", "30.09.1974", "17.11.1982", "08.02.1990", "25.12.1999", "03.07.2003"]
POLISH = [
    ("Imię", ["Anna", "Jan", "Ewa", "Piotr", "Zofia", "Adam", "Maria"]),
    ("Nazwisko", ["Kowalska", "Nowak", "Zając", "Wójcik", "Król", "Lis", "Duda"]),
    ("Płeć", list("KMKMKMK")),
    ("Stan cywilny", ["panna", "kawaler", "wdowa", "żonaty", "zamężna", "kawaler", "panna"]),
    ("Data urodzenia", BIRTHS),
    ("PESEL", [f"5103120{n}234" for n in range(7)]),
    ("Dochód", ["4200", "5100", "3900", "7000", "6100", "2800", "3300"]),
    ("Niespłacony", ["0", "1", "0", "0", "1", "0", "0"]),
]


def proposed(columns):
    names, cells = zip(*columns, strict=True)
    text = "\n".join(";".join(row) for row in (names, *zip(*cells, strict=True))) + "\n"
    (source,) = proposal("b", [Head("osoby.csv", text=text.encode())]).sources
    return source.mapping["flat"], " ".join(source.to_check)


def test_a_polish_file_scores_neither_sex_nor_name_nor_number_and_is_not_dated_by_births():
    flat, told = proposed(POLISH)
    assert "date" not in flat
    assert flat["protected"] == ["Płeć", "Stan cywilny"]
    assert flat["exclude"] == ["Imię", "Nazwisko", "PESEL"]
    assert flat["label"]["column"] == "Niespłacony"
    assert "'Data urodzenia' holds days of birth" in told


@pytest.mark.parametrize("beside", [[], [("when", [f"0{n}.06.2024" for n in range(1, 8)])]])
def test_births_of_any_name_are_a_doubt_and_no_rows_date(beside):
    flat, told = proposed([("kz", BIRTHS), *POLISH[6:], *beside])
    assert (flat.get("date") or {}).get("column") == ("when" if beside else None)
    assert "the dates of 'kz' are decades apart, as days of birth are" in told
    assert "date: {column: 'kz', format: \"%d.%m.%Y\"} if they date the rows" in told


@pytest.mark.parametrize(
    "days",
    [
        ["01.01.1993", "15.06.1994", "02.02.1995", "03.03.1996", "04.04.1997", "05.05.1998", "06.06.1998"],  # years ago
        ["01.01.2010", "15.06.2012", "02.02.2014", "03.03.2016", "04.04.2019", "05.05.2022", "06.06.2024"],  # ten years
        ["01.01.1990", "15.06.2020", "02.02.2021", "03.03.2022", "04.04.2023", "05.05.2023", "06.06.2024"],  # one early
    ],
)
def test_dates_of_rows_are_proposed_still(days):
    later = [("closed", [f"0{n}.06.2024" for n in range(1, 8)])]
    flat, told = proposed([("kz", days), *POLISH[6:], *(later if "1990" in days[0] else [])])
    assert flat["date"] == {"column": "kz", "format": "%d.%m.%Y"}
    assert "decades apart" not in told
