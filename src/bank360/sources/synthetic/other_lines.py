"""Movements of credit cards, loans, mortgages, insurance and investments: what happens on the accounts themselves.

A card's purchases are split from its month's total, so its ledger adds up to its month-end balance. Loans and mortgages
book what is paid out and repaid (their balance, with interest, stands in credit_months).
"""

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.chunk import Chunk, days_within
from bank360.sources.synthetic.commitments import from_own_account
from bank360.sources.synthetic.draws import Ints, choose
from bank360.sources.synthetic.lending_rows import Payments
from bank360.sources.synthetic.movements import CATEGORY, CHANNEL, FIRST, Movements, merged, moved
from bank360.sources.synthetic.numbering import BANKS_PAYERS
from bank360.sources.synthetic.relationships import MAIN, SECONDARY, SINGLE

_SHARE = [row[1] for row in p.CARD_CATEGORIES]
_REMOTE = np.array([row[4] for row in p.CARD_CATEGORIES])
_CODES = np.array([CATEGORY[row[0]] for row in p.CARD_CATEGORIES], dtype=np.int8)
_INSURER = BANKS_PAYERS


def card_accounts(rng: np.random.Generator, chunk: Chunk) -> list[Movements]:
    """Return purchases and interest of credit cards."""
    months, clock = chunk.world.book.months, chunk.clock
    at, person = chunk.of_line(p.CARD)
    credit = chunk.register.accounts.credit[chunk.accounts[at]]
    state = chunk.world.relationships.state[chunk.people][person]
    bought = months.bought[credit]
    cell, month = np.nonzero(bought > 0)
    mean = np.array(p.CARD_PURCHASES)[np.clip(state[cell, month] - 1, 0, 3)]
    count = np.minimum(1 + rng.poisson(mean), bought[cell, month] // 200 + 1)
    row = np.repeat(np.arange(len(cell)), count)
    weight = rng.exponential(1.0, len(row)) + 0.05
    part = weight / np.bincount(row, weights=weight, minlength=len(cell))[row]
    amount = np.floor(part * bought[cell, month][row]).astype(np.int64)
    last = np.cumsum(count) - 1
    # The last purchase takes what rounding leaves, so the month adds up.
    amount[last] += bought[cell, month] - np.bincount(row, weights=amount, minlength=len(cell)).astype(np.int64)
    category = choose(rng, _SHARE, len(row))
    person_of, month_of = person[cell[row]], month[row]
    multiple = chunk.world.people.remote[chunk.people][person_of]
    remote = rng.random(len(row)) < np.clip(p.REMOTE_SHARE * _REMOTE[category] * multiple, 0, 0.96)
    favourite = (
        person_of * 37 + category * 11 + (rng.random(len(row)) * 12).astype(np.int64) * 5
    ) % p.MERCHANTS_PER_CATEGORY
    favourite = np.where(favourite % 9 == 8, favourite - 1, favourite)
    opened = chunk.register.accounts.opened[chunk.accounts[at]][cell[row]]
    day = np.maximum(days_within(rng, chunk, month_of), opened)
    purchases = moved(
        at[cell[row]], day, -amount, "card", np.where(remote, CHANNEL["online"], CHANNEL["pos"]), _CODES[category],
        second=rng.integers(8 * 3600, 23 * 3600, len(row)), merchant=category * p.MERCHANTS_PER_CATEGORY + favourite,
    )  # fmt: skip
    owed, when = np.nonzero(months.interest[credit] > 0)
    interest = moved(at[owed], clock.starts[when], -months.interest[credit][owed, when], "interest", "system",
                     "interest", order=FIRST)  # fmt: skip
    return [purchases, interest]


def card_opening(chunk: Chunk) -> tuple[Ints, Ints]:
    """Return positions of card accounts and their balances when the history begins (negative: owed)."""
    at, _ = chunk.of_line(p.CARD)
    return at, -chunk.world.book.owed_at_start[chunk.register.accounts.credit[chunk.accounts[at]]]


def repayments_received(chunk: Chunk, payments: Payments, order: Ints, starts: Ints) -> Movements:
    """Return repayments as they arrive on credit accounts; returned ones never do.

    What comes from the person's current account here is booked there; loans book only what comes from elsewhere.

    Parameters
    ----------
    order, starts
        Payments by credit account: account ``c`` has ``order[starts[c]:starts[c + 1]]``.
    """
    accounts = chunk.register.accounts
    at = np.flatnonzero(accounts.credit[chunk.accounts] >= 0)
    credit = accounts.credit[chunk.accounts[at]]
    number = starts[credit + 1] - starts[credit]
    place = np.repeat(at, number)
    rows = np.repeat(starts[credit], number) + np.arange(len(place)) - np.repeat(np.cumsum(number) - number, number)
    rows = order[rows]
    made = np.flatnonzero(~payments.returned[rows])
    place, rows = place[made], rows[made]
    own = from_own_account(chunk, payments.credit[rows], payments.day[rows], payments.amount[rows])
    shown = np.flatnonzero((accounts.line[chunk.accounts[place]] == p.CARD) | ~own)
    place, rows = place[shown], rows[shown]
    line = accounts.line[chunk.accounts[place]]
    category = np.where(line == p.CARD, CATEGORY["card_repayment"], CATEGORY["loan_repayment"])
    return moved(place, payments.day[rows], payments.amount[rows], "direct_debit", "system", category)


def paid_out(chunk: Chunk) -> Movements:
    """Return what loans and mortgages pay out on their first day, on the loan account."""
    accounts, clock = chunk.register.accounts, chunk.clock
    line = accounts.line[chunk.accounts]
    new = np.isin(line, (p.LOAN, p.MORTGAGE)) & (accounts.opened[chunk.accounts] >= clock.first_day)
    at = np.flatnonzero(new)
    credit = accounts.credit[chunk.accounts[at]]
    return moved(at, accounts.opened[chunk.accounts[at]], -chunk.world.credit.amount[credit], "transfer", "system",
                 "loan_disbursement", order=FIRST)  # fmt: skip


def plans(rng: np.random.Generator, chunk: Chunk) -> tuple[Movements, Movements, Ints]:
    """Return premiums and contributions paid from elsewhere, those from current accounts, and who pays the latter."""
    here, there, people = [], [], []
    clock = chunk.clock
    for line, scheme, category, size in (
        (p.INSURANCE, "direct_debit", "insurance_premium", 0.014),
        (p.INVESTMENT, "standing_order", "own_transfer", 0.06),
    ):
        at, person = chunk.of_line(line)
        n = len(at)
        state = chunk.world.relationships.state[chunk.people][person]
        amount = (
            np.maximum(np.rint(chunk.income[person] * size * rng.lognormal(0, 0.35, n) / 100), 5).astype(np.int64) * 100
        )
        due = rng.integers(0, 27, n)
        runs = (state >= SINGLE) & (state <= MAIN)
        runs &= (line == p.INSURANCE) | (rng.random(state.shape) < 0.7)
        row, month = np.nonzero(runs)
        day = np.minimum(clock.next_working(clock.starts[month] + due[row]), clock.ends[month])
        daily = (state[row, month] >= SECONDARY) & (chunk.current[person[row]] >= 0)
        opened = chunk.register.accounts.opened[chunk.accounts[at]][row]
        closed = chunk.register.accounts.closed[chunk.accounts[at]][row]
        daily &= (day > opened) & ((closed == 0) | (day < closed))
        away, days = row[~daily], day[~daily]
        here.append(moved(at[away], days, amount[away], scheme, "system", category,
                          other=np.full(len(away), _INSURER + line)))  # fmt: skip
        row, day = row[daily], day[daily]
        mandate = 2 * 10**7 + chunk.accounts[at[row]] if line == p.INSURANCE else np.full(len(row), -1)
        there.append(moved(chunk.current[person[row]], day, -amount[row], scheme, "system", category,
                           other=np.full(len(row), _INSURER + line), mandate=mandate))  # fmt: skip
        people.append(person[row])
    return merged(here), merged(there), np.concatenate(people)
