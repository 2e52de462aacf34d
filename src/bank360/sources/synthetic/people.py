"""People of the demonstration bank: who they are and the latent traits behind everything they do.

The stock stands first, then those who join without credit, then those who come with an application. Traits are drawn
once; stress is a trait plus a path of fading shocks. Nothing here is a function of a column that the bank delivers.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bank360.bank.calendar import Int32s
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Bools, Floats, Ints, choose, stream

_YEAR = 365.25
_CODES = {name: i for i, name in enumerate(p.PATTERNS)}


@dataclass(frozen=True)
class People:
    """One array entry per person.

    Parameters
    ----------
    stock, joiners, applicants
        How many stand in each part, in this order.
    birth_day, sex, married, region
        Attributes; sex 0 female, 1 male; they drive no outcome (age mildly, as in life).
    income
        Net monthly income at the start, pence.
    trait, stress
        Stress trait ``(n,)`` and stress by month ``(n, months)``; both about N(0, 1).
    jobless
        Months without salary after a shock, ``(n, months)``.
    churn, appetite, thrift
        Traits N(0, 1): leaning to leave, to take products up, to keep a buffer.
    hidden
        Risk that neither bank nor bureau sees, N(0, 1).
    group
        Planted behavioural group.
    remote, cash, abroad, essentials, spread
        Personal multiples of behaviour: the group's, blurred.
    pattern
        Index into `parameters.PATTERNS`: how salary or pension comes.
    employer
        Number of the payer.
    """

    stock: int
    joiners: int
    applicants: int
    birth_day: Int32s
    sex: Ints
    married: Ints
    region: Ints
    income: Floats
    trait: Floats
    stress: npt.NDArray[np.float32]
    jobless: Bools
    churn: Floats
    appetite: Floats
    thrift: Floats
    hidden: Floats
    group: Ints
    remote: Floats
    cash: Floats
    abroad: Floats
    essentials: Floats
    spread: Floats
    pattern: Ints
    employer: Ints

    @property
    def count(self) -> int:
        """How many people there are."""
        return self.stock + self.joiners + self.applicants

    def age(self, day: int | Int32s) -> Floats:
        """Return everybody's age in years on ``day``."""
        return np.asarray((day - self.birth_day) / _YEAR, dtype=np.float64)


def newcomers(customers: int, months: int) -> tuple[int, int]:
    """Return how many people join a bank of ``customers`` without credit over ``months``, and how many by applying."""
    years = months / 12
    return (
        round(p.PLAIN_JOINERS * customers * years),
        round(p.APPLICATIONS_YEARLY * p.NEW_TO_BANK * customers * years),
    )


def draw_people(customers: int, clock: Clock, seed: int) -> People:
    """Return the people of a bank of ``customers`` customers at any one time."""
    rng = stream(seed, "people")
    joiners, applicants = newcomers(customers, clock.count)
    n = customers + joiners + applicants
    band = np.concatenate(
        [
            choose(rng, [share for _, _, share in p.AGE_BANDS], customers + joiners),
            choose(rng, [share for _, _, share in p.NEW_TO_BANK_AGE_BANDS], applicants),
        ]
    )
    low = np.array([low for low, _, _ in p.AGE_BANDS])[band]
    high = np.array([high for _, high, _ in p.AGE_BANDS])[band]
    age = low + rng.random(n) * (high - low)
    # Ages are those at the middle of the history, but nobody is under 18 at its start.
    middle = (clock.first_day + clock.end_day) // 2
    age = np.maximum(age, 18.1 + (middle - clock.first_day) / _YEAR)
    married = np.where(
        rng.random(n) < np.array(p.MARRIED_BY_AGE)[band], 1, np.where(age > 70, 3 * (rng.random(n) < 0.5), 0)
    )
    married = np.where((married == 0) & (age > 35) & (rng.random(n) < 0.3), 2, married)
    trait = rng.standard_normal(n)
    earning = p.INCOME_STRESS * trait + np.sqrt(1 - p.INCOME_STRESS**2) * rng.standard_normal(n)
    income = p.INCOME_MEDIAN * np.array(p.INCOME_BY_AGE)[band] * np.exp(p.INCOME_SIGMA * earning)
    stress, jobless = _stress(rng, trait, clock)
    group = choose(rng, p.GROUP_SHARES, n)

    def multiples(by_group: tuple[float, ...]) -> Floats:
        blur = np.exp(p.GROUP_BLUR * rng.standard_normal(n) - p.GROUP_BLUR**2 / 2)
        return np.asarray(np.array(by_group)[group] * blur, dtype=np.float64)

    working = choose(rng, p.WORKING_PATTERN_SHARES, n)
    pattern = np.where(age >= p.PENSION_AGE, _CODES["four_weekly"], working)
    return People(
        customers,
        joiners,
        applicants,
        (middle - age * _YEAR).astype(np.int32),
        rng.integers(0, 2, n),
        married,
        choose(rng, p.REGION_SHARES, n),
        income,
        trait,
        stress,
        jobless & (pattern != _CODES["four_weekly"])[:, None],
        rng.standard_normal(n),
        rng.standard_normal(n),
        rng.standard_normal(n),
        rng.standard_normal(n),
        group,
        multiples(p.GROUP_REMOTE),
        multiples(p.GROUP_CASH),
        multiples(p.GROUP_ABROAD),
        multiples(p.GROUP_ESSENTIALS),
        multiples(p.GROUP_SPREAD),
        pattern,
        rng.integers(0, p.EMPLOYERS, n),
    )


def _stress(rng: np.random.Generator, trait: Floats, clock: Clock) -> tuple[npt.NDArray[np.float32], Bools]:
    n = len(trait)
    noise = np.sqrt((1 - p.TRAIT_SHARE) * (1 - p.SHOCK_FADE**2))
    shock = np.sqrt(1 - p.TRAIT_SHARE) * rng.standard_normal(n)
    stress = np.empty((n, clock.count), dtype=np.float32)
    jobless = np.zeros((n, clock.count), dtype=np.bool_)
    left = np.zeros(n, dtype=np.int64)
    for month in range(clock.count):
        hit = rng.random(n) < p.SHOCK_EVENT / 12
        # 0.9 of the ordinary noise leaves room for the events, so that the variance stays near 1.
        shock = p.SHOCK_FADE * shock + 0.9 * noise * rng.standard_normal(n) + np.where(hit, p.SHOCK_EVENT_SIZE, 0.0)
        left = np.where(hit, rng.integers(p.JOB_LOSS_MONTHS[0], p.JOB_LOSS_MONTHS[1] + 1, n), np.maximum(left - 1, 0))
        jobless[:, month] = left > 0
        stress[:, month] = np.sqrt(p.TRAIT_SHARE) * trait + shock
    return stress, jobless
