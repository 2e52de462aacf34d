"""The form of a loan application: decide it, which is sealed, or try it out, which is logged apart."""

from dataclasses import replace

import streamlit as st

from bank360.bank.errors import Bank360Error
from bank360.bank.money import exponent
from bank360.dashboard.cards import panel
from bank360.dashboard.fills import drawn, request_of, settled
from bank360.dashboard.links import go_to_decision
from bank360.dashboard.opened import OpenBank, wall
from bank360.dashboard.screens import desk_gates
from bank360.dashboard.states import refused
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import plain, sign
from bank360.home import fresh_id
from bank360.pipeline.case_acts import open_review
from bank360.pipeline.score_online import AskedBy, LoanApplication, decide
from bank360.pipeline.told import Told
from bank360.pipeline.try_logged import try_logged
from bank360.policies.access_table import Action, Resource
from bank360.policies.credit_record import PD_MODEL
from bank360.policies.decision import DecisionRecord
from bank360.storage.published import VersionMeta

_FORM = "application"


def draw(visit: Visit, meta: VersionMeta, customer: str) -> None:
    """Draw the form, and below it what was tried out last.

    Parameters
    ----------
    customer
        Whose id stands in the form to begin with; empty for nobody's.
    """
    with panel("New application", note="What is left empty counts as the customer said it last."):
        with st.form("application", border=False):
            application = _asked_for(visit, meta, customer)
            with st.container(horizontal=True):
                decided = st.form_submit_button("Decide", type="primary", icon=":material/gavel:")
                tried = st.form_submit_button("Try it out (what-if)", icon=":material/science:")
        if not (decided or tried):
            drawn(_FORM)
            return
        if not application.customer_id:
            refused("Say whose application it is.")
            return
        visit.must(Action.DECIDE, Resource.APPLICATION)
        try:
            if decided:
                decision_id = _decide(visit, application)
            else:
                record = try_logged(visit.bank.desk, application, _asked(visit), wall())
        except Bank360Error as error:
            refused(str(error))
            return
    if decided:
        go_to_decision(visit, decision_id)
    else:
        _show_tried(visit, record)


def _asked_for(visit: Visit, meta: VersionMeta, customer: str) -> LoanApplication:
    currency, unit, policy = visit.bank.currency, 10 ** exponent(visit.bank.currency), visit.bank.desk.policy
    levels = _levels(str(visit.bank.home.registry), meta.models[PD_MODEL][0], visit.bank)
    own, money = policy.eligibility, f"{sign(currency).strip()} a month"

    def amount(label: str) -> int | None:
        said = st.number_input(f"{label} ({money})", min_value=0, max_value=10**7, value=None, step=50)
        return None if said is None else int(said) * unit

    def code(label: str, name: str) -> str | None:
        return st.selectbox(label, levels.get(name, ()), index=None, format_func=plain, placeholder="as said last")

    one, two, three = st.columns(3, vertical_alignment="bottom")
    customer_id = one.text_input("Customer id or key", customer, max_chars=64).strip()
    wanted = two.number_input(
        f"Amount ({sign(currency).strip()})", min_value=1, max_value=10**7, value=own.most_amount // unit // 5, step=500
    )
    term = three.number_input("Term (months)", min_value=1, max_value=600, value=36, step=6)
    one, two, three = st.columns(3, vertical_alignment="bottom")
    with one:
        income = amount("Declared income")
    with two:
        housing = amount("Housing cost")
    with three:
        outgoings = amount("Other outgoings")
    one, two, three = st.columns(3, vertical_alignment="bottom")
    with one:
        purpose = code("Purpose", "purpose")
    with two:
        employment = code("Employment", "employment")
    with three:
        evidence = amount("Income by evidence")
    product = next((name for name, line in meta.product_lines.items() if line == policy.product_line), "")
    told = Told(
        employment=employment, declared_income=income, housing_cost=housing, outgoings=outgoings, purpose=purpose
    )
    return LoanApplication(customer_id, product, int(wanted) * unit, int(term), told, evidence)


def _decide(visit: Visit, application: LoanApplication) -> str:
    """Decide, and return the decision's id: the first one's, where the same filling-in was sent before."""
    made = decide(
        visit.bank.desk,
        application,
        replace(_asked(visit), request=request_of(visit, _FORM, application)),
        lambda record: record.decision_id.encode(),
        also=lambda page, record, customer_id: open_review(page, record, customer_id, wall()),
    )
    settled(_FORM)
    return made.response.decode()


def _asked(visit: Visit) -> AskedBy:
    return AskedBy(visit.principal.user_id, visit.bank.now_us(), fresh_id(), fresh_id())


def _show_tried(visit: Visit, record: DecisionRecord) -> None:
    with panel("What-if", note="Tried out: no decision, and logged apart."):
        desk_gates.outcome(visit, record)
        desk_gates.stepper(visit, record)
        desk_gates.letter(record)


@st.cache_data(show_spinner=False, max_entries=8)
def _levels(registry: str, version: str, _bank: OpenBank) -> dict[str, list[str]]:
    """Return the codes that a version of the model knows of each categorical input."""
    parts = _bank.registry.load(PD_MODEL, version).model.parts
    return {name: sorted(own.value) for part in parts for name, own in part.model.levels.items()}
