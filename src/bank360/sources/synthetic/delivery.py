"""What the demonstration bank delivers, and in which order: two waves, so that nothing is known before its time.

The first wave holds every row as it stood when it came into being: an account without its closing, a case without its
outcome, a customer who has not left. The second holds the rows that changed, under the same keys, known when the change
was known; loading it after the first closes the old rows (a correction). Applications come once, known at the decision.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.account_rows import account_tables
from bank360.sources.synthetic.accounts import Register, draw_register
from bank360.sources.synthetic.activity_rows import application_cases, fraud_case_rows, interactions, merchants
from bank360.sources.synthetic.chunk import by_person, chunk_of
from bank360.sources.synthetic.customer_rows import Records, customer_tables, draw_records, token_table
from bank360.sources.synthetic.daily import movements_of
from bank360.sources.synthetic.draws import Ints
from bank360.sources.synthetic.lending_rows import (
    Payments,
    application_tables,
    draw_payments,
    lending_tables,
    numbers_of,
)
from bank360.sources.synthetic.tokens import Arrow
from bank360.sources.synthetic.transaction_rows import CardFraud, balance_table, card_fraud, transaction_table
from bank360.sources.synthetic.truth import truth_tables
from bank360.sources.synthetic.world import World, build_world

WAVES = ("001-history", "002-updates")


@dataclass(frozen=True)
class Bank:
    """The bank drawn, ready to be written: `slow_tables` once, `chunk_tables` for each of ``chunks``."""

    world: World
    register: Register
    records: Records
    payments: Payments
    order: Ints
    starts: Ints
    account_of: Ints
    by_person: Ints

    @property
    def chunks(self) -> int:
        """How many chunks of people there are."""
        return -(-self.world.people.count // p.CHUNK_PEOPLE)


@dataclass(frozen=True)
class ChunkTables:
    """What one chunk of people delivers, and what the bank learns of card fraud in it."""

    transactions: pa.Table
    balances: pa.Table
    fraud: CardFraud


def draw_bank(customers: int, months: int, seed: int) -> Bank:
    """Return the bank; same arguments, same bank."""
    world = build_world(customers, months, seed)
    register = draw_register(world)
    payments = draw_payments(world)
    starts = np.searchsorted(payments.credit, np.arange(world.credit.count + 1))
    return Bank(world, register, draw_records(world, register), payments, np.arange(len(payments.credit)), starts,
                numbers_of(register), by_person(register))  # fmt: skip


def chunk_tables(bank: Bank, number: int) -> ChunkTables:
    """Return the rows of chunk ``number``; chunks do not depend on each other."""
    first = number * p.CHUNK_PEOPLE
    last = min(first + p.CHUNK_PEOPLE, bank.world.people.count)
    chunk = chunk_of(bank.world, bank.register, bank.by_person, first, last)
    daily = movements_of(chunk, number, bank.payments, bank.order, bank.starts, bank.account_of)
    return ChunkTables(
        transaction_table(chunk, number, daily), balance_table(chunk, daily), card_fraud(chunk, number, daily)
    )


def slow_tables(bank: Bank) -> Iterator[tuple[str, str, pa.Table]]:
    """Yield ``(wave, table, rows)`` of everything but transactions, balances and fraud cases."""
    world, register = bank.world, bank.register
    first, second = WAVES
    early, later = customer_tables(world, register, bank.records)
    yield from ((first, name, rows) for name, rows in early.items())
    yield from ((second, name, rows) for name, rows in later.items())
    early, later = account_tables(world, register)
    yield from ((first, name, rows) for name, rows in early.items())
    yield from ((second, name, rows) for name, rows in later.items())
    yield first, "merchants", merchants(world)
    yield from ((first, name, rows) for name, rows in lending_tables(world, register, bank.payments).items())
    yield from ((first, name, rows) for name, rows in application_tables(world, register).items())
    yield first, "identifier_tokens", token_table(world, register, bank.records)
    yield first, "interactions", interactions(world, register)


def case_tables(bank: Bank, frauds: list[CardFraud]) -> Iterator[tuple[str, str, pa.Table]]:
    """Yield the fraud cases of both waves, given the card fraud of every chunk in order."""
    pairs = application_cases(bank.world, bank.register)
    number = len(bank.world.applications.cases.request) + 10_000_000
    for one in frauds:
        if len(one.opened):
            pairs.append(fraud_case_rows(bank.world, number, one.subject, "card", one.opened, one.closed, one.confirmed,
                                         one.loss))  # fmt: skip
            number += len(one.opened)
    for wave, parts in zip(WAVES, zip(*pairs, strict=True), strict=True):
        yield wave, "fraud_cases", pa.concat_tables(parts)


def truth_of(bank: Bank, frauds: list[CardFraud]) -> dict[str, pa.Table]:
    """Return the truth tables, card fraud included."""
    ids: Arrow = pa.chunked_array([one.true_ids for one in frauds], pa.string())
    return truth_tables(bank.world, bank.register, bank.records) | {"card_fraud": pa.table({"transaction_id": ids})}
