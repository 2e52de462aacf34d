"""Keys that say by themselves who somebody is: an IBAN, the number of a card, an address of mail, a telephone number.

A key names a row and says nothing of a person, or so every table takes it. Banks use numbers as keys that say more: an
account's IBAN leads to whoever holds it, in any other bank's books too. Whether a key is such a number is told by what
stands in it, check digits included, for no column says so. What has no check digits (a bank's own account number)
cannot be told from any other key, and is taken for one. Used wherever keys are shown or leave the bank: in profiles,
findings, evidence and exports. Neighbour: `pipeline/masking.py`, of the columns that are tagged so.
"""

import re
from collections.abc import Iterable
from enum import StrEnum

HIDDEN = "•••"  # for whatever is hidden, however long it is


class PersonalNumber(StrEnum):
    """What a key is besides a key."""

    IBAN = "iban"
    CARD = "card"
    EMAIL = "email"
    PHONE = "phone"


_BETWEEN = re.compile(r"[\s-]")  # how people part the groups of a number
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_DIGITS = re.compile(r"[0-9]+")
_CARD = re.compile(r"[0-9]{13,19}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE = re.compile(r"\+[0-9]{7,15}")  # as E.164 has it: without its plus it is a number like any other


def personal_number(key: str) -> PersonalNumber | None:
    """Return what personal number a key is, however its groups are parted; None where it is none.

    An IBAN passes its check digits (ISO 13616, by ISO 7064 mod 97-10), the number of a card, of 13 to 19 digits, those
    of ISO/IEC 7812-1 (Luhn). One in ten numbers of that length passes them by chance, and is taken for a card's.

    >>> personal_number("DE89 3704 0044 0532 0130 00"), personal_number("4111111111111111"), personal_number("A0001234")
    (<PersonalNumber.IBAN: 'iban'>, <PersonalNumber.CARD: 'card'>, None)
    >>> personal_number("DE88370400440532013000"), personal_number("4111111111111112"), personal_number("ann@home.uk")
    (None, None, <PersonalNumber.EMAIL: 'email'>)
    """
    if _EMAIL.fullmatch(key.strip()):
        return PersonalNumber.EMAIL
    bare = _BETWEEN.sub("", key).upper()
    if _IBAN.fullmatch(bare):
        return PersonalNumber.IBAN if _mod_97(bare) == 1 else None
    if _CARD.fullmatch(bare):
        return PersonalNumber.CARD if _luhn(bare) else None
    return PersonalNumber.PHONE if _PHONE.fullmatch(bare) else None


# How many characters at its end a number keeps: of an account and a card those that statements and receipts print.
_KEPT = {PersonalNumber.IBAN: 4, PersonalNumber.CARD: 4, PersonalNumber.PHONE: 2}


def masked_key(key: str) -> str:
    """Return a key of a source as it is shown to those who did not ask for identity.

    >>> masked_key("DE89 3704 0044 0532 0130 00"), masked_key("ann@home.example"), masked_key("A0001234")
    ('•••3000', 'a•••@•••', 'A0001234')
    """
    kind = personal_number(key)
    if kind is None:
        return key
    if kind is PersonalNumber.EMAIL:
        return f"{key.strip()[0]}{HIDDEN}@{HIDDEN}"
    return HIDDEN + _BETWEEN.sub("", key)[-_KEPT[kind] :]


def masked_keys(keys: Iterable[str]) -> dict[str, str]:
    """Return by key how each is shown beside the others: of those that would look alike all but the first are numbered.

    >>> masked_keys(["ann@home.example", "A7", "amy@home.example"])
    {'ann@home.example': 'a•••@•••', 'A7': 'A7', 'amy@home.example': 'a•••@••• (2)'}
    """
    shown: dict[str, str] = {}
    alike: dict[str, int] = {}
    for key in dict.fromkeys(keys):
        mask = masked_key(key)
        alike[mask] = alike.get(mask, 0) + 1
        shown[key] = mask if alike[mask] == 1 else f"{mask} ({alike[mask]})"
    return shown


def looked_for(number: str) -> str:
    """Return a key as it is looked for, so that who types a number need not part its groups as the bank does.

    What has the form of an IBAN or a telephone number, or is digits alone, loses blanks and hyphens and is in capitals,
    whatever its check digits; anything else is what it is.

    >>> looked_for("de89 3704 0044 0532 0130 00"), looked_for("40-47-84 70872490"), looked_for(" A-12 b ")
    ('DE89370400440532013000', '40478470872490', 'A-12 b')
    """
    bare = _BETWEEN.sub("", number).upper()
    parted = _IBAN.fullmatch(bare) or _PHONE.fullmatch(bare) or _DIGITS.fullmatch(bare)
    return bare if parted else number.strip()


def _mod_97(iban: str) -> int:
    """Return what is left of an IBAN's number by 97: its first four moved to its end, A read as 10 and Z as 35."""
    return int("".join(str(int(one, 36)) for one in iban[4:] + iban[:4])) % 97


def _luhn(digits: str) -> bool:
    """Return whether the sum of digits, every second from the right doubled and its own digits added, ends in 0."""
    doubled = (sum(divmod(2 * int(one), 10)) for one in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
