"""A chunk of neighbouring people with their accounts: what the streams of movements work on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.accounts import Register
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Floats, Ints
from bank360.sources.synthetic.relationships import MAIN, NONE, SECONDARY
from bank360.sources.synthetic.world import World


@dataclass(frozen=True)
class Chunk:
    """People ``first`` to ``last`` (exclusive) and their accounts.

    ``accounts`` are account numbers in order of person; streams count accounts by their position in it. ``current``
    and ``savings`` give each person's position (-1: none). ``level`` is 0 dormant or no customer, 1 single, 2
    secondary, 3 main, ``(people, months)``. ``growth`` is the rise of income and prices by month.
    """

    world: World
    register: Register
    first: int
    last: int
    accounts: Ints
    current: Ints
    savings: Ints
    level: npt.NDArray[np.int8]
    income: Floats
    stress: npt.NDArray[np.float32]
    growth: Floats

    @property
    def clock(self) -> Clock:
        """The timeline."""
        return self.world.clock

    @property
    def people(self) -> slice:
        """The chunk's part of arrays over people."""
        return slice(self.first, self.last)

    @property
    def size(self) -> int:
        """How many people."""
        return self.last - self.first

    def of_line(self, line: int) -> tuple[Ints, Ints]:
        """Return positions of the accounts of ``line`` and their people (counted within the chunk)."""
        at = np.flatnonzero(self.register.accounts.line[self.accounts] == line)
        return at, self.register.accounts.person[self.accounts[at]] - self.first


def by_person(register: Register) -> Ints:
    """Return all account numbers in order of person."""
    return np.argsort(register.accounts.person, kind="stable")


def chunk_of(world: World, register: Register, order: Ints, first: int, last: int) -> Chunk:
    """Return the chunk of people ``first`` to ``last``; ``order`` is `by_person`."""
    accounts = register.accounts
    low, high = np.searchsorted(accounts.person[order], [first, last])
    mine = order[low:high]
    places = {}
    for line in (p.CURRENT, p.SAVINGS):
        place = np.full(last - first, -1)
        at = np.flatnonzero(accounts.line[mine] == line)
        place[accounts.person[mine[at]] - first] = at
        places[line] = place
    state = world.relationships.state[first:last]
    level = np.where((state > NONE) & (state <= MAIN), state - 1, 0).astype(np.int8)
    # Without a current account with us, nothing of daily life is seen.
    level = np.where(places[p.CURRENT][:, None] >= 0, level, np.minimum(level, SECONDARY - 2)).astype(np.int8)
    growth = (1 + p.INCOME_GROWTH) ** (np.arange(world.clock.count) / 12)
    return Chunk(world, register, first, last, mine, places[p.CURRENT], places[p.SAVINGS], level,
                 world.people.income[first:last], world.people.stress[first:last], growth)  # fmt: skip


def cells(chunk: Chunk, counts: Ints) -> tuple[Ints, Ints]:
    """Return person and month (within the chunk) of every event, given how many each ``(person, month)`` has."""
    flat = np.repeat(np.arange(counts.size), counts.ravel())
    return np.divmod(flat, counts.shape[1])


def days_within(rng: np.random.Generator, chunk: Chunk, month: Ints) -> npt.NDArray[np.int32]:
    """Return a uniform day of each month."""
    clock = chunk.clock
    inside = rng.random(len(month), dtype=np.float32) * clock.lengths[month].astype(np.float32)
    # Rounding of single precision must not step over the month's end.
    return clock.starts[month] + np.minimum(inside.astype(np.int32), clock.lengths[month] - 1).astype(np.int32)
