"""Names, addresses and contacts from Faker's British pools, sampled with numpy; and how a second record differs."""

from dataclasses import dataclass

import numpy as np
from faker.providers.address.en_GB import Provider as Addresses
from faker.providers.person.en_GB import Provider as Persons

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.draws import Bools, Ints

_MALE, _FEMALE = tuple(Persons.first_names_male), tuple(Persons.first_names_female)
_FAMILY = tuple(Persons.last_names)
_STREETS = tuple(Addresses.street_suffixes)
_TOWNS = tuple(Addresses.city_suffixes)
_POSTAL = ("AB", "B", "BS", "CF", "CV", "DE", "E", "EH", "G", "L", "LE", "LS", "M", "N", "NE", "NG", "NW", "OX", "S",
           "SE", "SW", "W", "YO")  # fmt: skip
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_DOMAINS = ("example.com", "example.org", "example.net")  # reserved: nobody's address


@dataclass(frozen=True)
class Identities:
    """Direct identifiers, one entry per record; ``address`` numbers the address (equal numbers live together)."""

    given: list[str | None]
    family: list[str | None]
    address_line: list[str | None]
    city: list[str | None]
    postcode: list[str | None]
    email: list[str | None]
    phone: list[str | None]


def draw_identities(rng: np.random.Generator, sex: Ints, address: Ints, family: Ints, district: int) -> Identities:
    """Return identities of people of a district; ``family`` and ``address`` number the family name and the address.

    Names follow a Zipf-like law: common names are common, as matching must cope with.
    """
    n = len(sex)
    first = np.minimum((rng.random(n) ** 1.6 * len(_MALE)).astype(np.int64), len(_MALE) - 1)
    given = [(_MALE if male else _FEMALE)[i] for male, i in zip(sex.tolist(), first.tolist(), strict=True)]
    surname = [family_name(i) for i in family.tolist()]
    digits = rng.integers(0, 10_000, n).tolist()
    kinds = rng.random(n).tolist()
    domains = rng.integers(0, len(_DOMAINS), n).tolist()
    provider = f"m{district}." if district else ""
    email = [
        f"{(g[0] if k < 0.4 else g).lower()}{'.' if k < 0.7 else ''}{f.lower()}"
        f"{d if k > 0.3 else d % 100}@{provider}{_DOMAINS[o]}"
        for g, f, d, k, o in zip(given, surname, digits, kinds, domains, strict=True)
    ]
    phone = _phones(rng, n, district)
    lines, cities, postcodes = addresses(address)
    return Identities(list(given), list(surname), lines, cities, postcodes, list(email), list(phone))


def family_name(number: int) -> str:
    """Return the family name of a number drawn by `family_numbers`."""
    return _FAMILY[number % len(_FAMILY)]


def family_numbers(rng: np.random.Generator, n: int) -> Ints:
    """Return ``n`` family names, the first of the pool most often."""
    return np.minimum((rng.random(n) ** 1.8 * len(_FAMILY)).astype(np.int64), len(_FAMILY) - 1)


def addresses(number: Ints) -> tuple[list[str | None], list[str | None], list[str | None]]:
    """Return street line, town and postcode of numbered addresses; equal numbers, equal addresses."""
    mixed = (number.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)
    lines: list[str | None] = []
    cities: list[str | None] = []
    postcodes: list[str | None] = []
    for m in mixed.tolist():
        house, m = m % 180 + 1, m // 180
        road, m = m % len(_FAMILY), m // len(_FAMILY)
        suffix, m = m % len(_STREETS), m // len(_STREETS)
        town = m % 400
        lines.append(f"{house} {_FAMILY[road]} {_STREETS[suffix]}")
        cities.append(f"{_FAMILY[town % len(_FAMILY)]}{_TOWNS[town % len(_TOWNS)]}")
        area = _POSTAL[town % len(_POSTAL)]
        postcodes.append(f"{area}{town % 20 + 1} {m // 7 % 9 + 1}{_LETTERS[road % 20]}{_LETTERS[suffix % 20]}")
    return lines, cities, postcodes


def typed(rng: np.random.Generator, text: str) -> str:
    """Return ``text`` with one slip of the fingers: two letters swapped, one dropped, doubled or wrong.

    >>> typed(np.random.default_rng(1), "Smith") != "Smith"
    True
    """
    if len(text) < 3:
        return text + text[-1:]
    at = int(rng.integers(1, len(text) - 1))
    kind = int(rng.integers(0, 4))
    if kind == 0 and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    if kind == 2:
        return text[:at] + text[at] + text[at:]
    return text[:at] + ("e" if text[at] != "e" else "a") + text[at + 1 :]


def second_record(
    rng: np.random.Generator, first: Identities, female_married: Bools, moved: Ints, district: int
) -> Identities:
    """Return the same people as another system wrote them down: slips, moves, changed names, missing fields.

    ``moved`` numbers the address in the second record (the same number where they did not move).
    """
    n = len(first.given)
    chance = rng.random((n, 7))
    lines, cities, postcodes = addresses(moved)
    given = [_slip(rng, v, c < p.SLIPS[0]) for v, c in zip(first.given, chance[:, 0], strict=True)]
    given = [v[0] if v and c > 1 - p.INITIAL else v for v, c in zip(given, chance[:, 0], strict=True)]
    family = [_slip(rng, v, c < p.SLIPS[1]) for v, c in zip(first.family, chance[:, 1], strict=True)]
    changed = female_married & (chance[:, 2] < p.NAME_CHANGED)
    new = family_numbers(rng, n)
    family = [family_name(int(i)) if c else v for v, c, i in zip(family, changed, new, strict=True)]
    lines = [_slip(rng, v, c < p.SLIPS[2]) for v, c in zip(lines, chance[:, 3], strict=True)]
    postcodes = [None if c < p.NO_POSTCODE else v for v, c in zip(postcodes, chance[:, 4], strict=True)]
    email = [
        None if c < p.EMAIL_MISSING else (f"new.{v}" if c < p.EMAIL_MISSING + p.EMAIL_CHANGED else v)
        for v, c in zip(first.email, chance[:, 5], strict=True)
    ]
    other = _phones(rng, n, district)
    phone = [None if c < p.PHONE_MISSING else (o if c < p.PHONE_MISSING + p.PHONE_CHANGED else v)
             for v, c, o in zip(first.phone, chance[:, 6], other, strict=True)]  # fmt: skip
    return Identities(given, family, lines, cities, postcodes, email, phone)


def _phones(rng: np.random.Generator, n: int, district: int) -> list[str]:
    """Return ``n`` telephone numbers, few of them alike; no two districts have one in common, by the last nine digits.

    07700 900000-900999 is the regulator's range for fiction; longer here, so that people do not share numbers. The
    first district's nine begin with 009, the next ones' with 010, 011, ...
    """
    lead = f"{district + 9:03d}" if district else ""
    return [f"+4477009{lead}{i:06d}" for i in rng.integers(0, 1_000_000, n).tolist()]


def _slip(rng: np.random.Generator, text: str | None, slips: bool) -> str | None:
    return typed(rng, text) if text and slips else text
