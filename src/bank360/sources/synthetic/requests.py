"""Applications for credit: who asks for what and when, what is declared, what the bureau says, what the bank decides.

Risk and dishonest intent are latent; declared figures, the bureau's answer and the old policy are noisy readings of
them. `decide` plays the bank's old policy with its random acceptances and overrides. What becomes of an application is
`lending`'s and `fraud`'s business.
"""

from dataclasses import dataclass

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.draws import Bools, Floats, Ints, choose, logistic, stream
from bank360.sources.synthetic.people import People

CHANNELS = ("online", "mobile", "branch", "phone")
PURPOSES = ("car", "home_improvement", "debt_consolidation", "holiday", "wedding", "other")
EMPLOYMENT = ("employed", "self_employed", "retired", "student", "unemployed", "part_time")


@dataclass(frozen=True)
class Requests:
    """Applications as submitted, one entry each.

    ``intent`` is dishonest intent (about 0 for nearly everybody); ``ring`` numbers fraud rings, -1 for none. ``risk``
    is the log-hazard of default relative to average at submission, without the product's level. Amounts are pence.
    """

    person: Ints
    new_to_bank: Bools
    line: Ints
    month: Ints
    day: Ints
    second: Ints
    channel: Ints
    amount: Ints
    term: Ints
    purpose: Ints
    burden: Floats
    risk: Floats
    intent: Floats
    ring: Ints
    fraud_probability: Floats
    fraud: Bools
    declared_income: Ints
    housing: Ints
    outgoings: Ints
    employment: Ints
    employed_months: Ints
    score: Ints
    searches: Ints
    external_debt: Ints
    worst_status: Ints

    @property
    def count(self) -> int:
        """How many applications there are."""
        return len(self.person)


def person_risk(people: People, person: Ints, month: Ints, clock: Clock) -> Floats:
    """Return the log-hazard of default, relative to average, that people bring along in a month."""
    age = people.age(int(clock.starts[len(clock.starts) // 2]))[person]
    # The level of income that counts is relative to the age's median, which p.INCOME_BY_AGE already moves.
    earning = np.log(people.income[person] / p.INCOME_MEDIAN) / p.INCOME_SIGMA
    risk = p.RISK_STRESS * people.stress[person, np.clip(month, 0, clock.count - 1)].astype(np.float64)
    risk += p.RISK_INCOME * earning + p.RISK_HIDDEN * people.hidden[person] + p.RISK_AGE * (age - 45)
    return np.asarray(risk, dtype=np.float64)


def draw_requests(
    people: People, person: Ints, month: Ints, lines: Ints, new_to_bank: bool, clock: Clock, seed: int
) -> Requests:
    """Return what ``person`` apply for in ``month``, ``lines`` given, with everything known at submission."""
    rng = stream(seed, "requests", int(new_to_bank))
    n = len(person)
    growth = (1 + p.INCOME_GROWTH) ** (month / 12)
    income = people.income[person] * growth
    stress = people.stress[person, month].astype(np.float64)
    intent, ring, month, day = _intent(rng, month, new_to_bank, clock)
    willing = logistic(2.0 * (intent - 2.0))  # 0 for the honest, towards 1 with intent
    line = np.where(willing > 0.5, np.where(lines == p.MORTGAGE, p.LOAN, lines), lines)
    greed = np.exp(0.45 * rng.standard_normal(n) + 0.35 * willing + 0.10 * stress)
    multiple = np.select([line == p.CARD, line == p.LOAN], [1.3, 3.2], 95.0)
    amount = (np.maximum(income * multiple * greed, 50_000) / 10_000).round().astype(np.int64) * 10_000
    amount = np.where(line == p.CARD, np.clip(amount, 50_000, 1_500_000), amount)
    amount = np.where(line == p.LOAN, np.clip(amount, 100_000, 2_500_000), amount)
    term = np.array(p.LOAN_TERMS)[choose(rng, p.LOAN_TERM_SHARES, n)]
    term = np.where(line == p.MORTGAGE, 300, np.where(line == p.CARD, 0, term))
    burden = np.where(line == p.MORTGAGE, 0.0, np.log(amount / np.maximum(income * multiple, 1)) / 0.45)
    risk = person_risk(people, person, month, clock) + p.RISK_BURDEN * burden
    probability = logistic(p.FRAUD_LEVEL + p.FRAUD_SLOPE * intent)
    fraud = rng.random(n) < probability
    # Income is declared with everybody's optimism; dishonest intent inflates it.
    declared = income * np.exp(0.13 * rng.standard_normal(n) + p.INFLATED_INCOME * willing * rng.random(n))
    housing = income * np.clip(0.24 + 0.10 * rng.standard_normal(n) + 0.02 * stress, 0.0, 0.6)
    outgoings = income * np.clip(0.16 + 0.07 * stress + 0.10 * rng.standard_normal(n), 0.0, 0.8) * (1 - 0.35 * willing)
    age = people.age(int(clock.first_day))[person] + month / 12
    jobless = people.jobless[person, month]
    employment = choose(rng, (0.74, 0.12, 0.0, 0.03, 0.0, 0.11), n)
    employment = np.where(age >= p.PENSION_AGE, 2, np.where(jobless & (rng.random(n) < 0.4), 4, employment))
    months = rng.gamma(1.3, 45.0, n) * np.exp(-0.22 * stress) * np.where(willing > 0.5, 0.45, 1.0)
    tenure = np.clip(months, 1, np.maximum((age - 17) * 12, 2)).astype(np.int64)
    # A stolen or invented identity has a clean file with fresh searches.
    shock = stress - np.sqrt(p.TRAIT_SHARE) * people.trait[person]
    seen = risk - 0.45 * p.RISK_HIDDEN * people.hidden[person] - p.BUREAU_SHOCK * p.RISK_STRESS * shock - 0.8 * willing
    score = p.BUREAU_MEAN - p.BUREAU_SLOPE * seen + p.BUREAU_NOISE * rng.standard_normal(n)
    score = np.where(rng.random(n) < p.NO_BUREAU_FILE + 0.10 * willing, -1, np.clip(score, 250, 950)).astype(np.int64)
    searches = rng.poisson(np.exp(0.15 + 0.28 * stress + 0.85 * willing))
    debt = income * np.exp(0.2 + 0.5 * stress + 0.8 * rng.standard_normal(n)) * (rng.random(n) < 0.72)
    worst = np.minimum(rng.poisson(np.exp(-1.9 + 0.75 * stress - 0.8 * willing)), 6)
    hour_honest = np.array(p.HOURS_REMOTE, dtype=np.float64)
    hour_willing = np.roll(hour_honest, 4) + 12
    hour = np.where(willing > 0.5, choose(rng, hour_willing, n), choose(rng, hour_honest, n))
    channel = np.where(
        willing > 0.5, choose(rng, (0.62, 0.32, 0.02, 0.04), n), choose(rng, (0.44, 0.34, 0.15, 0.07), n)
    )
    hour = np.where(channel >= 2, 9 + hour % 8, hour)  # branch and phone keep office hours
    purpose = np.where(line == p.LOAN, choose(rng, (0.25, 0.24, 0.22, 0.10, 0.05, 0.14), n), -1)

    def pence(x: Floats, to: int = 1_000) -> Ints:
        return np.asarray((np.maximum(x, 0) / to).round(), dtype=np.int64) * to

    return Requests(
        person,
        np.full(n, new_to_bank),
        line,
        month,
        day,
        hour * 3600 + rng.integers(0, 3600, n),
        channel,
        amount,
        term,
        purpose,
        burden,
        risk,
        intent,
        ring,
        probability,
        fraud,
        pence(declared),
        pence(housing),
        pence(outgoings),
        employment,
        tenure,
        score,
        searches,
        np.where(score < 0, -1, pence(debt)),
        np.where(score < 0, -1, worst),
    )


def _intent(rng: np.random.Generator, month: Ints, new_to_bank: bool, clock: Clock) -> tuple[Floats, Ints, Ints, Ints]:
    """Draw dishonest intent, and gather a part of the dishonest in rings that act within a few weeks."""
    n = len(month)
    day = clock.starts[month] + (rng.random(n) * clock.lengths[month]).astype(np.int64)
    share = p.INTENT_SHARE * (p.INTENT_NEW_TO_BANK if new_to_bank else 1 - p.INTENT_NEW_TO_BANK)
    share /= p.NEW_TO_BANK if new_to_bank else 1 - p.NEW_TO_BANK
    dishonest = rng.random(n) < share
    intent = np.where(
        dishonest, p.INTENT_MEAN + p.INTENT_SPREAD * rng.standard_normal(n), 0.35 * rng.standard_normal(n)
    )
    ring = np.full(n, -1)
    if new_to_bank:
        # Rings are made of strangers to the bank. They take over the dates of whoever stands next in time.
        members = np.flatnonzero(dishonest & (rng.random(n) < p.RING_SHARE / p.INTENT_NEW_TO_BANK))
        members = members[np.argsort(day[members], kind="stable")]
        at, number = 0, 0
        while at < len(members):
            size = int(rng.integers(p.RING_SIZES[0], p.RING_SIZES[1] + 1))
            those = members[at : at + size]
            if len(those) >= 2:
                ring[those] = number
                first = day[those[0]]
                day[those] = np.minimum(first + rng.integers(0, 7 * p.RING_WEEKS, len(those)), clock.end_day - 1)
                number += 1
            at += size
    month = clock.month_index(day.astype(np.int32))
    return intent, ring, month, day


@dataclass(frozen=True)
class Decisions:
    """What the bank decided on each application; ``source`` 0 policy, 1 random acceptance, 2 override."""

    approved: Bools
    source: Ints
    taken_up: Bools
    days: Ints
    offered: Ints
    rate: Floats


def decide(requests: Requests, seed: int, part: int) -> Decisions:
    """Return the old policy's decisions: a cut-off on a noisy reading of bureau, declared income and request."""
    rng = stream(seed, "decisions", part)
    n = requests.count
    score = np.where(requests.score < 0, p.BUREAU_MEAN - 30, requests.score)
    load = (requests.housing + requests.outgoings) / np.maximum(requests.declared_income, 1)
    reading = (
        (score - p.BUREAU_MEAN) / 80
        - 0.9 * (load - 0.4)
        - 0.12 * requests.searches
        - 0.25 * np.maximum(requests.worst_status, 0)
        - 0.15 * requests.burden
        + p.POLICY_NOISE * rng.standard_normal(n)
    )
    # One cut-off for the whole history (a policy does not follow its applicants).
    policy = reading > p.POLICY_CUT
    source = np.zeros(n, dtype=np.int64)
    chance = rng.random(n)
    source = np.where(chance < p.RANDOM_ACCEPTED, 1, np.where(chance > 1 - p.OVERRIDES, 2, 0))
    approved = np.where(source == 1, True, np.where(source == 2, ~policy, policy))
    trimmed = np.where(requests.line == p.CARD, np.clip(0.35 + 0.25 * (reading + 1), 0.2, 1.0), 1.0)
    offered = np.maximum((requests.amount * trimmed / 10_000).round().astype(np.int64), 5) * 10_000
    base = np.select([requests.line == p.CARD, requests.line == p.LOAN], [0.239, 0.089], 0.049)
    rate = np.where(requests.line == p.LOAN, base + 0.02 * np.clip(1 - reading, 0, 4), base).round(4)
    return Decisions(approved, source, approved & (rng.random(n) < p.TAKEN_UP), rng.integers(0, 4, n), offered, rate)
