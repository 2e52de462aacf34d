"""What each person is to the bank, month by month: main, secondary, single product, dormant, or left.

A Markov chain whose hazards lean on the churn trait; leaving, silent attrition, deaths, reactivation and joining are
balanced so that the mix of §6 holds over the whole history.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Floats, Ints, choose, monthly, stream
from bank360.sources.synthetic.people import People

NONE, DORMANT, SINGLE, SECONDARY, MAIN, LEFT = range(6)
NEVER = 10_000  # a month or day index beyond every history


@dataclass(frozen=True)
class Relationships:
    """States ``(n, months)`` as codes above, and when and why people joined and left.

    ``joined_day`` and ``left_day`` are absolute days (``left_day`` 0: still here; ``joined_day`` 0: never joined);
    ``why`` 0 closed, 1 switched, 2 deceased. ``active`` is the share of ordinary activity ``(n, months)``.
    """

    state: npt.NDArray[np.int8]
    joined_month: Ints
    joined_day: Ints
    left_month: Ints
    left_day: Ints
    why: Ints
    active: npt.NDArray[np.float32]
    silent_month: Ints


def draw_relationships(people: People, booked_month: Ints, booked_day: Ints, clock: Clock, seed: int) -> Relationships:
    """Return everybody's relationship.

    Parameters
    ----------
    booked_month, booked_day
        For the applicants (last part of people): when their first credit was booked; NEVER for those without.
    """
    rng = stream(seed, "relationships")
    n, count = people.count, clock.count
    joined = np.full(n, NEVER)
    joined_day = np.zeros(n, dtype=np.int64)
    since = rng.gamma(1.6, 4.2, people.stock)  # years with the bank at the start
    adult = np.maximum(people.age(clock.first_day)[: people.stock] - 18, 0.05)
    since = np.minimum(np.minimum(since, adult), 40) + 0.02
    joined_day[: people.stock] = (clock.first_day - since * 365.25).astype(np.int64)
    joined[: people.stock] = -1
    plain = slice(people.stock, people.stock + people.joiners)
    day = rng.integers(clock.first_day, clock.end_day, people.joiners)
    joined_day[plain], joined[plain] = day, clock.month_index(day.astype(np.int32))
    joined[plain.stop :], joined_day[plain.stop :] = booked_month, np.where(booked_month == NEVER, 0, booked_day)
    start = choose(rng, p.JOINER_SHARES, n)
    start[: people.stock] = choose(rng, p.RELATIONSHIP_SHARES, people.stock)

    state = np.zeros((n, count), dtype=np.int8)
    left_month, left_day = np.full(n, NEVER), np.zeros(n, dtype=np.int64)
    why, silent = np.zeros(n, dtype=np.int64), np.full(n, NEVER)
    lean = np.exp(p.CHURN_SLOPE * people.churn - p.CHURN_SLOPE**2 / 2)
    now = np.where(joined < 0, start, NONE)
    for month in range(count):
        now = np.where(joined == month, start, now)
        here = (now > NONE) & (now < LEFT) & (joined < month)
        closing = np.where(now == DORMANT, monthly(p.CLOSURE_DORMANT), monthly(p.CLOSURE_ACTIVE) * lean)
        dying = 1 - (1 - _mortality(people.age(int(clock.starts[month])))) ** (1 / 12)
        draw = rng.random(n)
        dead = here & (rng.random(n) < dying)
        gone = here & (dead | (draw < closing))
        quiet = here & ~gone & (now >= SECONDARY) & (rng.random(n) < monthly(p.SILENT_ATTRITION) * lean)
        back = here & ~gone & (now == DORMANT) & (rng.random(n) < monthly(p.REACTIVATION))
        left_month[gone] = month
        left_day[gone] = (clock.starts[month] + (rng.random(n) * clock.lengths[month]).astype(np.int64))[gone]
        why[gone] = np.where(dead, 2, rng.random(n) < p.SWITCHED_SHARE)[gone]
        silent[quiet] = month
        now = np.where(quiet, DORMANT, np.where(back, np.where(rng.random(n) < 0.5, SECONDARY, MAIN), now))
        state[:, month] = now  # the month of leaving still counts
        now = np.where(gone, LEFT, now)
    return Relationships(
        state, joined, joined_day, left_month, left_day, why, _activity(rng, state, silent, clock), silent
    )


def _mortality(age: Floats) -> Floats:
    yearly = p.DEATH_AT_45 * np.exp(p.DEATH_SLOPE * (age - 45))
    return np.asarray(np.minimum(yearly, 0.6), dtype=np.float64)


def _activity(
    rng: np.random.Generator, state: npt.NDArray[np.int8], silent: Ints, clock: Clock
) -> npt.NDArray[np.float32]:
    """Return the share of ordinary activity: a part of those who fall silent fade out over the months before."""
    active = np.ones(state.shape, dtype=np.float32)
    fading = np.flatnonzero((silent < NEVER) & (rng.random(len(silent)) < p.FADING_SHARE))
    for back, share in zip((3, 2, 1), p.FADING, strict=True):
        month = silent[fading] - back
        active[fading[month >= 0], month[month >= 0]] = share
    return active
