"""Money that comes in: salaries by pattern, shifted to the working day before, pensions, benefits, transfers."""

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.chunk import Chunk, cells, days_within
from bank360.sources.synthetic.draws import Ints
from bank360.sources.synthetic.movements import Movements, moved
from bank360.sources.synthetic.numbering import OWN_PAYERS

MAIN = 3
_STATE_PAYER = 10**6  # benefits and state pension come from here
_ELSEWHERE = OWN_PAYERS  # people's own accounts at other banks, numbered after this


def salaries(rng: np.random.Generator, chunk: Chunk) -> list[Movements]:
    """Return what employers and pension payers pay to main customers; nothing while out of work."""
    streams = []
    patterns = chunk.world.people.pattern[chunk.people]
    for code, name in enumerate(p.PATTERNS):
        who = np.flatnonzero((patterns == code) & (chunk.current >= 0))
        if name == "irregular":
            streams.append(_irregular(rng, chunk, who))
        elif name == "four_weekly":
            streams.append(_pensions(rng, chunk, who))
        else:
            share = 12 / 52 if name == "weekly" else 1.0
            days = chunk.clock.paydays(name)
            person, day = np.repeat(who, len(days)), np.tile(days, len(who))
            streams.append(_paid(rng, chunk, person, day, share, p.SALARY_NOISE, "salary"))
    streams.append(_benefits(rng, chunk))
    return streams


def _paid(
    rng: np.random.Generator, chunk: Chunk, person: Ints, day: Ints, share: float, noise: float, category: str
) -> Movements:
    month = np.clip(chunk.clock.month_index(day.astype(np.int32)), 0, chunk.clock.count - 1)
    people = chunk.world.people
    jobless = people.jobless[chunk.people][person, month]
    keep = (chunk.level[person, month] == MAIN) & ~jobless
    person, day, month = person[keep], day[keep], month[keep]
    amount = _amounts(rng, chunk, person, month, share, noise)
    payer = people.employer[chunk.people][person]
    if category == "pension":
        payer = np.where(payer % 2 == 0, _STATE_PAYER + 1, payer)
    return moved(chunk.current[person], day, amount, "transfer", "system", category, other=payer)


def _amounts(rng: np.random.Generator, chunk: Chunk, person: Ints, month: Ints, share: float, noise: float) -> Ints:
    level = chunk.income[person] * share * chunk.growth[month // 12 * 12]  # pay rises once a year
    return np.maximum(np.rint(level * np.exp(noise * rng.standard_normal(len(person)))), 1_000).astype(np.int64)


def _pensions(rng: np.random.Generator, chunk: Chunk, who: Ints) -> Movements:
    """Pay every fourth week on the person's weekday and turn of four weeks."""
    clock = chunk.clock
    turns = (clock.end_day - clock.first_day) // 28 + 1
    first = clock.first_day + (chunk.world.people.employer[chunk.people][who] * 7 + who) % 28
    day = (first[:, None] + 28 * np.arange(turns)[None, :]).ravel()
    person = np.repeat(who, turns)
    inside = day < clock.end_day
    shifted = clock.previous_working(day[inside].astype(np.int32))
    return _paid(rng, chunk, person[inside], np.maximum(shifted, clock.first_day), 12 / 13, 0.005, "pension")


def _irregular(rng: np.random.Generator, chunk: Chunk, who: Ints) -> Movements:
    """Pay invoices: about two a month from a handful of payers, amounts all over the place."""
    counts = np.zeros(chunk.level.shape, dtype=np.int64)
    counts[who] = rng.poisson(2.0, (len(who), chunk.clock.count))
    counts[chunk.level != MAIN] = 0
    person, month = cells(chunk, counts)
    amount = _amounts(rng, chunk, person, month, 0.5 * np.exp(-(p.IRREGULAR_NOISE**2) / 2), p.IRREGULAR_NOISE)
    payer = chunk.world.people.employer[chunk.people][person] * 5 + rng.integers(0, 5, len(person)) + 10_000
    jobless = chunk.world.people.jobless[chunk.people][person, month] & (rng.random(len(person)) < 0.8)
    at = np.flatnonzero(~jobless)
    return moved(chunk.current[person[at]], days_within(rng, chunk, month[at]), amount[at], "transfer", "system",
                 "salary", other=payer[at])  # fmt: skip


def _benefits(rng: np.random.Generator, chunk: Chunk) -> Movements:
    """Pay benefits to those out of work, from their second month on."""
    jobless = chunk.world.people.jobless[chunk.people].copy()
    jobless[:, 1:] &= jobless[:, :-1]
    jobless[:, 0] = False
    person, month = np.nonzero(jobless & (chunk.level == MAIN))
    day = chunk.clock.previous_working(chunk.clock.starts[month] + person % 28)
    amount = np.rint(62_000 * chunk.growth[month] * np.exp(0.25 * rng.standard_normal(len(person)))).astype(np.int64)
    return moved(chunk.current[person], np.maximum(day, chunk.clock.first_day), amount, "transfer", "system",
                 "benefits", other=np.full(len(person), _STATE_PAYER))  # fmt: skip


def funding(rng: np.random.Generator, chunk: Chunk) -> Movements:
    """Return transfers in from people's accounts elsewhere, where no salary comes."""
    rate = np.array([*p.FUNDING_MONTHLY, 0.0])[chunk.level] * chunk.world.relationships.active[chunk.people]
    counts = rng.poisson(rate)
    counts[chunk.current < 0] = 0
    person, month = cells(chunk, counts)
    amount = 1_000 * np.maximum(np.rint(rng.lognormal(2.9, 0.6, len(person))), 1).astype(np.int64)
    return moved(chunk.current[person], days_within(rng, chunk, month), amount, "transfer", "mobile", "other_transfer",
                 second=rng.integers(7 * 3600, 22 * 3600, len(person)),
                 other=elsewhere(person + chunk.first))  # fmt: skip


def elsewhere(person: Ints) -> Ints:
    """Return the counterparty number of each person's own account at another bank."""
    return _ELSEWHERE + person
