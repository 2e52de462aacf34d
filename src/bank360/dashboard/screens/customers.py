"""Customers: search by id, key, account number or family name; whoever is chosen opens as the Customer 360.

Names are masked in the list, and a search by name answers with masked names. Roles that may see where data comes from
but not the data get the 360's table of sources for a customer whose id they have.
"""

from collections.abc import Mapping

import streamlit as st

from bank360.bank.counted import counted
from bank360.bank.vocabulary import RiskTier
from bank360.dashboard import figures
from bank360.dashboard.cards import header, panel
from bank360.dashboard.links import CUSTOMER, HELD, LATE, TIER
from bank360.dashboard.screens import customer_360
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import empty
from bank360.dashboard.tables import Columns, choice
from bank360.dashboard.turning import ROWS, turning
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import UNKNOWN, ago, moment, money, percent, plain
from bank360.pipeline.find_alerts import any_rule_sees
from bank360.pipeline.holdings import in_words
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.known import LENDING
from bank360.storage.published import Version
from bank360.storage.published_lists import (
    CustomerFilter,
    FoundCustomer,
    count_customers,
    found_customers,
    owed_by_customers,
)

_ALL = "all"
_LATE = {_ALL: "All", "0": "Any credit", "30": "30+ days late", "90": "90+ days late"}
_COLUMNS: Columns = {
    "Customer": "The stable id, one for all records of the person.",
    "Name": "Masked; the Customer 360 reveals it to who may see it, and logs that.",
    "Region": "Of residence.",
    "Risk tier": figures.TIER,
    "Probability of default": figures.PROBABILITY,
    "Exposure": figures.CUSTOMER_EXPOSURE,
    "Days past due": figures.DAYS_PAST_DUE,
    "Alerts": figures.ALERTS,
    "History": "Whether there is enough history to know the customer by; 'thin file' where there is not.",
}


def draw(visit: Visit) -> None:
    """Draw the page."""
    chosen = st.query_params.get(CUSTOMER)
    with visit.bank.published.current() as version:
        if chosen:
            customer_360.draw(visit, version, chosen)
        elif visit.may(Action.READ, Resource.CUSTOMER):
            _search(visit, version)
        else:
            _ask_for_one(visit, version)


def _search(visit: Visit, version: Version) -> None:
    scored, modelled = visit.may(Action.READ, Resource.SCORE), version.unscored is None
    known = version.meta.known
    lends, watched = known.of(LENDING), any_rule_sees(known)
    published = f"published {ago(version.meta.published_at, visit.at_us)}"
    header("Customers", moment(version.meta.as_of, visit.bank.zone), published)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = (
            st.text_input(
                "Find a customer", placeholder="Customer id, key, account number or family name",
                max_chars=64, icon=":material/search:", width=480,
            )
            or ""
        ).strip()  # fmt: skip
        tiers: dict[str, str] = {_ALL: "All", **{str(one): plain(one) for one in reversed(RiskTier)}}
        tier = _asked("Risk tier", TIER, tiers, scored and modelled)
        late = _asked("Credit", LATE, _LATE, scored and lends)
    counted_by = st.query_params.get(HELD)
    if counted_by is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(f"Only customers {in_words(counted_by)}", icon=":material/filter_alt:", color="blue")
            st.button("Show others too", type="tertiary", on_click=_leave_number)
    if not (scored or text or counted_by):
        # The order of the list would tell who is risky.
        st.caption(f"{counted(version.meta.customers, 'customer')}. Type whom you look for.")
        return
    whole = not visit.may(Action.READ, Resource.CUSTOMER, FieldClass.IDENTITY)
    tokens = visit.may(Action.READ, Resource.CUSTOMER, FieldClass.TOKEN)
    wanted = CustomerFilter(
        text, None if tier == _ALL else tier, None if late == _ALL else int(late), whole, counted_by, tokens
    )
    turned = turning("customers", (version.number, text, tier, late, counted_by))
    mark = turned.marks[-1] if turned.marks else None
    page = found_customers(
        version, wanted, after=-1 if mark is None or not scored else int(str(mark)), most=ROWS, by_id=not scored,
        after_id=None if mark is None or scored else str(mark),
    )  # fmt: skip
    rows = page.rows
    if not rows:
        name = "so must a name be for your role" if whole else "a name may be its beginning"
        if not text:
            empty("Nobody is like this.")
            return
        number = "an account number whole, an IBAN with or without its blanks"
        empty(f"Nobody is found so. An id or key must be whole, with its capitals; {number}; {name}.")
        return
    order = "In default first, then the riskiest; choose" if scored and modelled else "Choose"
    note = f"{order} a row to open the Customer 360."
    found, owed = count_customers(version, wanted), owed_by_customers(version, wanted).exposure
    if owed is not None:
        together = f"Exposure together {money(owed, visit.bank.currency)}, joint debt in full for each obligor"
        note = f"{note} {together}; the Portfolio counts each account once."
    with panel(counted(found, "customer"), figures.CUSTOMERS, note):
        said = [_row(visit, one, modelled, lends, watched) for one in rows]
        picked = choice(
            said, {title: _COLUMNS[title] for title in said[0]}, turned.name, most=18, widths={"Region": 178}
        )  # fmt: skip
        last = None if page.next is None else page.next if scored else rows[-1].customer_id
        turned.draw(len(rows), last)
    if picked is not None:
        st.query_params[CUSTOMER] = rows[picked].customer_id
        st.rerun()


def _leave_number() -> None:
    st.query_params.pop(HELD, None)


def _asked(label: str, name: str, words: Mapping[str, str], offered: bool) -> str:
    """Return what is chosen; the address says what is to begin with."""
    if not offered:
        return _ALL
    asked = st.query_params.get(name, _ALL)
    chosen = st.segmented_control(
        label, list(words), default=asked if asked in words else _ALL, required=True, format_func=words.__getitem__
    )
    return str(chosen)


def _row(visit: Visit, one: FoundCustomer, modelled: bool, lends: bool, watched: bool) -> dict[str, str]:
    """Return a row; without scores where there is no model, and without debts and alerts that nothing would tell."""
    known = {"Customer": one.customer_id, "Name": one.name or UNKNOWN, "Region": one.region or UNKNOWN}
    if visit.may(Action.READ, Resource.SCORE) and modelled:
        known["Risk tier"] = plain(one.tier) if one.tier else "not scored"
        known["Probability of default"] = _probability(one)
    if lends:
        known["Exposure"] = money(one.exposure, visit.bank.currency)
        known["Days past due"] = "no credit" if one.days_past_due is None else str(one.days_past_due)
    if visit.may(Action.READ, Resource.CASE) and watched:
        known["Alerts"] = str(one.alerts) if one.alerts else ""
    if visit.may(Action.READ, Resource.CASE) and modelled:
        known["History"] = "thin file" if one.thin_file else ""
    return known


def _probability(one: FoundCustomer) -> str:
    if one.probability is None:
        return "not scored"
    said = percent(one.probability)
    return f"new request {said}" if one.tier == RiskTier.IN_DEFAULT else said


def _ask_for_one(visit: Visit, version: Version) -> None:
    header("Customers", moment(version.meta.as_of, visit.bank.zone))
    st.caption("Your role sees where a customer's data comes from and how fresh it is, and none of the data.")
    with st.form("one", border=True, width=480):
        name = st.text_input("Customer id or key", max_chars=64)
        if st.form_submit_button("Show the sources", type="primary") and name.strip():
            st.query_params[CUSTOMER] = name.strip()
            st.rerun()


PAGE = Page(
    "customers",
    "Customers",
    ":material/groups:",
    (
        (Action.READ, Resource.CUSTOMER, FieldClass.ORDINARY),
        (Action.READ, Resource.CUSTOMER, FieldClass.PROVENANCE),
    ),
    draw,
)
