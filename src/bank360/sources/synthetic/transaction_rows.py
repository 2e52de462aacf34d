"""Movements to rows of ``transactions``, month-end balances to rows of ``balances``, and the card fraud among them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.activity_rows import merchant_ids
from bank360.sources.synthetic.chunk import Chunk
from bank360.sources.synthetic.daily import Daily
from bank360.sources.synthetic.districts import District
from bank360.sources.synthetic.draws import Bools, Ints, stream
from bank360.sources.synthetic.movements import CATEGORIES, CHANNELS, DAY_ONLY, SCHEME, SCHEMES
from bank360.sources.synthetic.numbering import (
    PARTNER_CARD,
    account_ids,
    card_tokens,
    keys,
    mandate_ids,
    payer_tokens,
    transaction_ids,
)
from bank360.sources.synthetic.rows import dates, delivered, numbers
from bank360.sources.synthetic.tokens import Arrow, coded, numbered

_ATMS = 300
_KNOWN_AFTER = 20_000_000  # microseconds: an authorisation is known within seconds
_DAY = 86_400_000_000


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
    n = moves.count
    accounts = chunk.register.accounts
    mine = chunk.accounts
    timed = moves.second != DAY_ONLY
    event = clock.instants(moves.day, np.maximum(moves.second, 0))
    card = moves.scheme == SCHEME["card"]
    cash = moves.scheme == SCHEME["cash"]
    known = np.where(timed, event + _KNOWN_AFTER, clock.known(moves.day))
    rng = stream(chunk.world.seed, "late", number)
    # Nothing is late in the last days: the delivery would lack it, and its balances would not add up.
    late = np.flatnonzero((rng.random(n, dtype=np.float32) < p.LATE_SHARE) & (moves.day < clock.end_day - 5))
    known[late] += rng.integers(1, 4, len(late)) * _DAY
    partner = accounts.partner[mine]
    holders = np.concatenate([mine, mine + PARTNER_CARD])
    tokens_of = card_tokens(district, holders)
    token = np.where(card | cash, moves.account + np.where(moves.actor == 1, len(mine), 0), -1)
    joint = (partner >= 0)[moves.account] & card
    holder = np.where(moves.actor == 1, partner[moves.account], accounts.person[mine][moves.account])
    actors, actor = np.unique(np.where(joint, holder, 0), return_inverse=True)
    merchants = merchant_ids()
    terminals = pa.concat_arrays([numbered("TM", np.arange(len(merchants)), 5), numbered("ATM", np.arange(_ATMS), 4)])
    terminal = np.where(card & (moves.channel == CHANNELS.index("pos")), moves.merchant, -1)
    atm = len(merchants) + (moves.account * 7 + moves.day % 3) % _ATMS
    terminal = np.where(cash, atm, terminal)
    others, other_code = np.unique(moves.other, return_inverse=True)
    mandates, mandate_code = np.unique(moves.mandate, return_inverse=True)
    away = moves.foreign > 0
    currencies = sorted({currency for _, currency, _ in p.FOREIGN})
    paid_in = np.array([-1, *(currencies.index(currency) for _, currency, _ in p.FOREIGN)])
    none = np.zeros(n, dtype=np.int8)
    keeps = daily.keeps_balance[moves.account]
    return delivered("transactions", clock, {
        "transaction_id": transaction_ids(district, number, np.arange(n)),
        "account_id": coded(moves.account, account_ids(district, mine)),
        "card_token": coded(token, tokens_of), "terminal_id": coded(terminal, terminals),
        "actor_customer_id": coded(actor, keys(district, actors, actors < 0), null=~joint),
        "event_time": event, "event_precision": coded(np.where(timed, 0, 1), pa.array(["second", "day"])),
        "booked_on": dates(moves.day + card), "amount": moves.amount, "currency": coded(none, pa.array([p.CURRENCY])),
        "original_amount": numbers(moves.original, null=~away),
        "original_currency": coded(paid_in[moves.foreign], pa.array(currencies)),
        "channel": coded(moves.channel, pa.array(CHANNELS, pa.string())),
        "scheme": coded(moves.scheme, pa.array(SCHEMES, pa.string())),
        "category": coded(moves.category, pa.array(CATEGORIES, pa.string())),
        "merchant_id": coded(moves.merchant, merchants),
        "counterparty_token": coded(other_code, payer_tokens(district, others), null=moves.other < 0),
        "mandate_id": coded(mandate_code, mandate_ids(district, mandates), null=moves.mandate < 0),
        "reverses_id": _references(district, number, moves.refers),
        "country": coded(moves.foreign, pa.array(["GB", *(code for code, _, _ in p.FOREIGN)])),
        "balance_after": numbers(daily.balance_after, null=~keeps), "raw_text": None,
    }, known)  # fmt: skip


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
    opened = event + (np.minimum(delay, 400) * _DAY).astype(np.int64) + 60_000_000
    closed = opened + (rng.uniform(0.5, 6.0, len(at)) * _DAY).astype(np.int64)
    confirmed = np.concatenate([np.ones(len(reported), dtype=np.bool_), np.zeros(len(false), dtype=np.bool_)])
    return CardFraud(
        transaction_ids(district, number, at), opened, closed, confirmed, -moves.amount[at],
        transaction_ids(district, number, true),
    )  # fmt: skip
