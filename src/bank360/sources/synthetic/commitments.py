"""Regular money out: direct debits and those returned, standing orders, repayments, payments to people, fees."""

from dataclasses import dataclass

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.activity_rows import MERCHANTS
from bank360.sources.synthetic.chunk import Chunk, cells, days_within
from bank360.sources.synthetic.draws import Bools, Floats, Ints, choose
from bank360.sources.synthetic.income import MAIN
from bank360.sources.synthetic.lending_rows import Payments
from bank360.sources.synthetic.movements import CATEGORY, Movements, merged, moved

# category, median amount (pence), weight among mandates, biller numbers
_BILLS = (("utilities", 8_800, 0.27), ("tax", 14_500, 0.17), ("telecom", 3_100, 0.24),
          ("insurance_premium", 3_900, 0.14), ("subscriptions", 1_050, 0.12), ("health", 2_900, 0.06))  # fmt: skip
_BILL_CODES = np.array([CATEGORY[name] for name, _, _ in _BILLS], dtype=np.int8)
_LANDLORD = 5 * 10**6
_FRIEND = 9 * 10**6
_MANDATES_EACH = 10  # at most, per person; numbers beyond are repayments
_LENDER = 8 * 10**6


@dataclass(frozen=True)
class Mandates:
    """Direct-debit mandates: person (within the chunk), lowest and highest level they run at, kind, amount, day."""

    person: Ints
    lowest: Ints
    highest: Ints
    kind: Ints
    amount: Floats
    due: Ints
    number: Ints


def draw_mandates(rng: np.random.Generator, chunk: Chunk) -> Mandates:
    """Return mandates: those of a main relationship, and at most one of a looser one."""
    n = chunk.size
    own = np.minimum(1 + rng.poisson(p.MANDATES_MAIN - 1, n), _MANDATES_EACH - 2)
    main = np.repeat(np.arange(n), own)
    slot = np.arange(len(main)) - np.repeat(np.cumsum(own) - own, own)
    loose = [np.flatnonzero(rng.random(n) < p.MANDATES_OTHER[level]) for level in (1, 2)]
    person = np.concatenate([main, *loose])
    level = np.concatenate([np.full(len(main), 3), np.full(len(loose[0]), 2), np.full(len(loose[1]), 1)])
    level[len(main) : len(main) + len(loose[0])] = 2
    slot = np.concatenate([slot, np.full(len(loose[0]), 8), np.full(len(loose[1]), 9)])
    kind = choose(rng, [weight for _, _, weight in _BILLS], len(person))
    size = (chunk.income[person] / p.INCOME_MEDIAN) ** 0.4
    amount = (
        np.array([median for _, median, _ in _BILLS])[kind] * size * np.exp(0.35 * rng.standard_normal(len(person)))
    )
    keep = chunk.current[person] >= 0
    number = (person + chunk.first) * _MANDATES_EACH + slot
    return Mandates(person[keep], level[keep], level[keep], kind[keep], amount[keep],
                    rng.integers(0, 28, len(person))[keep], number[keep])  # fmt: skip


def direct_debits(rng: np.random.Generator, chunk: Chunk, mandates: Mandates) -> tuple[Movements, Ints]:
    """Return bills by direct debit, and the month of each."""
    level = chunk.level[mandates.person]
    runs = (level >= mandates.lowest[:, None]) & (level <= mandates.highest[:, None])
    fading = chunk.world.relationships.active[chunk.people][mandates.person]
    runs &= (fading == 1) | (rng.random(runs.shape) < fading)
    at, month = np.nonzero(runs)
    day = chunk.clock.next_working(chunk.clock.starts[month] + mandates.due[at])
    month_end = chunk.clock.ends[month]
    noise = np.where(mandates.kind[at] == 0, 0.18, 0.02)
    amount = mandates.amount[at] * chunk.growth[month // 12 * 12] * np.exp(noise * rng.standard_normal(len(at)))
    biller = MERCHANTS + mandates.number[at] % 10 + 10 * mandates.kind[at]
    stream = moved(
        chunk.current[mandates.person[at]], np.minimum(day, month_end), -np.maximum(np.rint(amount), 100),
        "direct_debit", "system", _BILL_CODES[mandates.kind[at]], merchant=biller, mandate=mandates.number[at],
    )  # fmt: skip
    return stream, mandates.person[at]


def returned(
    rng: np.random.Generator, chunk: Chunk, debits: Movements, person: Ints, sure: Ints
) -> tuple[Movements, Movements]:
    """Return the direct debits that come back unpaid on the next working day, and the fees for half of them.

    Parameters
    ----------
    person
        Of each debit, within the chunk.
    sure
        1 where a debit certainly comes back (a missed repayment), 0 where stress decides, -1 where it never does.
    """
    month = np.clip(chunk.clock.month_index(debits.day), 0, chunk.clock.count - 1)
    chance = np.minimum(p.RETURNED_BASE * np.exp(p.RETURNED_TOP * chunk.stress[person, month]), p.RETURNED_MOST)
    back = (sure == 1) | ((sure == 0) & (rng.random(debits.count) < chance))
    at = np.flatnonzero(back)
    day = chunk.clock.next_working(debits.day[at] + 1)
    unpaid = moved(debits.account[at], day, -debits.amount[at], "direct_debit", "system", "returned_payment",
                    merchant=debits.merchant[at], mandate=debits.mandate[at], refers=at)  # fmt: skip
    charged = at[rng.random(len(at)) < 0.5]
    fees = moved(debits.account[charged], chunk.clock.next_working(debits.day[charged] + 2),
                 np.full(len(charged), -p.FEE_RETURNED), "fee", "system", "fee")  # fmt: skip
    return unpaid, fees


def repayments(chunk: Chunk, payments: Payments, account_of: Ints) -> tuple[Movements, Ints, Ints]:
    """Return repayments of credit as they leave current accounts, with person and whether each is returned (1, -1)."""
    credit = chunk.world.credit
    person = credit.person[payments.credit] - chunk.first
    at = np.flatnonzero((person >= 0) & (person < chunk.size))
    at = at[from_own_account(chunk, payments.credit[at], payments.day[at], payments.amount[at])]
    person, line = person[at], credit.line[payments.credit[at]]
    category = np.where(line == p.CARD, CATEGORY["card_repayment"], CATEGORY["loan_repayment"])
    stream = moved(chunk.current[person], payments.day[at], -payments.amount[at], "direct_debit", "system", category,
                   other=_LENDER + payments.credit[at], mandate=10**7 + account_of[payments.credit[at]])  # fmt: skip
    return stream, person, np.where(payments.returned[at], 1, -1)


def from_own_account(chunk: Chunk, credit: Ints, day: Ints, amount: Ints) -> Bools:
    """Return which repayments are made from the person's current account here.

    Settlements of whole loans come from elsewhere; so does everything of people without a running current account.
    """
    terms, clock = chunk.world.credit, chunk.clock
    person = terms.person[credit] - chunk.first
    month = np.clip(clock.month_index(day), 0, clock.count - 1)
    settled = (terms.line[credit] != p.CARD) & (amount > 3 * terms.instalment[credit])
    running = (chunk.current[person] >= 0) & (chunk.level[person, month] >= 2)
    return np.asarray(running & ~settled, dtype=np.bool_)


def standing_orders(rng: np.random.Generator, chunk: Chunk) -> tuple[Movements, Floats]:
    """Return standing orders of main customers (rent, family, charity), and what each person commits to, pence."""
    n = chunk.size
    owner = chunk.world.held.at_start[chunk.people, p.MORTGAGE]
    rents = ~owner & (rng.random(n) < 0.62)
    rent = np.where(rents, chunk.income * np.clip(0.25 + 0.05 * rng.standard_normal(n), 0.12, 0.4), 0.0)
    others = rng.poisson(max(p.STANDING_MAIN - 0.45, 0.0), n)
    gift = chunk.income * 0.025 * np.exp(0.6 * rng.standard_normal(n)) * (others > 0)
    due = rng.integers(0, 28, (n, 2))
    parts = []
    for amount, category, which, base in ((rent, "rent", 0, _LANDLORD), (gift, "other_transfer", 1, _FRIEND)):
        runs = (amount > 0)[:, None] & (chunk.level == MAIN) & (chunk.current >= 0)[:, None]
        person, month = np.nonzero(runs)
        if which:
            times = others[person]
            person, month = np.repeat(person, times), np.repeat(month, times)
        day = chunk.clock.next_working(chunk.clock.starts[month] + due[person, which])
        value = np.rint(amount[person] * chunk.growth[month // 12 * 12] / 100).astype(np.int64) * 100
        parts.append(moved(chunk.current[person], np.minimum(day, chunk.clock.ends[month]), -np.maximum(value, 500),
                           "standing_order", "system", category, other=base + person + chunk.first))  # fmt: skip
    return merged(parts), rent + gift * others


def payments_to_people(rng: np.random.Generator, chunk: Chunk) -> Movements:
    """Return transfers between people: most out, some in, a few counterparties each."""
    rate = np.array(p.P2P_MONTHLY)[chunk.level] * chunk.world.relationships.active[chunk.people]
    counts = rng.poisson(rate)
    counts[chunk.current < 0] = 0
    person, month = cells(chunk, counts)
    n = len(person)
    sign = np.where(rng.random(n) < 0.68, -1, 1)
    amount = sign * np.maximum(np.rint(rng.lognormal(8.1, 0.8, n) / 50) * 50, 100).astype(np.int64)
    other = _FRIEND + 10**6 + (person + chunk.first) * 4 + rng.integers(0, 4, n)
    return moved(chunk.current[person], days_within(rng, chunk, month), amount, "transfer", "mobile", "other_transfer",
                 second=rng.integers(7 * 3600, 23 * 3600, n), other=other)  # fmt: skip


def fees(rng: np.random.Generator, chunk: Chunk) -> Movements:
    """Return ordinary fees; those for returned and unarranged payments come from elsewhere."""
    counts = rng.poisson(np.array(p.FEE_MONTHLY)[chunk.level])
    counts[chunk.current < 0] = 0
    person, month = cells(chunk, counts)
    amount = -np.array([150, 300, 500])[choose(rng, (0.5, 0.3, 0.2), len(person))]
    return moved(chunk.current[person], days_within(rng, chunk, month), amount, "fee", "system", "fee")


def disbursements(rng: np.random.Generator, chunk: Chunk) -> tuple[Movements, Movements]:
    """Return what loans pay out to current accounts, and its spending a few days later (what it was borrowed for)."""
    credit, clock = chunk.world.credit, chunk.clock
    mine = (credit.person >= chunk.first) & (credit.person < chunk.last)
    at = np.flatnonzero(mine & (credit.line == p.LOAN) & (credit.opened >= clock.first_day))
    person = credit.person[at] - chunk.first
    at, person = at[chunk.current[person] >= 0], person[chunk.current[person] >= 0]
    lender = _LENDER + at
    paid = moved(chunk.current[person], credit.opened[at], credit.amount[at], "transfer", "system", "loan_disbursement",
                 other=lender)  # fmt: skip
    spent = moved(chunk.current[person], np.minimum(credit.opened[at] + rng.integers(1, 5, len(at)), clock.end_day - 1),
                  -credit.amount[at] * 24 // 25, "transfer", "online", "other_transfer",
                  second=rng.integers(8 * 3600, 21 * 3600, len(at)), other=_LANDLORD + 10**6 + at % 50_000)  # fmt: skip
    return paid, spent
