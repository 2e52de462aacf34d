"""Every account of the bank in one numbering, with its parties: couples share accounts, some people stand twice.

Accounts without credit come first, then the credit accounts in the order of `World.credit`. A person who stands in two
customer systems has a second key; cards and loans belong to it, the rest to the first.
"""

from dataclasses import dataclass

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.draws import Bools, Floats, Ints, stream
from bank360.sources.synthetic.relationships import DORMANT, LEFT, NEVER, SECONDARY
from bank360.sources.synthetic.world import World

REASONS = ("good_standing", "switched", "charged_off", "fraud", "deceased")
GOOD, SWITCHED, CHARGED_OFF, FRAUD, DECEASED = range(5)


@dataclass(frozen=True)
class Accounts:
    """One entry per account; days are absolute, ``closed`` 0 while open, ``partner`` -1 without a joint holder.

    ``credit`` is the position among the credit accounts (-1: none); ``second_key`` whether it belongs to the person's
    second record. ``limit`` is an overdraft or card limit (0: none).
    """

    person: Ints
    line: Ints
    opened: Ints
    closed: Ints
    reason: Ints
    limit: Ints
    partner: Ints
    second_key: Bools
    credit: Ints
    overdraft_used: Bools

    @property
    def count(self) -> int:
        """How many accounts there are."""
        return len(self.person)


@dataclass(frozen=True)
class Register:
    """Accounts and who stands twice: ``second_opened`` is the day of a person's second record (0: none).

    ``couple`` is each person's partner (-1: none); couples share an address.
    """

    accounts: Accounts
    second_opened: Ints
    couple: Ints
    customer: Bools


def draw_register(world: World) -> Register:
    """Return the accounts of ``world`` and the people behind them."""
    rng = stream(world.seed, "register")
    people, relationships, plain, credit = world.people, world.relationships, world.plain, world.credit
    clock, paths = world.clock, world.book.paths
    n_plain = len(plain.person)
    person = np.concatenate([plain.person, credit.person])
    line = np.concatenate([plain.line, credit.line])
    opened = np.concatenate([plain.opened, credit.opened])
    ended = paths.last < clock.count
    month = np.minimum(paths.last, clock.count - 1)
    due = clock.starts[month] + credit.due_day - 1
    leaving = relationships.left_month[credit.person] == paths.last
    day = np.where(leaving, relationships.left_day[credit.person], np.where(paths.charged_off, clock.ends[month], due))
    caught = ended & (credit.stopped == paths.last)
    day = np.where(caught, clock.ends[month], day)
    closed = np.concatenate([plain.closed, np.where(ended, np.maximum(day, credit.opened + 1), 0)])
    why = np.array([GOOD, SWITCHED, DECEASED])[relationships.why[person]]
    with_person = (closed > 0) & (relationships.left_month[person] < NEVER)
    with_person &= closed == relationships.left_day[person]
    reason = np.where(with_person, why, GOOD)
    reason[n_plain:] = np.where(caught, FRAUD, np.where(paths.charged_off, CHARGED_OFF, reason[n_plain:]))

    limit, used = np.zeros(len(person), dtype=np.int64), np.zeros(len(person), dtype=np.bool_)
    current = np.flatnonzero(line == p.CURRENT)
    has = rng.random(len(current)) < p.OVERDRAFT_SHARE
    limit[current] = np.where(has, np.array(p.OVERDRAFT_LIMITS)[rng.integers(0, 5, len(current))], 0)
    # Those under stress lean on the overdraft more often.
    lean = people.trait[person[current]] + p.OVERDRAFT_LEAN * rng.standard_normal(len(current))
    cut = np.quantile(lean, 1 - p.OVERDRAFT_USED)
    used[current] = has & (lean > cut)
    limit[n_plain:] = np.where(credit.line == p.CARD, credit.amount, 0)

    customer = relationships.joined_day != 0
    couple = _couples(rng, world)
    partner = np.where(np.isin(line, (p.CURRENT, p.MORTGAGE)) & (person % 2 == 0), couple[person], -1)
    own = np.concatenate([np.full(n_plain, -1), np.arange(credit.count)])
    second_opened, second = _twice(rng, world, customer, person, line, opened)
    return Register(
        Accounts(person, line, opened, closed, reason, limit, partner, second, own, used),
        second_opened,
        couple,
        customer,
    )


def _couples(rng: np.random.Generator, world: World) -> Ints:
    """Pair neighbours of the stock who both are customers from the start."""
    couple = np.full(world.people.count, -1)
    first = np.arange(0, world.people.stock - 1, 2)
    adult = world.people.age(world.clock.first_day) >= 21
    together = (rng.random(len(first)) < p.JOINT_PAIRS) & adult[first] & adult[first + 1]
    together &= world.held.at_start[first, p.CURRENT]
    couple[first[together]], couple[first[together] + 1] = first[together] + 1, first[together]
    return couple


def _twice(
    rng: np.random.Generator, world: World, customer: Bools, person: Ints, line: Ints, opened: Ints
) -> tuple[Ints, Bools]:
    """Choose who stands in two systems: people with a current account and a card or loan, which hang on the second."""
    n = world.people.count
    lent = np.isin(line, (p.CARD, p.LOAN))
    since = np.full(n, 2**40)
    np.minimum.at(since, person[lent], opened[lent])
    current = np.zeros(n, dtype=np.bool_)
    current[person[line == p.CURRENT]] = True
    state = world.relationships.state
    ever = ((state >= SECONDARY) & (state < LEFT)).any(axis=1) | (state == DORMANT).any(axis=1)
    able = np.flatnonzero(customer & current & ever & (since < 2**40))
    wanted = min(round(p.DUPLICATE_PERSONS * int(customer.sum())), len(able))
    chosen = rng.permutation(able)[:wanted]
    second = np.zeros(n, dtype=np.int64)
    second[chosen] = since[chosen]
    return second, lent & (second[person] > 0)


def share_of(accounts: Accounts) -> Floats:
    """Return the owner's share of each account's value: half where it is joint."""
    return np.where(accounts.partner >= 0, 0.5, 1.0)
