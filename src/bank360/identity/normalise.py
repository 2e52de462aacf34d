"""How each identifying text is written before two of them are compared: one spelling for one thing. Pure.

Invariant: a function returns None for what says nothing (empty, "unknown", a telephone number of zeros), so that
absence never counts as agreement, and applying it twice changes nothing. `records` applies them column by column.
"""

import unicodedata
from datetime import date

# Letters that Unicode does not decompose into a base letter and an accent.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ŧ": "t", "ħ": "h"}
)
_HONORIFICS = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "rev"})
_SAYS_NOTHING = frozenset(
    {"unknown", "none", "null", "nil", "na", "n a", "nan", "not known", "not given", "test", "tbc", "x", "xx", "xxx"}
)
_STREET_WORDS = {
    "st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "ln": "lane", "dr": "drive",
    "ct": "court", "pl": "place", "sq": "square", "cres": "crescent", "cl": "close", "gdns": "gardens",
    "ter": "terrace", "terr": "terrace", "hwy": "highway", "blvd": "boulevard", "apt": "flat", "apartment": "flat",
    "unit": "flat", "hse": "house", "pk": "park", "gr": "grove", "mt": "mount", "nth": "north", "sth": "south",
}  # fmt: skip
# Country calling codes and trunk zeros are written or not; the last nine digits are the subscriber's in most plans.
_PHONE_DIGITS, _PHONE_LEAST = 9, 7
# Mail providers that ignore dots in the local part.
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})
# Birth dates that forms and migrations write for "not known".
_NO_BIRTH_DATE = frozenset({date(1900, 1, 1), date(1901, 1, 1), date(1, 1, 1), date(9999, 12, 31)})
_OLDEST_YEARS = 125


def plain_words(text: str | None) -> str | None:
    """Return lower-case words of base letters and digits, one space apart; None where nothing is left.

    Accents go, apostrophes join ("O'Brien" is "obrien"), any other mark separates. Letters of other scripts stay.

    >>> plain_words("  Zoë   O’BRIEN-Łukasz ")
    'zoe obrien lukasz'
    """
    if text is None:
        return None
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    # Case folding may compose again what was taken apart (U+0130), so accents are dropped after it.
    letters = [
        character if character.isalnum() else "" if character in "'’`´ʼ‘" else " "
        for character in unicodedata.normalize("NFKD", decomposed)
        if not unicodedata.combining(character)
    ]
    words = " ".join("".join(letters).split())
    return None if not words or words in _SAYS_NOTHING else words


def name(text: str | None) -> str | None:
    """Return a given or family name as plain words without honorifics and digits; None where it says nothing.

    >>> name("Dr. José-María"), name("N/A")
    ('jose maria', None)
    """
    words = plain_words(text)
    if words is None:
        return None
    kept = [word for word in words.split() if word not in _HONORIFICS and not any(c.isdigit() for c in word)]
    joined = " ".join(kept)
    return None if not joined or joined in _SAYS_NOTHING else joined


def address_line(text: str | None) -> str | None:
    """Return street and number as plain words with the usual abbreviations written out.

    >>> address_line("Apt. 3, 12 St. John's Rd"), address_line("unknown")
    ('flat 3 12 street johns road', None)
    """
    words = plain_words(text)
    return None if words is None else " ".join(_STREET_WORDS.get(word, word) for word in words.split())


def postcode(text: str | None) -> str | None:
    """Return a postcode in capitals and digits without spaces; None where it is all one character.

    >>> postcode("sw1a 1aa")
    'SW1A1AA'
    """
    words = plain_words(text)
    if words is None:
        return None
    code = words.replace(" ", "").upper()
    return None if len(set(code)) == 1 else code


def email(text: str | None) -> str | None:
    """Return an e-mail address in lower case without what its provider ignores; None if it is none.

    A "+tag" names no other mailbox, nor do dots at a provider that ignores them.

    >>> email(" J.Doe+bank@GMail.com"), email("none@")
    ('jdoe@gmail.com', None)
    """
    if text is None:
        return None
    local, at, domain = text.strip().lower().partition("@")
    local = local.partition("+")[0]
    if domain in _DOTLESS:
        local = local.replace(".", "")
    if not at or not local or "." not in domain or "@" in domain or any(c.isspace() for c in local + domain):
        return None
    return f"{local}@{domain}"


def phone(text: str | None) -> str | None:
    """Return the last nine digits of a telephone number; None for fewer than seven or all the same.

    >>> phone("+44 (0)7700 900-123"), phone("07700 900123"), phone("000000000")
    ('700900123', '700900123', None)
    """
    if text is None:
        return None
    digits = "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())[-_PHONE_DIGITS:]
    return None if len(digits) < _PHONE_LEAST or len(set(digits)) == 1 else digits


def birth_date(day: date | None, as_of: date) -> str | None:
    """Return a birth date as YYYYMMDD; None for a placeholder, a day after ``as_of`` or more than 125 years before.

    >>> birth_date(date(1985, 3, 7), date(2026, 1, 1)), birth_date(date(1900, 1, 1), date(2026, 1, 1))
    ('19850307', None)
    """
    if day is None or day in _NO_BIRTH_DATE or day > as_of or day.year < as_of.year - _OLDEST_YEARS:
        return None
    return f"{day.year:04}{day.month:02}{day.day:02}"
