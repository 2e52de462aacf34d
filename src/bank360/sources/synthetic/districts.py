"""Districts: a large bank is drawn part by part, one after another, so that its memory is that of one part.

A district is a bank of at most `parameters.DISTRICT_CUSTOMERS` customers: people, accounts and lending of its own,
drawn from random streams of its own. It counts them from zero, and `numbering` makes the bank's numbers of them by
adding what the districts before have taken. Products, merchants, employers, the timeline and the period of stress are
the bank's, the same in every district. The first draws from the bank's own streams: it is the whole bank where there
is no other.
"""

from dataclasses import dataclass, fields
from zlib import crc32

import numpy as np


@dataclass(frozen=True)
class Taken:
    """How many numbers of each kind are taken; ``chunks`` are files of movements."""

    people: int = 0
    accounts: int = 0
    applications: int = 0
    payments: int = 0
    interactions: int = 0
    cases: int = 0
    card_cases: int = 0
    rings: int = 0
    shared_devices: int = 0
    chunks: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        """Return what both have taken together."""
        return Taken(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Taken)))


@dataclass(frozen=True)
class District:
    """One part of the bank: customers at any one time, the seed of its streams, what is taken before it."""

    number: int
    customers: int
    seed: int
    before: Taken


def sizes(customers: int, most: int) -> tuple[int, ...]:
    """Return the customers of each district: as few districts of at most ``most`` as hold them, as equal as can be.

    >>> sizes(25_000, 25_000), sizes(100_001, 50_000)
    ((25000,), (33334, 33334, 33333))

    Raises
    ------
    ValueError
        If ``most`` is below 200: the halves of a bank just above would be too small for lending (100 customers).
    """
    if most < 200:
        raise ValueError(f"a district needs at least 200 customers, not {most}")
    count = -(-customers // most)
    return tuple(customers // count + (number < customers % count) for number in range(count))


def district_seed(seed: int, number: int) -> int:
    """Return the seed of a district's streams: the bank's for the first, 128 mixed bits for each other."""
    if number == 0:
        return seed
    words = np.random.SeedSequence([seed, crc32(b"district"), number]).generate_state(4)
    return sum(int(word) << 32 * place for place, word in enumerate(words))
