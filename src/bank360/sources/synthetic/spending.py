"""Card payments and cash: how often, when, where, on what, how much; refunds, reversals and card fraud among them.

Behaviour is the person's multiples (blurred from the planted group), the season and noise. Amounts are scaled to what
the person can spend, so that the ledger needs little correction.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.chunk import Chunk, cells, days_within
from bank360.sources.synthetic.draws import Floats, Ints, lookup
from bank360.sources.synthetic.movements import CATEGORY, CHANNEL, Movements, moved

_NAMES = [row[0] for row in p.CARD_CATEGORIES]
_SHARE = np.array([row[1] for row in p.CARD_CATEGORIES])
_MEDIAN = np.array([row[2] for row in p.CARD_CATEGORIES], dtype=np.float64)
_SIGMA = np.array([row[3] for row in p.CARD_CATEGORIES])
_REMOTE = np.array([row[4] for row in p.CARD_CATEGORIES])
_FREE = np.array([row[5] for row in p.CARD_CATEGORIES])
_CODES = np.array([CATEGORY[name] for name in _NAMES], dtype=np.int8)
_GAMBLING = _NAMES.index("gambling")
_RISKY = np.array([_NAMES.index(name) for name in ("electronics", "shopping", "travel", "gambling")])
_TABLE = 256
_LATEST = 23 * 3600 + 49 * 60  # nothing after the ledger's last movement of a day


@lru_cache(maxsize=1)
def _hours() -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
    return lookup(p.HOURS_SHOP), lookup(p.HOURS_REMOTE)


def seasons(chunk: Chunk) -> Floats:
    """Return the multiple of discretionary spending by month: December up, January down."""
    of_year = chunk.clock.month_of_year
    return np.where(of_year == 12, p.DECEMBER, np.where(of_year == 1, p.JANUARY, 1.0))


def category_weights(chunk: Chunk) -> Floats:
    """Return each person's shares of card payments by category, ``(people, categories)``, rows summing to 1."""
    people = chunk.world.people
    weights = np.repeat(_SHARE[None, :], chunk.size, axis=0)
    weights = np.where(_FREE[None, :], weights, weights * people.essentials[chunk.people, None])
    calm = people.trait[chunk.people]
    weights[:, _GAMBLING] *= np.exp(p.GAMBLING_STRESS * calm - p.GAMBLING_STRESS**2 / 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float64)


def mean_payment(weights: Floats) -> Floats:
    """Return each person's average card payment before scaling, pence."""
    return np.asarray(weights @ (_MEDIAN * np.exp(_SIGMA**2 / 2)), dtype=np.float64)


def _category_table(weights: Floats, season: float) -> npt.NDArray[np.int8]:
    """Return a table ``(people, _TABLE)`` from which a uniform index draws a category."""
    edges = np.cumsum(np.where(_FREE[None, :], weights * season, weights), axis=1)
    edges = edges / edges[:, -1:]
    at = (np.arange(_TABLE) + 0.5) / _TABLE
    return np.asarray((at[None, :, None] >= edges[:, None, :-1]).sum(axis=2), dtype=np.int8)


def card_payments(rng: np.random.Generator, chunk: Chunk, budget: Floats, weights: Floats) -> list[Movements]:
    """Return card payments from current accounts, their refunds and reversals, in one stream.

    Parameters
    ----------
    budget
        What a main customer spends by card in a month at the start, pence, ``(people,)``.
    """
    people, clock = chunk.world.people, chunk.clock
    season = seasons(chunk)
    free = np.where(_FREE[None, :], weights, 0).sum(axis=1)
    busy = rng.gamma(6.0, 1 / 6.0, chunk.size)
    spread = 0.16 * people.spread[chunk.people]
    level = np.array(p.CARD_MONTHLY)[chunk.level]
    swing = np.exp(spread[:, None] * rng.standard_normal((chunk.size, clock.count)) - spread[:, None] ** 2 / 2)
    rate = level * busy[:, None] * (1 + free[:, None] * (season[None, :] - 1)) * swing
    rate *= chunk.world.relationships.active[chunk.people]
    counts = rng.poisson(rate)
    counts[chunk.current < 0] = 0
    person, month = cells(chunk, counts)
    n = len(person)
    tables = np.stack([_category_table(weights, s) for s in (1.0, p.DECEMBER, p.JANUARY)])
    kind = np.where(season == p.DECEMBER, 1, np.where(season == p.JANUARY, 2, 0))
    category = tables[kind[month], person, rng.integers(0, _TABLE, n, dtype=np.uint8)]
    remote = _is_remote(rng, people.remote[chunk.people], person, category, weights)
    day = days_within(rng, chunk, month)
    second = _seconds(rng, remote)
    scale = (budget / np.maximum(p.CARD_MONTHLY[3] * busy * mean_payment(weights), 1.0)).astype(np.float32)
    mean = np.log(_MEDIAN).astype(np.float32)[category]
    sigma = _SIGMA.astype(np.float32)[category]
    amount = np.exp(mean + sigma * rng.standard_normal(n, dtype=np.float32))
    amount = amount * (scale[:, None] * (swing * chunk.growth[None, :]).astype(np.float32))[person, month]
    amount = -np.maximum(np.rint(amount), 50).astype(np.int64)
    merchant = _merchants(rng, person + chunk.first, category)
    foreign, original = _abroad(rng, chunk, person, month, amount)
    merchant = np.where((merchant % 9 == 8) != (foreign > 0), merchant // 9 * 9 + np.where(foreign > 0, 8, 3), merchant)
    merchant = np.minimum(merchant, (category.astype(np.int32) + 1) * p.MERCHANTS_PER_CATEGORY - 1)
    actor = np.zeros(n, dtype=np.int8)
    joint = chunk.register.accounts.partner[chunk.accounts[np.maximum(chunk.current, 0)]] >= 0
    shared = joint[person]
    actor[shared] = rng.random(int(shared.sum())) < 0.38
    payments = moved(
        chunk.current[person], day, amount, "card", np.where(remote, CHANNEL["online"], CHANNEL["pos"]),
        _CODES[category], second=second, merchant=merchant, foreign=foreign, original=original, actor=actor,
        fraud=np.zeros(n, dtype=np.bool_),
    )  # fmt: skip
    _compromise(rng, payments, counts, chunk)
    return [payments, *_returns(rng, payments)]


def _is_remote(
    rng: np.random.Generator, multiple: Floats, person: Ints, category: npt.NDArray[np.int8], weights: Floats
) -> npt.NDArray[np.bool_]:
    """Draw remote payments; over the whole bank their share is `parameters.REMOTE_SHARE`."""
    usual = np.clip(p.REMOTE_SHARE * _REMOTE[None, :] * multiple[:, None] * 0.96, 0, 0.96).astype(np.float32)
    return rng.random(len(person), dtype=np.float32) < usual[person, category]


def _seconds(rng: np.random.Generator, remote: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    shop, online = _hours()
    n = len(remote)
    draw = rng.integers(0, 1024, n, dtype=np.uint16)
    hour = np.where(remote, online[draw], shop[draw]).astype(np.int32)
    second = hour * 3600 + rng.integers(0, 3600, n, dtype=np.uint16)
    return np.asarray(np.minimum(second, _LATEST), dtype=np.int32)


def _merchants(rng: np.random.Generator, person: Ints, category: npt.NDArray[np.int8]) -> npt.NDArray[np.int32]:
    """Return merchants: half of the payments go to four favourites of the person, the rest to large ones first."""
    n = len(person)
    u = rng.random(n, dtype=np.float32)
    usual = u < 0.5
    favourite = (person * 31 + category.astype(np.int64) * 17 + (u * 8).astype(np.int32) * 7) % p.MERCHANTS_PER_CATEGORY
    v = (u - 0.5) * 2
    any_one = np.minimum((v * v * p.MERCHANTS_PER_CATEGORY).astype(np.int32), p.MERCHANTS_PER_CATEGORY - 1)
    first = category.astype(np.int32) * p.MERCHANTS_PER_CATEGORY
    return np.asarray(first + np.where(usual, favourite, any_one), dtype=np.int32)


def _abroad(
    rng: np.random.Generator, chunk: Chunk, person: Ints, month: Ints, amount: Ints
) -> tuple[npt.NDArray[np.int8], Ints]:
    """Return the foreign country code and original amount of each payment (0 where at home)."""
    n = len(person)
    summer = np.isin(chunk.clock.month_of_year, (7, 8))
    multiple = chunk.world.people.abroad[chunk.people].astype(np.float32)
    chance = (p.ABROAD_SHARE * np.where(summer, p.SUMMER_ABROAD, 1.0)).astype(np.float32)[month] * multiple[person]
    at = np.flatnonzero(rng.random(n, dtype=np.float32) < chance)
    foreign, original = np.zeros(n, dtype=np.int8), np.zeros(n, dtype=np.int64)
    country = lookup(p.FOREIGN_SHARES)[rng.integers(0, 1024, len(at))]
    foreign[at] = country + 1
    rates = np.array([rate for _, _, rate in p.FOREIGN])[country] * (1 + 0.02 * rng.standard_normal(len(at)))
    original[at] = np.rint(amount[at] * rates).astype(np.int64)
    return foreign, original


def _compromise(rng: np.random.Generator, payments: Movements, counts: Ints, chunk: Chunk) -> None:
    """Turn short bursts of payments into fraud: after a compromise someone else uses the card for a day or two.

    Half of the fraudulent payments look odd (remote, abroad, risky goods, larger), the rest look like any other.
    """
    low, high = p.CARD_FRAUD_BURST
    start = np.cumsum(counts.ravel()) - counts.ravel()
    typical = (low + high) / 2
    chance = np.minimum(p.CARD_FRAUD_SHARE * counts.ravel() / typical, 0.5)
    hit = np.flatnonzero(rng.random(counts.size) < chance)
    size = np.minimum(rng.integers(low, high + 1, len(hit)), counts.ravel()[hit])
    at = np.repeat(start[hit], size) + (np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size))
    n = len(at)
    first = np.repeat(payments.day[start[hit]], size)
    month_end = chunk.clock.ends[np.repeat(hit % counts.shape[1], size)]
    payments.fraud[at] = True
    payments.day[at] = np.minimum(first + rng.integers(0, 2, n), month_end)
    odd = at[rng.random(n) < 0.5]
    category = rng.choice(_RISKY, len(odd))
    payments.category[odd] = _CODES[category]
    payments.merchant[odd] = category * p.MERCHANTS_PER_CATEGORY + rng.integers(0, p.MERCHANTS_PER_CATEGORY, len(odd))
    payments.channel[odd] = CHANNEL["online"]
    payments.amount[odd] = -np.rint(np.clip(-payments.amount[odd] * rng.lognormal(0.7, 0.6, len(odd)), 100, 90_000))
    payments.second[odd] = _seconds(rng, np.ones(len(odd), dtype=np.bool_))
    away = odd[rng.random(len(odd)) < 0.35]
    country = rng.integers(0, len(p.FOREIGN), len(away))
    payments.foreign[away] = country + 1
    payments.original[odd] = 0
    rates = np.array([rate for _, _, rate in p.FOREIGN])[payments.foreign[odd] - 1]
    payments.original[odd] = np.where(payments.foreign[odd] > 0, np.rint(payments.amount[odd] * rates), 0)


def _returns(rng: np.random.Generator, payments: Movements) -> list[Movements]:
    """Return refunds (merchant credits some days later, often in part) and reversals (the whole, at once)."""
    n = payments.count
    chance = rng.random(n, dtype=np.float32)
    refunded = np.flatnonzero((chance < p.REFUND_SHARE) & ~payments.fraud)
    part = np.where(rng.random(len(refunded)) < 0.7, 1.0, rng.random(len(refunded)))
    reversed_ = np.flatnonzero(chance > 1 - p.REVERSAL_SHARE)

    def credit(at: Ints, days: Ints, amount: Ints, refers: Ints | int) -> Movements:
        whole = not isinstance(refers, int)
        return moved(
            payments.account[at], payments.day[at] + days, amount, "card", payments.channel[at], payments.category[at],
            second=np.minimum(payments.second[at] + 60, _LATEST), merchant=payments.merchant[at],
            actor=payments.actor[at], refers=refers, foreign=payments.foreign[at] if whole else 0,
            original=-payments.original[at] if whole else 0,
        )  # fmt: skip

    refunds = credit(refunded, rng.integers(2, 21, len(refunded)),
                     np.maximum(np.rint(-payments.amount[refunded] * part), 1).astype(np.int64), -1)  # fmt: skip
    # References are positions in the merged stream, in which payments stand first.
    reversals = credit(reversed_, rng.integers(0, 2, len(reversed_)), -payments.amount[reversed_], reversed_)
    return [refunds, reversals]


def cash(rng: np.random.Generator, chunk: Chunk) -> Movements:
    """Return withdrawals at cash machines."""
    people = chunk.world.people
    rate = np.array(p.CASH_MONTHLY)[chunk.level] * people.cash[chunk.people, None]
    rate = rate * np.exp(p.CASH_STRESS * chunk.stress - p.CASH_STRESS**2 / 2)
    rate *= chunk.world.relationships.active[chunk.people]
    counts = rng.poisson(rate)
    counts[chunk.current < 0] = 0
    person, month = cells(chunk, counts)
    n = len(person)
    size = np.maximum(chunk.income[person] / p.INCOME_MEDIAN, 0.3) ** 0.5
    amount = -1_000 * np.maximum(1, np.rint(rng.gamma(2.0, 2.2, n) * size)).astype(np.int64)
    return moved(chunk.current[person], days_within(rng, chunk, month), amount, "cash", "atm", "cash",
                 second=_seconds(rng, rng.random(n) < 0.3))  # fmt: skip
