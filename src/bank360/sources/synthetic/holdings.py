"""Accounts: which lines people hold, when they open and close them, and the randomised offers that move openings.

Savings, insurance and investments open here, spontaneously or after an offer; a tenth of those chosen for an offer are
held out by chance. The uplift of an offer is a latent of the person, on average around one point, for some negative.
Credit is opened by `world` from stock and applications.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Bools, Floats, Ints, choose, choose_by_row, stream
from bank360.sources.synthetic.people import People
from bank360.sources.synthetic.relationships import (
    DORMANT,
    LEFT,
    MAIN,
    NEVER,
    NONE,
    SECONDARY,
    SINGLE,
    Relationships,
)

_PLAIN = (p.SAVINGS, p.INSURANCE, p.INVESTMENT)


@dataclass(frozen=True)
class Offers:
    """Offers made, one entry each: ``treated`` or held out, and whether the product was ``taken`` within the month."""

    person: Ints
    line: Ints
    day: Ints
    treated: Bools
    taken: Bools
    answered_day: Ints
    base: Floats
    uplift: Floats


@dataclass(frozen=True)
class Plain:
    """Accounts without credit: person, line, opening and closing day (0: open), one entry each."""

    person: Ints
    line: Ints
    opened: Ints
    closed: Ints


@dataclass(frozen=True)
class Held:
    """Who holds which line at the start of their relationship, ``(people, lines)``."""

    at_start: Bools


def draw_start(people: People, relationships: Relationships, seed: int) -> Held:
    """Return what people hold when the history begins, or when they join.

    Those who come with an application hold the credit they applied for, which is booked elsewhere.
    """
    rng = stream(seed, "start")
    n = people.count
    first = relationships.state[np.arange(n), np.clip(relationships.joined_month, 0, relationships.state.shape[1] - 1)]
    shares = np.zeros((6, len(p.LINES)))
    shares[DORMANT], shares[SECONDARY], shares[MAIN] = p.HELD_BY_DORMANT, p.HELD_BY_SECONDARY, p.HELD_BY_MAIN
    held = rng.random((n, len(p.LINES))) < shares[first]
    single = np.flatnonzero(first == SINGLE)
    one = np.array(p.SINGLE_SHARES)[None, :].repeat(len(single), axis=0)
    one[single >= people.stock, p.CARD] = one[single >= people.stock, p.LOAN] = 0.0
    held[single, choose_by_row(rng, one)] = True
    later = np.arange(n) >= people.stock
    held[later, p.CARD] = held[later, p.LOAN] = False
    applicants = np.arange(n) >= people.stock + people.joiners
    held[applicants & (first == SINGLE)] = False
    held[relationships.joined_month == NEVER] = False
    return Held(held)


def draw_plain(
    people: People, relationships: Relationships, held: Held, clock: Clock, seed: int
) -> tuple[Plain, Offers]:
    """Return all accounts that carry no credit, and the offers."""
    rng = stream(seed, "holdings")
    n = people.count
    opened = {line: np.zeros(n, dtype=np.int64) for line in (p.CURRENT, *_PLAIN)}
    closed = {line: np.zeros(n, dtype=np.int64) for line in (p.CURRENT, *_PLAIN)}
    joined = relationships.joined_day
    for line in opened:
        has = held.at_start[:, line]
        lag = (
            0 if line == p.CURRENT else (rng.random(n) ** 2 * np.maximum(clock.first_day - joined, 0)).astype(np.int64)
        )
        opened[line] = np.where(has, np.where(relationships.joined_month < 0, joined + lag, joined), 0)
    # Interest in products follows appetite; uplift is another matter, so that targeting by response alone misleads.
    eager = np.exp(0.5 * people.appetite - 0.125)
    uplift = p.UPLIFT_MEAN + p.UPLIFT_SPREAD * (0.6 * people.thrift + 0.8 * rng.standard_normal(n))
    uplift = np.clip(uplift, *p.UPLIFT_LIMITS)
    scale = np.array([0.0, 0.3, 0.6, 1.0, 1.25, 0.0])
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    for month in range(clock.count):
        state = relationships.state[:, month]
        here = (state > NONE) & (state < LEFT) & (relationships.joined_month < month)
        staying = here & (relationships.left_month > month)
        chosen = staying & (state > DORMANT) & (rng.random(n) < p.OFFERED_MONTHLY)
        line_of = np.array(_PLAIN)[choose(rng, (0.45, 0.3, 0.25), n)]
        treated = rng.random(n) >= p.HELD_OUT
        when = clock.starts[month] + rng.integers(0, 8, n)
        for line in _PLAIN:
            free = staying & (opened[line] == 0)
            base = np.minimum(p.OPENING_MONTHLY[line] * eager * scale[state], 0.2)
            offered = free & chosen & (line_of == line)
            chance = np.clip(base + np.where(offered & treated, uplift, 0.0), 0.0, 1.0)
            opening = free & (rng.random(n) < chance)
            day = np.minimum(when + rng.integers(1, 20, n), clock.ends[month])
            opened[line] = np.where(opening, day, opened[line])
            at = np.flatnonzero(offered)
            # An answer exists for those who took it up or said no; silence is an answer of "no" after 28 days.
            reply = np.where(opening, day, when + 28)
            parts.append((at, np.full(len(at), line), when[at], treated[at], opening[at], reply[at],
                          base[at], np.clip(base + uplift, 0.0, 1.0)[at] - base[at]))  # fmt: skip
            has = here & (opened[line] > 0) & (closed[line] == 0) & (opened[line] < clock.starts[month])
            closing = has & (rng.random(n) < p.CLOSING_MONTHLY[line])
            closed[line] = np.where(closing, clock.starts[month] + rng.integers(0, 28, n), closed[line])
    left = relationships.left_day
    rows: list[tuple[npt.NDArray[Any], ...]] = []
    for line in opened:
        at = np.flatnonzero(opened[line] > 0)
        end = np.where(closed[line] == 0, left, closed[line])[at]
        end = np.where((left[at] > 0) & (end > left[at]), left[at], end)
        rows.append((at, np.full(len(at), line), opened[line][at], end))
    columns = [np.concatenate(part) for part in zip(*rows, strict=True)]
    return Plain(*columns), Offers(*(np.concatenate(part) for part in zip(*parts, strict=True)))
