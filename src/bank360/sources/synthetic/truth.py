"""What only the generator knows: planted groups, true probabilities, outcomes of rejects, who is whom, true fraud.

These tables go to the bank's ``truth`` folder, never among what the bank delivers, and nothing that learns reads them;
`synth_check` and the scoring of methods against the truth do.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.accounts import Register
from bank360.sources.synthetic.customer_rows import SYSTEMS, Records
from bank360.sources.synthetic.lending_rows import numbers_of
from bank360.sources.synthetic.numbering import (
    account_ids,
    application_ids,
    first_keys,
    interaction_ids,
    keys,
    person_numbers,
    ring_numbers,
)
from bank360.sources.synthetic.relationships import LEFT, NONE
from bank360.sources.synthetic.rows import dates
from bank360.sources.synthetic.tokens import coded
from bank360.sources.synthetic.world import World


def truth_tables(world: World, register: Register, records: Records) -> Iterator[tuple[str, pa.Table]]:
    """Yield the truth table by table, each with its name.

    ``people``: planted group, salary pattern and traits by first key. ``records``: which keys are one person.
    ``customer_months``: relationship and stress. ``applications``: true probability of default within 12 months had it
    been booked, the outcome (drawn where it was not), true fraud. ``credit_months``: true 12-month probability of
    default of accounts with nothing missed. ``offers``: true uplift.
    """
    yield "people", _people(world, register)
    yield "records", _records(world, records)
    yield "customer_months", _customer_months(world)
    yield "applications", _applications(world)
    yield "credit_months", _credit_months(world, register)
    yield "offers", _offers(world)


def _table(columns: dict[str, Any]) -> pa.Table:
    return pa.table(columns)


def _people(world: World, register: Register) -> pa.Table:
    people = world.people
    person = np.flatnonzero(register.customer)
    return _table({
        "customer_id": first_keys(world.district, person), "behaviour": coded(people.group[person], pa.array(p.GROUPS)),
        "pattern": coded(people.pattern[person], pa.array(p.PATTERNS)), "trait": people.trait[person],
        "churn": people.churn[person], "appetite": people.appetite[person], "income": people.income[person],
    })  # fmt: skip


def _records(world: World, records: Records) -> pa.Table:
    return _table({
        "source": coded(records.second.astype(np.int64), SYSTEMS),
        "source_key": keys(world.district, records.person, records.second),
        "person": person_numbers(world.district, records.person),
    })  # fmt: skip


def _customer_months(world: World) -> pa.Table:
    state, clock = world.relationships.state, world.clock
    person, month = np.nonzero((state > NONE) & (state < LEFT))
    names = first_keys(world.district, np.arange(world.people.count))
    left = world.relationships.left_month[person] == month
    return _table({
        "customer_id": coded(person, names), "month_end": dates(clock.ends[month]),
        "relationship": coded(state[person, month], pa.array(p.RELATIONSHIPS)),
        "stress": world.people.stress[person, month], "left": left,
        "fell_silent": world.relationships.silent_month[person] == month,
        "full": (world.relationships.joined_month[person] < month) & ~left,
    })  # fmt: skip


def _applications(world: World) -> pa.Table:
    applications, book = world.applications, world.book
    requests = applications.requests
    bad = applications.would_default.copy()
    own = world.credit.request >= 0
    month = book.paths.default_month[own]
    bad[world.credit.request[own]] = (month >= 0) & (month - book.opened_month[own] <= 12)
    return _table({
        "application_id": application_ids(world.district, np.arange(requests.count)),
        "true_pd": applications.true_pd,        "defaulted": bad,
        "true_fraud_probability": requests.fraud_probability, "fraud": requests.fraud,
        "ring": pa.array(ring_numbers(world.district, requests.ring), mask=requests.ring < 0),
    })  # fmt: skip


def _credit_months(world: World, register: Register) -> pa.Table:
    ahead = world.book.ahead
    at, month = np.nonzero(~np.isnan(ahead))
    return _table({
        "account_id": coded(at, account_ids(world.district, numbers_of(register))),
        "month_end": dates(world.clock.ends[month]), "true_pd": ahead[at, month],
    })  # fmt: skip


def _offers(world: World) -> pa.Table:
    offers = world.offers
    return _table({
        "interaction_id": interaction_ids(world.district, np.arange(len(offers.person))), "base": offers.base,
        "uplift": offers.uplift,
    })  # fmt: skip
