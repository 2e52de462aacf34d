"""Rows about lending: month-end states, schedules, payments, applications with parties, facts and bureau reports."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from bank360.bank.vocabulary import CreditStatus, EventPrecision
from bank360.sources.synthetic import parameters as p
from bank360.sources.synthetic.account_rows import PRODUCT_IDS
from bank360.sources.synthetic.accounts import Register
from bank360.sources.synthetic.credit import days_past_due
from bank360.sources.synthetic.draws import Bools, Ints, stream
from bank360.sources.synthetic.numbering import account_ids, application_ids, keys, payment_ids, report_ids
from bank360.sources.synthetic.requests import CHANNELS, EMPLOYMENT, PURPOSES, willingness
from bank360.sources.synthetic.rows import dates, delivered, instants, numbers
from bank360.sources.synthetic.tokens import Arrow, coded
from bank360.sources.synthetic.world import World

_STATUS = pa.array([CreditStatus.PERFORMING, CreditStatus.ARREARS, CreditStatus.DEFAULT, CreditStatus.CHARGED_OFF,
                    CreditStatus.CLOSED])  # fmt: skip
_PROBATION = 3  # months after a cured default that still count as default (definitions §1)
_FILE_VERSION = "v3"


@dataclass(frozen=True)
class Payments:
    """Repayments made or returned, one entry each; ``credit`` is the position among the credit accounts."""

    credit: Ints
    day: Ints
    amount: Ints
    returned: Bools


def draw_payments(world: World) -> Payments:
    """Return the repayments behind the month-end states; most missed ones were tried and returned."""
    rng = stream(world.seed, "payments")
    months, clock, credit = world.book.months, world.clock, world.credit
    paid = np.nonzero(months.paid > 0)
    made = months.paid[paid]
    due = clock.starts[paid[1]] + credit.due_day[paid[0]] - 1
    # Behind or just late: paid some days after the due day, within the month.
    late = (months.missed[paid] > 0) | ((paid[1] > 0) & (months.missed[paid[0], np.maximum(paid[1] - 1, 0)] > 0))
    day = np.where(late, due + rng.integers(2, 12, len(due)), clock.next_working(due.astype(np.int32)))
    day = np.minimum(day, clock.ends[paid[1]])
    before = np.concatenate([np.zeros((credit.count, 1), dtype=np.int8), months.missed[:, :-1]], axis=1)
    missed = np.nonzero(
        (months.missed > np.maximum(before, 0))
        & (rng.random(before.shape) < np.where(months.missed > 1, p.TRIED[1], p.TRIED[0]))
        & (months.due > 0)
    )
    tried = clock.starts[missed[1]] + credit.due_day[missed[0]] - 1
    at = np.concatenate([paid[0], missed[0]])
    days = np.concatenate([day, clock.next_working(tried.astype(np.int32))])
    amounts = np.concatenate([made, months.due[missed]])
    returned = np.concatenate([np.zeros(len(made), dtype=np.bool_), np.ones(len(tried), dtype=np.bool_)])
    order = np.lexsort((returned, days, at))
    return Payments(at[order], days[order].astype(np.int64), amounts[order], returned[order])


def lending_tables(world: World, register: Register, payments: Payments) -> Iterator[tuple[str, pa.Table]]:
    """Yield credit_months, schedule and payments."""
    yield "credit_months", _credit_months(world, register)
    yield "schedule", _schedule(world, register)
    yield "payments", _payments(world, register, payments)


def numbers_of(register: Register) -> Ints:
    """Return the account number of each credit account."""
    return np.flatnonzero(register.accounts.credit >= 0)


def _credit_months(world: World, register: Register) -> pa.Table:
    book, clock, credit = world.book, world.clock, world.credit
    months = book.months
    at, month = np.nonzero(months.on)
    account = numbers_of(register)
    missed = months.missed[at, month]
    past = days_past_due(clock, credit.due_day, months.missed)
    defaulted = past > 90
    lately = defaulted.copy()
    for back in range(1, _PROBATION + 1):
        lately[:, back:] |= defaulted[:, :-back]
    lost = months.written_off[at, month] > 0
    last = book.paths.last[at] == month
    status = np.select([lost, last, lately[at, month], missed > 0], [3, 4, 2, 1], 0)
    gone = lost | last
    limit = np.where(credit.line == p.CARD, credit.amount, 0)[at]
    end = clock.ends[month]
    return delivered("credit_months", clock, {
        "account_id": coded(at, account_ids(world.district, account)), "month_end": dates(end),
        "balance": months.balance[at, month],
        "credit_limit": numbers(limit, null=credit.line[at] != p.CARD), "amount_due": months.due[at, month],
        "paid": months.paid[at, month], "arrears": np.where(gone, 0, months.arrears[at, month]),
        "days_past_due": past[at, month], "status": coded(status, _STATUS),
        "forbearance": (missed >= 2) & (months.paid[at, month] > 0), "written_off": months.written_off[at, month],
    }, clock.known(end))  # fmt: skip


def _schedule(world: World, register: Register) -> pa.Table:
    """Return the instalments of loans and mortgages that fall due within the history."""
    credit, clock, opened = world.credit, world.clock, world.book.opened_month
    on = np.arange(clock.count)[None, :] - opened[:, None]
    due = (on >= 1) & (on <= credit.term[:, None]) & (credit.line != p.CARD)[:, None]
    due &= np.arange(clock.count)[None, :] <= world.book.paths.last[:, None]
    at, month = np.nonzero(due)
    day = clock.starts[month] + credit.due_day[at] - 1
    return delivered("schedule", clock, {
        "account_id": coded(at, account_ids(world.district, numbers_of(register))), "seq": on[at, month],
        "due_on": dates(day), "amount_due": credit.instalment[at],
    }, world.clock.started(np.maximum(credit.opened, clock.first_day - 365))[at])  # fmt: skip


def _payments(world: World, register: Register, payments: Payments) -> pa.Table:
    number = np.arange(len(payments.credit))
    shown = payments.day + np.where(payments.returned, 2, 0)
    return delivered("payments", world.clock, {
        "payment_id": payment_ids(world.district, number),
        "account_id": coded(payments.credit, account_ids(world.district, numbers_of(register))),
        "paid_on": dates(payments.day), "amount": payments.amount, "returned": payments.returned,
    }, world.clock.known(shown.astype(np.int32)))  # fmt: skip


def application_tables(world: World, register: Register) -> dict[str, pa.Table]:
    """Return applications, application_parties, application_facts and bureau_reports."""
    applications, clock = world.applications, world.clock
    requests, decisions = applications.requests, applications.decisions
    rng = stream(world.seed, "application_rows")
    n = requests.count
    ids = application_ids(world.district, np.arange(n))
    submitted = clock.instants(requests.day.astype(np.int32), requests.second)
    decided = submitted + (decisions.days * 86_400 + rng.integers(30, 20_000, n)) * 1_000_000
    booked = applications.opened > 0
    account = np.full(n, -1)
    account[world.credit.request[world.credit.request >= 0]] = numbers_of(register)[world.credit.request >= 0]
    known = np.maximum(
        decided,
        np.where(
            booked, clock.instants(np.maximum(applications.opened, clock.first_day).astype(np.int32), 9 * 3600), 0
        ),
    )
    pending = known >= clock.cutoff
    final = ~pending & decisions.approved
    outcome = np.where(pending, 2, np.where(decisions.approved, 0, 1))
    reasons = pa.array(["good_history_with_us", "collateral", "income_not_proven"])
    why = np.where(decisions.approved, rng.integers(0, 2, n), 2)
    lines = requests.line
    names = account_ids(world.district, np.arange(register.accounts.count))
    return {
        "applications": delivered("applications", clock, {
            "application_id": ids, "product_id": coded(lines, PRODUCT_IDS),
            "channel": coded(requests.channel, pa.array(CHANNELS)),
            "requested_amount": requests.amount, "term_months": numbers(requests.term, null=requests.term == 0),
            "purpose": coded(requests.purpose, pa.array(PURPOSES)), "submitted_at": instants(submitted),
            "event_precision": coded(np.zeros(n, dtype=np.int64), pa.array([EventPrecision.SECOND.value])),
            "outcome": coded(outcome, pa.array(["approved", "declined", "pending"])),
            "decided_at": instants(decided, null=pending),
            "decision_source": coded(decisions.source, pa.array(["policy", "random_accept", "override"]), null=pending),
            "override_reason": coded(why, reasons, null=pending | (decisions.source != 2)),
            "offered_amount": numbers(decisions.offered, null=~final),
            "offered_rate": pa.array(decisions.rate, mask=~final), "taken_up": pa.array(booked, mask=~final),
            "account_id": coded(np.where(booked, account, -1), names, null=~final),
        }, np.where(pending, submitted, known)),
        "application_parties": _application_parties(world, register, ids, submitted),
        "application_facts": _application_facts(world, ids, submitted),
        "bureau_reports": delivered("bureau_reports", clock, {
            "report_id": report_ids(world.district, np.arange(n)), "subject": ids,
            "pulled_at": instants(submitted - 1_000_000), "score": numbers(requests.score, null=requests.score < 0),
            "version": coded(np.zeros(n, dtype=np.int64), pa.array([_FILE_VERSION])), "searches_6m": requests.searches,
            "external_debt": numbers(requests.external_debt, null=requests.external_debt < 0),
            "worst_status": numbers(requests.worst_status, null=requests.worst_status < 0),
        }, submitted - 1_000_000),
    }  # fmt: skip


def _application_parties(world: World, register: Register, ids: Arrow, submitted: Ints) -> pa.Table:
    """Return the applicants; customers of two systems apply under the second key once it exists."""
    requests = world.applications.requests
    second = register.second_opened[requests.person]
    lent = np.isin(requests.line, (p.CARD, p.LOAN))
    under_second = lent & (second > 0) & (second <= requests.day)
    applicants, who = np.unique(requests.person * 2 + under_second, return_inverse=True)
    names = keys(world.district, applicants // 2, applicants % 2 == 1)
    return delivered("application_parties", world.clock, {
        "application_id": ids, "seq": np.ones(requests.count, dtype=np.int64),
        "customer_id": coded(who, names, null=requests.new_to_bank),
        "declared_income": requests.declared_income, "housing_cost": requests.housing, "outgoings": requests.outgoings,
        "employment": coded(requests.employment, pa.array(EMPLOYMENT)), "employed_months": requests.employed_months,
    }, submitted)  # fmt: skip


def _application_facts(world: World, ids: Arrow, submitted: Ints) -> pa.Table:
    """Return what the application form itself saw: age of the e-mail address, time to fill in, distance of the line."""
    rng = stream(world.seed, "application_facts")
    requests = world.applications.requests
    n = requests.count
    willing = willingness(requests.intent)
    values = {
        "email_age_days": np.floor(rng.gamma(*p.EMAIL_AGE[:2], n) * np.exp(p.EMAIL_AGE[2] * willing)),
        "form_seconds": np.floor(rng.lognormal(*p.FORM_SECONDS[:2], n) * np.exp(p.FORM_SECONDS[2] * willing)),
        "ip_distance_km": np.floor(rng.lognormal(*p.LINE_DISTANCE[:2], n) * np.exp(p.LINE_DISTANCE[2] * willing)),
    }
    remote = np.flatnonzero(requests.channel < 2)
    take = pa.array(remote)
    return pa.concat_tables(
        delivered("application_facts", world.clock, {
            "application_id": ids.take(take), "fact": coded(np.zeros(len(remote), dtype=np.int64), pa.array([name])),
            "value": None, "number": value[remote],
            "origin": coded(np.zeros(len(remote), dtype=np.int64), pa.array(["supplied"])),
        }, submitted[remote])
        for name, value in values.items()
    )  # fmt: skip
