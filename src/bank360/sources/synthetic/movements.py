"""Movements of a chunk of customers as plain arrays: how streams of them are made, merged and put in order.

A stream (card payments, salaries, direct debits) makes `Movements` in any order; `merged` puts streams together and
`ordered` sorts by account and time. A reference from one movement to another (a reversal) is by position and follows
both steps. Strings and ids come last (`transaction_rows`).
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.bank.vocabulary import Category, Channel, Scheme
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Bools, Ints

SCHEMES, CHANNELS, CATEGORIES = tuple(Scheme), tuple(Channel), tuple(Category)
SCHEME = {word.value: code for code, word in enumerate(SCHEMES)}
CHANNEL = {word.value: code for code, word in enumerate(CHANNELS)}
CATEGORY = {word.value: code for code, word in enumerate(CATEGORIES)}

DAY_ONLY = -1  # second of a movement whose time of day is not known
FIRST, USUAL, LAST = 0, 1, 2  # order among movements of the same instant


@dataclass(frozen=True)
class Movements:
    """One entry per movement; ``account`` counts within the chunk, ``day`` is absolute, ``amount`` signed pence.

    ``merchant``, ``other`` (counterparty number), ``mandate`` and ``refers`` are -1 where there is none; ``foreign`` is
    0 at home, else 1 + position in `parameters.FOREIGN`; ``actor`` 0 owner, 1 partner; ``fraud`` is truth.
    """

    account: npt.NDArray[np.int32]
    day: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    amount: Ints
    scheme: npt.NDArray[np.int8]
    channel: npt.NDArray[np.int8]
    category: npt.NDArray[np.int8]
    merchant: npt.NDArray[np.int32]
    other: Ints
    mandate: npt.NDArray[np.int32]
    refers: npt.NDArray[np.int32]
    foreign: npt.NDArray[np.int8]
    original: Ints
    actor: npt.NDArray[np.int8]
    order: npt.NDArray[np.int8]
    fraud: Bools

    @property
    def count(self) -> int:
        """How many movements there are."""
        return len(self.account)


_TYPES = {
    "account": np.int32, "day": np.int32, "second": np.int32, "amount": np.int64, "scheme": np.int8, "channel": np.int8,
    "category": np.int8, "merchant": np.int32, "other": np.int64, "mandate": np.int32, "refers": np.int32,
    "foreign": np.int8, "original": np.int64, "actor": np.int8, "order": np.int8, "fraud": np.bool_,
}  # fmt: skip
_DEFAULTS = {"second": DAY_ONLY, "merchant": -1, "other": -1, "mandate": -1, "refers": -1, "order": USUAL}


def moved(
    account: npt.ArrayLike,
    day: npt.ArrayLike,
    amount: npt.ArrayLike,
    scheme: str,
    channel: str | npt.ArrayLike,
    category: str | npt.ArrayLike,
    **others: npt.ArrayLike,
) -> Movements:
    """Return movements of one scheme; channel and category by name or as codes, ``others`` further fields."""
    given: dict[str, npt.ArrayLike] = {"account": account, "day": day, "amount": amount, **others}
    given["scheme"] = SCHEME[scheme]
    given["channel"] = CHANNEL[channel] if isinstance(channel, str) else channel
    given["category"] = CATEGORY[category] if isinstance(category, str) else category
    n = len(np.asarray(account))
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, kind in _TYPES.items():
        value = np.asarray(given.get(name, _DEFAULTS.get(name, 0)))
        arrays[name] = value.astype(kind, copy=False) if value.ndim else np.full(n, value, dtype=kind)
    return Movements(**arrays)


def merged(streams: list[Movements]) -> Movements:
    """Return streams as one; the references of each stream count within it and move with it."""
    offset, parts = 0, []
    for stream in streams:
        if offset:
            refers = np.where(stream.refers >= 0, stream.refers + offset, -1).astype(np.int32)
            stream = replace(stream, refers=refers)
        parts.append(stream)
        offset += stream.count
    return joined(parts)


def joined(streams: list[Movements]) -> Movements:
    """Return streams as one whose references already count from the start of the first."""
    return Movements(*(np.concatenate([getattr(one, f.name) for one in streams]) for f in fields(Movements)))


def kept(movements: Movements, keep: Bools) -> Movements:
    """Return the movements to keep; one that refers to a dropped one is dropped as well."""
    refers = movements.refers
    keep = keep & ((refers < 0) | keep[np.maximum(refers, 0)])
    return taken(movements, np.flatnonzero(keep))


def taken(movements: Movements, at: Ints) -> Movements:
    """Return the movements at ``at``, in that order; references follow."""
    place = np.full(movements.count, -1, dtype=np.int32)
    place[at] = np.arange(len(at), dtype=np.int32)
    arrays = {f.name: getattr(movements, f.name)[at] for f in fields(Movements)}
    refers = arrays["refers"]
    arrays["refers"] = np.where(refers >= 0, place[np.maximum(refers, 0)], -1).astype(np.int32)
    return Movements(**arrays)


def ordered(movements: Movements, clock: Clock) -> Movements:
    """Return the movements by account, day, second, order within an instant, then position.

    In banks of ordinary length all of it fits in 63 bits with the position in the lowest, so a plain sort of integers
    gives the permutation, and ties cannot depend on the machine. Longer ones take the slower stable sort to the same.
    """
    rows = int(movements.count).bit_length()
    days = int(clock.end_day + 64 - clock.first_day).bit_length()
    if rows + days + 17 + 2 + int(movements.account.max(initial=0)).bit_length() > 63:
        return taken(movements, np.lexsort((movements.order, movements.second, movements.day, movements.account)))
    key = movements.account.astype(np.int64)
    key = (key << days) | (movements.day - clock.first_day)
    key = (((key << 17) | (movements.second + 1)) << 2) | movements.order
    key = (key << rows) | np.arange(movements.count)
    key.sort()
    return taken(movements, key & ((1 << rows) - 1))
