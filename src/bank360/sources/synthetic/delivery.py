"""What the demonstration bank delivers, and in which order: two waves, so that nothing is known before its time.

The first wave holds every row as it stood when it came into being: an account without its closing, a case without its
outcome, a customer who has not left. The second holds the rows that changed, under the same keys, known when the change
was known; loading it after the first closes the old rows (a correction). Applications come once, known at the decision.

The bank comes district by district (`districts`), each with the tables below; products and merchants come once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic import truth
from bank360.sources.synthetic.account_rows import account_tables, products
from bank360.sources.synthetic.accounts import Register, draw_register
from bank360.sources.synthetic.activity_rows import application_cases, fraud_case_rows, interactions, merchants
from bank360.sources.synthetic.chunk import by_person, chunk_of
from bank360.sources.synthetic.customer_rows import Records, customer_tables, devices_shared, draw_records, token_table
from bank360.sources.synthetic.daily import movements_of
from bank360.sources.synthetic.districts import District, Taken
from bank360.sources.synthetic.draws import Ints
from bank360.sources.synthetic.lending_rows import (
    Payments,
    application_tables,
    draw_payments,
    lending_tables,
    numbers_of,
)
from bank360.sources.synthetic.numbering import card_case_ids
from bank360.sources.synthetic.people import newcomers
from bank360.sources.synthetic.tokens import Arrow
from bank360.sources.synthetic.transaction_rows import CardFraud, balance_table, card_fraud, transaction_table
from bank360.sources.synthetic.world import World, build_world

WAVES = ("001-history", "002-updates")
Delivered = tuple[str, str, pa.Table]  # wave, table, rows


@dataclass(frozen=True)
class Part:
    """A district drawn, ready to be written: `slow_tables`, `chunk_tables` for each of ``chunks``, `last_tables`."""

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


def chunks_of(customers: int, months: int) -> int:
    """Return how many chunks a district of ``customers`` will have."""
    return -(-(customers + sum(newcomers(customers, months))) // p.CHUNK_PEOPLE)


def draw_part(district: District, months: int) -> Part:
    """Return a district; same arguments, same district."""
    world = build_world(district, months)
    register = draw_register(world)
    payments = draw_payments(world)
    starts = np.searchsorted(payments.credit, np.arange(world.credit.count + 1))
    return Part(world, register, draw_records(world, register), payments, np.arange(len(payments.credit)), starts,
                numbers_of(register), by_person(register))  # fmt: skip


def chunk_tables(part: Part, number: int) -> ChunkTables:
    """Return the rows of the district's chunk ``number``; chunks do not depend on each other."""
    first = number * p.CHUNK_PEOPLE
    last = min(first + p.CHUNK_PEOPLE, part.world.people.count)
    chunk = chunk_of(part.world, part.register, part.by_person, first, last)
    daily = movements_of(chunk, number, part.payments, part.order, part.starts, part.account_of)
    return ChunkTables(
        transaction_table(chunk, number, daily), balance_table(chunk, daily), card_fraud(chunk, number, daily)
    )


def slow_tables(part: Part) -> Iterator[Delivered]:
    """Yield everything but transactions, balances and `last_tables`."""
    world, register = part.world, part.register
    first, second = WAVES
    early, later = customer_tables(world, register, part.records)
    yield from ((first, name, rows) for name, rows in early.items())
    yield from ((second, name, rows) for name, rows in later.items())
    if world.district.number == 0:
        yield first, "products", products(world)
        yield first, "merchants", merchants(world)
    early, later = account_tables(world, register)
    yield from ((first, name, rows) for name, rows in early.items())
    yield from ((second, name, rows) for name, rows in later.items())
    yield from ((first, name, rows) for name, rows in lending_tables(world, register, part.payments))
    yield from ((first, name, rows) for name, rows in application_tables(world, register).items())
    yield first, "identifier_tokens", token_table(world, register, part.records)


def without_month_ends(part: Part) -> Part:
    """Return the district as the rest of its rows need it, once `slow_tables` are written.

    Of the month-end states of credit, which are a third of what is held, only what cards buy, interest and what was
    missed are read again; the others are empty, so that reading them fails.
    """
    none = np.zeros((0, 0), dtype=np.int64)
    months = replace(part.world.book.months, balance=none, due=none, paid=none, arrears=none, written_off=none)
    return replace(part, world=replace(part.world, book=replace(part.world.book, months=months)))


def last_tables(part: Part, frauds: list[CardFraud]) -> tuple[list[Delivered], Taken]:
    """Return contacts, and the fraud cases of both waves; and what numbers the district has taken.

    Parameters
    ----------
    frauds
        The card fraud of every chunk, in order.
    """
    world = part.world
    first, second = WAVES
    requests = world.applications.requests
    contacts, number_of_contacts = interactions(world)
    pairs, number_of_cases = application_cases(world, part.register)
    of_cards = len(world.applications.cases.request)
    for one in frauds:
        if len(one.opened):
            ids = card_case_ids(world.district, of_cards + np.arange(len(one.opened)))
            pairs.append(
                fraud_case_rows(world, ids, one.subject, "card", one.opened, one.closed, one.confirmed, one.loss)
            )
            of_cards += len(one.opened)
    tables = [(first, "interactions", contacts)]
    for wave, parts in zip((first, second), zip(*pairs, strict=True), strict=True):
        tables.append((wave, "fraud_cases", pa.concat_tables(parts)))
    return tables, Taken(
        people=world.people.count,
        accounts=part.register.accounts.count,
        applications=requests.count,
        payments=len(part.payments.credit),
        interactions=number_of_contacts,
        cases=number_of_cases,
        card_cases=of_cards,
        rings=int(requests.ring.max(initial=-1)) + 1,
        shared_devices=devices_shared(world),
        chunks=part.chunks,
    )


def truth_tables(part: Part, frauds: list[CardFraud]) -> Iterator[tuple[str, pa.Table]]:
    """Yield name and rows of the truth tables, card fraud included."""
    yield from truth.truth_tables(part.world, part.register, part.records)
    ids: Arrow = pa.chunked_array([one.true_ids for one in frauds], pa.string())
    yield "card_fraud", pa.table({"transaction_id": ids})
