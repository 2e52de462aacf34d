"""Columns that name people or accounts, for whoever shows what stands in a file: by name, and by what stands in them.

A ledger repeats its holders in every row, so that no count of rows makes a name anonymous: what names somebody is
counted and never shown. Wider than what no model may read (`personal_columns`, `identifier_columns`): names of holders
and of the other side of a payment, days of birth, and any column with an IBAN, a card's number, an e-mail address or a
telephone number among its cells (`bank/personal_numbers.py`) are among them. Used by `pipeline/explore.py`.
"""

import re
from collections.abc import Collection, Sequence

from bank360.bank.personal_numbers import PersonalNumber, personal_number
from bank360.sources.identifier_columns import names_a_party
from bank360.sources.mapped_protected import name_words, protected_kind
from bank360.sources.personal_columns import names_a_holder, personal_kind

# Alone they may be a kind ("account: current") or a key or a name: what stands in them tells.
_WHO = re.compile(
    r"(main|primary|haupt)?(accounts?|acct?|customers?|cust|clients?|borrowers?|applicants?|members?|persons?|users?|party|"
    r"konto|konten|kunden?|kreditnehmer|antragsteller|gegenkonto|compte|cliente?s?|cuenta|conto|klient|klant|"
    r"rekening|conta|ucet|rachunek)"
)
_KEY_OR_NAME = re.compile(r"[0-9]|\w\s+\w")
_MAY_BE = re.compile(r"@|[A-Za-z]{2}[0-9]{2}|\+[0-9]|[0-9][0-9 -]{11,}[0-9]")  # to look closer at few of many cells
_LIKE = {  # numbers that may be anything else as well, among which the personal ones are counted
    PersonalNumber.CARD: re.compile(r"[0-9]{13,19}"),
    PersonalNumber.PHONE: re.compile(r"[+-]?[0-9]{7,15}"),
}


def names_people(name: str, cells: Sequence[str]) -> bool:
    """Return whether a column names people or accounts.

    Parameters
    ----------
    cells
        Values that the column has, row by row, empty ones apart.

    >>> names_people("Kontoinhaber", ["Uwe Klein"]), names_people("IBAN", ["DE02"]), names_people("note", ["a@b.de"])
    (True, True, True)
    >>> names_people("account", ["current"]), names_people("account", ["A-17"]), names_people("purpose", ["Rent"])
    (False, True, False)
    """
    different = {cell.strip() for cell in cells}
    return (
        personal_kind(name, different) is not None
        or names_a_holder(name, different)
        or protected_kind(name) == "birth"
        or names_a_party(name, cells)
        or _keys_or_names(name, different)
        or _personal_numbers(different)
    )


def _keys_or_names(name: str, cells: Collection[str]) -> bool:
    if not cells or _WHO.fullmatch("".join(name_words(name))) is None:
        return False
    return 2 * sum(_KEY_OR_NAME.search(cell) is not None for cell in cells) >= len(cells)


def _personal_numbers(cells: Collection[str]) -> bool:
    """Return whether a cell, or a word of it, is a personal number; of what digits may be by chance, whether half are.

    One in ten numbers as long as a card's passes its check digits, and a signed amount looks like a telephone's.
    """
    chance: dict[PersonalNumber, int] = {}
    for cell in filter(_MAY_BE.search, cells):
        for word in dict.fromkeys((cell, *cell.split())):
            kind = personal_number(word)
            if kind in _LIKE:
                chance[kind] = chance.get(kind, 0) + 1
            elif kind is not None:
                return True
    return any(
        2 * count >= sum(_LIKE[kind].fullmatch(re.sub(r"[\s-]", "", cell)) is not None for cell in cells)
        for kind, count in chance.items()
    )
