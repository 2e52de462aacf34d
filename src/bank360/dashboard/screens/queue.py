"""Queue: every case that waits for somebody, the largest expected loss first; one of them opened beside the list.

Applications in review, alerts, customers in default and of the tiers Medium and High are one queue; of a bank without
a model alerts and customers in default, without expected losses; of one that never delivered what is owed without money
at stake; what no rule could look for is said. Read from the store as it is now. Neighbours: `queue_case.py` draws the
open case, `storage/queue_pages.py` reads the queue.
"""

from dataclasses import dataclass
from textwrap import shorten

import streamlit as st

from bank360.bank.errors import NotReady
from bank360.bank.vocabulary import CaseKind, CaseState, RiskTier
from bank360.dashboard import figures
from bank360.dashboard.cards import header, number, panel
from bank360.dashboard.screens import queue_case
from bank360.dashboard.screens.queue_case import ended_by
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import empty, not_known
from bank360.dashboard.tables import Columns, choice, table
from bank360.dashboard.turning import ROWS, turning
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import age, count, moment, money, money_short, plain, rules_with_data
from bank360.pipeline.find_alerts import blind_rules
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.policies.alerts import RULES
from bank360.storage.cases import Case
from bank360.storage.known import LENDING
from bank360.storage.queue_pages import (
    QueueFilter,
    QueueMoney,
    QueueTotal,
    each_case,
    loss_is_known,
    queue_money,
    queue_page,
    queue_totals,
    stake_is_known,
)

CHOSEN = "queue_case"  # the open case, kept while the list is filtered and sorted
_ALL = "all"
_LONGEST_WHY = 32  # letters, that fit the column
_KINDS = {_ALL: "All", CaseKind.APPLICATION: "Applications", CaseKind.ALERT: "Alerts", CaseKind.TIER: "Risk tiers"}
_OF_CASES: Columns = {
    "Customer": "The stable id; empty of names, which the Customer 360 reveals.",
    "Why": "What put the case here, in short: an alert's rule, a risk tier, a default, or the policy's doubt.",
    "Expected loss": figures.CASE_LOSS,
    "At stake": figures.AT_STAKE,
    "Age": "Since the case was opened, until it was closed.",
    "Owner": "Who has taken it.",
    "Outcome": "How it ended.",
    "Closed by": "Who ended it; the night run where its ground was gone and nobody had taken it.",
}
_OF_KINDS: Columns = {
    "Kind": "What put cases here; below, what they add up to and how the totals above follow from it.",
    "Open": figures.OPEN_CASES,
    "At stake": figures.AT_STAKE,
    "Expected loss": figures.CASE_LOSS,
}
_OWNERS = {"any": "Everybody's", "mine": "Mine", "nobody": "Not taken"}


def draw(visit: Visit) -> None:
    """Draw the page."""
    visit.must(Action.READ, Resource.CASE)
    with visit.bank.log.store.reading() as connection:
        totals, together = queue_totals(connection), queue_money(connection)
    known = visit.bank.published.known()
    header("Queue", moment(visit.bank.by_its_clock(visit.at_us), visit.bank.zone), "live")
    scored = visit.bank.published.unscored() is None or loss_is_known(totals)
    drawn = _Drawn(visit.bank.currency, scored, known is None or known.of(LENDING) or stake_is_known(totals))
    shown = tuple(one for one in totals if scored or one.cases or one.kind is CaseKind.ALERT)
    _totals(totals, together, drawn)
    wanted = _filter(visit, shown, scored)
    turned = turning("queue", wanted)
    mark = str(turned.marks[-1]) if turned.marks else None
    with visit.bank.log.store.reading() as connection:
        page = queue_page(connection, wanted, mark, ROWS)
    left, right = st.columns([2, 1])
    figure, order = figures.OPEN_CASES, "What is owed is not known"
    if drawn.staked:
        figure, order = figures.AT_STAKE, "The largest money at stake first"
    if scored:
        figure, order = figures.CASE_LOSS, "The largest expected loss first"
    with left, panel("Cases", figure, f"{order}. Choose a row to open the case."):
        if page.rows:
            _list(visit, page.rows, turned.name, drawn)
        else:
            _nobody(visit, wanted)
        turned.draw(len(page.rows), page.next)
        for rule, lacking in () if known is None else blind_rules(known):  # of nothing published `_nobody` says so
            not_known(f"{plain(rule)} is not looked for", lacking)
    with right:
        chosen = st.session_state.get(CHOSEN)
        if chosen is not None:
            queue_case.draw(visit, chosen)
            return
        with panel("No case is chosen", note="Choose a row to see why it is here, who has taken it and what happened."):
            rows = _kinds(shown, together, drawn)
            table(rows, {title: _OF_KINDS[title] for title in rows[0]})


@dataclass(frozen=True)
class _Drawn:
    """In which currency, and which money is known: the loss expected of cases, and what is at stake in them."""

    currency: str
    scored: bool
    staked: bool


def _totals(totals: tuple[QueueTotal, ...], together: QueueMoney, drawn: _Drawn) -> None:
    columns = iter(st.columns(2 + drawn.staked + drawn.scored))
    with next(columns):
        number(figures.OPEN_CASES, count(sum(one.cases for one in totals)))
    with next(columns):
        number(figures.UNOWNED, count(sum(one.unowned for one in totals)))
    if drawn.staked:
        with next(columns):
            number(figures.AT_STAKE, money_short(together.at_stake, drawn.currency))
    if drawn.scored:
        with next(columns):
            number(figures.CASE_LOSS, money_short(together.expected_loss, drawn.currency))
    if drawn.staked:
        st.caption(_each_and_once(each_case(totals), together, drawn))


def _each_and_once(each: QueueMoney, together: QueueMoney, drawn: _Drawn) -> str:
    """Return how the totals, which count a customer's debt once, follow from what the cases add up to."""
    currency = drawn.currency
    told = [(each.at_stake, together.at_stake, "at stake")]
    if drawn.scored:
        told.append((each.expected_loss, together.expected_loss, "expected loss"))
    sums = [(all_, once, what) for all_, once, what in told if all_ is not None and once is not None]
    of_cases = " and ".join(f"{money(all_, currency)} {what}" for all_, _, what in sums)
    again = " and ".join(money(all_ - once, currency) for all_, once, _ in sums)
    return (
        f"Money counts each customer's debt once. The cases of the list add up to {of_cases}: {again} more, for one "
        "debt may stand behind several cases."
    )


def _kind(kind: str, scored: bool) -> str:
    """Return a kind of cases in words; where nobody is scored the one tier that there is needs no model."""
    return _KINDS[kind] if scored or kind != CaseKind.TIER else plain(RiskTier.IN_DEFAULT)


def _filter(visit: Visit, totals: tuple[QueueTotal, ...], scored: bool) -> QueueFilter:
    cases = {str(one.kind): one.cases for one in totals}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Kind",
            [kind for kind in _KINDS if kind == _ALL or kind in cases],
            default=_ALL,
            required=True,
            format_func=lambda one: f"{_kind(one, scored)} ({count(cases.get(one, sum(cases.values())))})",
            label_visibility="collapsed",
        )
        whose = st.segmented_control(
            "Whose", list(_OWNERS), default="any", required=True, format_func=_OWNERS.__getitem__,
            label_visibility="collapsed",
        )  # fmt: skip
        closed = st.toggle("Closed ones")
    owner = {"any": None, "mine": visit.principal.user_id, "nobody": ""}[whose or "any"]
    return QueueFilter(CaseKind(kind) if kind in cases else None, CaseState.CLOSED if closed else CaseState.OPEN, owner)


def _nobody(visit: Visit, wanted: QueueFilter) -> None:
    """Say that there is no case; that nobody has to be looked at only where the night looked, for all that there is."""
    if wanted != QueueFilter():
        empty("No case like this.")
        return
    try:
        with visit.bank.published.current() as version:
            blind, scored = blind_rules(version.meta.known), version.unscored is None
    except NotReady as nothing:
        st.caption(f":material/hourglass_empty: No case is open, for nobody was looked at. {nothing}")
        return
    if not blind and scored:
        empty("No case is open. Nobody has to be looked at.")
        return
    looked = rules_with_data(len(blind), len(RULES))
    tiers = "" if scored else ", and nobody has a risk tier without a model"
    st.caption(f":material/help: No case is open. Whether somebody has to be looked at is not known: {looked}{tiers}.")


def _list(visit: Visit, rows: tuple[Case, ...], key: str, drawn: _Drawn) -> None:
    currency = drawn.currency
    shown = [
        {
            "Customer": case.customer_id or "erased",
            "Why": _why(case),
            **({"Expected loss": money_short(case.expected_loss, currency)} if drawn.scored else {}),
            **({"At stake": money_short(case.money_at_stake, currency)} if drawn.staked else {}),
            "Age": age(case.opened_at_us, case.closed_at_us or visit.at_us),
            **_whose(case),
        }
        for case in rows
    ]
    titles = {title: _OF_CASES[title] for title in shown[0]}
    picked = choice(shown, titles, key, most=18, widths={"Why": 180})
    if picked is not None:
        st.session_state[CHOSEN] = rows[picked].case_id


def _why(case: Case) -> str:
    """Return what put a case here, as short as its column is: of an alert the rule, whose evidence the case tells."""
    said = plain(case.source) if case.kind is CaseKind.ALERT else f"{case.ground[:1].upper()}{case.ground[1:]}"
    return shorten(said, _LONGEST_WHY, placeholder=" …")


def _whose(case: Case) -> dict[str, str]:
    if case.outcome is None:
        return {"Owner": case.owner or "nobody"}
    return {"Outcome": plain(case.outcome), "Closed by": ended_by(case)}


def _kinds(shown: tuple[QueueTotal, ...], together: QueueMoney, drawn: _Drawn) -> list[dict[str, str]]:
    """Return the kinds, what their cases add up to, and from that what each customer's debt once comes to."""
    each = each_case(shown)
    rows = [(_kind(one.kind, drawn.scored), count(one.cases), one.money_at_stake, one.expected_loss) for one in shown]
    rows += [("Each case", count(sum(one.cases for one in shown)), each.at_stake, each.expected_loss)]
    if drawn.staked:
        again = _less(together.at_stake, each.at_stake), _less(together.expected_loss, each.expected_loss)
        rows += [
            ("Same debt again", "", *again),
            ("Each debt once", "", together.at_stake, together.expected_loss),
        ]
    return [
        {
            "Kind": name,
            "Open": cases,
            **({"At stake": money_short(stake, drawn.currency)} if drawn.staked else {}),
            **({"Expected loss": money_short(loss, drawn.currency)} if drawn.scored else {}),
        }
        for name, cases, stake, loss in rows
    ]


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other


PAGE = Page("queue", "Queue", ":material/inbox:", ((Action.READ, Resource.CASE, FieldClass.ORDINARY),), draw)
