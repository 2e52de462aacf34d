"""Credit accounts over the history: stock and booked applications, their hazards, paths and true probabilities.

Hazard of a severe episode in a month = level of the product x season on book x stress period x exp(risk), where risk is
the person's (see `requests.person_risk`) and the request's burden. Everything downstream (days past due, balances,
payments) follows from the paths drawn with these hazards.
"""

from dataclasses import dataclass

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.credit import CreditMonths, card_months, instalment_months, instalment_of
from bank360.sources.synthetic.delinquency import Paths, default_ahead, default_probability, draw_paths
from bank360.sources.synthetic.draws import Floats, Ints, choose, logistic, stream
from bank360.sources.synthetic.holdings import Held
from bank360.sources.synthetic.people import People
from bank360.sources.synthetic.relationships import NEVER, Relationships
from bank360.sources.synthetic.requests import person_risk


@dataclass(frozen=True)
class Credit:
    """Credit accounts before anything happens on them, one entry each.

    ``request`` is the position of the application it came from (-1: opened before the history, or a joiner's
    mortgage), ``forced`` the month of a planted first-payment default (-1: none), ``stopped`` the month in which the
    bank ends it for fraud (NEVER: not).
    """

    person: Ints
    line: Ints
    opened: Ints
    amount: Ints
    rate: Floats
    term: Ints
    instalment: Ints
    due_day: Ints
    burden: Floats
    request: Ints
    forced: Ints
    stopped: Ints

    @property
    def count(self) -> int:
        """How many accounts there are."""
        return len(self.person)


@dataclass(frozen=True)
class Book:
    """What became of the credit accounts: paths, month-end states (same rows), and true probabilities.

    ``owed_at_start`` is the balance when the history begins, pence; 0 of accounts opened in it. Only cards read it.
    """

    paths: Paths
    months: CreditMonths
    opened_month: Ints
    owed_at_start: Ints
    true_pd: Floats
    ahead: Floats


def stock_credit(people: People, relationships: Relationships, held: Held, clock: Clock, seed: int) -> Credit:
    """Return the credit that people hold when the history begins, and the mortgages that joiners bring along."""
    rng = stream(seed, "stock")
    parts: list[Credit] = []
    for line in (p.CARD, p.LOAN, p.MORTGAGE):
        person = np.flatnonzero(held.at_start[:, line])
        n = len(person)
        income = people.income[person]
        joined = relationships.joined_day[person]
        term = np.array(p.LOAN_TERMS)[choose(rng, p.LOAN_TERM_SHARES, n)]
        term = np.full(n, {p.CARD: 0, p.MORTGAGE: 300}.get(line, 1)) * np.where(line == p.LOAN, term, 1)
        oldest = {p.CARD: np.full(n, 96), p.LOAN: term - 1, p.MORTGAGE: np.full(n, 220)}[line]
        age = (rng.random(n) * oldest * 30.4).astype(np.int64) + 35
        before = np.maximum(clock.first_day - age, np.minimum(joined, clock.first_day - 35))
        opened = np.where(relationships.joined_month[person] < 0, before, joined)
        multiple = {p.CARD: 1.25, p.LOAN: 3.0, p.MORTGAGE: 70.0}[line]
        wish = income * multiple * np.exp(0.4 * rng.standard_normal(n) - 0.15 * people.trait[person])
        amount = np.maximum((wish / 10_000).round(), 5).astype(np.int64) * 10_000
        rate = np.full(n, {p.CARD: 0.239, p.LOAN: 0.095, p.MORTGAGE: 0.042}[line])
        instalment = instalment_of(amount, rate, np.maximum(term, 1)) if line != p.CARD else np.zeros(n, dtype=np.int64)
        none = np.full(n, -1)
        parts.append(Credit(person, np.full(n, line), opened, amount, rate, term, instalment, _due_days(rng, n),
                            np.full(n, p.STOCK_RISK), none, none, np.full(n, NEVER)))  # fmt: skip
    return joined_credit(parts)


def joined_credit(parts: list[Credit]) -> Credit:
    """Return several sets of accounts as one, in order."""
    return Credit(*(np.concatenate([getattr(part, name) for part in parts]) for name in Credit.__dataclass_fields__))


def draw_book(people: People, relationships: Relationships, credit: Credit, clock: Clock, seed: int) -> Book:
    """Draw what becomes of every credit account."""
    rng = stream(seed, "book")
    opened = clock.month_index(credit.opened.astype(np.int32))
    onset, light = _hazards(people, credit, opened, clock)
    # Planned end: term, early settlement, or the end of the relationship, whichever comes first.
    monthly = np.array(p.CLOSING_MONTHLY)[credit.line]
    early = np.maximum(opened, 0) + 3 + rng.geometric(monthly)
    # Whoever falls silent has taken loans and mortgages elsewhere with everything else.
    silent = np.where(credit.line == p.CARD, NEVER, relationships.silent_month[credit.person])
    early = np.minimum(early, np.where(silent > opened + 2, silent, NEVER))
    planned = np.minimum(np.minimum(early, relationships.left_month[credit.person]),
                         np.where(credit.term > 0, opened + credit.term, NEVER))  # fmt: skip
    paths = draw_paths(rng, onset, light, opened, planned, credit.forced, credit.stopped)
    months = _months(rng, people, relationships, credit, paths, opened, clock)
    ahead = default_ahead(onset, light, paths.missed)
    return Book(paths, months, opened, _owed_at_start(months, opened), default_probability(onset, light, opened), ahead)


def _owed_at_start(months: CreditMonths, opened: Ints) -> Ints:
    end, paid = months.balance[:, 0] + months.written_off[:, 0], months.paid[:, 0]
    return np.where(opened < 0, end + paid - months.interest[:, 0] - months.bought[:, 0], 0)


def _months(
    rng: np.random.Generator,
    people: People,
    relationships: Relationships,
    credit: Credit,
    paths: Paths,
    opened: Ints,
    clock: Clock,
) -> CreditMonths:
    """Return the month-end states of cards and instalment credit as one, in the order of the accounts."""
    cards = np.flatnonzero(credit.line == p.CARD)
    others = np.flatnonzero(credit.line != p.CARD)
    wanted, revolver = _card_use(rng, people, relationships, credit.person[cards], clock)
    of_cards = card_months(rng, _rows(paths, cards), opened[cards], credit.amount[cards], credit.rate[cards], wanted,
                           revolver)  # fmt: skip
    of_others = instalment_months(_rows(paths, others), opened[others], credit.amount[others], credit.rate[others],
                                  credit.term[others], credit.instalment[others])  # fmt: skip
    merged = {}
    for name in CreditMonths.__dataclass_fields__:
        some = getattr(of_cards, name)
        grid = np.zeros(paths.missed.shape, dtype=some.dtype)
        grid[cards], grid[others] = some, getattr(of_others, name)
        merged[name] = grid
    return CreditMonths(**merged)


def true_probability(people: People, person: Ints, line: Ints, burden: Floats, month: Ints, clock: Clock) -> Floats:
    """Return the true 12-month probability of default of applications, had they been booked in ``month``."""
    none = np.full(len(person), -1)
    credit = Credit(person, line, clock.starts[month].astype(np.int64), none, np.zeros(len(person)), none, none, none,
                    burden, none, none, none)  # fmt: skip
    onset, light = _hazards(people, credit, month, clock)
    return default_probability(onset, light, month)


def _hazards(people: People, credit: Credit, opened: Ints, clock: Clock) -> tuple[Floats, Floats]:
    n, months = credit.count, clock.count
    level = np.array([p.ONSET_MONTHLY.get(line, 0.0) for line in range(len(p.LINES))])[credit.line]
    fixed = person_risk(people, credit.person, np.zeros(n, dtype=np.int64), clock)
    fixed += p.RISK_BURDEN * credit.burden - p.RISK_STRESS * people.stress[credit.person, 0]
    risk = fixed[:, None] + p.RISK_STRESS * people.stress[credit.person]
    year = np.clip((np.arange(months)[None, :] - opened[:, None]) // 12, 0, len(p.SEASONING) - 1)
    period = np.ones(months)
    period[clock.stress[0] : clock.stress[1]] = p.STRESS_HAZARD
    scaled = np.exp(risk) * period[None, :]
    onset = 1 - np.exp(-level[:, None] * np.array(p.SEASONING)[year] * scaled)
    light = 1 - np.exp(-p.LATE_MONTHLY * np.sqrt(scaled))
    return onset, light


def _card_use(
    rng: np.random.Generator, people: People, relationships: Relationships, person: Ints, clock: Clock
) -> tuple[Ints, Floats]:
    n = len(person)
    state = np.clip(relationships.state[person] - 1, 0, 3)
    share = np.array(p.CARD_SPEND)[state] * np.exp(0.5 * rng.standard_normal((n, clock.count)))
    used = rng.random((n, clock.count)) < np.array(p.CARD_USED)[state]
    growth = (1 + p.INCOME_GROWTH) ** (np.arange(clock.count) / 12)
    wanted = people.income[person][:, None] * growth[None, :] * share * used * relationships.active[person]
    lean = logistic(np.log(p.REVOLVERS / (1 - p.REVOLVERS)) + 0.7 * people.trait[person])
    revolver = np.where(rng.random(n) < lean, 0.6 + 0.38 * rng.random(n), 0.0)
    # The dormant leave nothing standing.
    return wanted.astype(np.int64), np.where(state > 0, revolver[:, None], 0.0)


def _rows(paths: Paths, at: Ints) -> Paths:
    return Paths(paths.missed[at], paths.last[at], paths.charged_off[at], paths.default_month[at])


def _due_days(rng: np.random.Generator, n: int) -> Ints:
    return rng.integers(p.DUE_DAYS[0], p.DUE_DAYS[1] + 1, n)
