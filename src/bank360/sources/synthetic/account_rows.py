"""Rows about accounts: products, accounts, terms, parties, cards. Closings and blockings come in the second wave."""

import numpy as np
import pyarrow as pa

from bank360.bank.vocabulary import ProductFamily, ProductLine, RateType
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.accounts import REASONS, Accounts, Register, share_of
from bank360.sources.synthetic.draws import Ints
from bank360.sources.synthetic.numbering import PARTNER_CARD, account_ids, card_tokens, keys
from bank360.sources.synthetic.rows import dates, delivered, numbers
from bank360.sources.synthetic.tokens import coded, numbered
from bank360.sources.synthetic.world import World

# product id, family, line, name, secured, revolving, rate type, monthly fee, funding rate; in the order of p.LINES
_PRODUCTS = (
    (
        "CURRENT",
        ProductFamily.DEPOSITS,
        ProductLine.CURRENT_ACCOUNT,
        "Current account",
        False,
        False,
        RateType.NONE,
        0,
        0.021,
    ),
    ("SAVER", ProductFamily.DEPOSITS, ProductLine.SAVINGS, "Easy saver", False, False, RateType.VARIABLE, 0, 0.034),
    ("CARD", ProductFamily.LENDING, ProductLine.CREDIT_CARD, "Credit card", False, True, RateType.VARIABLE, 0, 0.041),
    ("LOAN", ProductFamily.LENDING, ProductLine.PERSONAL_LOAN, "Personal loan", False, False, RateType.FIXED, 0, 0.041),
    ("MORTGAGE", ProductFamily.LENDING, ProductLine.MORTGAGE, "Mortgage", True, False, RateType.FIXED, 0, 0.036),
    (
        "INSURANCE",
        ProductFamily.PROTECTION,
        ProductLine.INSURANCE,
        "Home insurance",
        False,
        False,
        RateType.NONE,
        0,
        0.0,
    ),
    ("INVEST", ProductFamily.WEALTH, ProductLine.INVESTMENT, "Investment plan", False, False, RateType.NONE, 250, 0.0),
)
PRODUCT_IDS = pa.array([row[0] for row in _PRODUCTS])


def products(world: World) -> pa.Table:
    """Return the products on offer, long before the history."""
    day = np.full(len(_PRODUCTS), world.clock.first_day - 20_000)
    columns = list(zip(*_PRODUCTS, strict=True))
    return delivered("products", world.clock, {
        "product_id": PRODUCT_IDS, "valid_from": dates(day), "family": pa.array(columns[1], pa.string()),
        "line": pa.array(columns[2], pa.string()), "name": pa.array(columns[3]), "secured": pa.array(columns[4]),
        "revolving": pa.array(columns[5]), "rate_type": pa.array(columns[6], pa.string()), "fee": numbers(columns[7]),
        "transfer_rate": pa.array(columns[8]),
    }, world.clock.started(day))  # fmt: skip


def account_tables(world: World, register: Register) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    """Return the tables of both waves: accounts, account_terms, account_parties, cards; accounts, cards."""
    accounts, clock = register.accounts, world.clock
    everything = np.arange(accounts.count)
    closed = np.flatnonzero((accounts.closed > 0) & (accounts.closed < clock.end_day))
    with_card = np.flatnonzero(np.isin(accounts.line, (p.CURRENT, p.CARD)))
    blocked = with_card[np.isin(with_card, closed)]
    return (
        {
            "accounts": _accounts(world, accounts, everything, False),
            "account_terms": _terms(world, accounts),
            "account_parties": _parties(world, register),
            "cards": _cards(world, register, with_card, False),
        },
        {"accounts": _accounts(world, accounts, closed, True), "cards": _cards(world, register, blocked, True)},
    )


def _accounts(world: World, accounts: Accounts, at: Ints, closed: bool) -> pa.Table:
    none = np.full(len(at), not closed)
    known = world.clock.known(accounts.closed[at]) if closed else world.clock.started(accounts.opened[at])
    branch = accounts.person[at] % 120
    return delivered("accounts", world.clock, {
        "account_id": account_ids(world.district, at), "product_id": coded(accounts.line[at], PRODUCT_IDS),
        "opened_on": dates(accounts.opened[at]), "closed_on": dates(accounts.closed[at], null=none),
        "close_reason": coded(accounts.reason[at], pa.array(REASONS), null=none),
        "currency": coded(np.zeros(len(at), dtype=np.int64), pa.array([p.CURRENCY])),
        "branch": coded(branch, numbered("B", np.arange(120), 3)),
    }, known)  # fmt: skip


def _terms(world: World, accounts: Accounts) -> pa.Table:
    """Return the terms at opening: limits of current accounts and cards, terms of loans; savings have a rate only."""
    at = np.flatnonzero(np.isin(accounts.line, (p.CURRENT, p.SAVINGS, p.CARD, p.LOAN, p.MORTGAGE)))
    own = accounts.credit[at]
    credit, lent = world.credit, own >= 0
    line = accounts.line[at]
    instalments = np.isin(line, (p.LOAN, p.MORTGAGE))
    rate = np.select([lent, line == p.SAVINGS], [credit.rate[own], 0.018], 0.0)
    rate = np.where((line == p.CURRENT) & (accounts.limit[at] > 0), 0.349, rate)
    return delivered("account_terms", world.clock, {
        "account_id": account_ids(world.district, at), "valid_from": dates(accounts.opened[at]),
        "credit_limit": numbers(accounts.limit[at], null=~np.isin(line, (p.CURRENT, p.CARD))),
        "rate": pa.array(rate), "term_months": numbers(credit.term[own], null=~instalments),
        "instalment": numbers(credit.instalment[own], null=~instalments),
        "due_day": numbers(credit.due_day[own], null=~lent),
    }, world.clock.started(accounts.opened[at]))  # fmt: skip


def _parties(world: World, register: Register) -> pa.Table:
    accounts = register.accounts
    share = share_of(accounts)
    joint = np.flatnonzero(accounts.partner >= 0)
    at = np.concatenate([np.arange(accounts.count), joint])
    second = np.concatenate([accounts.second_key, np.zeros(len(joint), dtype=np.bool_)])
    who = np.concatenate([accounts.person, accounts.partner[joint]])
    role = np.concatenate([np.zeros(accounts.count, dtype=np.int64), np.ones(len(joint), dtype=np.int64)])
    since = np.where(
        role == 1, np.maximum(accounts.opened[at], world.relationships.joined_day[who]), accounts.opened[at]
    )
    return delivered("account_parties", world.clock, {
        "account_id": account_ids(world.district, at), "customer_id": keys(world.district, who, second),
        "role": coded(role, pa.array(["owner", "joint_holder"])), "valid_from": dates(since), "valid_to": None,
        "liability_share": share[at],
    }, world.clock.started(since))  # fmt: skip


def _cards(world: World, register: Register, at: Ints, blocked: bool) -> pa.Table:
    """Return the cards of accounts ``at``: one for the owner, one for a joint holder of a current account."""
    accounts = register.accounts
    joint = at[(accounts.partner[at] >= 0) & (accounts.line[at] == p.CURRENT)]
    number = np.concatenate([at, joint + PARTNER_CARD])
    second = np.concatenate([accounts.second_key[at], np.zeros(len(joint), dtype=np.bool_)])
    who = np.concatenate([accounts.person[at], accounts.partner[joint]])
    at = np.concatenate([at, joint])
    none = np.full(len(at), not blocked)
    known = world.clock.known(accounts.closed[at]) if blocked else world.clock.started(accounts.opened[at])
    return delivered("cards", world.clock, {
        "card_token": card_tokens(world.district, number), "account_id": account_ids(world.district, at),
        "customer_id": keys(world.district, who, second),
        "issued_on": dates(accounts.opened[at]), "blocked_on": dates(accounts.closed[at], null=none),
        "reason": coded(np.zeros(len(at), dtype=np.int64), pa.array(["account_closed"]), null=none),
    }, known)  # fmt: skip
