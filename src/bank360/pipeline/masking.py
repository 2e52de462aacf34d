"""How direct identifiers look when nobody asked to see them. Pure; absent stays absent, nothing is guessed back.

A masked text keeps just enough to tell two people in front of one apart, and has the same number of marks whatever was
there, so that lengths do not tell. Keys that are personal numbers are `bank/personal_numbers.py`'s.
"""

from collections.abc import Callable
from datetime import date

from bank360.bank.personal_numbers import HIDDEN

Masked = Callable[[object], str | None]


def hidden(value: object) -> str | None:
    """Return marks only.

    >>> hidden("12 Mill Lane"), hidden(None)
    ('•••', None)
    """
    return None if value is None else HIDDEN


def initial(value: object) -> str | None:
    """Return a name's first letter and marks.

    >>> initial("Marsden")
    'M•••'
    """
    return None if value is None else f"{str(value)[:1]}{HIDDEN}"


def birth_year(value: object) -> str | None:
    """Return the year of a date and marks.

    >>> birth_year(date(1980, 4, 17))
    '1980-••-••'
    """
    if value is None:
        return None
    return f"{value.year:04}-••-••" if isinstance(value, date) else HIDDEN


def postal_area(value: object) -> str | None:
    """Return the letters or first two digits that a postcode begins with, and marks.

    >>> postal_area("BA1 1AA"), postal_area("11050")
    ('BA•••', '11•••')
    """
    if value is None:
        return None
    text = str(value)
    letters = next((i for i, character in enumerate(text[:2]) if not character.isalpha()), 2)
    return f"{text[: letters or 2]}{HIDDEN}"


def email(value: object) -> str | None:
    """Return the first letter of an address of mail; its domain may name an employer and is hidden too.

    >>> email("ann@home.example")
    'a•••@•••'
    """
    return None if value is None else f"{str(value)[:1]}{HIDDEN}@{HIDDEN}"


def phone(value: object) -> str | None:
    """Return the last two digits of a telephone number; of one with fewer than six characters nothing.

    >>> phone("01225 900123"), phone("999")
    ('•••23', '•••')
    """
    if value is None:
        return None
    text = str(value)
    return f"{HIDDEN}{text[-2:]}" if len(text) >= 6 else HIDDEN


# By column; a personal column that is not here shows nothing at all.
MASKS: dict[str, Masked] = {
    "given_name": initial,
    "family_name": initial,
    "birth_date": birth_year,
    "address_line": hidden,
    "city": hidden,
    "postcode": postal_area,
    "email": email,
    "phone": phone,
}


def masked(column: str, value: object) -> str | None:
    """Return the value of a personal column as it is shown to those who did not ask for identity."""
    return MASKS.get(column, hidden)(value)
