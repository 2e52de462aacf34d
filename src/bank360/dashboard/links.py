"""From one page to another, with whom or what to open in the address; only to pages that the user may open."""

import streamlit as st

from bank360.dashboard.visit import Visit
from bank360.dashboard.wording import plain
from bank360.policies.access_table import Action, Resource

CUSTOMER, DECISION, TIER = "customer", "decision", "tier"  # names in the address
CUSTOMERS_PAGE, LOAN_DESK_PAGE = "customers", "loan-desk"


def to_customer(visit: Visit, customer_id: str) -> None:
    """Offer the 360 of a customer."""
    _offer(visit, CUSTOMERS_PAGE, "Open the 360", ":material/person_search:", {CUSTOMER: customer_id})


def to_decision(visit: Visit, decision_id: str) -> None:
    """Offer a decision at the loan desk."""
    _offer(visit, LOAN_DESK_PAGE, "Open at the loan desk", ":material/gavel:", {DECISION: decision_id})


def to_tier(visit: Visit, tier: str) -> None:
    """Offer the customers of a risk tier."""
    _offer(visit, CUSTOMERS_PAGE, f"{plain(tier)} tier", ":material/groups:", {TIER: tier})


def to_application(visit: Visit, customer_id: str) -> None:
    """Offer the loan desk with a new application of a customer, to who may decide one."""
    if visit.may(Action.DECIDE, Resource.APPLICATION):
        _offer(visit, LOAN_DESK_PAGE, "New application", ":material/request_quote:", {CUSTOMER: customer_id})


def go_to_decision(visit: Visit, decision_id: str) -> None:
    """Open a decision at the loan desk now."""
    st.switch_page(visit.addresses[LOAN_DESK_PAGE], query_params={DECISION: decision_id})


def _offer(visit: Visit, path: str, label: str, icon: str, said: dict[str, str]) -> None:
    page = visit.addresses.get(path)
    if page is not None:
        st.page_link(page, label=label, icon=icon, query_params=said)
