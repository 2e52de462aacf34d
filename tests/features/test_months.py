"""Windows of whole calendar months: where they begin and end, by hand, in a zone with an offset."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bank360.bank.calendar import day_number, instant
from bank360.features.feature import MONTH, Months
from bank360.features.spine import window_edges

LONDON = "Europe/London"


def edges(when, window, timed):
    at = np.array([instant(datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(LONDON)))])
    _, low, high = window_edges(at, (window,), LONDON, timed)
    return int(low[0, 0]), int(high[0, 0])


@pytest.mark.parametrize(
    ("when", "months", "first", "after"),
    [
        ("2024-07-01 00:00", 1, date(2024, 6, 1), date(2024, 7, 1)),  # June has just ended
        ("2024-07-31 23:59", 1, date(2024, 6, 1), date(2024, 7, 1)),  # of July nothing counts before it has ended
        ("2024-03-15 12:00", 1, date(2024, 2, 1), date(2024, 3, 1)),  # of 29 days
        ("2024-01-01 00:00", 1, date(2023, 12, 1), date(2024, 1, 1)),
        ("2024-02-10 08:00", 3, date(2023, 11, 1), date(2024, 2, 1)),
        ("2024-02-10 08:00", 12, date(2023, 2, 1), date(2024, 2, 1)),
    ],
)
def test_a_window_of_months_is_whole_months_before_the_month_described(when, months, first, after):
    assert edges(when, Months(months), timed=False) == (day_number(first), day_number(after))


def test_a_month_begins_and_ends_at_the_banks_own_midnight():
    june, july = (instant(datetime(2024, month, 1, tzinfo=ZoneInfo(LONDON))) for month in (6, 7))
    assert edges("2024-07-09 10:00", MONTH, timed=True) == (june, july)
    assert june == instant(datetime(2024, 5, 31, 23, tzinfo=UTC))  # summer time
    # March 2024 began in winter time and ended in summer time: an hour shorter than 31 days.
    low, high = edges("2024-04-02 10:00", MONTH, timed=True)
    assert (high - low) // 3_600_000_000 == 31 * 24 - 1


def test_a_window_of_no_months_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        Months(0)
