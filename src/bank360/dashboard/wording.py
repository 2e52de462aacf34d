"""How values are written on a page: money with its sign, shares in percent, instants in the zone, codes as words.

Every number leaves here with its unit. Pure; what is not known is said to be not known and never shown as 0.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bank360.bank.calendar import MICROS_PER_DAY, MICROS_PER_SECOND, to_datetime
from bank360.bank.counted import counted, measured
from bank360.bank.money import exponent, in_major
from bank360.bank.vocabulary import RiskTier
from bank360.bank.words import words_of
from bank360.storage.known import not_delivered

UNKNOWN = "not known"
MONEY = "minor units"  # how units of money begin in features and tables
_NEEDED = re.compile(r"(\w+)\.(\w+)(?::( .+?))?(?= or |$)")  # table, column and codes of a need in words
_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}
_SHORT = ((10**9, "bn"), (10**6, "m"), (10**3, "k"))
_CODE = re.compile(r"[a-z]+(_[a-z0-9]+)+")
_JUST_NOW = "just now"
_HOUR, _MINUTE = 3600 * MICROS_PER_SECOND, 60 * MICROS_PER_SECOND


def plain(code: str | None) -> str:
    """Return a code as words.

    >>> plain("personal_loan"), plain("application_pd"), plain(None)
    ('Personal loan', 'Probability of default', 'not known')
    """
    if code is None:
        return UNKNOWN
    words = words_of(code)
    return words[:1].upper() + words[1:]


def tier_in_words(tier: str) -> str:
    """Return a tier as it stands alone: a band of probabilities, or the state of being in default.

    >>> tier_in_words("high"), tier_in_words("in_default")
    ('High risk tier', 'In default')
    """
    return plain(tier) if tier == RiskTier.IN_DEFAULT else f"{plain(tier)} risk tier"


def sign(currency: str) -> str:
    """Return what stands before an amount: a currency's sign, or its code and a space.

    >>> sign("GBP"), sign("CZK")
    ('£', 'CZK ')
    """
    return _SIGNS.get(currency, f"{currency} ")


def money(minor: float | None, currency: str) -> str:
    """Return an amount in minor units as people read it.

    >>> money(-123456, "GBP"), money(500_000, "CZK"), money(None, "GBP")
    ('-£1,234.56', 'CZK 5,000.00', 'not known')
    """
    if minor is None:
        return UNKNOWN
    return f"{'-' if round(minor) < 0 else ''}{sign(currency)}{in_major(abs(minor), currency)}"


def money_short(minor: float | None, currency: str) -> str:
    """Return an amount to three figures, for cards and axes.

    >>> money_short(123_456_700, "GBP"), money_short(99_960, "GBP"), money_short(-250_000_00, "GBP")
    ('£1.23 m', '£1.00 k', '-£250 k')
    """
    if minor is None:
        return UNKNOWN
    major = abs(minor) / 10 ** exponent(currency)
    size, word = next(((size, word) for size, word in _SHORT if float(f"{major:.3g}") >= size), (1, ""))
    scaled = float(f"{major:.3g}") / size
    digits = 0 if scaled >= 100 else 1 if scaled >= 10 else 2
    return f"{'-' if minor < 0 else ''}{sign(currency)}{scaled:.{digits}f}{' ' if word else ''}{word}"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share in percent.

    >>> percent(0.0834), percent(None)
    ('8.3 %', 'not known')
    """
    return UNKNOWN if share is None else f"{share * 100:.{digits}f} %"


def undelivered(lacking: Iterable[str]) -> str:
    """Return what was never delivered, tables, columns and codes as words.

    >>> undelivered(["rows in 'credit_months'", "accounts.closed_on or account_parties.valid_to"])
    "the bank delivered no rows in 'credit months' and no 'closed on' in 'accounts' or 'valid to' in 'account parties'"
    >>> undelivered(["transactions.scheme: direct_debit"])
    "the bank delivered no 'scheme' direct debit in 'transactions'"
    """
    return not_delivered(_NEEDED.sub(r"'\2'\3 in '\1'", words) for words in lacking).replace("_", " ")


def rules_with_data(blind: int, rules: int) -> str:
    """Return how many of the alert rules had data to look at.

    >>> rules_with_data(1, 5)
    '4 of 5 alert rules had data'
    """
    return f"{rules - blind} of {counted(rules, 'alert rule')} had data"


def change(share: float) -> str:
    """Return a growth in percent, with its sign.

    >>> change(0.019), change(-0.2)
    ('+1.9 %', '-20.0 %')
    """
    return f"{share * 100:+.1f} %"


def points(share: float) -> str:
    """Return the difference of two shares, in percentage points with its sign.

    >>> points(0.0089), points(-0.01)
    ('+0.89 points', '-1.00 points')
    """
    return f"{share * 100:+.2f} points"


def count(number: int | None) -> str:
    """Return a number of things.

    >>> count(12345)
    '12,345'
    """
    return UNKNOWN if number is None else f"{number:,}"


def moment(at: int | datetime | None, zone: str) -> str:
    """Return an instant (microseconds UTC, or aware) in the bank's zone, to the minute.

    >>> moment(1_782_902_820_000_000, "Europe/London")
    '1 Jul 2026, 11:47'
    """
    if at is None:
        return UNKNOWN
    local = (to_datetime(at) if isinstance(at, int) else at).astimezone(ZoneInfo(zone))
    return f"{day(local.date())}, {local:%H:%M}"


def day(at: date | None) -> str:
    """Return a local day.

    >>> day(date(2026, 7, 1))
    '1 Jul 2026'
    """
    return UNKNOWN if at is None else f"{at.day} {at:%b %Y}"


def age(since: int, now: int) -> str:
    """Return how long ago an instant was, in its largest whole unit.

    >>> age(0, 3 * MICROS_PER_DAY), age(0, 90 * _MINUTE), age(5, 0)
    ('3 days', '1 hour', 'just now')
    """
    gone = now - since
    for size, word in ((MICROS_PER_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if gone >= size:
            return counted(gone // size, word)
    return _JUST_NOW


def ago(since: int, now: int) -> str:
    """Return when an instant was, seen from now.

    >>> ago(0, 3 * MICROS_PER_DAY), ago(5, 0)
    ('3 days ago', 'just now')
    """
    gone = age(since, now)
    return gone if gone == _JUST_NOW else f"{gone} ago"


def quantity(value: object, unit: str | None, currency: str, zone: str) -> str:
    """Return any value with its unit; money in minor units becomes money, a probability percent, an instant local.

    >>> quantity(123456, "minor units a month", "GBP", "UTC"), quantity(0.25, "share", "GBP", "UTC")
    ('£1,234.56 a month', '25.0 %')
    >>> quantity(1, "months", "GBP", "UTC")
    '1 month'
    >>> quantity(12.0, "days", "GBP", "UTC"), quantity(True, None, "GBP", "UTC"), quantity(None, "days", "GBP", "UTC")
    ('12 days', 'yes', 'not known')
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value, zone)
    if isinstance(value, date):
        return day(value)
    if not isinstance(value, int | float):
        text = str(value)
        return plain(text) if _CODE.fullmatch(text) else text
    if unit is not None and unit.startswith(MONEY):
        return money(value, currency) + unit.removeprefix(MONEY)
    if unit in ("share", "probability"):
        return percent(value)
    if unit == "1/year":
        return f"{percent(value)} a year"
    number = f"{value:,.3g}" if isinstance(value, float) and not value.is_integer() else f"{value:,.0f}"
    return number if unit in (None, "", "1", "count") else measured(number, unit)
