"""Movements to rows of ``transactions``, month-end balances to rows of ``balances``, and the card fraud among them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bank360.bank.calendar import MICROS_PER_DAY
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.activity_rows import merchant_ids
from bank360.sources.synthetic.chunk import Chunk
from bank360.sources.synthetic.daily import Daily
from bank360.sources.synthetic.districts import District
from bank360.sources.synthetic.draws import Bools, Ints, stream
from bank360.sources.synthetic.movements import CATEGORIES, CHANNELS, DAY_ONLY, SCHEME, SCHEMES, Movements
from bank360.sources.synthetic.numbering import (
    PARTNER_CARD,
    account_ids,
    card_tokens,
    first_keys,
    mandate_ids,
    payer_tokens,
    transaction_ids,
)
from bank360.sources.synthetic.rows import dates, delivered, numbers
from bank360.sources.synthetic.tokens import Arrow, coded, numbered

_ATMS = 300
_KNOWN_AFTER = 20_000_000  # microseconds: an authorisation is known within seconds


@dataclass(frozen=True)
class CardFraud:
    """Cases about card payments of one chunk: transaction ids, instants, outcome, loss; and the true frauds' ids."""

    subject: Arrow
    opened: Ints
    closed: Ints
    confirmed: Bools
    loss: Ints
    true_ids: Arrow


def transaction_table(chunk: Chunk, number: int, daily: Daily) -> pa.Table:
    """Return the rows of ``transactions`` of chunk ``number``."""
    moves, clock, district = daily.movements, chunk.clock, chunk.world.district
    timed = moves.second != DAY_ONLY
    event = clock.instants(moves.day, np.maximum(moves.second, 0))
    card = moves.scheme == SCHEME["card"]
    booked = booking_days(moves.day, card, chunk.register.accounts.closed[chunk.accounts][moves.account])
    currencies = sorted({currency for _, currency, _ in p.FOREIGN})
    paid_in = np.array([-1, *(currencies.index(currency) for _, currency, _ in p.FOREIGN)])
    return delivered("transactions", clock, {
        "transaction_id": transaction_ids(district, number, np.arange(moves.count)),
        "account_id": coded(moves.account, account_ids(district, chunk.accounts)),
        "card_token": _cards(chunk, moves, card), "terminal_id": _terminals(moves, card),
        "actor_customer_id": _actors(chunk, moves, card),
        "event_time": event, "event_precision": coded(np.where(timed, 0, 1), pa.array(["second", "day"])),
        "booked_on": dates(booked), "amount": moves.amount,
        "currency": coded(np.zeros(moves.count, dtype=np.int8), pa.array([p.CURRENCY])),
        "original_amount": numbers(moves.original, null=moves.foreign == 0),
        "original_currency": coded(paid_in[moves.foreign], pa.array(currencies)),
        "channel": coded(moves.channel, pa.array(CHANNELS, pa.string())),
        "scheme": coded(moves.scheme, pa.array(SCHEMES, pa.string())),
        "category": coded(moves.category, pa.array(CATEGORIES, pa.string())),
        "merchant_id": coded(moves.merchant, merchant_ids()), "counterparty_token": _payers(district, moves.other),
        "mandate_id": _mandates(district, moves.mandate), "reverses_id": _references(district, number, moves.refers),
        "country": coded(moves.foreign, pa.array(["GB", *(code for code, _, _ in p.FOREIGN)])),
        "balance_after": numbers(daily.balance_after, null=~daily.keeps_balance[moves.account]), "raw_text": None,
    }, _known(chunk, number, moves, event, timed))  # fmt: skip


def booking_days(day: Ints, card: Bools, closed: Ints) -> Ints:
    """Return when each movement is booked: its day, a card payment the day after, but on no day after its account's.

    Parameters
    ----------
    day, closed
        Of the movement, and of the end of its account (0 while open); shape ``(n,)`` each, as `card`.

    >>> booking_days(np.array([10, 10, 10]), np.array([False, True, True]), np.array([0, 0, 10])).tolist()
    [10, 11, 10]
    """
    return np.asarray(day + (card & (day != closed)), dtype=np.int64)


def _known(chunk: Chunk, number: int, moves: Movements, event: Ints, timed: Bools) -> Ints:
    """Return when the bank knows of each movement: at once where it has a time of day, some a few days late."""
    clock = chunk.clock
    known = np.where(timed, event + _KNOWN_AFTER, clock.known(moves.day))
    rng = stream(chunk.world.seed, "late", number)
    # Nothing is late in the last days: the delivery would lack it, and its balances would not add up.
    late = np.flatnonzero((rng.random(moves.count, dtype=np.float32) < p.LATE_SHARE) & (moves.day < clock.end_day - 5))
    known[late] += rng.integers(1, 4, len(late)) * MICROS_PER_DAY
    return known


def _cards(chunk: Chunk, moves: Movements, card: Bools) -> Arrow:
    """Return the card of card payments and withdrawals: the owner's or the joint holder's."""
    mine = chunk.accounts
    used = card | (moves.scheme == SCHEME["cash"])
    code = np.where(used, moves.account + np.where(moves.actor == 1, len(mine), 0), -1)
    return coded(code, card_tokens(chunk.world.district, np.concatenate([mine, mine + PARTNER_CARD])))


def _terminals(moves: Movements, card: Bools) -> Arrow:
    """Return the terminal of payments in shops (one per merchant) and of withdrawals."""
    merchants = len(merchant_ids())
    names = pa.concat_arrays([numbered("TM", np.arange(merchants), 5), numbered("ATM", np.arange(_ATMS), 4)])
    code = np.where(card & (moves.channel == CHANNELS.index("pos")), moves.merchant, -1)
    atm = merchants + (moves.account * 7 + moves.day % 3) % _ATMS
    return coded(np.where(moves.scheme == SCHEME["cash"], atm, code), names)


def _actors(chunk: Chunk, moves: Movements, card: Bools) -> Arrow:
    """Return who used a joint account's card; of other movements it is nobody's question."""
    accounts, mine = chunk.register.accounts, chunk.accounts
    partner = accounts.partner[mine]
    joint = (partner >= 0)[moves.account] & card
    holder = np.where(moves.actor == 1, partner[moves.account], accounts.person[mine][moves.account])
    actors, code = np.unique(np.where(joint, holder, 0), return_inverse=True)
    return coded(code, first_keys(chunk.world.district, actors), null=~joint)


def _payers(district: District, other: Ints) -> Arrow:
    others, code = np.unique(other, return_inverse=True)
    return coded(code, payer_tokens(district, others), null=other < 0)


def _mandates(district: District, mandate: npt.NDArray[np.int32]) -> Arrow:
    mandates, code = np.unique(mandate, return_inverse=True)
    return coded(code, mandate_ids(district, mandates), null=mandate < 0)


def _references(district: District, number: int, refers: Ints) -> Arrow:
    """Return ids of the movements referred to; few have one, so the ids are made for those only."""
    at = np.flatnonzero(refers >= 0)
    code = np.full(len(refers), -1, dtype=np.int32)
    code[at] = np.arange(len(at))
    return coded(code, transaction_ids(district, number, refers[at]))


def balance_table(chunk: Chunk, daily: Daily) -> pa.Table:
    """Return the month-end balances of the chunk's current and savings accounts, while open."""
    clock, accounts = chunk.clock, chunk.register.accounts
    place = np.sort(daily.balances.kept)
    mine = chunk.accounts[place]
    closed = accounts.closed[mine]
    open_at = (accounts.opened[mine][:, None] <= clock.ends[None, :]) & (
        (closed[:, None] == 0) | (closed[:, None] > clock.ends[None, :])
    )
    row, month = np.nonzero(open_at)
    booked = daily.balances.month_end[place[row], month]
    limit = np.where(accounts.line[mine] == p.CURRENT, accounts.limit[mine], 0)[row]
    end = clock.ends[month]
    return delivered("balances", clock, {
        "account_id": coded(row, account_ids(chunk.world.district, mine)), "date": dates(end), "booked": booked,
        "available": booked + limit,
    }, clock.known(end))  # fmt: skip


def card_fraud(chunk: Chunk, number: int, daily: Daily) -> CardFraud:
    """Return what the bank learns of card fraud in the chunk: reports after a delay, some never; and false alarms."""
    rng = stream(chunk.world.seed, "card_cases", number)
    moves, clock, district = daily.movements, chunk.clock, chunk.world.district
    true = np.flatnonzero(moves.fraud)
    reported = true[rng.random(len(true)) >= p.CARD_FRAUD_UNREPORTED]
    n_false = rng.binomial(len(true), min(p.CARD_FALSE_ALARMS / 4, 1.0)) * 4
    card = np.flatnonzero((moves.scheme == SCHEME["card"]) & (moves.amount < -5_000) & ~moves.fraud)
    false = np.sort(rng.choice(card, min(n_false, len(card)), replace=False)) if len(card) else card
    at = np.concatenate([reported, false])
    delay = p.CARD_FRAUD_DELAY_MEDIAN * np.exp(p.CARD_FRAUD_DELAY_SIGMA * rng.standard_normal(len(at)))
    delay[len(reported) :] = rng.exponential(2.0, len(false))
    event = clock.instants(moves.day[at], np.maximum(moves.second[at], 0))
    opened = event + (np.minimum(delay, 400) * MICROS_PER_DAY).astype(np.int64) + 60_000_000
    closed = opened + (rng.uniform(0.5, 6.0, len(at)) * MICROS_PER_DAY).astype(np.int64)
    confirmed = np.concatenate([np.ones(len(reported), dtype=np.bool_), np.zeros(len(false), dtype=np.bool_)])
    return CardFraud(
        transaction_ids(district, number, at), opened, closed, confirmed, -moves.amount[at],
        transaction_ids(district, number, true),
    )  # fmt: skip
