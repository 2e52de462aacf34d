"""One chunk of people: all their movements in order, with balances; the streams put together.

Draws of a chunk depend on the seed and the chunk's number only, so chunks may be made in any order or side by side.
"""

from dataclasses import dataclass

import numpy as np

from bank360.sources.synthetic import commitments, income, spending
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.chunk import Chunk
from bank360.sources.synthetic.draws import Bools, Floats, Ints, stream
from bank360.sources.synthetic.ledger import Balances, keep_in_balance
from bank360.sources.synthetic.lending_rows import Payments
from bank360.sources.synthetic.movements import Movements, joined, kept, merged, ordered
from bank360.sources.synthetic.other_lines import card_accounts, card_opening, paid_out, plans, repayments_received


@dataclass(frozen=True)
class Daily:
    """Movements of a chunk in order of account and time, the balance after each, and which balances are known.

    ``keeps_balance`` marks accounts whose ledger is complete (current, savings, card).
    """

    movements: Movements
    balance_after: Ints
    keeps_balance: Bools
    balances: Balances


def movements_of(chunk: Chunk, number: int, payments: Payments, order: Ints, starts: Ints, account_of: Ints) -> Daily:
    """Return everything that happens on the accounts of chunk ``number``.

    Parameters
    ----------
    order, starts
        Payments by credit account (`other_lines.repayments_received`).
    account_of
        Account number of each credit account.
    """
    rng = stream(chunk.world.seed, "daily", number)
    mine = _payments_of(chunk, payments, order, starts)
    mandates = commitments.draw_mandates(rng, chunk)
    orders, committed = commitments.standing_orders(rng, chunk)
    weights = spending.category_weights(chunk)
    spent = spending.card_payments(rng, chunk, _budget(chunk, mandates, committed), weights)
    bills, bill_person = commitments.direct_debits(rng, chunk, mandates)
    repaid, repaid_person, sure = commitments.repayments(chunk, mine, account_of)
    here, there, plan_person = plans(rng, chunk)
    is_debit = there.mandate >= 0
    debits = merged([bills, repaid, there])
    person = np.concatenate([bill_person, repaid_person, plan_person])
    certain = np.concatenate([np.zeros(bills.count, dtype=np.int64), sure, np.where(is_debit, 0, -1)])
    back, charged = commitments.returned(rng, chunk, debits, person, certain)
    of_current = [
        joined(spent), spending.cash(rng, chunk), *income.salaries(rng, chunk), income.funding(rng, chunk), orders,
        commitments.payments_to_people(rng, chunk), commitments.fees(rng, chunk), charged,
        *commitments.disbursements(rng, chunk),
    ]  # fmt: skip
    # Returned debits refer to positions among the debits, so these two stand first.
    current = _within_life(chunk, merged([joined([debits, back]), *of_current]))
    current = ordered(current, chunk.clock)
    corrections, balances = keep_in_balance(rng, chunk, current)
    others = [*card_accounts(rng, chunk), repayments_received(chunk, payments, order, starts), paid_out(chunk), here]
    everything = ordered(
        merged([current, *corrections, *[_within_life(chunk, one, True) for one in others]]), chunk.clock
    )
    return _balanced(chunk, everything, balances)


def _payments_of(chunk: Chunk, payments: Payments, order: Ints, starts: Ints) -> Payments:
    credit = np.sort(chunk.register.accounts.credit[chunk.accounts])
    credit = credit[credit >= 0]
    rows = np.concatenate([order[starts[c] : starts[c + 1]] for c in credit]) if len(credit) else order[:0]
    return Payments(payments.credit[rows], payments.day[rows], payments.amount[rows], payments.returned[rows])


def _budget(chunk: Chunk, mandates: commitments.Mandates, committed: Floats) -> Floats:
    """Return what is left for card payments of income, after what is fixed; never below an eighth of income."""
    bills = np.bincount(
        mandates.person, weights=np.where(mandates.lowest == 3, mandates.amount, 0), minlength=chunk.size
    )
    credit = chunk.world.credit
    mine = np.flatnonzero((credit.person >= chunk.first) & (credit.person < chunk.last))
    loans = np.bincount(credit.person[mine] - chunk.first, weights=np.minimum(credit.instalment[mine], 60_000),
                        minlength=chunk.size)  # fmt: skip
    cards = np.bincount(credit.person[mine] - chunk.first, weights=credit.line[mine] == p.CARD, minlength=chunk.size)
    cash = 1.06 * 4_400 * (chunk.income / p.INCOME_MEDIAN) ** 0.5 * chunk.world.people.cash[chunk.people]
    left = p.SPEND_SHARE * chunk.income - bills - committed - loans - cash
    left -= np.minimum(cards, 1) * p.CARD_SPEND[3] * p.CARD_USED[3] * chunk.income
    return np.asarray(np.maximum(left, 0.125 * chunk.income), dtype=np.float64)


def _within_life(chunk: Chunk, movements: Movements, closing_day: bool = False) -> Movements:
    """Return the movements between an account's opening and closing, within the history."""
    accounts = chunk.register.accounts
    opened = accounts.opened[chunk.accounts][movements.account]
    closed = accounts.closed[chunk.accounts][movements.account]
    day = movements.day
    inside = (day >= np.maximum(opened, chunk.clock.first_day)) & (day < chunk.clock.end_day)
    inside &= (closed == 0) | ((day <= closed) if closing_day else (day < closed))
    return kept(movements, inside)


def _balanced(chunk: Chunk, movements: Movements, balances: Balances) -> Daily:
    opening = balances.opening.copy()
    cards, owed = card_opening(chunk)
    opening[cards] = owed
    running = np.cumsum(movements.amount)
    starts = np.flatnonzero(np.concatenate([[True], movements.account[1:] != movements.account[:-1]]))
    before = np.zeros(len(chunk.accounts), dtype=np.int64)
    if movements.count:
        before[movements.account[starts]] = running[starts] - movements.amount[starts]
    after = running + (opening - before)[movements.account]
    keeps = np.isin(chunk.register.accounts.line[chunk.accounts], (p.CURRENT, p.SAVINGS, p.CARD))
    return Daily(movements, after, keeps, balances)
