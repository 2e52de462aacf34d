"""Rows about contacts, merchants and fraud cases.

A case is delivered when opened and again, with its outcome, when closed; an offer when made, its answer when it came.
"""

import numpy as np
import pyarrow as pa

from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.account_rows import PRODUCT_IDS
from bank360.sources.synthetic.accounts import Register
from bank360.sources.synthetic.credit import CreditMonths
from bank360.sources.synthetic.draws import Bools, Ints, choose, stream
from bank360.sources.synthetic.lending_rows import numbers_of
from bank360.sources.synthetic.names import family_name
from bank360.sources.synthetic.numbering import account_ids, application_ids, case_ids, first_keys, interaction_ids
from bank360.sources.synthetic.relationships import LEFT, NONE
from bank360.sources.synthetic.rows import dates, delivered, instants, numbers
from bank360.sources.synthetic.tokens import Arrow, coded, numbered
from bank360.sources.synthetic.world import World

CATEGORY_NAMES = tuple(row[0] for row in p.CARD_CATEGORIES)
BILLERS = 60  # originators of direct debits, numbered after the card merchants
MERCHANTS = len(CATEGORY_NAMES) * p.MERCHANTS_PER_CATEGORY


def merchant_ids() -> Arrow:
    """Return the ids of all merchants: by category, then by size."""
    return numbered("M", np.arange(MERCHANTS + BILLERS), 5)


def merchants(world: World) -> pa.Table:
    """Return merchants, as known long before the history."""
    n = MERCHANTS + BILLERS
    at = np.arange(n)
    category = np.minimum(at // p.MERCHANTS_PER_CATEGORY, len(CATEGORY_NAMES) - 1)
    abroad = (at < MERCHANTS) & (at % p.MERCHANTS_PER_CATEGORY % 9 == 8)
    names = [
        f"{family_name(i * 7)} {'Direct' if i >= MERCHANTS else CATEGORY_NAMES[category[i]].title()}" for i in range(n)
    ]
    day = np.full(n, world.clock.first_day - 5_000)
    country = np.where(abroad, 1 + at % len(p.FOREIGN), 0)
    return delivered("merchants", world.clock, {
        "merchant_id": merchant_ids(), "valid_from": dates(day),
        "mcc": numbers(np.where(at < MERCHANTS, np.array(p.MCC)[category], 4900)), "name": pa.array(names),
        "country": coded(country, pa.array(["GB", *(code for code, _, _ in p.FOREIGN)])),
        "category_version": coded(np.zeros(n, dtype=np.int64), pa.array(["2021.1"])),
    }, world.clock.started(day))  # fmt: skip


def fraud_case_rows(
    world: World, ids: Arrow, subject: Arrow, kind: str, opened: Ints, closed: Ints, confirmed: Bools, loss: Ints
) -> tuple[pa.Table, pa.Table]:
    """Return the rows of both waves about cases.

    Parameters
    ----------
    opened, closed
        Instants, microseconds UTC.
    loss
        Gross loss where confirmed, pence.
    """
    n = len(opened)
    kinds = coded(np.zeros(n, dtype=np.int64), pa.array([kind]))
    none = np.ones(n, dtype=np.bool_)

    def rows(final: bool) -> pa.Table:
        hide = none & (not final)
        return delivered("fraud_cases", world.clock, {
            "case_id": ids, "subject": subject, "kind": kinds, "opened_at": instants(opened),
            "closed_at": instants(closed, null=hide),
            "outcome": coded(np.where(confirmed, 0, 1), pa.array(["confirmed", "cleared"]), null=hide),
            "loss": numbers(np.where(confirmed, loss, 0), null=hide),
            "recovered": numbers(np.where(confirmed, loss // 5, 0), null=hide),
        }, closed if final else opened)  # fmt: skip

    return rows(False), rows(True)


def application_cases(world: World, register: Register) -> tuple[list[tuple[pa.Table, pa.Table]], int]:
    """Return the cases about applications and the alerts about first payments missed, as rows of both waves.

    And how many there are, known yet or not.
    """
    rng = stream(world.seed, "case_rows")
    clock, applications = world.clock, world.applications
    cases = applications.cases

    def at(day: Ints) -> Ints:
        late = np.minimum(day, clock.end_day + 300)
        return clock.instants(late.astype(np.int32), rng.integers(9 * 3600, 17 * 3600, len(day)))

    loss = np.where(applications.opened > 0, applications.decisions.offered * 7 // 10, 0)[cases.request]
    subject = application_ids(world.district, cases.request)
    of_applications = fraud_case_rows(
        world, case_ids(world.district, np.arange(len(cases.request))), subject, "application", at(cases.opened),
        at(cases.closed), cases.confirmed, loss,
    )  # fmt: skip
    months: CreditMonths = world.book.months
    opened = world.book.opened_month
    first_due = np.clip(opened + 1, 0, clock.count - 1)
    missed = (
        (world.credit.request >= 0)
        & (opened + 1 < clock.count)
        & (months.missed[np.arange(len(opened)), first_due] > 0)
    )
    alerts = np.flatnonzero(missed)
    day = clock.ends[first_due[alerts]].astype(np.int64) + rng.integers(1, 5, len(alerts))
    request = world.credit.request[alerts]
    confirmed = np.zeros(applications.requests.count, dtype=np.bool_)
    confirmed[cases.request[cases.confirmed]] = True
    of_payments = fraud_case_rows(
        world, case_ids(world.district, len(cases.request) + np.arange(len(alerts))),
        account_ids(world.district, numbers_of(register)[alerts]), "first_payment_default", at(day),
        at(day + rng.integers(5, 60, len(alerts))), confirmed[request], world.credit.amount[alerts] * 7 // 10,
    )  # fmt: skip
    return [of_applications, of_payments], len(cases.request) + len(alerts)


def interactions(world: World) -> tuple[pa.Table, int]:
    """Return offers with their arm, answers with their response, ordinary visits and calls; and how many there are.

    The number counts those that the bank does not know yet, too, so that no other row bears theirs.
    """
    rng = stream(world.seed, "interactions")
    clock, offers = world.clock, world.offers
    n = len(offers.person)
    channel = choose(rng, (0.0, 0.45, 0.0, 0.2, 0.35), n)  # branch, email, -, phone, mobile
    words = pa.array(["branch", "email", "online", "phone", "mobile"])
    made = clock.instants(offers.day.astype(np.int32), rng.integers(9 * 3600, 18 * 3600, n))
    answered = clock.instants(np.minimum(offers.answered_day, clock.end_day + 60).astype(np.int32), 20 * 3600)
    campaigns = numbered("CAMP", np.arange(3 * clock.count), 4)
    line = np.searchsorted((p.SAVINGS, p.INSURANCE, p.INVESTMENT), offers.line)
    campaign = coded(clock.month_index(offers.day.astype(np.int32)) * 3 + line, campaigns)
    who = first_keys(world.district, offers.person)

    def row(first: int, kind: str, at: Ints, response: Arrow | None) -> pa.Table:
        return delivered("interactions", clock, {
            "interaction_id": interaction_ids(world.district, first + np.arange(n)), "customer_id": who,
            "at": instants(at), "channel": coded(channel, words),
            "kind": coded(np.zeros(n, dtype=np.int64), pa.array([kind])),
            "topic": coded(np.zeros(n, dtype=np.int64), pa.array(["product_offer"])),
            "product_id": coded(offers.line, PRODUCT_IDS), "campaign_id": campaign,
            "arm": coded(np.where(offers.treated, 0, 1), pa.array(["treated", "held_out"])), "response": response,
        }, at)  # fmt: skip

    parts = [row(0, "offer", made, None), row(n, "answer", np.maximum(answered, made + 1), pa.array(offers.taken))]
    contacts, number = _contacts(rng, world, 2 * n)
    return pa.concat_tables([*parts, contacts]), 2 * n + number


def _contacts(rng: np.random.Generator, world: World, first: int) -> tuple[pa.Table, int]:
    """Return visits and calls, and how many; people who lean to leave call a little more often."""
    clock, people, state = world.clock, world.people, world.relationships.state
    here = (state > NONE) & (state < LEFT)
    rate = p.CONTACT_MONTHLY * np.array([0.0, 0.1, 0.5, 1.0, 1.7, 0.0])[state] * here
    rate *= np.exp(0.25 * people.churn)[:, None] * world.relationships.active
    person, month = np.nonzero(rng.random(state.shape) < rate)
    n = len(person)
    day = clock.starts[month] + (rng.random(n) * clock.lengths[month]).astype(np.int64)
    left = world.relationships.left_day[person]
    keep = (day >= world.relationships.joined_day[person]) & ((left == 0) | (day <= left))
    person, day = person[keep], day[keep]
    n = len(person)
    kind = choose(rng, (0.35, 0.25, 0.4), n)
    at = clock.instants(day.astype(np.int32), rng.integers(9 * 3600, 18 * 3600, n))
    topics = pa.array(["account_service", "complaint", "product_information"])
    rows = delivered("interactions", clock, {
        "interaction_id": interaction_ids(world.district, first + np.arange(n)),
        "customer_id": first_keys(world.district, person),
        "at": instants(at), "channel": coded(kind, pa.array(["branch", "phone", "mobile"])),
        "kind": coded(kind, pa.array(["visit", "call", "view"])),
        "topic": coded(choose(rng, (0.6, 0.15, 0.25), n), topics),
        "product_id": None, "campaign_id": None, "arm": None, "response": None,
    }, at)  # fmt: skip
    return rows, n
