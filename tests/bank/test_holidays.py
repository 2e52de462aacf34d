"""UK bank holidays against gov.uk's lists and the proclamations, copied by hand."""

from datetime import date

import pytest

from bank360.bank.calendar import bank_holidays, standing_holidays
from bank360.bank.holidays import ADDED, MOVED, uk_bank_holidays


def days(year, text):
    return [date(year, int(part.split("-")[0]), int(part.split("-")[1])) for part in text.split()]


@pytest.mark.parametrize(
    ("year", "kept"),
    [
        (1995, "01-02 04-14 04-17 05-08 05-29 08-28 12-25 12-26"),  # 1 January a Sunday; VE Day for 1 May
        (1999, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28 12-31"),  # both days of Christmas on a weekend
        (2002, "01-01 03-29 04-01 05-06 06-03 06-04 08-26 12-25 12-26"),
        (2010, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        (2011, "01-03 04-22 04-25 04-29 05-02 05-30 08-29 12-26 12-27"),  # 1 January a Saturday
        (2012, "01-02 04-06 04-09 05-07 06-04 06-05 08-27 12-25 12-26"),
        (2019, "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26"),
        (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),  # 26 December a Saturday
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
        (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
    ],
)
def test_the_bank_holidays_of_a_year_are_those_that_were_kept(year, kept):
    assert list(uk_bank_holidays(year)) == days(year, kept)


def test_a_christmas_day_on_sunday_moves_past_boxing_day():
    named = uk_bank_holidays(2022)
    assert named[date(2022, 12, 26)] == "Boxing Day"
    assert named[date(2022, 12, 27)] == "Christmas Day (substitute day)"
    assert uk_bank_holidays(2021)[date(2021, 12, 28)] == "Boxing Day (substitute day)"


def test_a_moved_day_keeps_its_name_and_an_added_one_has_its_own():
    assert uk_bank_holidays(2020)[date(2020, 5, 8)] == "Early May bank holiday"
    assert uk_bank_holidays(2012)[date(2012, 6, 4)] == "Spring bank holiday"
    assert uk_bank_holidays(2023)[date(2023, 5, 8)] == "Coronation of King Charles III"


def test_what_was_moved_stood_by_rule_and_stays_in_its_year():
    for before, after in MOVED.items():
        assert before in standing_holidays(before.year)
        assert (after.year, after in standing_holidays(after.year)) == (before.year, False)
    assert not [day for day in ADDED if day in standing_holidays(day.year)]


@pytest.mark.parametrize("year", range(1978, 2101))
def test_every_year_has_eight_standing_holidays_none_on_a_weekend(year):
    assert len(bank_holidays(year)) == 8
    assert not [day for day in bank_holidays(year) if day.weekday() >= 5]
