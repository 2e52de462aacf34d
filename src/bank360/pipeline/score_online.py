"""Decide one application now: one read, one customer's features, the models, the gates, one transaction.

::

    request ─> customer's row of the published version ─┐
               events that arrived since ───────────────┴─> history ─kernel─> features ─> models ─> gates ─> record
                                                          record ─one transaction─> log, key, outbox ─> answer

The same kernel, models and gates as at night, so that a request for the night's standard loan at the night's instant
gets the night's double to the last bit. What an application does not tell is what the customer told last, as at night.
No data frame, no network, no file but the store's. Neighbours: `desk.py` holds what a process keeps between requests,
`told.py` what an application says, `arrived.py` the events; `what_if.py` is the same offline, from the warehouse.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bank360.bank.errors import NotFound, SettingsError
from bank360.models.application_columns import DAYS_KNOWN, LEAST_HISTORY_DAYS
from bank360.pipeline.arrived import history_now
from bank360.pipeline.decision_facts import Facts, applicant_in, standing_in
from bank360.pipeline.desk import Desk, Ready
from bank360.pipeline.told import NOTHING_TOLD, Told, finances_from, inputs_from
from bank360.policies.credit_record import Asked, decision_record, use_model
from bank360.policies.decision import DecisionRecord, ModelUse, sealed_bytes
from bank360.policies.gates import Request as Wanted
from bank360.storage.chain import Entry
from bank360.storage.decision_log import Made, Message, Page, Request, earlier_answer
from bank360.storage.new_events import NewEvent, events_of
from bank360.storage.publications import current_number
from bank360.storage.published import DecisionInputs, Version
from bank360.storage.subjects import name_subject, subject_of

Lap = Callable[[str], None]
KIND = "credit.decision"
TOPIC = "credit.decided"


@dataclass(frozen=True)
class LoanApplication:
    """A request for a loan.

    Parameters
    ----------
    customer_id
        A stable customer id, or a key by which a source names the customer.
    product_id, amount, term_months
        What is asked for; the amount in minor units of the policy's currency.
    told
        What the application says besides.
    evidenced_income
        Net income a month by evidence in hand, minor units; None: no evidence.
    application_id
        Its id, pseudonymous; None where it has none.
    """

    customer_id: str
    product_id: str
    amount: int
    term_months: int
    told: Told = NOTHING_TOLD
    evidenced_income: int | None = None
    application_id: str | None = None


@dataclass(frozen=True)
class AskedBy:
    """Who asks, and when.

    Parameters
    ----------
    principal
        Who asks, by pseudonymous user id.
    at
        The instant, microseconds UTC: what is known before it counts.
    decision_id, fresh_subject
        Random ids from the face: of the decision, and for the customer's pseudonym where they have none yet.
    request
        Under which idempotency key it came; None for none.
    """

    principal: str
    at: int
    decision_id: str
    fresh_subject: str
    request: Request | None = None


@dataclass(frozen=True)
class Decided:
    """What came of it.

    Parameters
    ----------
    response
        The bytes to answer with.
    record
        The decision; None where the request had its answer before.
    sequence, repeated
        Its place in the log, and whether it was answered before.
    version
        The published version that it was made from; None where it was answered before.
    """

    response: bytes
    record: DecisionRecord | None
    sequence: int
    repeated: bool
    version: int | None


def decide(
    desk: Desk,
    application: LoanApplication,
    asked: AskedBy,
    answer: Callable[[DecisionRecord], bytes],
    lap: Lap = lambda _: None,
    also: Callable[[Page, DecisionRecord, str], None] | None = None,
) -> Decided:
    """Decide an application and record it; acknowledged, committed and anchored when this returns.

    Parameters
    ----------
    answer
        Makes the bytes to answer with, which a retry gets again.
    lap
        Told "read", "features", "score", "reasons" and "commit" when each is done, for whoever takes the time.
    also
        What else must be true together with the decision, given its record and customer: written in its transaction.

    Raises
    ------
    NotFound
        If there is no such customer or product.
    SettingsError
        If the policy is for another product line or currency.
    RequestReused
        If the idempotency key was used for another payload.
    NotReady
        If nothing is published, or by other features than these.
    ChainBroken, StoreFailed
        If it could not be recorded.
    """
    with desk.log.store.reading() as connection:
        earlier = None if asked.request is None else earlier_answer(connection, asked.request)
        number = current_number(connection)
    if earlier is not None:
        return Decided(earlier.response, None, earlier.sequence, True, None)
    with desk.published.current(number) as version:
        ready = desk.ready(version)
        customer_id, inputs = _inputs(version, application.customer_id)
        with desk.log.store.reading() as connection:
            subject = subject_of(connection, customer_id) or asked.fresh_subject
            arrived = events_of(connection, inputs.facts["keys"], inputs.facts["accounts"], asked.at)
        who = Asked("decision", asked.decision_id, subject, application.application_id, asked.principal, asked.at)
        record = _recorded(desk, version, ready, customer_id, inputs, arrived, application, who, lap)
    made = _made(record, answer)

    def make(page: Page) -> Made:
        nonlocal record
        # Never ``subject`` itself: the customer may have been forgotten meanwhile, and it would lead back to them.
        standing, own = name_subject(page.connection, customer_id, asked.fresh_subject), made
        if standing != subject:  # forgotten, or named by somebody else meanwhile
            record = replace(record, subject=standing)
            own = _made(record, answer)
        if also is not None:
            also(page, record, customer_id)
        return own

    recorded = desk.commits.record(make, asked.request)
    lap("commit")
    if recorded.repeated:  # the same request was answered while this one was worked out
        return Decided(recorded.response, None, recorded.sequence, True, None)
    return Decided(recorded.response, record, recorded.sequence, False, version.number)


def try_out(desk: Desk, application: LoanApplication, principal: str, at: int) -> DecisionRecord:
    """Return what `decide` would decide; recorded nowhere, and the record says so. Faces call `try_logged`.

    Raises
    ------
    NotFound, SettingsError, NotReady
        As `decide`.
    """
    with desk.published.current() as version:
        ready = desk.ready(version)
        customer_id, inputs = _inputs(version, application.customer_id)
        with desk.log.store.reading() as connection:
            arrived = events_of(connection, inputs.facts["keys"], inputs.facts["accounts"], at)
        who = Asked("what-if", f"what-if-{at}", customer_id, application.application_id, principal, at)
        return _recorded(desk, version, ready, customer_id, inputs, arrived, application, who, lambda _: None)


def _inputs(version: Version, name: str) -> tuple[str, DecisionInputs]:
    found = version.decision_inputs(name)
    if found is not None:
        return name, found
    customer_id = version.customer_called(name)
    found = version.decision_inputs(customer_id)
    assert found is not None  # whoever a version knows can be decided about
    return customer_id, found


def _recorded(
    desk: Desk,
    version: Version,
    ready: Ready,
    customer_id: str,
    inputs: DecisionInputs,
    arrived: Sequence[NewEvent],
    application: LoanApplication,
    asked: Asked,
    lap: Lap,
) -> DecisionRecord:
    facts: Facts = dict(inputs.facts)
    line = version.meta.product_lines.get(application.product_id)
    _fits(desk, version, application, line)
    history = history_now(version, ready.packed, customer_id, inputs.history, arrived)
    lap("read")
    declared = facts.get("declared")
    uses: list[ModelUse] = []
    seen: dict[str, float] = {}
    if declared is not None:
        values, unasked = inputs_from(
            application.told, declared, str(line), application.amount, application.term_months
        )
        described = ready.describe(history, asked.as_of, ready.numbers(values))
        seen = described
        lap("features")
        known = described[DAYS_KNOWN]
        thin = known != known or known < LEAST_HISTORY_DAYS  # NaN: no account
        cells = values | described
        never = unasked | ready.never(unasked)
        uses = [use_model(stored, cells, thin, never, lap) for stored in ready.models]
    finances = finances_from(seen, application.told, declared or {}, standing_in(facts), application.evidenced_income)
    wanted = Wanted(application.amount, application.term_months)
    return decision_record(asked, desk.policy, wanted, applicant_in(facts), finances, tuple(uses))


def _fits(desk: Desk, version: Version, application: LoanApplication, line: str | None) -> None:
    if line is None:
        fit = tuple(name for name, one in version.meta.product_lines.items() if one == desk.policy.product_line)
        raise NotFound("The bank has no such product. Name one that it has.", of="product", there=fit)
    own, currency = desk.policy, version.meta.currency
    if (own.product_line, own.currency) != (line, currency):
        raise SettingsError(
            f"The policy is for {own.product_line} in {own.currency}, the request for {line} in {currency}."
        )


def _made(record: DecisionRecord, answer: Callable[[DecisionRecord], bytes]) -> Made:
    entry = Entry.of(
        record.decision_id, record.principal, record.subject, KIND, record.as_of, sealed_bytes(record)
    )  # fmt: skip
    response = answer(record)
    return Made(entry, response, (Message(TOPIC, record.decision_id.encode()),))
