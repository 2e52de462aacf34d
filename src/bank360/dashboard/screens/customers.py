"""Customers: search by id, key or family name; whoever is chosen opens as the Customer 360.

Names are masked in the list, and a search by name answers with masked names. Roles that may see where data comes from
but not the data get the 360's table of sources for a customer whose id they have.
"""

import streamlit as st

from bank360.bank.vocabulary import RiskTier
from bank360.dashboard import figures
from bank360.dashboard.cards import header, panel
from bank360.dashboard.links import CUSTOMER, TIER
from bank360.dashboard.screens import customer_360
from bank360.dashboard.screens.screen import Page
from bank360.dashboard.states import empty
from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import UNKNOWN, count, moment, money, percent, plain
from bank360.policies.access_table import Action, FieldClass, Resource
from bank360.storage.published import Version
from bank360.storage.published_lists import FoundCustomer, found_customers

_PAGE = 50
_ALL = "all"


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
    zone, scored = visit.bank.zone, visit.may(Action.READ, Resource.SCORE)
    header("Customers", moment(version.meta.as_of, zone), f"published {moment(version.meta.published_at, zone)}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Find a customer", placeholder="Customer id, key of a source, or beginning of the family name",
            max_chars=64, icon=":material/search:", width=480,
        )  # fmt: skip
        tier = _tier() if scored else _ALL
    page = found_customers(version, (text or "").strip(), None if tier == _ALL else tier, most=_PAGE)
    if not page.rows:
        empty("Nobody is called so. An id or key must be whole, with its capitals; a name may be its beginning.")
        return
    note = "The riskiest first; choose a row to open the Customer 360." if scored else "Choose a row to open."
    with panel(f"{count(version.meta.customers)} customers", figures.CUSTOMERS, note):
        picked = st.dataframe(
            [_row(one, visit.bank.currency, scored) for one in page.rows],
            hide_index=True,
            height=35 * (min(len(page.rows), 13) + 1) + 3,
            on_select="rerun",
            selection_mode="single-row",
            key="customer_rows",
            column_config={
                "Probability of default": st.column_config.TextColumn(
                    help=figures.PROBABILITY.explained(), alignment="right"
                ),
                "Exposure": st.column_config.TextColumn(help=figures.CUSTOMER_EXPOSURE.explained(), alignment="right"),
                "Days past due": st.column_config.TextColumn(help=figures.DAYS_PAST_DUE.explained(), alignment="right"),
            },
        )
        if page.next is not None:
            st.caption(f"The first {_PAGE} are shown. Search to see others.")
    if picked.selection.rows:
        st.query_params[CUSTOMER] = page.rows[picked.selection.rows[0]].customer_id
        st.rerun()


def _tier() -> str:
    tiers, asked = [_ALL, *reversed(RiskTier)], st.query_params.get(TIER)
    chosen = st.segmented_control(
        "Risk tier", tiers, default=asked if asked in tiers else _ALL, required=True, format_func=plain
    )
    return str(chosen)


def _row(one: FoundCustomer, currency: str, scored: bool) -> dict[str, str]:
    known = {
        "Customer": one.customer_id,
        "Name": one.name or UNKNOWN,
        "Region": one.region or UNKNOWN,
    }
    score = {
        "Risk tier": plain(one.tier) if one.tier else "not scored",
        "Probability of default": percent(one.probability) if one.probability is not None else "not scored",
    }
    return {
        **known,
        **(score if scored else {}),
        "Exposure": money(one.exposure, currency),
        "Days past due": "no credit" if one.days_past_due is None else str(one.days_past_due),
        "Alerts": str(one.alerts) if one.alerts else "",
        "History": "thin file" if one.thin_file else "",
    }


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
