"""Loan desk: an application from the queue, or a new one, through the gates to a decision that is sealed and replays.

Without a decision in the address: what waits, what was decided, and the form of a new application. With one: that
decision (`desk_decision.py`). Neighbours: `pipeline/score_online.py` decides, `desk_form.py` asks.
"""

import streamlit as st

from bank360.bank.vocabulary import CaseKind
from bank360.dashboard.cards import header, panel
from bank360.dashboard.links import CUSTOMER, DECISION
from bank360.dashboard.screens import desk_decision, desk_form
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import empty
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import age, moment, money, plain
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.decision import parse
from bank360.storage.cases import QueueFilter, queue_page
from bank360.storage.decision_reads import decisions_page

_MOST = 20


def draw(visit: Visit) -> None:
    """Draw the page."""
    visit.must(Action.READ, Resource.DECISION)
    chosen = st.query_params.get(DECISION)
    if chosen:
        desk_decision.draw(visit, chosen)
        return
    with visit.bank.published.current() as version:
        meta = version.meta
    header("Loan desk", moment(meta.now(visit.at_us), visit.bank.zone), "live")
    if not visit.may(Action.DECIDE, Resource.APPLICATION):
        _decided(visit)
        return
    left, right = st.columns([2, 3])
    with left:
        _waiting(visit)
        _decided(visit)
    with right:
        desk_form.draw(visit, meta, st.query_params.get(CUSTOMER, ""))


def _waiting(visit: Visit) -> None:
    with visit.bank.log.store.reading() as connection:
        page = queue_page(connection, QueueFilter(CaseKind.APPLICATION), limit=_MOST)
    with panel("Waiting for a person", note="Applications that the policy sent to review; choose one to open it."):
        if not page.rows:
            empty("No application waits.")
            return
        picked = st.dataframe(
            [
                {
                    "Customer": case.customer_id or "erased",
                    "Amount": money(case.money_at_stake, visit.bank.currency),
                    "Age": age(case.opened_at_us, visit.at_us),
                    "Owner": case.owner or "nobody",
                }
                for case in page.rows
            ],
            hide_index=True, on_select="rerun", selection_mode="single-row", key="waiting_rows",
            height=35 * (min(len(page.rows), 5) + 1) + 3,
            column_config={"Amount": st.column_config.TextColumn(alignment="right")},
        )  # fmt: skip
    if picked.selection.rows:
        st.query_params[DECISION] = page.rows[picked.selection.rows[0]].source
        st.rerun()


def _decided(visit: Visit) -> None:
    with visit.bank.log.store.reading() as connection:
        found = decisions_page(connection, most=_MOST)
    with panel("Decided lately", note="Every decision is sealed in the log; choose one to open it."):
        if not found:
            empty("No application was decided yet.")
            return
        records = [parse(one.record) for one in found]
        picked = st.dataframe(
            [
                {
                    "Outcome": plain(record.outcome),
                    "Amount": money(record.request.amount, visit.bank.currency),
                    "Term": f"{record.request.term_months} months",
                    "Decided": moment(one.at_us, visit.bank.zone),
                }
                for one, record in zip(found, records, strict=True)
            ],
            hide_index=True, on_select="rerun", selection_mode="single-row", key="decided_rows",
            height=35 * (min(len(found), 8) + 1) + 3,
            column_config={"Amount": st.column_config.TextColumn(alignment="right")},
        )  # fmt: skip
    if picked.selection.rows:
        st.query_params[DECISION] = found[picked.selection.rows[0]].decision_id
        st.rerun()


PAGE = Page(
    "loan-desk", "Loan desk", ":material/gavel:", ((Action.READ, Resource.DECISION, FieldClass.ORDINARY),), draw
)
