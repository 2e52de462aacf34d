"""One case of the queue: why it is here, who has taken it, what can be done, and what happened so far."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from bank360.bank.errors import Bank360Error
from bank360.bank.vocabulary import CaseKind, CaseState
from bank360.dashboard.acts import acting
from bank360.dashboard.badges import urgency_badge
from bank360.dashboard.cards import panel
from bank360.dashboard.fills import drawn, settled
from bank360.dashboard.links import to_customer, to_decision
from bank360.dashboard.states import done, refused
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import ago, moment, money, plain
from bank360.pipeline.case_acts import OUTCOMES, answer_override, assign_case, close_case, comment_on_case
from bank360.policies.access_table import Action, Resource
from bank360.policies.expected_loss import ONE_PROBABILITY
from bank360.storage.cases import SYSTEM, Case, CaseEvent, case_by_id, events_of_case

_LONGEST_COMMENT = 2000
_THE_NIGHT, _NOBODY_ANY_MORE = "the night run", "no user any more"


def draw(visit: Visit, case_id: str) -> None:
    """Draw the case."""
    with visit.bank.log.store.reading() as connection:
        case, events = case_by_id(connection, case_id), events_of_case(connection, case_id)
    if case is None:
        refused("This case is not there any more.")
        return
    with panel(f"{plain(case.kind)} · {case.customer_id or 'erased customer'}"):
        _about(visit, case)
        with st.container(horizontal=True):
            if case.customer_id is not None:
                to_customer(visit, case.customer_id)
            if case.kind is CaseKind.APPLICATION:
                to_decision(visit, case.source)
        if visit.may(Action.WRITE, Resource.CASE) and case.state is CaseState.OPEN:
            _work(visit, case, sum(event.by_name == visit.name for event in events))
        _history(visit, events)


def _about(visit: Visit, case: Case) -> None:
    with st.container(horizontal=True):
        urgency_badge(case.severity)
        st.badge(f"opened {ago(case.opened_at_us, visit.at_us)}", icon=":material/schedule:", color="gray")
        taken = "not taken" if case.owner is None else f"taken by {case.owner}"
        ended = taken if case.outcome is None else f"{plain(case.outcome)}, by {ended_by(case)}"
        st.badge(ended, icon=":material/person:", color="gray")
    st.write(f"{case.ground[:1].upper()}{case.ground[1:]}.")
    currency = visit.bank.currency
    stake = f"{money(case.money_at_stake, currency)} at stake."
    known = case.expected_loss is not None or visit.bank.published.unscored() is None
    by = "" if case.kind is CaseKind.APPLICATION else f" {ONE_PROBABILITY}"
    st.caption(f"Expected loss {money(case.expected_loss, currency)} of {stake}{by}" if known else stake)
    if case.proposal is not None:
        st.info(
            f"An override waits for a second risk officer: {plain(case.proposal.outcome).lower()}, because "
            f"{plain(case.proposal.code).lower()}; proposed by {case.proposal.by_name or _NOBODY_ANY_MORE}.",
            icon=":material/supervisor_account:",
        )


def ended_by(case: Case) -> str:
    """Return who closed a case, by name."""
    return _THE_NIGHT if case.closed_by == SYSTEM else case.closed_by or _NOBODY_ANY_MORE


def _work(visit: Visit, case: Case, acts: int) -> None:
    mine = case.owner_id == visit.principal.user_id
    with st.container(horizontal=True):
        if mine:
            _button(
                visit, case, "Give it back",
                lambda: assign_case(visit.bank.log, case.case_id, None, acting(visit, _form(case), "give back")),
            )  # fmt: skip
        else:
            _button(
                visit, case, "Take this case",
                lambda: assign_case(visit.bank.log, case.case_id, visit.name, acting(visit, _form(case), "take")),
                primary=True,
            )  # fmt: skip
        if case.proposal is not None and visit.may(Action.APPROVE, Resource.DECISION):
            for label, approve in (("Approve the override", True), ("Refuse the override", False)):
                _button(visit, case, label, partial(_answer, visit, case, approve))
    # By how many acts of theirs there are: a press that comes after its act was drawn is of a form that is gone.
    with st.form(f"close-{case.case_id}-{acts}", border=False):
        outcome = st.selectbox("Outcome", OUTCOMES[case.kind], index=None, format_func=plain)
        text = st.text_area("Comment", max_chars=_LONGEST_COMMENT, height=70)
        with st.container(horizontal=True):
            commented = st.form_submit_button("Add comment")
            closed = st.form_submit_button("Close the case")
    if commented and text.strip():
        words = text.strip()
        _do(
            visit, case, "Comment added.",
            lambda: comment_on_case(visit.bank.log, case.case_id, words, acting(visit, _form(case), "comment", words)),
        )  # fmt: skip
    if closed and outcome is None:
        refused("Say with which outcome the case closes.")
    elif closed and outcome is not None:
        _do(
            visit, case, "Case closed.",
            lambda: close_case(
                visit.bank.log, case.case_id, outcome, acting(visit, _form(case), "close", outcome.value)
            ),
        )  # fmt: skip
    drawn(_form(case))  # what was done drew the page anew, so nothing was


def _form(case: Case) -> str:
    return f"case {case.case_id}"


def _answer(visit: Visit, case: Case, approve: bool) -> None:
    # A proposal that came after another on the same case is another thing to answer.
    said = acting(visit, _form(case), "answer", approve, repr(case.proposal))
    answer_override(visit.bank.log, case.case_id, approve, said)


def _button(visit: Visit, case: Case, label: str, act: Callable[[], object], *, primary: bool = False) -> None:
    if st.button(label, type="primary" if primary else "secondary"):
        _do(visit, case, f"{label}: done.", act)


def _do(visit: Visit, case: Case, said: str, act: Callable[[], object]) -> None:
    """Do an act with the user's right, say what came of it, and draw the page anew."""
    visit.must(Action.WRITE, Resource.CASE)
    try:
        act()
    except Bank360Error as error:
        refused(str(error))
        return
    settled(_form(case))
    done(said)
    st.rerun()


def _history(visit: Visit, events: tuple[CaseEvent, ...]) -> None:
    with st.expander(f"History ({len(events)})", icon=":material/history:"):
        if visit.bank.clock_note is not None:
            st.caption(visit.bank.clock_note)
        for event in events:
            who = _THE_NIGHT if event.by == SYSTEM else event.by_name or _NOBODY_ANY_MORE
            owner = event.said.get("owner", who)
            to = "" if owner == who else f" to {owner}"
            said = ", ".join(plain(value).lower() for name, value in event.said.items() if name in ("outcome", "code"))
            st.markdown(
                f"**{plain(event.act)}**{to}{f' ({said})' if said else ''} by {who}, "
                f"{moment(visit.bank.by_its_clock(event.at_us), visit.bank.zone)}"
            )
            if event.comment is not None:
                st.text(event.comment)
