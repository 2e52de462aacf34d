"""One decision at the Loan desk: what it rested on, the letter, what else could be had, override and replay."""

import hashlib

import streamlit as st

from bank360.bank.errors import Bank360Error, NotFound
from bank360.bank.vocabulary import CaseOutcome, CreditOutcome, OverrideCode
from bank360.dashboard.acts import acting
from bank360.dashboard.cards import header, panel
from bank360.dashboard.fills import drawn, settled
from bank360.dashboard.links import DECISION, to_customer
from bank360.dashboard.screens import desk_gates, desk_what_if
from bank360.dashboard.states import done, refused
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import moment, plain
from bank360.pipeline.case_acts import propose_override
from bank360.pipeline.replay import replay_decision
from bank360.policies.access_table import Action, Resource
from bank360.policies.decision import DecisionRecord, parse
from bank360.storage.decision_reads import CREDIT_DECISION, decision_by_id
from bank360.storage.settlements import settled_by_people
from bank360.storage.subjects import customer_of

_SAID = {CreditOutcome.APPROVE: CaseOutcome.APPROVED, CreditOutcome.DECLINE: CaseOutcome.DECLINED}


def draw(visit: Visit, decision_id: str) -> None:
    """Draw a decision."""
    with visit.bank.log.store.reading() as connection:
        logged = decision_by_id(connection, decision_id)
        customer = None if logged is None else customer_of(connection, logged.subject)
    if logged is None or logged.kind != CREDIT_DECISION:
        raise NotFound("There is no such decision. Look for it in the list.")
    record = parse(logged.record)
    header("Loan desk", moment(record.as_of, visit.bank.zone), f"record {logged.sequence}", back=DECISION)
    with st.container(horizontal=True, vertical_alignment="center"):
        desk_gates.outcome(visit, record)
        if customer is not None:
            to_customer(visit, customer)
    desk_gates.stepper(visit, record)
    desk_gates.cards(visit, record)
    left, middle, right = st.columns([5, 5, 4])
    with left:
        desk_gates.affordability(visit, record)
    with middle:
        desk_gates.why(visit, record)
    with right, panel("What the letter says"):
        desk_gates.letter(record)
        desk_gates.alternatives(visit, record)
        _replay(visit, decision_id)
    left, right = st.columns(2)
    with left:
        if customer is not None and visit.may(Action.DECIDE, Resource.APPLICATION):
            desk_what_if.draw(visit, record, customer)
    with right:
        if visit.may(Action.OVERRIDE, Resource.DECISION):
            _override(visit, decision_id, record)


def _replay(visit: Visit, decision_id: str) -> None:
    """Make the decision again from its record, and say whether the same bytes came out."""
    if not st.button("Replay the decision", icon=":material/replay:", help="Made again from its own record alone."):
        return
    again = replay_decision(visit.bank.log.store, visit.bank.registry, decision_id)
    if again.same:
        digest = hashlib.sha256(again.sealed).hexdigest()[:16]
        st.success(f"The same {len(again.sealed):,} bytes came out (SHA-256 {digest}…).", icon=":material/verified:")
    else:
        refused("Other bytes came out: a model, the policy or our arithmetic is not what it was. Do not rely on it.")


def _override(visit: Visit, decision_id: str, record: DecisionRecord) -> None:
    form = f"override {decision_id}"
    with visit.bank.log.store.reading() as connection:
        people = settled_by_people(connection, decision_id)
    now = _SAID.get(record.outcome) if people is None else people.outcome
    otherwise = [one for one in (CaseOutcome.APPROVED, CaseOutcome.DECLINED) if one is not now]
    standing = "it is in review" if now is None else f"it is {plain(now).lower()}"
    by = "" if people is None else " by people, and this undoes that"
    note = f"Now {standing}{by}. Takes a second risk officer, who approves it in the Queue."
    with panel("Decide otherwise", note=note), st.form("override", border=False):
        outcome = st.selectbox("Outcome", otherwise, index=None, format_func=plain)
        code = st.selectbox("Because", list(OverrideCode), index=None, format_func=plain)
        if st.form_submit_button("Propose the override", icon=":material/supervisor_account:"):
            visit.must(Action.OVERRIDE, Resource.DECISION)
            if outcome is None or code is None:
                refused("Say how to decide, and why.")
                return
            try:
                propose_override(
                    visit.bank.log, decision_id, outcome, code, acting(visit, form, outcome.value, code.value)
                )  # fmt: skip
                settled(form)
            except Bank360Error as error:
                refused(str(error))
                return
            done("Proposed. A second risk officer finds it in the queue.")
        else:
            drawn(form)
