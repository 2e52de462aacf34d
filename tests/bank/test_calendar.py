"""The bank's days and months, held to Python's own zone arithmetic one value at a time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bank360.bank import calendar

ZONES = st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"])
# Whole seconds, well inside the table's years.
INSTANTS = st.integers(-1_500_000_000, 4_000_000_000).map(lambda seconds: seconds * 1_000_000)
DAYS = st.integers(-20_000, 45_000)


@given(st.lists(INSTANTS, min_size=1, max_size=20), ZONES)
def test_local_days_and_hours_are_those_of_zoneinfo(instants, zone):
    local = [calendar.to_datetime(at).astimezone(ZoneInfo(zone)) for at in instants]
    assert calendar.local_days(instants, zone).tolist() == [calendar.day_number(at.date()) for at in local]
    assert calendar.local_hours(instants, zone).tolist() == [at.hour for at in local]


@given(DAYS, ZONES)
def test_a_day_starts_at_its_first_instant(day, zone):
    start = int(calendar.day_starts([day], zone)[0])
    assert calendar.local_days([start], zone).tolist() == [day]
    assert calendar.local_days([start - 1], zone).tolist() == [day - 1]


@given(INSTANTS, ZONES)
@example(1_711_843_200_000_000, "Europe/London")  # midnight of the day on which clocks go forward
def test_what_is_within_a_day_is_of_that_day_and_what_is_not_is_not_or_has_another_offset(at, zone):
    since, until = calendar.within_day(at, zone)
    assert since <= at < until
    around = np.array([since, at, until - 1, since - 1, until])
    day = calendar.local_days(around, zone)
    offset = calendar.local_micros(around, zone) - around
    assert len({*day[:3].tolist()}) == len({*offset[:3].tolist()}) == 1
    assert all((day[3:] != day[1]) | (offset[3:] != offset[1]))


@given(st.lists(INSTANTS, min_size=1, max_size=20), ZONES)
def test_wall_time_comes_back_to_an_instant_of_the_same_wall_time(instants, zone):
    wall = calendar.local_micros(instants, zone)
    again = calendar.wall_instants(wall, zone)
    assert calendar.local_micros(again, zone).tolist() == wall.tolist()
    assert (again <= np.array(instants)).all(), "a wall time that occurs twice is the earlier one"


def test_a_day_of_23_hours_and_one_of_25():
    # British clocks went forward on 31 March 2024 and back on 27 October 2024.
    for day, hours in ((date(2024, 3, 31), 23), (date(2024, 10, 27), 25), (date(2024, 6, 1), 24)):
        number = calendar.day_number(day)
        start, end = calendar.day_starts([number, number + 1], "Europe/London").tolist()
        assert end - start == hours * 3600 * calendar.MICROS_PER_SECOND


def test_a_naive_datetime_is_no_instant():
    with pytest.raises(ValueError, match="no time zone"):
        calendar.instant(datetime.fromisoformat("2024-01-01"))
    assert calendar.instant(datetime(1970, 1, 2, tzinfo=UTC)) == calendar.MICROS_PER_DAY


@given(DAYS)
def test_months_and_their_first_days(day):
    as_date = calendar.to_date(day)
    month = int(calendar.months([day])[0])
    assert month == (as_date.year - 1970) * 12 + as_date.month - 1
    assert calendar.to_date(int(calendar.month_starts([month])[0])) == as_date.replace(day=1)


@pytest.mark.parametrize(
    ("year", "day"), [(1961, date(1961, 4, 2)), (2000, date(2000, 4, 23)), (2024, date(2024, 3, 31))]
)
def test_easter(year, day):
    assert calendar.easter(year) == day


def test_the_bank_holidays_of_a_year_whose_christmas_fell_on_a_weekend():
    # gov.uk's list for 2021, when both Christmas Day and Boxing Day fell on a weekend.
    assert sorted(calendar.bank_holidays(2021)) == [
        date(2021, 1, 1), date(2021, 4, 2), date(2021, 4, 5), date(2021, 5, 3), date(2021, 5, 31), date(2021, 8, 30),
        date(2021, 12, 27), date(2021, 12, 28),
    ]  # fmt: skip
