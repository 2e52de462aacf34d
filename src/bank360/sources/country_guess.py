"""In which country a bank is, as its files show: the IBANs in them, British postcodes, or a currency of one country.

`init` writes country and time zone by it and says by what, so that somebody can look; where nothing shows it, that is
said too, and every load says so again until it is settled. Used by `mapping_template`.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bank360.bank.counted import counted
from bank360.bank.personal_numbers import PersonalNumber, personal_number
from bank360.sources.file_look import Look
from bank360.sources.personal_columns import personal_kind

# Of a country with several the one of its capital.
_ZONES = {
    "AD": "Andorra", "AL": "Tirane", "AT": "Vienna", "BA": "Sarajevo", "BE": "Brussels", "BG": "Sofia", "CH": "Zurich",
    "CZ": "Prague", "DE": "Berlin", "DK": "Copenhagen", "EE": "Tallinn", "ES": "Madrid", "FI": "Helsinki",
    "FR": "Paris", "GB": "London", "GI": "Gibraltar", "GR": "Athens", "HR": "Zagreb", "HU": "Budapest", "IE": "Dublin",
    "IT": "Rome", "LI": "Vaduz", "LT": "Vilnius", "LU": "Luxembourg", "LV": "Riga", "MC": "Monaco", "MD": "Chisinau",
    "ME": "Podgorica", "MK": "Skopje", "MT": "Malta", "NL": "Amsterdam", "NO": "Oslo", "PL": "Warsaw", "PT": "Lisbon",
    "RO": "Bucharest", "RS": "Belgrade", "SE": "Stockholm", "SI": "Ljubljana", "SK": "Bratislava", "SM": "San_Marino",
    "TR": "Istanbul", "UA": "Kyiv",
}  # fmt: skip
# Currencies of one country; the euro is of twenty, the Swiss franc of two with one clock.
_OF_ONE = {
    "GBP": "GB", "SEK": "SE", "NOK": "NO", "DKK": "DK", "CHF": "CH", "PLN": "PL", "CZK": "CZ", "HUF": "HU",
    "RON": "RO", "BGN": "BG", "TRY": "TR", "UAH": "UA",
}  # fmt: skip

_BRITISH = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}")


@dataclass(frozen=True)
class GuessedCountry:
    """The bank's country and time zone, and by what; ``zone`` is None of a country of which none is known here."""

    code: str
    zone: str | None
    by: str


def guessed_country(looks: Sequence[Look], currency: str | None) -> GuessedCountry | None:
    """Return in which country the files' bank is, by most of the IBANs or by the currency; None for no sign of it.

    Parameters
    ----------
    looks
        Every file. Each different IBAN counts once for each column that mostly holds such, so that the bank's own,
        which its accounts and holders name too, outweigh those of payees.
    currency
        The commonest, where a file says one.
    """
    rows: Counter[str] = Counter()
    for look in looks:
        for name in look.header:
            cells = {*look.column(name)}
            found = [cell for cell in cells if cell[:2].isalpha() and personal_number(cell) is PersonalNumber.IBAN]
            if 2 * len(found) > len(cells):
                rows.update(cell[:2].upper() for cell in found)
    if rows:
        code, count = rows.most_common(1)[0]
        return GuessedCountry(code, _zone(code), f"{count:,} of {counted(rows.total(), 'IBAN')} looked at")
    codes = [cell for look in looks for cell in _postcodes(look)]
    if codes and all(map(_BRITISH.fullmatch, codes)):
        return GuessedCountry("GB", _zone("GB"), "its postcodes")
    if currency in _OF_ONE:
        code = _OF_ONE[currency]
        return GuessedCountry(code, _zone(code), f"the currency {currency}")
    return None


def _postcodes(look: Look) -> tuple[str, ...]:
    columns = ((name, look.column(name)) for name in look.header)
    return tuple(cell.upper() for name, cells in columns if personal_kind(name, cells) == "postcode" for cell in cells)


def _zone(code: str) -> str | None:
    city = _ZONES.get(code)
    return None if city is None else f"Europe/{city}"
