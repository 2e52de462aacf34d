"""Current and savings accounts kept in balance: sweeps, top-ups, deposits, interest, closings, month-end balances.

Told in words: the movements so far are summed per account and month, with the lowest point within each month. Then the
months are walked once, all accounts of a chunk at a time: if the lowest point would fall below the floor (minus the
part of the overdraft limit in use; rarely an unarranged excess under stress), money is topped up on the month's first
day; if the month ends far above the buffer that the person keeps, the excess is swept to savings, here or elsewhere. So
each balance is exactly its movements, and never below its floor.
"""

from dataclasses import dataclass

import numpy as np

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.chunk import Chunk
from bank360.sources.synthetic.draws import Bools, Floats, Ints
from bank360.sources.synthetic.income import MAIN, elsewhere
from bank360.sources.synthetic.movements import FIRST, LAST, Movements, moved

_END = 23 * 3600 + 50 * 60


@dataclass(frozen=True)
class Balances:
    """Opening balances of the chunk's accounts, and month-end balances ``(accounts, months)`` of those ``kept``."""

    opening: Ints
    month_end: Ints
    kept: Ints


def keep_in_balance(rng: np.random.Generator, chunk: Chunk, movements: Movements) -> tuple[list[Movements], Balances]:
    """Return the movements that keep current and savings accounts in balance, and the balances.

    Parameters
    ----------
    movements
        All others on current accounts, ordered by account and time.
    """
    clock, months = chunk.clock, chunk.clock.count
    accounts = chunk.register.accounts
    total, lowest = _by_month(chunk, movements)
    who = np.flatnonzero(chunk.current >= 0)
    cur, sav = chunk.current[who], chunk.savings[who]
    has_savings = sav >= 0
    opened, closed = accounts.opened[chunk.accounts], accounts.closed[chunk.accounts]
    floor, keep = _floors(rng, chunk, who, cur), _buffers(chunk, who)
    income = chunk.income[who]
    n = len(who)
    first_keep = keep[:, 0]
    balance = np.where(opened[cur] < clock.first_day, (first_keep * (0.3 + 0.7 * rng.random(n))).astype(np.int64), 0)
    balance = np.where(
        accounts.overdraft_used[chunk.accounts[cur]] & (balance > 0),
        (floor[:, 0] * rng.random(n)).astype(np.int64),
        balance,
    )
    saved = _first_savings(rng, chunk)
    opening = np.zeros(len(chunk.accounts), dtype=np.int64)
    opening[cur] = balance
    savers = np.flatnonzero(chunk.savings >= 0)
    opening[chunk.savings[savers]] = saved[savers]
    month_end = np.zeros((len(chunk.accounts), months), dtype=np.int64)
    streams: list[Movements] = []
    for month in range(months):
        start, end = int(clock.starts[month]), int(clock.ends[month])
        on = (opened[cur] <= end) & ((closed[cur] == 0) | (closed[cur] >= start))
        closing = on & (closed[cur] >= start) & (closed[cur] <= end)
        saving = _on(chunk, chunk.savings, opened, closed, start, end)
        # Savings have their own life: deposits from elsewhere, now and then a withdrawal, interest at the month's end.
        moves, spare = _savings_life(rng, chunk, saved, saving, opened, month)
        streams += moves
        # Nothing is moved for a month in which nothing happens.
        busy = on & ((lowest[cur, month] < 0) | (total[cur, month] != 0))
        need = np.where(busy, floor[:, month] - (balance + lowest[cur, month]), 0)
        top = np.where(need > 0, (need // 2_000 + 1) * 2_000 + 3_000, 0)
        balance = balance + top + np.where(on, total[cur, month], 0)
        own = (top > 0) & has_savings & saving[who] & (spare[who] >= top)
        at = np.flatnonzero(top > 0)
        day = np.maximum(start, opened[cur[at]])
        streams.append(_transfer(cur[at], day, top[at], own[at], who[at] + chunk.first, FIRST))
        give = np.flatnonzero(own)
        streams.append(_transfer(sav[give], np.maximum(start, opened[cur[give]]), -top[give], own[give],
                                 who[give] + chunk.first, LAST))  # fmt: skip
        saved[who[give]] -= top[give]
        excess = balance - keep[:, month]
        tidy = busy & ~closing & (rng.random(n) < np.where(chunk.level[who, month] == MAIN, 1.0, 0.35))
        sweep = np.where(tidy & (excess > 0.25 * income), excess // 1_000 * 1_000, 0).astype(np.int64)
        to_savings = (sweep > 0) & has_savings & saving[who]
        to_savings &= (closed[np.maximum(sav, 0)] == 0) | (closed[np.maximum(sav, 0)] > end)
        out = np.flatnonzero(sweep > 0)
        streams.append(_transfer(cur[out], np.full(len(out), end), -sweep[out], to_savings[out], who[out] + chunk.first,
                                 LAST, _END))  # fmt: skip
        put = np.flatnonzero(to_savings)
        streams.append(_transfer(sav[put], np.full(len(put), end), sweep[put], to_savings[put], who[put] + chunk.first,
                                 LAST, _END))  # fmt: skip
        saved[who[put]] += sweep[put]
        balance = balance - sweep
        streams += _close(chunk, cur, closing & (balance != 0), balance, closed, who)
        balance = np.where(closing, 0, balance)
        gone = saving & (closed[np.maximum(chunk.savings, 0)] >= start) & (closed[np.maximum(chunk.savings, 0)] <= end)
        people = np.arange(chunk.size)
        streams += _close(chunk, chunk.savings, gone & (saved != 0), saved, closed, people)
        saved = np.where(gone, 0, saved)
        month_end[cur, month] = np.where(on, balance, 0)
        month_end[chunk.savings[savers], month] = saved[savers]
    return streams, Balances(opening, month_end, np.concatenate([cur, chunk.savings[savers]]))


def _by_month(chunk: Chunk, movements: Movements) -> tuple[Ints, Ints]:
    """Return the sum and the lowest running sum of each account's month, both ``(accounts, months)``."""
    months = chunk.clock.count
    shape = (len(chunk.accounts), months)
    cell = movements.account.astype(np.int64) * months + chunk.clock.month_index(movements.day)
    total, lowest = np.zeros(shape[0] * months, dtype=np.int64), np.zeros(shape[0] * months, dtype=np.int64)
    if movements.count:
        starts = np.flatnonzero(np.concatenate([[True], cell[1:] != cell[:-1]]))
        running = np.cumsum(movements.amount)
        before = running[starts] - movements.amount[starts]
        total[cell[starts]] = np.add.reduceat(movements.amount, starts)
        lowest[cell[starts]] = np.minimum(np.minimum.reduceat(running, starts) - before, 0)
    return total.reshape(shape), lowest.reshape(shape)


def _floors(rng: np.random.Generator, chunk: Chunk, who: Ints, cur: Ints) -> Ints:
    """Return the lowest balance allowed in each month, pence, ``(people with a current account, months)``."""
    accounts = chunk.register.accounts
    mine = chunk.accounts[cur]
    stress = chunk.stress[who].astype(np.float64)
    shape = stress.shape
    use = p.OVERDRAFT_USE + p.OVERDRAFT_STRESS * stress + p.OVERDRAFT_NOISE * rng.standard_normal(shape)
    use = np.clip(use, 0.0, 0.97)
    limit = np.where(accounts.overdraft_used[mine], accounts.limit[mine], 0)
    floor = -(limit[:, None] * use)
    # An unarranged excess: rare, and mostly under stress.
    excess = rng.random(shape) < np.minimum(p.UNARRANGED * np.exp(p.UNARRANGED_STRESS * stress), 0.25)
    excess &= chunk.level[who] >= MAIN - 1
    beyond = -(limit[:, None] + rng.integers(2_000, 25_000, shape))
    return np.where(excess, beyond, floor).astype(np.int64)


def _buffers(chunk: Chunk, who: Ints) -> Floats:
    """Return what each person likes to keep at a month's end: a buffer, and the coming month's money if just paid."""
    people = chunk.world.people
    thrift = people.thrift[chunk.people][who]
    stress = chunk.stress[who].astype(np.float64)
    buffer = p.BUFFER_MEDIAN * np.exp(p.BUFFER_THRIFT * thrift[:, None] + p.BUFFER_STRESS * stress)
    late = np.isin(people.pattern[chunk.people][who], (0, 1, 2))
    # Those who live in their overdraft keep next to nothing.
    leaning = chunk.register.accounts.overdraft_used[chunk.accounts[chunk.current[who]]]
    buffer = np.where(leaning[:, None], 0.2 * buffer, buffer)
    ahead = np.where(
        chunk.level[who] == MAIN,
        np.where(late, np.where(leaning, 0.45, 0.85), np.where(leaning, 0.1, 0.35))[:, None],
        0.15,
    )
    kept = chunk.income[who][:, None] * chunk.growth[None, :] * (np.minimum(buffer, 6.0) + ahead)
    return np.asarray(kept, dtype=np.float64)


def _first_savings(rng: np.random.Generator, chunk: Chunk) -> Ints:
    """Return savings at the start of the history (accounts opened later start empty)."""
    people, accounts = chunk.world.people, chunk.register.accounts
    has = chunk.savings >= 0
    old = accounts.opened[chunk.accounts[np.maximum(chunk.savings, 0)]] < chunk.clock.first_day
    level = p.SAVINGS_LEVEL + p.SAVINGS_THRIFT * people.thrift[chunk.people]
    level = level + p.SAVINGS_STRESS * people.trait[chunk.people] + p.SAVINGS_NOISE * rng.standard_normal(chunk.size)
    amount = chunk.income * np.exp(level)
    return np.where(has & old, np.minimum(amount, 15_000_000), 0).astype(np.int64)


def _on(chunk: Chunk, place: Ints, opened: Ints, closed: Ints, start: int, end: int) -> Bools:
    at = np.maximum(place, 0)
    on = (place >= 0) & (opened[at] <= end) & ((closed[at] == 0) | (closed[at] >= start))
    return np.asarray(on, dtype=np.bool_)


def _savings_life(
    rng: np.random.Generator, chunk: Chunk, saved: Ints, saving: Bools, opened: Ints, month: int
) -> tuple[list[Movements], Ints]:
    """Return deposits from elsewhere, withdrawals and interest of one month; ``saved`` is updated in place.

    Also what may be taken on the month's first day, before any of these: as much as leaves enough for the withdrawals.
    """
    clock = chunk.clock
    start, end = int(clock.starts[month]), int(clock.ends[month])
    level = chunk.world.relationships.state[chunk.people, month] - 1
    closed = chunk.register.accounts.closed[chunk.accounts]
    whole = saving & (opened[np.maximum(chunk.savings, 0)] < start)
    whole &= (closed[np.maximum(chunk.savings, 0)] == 0) | (closed[np.maximum(chunk.savings, 0)] > end)
    active = whole & (level >= 1) & (level <= MAIN)
    without = active & (chunk.current < 0)
    puts = active & (rng.random(chunk.size) < np.where(without, 0.45, 0.10))
    amount = (chunk.income * 0.12 * rng.lognormal(0.0, 0.6, chunk.size) / 500).astype(np.int64) * 500 + 500
    draws = active & ~puts & (rng.random(chunk.size) < np.where(without, 0.10, 0.03)) & (saved > 10_000)
    taken = (saved * rng.uniform(0.05, 0.4, chunk.size) / 1_000).astype(np.int64) * 1_000
    change = np.where(puts, amount, np.where(draws, -taken, 0))
    at = np.flatnonzero(change != 0)
    second = rng.integers(8 * 3600, 22 * 3600, len(at))
    moves = moved(chunk.savings[at], rng.integers(start, end, len(at)), change[at], "transfer", "mobile",
                  "other_transfer", second=second, other=elsewhere(at + chunk.first))  # fmt: skip
    spare = saved + np.minimum(change, 0)
    saved += change
    # Interest once a quarter for main customers, once a year for others, none shown for the dormant.
    quarterly = level == MAIN
    earned = np.where(active & (saved > 5_000), np.rint(saved * p.SAVINGS_RATE / 4), 0).astype(np.int64)
    earned = np.where(
        (clock.month_of_year[month] == 3) | (quarterly & (clock.month_of_year[month] % 3 == 0)), earned, 0
    )

    got = np.flatnonzero(earned > 0)
    interest = moved(
        chunk.savings[got], np.full(len(got), end), earned[got], "interest", "system", "interest", order=FIRST
    )
    saved += earned
    return [moves, interest], spare


def _transfer(
    account: Ints, day: Ints, amount: Ints, own: Bools, person: Ints, order: int, second: int | None = None
) -> Movements:
    """Return transfers with the person's own savings here (own transfers) or money elsewhere (other transfers)."""
    from bank360.sources.synthetic.movements import CATEGORY

    category = np.where(own, CATEGORY["own_transfer"], CATEGORY["other_transfer"])
    others = {} if second is None else {"second": np.full(len(account), second)}
    return moved(account, day, amount, "transfer", "mobile" if second else "system", category,
                 other=elsewhere(person), order=order, **others)  # fmt: skip


def _close(chunk: Chunk, place: Ints, which: Bools, balance: Ints, closed: Ints, person: Ints) -> list[Movements]:
    """Return the last movement of accounts that close: the balance goes elsewhere, or what is owed comes from there."""
    at = np.flatnonzero(which)
    if not len(at):
        return []
    return [moved(place[at], closed[place[at]], -balance[at], "transfer", "branch", "other_transfer",
                  second=np.full(len(at), _END), other=elsewhere(person[at] + chunk.first), order=LAST)]  # fmt: skip
