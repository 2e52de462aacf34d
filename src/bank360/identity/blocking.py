"""Which pairs of records are compared at all: blocking keys.

Comparing every pair of n records costs n(n-1)/2 comparisons. A blocking rule (Newcombe and others 1959; Fellegi &
Sunter 1969, section 3.3) compares only records that agree on its key; a true match is lost only if it disagrees on the
keys of **all** rules, so the rules lean on different attributes. A key shared by very many records says little and
costs quadratically: such a block is skipped and counted, so that a degenerate column cannot stop the night run.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

# 30 records in a block are 435 pairs; a block of the whole bank would be hundreds of millions. Coarse rules (a birth
# date alone) thereby serve small banks, and step aside in large ones for the finer rules beside them.
LARGEST_BLOCK = 30


class _Parts(NamedTuple):
    given_name: str | None
    family_name: str | None
    birth_date: str | None
    address_line: str | None
    city: str | None
    postcode: str | None
    email: str | None
    phone: str | None
    full_names: list[str] | None

    @property
    def full(self) -> str | None:
        """The first full name, so that "bob" and "robert" fall into one block."""
        return self.full_names[0] if self.full_names else None

    @property
    def names(self) -> str | None:
        """Both names in alphabetical order, so that swapped names fall into one block."""
        return (
            None
            if not self.given_name or not self.family_name
            else "|".join(sorted((self.given_name, self.family_name)))
        )


def _key(*parts: str | None) -> str | None:
    """Return the parts as one key; None where any is missing."""
    return None if None in parts else "|".join(part for part in parts if part is not None)


def _start(text: str | None, letters: int) -> str | None:
    return None if text is None else text[:letters]


# Why each is there: what it takes to hold for two records of one person to meet.
RULES: dict[str, Callable[[_Parts], str | None]] = {
    # The birth date holds; most of the rest may be misspelt.
    "birth": lambda r: r.birth_date,
    "birth_family": lambda r: _key(r.birth_date, _start(r.family_name, 2)),
    "birth_given": lambda r: _key(r.birth_date, _start(r.full, 2)),
    "birth_postcode": lambda r: _key(r.birth_date, r.postcode),
    "birth_town": lambda r: _key(r.birth_date, r.city),
    # A contact holds; names and birth date may be misspelt. Households meet here too, and are told apart later.
    "email": lambda r: r.email,
    "phone": lambda r: r.phone,
    # Both names hold, in either order; part of the birth date may be wrong.
    "names_birth_year": lambda r: _key(r.names, _start(r.birth_date, 4)),
    "names_birth_day": lambda r: _key(r.names, r.birth_date and r.birth_date[4:]),
    # Names hold, the birth date does not. Of names alone only rare ones: the limit drops the common ones.
    "family": lambda r: r.family_name,
    "names_town": lambda r: _key(r.full, r.family_name, r.city),
    "names": lambda r: _key(r.full, r.family_name),
    # The home holds, or its postcode where those are fine.
    "postcode_given": lambda r: _key(r.postcode, _start(r.full, 2)),
    "home_given": lambda r: _key(r.address_line, r.postcode, _start(r.full, 2)),
}


@dataclass(frozen=True)
class Blocked:
    """Records with their blocking keys.

    Parameters
    ----------
    records
        The records with a string column per name in ``keys``; null where the record has no such key.
    keys
        Names of the key columns.
    skipped
        Rule -> how many blocks were skipped for their size.
    """

    records: pa.Table
    keys: tuple[str, ...]
    skipped: dict[str, int]


def blocked(records: pa.Table) -> Blocked:
    """Return ``records`` (of `records.RECORD_SCHEMA`) with the keys of every blocking rule.

    A rule for which no record has a key that another record shares is left out.
    """
    keys: list[str] = []
    skipped: dict[str, int] = {}
    table = records
    rows = [_Parts(*row) for row in zip(*(records[name].to_pylist() for name in _Parts._fields), strict=True)]
    for rule, key_of in RULES.items():
        values = [key_of(row) for row in rows]
        holders = Counter(value for value in values if value is not None)
        if large := sum(count > LARGEST_BLOCK for count in holders.values()):
            skipped[rule] = large
        useful = [value if 1 < holders.get(value or "", 0) <= LARGEST_BLOCK else None for value in values]
        if any(useful):
            table = table.append_column(f"block_{rule}", pa.array(useful, pa.string()))
            keys.append(f"block_{rule}")
    return Blocked(table, tuple(keys), skipped)
