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


def willingness(intent: Floats) -> Floats:
    """Return how far conduct is dishonest: 0 for nearly everybody, towards 1 with intent."""
    return logistic(p.WILLING_SLOPE * (intent - p.WILLING_AT))


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
    willing = willingness(intent)
    line = np.where(willing > 0.5, np.where(lines == p.MORTGAGE, p.LOAN, lines), lines)
    greed = np.exp(p.REQUEST_SPREAD * rng.standard_normal(n) + p.REQUEST_INTENT * willing + p.REQUEST_STRESS * stress)
    multiple = np.select([line == one for one in p.REQUEST_MULTIPLE], list(p.REQUEST_MULTIPLE.values()))
    amount = (np.maximum(income * multiple * greed, 50_000) / 10_000).round().astype(np.int64) * 10_000
    for one, limits in p.REQUEST_LIMITS.items():
        amount = np.where(line == one, np.clip(amount, *limits), amount)
    term = np.array(p.LOAN_TERMS)[choose(rng, p.LOAN_TERM_SHARES, n)]
    term = np.where(line == p.MORTGAGE, 300, np.where(line == p.CARD, 0, term))
    burden = np.where(line == p.MORTGAGE, 0.0, np.log(amount / np.maximum(income * multiple, 1)) / p.REQUEST_SPREAD)
    risk = person_risk(people, person, month, clock) + p.RISK_BURDEN * burden
    probability = logistic(p.FRAUD_LEVEL + p.FRAUD_SLOPE * intent)
    fraud = rng.random(n) < probability
    # Income is declared with everybody's optimism; dishonest intent inflates it.
    declared = income * np.exp(p.DECLARED_NOISE * rng.standard_normal(n) + p.INFLATED_INCOME * willing * rng.random(n))
    shares = p.HOUSING_SHARE + p.HOUSING_NOISE * rng.standard_normal(n) + p.HOUSING_STRESS * stress
    housing = income * np.clip(shares, 0.0, 0.6)
    shares = p.OUTGOINGS_SHARE + p.OUTGOINGS_STRESS * stress + p.OUTGOINGS_NOISE * rng.standard_normal(n)
    outgoings = income * np.clip(shares, 0.0, 0.8) * (1 - p.OUTGOINGS_HIDDEN * willing)
    age = people.age(int(clock.first_day))[person] + month / 12
    jobless = people.jobless[person, month]
    employment = choose(rng, p.EMPLOYMENT_SHARES, n)
    employment = np.where(
        age >= p.PENSION_AGE, 2, np.where(jobless & (rng.random(n) < p.JOBLESS_DECLARED), 4, employment)
    )
    months = rng.gamma(1.3, p.TENURE_MEAN / 1.3, n) * np.exp(p.TENURE_STRESS * stress)
    months = months * np.where(willing > 0.5, p.TENURE_INTENT, 1.0)
    tenure = np.clip(months, 1, np.maximum((age - 17) * 12, 2)).astype(np.int64)
    shock = stress - np.sqrt(p.TRAIT_SHARE) * people.trait[person]
    seen = risk - (1 - p.BUREAU_SEES_HIDDEN) * p.RISK_HIDDEN * people.hidden[person]
    seen = seen - p.BUREAU_SHOCK * p.RISK_STRESS * shock + p.BUREAU_INTENT * willing
    score = p.BUREAU_MEAN - p.BUREAU_SLOPE * seen + p.BUREAU_NOISE * rng.standard_normal(n)
    score = np.where(
        rng.random(n) < p.NO_BUREAU_FILE + p.NO_FILE_INTENT * willing, -1, np.clip(score, 250, 950)
    ).astype(np.int64)
    searches = rng.poisson(np.exp(p.SEARCHES_LEVEL + p.SEARCHES_STRESS * stress + p.SEARCHES_INTENT * willing))
    debt = income * np.exp(p.DEBT_LEVEL + p.DEBT_STRESS * stress + p.DEBT_NOISE * rng.standard_normal(n))
    debt = debt * (rng.random(n) < 1 - p.DEBT_NONE)
    worst = rng.poisson(np.exp(p.ARREARS_LEVEL + p.ARREARS_STRESS * stress + p.ARREARS_INTENT * willing))
    worst = np.minimum(worst, 6)
    hour_honest = np.array(p.HOURS_REMOTE, dtype=np.float64)
    hour_willing = np.roll(hour_honest, 4) + 12
    hour = np.where(willing > 0.5, choose(rng, hour_willing, n), choose(rng, hour_honest, n))
    honest, dishonest = p.CHANNEL_SHARES
    channel = np.where(willing > 0.5, choose(rng, dishonest, n), choose(rng, honest, n))
    hour = np.where(channel >= 2, 9 + hour % 8, hour)  # branch and phone keep office hours
    purpose = np.where(line == p.LOAN, choose(rng, p.PURPOSE_SHARES, n), -1)

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
        dishonest, p.INTENT_MEAN + p.INTENT_SPREAD * rng.standard_normal(n), p.HONEST_SPREAD * rng.standard_normal(n)
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
        (score - p.BUREAU_MEAN) / p.POLICY_POINTS
        + p.POLICY_LOAD * (load - p.HOUSING_SHARE - p.OUTGOINGS_SHARE)
        + p.POLICY_SEARCHES * requests.searches
        + p.POLICY_ARREARS * np.maximum(requests.worst_status, 0)
        + p.POLICY_BURDEN * requests.burden
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
    base = np.select([requests.line == one for one in p.RATES], list(p.RATES.values()))
    rate = np.where(requests.line == p.LOAN, base + 0.02 * np.clip(1 - reading, 0, 4), base).round(4)
    return Decisions(approved, source, approved & (rng.random(n) < p.TAKEN_UP), rng.integers(0, 4, n), offered, rate)
