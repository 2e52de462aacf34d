"""What-ifs on a decision: the same request at another amount and term, with what was told then; logged apart.

What was tried stands in the session and is drawn again from there at each click: it is one act, at one instant, with
one line in the log. Neighbours: `desk_decision.py` (the page), `pipeline/try_logged.py` (what is tried and logged).
"""

import math
from collections.abc import Mapping

import streamlit as st

from bank360.bank.errors import Bank360Error
from bank360.dashboard.cards import panel
from bank360.dashboard.opened import wall
from bank360.dashboard.screens import desk_gates
from bank360.dashboard.states import refused
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import money
from bank360.home import fresh_id
from bank360.pipeline.score_online import AskedBy, LoanApplication
from bank360.pipeline.told import Told
from bank360.pipeline.try_logged import try_logged
from bank360.policies.access_table import Action, Resource
from bank360.policies.decision import DecisionRecord, Value

TRIED = "what-if that is shown"  # in the session: who tried what on which decision, and the record of it


def draw(visit: Visit, record: DecisionRecord, customer: str) -> None:
    """Draw amount and term of a decision to be changed, and below them what would be decided."""
    own, currency = visit.bank.desk.policy.eligibility, visit.bank.currency
    with panel("What-if", note="Another amount or term, scored anew at this moment: no decision, and logged apart."):
        step = visit.bank.desk.policy.amount_step
        amounts = list(range(own.least_amount, own.most_amount + 1, step))
        amount = st.select_slider(
            "Amount", sorted({*amounts, record.request.amount}), record.request.amount,
            format_func=lambda minor: money(minor, currency),
        )  # fmt: skip
        term = st.slider("Term", own.least_term, own.most_term, min(record.request.term_months, own.most_term),
                         format="%d months")  # fmt: skip
        if (amount, term) == (record.request.amount, record.request.term_months):
            return
        visit.must(Action.DECIDE, Resource.APPLICATION)
        with visit.bank.published.current() as version:
            meta = version.meta
        # A record names no product, and nothing but its line counts: any product of the policy's line is the same,
        # and the log is told the line.
        product = next(name for name, line in meta.product_lines.items() if line == visit.bank.desk.policy.product_line)
        application = LoanApplication(
            customer, product, amount, term, told_in(record), record.finances.evidenced_income
        )  # fmt: skip
        try:
            tried = _tried(visit, application, record.decision_id)
        except Bank360Error as error:
            refused(str(error))
            return
        desk_gates.outcome(visit, tried)
        desk_gates.stepper(visit, tried)
        desk_gates.letter(tried)


def told_in(record: DecisionRecord) -> Told:
    """Return what the application told, as far as affordability or one of the models read it."""
    said = {name: value for use in record.models for name, value in use.features if name not in use.unasked}
    finances, months = record.finances, _number(said, "employed_months")
    return Told(
        employment=_code(said, "employment"),
        employed_months=None if months is None else round(months),
        declared_income=finances.declared_income,
        housing_cost=finances.declared_housing,
        outgoings=finances.declared_outgoings,
        purpose=_code(said, "purpose"),
        channel=_code(said, "channel"),
        form_seconds=_number(said, "form_seconds"),
        email_age_days=_number(said, "email_age_days"),
        ip_distance_km=_number(said, "ip_distance_km"),
    )


def _tried(visit: Visit, application: LoanApplication, decision_id: str) -> DecisionRecord:
    """Try an application out, or return what came of it where this user's session has it already."""
    asked_for = (visit.principal.user_id, decision_id, application)
    shown = st.session_state.get(TRIED)
    if shown is not None and shown[0] == asked_for:
        kept: DecisionRecord = shown[1]
        return kept
    asked = AskedBy(visit.principal.user_id, visit.bank.now_us(), fresh_id(), fresh_id())
    record = try_logged(visit.bank.desk, application, asked, wall(), decision_id)
    st.session_state[TRIED] = (asked_for, record)
    return record


def _number(said: Mapping[str, Value], name: str) -> float | None:
    value = said.get(name)
    return value if isinstance(value, float) and not math.isnan(value) else None


def _code(said: Mapping[str, Value], name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) else None
