"""Loan desk: an application from the queue, or a new one, through the gates to a decision that is sealed and replays.

Without a decision in the address: what waits, what was decided, and the form of a new application. With one: that
decision (`desk_decision.py`). Where no model is there to decide with, the page says so and what to do; what was decided
before stays. Neighbours: `pipeline/score_online.py` decides, `desk_form.py` asks.
"""

import streamlit as st

from bank360.bank.counted import counted
from bank360.bank.vocabulary import CaseKind
from bank360.dashboard import figures
from bank360.dashboard.cards import header, panel
from bank360.dashboard.links import CUSTOMER, DECISION
from bank360.dashboard.screens import desk_decision, desk_form, desk_policy
from bank360.dashboard.screens.desk_gates import stands
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import empty, nothing_yet
from bank360.dashboard.tables import Columns, choice
from bank360.dashboard.turning import turning
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import age, moment, money
from bank360.pipeline.desk import why_undecided
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.decision import parse
from bank360.storage.decision_reads import decisions_page
from bank360.storage.queue_pages import QueueFilter, queue_page
from bank360.storage.settlements import settlements
from bank360.storage.subjects import customers_of
from bank360.storage.users import user_names

_MOST = 20
_OF_WAITING: Columns = {
    "Customer": "The stable id; empty of names, which the Customer 360 reveals.",
    "Amount": figures.REQUESTED,
    "Age": "Since the policy sent it to review.",
    "Owner": "Who has taken it.",
}
_OF_DECIDED: Columns = {
    "Customer": "The stable id; 'erased' where nothing leads to the customer any more.",
    "Outcome": "What stands: the policy's word, or people's, who decided otherwise or what was in review.",
    "Amount": figures.REQUESTED,
    "Term": figures.TERM,
    "By": "Who sent the application to the policy.",
    "Decided": "When, by the clock of the published version.",
}


def draw(visit: Visit) -> None:
    """Draw the page."""
    visit.must(Action.READ, Resource.DECISION)
    chosen = st.query_params.get(DECISION)
    if chosen:
        desk_decision.draw(visit, chosen)
        return
    with visit.bank.published.current() as version:
        meta, undecided = version.meta, why_undecided(version, visit.bank.desk.policy)
    header("Loan desk", moment(visit.bank.now_us(), visit.bank.zone), "live")
    if undecided is not None:
        nothing_yet("No application can be decided yet", undecided)
        if _any_decided(visit):
            _decided(visit)
        desk_policy.draw(visit)
        return
    if not visit.may(Action.DECIDE, Resource.APPLICATION):
        left, right = st.columns([3, 2])
        with left:
            _decided(visit)
        with right:
            desk_policy.draw(visit)
        return
    left, right = st.columns(2)
    with left:
        _waiting(visit)
        _decided(visit)
    with right:
        desk_form.draw(visit, meta, st.query_params.get(CUSTOMER, ""))
        desk_policy.draw(visit)


def _any_decided(visit: Visit) -> bool:
    with visit.bank.log.store.reading() as connection:
        return bool(decisions_page(connection, most=1))


def _waiting(visit: Visit) -> None:
    turned = turning("waiting", "all", _MOST)
    mark = str(turned.marks[-1]) if turned.marks else None
    with visit.bank.log.store.reading() as connection:
        page = queue_page(connection, QueueFilter(CaseKind.APPLICATION), mark, _MOST)
    with panel("Waiting for a person", note="Applications that the policy sent to review; choose one to open it."):
        if not page.rows:
            empty("No application waits.")
            return
        rows = [
            {
                "Customer": case.customer_id or "erased",
                "Amount": money(case.money_at_stake, visit.bank.currency),
                "Age": age(case.opened_at_us, visit.at_us),
                "Owner": case.owner or "nobody",
            }
            for case in page.rows
        ]
        picked = choice(rows, _OF_WAITING, turned.name, most=6)
        turned.draw(len(rows), page.next)
    if picked is not None:
        st.query_params[DECISION] = page.rows[picked].source
        st.rerun()


def _decided(visit: Visit) -> None:
    turned = turning("decided", "all", _MOST)
    before = int(str(turned.marks[-1])) if turned.marks else None
    with visit.bank.log.store.reading() as connection:
        read = decisions_page(connection, before, _MOST + 1)
        customers = customers_of(connection, (one.subject for one in read))
        names = user_names(connection, (one.principal for one in read))
        people = settlements(connection, (one.decision_id for one in read))
    found = read[:_MOST]
    with panel("Decided lately", note="Every decision is sealed in the log; choose one to open it."):
        if not found:
            empty("No application was decided yet.")
            return
        records = [parse(one.record) for one in found]
        rows = [
            {
                "Customer": customers.get(one.subject, "erased"),
                "Outcome": stands(record, people.get(one.decision_id)),
                "Amount": money(record.request.amount, visit.bank.currency),
                "Term": counted(record.request.term_months, "month"),
                "By": names.get(one.principal, "no user any more"),
                "Decided": moment(one.at_us, visit.bank.zone),
            }
            for one, record in zip(found, records, strict=True)
        ]
        shown = {title: meaning for title, meaning in _OF_DECIDED.items() if title not in _hidden(visit)}
        picked = choice(rows, shown, turned.name, most=10)
        turned.draw(len(found), found[-1].sequence if len(read) > _MOST else None)
    if picked is not None:
        st.query_params[DECISION] = found[picked].decision_id
        st.rerun()


def _hidden(visit: Visit) -> set[str]:
    """Return the columns that the role may not read: a customer's id, and names of those who work on cases."""
    may_name = visit.may(Action.READ, Resource.CASE) or visit.may(Action.READ, Resource.AUDIT)
    return ({"Customer"} if not visit.may(Action.READ, Resource.CUSTOMER) else set()) | (set() if may_name else {"By"})


PAGE = Page(
    "loan-desk", "Loan desk", ":material/gavel:", ((Action.READ, Resource.DECISION, FieldClass.ORDINARY),), draw
)
