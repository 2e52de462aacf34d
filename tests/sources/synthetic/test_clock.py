"""Local wall time of the demonstration bank, in summer and winter, inside the history and long before it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bank360.bank.calendar import day_number, to_datetime
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock

CLOCK = Clock(60)
DAYS = [
    date(1985, 1, 15),  # decades before the history, in winter: 06:00 is 06:00 UTC
    date(1985, 7, 15),  # and in summer: 05:00 UTC
    date(2020, 12, 31),
    date(2023, 3, 25),  # the file about it is processed on the day on which the clocks go forward
    date(2023, 10, 28),  # and on which they go back
    date(2024, 6, 30),
]


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_file_about_a_day_is_known_at_six_in_the_morning_of_the_next(day):
    known = to_datetime(int(CLOCK.known(np.array([day_number(day)]))[0]))
    local = known.astimezone(ZoneInfo(p.ZONE))
    assert (local.hour, local.minute, local.second) == (6, 0, 0)
    assert (local.date() - day).days == 1
    assert known == datetime(local.year, local.month, local.day, 6, tzinfo=ZoneInfo(p.ZONE)).astimezone(UTC)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_a_day_starts_at_midnight_in_london(day):
    started = to_datetime(int(CLOCK.started(np.array([day_number(day)]))[0]))
    assert started == datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(p.ZONE)).astimezone(UTC)


def test_the_stress_period_of_nine_months_straddles_the_start_of_the_test_year():
    first, end = CLOCK.stress
    test_year = CLOCK.count - 24  # months 37-48 of 60, counted from 0
    assert end - first == 9
    assert (test_year - first, end - test_year) == (5, 4)
