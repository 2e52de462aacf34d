"""UK bank holidays as they were kept: the standing rules, with the days of single years since 1995.

They are those of England and Wales, on which UK payments do not clear; Scotland and Northern Ireland keep others of
their own besides. Neighbour: `calendar.standing_holidays`, the rules that a forecast of a future year can rest on: what
a proclamation adds or moves is known only once it is made, and so is none of them.
"""

from datetime import date
from functools import lru_cache

from bank360.bank.calendar import standing_holidays

# Proclaimed for one year: the holiday that was moved from its standing day, and to when.
MOVED: dict[date, date] = {
    date(1995, 5, 1): date(1995, 5, 8),  # 50 years of VE Day
    date(2002, 5, 27): date(2002, 6, 4),
    date(2012, 5, 28): date(2012, 6, 4),
    date(2020, 5, 4): date(2020, 5, 8),  # 75 years of VE Day
    date(2022, 5, 30): date(2022, 6, 2),
}
# Proclaimed for one year, besides the others.
ADDED: dict[date, str] = {
    date(1999, 12, 31): "Millennium",
    date(2002, 6, 3): "Golden Jubilee",
    date(2011, 4, 29): "Royal wedding",
    date(2012, 6, 5): "Diamond Jubilee",
    date(2022, 6, 3): "Platinum Jubilee",
    date(2022, 9, 19): "State Funeral of Queen Elizabeth II",
    date(2023, 5, 8): "Coronation of King Charles III",
}


# Whose holidays are known; they are those of the country's payments.
HOLIDAY_COUNTRIES = ("GB",)


def is_holiday(day: date, country: str) -> bool:
    """Return whether banks of a country rest on a day that is no weekend; of a country that is not known, never.

    Parameters
    ----------
    country
        Two letters, as ``bank.country``; known are `HOLIDAY_COUNTRIES`.

    >>> is_holiday(date(2022, 9, 19), "GB"), is_holiday(date(2022, 9, 19), "FR")
    (True, False)
    """
    return country in HOLIDAY_COUNTRIES and day in _days(day.year)


@lru_cache(maxsize=256)
def _days(year: int) -> frozenset[date]:
    return frozenset(uk_bank_holidays(year))


def uk_bank_holidays(year: int) -> dict[date, str]:
    """Return the name of each bank holiday of a year in England and Wales, by day, ascending.

    Years before 1978 have the days of the rules that stand since; of single years only those since 1995 are known here.

    Source: the Banking and Financial Dealings Act 1971 and its proclamations, as listed at gov.uk/bank-holidays.

    >>> [day.isoformat() for day in uk_bank_holidays(2022)][4:8]
    ['2022-06-02', '2022-06-03', '2022-08-29', '2022-09-19']
    """
    days = {MOVED.get(day, day): name for day, name in standing_holidays(year).items()}
    days |= {day: name for day, name in ADDED.items() if day.year == year}
    return dict(sorted(days.items()))
