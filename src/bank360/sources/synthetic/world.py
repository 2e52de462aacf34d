"""A whole district before its daily movements: people, relationships, accounts, applications, lending, fraud cases.

Order of drawing (nothing later changes anything earlier)::

    people -> applications of strangers -> relationships -> holdings and offers -> applications of customers
           -> credit accounts -> what becomes of them -> accounts, cards, records

`movements` then writes the transactions person by person; `records` and `ledger_tables` turn everything into rows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.clock import Clock
from bank360.sources.synthetic.credit import instalment_of
from bank360.sources.synthetic.districts import District
from bank360.sources.synthetic.draws import Bools, Floats, Ints, choose, stream
from bank360.sources.synthetic.fraud import Cases, draw_cases
from bank360.sources.synthetic.holdings import Held, Offers, Plain, draw_plain, draw_start
from bank360.sources.synthetic.lending import (
    Book,
    Credit,
    draw_book,
    joined_credit,
    stock_credit,
    true_probability,
)
from bank360.sources.synthetic.people import People, draw_people
from bank360.sources.synthetic.relationships import DORMANT, LEFT, NEVER, Relationships, draw_relationships
from bank360.sources.synthetic.requests import Decisions, Requests, decide, draw_requests


@dataclass(frozen=True)
class Applications:
    """All applications in order of submission, with decisions, cases and truth.

    ``opened`` is the day the account was opened (0: none); ``true_pd`` the probability of default within 12 months had
    it been booked; ``would_default`` the outcome drawn for those never booked.
    """

    requests: Requests
    decisions: Decisions
    opened: Ints
    cases: Cases
    true_pd: Floats
    would_default: Bools


@dataclass(frozen=True)
class World:
    """Everything but the movements."""

    district: District
    clock: Clock
    people: People
    relationships: Relationships
    held: Held
    plain: Plain
    offers: Offers
    applications: Applications
    credit: Credit
    book: Book

    @property
    def seed(self) -> int:
        """The seed of the district's streams."""
        return self.district.seed


def build_world(district: District, months: int) -> World:
    """Return a district over ``months`` months; same arguments, same people and all that becomes of them.

    Raises
    ------
    ValueError
        If there are too few customers or months for lending to be mature (100 and 18).
    """
    customers, seed = district.customers, district.seed
    if customers < 100 or months < 18:
        raise ValueError(f"the synthetic bank needs at least 100 customers and 18 months, not {customers} and {months}")
    clock = Clock(months)
    people = draw_people(customers, clock, seed)
    strangers = _strangers(people, clock, seed)
    first = _settled(people, strangers, clock, seed, 1)
    booked_day = np.where(first.opened > 0, first.opened, 0)
    booked_month = np.where(booked_day > 0, clock.month_index(booked_day.astype(np.int32)), NEVER)
    by_person = np.full(people.applicants, NEVER), np.zeros(people.applicants, dtype=np.int64)
    slot = strangers.person - (people.stock + people.joiners)
    by_person[0][slot], by_person[1][slot] = booked_month, booked_day
    relationships = draw_relationships(people, *by_person, clock, seed)
    held = draw_start(people, relationships, seed)
    plain, offers = draw_plain(people, relationships, held, clock, seed)
    known = _settled(people, _customers(people, relationships, held, clock, seed), clock, seed, 0)
    applications = _merged(first, known)
    credit = joined_credit([stock_credit(people, relationships, held, clock, seed), _booked(applications, clock, seed)])
    book = draw_book(people, relationships, credit, clock, seed)
    return World(district, clock, people, relationships, held, plain, offers, applications, credit, book)


def _strangers(people: People, clock: Clock, seed: int) -> Requests:
    rng = stream(seed, "strangers")
    person = np.arange(people.stock + people.joiners, people.count)
    month = rng.integers(0, clock.count, len(person))
    lines = np.array([line for line, _ in p.APPLIED_LINES])[choose(rng, [s for _, s in p.APPLIED_LINES], len(person))]
    return draw_requests(people, person, month, lines, True, clock, seed)


def _customers(people: People, relationships: Relationships, held: Held, clock: Clock, seed: int) -> Requests:
    rng = stream(seed, "demand")
    number = p.APPLICATIONS_YEARLY * (1 - p.NEW_TO_BANK) * people.stock / 12
    has_card, has_mortgage = held.at_start[:, p.CARD].copy(), held.at_start[:, p.MORTGAGE].copy()
    has_card[people.stock + people.joiners :] = True  # they came with credit
    persons, months, lines = [], [], []
    for month in range(clock.count):
        state = relationships.state[:, month]
        eligible = (state >= DORMANT) & (state < LEFT) & (relationships.joined_month < month)
        eligible &= relationships.left_month > month + 1
        pull = np.array(p.APPLY_WEIGHT)[state] * np.exp(p.APPLY_STRESS * people.stress[:, month])
        key = np.where(eligible, np.log(np.maximum(pull, 1e-9)) + rng.gumbel(size=people.count), -np.inf)
        count = int(number + rng.random())
        chosen = np.sort(np.argpartition(-key, count)[:count])
        line = np.array([one for one, _ in p.APPLIED_LINES])[choose(rng, [s for _, s in p.APPLIED_LINES], count)]
        # Whoever holds the product asks for a loan instead; whoever has none asks for a card more often.
        without = ~has_card[chosen] & (line == p.LOAN) & (rng.random(count) < 0.35)
        line = np.where(without, p.CARD, line)
        line = np.where((line == p.CARD) & has_card[chosen] & (rng.random(count) < 0.4), p.LOAN, line)
        line = np.where((line == p.MORTGAGE) & has_mortgage[chosen], p.LOAN, line)
        has_card[chosen[line == p.CARD]] = True
        has_mortgage[chosen[line == p.MORTGAGE]] = True
        persons.append(chosen)
        months.append(np.full(count, month))
        lines.append(line)
    return draw_requests(
        people, np.concatenate(persons), np.concatenate(months), np.concatenate(lines), False, clock, seed
    )


def _settled(people: People, requests: Requests, clock: Clock, seed: int, part: int) -> Applications:
    """Decide applications, open what is taken up, and draw what the bank learns of fraud."""
    rng = stream(seed, "settled", part)
    decisions = decide(requests, seed, part)
    opened = requests.day + decisions.days + rng.integers(0, 5, requests.count)
    opened = np.where(decisions.taken_up & (opened < clock.end_day - 1), opened, 0)
    true_pd = true_probability(people, requests.person, requests.line, requests.burden, requests.month, clock)
    return Applications(requests, decisions, opened, draw_cases(requests, clock, seed, part), true_pd,
                        rng.random(requests.count) < true_pd)  # fmt: skip


def _merged(first: Applications, second: Applications) -> Applications:
    """Return both sets as one in order of submission."""
    at = np.concatenate([first.requests.day * 86_400 + first.requests.second,
                         second.requests.day * 86_400 + second.requests.second])  # fmt: skip
    order = np.argsort(at, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))

    def both(one: object, other: object, names: list[str]) -> list[npt.NDArray[Any]]:
        return [np.concatenate([getattr(one, name), getattr(other, name)])[order] for name in names]

    requests = Requests(*both(first.requests, second.requests, list(Requests.__dataclass_fields__)))
    decisions = Decisions(*both(first.decisions, second.decisions, list(Decisions.__dataclass_fields__)))
    subjects = np.concatenate([first.cases.request, second.cases.request + first.requests.count])
    cases = Cases(
        place[subjects],
        *(
            np.concatenate([getattr(first.cases, n), getattr(second.cases, n)])
            for n in ("opened", "closed", "confirmed")
        ),
    )
    opened, true_pd, would_default = both(first, second, ["opened", "true_pd", "would_default"])
    return Applications(requests, decisions, opened, cases, true_pd, would_default)


def _booked(applications: Applications, clock: Clock, seed: int) -> Credit:
    rng = stream(seed, "booked")
    requests, decisions = applications.requests, applications.decisions
    at = np.flatnonzero(applications.opened > 0)
    n = len(at)
    line, opened, term = requests.line[at], applications.opened[at], requests.term[at]
    rate, amount = decisions.rate[at], decisions.offered[at]
    instalment = np.where(line == p.CARD, 0, instalment_of(amount, rate, np.maximum(term, 1)))
    fraud = requests.fraud[at]
    first_due = clock.month_index(opened.astype(np.int32)) + 1
    forced = np.where(fraud & (rng.random(n) < p.FIRST_PAYMENT_DEFAULT), first_due, -1)
    stopped = np.full(requests.count, NEVER)
    cases = applications.cases
    stopped[cases.request[cases.confirmed]] = clock.month_index(cases.closed[cases.confirmed].astype(np.int32))
    due = rng.integers(p.DUE_DAYS[0], p.DUE_DAYS[1] + 1, n)
    return Credit(requests.person[at], line, opened, amount, rate, term, instalment, due, requests.burden[at], at,
                  forced, np.maximum(stopped[at], first_due))  # fmt: skip
